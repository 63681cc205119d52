//! Subscriptions: a visitor's address is confirmed before anything goes there, stopping is one click, news come once,
//! together or at once, and never more than somebody can read.

mod asked;
mod mine;
mod passed_on;
mod recognition;

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::world::subscriptions::link_mailed;
use fugong::carrier::SentMessage;
use fugong::subscriptions::publish;
use reqwest::Method;
use serde_json::{Value, json};

const COUNTY: &str = "511621";
const READER: &str = "reader@example.cn";

/// Asks by the page, as a visitor.
async fn ask(b: &mut Browser, email: &str, division: &str, digest: &str) -> Answer {
    ask_for(b, "risk", email, division, digest).await
}

async fn ask_for(b: &mut Browser, topic: &str, email: &str, division: &str, digest: &str) -> Answer {
    b.get("/subscriptions").await.expect(200);
    let fields = [("topic", topic), ("division", division), ("digest", digest), ("email", email)];
    b.post("/subscriptions", &fields).await
}

/// A confirmed subscription; gives what stands in its links.
async fn subscribed(app: &App, email: &str, division: &str, digest: &str) -> String {
    subscribed_to(app, "risk", email, division, digest).await
}

async fn subscribed_to(app: &App, topic: &str, email: &str, division: &str, digest: &str) -> String {
    let mut b = app.browser();
    ask_for(&mut b, topic, email, division, digest).await.leads_to("/subscriptions");
    let link = link_mailed(app, email).await;
    let path = format!("/subscriptions/confirm/{link}");
    b.get(&path).await.expect(200);
    b.post(&path, &[]).await.leads_to(&path);
    link
}

/// A resident's subscription, by the call.
async fn resident_subscribed(b: &mut Browser, channel: &str, digest: &str) -> Value {
    let wish = json!({"topic": "risk", "division": COUNTY, "channel": channel, "digest": digest});
    b.get("/me/subscriptions").await.expect(200);
    b.api(Method::POST, "/api/v1/me/subscriptions", &wish).await.expect(200).json()
}

/// Publishes a level of a place, as the slice does.
async fn news(app: &App, place: &'static str, subject: &str) {
    let (keys, now, subject) = (app.deps.keys.clone(), app.clock.now(), subject.to_owned());
    let told = json!({"level": "high", "since": now, "until": null, "source": "省指挥部第 9 号公告"});
    let done = app.deps.store.write(move |tx| publish(tx, &keys, "risk", place, &subject, &told, now));
    done.await.unwrap();
}

/// E-mails of a kind that have gone to an address.
fn mails(app: &App, to: &str, kind: &str) -> Vec<SentMessage> {
    app.deps.mail.sent().into_iter().filter(|m| m.to == to && m.message == kind).collect()
}

/// One click of a mail program: no session, no page, no token but the link.
async fn one_click(app: &App, path: &str) -> Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let body = Some(b"List-Unsubscribe=One-Click".to_vec());
    app.browser().request(Method::POST, path, &headers, body).await
}
