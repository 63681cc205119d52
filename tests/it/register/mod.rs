//! Public lists: page, JSON and file say the same, and say when nothing has changed.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use crate::reopening::{COUNTY, confirm, risk, shop_named, submit};
use fugong::access::Role;
use reqwest::Method;

on_both!(
    whoever_asks_again_is_told_that_nothing_changed,
    a_list_goes_on_behind_its_last_row_and_says_the_same_everywhere,
    risk_levels_are_a_list_for_programs_and_spreadsheets,
);

/// Asks with a mark; status and the mark of what was answered.
async fn ask(b: &mut Browser, path: &str, mark: &str) -> (u16, String) {
    let headers = [("accept", "application/json"), ("if-none-match", mark)];
    let answer = b.request(Method::GET, path, &headers, None).await;
    assert_eq!(answer.headers["cache-control"], "no-cache", "{path}");
    (answer.status.as_u16(), answer.headers["etag"].to_str().unwrap().to_owned())
}

async fn filed(app: &App, b: &mut Browser, seed: u64, name: &str) -> String {
    let number = shop_named(b, seed, name).await;
    confirm(app, b).await;
    submit(b, &number).await.expect(303);
    number
}

async fn whoever_asks_again_is_told_that_nothing_changed(app: App) {
    risk(&app, "low").await;
    let mut b = app.resident("13800138000").await;
    filed(&app, &mut b, 81, "岳池县东外街理发店").await;
    let mut anybody = app.browser();
    for path in ["/api/v1/permits", "/permits/list.csv", "/api/v1/risks", "/risks/list.csv"] {
        let (status, mark) = ask(&mut anybody, path, "\"x\"").await;
        assert_eq!(status, 200, "{path}");
        assert_eq!(ask(&mut anybody, path, &format!("W/{mark}, \"y\"")).await, (304, mark.clone()), "{path}");
    }
    let (_, before) = ask(&mut anybody, "/api/v1/permits", "\"x\"").await;
    let mut other = app.resident("13800138001").await;
    filed(&app, &mut other, 82, "岳池县西外街理发店").await;
    let (status, after) = ask(&mut anybody, "/api/v1/permits", &before).await;
    assert_eq!(status, 200);
    assert_ne!(after, before);
    app.stop().await;
}

async fn a_list_goes_on_behind_its_last_row_and_says_the_same_everywhere(app: App) {
    risk(&app, "low").await;
    let mut b = app.resident("13800138000").await;
    filed(&app, &mut b, 83, "岳池县东外街理发店").await;
    let mut anybody = app.browser();
    let list = anybody.api_get("/api/v1/permits?state=valid").await.expect(200).json();
    let permit = list["permits"][0]["number"].as_str().unwrap().to_owned();
    assert_eq!((list["permits"].as_array().unwrap().len(), &list["next"]), (1, &serde_json::Value::Null));
    let page = anybody.get("/permits?state=valid").await.expect(200).shows(&permit).shows("有效");
    page.shows("aria-sort=\"descending\"").shows("/permits/list.csv?state=valid").shows("东外街理发店");
    anybody.get("/permits/list.csv?state=valid").await.expect(200).shows(&permit);
    anybody.get("/permits/list.csv?state=expired").await.expect(200).hides(&permit);
    // What is no filter and no state counts for nothing; a place that is none is an error.
    anybody.get("/permits?state=x&other=y").await.expect(200).shows(&permit);
    anybody.api_get("/api/v1/permits?after=x").await.expect(400);
    app.stop().await;
}

async fn risk_levels_are_a_list_for_programs_and_spreadsheets(app: App) {
    risk(&app, "high").await;
    let mut anybody = app.browser();
    let list = anybody.api_get("/api/v1/risks").await.expect(200).json();
    let one = &list["levels"][0];
    assert_eq!((one["division"].as_str(), one["level"].as_str()), (Some(COUNTY), Some("high")));
    assert!(one["name"].as_str().unwrap().contains("岳池县") && one["until"].is_null(), "{one}");
    anybody.get("/risks").await.expect(200).shows("岳池县").shows("/risks/list.csv");
    anybody
        .get("/risks/list.csv")
        .await
        .expect(200)
        .shows("行政区划代码,地区,风险等级")
        .shows(&format!("{COUNTY},"));
    // Behind the last one there is nothing.
    let key = fugong::web::paging::cursor(&("high", COUNTY)).unwrap();
    let rest = anybody.api_get(&format!("/api/v1/risks?after={key}")).await.expect(200).json();
    assert_eq!(rest["levels"].as_array().unwrap().len(), 0);
    // Officials see the same list.
    let mut town = app.official(Role::TownReviewer, COUNTY).await;
    town.api_get("/api/v1/risks").await.expect(200).shows(COUNTY);
    app.stop().await;
}
