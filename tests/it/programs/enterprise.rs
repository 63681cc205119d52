//! An enterprise from its application to the permit.

use super::{COUNTY, faults, program, resident};
use crate::harness::App;
use crate::on_both;
use crate::world::declarations::town;
use fugong::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(an_enterprise_gets_its_permit,);

/// A decision of an office on an application; gives the state that it led to.
async fn rule(app: &App, role: Role, number: &str, action: &str, mut body: Value) -> String {
    let mut desk = program(app, role, COUNTY).await;
    let path = format!("/api/v1/desk/applications/{number}");
    let case = desk.api_get(&path).await.expect(200).json();
    let offered: Vec<&str> =
        case["actions"].as_array().unwrap().iter().map(|a| a["action"].as_str().unwrap()).collect();
    assert!(offered.contains(&action), "{role} {action}: {offered:?}");
    body["version"] = case["version"].clone();
    let done = desk.api(Method::POST, &format!("{path}/actions/{action}"), &body).await.expect(200).json();
    done["state"].as_str().unwrap().to_owned()
}

async fn an_enterprise_gets_its_permit(app: App) {
    crate::reopening::risk(&app, "medium").await;
    let mut owner = resident(&app).await;
    let plan = "每天两次测温，分餐，通风；何晓琴负责。";
    let whole = json!({
        "uscc": crate::reopening::uscc(false, 7), "name": "四川岳池渠江机械厂", "division": town(), "form": {
            "v": 1, "kind": "enterprise", "operator": "蒲国强", "operator_phone": "+8613800138222", "industry": "c",
            "scale": "medium", "premises": ["factory"], "address": "工业园区大道 66 号", "lead": "何晓琴",
            "lead_phone": "+8613800138333", "staff_total": 10, "returning": 1, "staff_done": true,
            "staff": [{"name": "𠮷㛃", "document_kind": "id_card", "document": "51162119900307132X", "origin": null}],
            "masks": 600, "disinfectant": 24, "thermometers": 2, "supply_days": 7,
            "isolation": "3 号楼 1 层", "prevention": plan, "emergency": plan, "commitment": true,
        },
    });
    let made = owner.api(Method::POST, "/api/v1/applications", &whole).await.expect(201).json();
    let number = made["number"].as_str().unwrap().to_owned();
    let own = format!("/api/v1/applications/{number}");
    // The counter has seen the originals.
    let mut counter = program(&app, Role::CountyDesk, COUNTY).await;
    let waiting = counter.api_get("/api/v1/desk/agents").await.expect(200).json();
    assert_eq!(waiting["agents"][0]["number"], made["agent"]["number"]);
    let right = format!("/api/v1/desk/agents/{}/actions", made["agent"]["number"].as_str().unwrap());
    let blind =
        counter.api(Method::POST, &format!("{right}/confirm"), &json!({"version": 1})).await.expect(422);
    assert_eq!(faults(&blind)[0].0, "proof");
    let seen = json!({"version": waiting["agents"][0]["version"], "proof": "legal-person"});
    let done = counter.api(Method::POST, &format!("{right}/confirm"), &seen).await.expect(200).json();
    assert_eq!(done["state"], "confirmed");
    counter.api(Method::POST, &format!("{right}/reject"), &seen).await.expect(409);

    let ready = json!({"version": made["version"], "commitment": true});
    owner.api(Method::POST, &format!("{own}/submit"), &ready).await.expect(200);
    let missing = json!({"items": ["食堂分餐安排"]});
    assert_eq!(rule(&app, Role::TownReviewer, &number, "request-correction", missing).await, "correction");
    let told = owner.api_get(&own).await.expect(200).json();
    assert_eq!(
        told["events"].as_array().unwrap().iter().filter(|e| e["action"] == "request-correction").count(),
        1
    );
    let again = json!({"version": told["version"], "commitment": true});
    owner.api(Method::POST, &format!("{own}/resubmit"), &again).await.expect(200);
    rule(&app, Role::TownReviewer, &number, "accept", json!({})).await;
    for role in [Role::HealthReviewer, Role::IndustryReviewer, Role::MarketReviewer] {
        rule(&app, role, &number, "agree", json!({})).await;
    }
    assert_eq!(rule(&app, Role::CountyDesk, &number, "approve", json!({})).await, "approved");
    let case = counter.api_get(&format!("/api/v1/desk/applications/{number}")).await.expect(200).json();
    for hidden in ["51162119900307132X", "13800138222", "13800138333"] {
        assert!(!case.to_string().contains(hidden), "documents and phones are masked for officials: {case}");
    }
    let agreed = case["opinions"].as_array().unwrap().iter().filter(|o| o["state"] == "agreed").count();
    assert_eq!(agreed, 3, "{case}");
    let permit = case["permit_number"].as_str().unwrap();
    app.browser().api_get(&format!("/api/v1/permits/{permit}")).await.expect(200);
    let mut elsewhere = program(&app, Role::CountyDesk, "510104").await;
    elsewhere.api_get(&format!("/api/v1/desk/applications/{number}")).await.expect(404);
    app.stop().await;
}
