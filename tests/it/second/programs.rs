//! The list, one thing and its decision, by the JSON interface alone.

use super::{ELSEWHERE, confirmed, enter, enter_risk, noted, officer, operator};
use crate::codes::declared_resident;
use crate::harness::App;
use crate::on_both;
use fugong::access::Role;
use reqwest::Method;
use serde_json::json;

on_both!(a_finding_is_looked_at_and_confirmed, a_level_is_refused, what_is_wrong_is_said);

async fn a_finding_is_looked_at_and_confirmed(app: App) {
    declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = (officer(&app).await, officer(&app).await);
    enter(&mut first, "10").await;
    second.get("/desk/second").await.expect(200);
    let list = second.api_get("/api/v1/desk/second").await.expect(200).json();
    let row = &list["rows"][0];
    assert_eq!(
        (&row["kind"], &row["what"], &row["state"]),
        (&json!("record"), &json!("密切接触者"), &json!("open"))
    );
    assert_eq!(row["about"], "王**", "masked in a list");
    let path = format!("/api/v1/desk/second/{}", row["id"].as_str().unwrap());
    let one = second.api_get(&path).await.expect(200).json();
    assert_eq!((&one["own"], &one["effect"]["whose"]), (&json!(false), &json!("person")));
    assert_eq!((&one["effect"]["from"], &one["effect"]["to"]), (&json!("green"), &json!("red")));
    assert!(one["facts"].as_array().unwrap().iter().any(|fact| fact["value"] == "王小明"), "in full here");
    assert_eq!(first.api_get(&path).await.expect(200).json()["own"], true);
    let yes = json!({"decision": "confirm"});
    let refused = first.api(Method::POST, &path, &yes).await.expect(409);
    assert_eq!(refused.json()["type"], "urn:fugong:problem:two-persons");
    let done = second.api(Method::POST, &path, &yes).await.expect(200).json();
    assert_eq!(done["state"], "confirmed");
    assert_eq!((confirmed(&app).await, noted(&app, "record.confirm").await), (1, 1));
    let late = second.api(Method::POST, &path, &yes).await.expect(409).json();
    assert_eq!((&late["state"], late["changes"].as_array().unwrap().len()), (&json!("confirmed"), 1));
    second.api_get(&path).await.expect(409);
    app.drain().await;
    app.stop().await;
}

async fn a_level_is_refused(app: App) {
    let (mut first, mut second) = (operator(&app).await, operator(&app).await);
    enter_risk(&mut first).await;
    second.get("/desk/second").await.expect(200);
    let list = second.api_get("/api/v1/desk/second").await.expect(200).json();
    let path = format!("/api/v1/desk/second/{}", list["rows"][0]["id"].as_str().unwrap());
    let one = second.api_get(&path).await.expect(200).json();
    assert_eq!((&one["kind"], &one["effect"]["whose"]), (&json!("risk"), &json!("many")));
    assert_eq!((&one["effect"]["total"], &one["effect"]["counting"]), (&json!(0), &json!(false)));
    let no = json!({"decision": "refuse", "reason": "公告已被替换"});
    assert_eq!(second.api(Method::POST, &path, &no).await.expect(200).json()["state"], "refused");
    first.get("/desk/risks").await.expect(200).shows("已退回").shows("公告已被替换");
    app.stop().await;
}

async fn what_is_wrong_is_said(app: App) {
    declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = (officer(&app).await, officer(&app).await);
    let page = enter(&mut first, "10").await;
    let path = format!("/api/v1/desk/second/{}", page.split('/').nth(3).unwrap());
    second.get("/desk/second").await.expect(200);
    for (body, field) in [
        (json!({"decision": "perhaps"}), "decision"),
        (json!({"decision": "refuse"}), "reason"),
        (json!({"decision": "refuse", "reason": "长".repeat(2001)}), "reason"),
    ] {
        let wrong = second.api(Method::POST, &path, &body).await.expect(422).json();
        assert_eq!(wrong["errors"][0]["field"], field, "{body}");
    }
    second.api(Method::POST, &path, &json!({"decision": "confirm", "colour": "green"})).await.expect(422);
    for (role, division) in [(Role::ColourOfficer, ELSEWHERE), (Role::ProvinceOperator, "510000")] {
        let mut other = app.official(role, division).await;
        other.get("/desk/second").await.expect(200);
        other.api_get(&path).await.expect(404);
        other.api(Method::POST, &path, &json!({"decision": "confirm"})).await.expect(404);
        other.api(Method::POST, &path, &json!({"decision": "perhaps"})).await.expect(404);
    }
    assert_eq!(confirmed(&app).await, 0);
    app.stop().await;
}
