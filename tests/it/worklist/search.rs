//! Looking somebody up in a list.

use super::fill::{appeals, one_appeal};
use super::{ELSEWHERE, HERE, LISTS, numbers};
use crate::harness::App;
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::audit_entries;
use reqwest::Method;
use serde_json::json;

on_both!(somebody_is_found_by_what_is_typed_whole, a_search_shows_its_first_fifty);

async fn somebody_is_found_by_what_is_typed_whole(app: App) {
    let list = &LISTS[0];
    let number = one_appeal(&app).await;
    let decided = appeals(&app, 1, HERE, "upheld").await;
    let both = vec![decided[0].clone(), number.clone()];
    let mut b = app.official(Role::AppealReviewer, HERE).await;
    let mut away = app.official(Role::AppealReviewer, ELSEWHERE).await;
    b.get("/desk/appeals").await.expect(200);
    away.get("/desk/appeals").await.expect(200);
    for (typed, expected) in [
        (number.as_str(), vec![number.clone()]),
        (number.to_lowercase().as_str(), vec![number.clone()]),
        (" 王小明 ", both.clone()),
        (crate::codes::DOCUMENT, both.clone()),
        ("王小", Vec::new()),
        ("%", Vec::new()),
        ("SS200312-00000000'", Vec::new()),
    ] {
        let page = b.post("/desk/appeals", &[("q", typed)]).await.expect(200);
        assert_eq!(numbers(&page, list), expected, "{typed}");
        if !expected.is_empty() {
            page.shows("王**").hides("王小明</a>");
        }
        let found =
            b.api(Method::POST, "/api/v1/desk/appeals/search", &json!({"q": typed})).await.expect(200).json();
        assert_eq!(found["rows"].as_array().unwrap().len(), expected.len(), "{typed}");
        assert!(found["tab"].is_null());
        let page = away.post("/desk/appeals", &[("q", typed)]).await.expect(200);
        assert!(numbers(&page, list).is_empty(), "{typed} is not theirs");
    }
    // Nothing typed is the list itself; a name in an address is not looked for.
    assert_eq!(
        numbers(&b.post("/desk/appeals", &[("q", " ")]).await.expect(200), list),
        std::slice::from_ref(&number)
    );
    let address = b.get("/desk/appeals?q=%E7%8E%8B%E4%BA%94").await.expect(200);
    assert_eq!(numbers(&address, list), [number]);
    // The record says that somebody was looked for, and not who.
    let details = app.deps.store.read(|c| {
        let looks = audit_entries::table.filter(audit_entries::action.eq("appeal.list"));
        Ok(looks.select(audit_entries::detail).load::<fugong::db::Js>(c)?)
    });
    let details: Vec<String> = details.await.unwrap().into_iter().map(|d| d.0.to_string()).collect();
    assert!(details.iter().any(|d| d.contains("\"search\":true")));
    assert!(details.iter().all(|d| !d.contains('王') && !d.contains(crate::codes::DOCUMENT)));
    app.stop().await;
}

async fn a_search_shows_its_first_fifty(app: App) {
    appeals(&app, 60, HERE, "submitted").await;
    let mut b = app.official(Role::AppealReviewer, HERE).await;
    b.get("/desk/appeals").await.expect(200);
    let page = b.post("/desk/appeals", &[("q", "王小明")]).await.expect(200);
    assert_eq!(numbers(&page, &LISTS[0]).len(), 50);
    page.shows("只显示前 50 件").hides("rel=\"next\"");
    app.stop().await;
}
