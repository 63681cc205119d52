//! A visitor asks, confirms and stops.

use super::{COUNTY, READER, ask, mails, news, one_click, subscribed};
use crate::harness::App;
use crate::on_both;
use crate::world::subscriptions::link_mailed;
use chrono::Duration;
use diesel::prelude::*;
use fugong::db::schema::{outbox, subscriptions};
use fugong::jobs::Job;
use fugong::subscriptions::FanOut;
use reqwest::Method;
use serde_json::json;

on_both!(
    nothing_is_sent_before_the_button_was_pressed,
    a_link_lasts_two_days,
    an_address_gets_three_links_an_hour_and_the_answer_is_the_same,
    one_click_stops_and_looking_stops_nothing,
    what_waits_is_taken_back,
    stopping_all_stops_all_of_one_address,
    what_cannot_be_subscribed_to_is_said,
    an_address_that_does_not_exist_is_forgotten,
    what_is_not_confirmed_is_destroyed_after_a_week,
);

async fn rows(app: &App) -> i64 {
    app.deps.store.read(|c| Ok(subscriptions::table.count().get_result(c)?)).await.unwrap()
}

async fn nothing_is_sent_before_the_button_was_pressed(app: App) {
    let mut b = app.browser();
    ask(&mut b, READER, COUNTY, "none").await.leads_to("/subscriptions");
    b.get("/subscriptions").await.expect(200).shows("确认邮件已发往你填的邮箱");
    let link = link_mailed(&app, READER).await;
    let path = format!("/subscriptions/confirm/{link}");
    // A program that opens every link of a message confirms nothing.
    app.browser().get(&path).await.expect(200).shows("岳池县");
    news(&app, COUNTY, "first").await;
    app.drain().await;
    assert_eq!(mails(&app, READER, "subscription-news").len(), 0);
    b.get(&path).await.expect(200);
    b.post(&path, &[]).await.leads_to(&path);
    b.post(&path, &[]).await.leads_to(&path);
    b.get(&path).await.expect(200).shows("已经确认");
    app.drain().await;
    assert_eq!(mails(&app, READER, "subscription-news").len(), 0, "what was before is not told");
    app.clock.advance(Duration::seconds(1));
    news(&app, COUNTY, "second").await;
    app.drain().await;
    let sent = mails(&app, READER, "subscription-news");
    assert_eq!(sent.len(), 1);
    assert!(sent[0].subject.as_deref().unwrap().contains("岳池县") && sent[0].text.contains("第 9 号公告"));
    let stop = sent[0].unsubscribe.clone().expect("a way out for programs");
    assert_eq!(stop, format!("{}/subscriptions/stop/{link}", app.base));
    assert!(sent[0].text.contains(&stop));
    app.stop().await;
}

async fn a_link_lasts_two_days(app: App) {
    let mut b = app.browser();
    ask(&mut b, READER, "", "none").await.leads_to("/subscriptions");
    let path = format!("/subscriptions/confirm/{}", link_mailed(&app, READER).await);
    app.clock.advance(Duration::hours(48));
    b.get(&path).await.expect(200).shows("已经过期").hides("确认订阅</button>");
    b.post(&path, &[]).await.expect(409).shows("重新订阅");
    // A new question gives a new link, and the old one is none any more.
    ask(&mut b, READER, "", "none").await.leads_to("/subscriptions");
    b.get(&path).await.expect(404);
    assert_eq!(rows(&app).await, 1);
    app.stop().await;
}

async fn an_address_gets_three_links_an_hour_and_the_answer_is_the_same(app: App) {
    subscribed(&app, "known@example.cn", COUNTY, "none").await;
    let mut b = app.browser();
    let known = ask(&mut b, "known@example.cn", COUNTY, "daily").await;
    let unknown = ask(&mut b, READER, COUNTY, "daily").await;
    assert_eq!((known.status, known.location()), (unknown.status, unknown.location()));
    for _ in 0..4 {
        ask(&mut b, READER, COUNTY, "none").await.leads_to("/subscriptions");
    }
    app.drain().await;
    assert_eq!(mails(&app, READER, "subscription-confirm").len(), 3);
    app.clock.advance(Duration::minutes(62));
    ask(&mut b, READER, COUNTY, "none").await.leads_to("/subscriptions");
    app.drain().await;
    assert_eq!(mails(&app, READER, "subscription-confirm").len(), 4);
    // What was confirmed stands until its new link is used.
    news(&app, COUNTY, "one").await;
    app.drain().await;
    assert_eq!(mails(&app, "known@example.cn", "subscription-news").len(), 1);
    app.stop().await;
}

async fn one_click_stops_and_looking_stops_nothing(app: App) {
    let link = subscribed(&app, READER, COUNTY, "none").await;
    let path = format!("/subscriptions/stop/{link}");
    app.browser().get(&path).await.expect(200).shows("停止这项订阅").shows("岳池县");
    assert_eq!(rows(&app).await, 1, "a look stops nothing");
    one_click(&app, &path).await.expect(200);
    assert_eq!(rows(&app).await, 0, "and the address is gone at once");
    one_click(&app, &path).await.expect(200);
    app.browser().get(&path).await.expect(200).shows("已经停止");
    app.browser().get("/subscriptions/stop/nothing").await.expect(404);
    app.clock.advance(Duration::seconds(1));
    news(&app, COUNTY, "one").await;
    app.drain().await;
    assert_eq!(mails(&app, READER, "subscription-news").len(), 0);
    app.stop().await;
}

async fn what_waits_is_taken_back(app: App) {
    let link = subscribed(&app, READER, COUNTY, "none").await;
    subscribed(&app, "other@example.cn", COUNTY, "none").await;
    app.clock.advance(Duration::seconds(1));
    news(&app, COUNTY, "one").await;
    let id: fugong::db::Id = app
        .deps
        .store
        .read(|c| {
            use fugong::db::schema::subscription_news as n;
            Ok(n::table.select(n::id).first(c)?)
        })
        .await
        .unwrap();
    // Passed on, and not yet sent.
    let job: FanOut = serde_json::from_value(json!({"news": id})).unwrap();
    job.run(app.deps.clone()).await.unwrap();
    one_click(&app, &format!("/subscriptions/stop/{link}")).await.expect(200);
    app.drain().await;
    assert_eq!(mails(&app, READER, "subscription-news").len(), 0);
    assert_eq!(mails(&app, "other@example.cn", "subscription-news").len(), 1);
    app.stop().await;
}

async fn stopping_all_stops_all_of_one_address(app: App) {
    let link = subscribed(&app, READER, COUNTY, "none").await;
    subscribed(&app, READER, "511600", "daily").await;
    subscribed(&app, "other@example.cn", COUNTY, "none").await;
    assert_eq!(rows(&app).await, 3);
    let mut b = app.browser();
    b.get(&format!("/subscriptions/stop/{link}/all")).await.expect(200);
    b.post(&format!("/subscriptions/stop/{link}/all"), &[]).await.expect(200).shows("全部订阅都已停止");
    assert_eq!(rows(&app).await, 1);
    app.stop().await;
}

async fn what_cannot_be_subscribed_to_is_said(app: App) {
    let mut b = app.browser();
    b.get("/subscriptions").await.expect(200);
    let wrong = [("topic", "gossip"), ("division", "440100"), ("digest", "hourly"), ("email", "reader")];
    let page = b.post("/subscriptions", &wrong).await.expect(422);
    page.shows("请选择内容").shows("请选择发送时间").shows("没有这个").shows("value=\"reader\"");
    let wrong = json!({"email": "reader", "topic": "gossip", "digest": "none"});
    b.api(Method::POST, "/api/v1/subscriptions", &wrong).await.expect(422);
    let right = json!({"email": READER, "topic": "risk", "digest": "none"});
    b.api(Method::POST, "/api/v1/subscriptions", &right).await.expect(202);
    let topics = b.api_get("/api/v1/subscriptions/topics").await.expect(200).json();
    let pages: Vec<_> =
        topics["topics"].as_array().unwrap().iter().map(|one| (&one["topic"], &one["page"])).collect();
    for (topic, page) in [("risk", "/risks"), ("recognition", "/recognition")] {
        assert!(pages.contains(&(&json!(topic), &json!(page))), "{pages:?}");
    }
    app.stop().await;
}

async fn an_address_that_does_not_exist_is_forgotten(app: App) {
    subscribed(&app, READER, COUNTY, "none").await;
    app.clock.advance(Duration::seconds(1));
    news(&app, COUNTY, "one").await;
    app.drain().await;
    // As its server would have said.
    let refused = app.deps.store.write(|tx| {
        let row = outbox::table.filter(outbox::message.eq("subscription-news"));
        let set = (outbox::state.eq("dead"), outbox::last_error.eq(Some("mail-refused")));
        Ok(diesel::update(row).set(set).execute(tx.conn())?)
    });
    assert_eq!(refused.await.unwrap(), 1);
    app.tick().await;
    assert_eq!(rows(&app).await, 0);
    app.stop().await;
}

async fn what_is_not_confirmed_is_destroyed_after_a_week(app: App) {
    let mut b = app.browser();
    ask(&mut b, READER, COUNTY, "none").await.leads_to("/subscriptions");
    subscribed(&app, "other@example.cn", COUNTY, "none").await;
    app.clock.advance(Duration::days(7));
    app.tick().await;
    assert_eq!(rows(&app).await, 2, "its last day");
    app.clock.advance(Duration::days(1));
    app.tick().await;
    assert_eq!(rows(&app).await, 1);
    app.stop().await;
}
