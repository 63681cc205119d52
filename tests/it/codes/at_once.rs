//! Many ask for the same code at the same moment: the phone, its second tab, the job that follows a declaration.

use super::declared_resident;
use crate::harness::App;
use crate::on_both;
use diesel::prelude::*;
use fugong::colour::Evaluate;
use fugong::db::schema::code_states;
use fugong::jobs::Job;
use futures_util::future::join_all;

on_both!(whoever_is_overtaken_is_shown_the_code_and_not_unknown);

async fn whoever_is_overtaken_is_shown_the_code_and_not_unknown(app: App) {
    let (owner, person) = declared_resident(&app, "13800000001").await;
    let mut phones: Vec<_> = (0..8).map(|_| app.browser()).collect();
    for phone in &mut phones {
        for (name, value) in owner.cookies() {
            phone.set_cookie(name, value);
        }
    }
    for round in 0..10 {
        // As right after the first declaration: nothing is stored yet.
        let nothing = app.deps.store.write(move |tx| {
            tx.changed(person);
            Ok(diesel::delete(code_states::table.find(person)).execute(tx.conn())?)
        });
        nothing.await.unwrap();
        let job = Evaluate { person_id: person }.run(app.deps.clone());
        let shown = join_all(phones.iter_mut().map(|phone| phone.api_get("/api/v1/code")));
        let (done, shown) = futures_util::join!(job, shown);
        done.unwrap();
        for answer in shown {
            assert_eq!(answer.expect(200).json()["state"], "green", "round {round}");
        }
    }
    app.stop().await;
}
