//! What decides is asked for whole, however much there is of it.

use super::ends::red;
use super::{declared_resident, evaluate};
use crate::harness::App;
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::health_records as hr;
use fugong::db::{Id, Ts};

on_both!(a_thousand_negative_tests_hide_no_finding);

async fn a_thousand_negative_tests_hide_no_finding(app: App) {
    let (mut b, person) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    let doctor = app.official_full(Role::Doctor, "511621").await;
    let now = Ts::from(app.clock.now());
    let entered = app.deps.store.write(move |tx| {
        for n in 0..1000 {
            let test = (
                (hr::id.eq(Id::new()), hr::person_id.eq(person), hr::kind.eq("nucleic-acid")),
                (hr::result.eq(Some("negative")), hr::at.eq(now), hr::source.eq(format!("第{n}采样点"))),
                (hr::office_id.eq(Some(doctor.office)), hr::entered_by.eq(Some(doctor.official))),
                (hr::created_at.eq(now), hr::division.eq(Some("511621"))),
            );
            diesel::insert_into(hr::table).values(test).execute(tx.conn())?;
        }
        Ok(())
    });
    entered.await.unwrap();
    evaluate(&app, person).await;
    let code = b.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(code["state"], "red", "{code}");
    app.stop().await;
}
