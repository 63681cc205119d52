//! Who lives in a risk area and who was there are told different things, by an office that exists.

use super::{evaluate, resident_with_document};
use crate::harness::App;
use crate::harness::declared::{self, healthy, stay};
use crate::on_both;
use chrono::Duration;
use fugong::audit::Actor;
use fugong::identity::DivisionCode;
use fugong::officials::{NewOffice, OfficeDuty, OfficeKind, add_office};
use fugong::policy::Risk;
use serde_json::Value;

on_both!(residents_and_travellers_are_different_causes, the_office_is_one_of_the_register_everywhere,);

/// Sets a level as the console does.
async fn set(app: &App, division: &str, level: Risk, days_ago: i64) {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let place = DivisionCode::parse(division).unwrap();
    let since = now - Duration::days(days_ago);
    let set = app.deps.store.write(move |tx| {
        fugong::codes::set_risk(tx, &keys, Actor::Console, place, level, since, "第 9 号公告", now)
    });
    set.await.unwrap();
    app.drain().await;
}

fn rules(code: &Value) -> Vec<String> {
    let reasons = code["reasons"].as_array().unwrap();
    reasons.iter().map(|r| r["rule"].as_str().unwrap().to_owned()).collect()
}

async fn residents_and_travellers_are_different_causes(app: App) {
    let (mut b, person) = resident_with_document(&app, "13800000001").await;
    // Somebody of the county who names it as a stay, too, has not travelled.
    let mut at_home = healthy(app.clock.now());
    at_home.travel = vec![stay("511621", "2020-03-01", "2020-03-10")];
    declared::state(person, at_home.clone());
    set(&app, "511621", Risk::Medium, 1).await;
    let code = b.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(code["state"], "yellow");
    assert_eq!(rules(&code), ["yellow.lives-in-medium-risk-area"]);
    let reason = code["reasons"][0]["reason"]["zh"].as_str().unwrap();
    assert!(reason.contains("现住地在岳池县") && reason.contains("起为中风险地区"), "{reason}");
    assert!(code["reasons"][0]["duties"]["zh"].as_str().unwrap().starts_with("在岳池县"));
    b.get("/code").await.expect(200).shows("该地降级时马上结束").hides("离开后 14 天，到");

    set(&app, "511621", Risk::High, 0).await;
    let code = b.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(
        (code["state"].as_str(), rules(&code)),
        (Some("red"), vec!["red.lives-in-high-risk-area".into()])
    );

    // Whoever lives elsewhere and was there is a traveller.
    let mut away = at_home;
    away.present = Some("511402".into());
    declared::state(person, away);
    evaluate(&app, person).await;
    let code = b.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(
        rules(&code),
        Vec::<String>::from(["green.healthy".to_owned()]),
        "the level came after the stay"
    );
    app.stop().await;
}

async fn register(app: &App, division: &str, name: &str, phone: &str) {
    let now = app.clock.now();
    let office = NewOffice {
        name: name.into(),
        name_en: String::new(),
        kind: OfficeKind::County,
        duty: Some(OfficeDuty::DiseaseControl),
        division: DivisionCode::parse(division).unwrap(),
        phone: phone.into(),
    };
    app.deps.store.write(move |tx| add_office(tx, Actor::Console, &office, now)).await.unwrap();
}

async fn the_office_is_one_of_the_register_everywhere(app: App) {
    let (mut b, person) = resident_with_document(&app, "13800000001").await;
    // A town, and nothing that answers for it yet.
    let mut declared = healthy(app.clock.now());
    declared.present = Some("511621001".into());
    declared.declaration.symptoms = vec!["cough".into()];
    declared::state(person, declared);
    evaluate(&app, person).await;
    b.get("/code").await.expect(200).shows("由 12345 转接").hides("镇疾病预防控制中心");

    register(&app, "510000", "四川省疾病预防控制中心", "028-85580000").await;
    evaluate(&app, person).await;
    b.get("/code").await.expect(200).shows("四川省疾病预防控制中心").shows("028-85580000");
    register(&app, "511621", "岳池县疾病预防控制中心", "0826-5220001").await;
    register(&app, "511602", "广安区疾病预防控制中心", "0826-5220002").await;
    evaluate(&app, person).await;
    for page in ["/code", "/code/why"] {
        let shown = b.get(page).await.expect(200);
        shown.shows("岳池县疾病预防控制中心").shows("0826-5220001").hides("广安区疾病").hides("028-85580000");
    }
    let code = b.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(code["reasons"][0]["authority"]["zh"], "岳池县疾病预防控制中心");
    assert_eq!(code["reasons"][0]["phone"], "0826-5220001");
    app.stop().await;
}
