//! It ends: by either, at once also in an open session, and by itself.

use super::{MOTHER, begin, family, naming};
use crate::harness::App;
use crate::on_both;
use fugong::access::Role;
use fugong::accounts::Claim;

on_both!(
    she_ends_it_in_his_open_session,
    he_ends_it,
    what_somebody_else_agreed_to_runs_out,
    a_year_is_enough,
    what_is_over_is_destroyed
);

async fn she_ends_it_in_his_open_session(app: App) {
    let (mut son, mut mother, number) = family(&app).await;
    begin(&mut son.browser, &number).await;
    son.browser.get("/code").await.expect(200);
    let path = format!("/me/for/asked/{number}");
    mother.browser.get(&path).await.expect(200);
    mother.browser.post(&path, &[("do", "end")]).await.leads_to(&path);
    mother.browser.post(&path, &[("do", "end")]).await.leads_to(&path);
    // The next request, whatever it is: also what was being typed.
    son.browser.get("/code").await.expect(409).shows("你不再为 王** 代办");
    let typed = [("name", MOTHER.1), ("document_kind", "id_card"), ("document_number", MOTHER.2)];
    son.browser.post("/declare/identity", &typed).await.expect(409);
    son.browser.api_get("/api/v1/code").await.expect(409);
    son.browser.get("/me/for").await.expect(200).shows("已终止");
    son.browser.post("/me/for/leave", &[]).await.leads_to("/me/for");
    son.browser.get("/me/for").await.expect(200);
    son.browser.post(&format!("/me/for/{number}/begin"), &[]).await.expect(409);
    app.drain().await;
    son.browser.get("/me/messages").await.expect(200).shows("你不为 王** 代办");
    mother.browser.get("/me/messages").await.expect(200).shows("王*山 不再为你代办");
    app.stop().await;
}

async fn he_ends_it(app: App) {
    let (mut son, mut mother, number) = family(&app).await;
    son.browser.get("/me/for").await.expect(200);
    son.browser.post(&format!("/me/for/{number}/end"), &[]).await.leads_to("/me/for");
    mother.browser.get("/me/for").await.expect(200).shows("已终止");
    // Somebody else ends nothing of theirs.
    let mut stranger = app.resident("13800138110").await;
    stranger.get("/me/for").await.expect(200);
    stranger.post(&format!("/me/for/{number}/end"), &[]).await.expect(404);
    app.stop().await;
}

/// Whoever named her document first let him act; at a counter it turns out whose it is.
async fn what_somebody_else_agreed_to_runs_out(app: App) {
    let (mut son, _, number) = family(&app).await;
    let (mut herself, _, claimed) = naming(&app, ("13800138120", MOTHER.1, MOTHER.2)).await;
    let Claim::Counter { number: claim } = claimed else { panic!("{claimed:?}") };
    begin(&mut son.browser, &number).await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let path = format!("/desk/claims/{claim}");
    let version = worker.get(&path).await.expect(200).input("version").unwrap();
    let fields = [
        ("do", "confirm"),
        ("version", version.as_str()),
        ("name", MOTHER.1),
        ("doc_number", MOTHER.2),
        ("seen", "yes"),
    ];
    worker.post(&path, &fields).await.leads_to("/desk/claims");
    son.browser.get("/code").await.expect(409).shows("你不再为 王** 代办");
    app.tick().await;
    son.browser.post("/me/for/leave", &[]).await.leads_to("/me/for");
    son.browser.get("/me/messages").await.expect(200).shows("你不为 王** 代办");
    herself.get("/me/messages").await.expect(200).shows("王*山 不再为你代办");
    herself.get("/me/for").await.expect(200).shows("已终止");
    app.stop().await;
}

async fn a_year_is_enough(app: App) {
    let (_, _, number) = family(&app).await;
    app.clock.advance(chrono::Duration::days(366));
    let mut son = app.resident(super::SON.0).await;
    son.get("/me/for").await.expect(200).shows("已终止");
    son.post(&format!("/me/for/{number}/begin"), &[]).await.expect(409);
    app.tick().await;
    son.get("/me/messages").await.expect(200).shows("你不为 王** 代办");
    app.stop().await;
}

async fn what_is_over_is_destroyed(app: App) {
    let (mut son, _, number) = family(&app).await;
    son.browser.get("/me/for").await.expect(200);
    son.browser.post(&format!("/me/for/{number}/end"), &[]).await.leads_to("/me/for");
    app.clock.advance(chrono::Duration::days(184));
    let mut again = app.resident(super::SON.0).await;
    again.get("/me/for").await.expect(200).shows(&number);
    app.clock.advance(chrono::Duration::days(2));
    let mut again = app.resident(super::SON.0).await;
    again.get("/me/for").await.expect(200).hides(&number);
    app.stop().await;
}
