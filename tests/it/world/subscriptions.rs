//! Subscriptions: of a visitor one that waits for its link, one that is confirmed and two that were stopped; of the resident
//! one in the portal.

use super::{COUNTY, World};
use crate::harness::App;
use reqwest::Method;
use serde_json::json;

/// An address of a visitor.
const READER: &str = "canary-mail@example.cn";

/// What stands in the link of the last message that was sent to an address.
pub async fn link_mailed(app: &App, to: &str) -> String {
    app.drain().await;
    let sent = app.deps.mail.sent();
    let of_link = |m: &&fugong::carrier::SentMessage| m.to == to && m.message == "subscription-confirm";
    let last = sent.iter().rev().find(of_link).expect("a message with a link");
    let link = last.text.split("/subscriptions/confirm/").nth(1).expect("a link");
    link.chars().take(43).collect()
}

impl World {
    /// Things: `asked-link`, `subscription-link` (what stands in the links), `subscription` of the resident.
    pub(super) async fn subscriptions(&mut self) {
        self.look("visitor", "/subscriptions").await;
        let county = [("topic", "risk"), ("division", COUNTY), ("digest", "none"), ("email", READER)];
        self.send("visitor", "/subscriptions", &county).await.leads_to("/subscriptions");
        let link = self.confirmed().await;
        self.look("visitor", &format!("/subscriptions/stop/{link}")).await;
        self.send("visitor", &format!("/subscriptions/stop/{link}"), &[]).await;
        let asked = json!({"email": READER, "topic": "risk", "digest": "daily"});
        self.call("visitor", Method::POST, "/api/v1/subscriptions", &asked).await;
        let link = self.confirmed().await;
        self.send("visitor", &format!("/subscriptions/stop/{link}/all"), &[]).await;
        self.asked("reader@example.cn", COUNTY).await;
        let link = link_mailed(&self.app, "reader@example.cn").await;
        self.look("visitor", &format!("/subscriptions/confirm/{link}")).await;
        self.send("visitor", &format!("/subscriptions/confirm/{link}"), &[]).await;
        self.keep("subscription-link", link);
        self.asked("reader@example.cn", "511600").await;
        let link = link_mailed(&self.app, "reader@example.cn").await;
        self.keep("asked-link", link);
        self.residents_subscribe().await;
    }

    async fn asked(&mut self, email: &str, division: &str) {
        let (email, division) = (email.to_owned(), division.to_owned());
        self.look("visitor", "/subscriptions").await;
        let fields = [("topic", "risk"), ("division", &*division), ("digest", "none"), ("email", &*email)];
        self.send("visitor", "/subscriptions", &fields).await;
    }

    /// Confirms what the last message is about.
    async fn confirmed(&mut self) -> String {
        let link = link_mailed(&self.app, READER).await;
        let path = format!("/subscriptions/confirm/{link}");
        self.look("visitor", &path).await;
        self.send("visitor", &path, &[]).await.leads_to("/subscriptions/confirm/");
        link
    }

    async fn residents_subscribe(&mut self) {
        self.look("resident", "/me/subscriptions").await;
        let fields = [("topic", "risk"), ("division", ""), ("channel", "inbox"), ("digest", "weekly")];
        self.send("resident", "/me/subscriptions", &fields).await.leads_to("/me/subscriptions");
        let path = "/api/v1/me/subscriptions";
        let first =
            self.person("resident").api_get(path).await.expect(200).json()["subscriptions"][0]["id"].clone();
        self.send("resident", &format!("/me/subscriptions/{}/stop", first.as_str().unwrap()), &[]).await;
        let wish = json!({"topic": "risk", "division": COUNTY, "channel": "email", "digest": "none"});
        let made = self.call("resident", Method::POST, path, &wish).await.json();
        let id = made["subscriptions"][0]["id"].as_str().unwrap().to_owned();
        self.call("resident", Method::DELETE, &format!("{path}/{id}"), &json!({})).await;
        let wish = json!({"topic": "risk", "division": COUNTY, "channel": "inbox", "digest": "daily"});
        let made = self.call("resident", Method::POST, path, &wish).await.json();
        self.keep("subscription", made["subscriptions"][0]["id"].as_str().unwrap());
    }
}
