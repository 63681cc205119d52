//! Programs: what is signed is served, what is not signed so that it counts is refused for its reason, by each door; and the
//! administrator's pages of keys.

mod admin;
mod doors;
mod quotas;
mod signatures;

use crate::harness::App;
use crate::harness::doors::client_with;
use crate::harness::keys::{Message, TestKey};
use reqwest::{Method, Response};
use serde_json::Value;

pub const SELF: &str = "/api/v1/self";
pub const LOOK_UP: &str = "/api/v1/permits/look-up";

/// The code of the problem that an answer is.
pub async fn problem(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").map_or("", |v| v.to_str().unwrap()).to_owned();
    let text = answer.text().await.unwrap();
    assert_eq!(kind, "application/problem+json", "{status} {text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    (status, body["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned())
}

#[track_caller]
pub fn refused(met: (u16, String), status: u16, code: &str) {
    assert_eq!((met.0, met.1.as_str()), (status, code));
}

/// A message to the portal.
pub fn message(app: &App, method: Method, path: &str, body: Option<&[u8]>) -> Message {
    Message::new(app, method, format!("{}{path}", app.base), body)
}

/// Asks as whom a client is recognised.
pub async fn ask_self(app: &App, key: &TestKey) -> Response {
    let message = message(app, Method::GET, SELF, None);
    message.send(&client_with(None), &message.signed(&key.keyid, &key.signer)).await
}
