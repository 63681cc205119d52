//! The list of all that waits for a second official.

use super::{COUNTY, ELSEWHERE, enter, enter_risk, officer, operator};
use crate::codes::appeals::{CONTACT, appeal, decide};
use crate::codes::declared_resident;
use crate::codes::ends::{NO, red};
use crate::harness::App;
use crate::on_both;
use crate::worklist::count;
use chrono::Duration;
use fugong::access::Role;
use reqwest::Method;
use serde_json::json;

on_both!(
    it_has_what_the_role_decides_in_the_jurisdiction,
    the_oldest_comes_first_with_how_long_it_waits,
    what_was_entered_by_oneself_is_marked,
    a_person_is_found_and_named_in_no_address,
    an_end_leaves_the_list_when_it_is_settled_otherwise,
);

async fn it_has_what_the_role_decides_in_the_jurisdiction(app: App) {
    declared_resident(&app, "13800000001").await;
    let (mut first, mut second, mut operator) =
        (officer(&app).await, officer(&app).await, operator(&app).await);
    let path = enter(&mut first, "10").await;
    let risk = enter_risk(&mut operator).await;
    let page = second.get("/desk/second").await.expect(200).shows("密切接触者").shows("王**");
    assert_eq!(count(&page, "open"), "1");
    page.hides("高风险").hides("王小明").shows("健康码认定");
    let mut province = self::operator(&app).await;
    let page = province.get("/desk/second").await.expect(200).shows("高风险").shows("岳池县");
    page.shows("风险等级调整").hides("密切接触者").hides("王**");
    for (role, division) in [(Role::ColourOfficer, ELSEWHERE), (Role::ColourOfficer, "510100")] {
        let mut elsewhere = app.official(role, division).await;
        let page = elsewhere.get("/desk/second").await.expect(200).shows("现在没有");
        assert_eq!(count(&page, "open"), "0");
    }
    let mut wider = app.official(Role::ColourOfficer, "511600").await;
    wider.get("/desk/second").await.expect(200).shows("密切接触者");
    for role in [Role::Doctor, Role::AppealReviewer, Role::Auditor, Role::VillageWorker] {
        let mut other = app.official(role, COUNTY).await;
        other.get("/desk/second").await.expect(404);
        other.api_get("/api/v1/desk/second").await.expect(404);
    }
    // A row leads to the page of its kind, and nowhere for whom it is not.
    let id = path.split('/').nth(3).unwrap().to_owned();
    second.get(&format!("/desk/second/{id}")).await.leads_to(&path);
    province.get(&format!("/desk/second/{id}")).await.expect(404);
    let change = risk.split('/').nth(3).unwrap().to_owned();
    province.get(&format!("/desk/second/{change}")).await.leads_to(&risk);
    second.get(&format!("/desk/second/{change}")).await.expect(404);
    app.stop().await;
}

async fn the_oldest_comes_first_with_how_long_it_waits(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut first = officer(&app).await;
    enter(&mut first, "10").await;
    app.clock.advance(Duration::minutes(5));
    enter(&mut first, "11").await;
    app.clock.advance(Duration::minutes(5));
    let mut second = officer(&app).await;
    let old = second.api_get("/api/v1/desk/second").await.expect(200).json();
    let new = second.api_get("/api/v1/desk/second?sort=newest").await.expect(200).json();
    let rows = old["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0], &rows[1]), (&new["rows"][1], &new["rows"][0]));
    assert!(rows[0]["entered_at"].as_str() < rows[1]["entered_at"].as_str());
    let day = |text: &serde_json::Value| -> chrono::DateTime<chrono::Utc> {
        text.as_str().unwrap().parse().unwrap()
    };
    assert_eq!(day(&rows[0]["expires_at"]) - day(&rows[0]["entered_at"]), Duration::days(7));
    assert_eq!(old["counts"]["open"], json!({"count": 2, "more": false}));
    second.get("/desk/second").await.expect(200).shows("10 分钟").shows("到期时间");
    app.stop().await;
}

async fn what_was_entered_by_oneself_is_marked(app: App) {
    declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = (officer(&app).await, officer(&app).await);
    enter(&mut first, "10").await;
    let page = first.get("/desk/second").await.expect(200).shows("我录入的，只能撤回");
    assert_eq!((count(&page, "open"), count(&page, "own")), ("1".to_owned(), "1".to_owned()));
    let page = second.get("/desk/second").await.expect(200).hides("只能撤回");
    assert_eq!((count(&page, "open"), count(&page, "own")), ("1".to_owned(), "0".to_owned()));
    second.get("/desk/second?tab=own").await.expect(200).hides("密切接触者");
    assert_eq!(first.api_get("/api/v1/desk/second").await.expect(200).json()["rows"][0]["own"], true);
    app.stop().await;
}

async fn a_person_is_found_and_named_in_no_address(app: App) {
    declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = (officer(&app).await, officer(&app).await);
    enter(&mut first, "10").await;
    second.get("/desk/second").await.expect(200);
    second.post("/desk/second", &[("q", "王小明")]).await.expect(200).shows("密切接触者");
    second.post("/desk/second", &[("q", "没有这个人")]).await.expect(200).hides("密切接触者");
    let search = json!({"q": crate::codes::DOCUMENT});
    let found = second.api(Method::POST, "/api/v1/desk/second/search", &search).await.expect(200).json();
    assert_eq!(found["rows"].as_array().unwrap().len(), 1);
    let mut elsewhere = app.official(Role::ColourOfficer, ELSEWHERE).await;
    elsewhere.get("/desk/second").await.expect(200);
    let none = elsewhere.api(Method::POST, "/api/v1/desk/second/search", &search).await.expect(200).json();
    assert_eq!(none["rows"], json!([]));
    app.stop().await;
}

async fn an_end_leaves_the_list_when_it_is_settled_otherwise(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    let number = appeal(&mut b, CONTACT).await;
    let overturn: &[(&str, &str)] = &[("action", "overturn"), ("reason", "核对后不在现场。")];
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut reviewer, &number, overturn).await.leads_to("/desk/appeals");
    let mut third = officer(&app).await;
    third.get("/desk/second").await.expect(200).shows("认定提前结束").shows("提前结束：密切接触者");
    crate::codes::appeals::second_word(&app, NO).await;
    third.get("/desk/second").await.expect(200).hides("认定提前结束");
    // Another reviewer comes to the same: it ends without an officer, and nothing waits for one.
    let mut other = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut other, &number, overturn).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!(super::listed(&app, "open").await, 0);
    app.stop().await;
}
