//! A resident's own code.

use super::{declared_resident, evaluate, resident_with_document};
use crate::harness::App;
use crate::harness::declared::{self, healthy, stay};
use crate::on_both;
use chrono::Duration;
use fugong::crypto::SigningUsage;
use fugong::hcert::trusted::Authority;
use fugong::hcert::{
    Agreements, Document, KeyIndex, TrustedKey, Usage, Verdict, VerificationKey, VerifyOptions, verify,
};
use fugong::identity::DivisionCode;
use fugong::policy::Risk;
use reqwest::Method;
use serde_json::json;

on_both!(
    every_state_has_its_reason,
    a_token_verifies_and_ends_after_two_minutes,
    an_answer_is_given_again_by_its_tag,
    a_new_declaration_changes_the_colour_and_is_told,
    a_risk_change_reaches_who_was_there,
    nothing_is_shown_after_fourteen_days,
    nobody_elses_code_is_reached,
);

async fn every_state_has_its_reason(app: App) {
    let mut b = app.resident("13800000001").await;
    b.get("/code")
        .await
        .expect(200)
        .shows("暂不能判定")
        .shows("没有有效的健康申报")
        .shows("请让持码人进入")
        .hides("<svg viewBox=\"-4");
    let (mut b, person) = resident_with_document(&app, "13800000002").await;
    b.get("/code").await.expect(200).shows("暂不能判定").shows("002X").shows("去健康申报");

    declared::state(person, healthy(app.clock.now()));
    b.api(Method::POST, "/api/v1/code/application", &json!({})).await.expect(200);
    b.get("/code")
        .await
        .expect(200)
        .shows("绿码")
        .shows("王**")
        .shows("3 月 26 日")
        .shows("为什么是绿码")
        .hides("王小明");

    let mut coughing = healthy(app.clock.now());
    coughing.declaration.symptoms = vec!["cough".into()];
    declared::state(person, coughing);
    evaluate(&app, person).await;
    b.get("/code").await.expect(200).shows("黄码").shows("咳嗽").shows("12345").shows("是黄码：有 1 项原因");
    let copy = b.get("/me/data/download").await.expect(200).json();
    assert_eq!(copy["code"]["evaluation"]["colour"], "yellow");
    assert_eq!(copy["code"]["changes"][0]["to"], "yellow");
    assert_eq!(copy["appeals"], json!([]));

    let at = app.clock.now() - Duration::days(20);
    let parts = app.deps.clone();
    app.deps
        .store
        .write(move |tx| {
            let place = DivisionCode::parse("513326").unwrap();
            fugong::codes::set_risk(
                tx,
                &parts.keys,
                fugong::audit::Actor::Console,
                place,
                Risk::High,
                at,
                "公告",
                at,
            )
        })
        .await
        .unwrap();
    let mut travelled = healthy(app.clock.now());
    travelled.travel = vec![stay("513326", "2020-02-28", "2020-03-01")];
    declared::state(person, travelled);
    evaluate(&app, person).await;
    let red = b
        .get("/code")
        .await
        .expect(200)
        .shows("红码")
        .shows("道孚县")
        .shows("3 月 15 日 24:00")
        .shows("不符合事实");
    red.shows("疾病预防控制机构，由 12345 转接");
    b.get("/code/why")
        .await
        .expect(200)
        .shows("道孚县，2 月 28 日至 3 月 1 日，高风险")
        .shows("绿码 → 黄码")
        .shows("黄码 → 红码");
    b.lang = "en";
    b.post("/language", &[("lang", "en"), ("next", "/code")]).await.leads_to("/code");
    b.get("/code").await.expect(200).shows("Please stay at home").shows("Daofu");
    app.drain().await;
    app.stop().await;
}

async fn a_token_verifies_and_ends_after_two_minutes(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let code = b.api_get("/api/v1/code").await.expect(200).json();
    let token = code["token"].as_str().unwrap();
    let mut keys = KeyIndex::default();
    for key in app.deps.keys.signing_keys(SigningUsage::Code) {
        let public = VerificationKey::from_spki(key.spki_der()).unwrap();
        let trusted = TrustedKey {
            authority: Authority::Issuer("CN-51".into()),
            key: public.clone(),
            usage: vec![Usage::Code],
            not_before: None,
            not_after: None,
        };
        keys.insert(public.key_id(), trusted);
    }
    let check = |now| {
        let agreements = Agreements { home: Some("CN-51".into()), ..Agreements::default() };
        let found = verify(token, &keys, None, &agreements, now, &VerifyOptions::ONLINE);
        (format!("{:?}", found.verdict), found.claims)
    };
    let (verdict, claims) = check(app.clock.now());
    assert_eq!(verdict, format!("{:?}", Verdict::Valid));
    let claims = claims.unwrap();
    let Document::HealthCode(health) = &claims.document else { panic!("no health code") };
    assert_eq!(health.holder.masked_name, "王**");
    assert_eq!(health.holder.document_last_four, "002X");
    assert_eq!(claims.expires.unwrap() - claims.issued_at.unwrap(), Duration::seconds(120));
    assert_eq!(check(app.clock.now() + Duration::seconds(120)).0, format!("{:?}", Verdict::Expired));
    app.stop().await;
}

async fn an_answer_is_given_again_by_its_tag(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let first = b.api_get("/api/v1/code").await.expect(200);
    assert_eq!(
        first.headers["cache-control"], "no-store",
        "whoever wants to compare keeps it, no browser does"
    );
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    let with = [("accept", "application/json"), ("if-none-match", tag.as_str())];
    app.clock.advance(Duration::seconds(30));
    b.request(Method::GET, "/api/v1/code", &with, None).await.expect(304);
    b.request(Method::GET, "/code/card", &with, None).await.expect(304);
    let card = b.get("/code").await.expect(200);
    card.shows(&tag);
    app.clock.advance(Duration::seconds(31));
    let second = b.request(Method::GET, "/api/v1/code", &with, None).await.expect(200);
    assert_ne!(first.json()["token"], second.json()["token"]);
    let card = b.request(Method::GET, "/code/card", &with, None).await.expect(200).json();
    assert_eq!(card["state"], "green");
    assert!(card["html"].as_str().unwrap().contains("data-code=\"/code/card\""));
    app.stop().await;
}

async fn a_new_declaration_changes_the_colour_and_is_told(app: App) {
    let (mut b, person) = declared_resident(&app, "13800000001").await;
    evaluate(&app, person).await;
    assert_eq!(b.api_get("/api/v1/code").await.expect(200).json()["state"], "green");
    app.drain().await;
    assert!(app.deps.sms.sent().is_empty(), "a first green code is no news");
    let mut feverish = healthy(app.clock.now());
    feverish.declaration.temperature_tenths = Some(380);
    declared::state(person, feverish);
    let keys = app.deps.keys.clone();
    let now = app.clock.now();
    app.deps.store.write(move |tx| fugong::colour::enqueue_evaluation(tx, &keys, person, now)).await.unwrap();
    app.drain().await;
    let after = b.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(after["state"], "yellow");
    assert_eq!(after["reasons"][0]["rule"], "yellow.self-report");
    assert!(after["reasons"][0]["phone"].is_string() && after["reasons"][0]["until"].is_string());
    app.drain().await;
    let sent = app.deps.sms.sent();
    assert_eq!(sent.len(), 1);
    let text = format!("{:?}", sent[0]);
    assert!(text.contains("绿码变为黄码"), "{text}");
    evaluate(&app, person).await;
    app.drain().await;
    assert_eq!(app.deps.sms.sent().len(), 1, "the same colour is not told twice");
    app.stop().await;
}

async fn a_risk_change_reaches_who_was_there(app: App) {
    let (mut b, person) = resident_with_document(&app, "13800000001").await;
    let mut travelled = healthy(app.clock.now());
    travelled.travel = vec![stay("513326", "2020-03-01", "2020-03-10")];
    declared::state(person, travelled);
    assert_eq!(b.api_get("/api/v1/code").await.expect(200).json()["state"], "green");
    let parts = app.deps.clone();
    let (now, since) = (app.clock.now(), app.clock.now() - Duration::days(5));
    app.deps
        .store
        .write(move |tx| {
            // The prefecture is classed, and the county lies in it.
            let place = DivisionCode::parse("513300").unwrap();
            fugong::codes::set_risk(
                tx,
                &parts.keys,
                fugong::audit::Actor::Console,
                place,
                Risk::Medium,
                since,
                "公告",
                now,
            )
        })
        .await
        .unwrap();
    app.drain().await;
    let code = b.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(code["state"], "red");
    assert_eq!(code["reasons"][0]["rule"], "red.risk-area-province");
    app.browser().get("/risks").await.expect(200).shows("甘孜").shows("中风险");
    app.stop().await;
}

async fn nothing_is_shown_after_fourteen_days(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    assert_eq!(b.api_get("/api/v1/code").await.expect(200).json()["state"], "green");
    // The last moment of 26 March in China.
    app.clock
        .advance("2020-03-26T15:59:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() - app.clock.now());
    let mut b2 = app.resident("13800000001").await;
    let last = b2.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(last["state"], "green");
    assert_eq!(last["expires_at"], "2020-03-26T16:00:00Z", "a token does not outlive the colour");
    app.clock.advance(Duration::seconds(60));
    app.tick().await;
    app.drain().await;
    let over = b2.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(over["state"], "unknown");
    assert!(over["token"].is_null() && over["fallback"]["zh"].is_string());
    assert!(app.deps.sms.sent().iter().any(|m| format!("{m:?}").contains("暂不能判定")));
    b2.get("/code").await.expect(200).shows("已经过期").shows("去健康申报");
    app.stop().await;
}

async fn nobody_elses_code_is_reached(app: App) {
    let (_, _) = declared_resident(&app, "13800000001").await;
    let mut other = app.resident("13800000003").await;
    other.api_get("/api/v1/code").await.expect(409);
    other.get("/code/why").await.expect(409);
    let mut nobody = app.browser();
    nobody.api_get("/api/v1/code").await.expect(401);
    nobody.get("/code").await.leads_to("/sign-in");
    let mut doctor = app.official(fugong::access::Role::Doctor, "511621").await;
    doctor.get("/code").await.expect(404);
    app.stop().await;
}
