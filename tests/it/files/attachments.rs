//! Attachments of an application: added while its answers can be changed, seen by whoever works on it.

use super::{DOCUMENT, document, on_disk, rows};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use crate::reopening::{COUNTY, confirm, factory, risk, shop_named, submit};
use chrono::Duration;
use fugong::access::Role;
use fugong::files::Sweep;
use fugong::jobs::Job;
use reqwest::Method;
use serde_json::json;

on_both!(
    an_attachment_is_added_until_the_application_is_sent_and_seen_at_the_desk,
    a_draft_that_is_never_sent_goes_with_its_files,
);

async fn hand_in(b: &mut Browser, number: &str, name: &str, bytes: &[u8]) -> crate::harness::browser::Answer {
    b.upload(&format!("/reopening/{number}/files"), "file", name, bytes).await
}

async fn an_attachment_is_added_until_the_application_is_sent_and_seen_at_the_desk(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800000001").await;
    let number = factory(&mut b, 5).await;
    confirm(&app, &mut b).await;
    let page = format!("/reopening/{number}/files");
    b.get(&format!("/reopening/{number}/check")).await.expect(200).shows("添加附件");
    b.get(&page).await.expect(200).shows("10 个文件");
    hand_in(&mut b, &number, "平面图.pdf", b"MZ").await.expect(422).shows("“平面图.pdf”").shows("不是 PDF");
    hand_in(&mut b, &number, "平面图.pdf", DOCUMENT).await.leads_to(&page);
    hand_in(&mut b, &number, "执照.pdf", &document("b")).await.leads_to(&page);
    app.drain().await;
    let api = format!("/api/v1/applications/{number}/files");
    let all = b.api_get(&api).await.expect(200).json();
    let id = |n: usize| all["files"][n]["id"].as_str().unwrap().to_owned();
    b.get(&format!("/reopening/{number}/check")).await.expect(200).shows("平面图.pdf").shows("执照.pdf");
    b.post(&format!("{page}/{}/remove", id(1)), &[]).await.leads_to(&page);
    let mut stranger = app.resident("13800000003").await;
    stranger.get(&page).await.expect(404);
    stranger.get(&format!("{page}/{}", id(0))).await.expect(404);
    hand_in(&mut stranger, &number, "x.pdf", DOCUMENT).await.expect(404);

    let mut town = app.official(Role::TownReviewer, COUNTY).await;
    let desk = format!("/desk/applications/{number}");
    town.get(&format!("{desk}/files/{}", id(0))).await.expect(404);
    submit(&mut b, &number).await.leads_to(&format!("/reopening/{number}/receipt"));
    app.drain().await;
    town.get(&desk).await.expect(200).shows("平面图.pdf").hides("执照.pdf");
    assert_eq!(town.fetch(&format!("{desk}/files/{}", id(0))).await.2, DOCUMENT);
    town.api_get(&format!("/api/v1{desk}/files")).await.expect(200).shows("平面图.pdf");
    let mut elsewhere = app.official(Role::TownReviewer, "510107").await;
    elsewhere.get(&format!("{desk}/files/{}", id(0))).await.expect(404);
    b.get(&format!("/reopening/{number}")).await.expect(200).shows("平面图.pdf");
    b.get(&page).await.expect(200).hides("enctype");
    hand_in(&mut b, &number, "x.pdf", &document("x")).await.expect(409);
    b.api(Method::DELETE, &format!("{api}/{}", id(0)), &json!({})).await.expect(409);
    app.stop().await;
}

async fn a_draft_that_is_never_sent_goes_with_its_files(app: App) {
    risk(&app, "low").await;
    let mut b = app.resident("13800000001").await;
    let number = shop_named(&mut b, 6, "岳池县东外街理发店").await;
    b.get(&format!("/reopening/{number}/files")).await.expect(200);
    hand_in(&mut b, &number, "平面图.pdf", DOCUMENT).await.leads_to("/reopening/");
    app.drain().await;
    app.clock.advance(Duration::days(2000));
    fugong::retention::Daily.run(app.deps.clone()).await.unwrap();
    Sweep.run(app.deps.clone()).await.unwrap();
    assert!(rows(&app).await.is_empty() && on_disk(&app).is_empty());
    app.drain().await;
    app.stop().await;
}
