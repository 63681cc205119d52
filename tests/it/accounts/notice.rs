//! The privacy notice comes first: without it no page and no call of residents answers, by whatever address one comes.

use super::signing_in::last_code;
use crate::harness::App;
use crate::on_both;
use fugong::db::schema::{accounts, audit_entries};
use fugong::identity::Phone;
use fugong::router;
use fugong::web::i18n::Lang;
use fugong::web::route::Who;
use fugong::web::session::{self, SessionKind};
use reqwest::Method;
use serde_json::json;

on_both!(nothing_answers_before_the_notice, programs_acknowledge_it_too);

/// The token of a resident who has signed in and read nothing yet.
async fn newcomer(app: &App) -> String {
    let phone = Phone::parse("13800138000").unwrap();
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let made = app.deps.store.write(move |tx| {
        let account = fugong::accounts::ensure_account(tx, &keys, &phone, Lang::ZhCn, now)?;
        session::start(tx, SessionKind::Resident, account, None, "Test", now)
    });
    made.await.unwrap().0
}

/// What is there to acknowledge the notice.
const NOTICE: [&str; 2] = ["/sign-in/notice", "/api/v1/me/notice"];

async fn nothing_answers_before_the_notice(app: App) {
    let mut b = app.browser();
    b.bearer = Some(newcomer(&app).await);
    let routes = router::routes();
    let mut asked = 0;
    for route in routes.table().iter().filter(|r| r.who == Who::Resident && !NOTICE.contains(&r.path)) {
        let path = route.path.replace("{step}", "identity").replace(['{', '}'], "");
        let method: Method = route.method.as_str().parse().unwrap();
        app.clock.advance(chrono::Duration::seconds(1));
        let form = ("content-type", "application/x-www-form-urlencoded");
        let page = b.request(method.clone(), &path, &[("accept", "text/html"), form], None).await;
        match path.starts_with("/api/") {
            true => assert_eq!((page.status.as_u16(), page.problem().as_str()), (403, "notice"), "{path}"),
            false => assert!(
                page.status == 303 && page.location().starts_with("/sign-in/notice?next=%2F"),
                "{method} {path}: {} {}",
                page.status,
                page.location()
            ),
        }
        asked += 1;
    }
    assert!(asked > 70, "{asked}");
    // By typing the address of a step, too; once it is read the step is there.
    b.get("/declare/identity").await.leads_to("/sign-in/notice?next=%2Fdeclare%2Fidentity");
    b.get("/").await.leads_to("/sign-in/notice?next=%2F");
    b.get("/sign-in/notice?next=%2Fdeclare%2Fidentity").await.expect(200).shows("今天不自动发给外省");
    b.post("/sign-in/notice", &[("next", "/declare/identity")]).await.leads_to("/declare/identity");
    b.get("/declare/identity").await.expect(200);
    app.stop().await;
}

async fn programs_acknowledge_it_too(app: App) {
    use diesel::prelude::*;
    let mut b = app.browser();
    let asked = json!({"phone": "13800138000"});
    let asked = b.api(Method::POST, "/api/v1/sign-in/code-requests", &asked).await.expect(202).json();
    let code = last_code(&app).await;
    let typed = json!({"phone": "13800138000", "ticket": asked["ticket"], "code": code});
    let made = b.api(Method::POST, "/api/v1/sign-in/sessions", &typed).await.expect(201).json();
    assert_eq!(made["notice_required"], true);
    b.bearer = Some(made["token"].as_str().unwrap().to_owned());
    let refused = b.api(Method::POST, "/api/v1/declarations", &json!({})).await.expect(403);
    assert_eq!(refused.problem(), "notice");
    for _ in 0..2 {
        b.api(Method::POST, "/api/v1/me/notice", &json!({})).await.expect(204);
    }
    b.api_get("/api/v1/me").await.expect(200);
    let kept = app.deps.store.read(|c| {
        let read = accounts::table.filter(accounts::notice_at.is_not_null()).count().get_result::<i64>(c)?;
        let entries = audit_entries::table
            .filter(audit_entries::action.eq("account.notice"))
            .select(audit_entries::detail)
            .load::<fugong::db::types::Js>(c)?;
        Ok((read, entries))
    });
    let (read, entries) = kept.await.unwrap();
    assert_eq!((read, entries.len()), (1, 1));
    assert!(format!("{:?}", entries[0]).contains(fugong::agreed::NOTICE), "the version is recorded");
    app.stop().await;
}
