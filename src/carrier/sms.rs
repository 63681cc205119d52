//! SMS: a JSON gateway over HTTP, or the sandbox.
//!
//! The gateway gets `POST {"to", "text", "reference"}` with a bearer token. `reference` is the outbox row's id: a
//! gateway that has accepted it before can leave the repetition away. 2xx is taken as accepted (a JSON answer's
//! `id` is kept); 408, 425, 429, 401, 403 and 5xx are tried again; other answers are final.

use super::SendError;
use super::sandbox::{Sandbox, SentMessage};
use crate::circuit::Circuit;
use crate::config::SmsTransport;
use crate::db::Id;
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use reqwest::{Client, StatusCode, redirect};
use serde_json::{Value, json};
use std::time::Duration;

/// How long one send may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
/// An answer longer than this is not read.
const MAX_ANSWER: u64 = 16 * 1024;

enum Way {
    Http { client: Client, url: String, token: String },
    Memory(Sandbox),
}

/// How SMS leaves.
pub struct Sms {
    way: Way,
    /// The gateway's breaker.
    pub circuit: Circuit,
}

impl Sms {
    /// The transport that the configuration names.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when the settings cannot be used; never repeats them.
    pub fn new(transport: &SmsTransport) -> AppResult<Self> {
        let way = match transport {
            SmsTransport::Memory => Way::Memory(Sandbox::default()),
            SmsTransport::Http { url, token } => {
                Way::Http { client: client(url)?, url: url.clone(), token: token.clone() }
            }
        };
        Ok(Self { way, circuit: Circuit::default() })
    }

    /// Hands an SMS over and gives the gateway's own id for it, if it tells one.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn send(
        &self,
        reference: Id,
        to: &str,
        name: &str,
        text: String,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, SendError> {
        match &self.way {
            Way::Memory(sandbox) => {
                let (message, to) = (name.to_owned(), to.to_owned());
                sandbox.keep(SentMessage {
                    reference,
                    message,
                    to,
                    subject: None,
                    text,
                    html: None,
                    unsubscribe: None,
                    at: now,
                });
                Ok(None)
            }
            Way::Http { client, url, token } => {
                let body = json!({"to": to, "text": text, "reference": reference.to_string()});
                let sending = post(client, url, token, &body);
                let timed = tokio::time::timeout(TIMEOUT, sending).await;
                timed.unwrap_or(Err(SendError::Provider("sms-timed-out")))
            }
        }
    }

    /// What the sandbox holds, oldest first; nothing with another transport.
    pub fn sent(&self) -> Vec<SentMessage> {
        match &self.way {
            Way::Memory(sandbox) => sandbox.sent(),
            Way::Http { .. } => Vec::new(),
        }
    }

    /// Empties the sandbox.
    pub fn clear(&self) {
        if let Way::Memory(sandbox) = &self.way {
            sandbox.clear();
        }
    }
}

/// A gateway on this machine is asked directly, any other by way of the system's proxy if there is one.
fn client(url: &str) -> AppResult<Client> {
    crate::tls::install();
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|p| url.starts_with(p));
    let builder = Client::builder()
        .connect_timeout(Duration::from_secs(3))
        .timeout(TIMEOUT)
        .redirect(redirect::Policy::none());
    let builder = if local { builder.no_proxy() } else { builder };
    builder.build().map_err(|_| AppError::Unavailable("the SMS client cannot be made".into()))
}

async fn post(client: &Client, url: &str, token: &str, body: &Value) -> Result<Option<String>, SendError> {
    let answer =
        client.post(url).bearer_auth(token).json(body).send().await.map_err(|e| {
            SendError::Provider(if e.is_timeout() { "sms-timed-out" } else { "sms-connection" })
        })?;
    let status = answer.status();
    if !status.is_success() {
        return Err(refusal(status));
    }
    if answer.content_length().is_none_or(|length| length > MAX_ANSWER) {
        return Ok(None);
    }
    // Accepted is accepted: an answer that cannot be read must not send the message again.
    let id = answer.json::<Value>().await.ok().and_then(|v| v.get("id")?.as_str().map(str::to_owned));
    Ok(id.filter(|id| id.len() <= 100))
}

fn refusal(status: StatusCode) -> SendError {
    match status.as_u16() {
        401 | 403 => SendError::Provider("sms-not-authorised"),
        408 | 425 | 429 => SendError::Provider("sms-busy"),
        500.. => SendError::Provider("sms-status"),
        _ => SendError::Refused("sms-refused"),
    }
}
