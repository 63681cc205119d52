//! News are passed on once, to whom they concern, at once up to a bound and in digests.

use super::{COUNTY, READER, mails, news, resident_subscribed, subscribed};
use crate::codes::levels::published;
use crate::harness::App;
use crate::on_both;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use fugong::db::Id;
use fugong::db::schema::{inbox, outbox, subscription_items, subscription_news};
use fugong::jobs::Job;
use fugong::subscriptions::FanOut;
use serde_json::json;

on_both!(
    a_subject_is_told_once_and_a_repeated_step_doubles_nothing,
    many_are_reached_in_steps_after_a_death_in_the_middle,
    news_concern_the_place_what_is_around_and_what_is_inside,
    a_digest_comes_at_eight_and_takes_everything_with_it,
    what_is_beyond_the_bound_comes_with_the_digest_and_is_said_once,
    a_confirmed_level_is_told_to_subscribers,
);

async fn newest(app: &App) -> Id {
    let id = app.deps.store.read(|c| {
        let all = subscription_news::table.order(subscription_news::id.desc());
        Ok(all.select(subscription_news::id).first(c)?)
    });
    id.await.unwrap()
}

async fn again(app: &App, news: Id) {
    let job: FanOut = serde_json::from_value(json!({"news": news})).unwrap();
    job.run(app.deps.clone()).await.unwrap();
}

async fn queued(app: &App) -> i64 {
    let count = app
        .deps
        .store
        .read(|c| Ok(outbox::table.filter(outbox::message.eq("subscription-news")).count().get_result(c)?));
    count.await.unwrap()
}

async fn letters(app: &App, kind: &'static str) -> i64 {
    let count = app
        .deps
        .store
        .read(move |c| Ok(inbox::table.filter(inbox::message.eq(kind)).count().get_result(c)?));
    count.await.unwrap()
}

async fn waiting(app: &App) -> i64 {
    app.deps.store.read(|c| Ok(subscription_items::table.count().get_result(c)?)).await.unwrap()
}

async fn a_subject_is_told_once_and_a_repeated_step_doubles_nothing(app: App) {
    let mut b = app.resident("13800000001").await;
    resident_subscribed(&mut b, "inbox", "none").await;
    subscribed(&app, READER, COUNTY, "none").await;
    app.clock.advance(Duration::seconds(1));
    news(&app, COUNTY, "one").await;
    news(&app, COUNTY, "one").await;
    app.drain().await;
    assert_eq!((queued(&app).await, letters(&app, "subscription-news").await), (1, 1));
    again(&app, newest(&app).await).await;
    app.drain().await;
    assert_eq!((queued(&app).await, letters(&app, "subscription-news").await), (1, 1));
    app.stop().await;
}

async fn many_are_reached_in_steps_after_a_death_in_the_middle(app: App) {
    for n in 0..5 {
        let mut b = app.resident(&format!("1380000000{n}")).await;
        resident_subscribed(&mut b, "inbox", "none").await;
    }
    // Three are behind the place up to which a worker came that died.
    let second = app.deps.store.read(|c| {
        use fugong::db::schema::subscriptions as s;
        Ok(s::table.order(s::id).offset(1).select(s::id).first::<Id>(c)?)
    });
    let second = second.await.unwrap();
    app.clock.advance(Duration::seconds(1));
    news(&app, COUNTY, "one").await;
    let moved = app.deps.store.write(move |tx| {
        Ok(diesel::update(subscription_news::table)
            .set(subscription_news::position.eq(Some(second)))
            .execute(tx.conn())?)
    });
    assert_eq!(moved.await.unwrap(), 1);
    app.drain().await;
    assert_eq!(letters(&app, "subscription-news").await, 3, "it goes on behind it");
    app.stop().await;
}

async fn news_concern_the_place_what_is_around_and_what_is_inside(app: App) {
    for (email, place) in [
        ("county@example.cn", COUNTY),
        ("prefecture@example.cn", "511600"),
        ("whole@example.cn", ""),
        ("neighbour@example.cn", "511622"),
        ("elsewhere@example.cn", "510104"),
    ] {
        subscribed(&app, email, place, "none").await;
    }
    app.clock.advance(Duration::seconds(1));
    let told = |app: &App| {
        ["county", "prefecture", "whole", "neighbour", "elsewhere"]
            .map(|name| mails(app, &format!("{name}@example.cn"), "subscription-news").len())
    };
    news(&app, COUNTY, "county").await;
    app.drain().await;
    assert_eq!(told(&app), [1, 1, 1, 0, 0]);
    news(&app, "511600", "prefecture").await;
    app.drain().await;
    assert_eq!(told(&app), [2, 2, 2, 1, 0]);
    news(&app, "510000", "province").await;
    app.drain().await;
    assert_eq!(told(&app), [3, 3, 3, 2, 1]);
    app.stop().await;
}

async fn a_digest_comes_at_eight_and_takes_everything_with_it(app: App) {
    subscribed(&app, READER, COUNTY, "daily").await;
    subscribed(&app, READER, "511600", "daily").await;
    app.clock.advance(Duration::seconds(1));
    news(&app, COUNTY, "one").await;
    news(&app, COUNTY, "two").await;
    app.drain().await;
    assert_eq!((queued(&app).await, waiting(&app).await), (0, 4));
    app.tick().await;
    assert_eq!(mails(&app, READER, "subscription-digest").len(), 0, "not before eight");
    let eight: DateTime<Utc> = "2020-03-13T00:00:00Z".parse().unwrap();
    app.clock.advance(eight - app.clock.now());
    app.tick().await;
    app.tick().await;
    let sent = mails(&app, READER, "subscription-digest");
    assert_eq!(sent.len(), 1);
    assert!(sent[0].subject.as_deref().unwrap().contains("2 条"), "{:?}", sent[0].subject);
    assert!(sent[0].unsubscribe.as_deref().unwrap().ends_with("/all"));
    assert_eq!(waiting(&app).await, 0);
    app.stop().await;
}

async fn what_is_beyond_the_bound_comes_with_the_digest_and_is_said_once(app: App) {
    subscribed(&app, READER, COUNTY, "none").await;
    app.clock.advance(Duration::seconds(1));
    for n in 0..13 {
        news(&app, COUNTY, &format!("news-{n}")).await;
    }
    app.drain().await;
    assert_eq!(mails(&app, READER, "subscription-news").len(), 10);
    let more = mails(&app, READER, "subscription-more");
    assert_eq!(more.len(), 1);
    assert!(more[0].text.contains("10 条"), "{}", more[0].text);
    assert_eq!(waiting(&app).await, 3);
    app.clock.advance(Duration::hours(24));
    app.tick().await;
    let digest = mails(&app, READER, "subscription-digest");
    assert_eq!(digest.len(), 1);
    assert!(digest[0].text.contains("3 条"), "{}", digest[0].text);
    app.stop().await;
}

async fn a_confirmed_level_is_told_to_subscribers(app: App) {
    subscribed(&app, READER, COUNTY, "none").await;
    app.clock.advance(Duration::seconds(1));
    published(&app).await;
    app.drain().await;
    let sent = mails(&app, READER, "subscription-news");
    assert_eq!(sent.len(), 1, "only once it was confirmed");
    let subject = sent[0].subject.as_deref().unwrap();
    assert!(subject.contains("岳池县") && subject.contains("高风险"), "{subject}");
    app.stop().await;
}
