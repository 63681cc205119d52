//! Residents subscribe among their own things.

use super::{COUNTY, mails, news, resident_subscribed};
use crate::harness::App;
use crate::on_both;
use crate::world::accounts::name_email;
use chrono::Duration;
use diesel::prelude::*;
use fugong::db::schema::{inbox, outbox, subscriptions};
use fugong::identity::divisions;
use reqwest::Method;
use serde_json::json;

on_both!(
    a_resident_chooses_and_stops,
    e_mail_needs_an_address_and_goes_on_in_the_inbox_without_one,
    an_address_that_came_back_leaves_the_inbox,
    whoever_has_fifty_changes_one_and_adds_none,
);

async fn letters(app: &App, kind: &'static str) -> i64 {
    let count = app
        .deps
        .store
        .read(move |c| Ok(inbox::table.filter(inbox::message.eq(kind)).count().get_result(c)?));
    count.await.unwrap()
}

async fn a_resident_chooses_and_stops(app: App) {
    let mut b = app.resident("13800000001").await;
    b.get("/me/subscriptions").await.expect(200).shows("还没有订阅");
    let wish = [("topic", "risk"), ("division", COUNTY), ("channel", "sms"), ("digest", "none")];
    b.post("/me/subscriptions", &wish).await.leads_to("/me/subscriptions");
    b.get("/me/subscriptions").await.expect(200).shows("岳池县").shows("短信");
    // The same once more changes how it comes.
    let mine = resident_subscribed(&mut b, "sms", "daily").await;
    assert_eq!(mine["subscriptions"].as_array().unwrap().len(), 1);
    let mine = resident_subscribed(&mut b, "sms", "none").await;
    app.clock.advance(Duration::seconds(1));
    news(&app, COUNTY, "one").await;
    app.drain().await;
    let sms = app.deps.sms.sent();
    let sms: Vec<_> = sms.iter().filter(|m| m.message == "subscription-news").collect();
    assert_eq!(sms.len(), 1);
    assert_eq!(fugong::notify::sms_parts(&sms[0].text), 1, "{}", sms[0].text);
    assert_eq!(letters(&app, "subscription-news").await, 1, "its text is in the portal");
    let id = mine["subscriptions"][0]["id"].as_str().unwrap().to_owned();
    let data = b.get("/me/data/download").await.expect(200).json();
    assert_eq!(data["subscriptions"][0]["division"], COUNTY);
    let mut other = app.resident("13800000002").await;
    other.get("/me/subscriptions").await.expect(200);
    other.post(&format!("/me/subscriptions/{id}/stop"), &[]).await.expect(404);
    b.get("/me/subscriptions").await.expect(200);
    b.post(&format!("/me/subscriptions/{id}/stop"), &[]).await.leads_to("/me/subscriptions");
    b.api(Method::DELETE, &format!("/api/v1/me/subscriptions/{id}"), &json!({})).await.expect(404);
    news(&app, COUNTY, "two").await;
    app.drain().await;
    assert_eq!(letters(&app, "subscription-news").await, 1);
    app.stop().await;
}

async fn whoever_has_fifty_changes_one_and_adds_none(app: App) {
    let (mut b, account) = app.resident_with("13800000001").await;
    let prefectures = divisions().children("510000".parse().unwrap());
    let counties = prefectures.iter().flat_map(|p| divisions().children(p.code));
    let places: Vec<String> = counties.map(|county| county.code.to_string()).collect();
    b.get("/me/subscriptions").await.expect(200);
    let wishes: Vec<_> = places.into_iter().take(51).map(|place| (place, "sms")).collect();
    assert_eq!(wishes.len(), 51, "counties of the province");
    let wish = |(place, channel): &(String, &'static str), digest: &'static str| {
        [
            ("topic", "risk".to_owned()),
            ("division", place.clone()),
            ("channel", (*channel).to_owned()),
            ("digest", digest.to_owned()),
        ]
    };
    for one in &wishes[..50] {
        let fields = wish(one, "none");
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        b.post("/me/subscriptions", &fields).await.leads_to("/me/subscriptions");
    }
    let fields = wish(&wishes[0], "daily");
    let again: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    b.post("/me/subscriptions", &again).await.leads_to("/me/subscriptions");
    let fields = wish(&wishes[50], "none");
    let more: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    b.post("/me/subscriptions", &more).await.expect(409).shows("已有 50 项订阅");
    let kept = app.deps.store.read(move |c| {
        let own = subscriptions::table.filter(subscriptions::account_id.eq(account));
        Ok(own.select(subscriptions::digest).load::<String>(c)?)
    });
    let kept = kept.await.unwrap();
    assert_eq!((kept.len(), kept.iter().filter(|digest| *digest == "daily").count()), (50, 1));
    app.stop().await;
}

async fn e_mail_needs_an_address_and_goes_on_in_the_inbox_without_one(app: App) {
    let mut b = app.resident("13800000001").await;
    b.get("/me/subscriptions").await.expect(200);
    let wish = [("topic", "risk"), ("division", ""), ("channel", "email"), ("digest", "none")];
    b.post("/me/subscriptions", &wish).await.expect(422).shows("你还没有填邮箱");
    name_email(&app, &mut b, "reader@example.cn").await;
    b.get("/me/subscriptions").await.expect(200);
    b.post("/me/subscriptions", &wish).await.leads_to("/me/subscriptions");
    app.clock.advance(Duration::seconds(1));
    news(&app, COUNTY, "one").await;
    app.drain().await;
    assert_eq!(mails(&app, "reader@example.cn", "subscription-news").len(), 1);
    assert_eq!(letters(&app, "subscription-news").await, 0);
    b.get("/me/contact").await.expect(200);
    b.post("/me/contact", &[("email", "")]).await.leads_to("/me/contact");
    news(&app, COUNTY, "two").await;
    app.drain().await;
    assert_eq!(mails(&app, "reader@example.cn", "subscription-news").len(), 1);
    assert_eq!(letters(&app, "subscription-news").await, 1, "nothing is lost");
    app.stop().await;
}

async fn an_address_that_came_back_leaves_the_inbox(app: App) {
    let mut b = app.resident("13800000001").await;
    name_email(&app, &mut b, "reader@example.cn").await;
    resident_subscribed(&mut b, "email", "none").await;
    app.clock.advance(Duration::seconds(1));
    news(&app, COUNTY, "one").await;
    app.drain().await;
    let refused = app.deps.store.write(|tx| {
        let row = outbox::table.filter(outbox::message.eq("subscription-news"));
        let set = (outbox::state.eq("dead"), outbox::last_error.eq(Some("mail-refused")));
        Ok(diesel::update(row).set(set).execute(tx.conn())?)
    });
    assert_eq!(refused.await.unwrap(), 1);
    app.tick().await;
    assert_eq!(letters(&app, "subscription-bounced").await, 1);
    let mine = b.api_get("/api/v1/me/subscriptions").await.expect(200).json();
    assert_eq!(mine["subscriptions"][0]["channel"], "inbox");
    app.stop().await;
}
