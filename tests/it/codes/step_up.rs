//! What is hard to take back takes a fresh second factor, and nothing that was typed is lost on the way to it.

use super::{DOCUMENT, declared_resident};
use crate::harness::App;
use crate::harness::people::totp;
use crate::officials::enrol;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::health_records;
use fugong::web::cookies::CookieNames;
use reqwest::Method;
use serde_json::json;

on_both!(
    a_finding_takes_a_fresh_factor_and_keeps_what_was_typed,
    decisions_about_colours_take_a_fresh_factor,
    a_fresh_factor_gives_another_token
);

const FINDING: [(&str, &str); 8] = [
    ("doc_kind", "id_card"),
    ("doc_number", DOCUMENT),
    ("kind", "nucleic-acid"),
    ("result", "positive"),
    ("at-year", "2020"),
    ("at-month", "3"),
    ("at-day", "12"),
    ("source", "县人民医院<二>楼"),
];

async fn findings(app: &App) -> i64 {
    app.deps.store.read(|c| Ok(health_records::table.count().get_result(c)?)).await.unwrap()
}

async fn a_finding_takes_a_fresh_factor_and_keeps_what_was_typed(app: App) {
    declared_resident(&app, "13800000001").await;
    let staff = app.official_full(Role::Doctor, "511621").await;
    let mut b = app.browser();
    let (secret, _) = enrol(&app, &mut b, &staff.login).await;
    b.get("/desk/records/new").await.expect(200);
    app.clock.advance(Duration::minutes(16));
    let asked = b.post("/desk/records/new", &FINDING).await.expect(401).shows("县人民医院<二>楼");
    assert_eq!(findings(&app).await, 0);
    let carried = |page: &crate::harness::browser::Answer| {
        FINDING.iter().all(|(name, _)| page.input(name).is_some())
            && page.input("fresh-to").as_deref() == Some("/desk/records/new")
    };
    assert!(carried(&asked), "{}", asked.body);
    let to = ("fresh-to", "/desk/records/new");
    let with = |code: &'static str| [&FINDING[..], &[to, ("fresh-code", code)]].concat();
    let again = b.post("/desk/step-up", &with("abc")).await.expect(422).shows("验证码不对");
    assert!(carried(&again), "a wrong code loses nothing either");
    let code = totp(&secret, &app);
    let fields = [&FINDING[..], &[to, ("fresh-code", code.as_str())]].concat();
    let on = b.post("/desk/step-up", &fields).await.expect(307);
    assert_eq!(on.location(), "/desk/records/new");
    // The browser sends the same once more, there.
    b.post(on.location(), &fields).await.leads_to("/desk/records/new");
    assert_eq!(findings(&app).await, 1);
    // It leads nowhere else.
    app.clock.advance(Duration::minutes(1));
    let code = totp(&secret, &app);
    let away = [("fresh-to", "//evil.example"), ("fresh-code", "x"), ("code", code.as_str())];
    b.post("/desk/step-up", &away).await.leads_to("/desk");
    app.stop().await;
}

async fn decisions_about_colours_take_a_fresh_factor(app: App) {
    let id = uuid::Uuid::now_v7();
    let mut officer = app.official(Role::ColourOfficer, "511621").await;
    let mut reviewer = app.official(Role::AppealReviewer, "510000").await;
    for b in [&mut officer, &mut reviewer] {
        b.get("/desk").await.expect(200);
    }
    app.clock.advance(Duration::minutes(16));
    for path in [
        "/desk/records/new".to_owned(),
        format!("/desk/records/{id}/decide"),
        format!("/desk/records/{id}/end"),
        format!("/desk/record-ends/{id}/decide"),
    ] {
        let page = officer.post(&path, &[("reason", "写好的理由")]).await.expect(401);
        let page = page.shows("写好的理由").shows("你填的内容都保留着").shows("你要办的：").shows("认定");
        // It belongs to the workplace; nothing on it leads away from what was typed but the way back, which can be opened.
        let page = page.shows("href=\"/office\"").hides("action=\"/language\"").hides("action=\"/elder\"");
        page.shows(&format!("class=\"back np\" href=\"{path}\""));
    }
    let page = reviewer.post("/desk/appeals/SS200312-7K3M9QX2", &[("reason", "写好的理由")]).await;
    page.expect(401).shows("写好的理由").shows("决定申诉");
    // Without the token of the page nothing is carried.
    let forged = officer.post("/desk/records/new", &[("_csrf", "x"), ("reason", "别人写的")]).await;
    forged.leads_to("/desk/step-up").hides("别人写的");
    app.stop().await;
}

/// Whoever has copied a session has nothing of it once its owner has proven who they are again.
async fn a_fresh_factor_gives_another_token(app: App) {
    let name = CookieNames::of(&app.deps.config).session;
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut b = app.browser();
    let (secret, _) = enrol(&app, &mut b, &staff.login).await;
    let before = b.cookies()[&name].clone();
    app.clock.advance(Duration::minutes(1));
    b.get("/desk/step-up?next=%2Fdesk%2Frisks")
        .await
        .expect(200)
        .shows("提出风险等级的改动")
        .shows("action=\"/language\"");
    b.post("/desk/step-up", &[("code", "000000")]).await.expect(422);
    assert_eq!(b.cookies()[&name], before, "a wrong code changes nothing");
    b.post("/desk/step-up", &[("code", &totp(&secret, &app))]).await.leads_to("/desk");
    let after = b.cookies()[&name].clone();
    assert_ne!(before, after);
    b.get("/desk").await.expect(200);
    let mut thief = app.browser();
    thief.set_cookie(&name, &before);
    thief.get("/desk").await.leads_to("/desk/sign-in");
    // A program gets its new token in the answer.
    app.clock.advance(Duration::minutes(1));
    let mut program = app.browser();
    program.bearer = Some(after.clone());
    let code = json!({"code": totp(&secret, &app)});
    let made = program.api(Method::POST, "/api/v1/desk/step-up", &code).await.expect(200).json();
    program.api_get("/api/v1/admin/offices").await.expect(401);
    program.bearer = made["token"].as_str().map(str::to_owned);
    program.api_get("/api/v1/admin/offices").await.expect(404);
    app.stop().await;
}
