//! The mode: seen on every page, for what it is for, and for nothing else.

use super::{MOTHER, begin, family};
use crate::declarations::declare;
use crate::harness::App;
use crate::on_both;
use crate::world::principals::changes;
use diesel::prelude::*;
use fugong::db::Id;
use fugong::db::schema::{audit_entries, declarations};
use fugong::router;
use fugong::web::route::Who;

on_both!(
    every_page_says_for_whom,
    what_is_not_for_others_is_refused,
    a_declaration_is_hers_and_says_who_sent_it,
    a_page_from_before_acts_for_nobody,
    it_ends_after_half_a_day
);

const BANNER: &str = "你正在为 王** 代办";

async fn every_page_says_for_whom(app: App) {
    let (mut son, _, number) = family(&app).await;
    begin(&mut son.browser, &number).await;
    for page in [
        "/",
        "/code",
        "/code/why",
        "/code/print",
        "/declare",
        "/declarations",
        "/certificates",
        "/verify",
        "/me/for",
    ] {
        son.browser.get(page).await.expect(200).shows(BANNER).shows("/me/for/leave");
    }
    son.browser.get("/declare/identity").await.expect(200).shows(BANNER).shows("王淑芳");
    son.browser.get("/no-such-page").await.expect(404).shows(BANNER);
    son.browser.get("/me").await.expect(409).shows(BANNER).shows("这件事不能替别人办理");
    son.browser.get("/me/for").await.expect(200);
    son.browser.post("/me/for/leave", &[]).await.leads_to("/me/for");
    son.browser.get("/").await.expect(200).hides(BANNER);
    app.stop().await;
}

/// Of every route of residents each is either for others, or for seeing to the mode itself, or refused with the reason.
async fn what_is_not_for_others_is_refused(app: App) {
    let (mut son, _, number) = family(&app).await;
    begin(&mut son.browser, &number).await;
    let (mut refused, mut served) = (0, Vec::new());
    for route in router::routes().table().iter().filter(|r| r.who == Who::Resident) {
        let itself = ["/me/for", "/me/for/leave", "/me/for/{number}/begin", "/me/for/{number}/end"];
        if itself.contains(&route.path) || route.path.ends_with("notice") {
            continue;
        }
        if route.for_others {
            served.push(format!("{} {}", route.method, route.path));
            continue;
        }
        app.clock.advance(chrono::Duration::seconds(1));
        let path = route.path.replace(['{', '}'], "x");
        let method = reqwest::Method::from_bytes(route.method.as_str().as_bytes()).unwrap();
        let answer = son.browser.api(method, &path, &serde_json::json!({})).await.expect(409);
        assert!(answer.body.contains("acting-not-here"), "{} {path}: {}", route.method, answer.body);
        refused += usize::from(changes(route));
    }
    assert!(refused > 20, "{refused} changes only");
    for never in ["withdraw", "/me", "reopening", "consents", "applications", "delete", "remove"] {
        assert!(!served.iter().any(|path| path.contains(never)), "{never}: {served:?}");
    }
    app.stop().await;
}

async fn a_declaration_is_hers_and_says_who_sent_it(app: App) {
    let (mut son, mut mother, number) = family(&app).await;
    // He has begun an own one, which is not touched.
    son.browser.get("/declare/identity").await.expect(200);
    let own = [("name", "王大山"), ("document_kind", "id_card"), ("document_number", "360426199101010071")];
    son.browser.post("/declare/identity", &own).await.expect(303);
    begin(&mut son.browser, &number).await;
    // For nobody else.
    son.browser.get("/declare/identity").await.expect(200);
    let other = [("name", "王大山"), ("document_kind", "id_card"), ("document_number", "360426199101010071")];
    son.browser.post("/declare/identity", &other).await.expect(422).shows("姓名和证件必须是此人的");
    let sent = declare(&mut son.browser, MOTHER.1, MOTHER.2).await;
    son.browser.get(&format!("/declarations/{sent}")).await.expect(200).shows("由 王*山 代办");
    son.browser.get("/declarations").await.expect(200).shows(&sent);
    mother.browser.get(&format!("/declarations/{sent}")).await.expect(200).shows("由 王*山 代办");
    let (account, person) = (son.account, mother.person);
    let found = app.deps.store.read(move |c| {
        type Row = (Option<Id>, Option<Id>);
        let row: Row = declarations::table
            .filter(declarations::submitted_at.is_not_null())
            .select((declarations::account_id, declarations::person_id))
            .first(c)?;
        let by: (String, Option<Id>) = audit_entries::table
            .filter(audit_entries::action.eq("declaration.submit"))
            .filter(audit_entries::subject_id.eq(person))
            .select((audit_entries::actor_kind, audit_entries::actor_id))
            .first(c)?;
        Ok((row, by))
    });
    let (row, by) = found.await.unwrap();
    assert_eq!(row, (None, Some(person)), "it is bound to her alone");
    assert_eq!(by, ("proxy".to_owned(), Some(account)), "the record names both");
    app.drain().await;
    mother.browser.get("/me/messages").await.expect(200).shows("王*山 为你办理了");
    mother
        .browser
        .get("/me/access")
        .await
        .expect(200)
        .shows("为你提交了申报")
        .shows("王*山")
        .shows("开始为你代办");
    // One that is open is hers, whoever asks: the start page says so.
    mother.browser.get("/declare").await.expect(200).shows(&sent);
    son.browser.post("/me/for/leave", &[]).await.leads_to("/me/for");
    son.browser.get("/me/messages").await.expect(200).shows("已为 王** 办理");
    son.browser.get("/declarations").await.expect(200).hides(&sent);
    son.browser.get(&format!("/declarations/{sent}")).await.expect(404);
    son.browser.get("/declare/identity").await.expect(200).shows("王大山");
    app.stop().await;
}

/// What was opened for oneself is not sent for another, nor the other way round.
async fn a_page_from_before_acts_for_nobody(app: App) {
    let (mut son, _, number) = family(&app).await;
    let mut tab = son.browser.tab();
    tab.get("/declare/identity").await.expect(200);
    begin(&mut son.browser, &number).await;
    let own = [("name", "王大山"), ("document_kind", "id_card"), ("document_number", "360426199101010071")];
    tab.post("/declare/identity", &own).await.expect(403);
    let mut tab = son.browser.tab();
    tab.get("/code/print").await.expect(200);
    son.browser.post("/me/for/leave", &[]).await.leads_to("/me/for");
    tab.post("/code/print", &[]).await.expect(403);
    app.stop().await;
}

async fn it_ends_after_half_a_day(app: App) {
    let (mut son, _, number) = family(&app).await;
    begin(&mut son.browser, &number).await;
    app.clock.advance(chrono::Duration::hours(12));
    let over = son.browser.get("/code").await.expect(409);
    over.shows("你不再为 王** 代办").shows("为自己继续").hides("你正在为");
    // Nothing is done for anybody meanwhile, also not for oneself.
    son.browser.get("/me").await.expect(409);
    son.browser.get("/").await.expect(200).shows("你不再为 王** 代办");
    son.browser.post("/me/for/leave", &[]).await.leads_to("/me/for");
    son.browser.get("/me").await.expect(200).hides("你不再为 王** 代办");
    begin(&mut son.browser, &number).await;
    app.stop().await;
}
