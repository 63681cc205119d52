//! Every kind of case has the same timeline, and says the same to what it does not allow.

use crate::codes::appeals::{CONTACT, appeal};
use crate::codes::declared_resident;
use crate::codes::ends::red;
use crate::harness::App;
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::case_events;

on_both!(an_appeal_has_a_timeline, whoever_comes_second_is_told_what_the_first_did);

type Line = (String, String, String, i64, i32, String);

/// The timeline of the appeals: action, from, to, version, number, who.
async fn timeline(app: &App) -> Vec<Line> {
    use case_events as e;
    let lines = app.deps.store.read(|conn| {
        let all = e::table.filter(e::case_kind.eq("appeal")).order(e::seq.asc());
        Ok(all
            .select((e::action, e::from_state, e::to_state, e::version, e::seq, e::actor_kind))
            .load(conn)?)
    });
    lines.await.unwrap()
}

fn line(action: &str, (from, to): (&str, &str), at: (i64, i32), who: &str) -> Line {
    (action.into(), from.into(), to.into(), at.0, at.1, who.into())
}

async fn an_appeal_has_a_timeline(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    let number = appeal(&mut b, CONTACT).await;
    let first = line("appeal", ("draft", "submitted"), (1, 1), "resident");
    assert_eq!(timeline(&app).await, std::slice::from_ref(&first));
    b.get(&format!("/code/appeals/{number}")).await.expect(200);
    b.post(&format!("/code/appeals/{number}/withdraw"), &[("version", "7")]).await.expect(409);
    assert_eq!(timeline(&app).await.len(), 1, "what was refused has left nothing");
    b.post(&format!("/code/appeals/{number}/withdraw"), &[("version", "1")]).await.expect(303);
    let second = line("withdraw", ("submitted", "withdrawn"), (2, 2), "resident");
    assert_eq!(timeline(&app).await, [first, second]);
    b.post(&format!("/code/appeals/{number}/withdraw"), &[("version", "2")]).await.expect(409);
    app.stop().await;
}

async fn whoever_comes_second_is_told_what_the_first_did(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    let number = appeal(&mut b, CONTACT).await;
    let path = format!("/desk/appeals/{number}");
    let mut one = app.official(Role::AppealReviewer, "511621").await;
    let mut other = app.official(Role::AppealReviewer, "511621").await;
    let uphold =
        [("version", "1"), ("action", "uphold"), ("reason", "考勤不符"), ("remedy", "检测阴性后转绿")];
    one.get(&path).await.expect(200);
    other.get(&path).await.expect(200);
    one.post(&path, &uphold).await.leads_to("/desk/appeals");
    other.post(&path, &uphold).await.expect(409).shows("申诉").shows("李经办");
    app.stop().await;
}
