//! Telling people: an outbox written in the transaction that causes the message, e-mail and SMS, and the inbox in
//! the portal.
//!
//! A message is a directory of templates (`templates/mail/<message>/`) and parameters; it is rendered in the
//! reader's language when it is sent. Recipient and parameters are sealed; neither is ever logged.
//! `docs/messages.md` tells how to write one.

mod budget;
mod deliver;
mod described;
mod kept;
mod letters;
mod render;
mod store;

pub use deliver::{BESIDE, deliver, deliver_due};
pub use letters::{cards, data, unread};
pub use render::{Rendered, preview, render_inbox, sms_parts};
pub use store::{DeadMessage, bury, dead, refused, revive, withdraw};

use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::insert_row;
use crate::db::schema::{inbox, outbox};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::live;
use crate::slice::{NOTHING, Slice, at};
use crate::web::i18n::Lang;
use crate::web::route::{Routes, Who};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    kept: &[at(70, kept::KEPT)],
    beside: BESIDE,
    mine: Some(at(50, ("/me/messages", "inbox-title"))),
    cards: Some(at(70, cards)),
    data: &[at(75, ("messages", data))],
    ..NOTHING
};

/// The routes of a resident's inbox.
fn routes(r: &mut Routes) {
    r.get("/me/messages", Who::Resident, letters::list)
        .get("/me/live", Who::Resident, letters::live)
        .get("/me/messages/{id}", Who::Resident, letters::open)
        .post("/me/messages/{id}/read", Who::Resident, letters::read)
        .get("/api/v1/me/messages", Who::Resident, letters::list_json)
        .post("/api/v1/me/messages/{id}/read", Who::Resident, letters::read_json);
    r.tell(described::CALLS);
}

crate::slice::calls!(letters::list_json, letters::read_json);

/// How residents are reached: the slice that knows them hands it over.
pub struct Reach {
    /// Telephone, address and language of an account.
    pub recipient: fn(&mut Conn, &Keyring, Id) -> AppResult<Recipient>,
}

/// How soon a message has to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Sign-in codes.
    Urgent,
    /// Everything about a person's own case.
    Normal,
    /// Announcements to many.
    Bulk,
}

impl Lane {
    /// The stored code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Normal => "normal",
            Self::Bulk => "bulk",
        }
    }
}

/// By which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A text message to a telephone.
    Sms,
    /// E-mail.
    Email,
}

impl Channel {
    /// The stored code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }
}

/// Whom a message is for.
#[derive(Debug, Clone, Default)]
pub struct Recipient {
    /// Account whose inbox gets it.
    pub account: Option<Id>,
    /// Telephone number, canonical.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Language to write in.
    pub lang: Lang,
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct Message {
    /// Name of the template directory.
    pub name: &'static str,
    /// How soon.
    pub lane: Lane,
    /// What the templates show.
    pub params: Value,
    /// A name under which this is sent only once, such as `certificate-issued:<id>`.
    pub dedup: Option<String>,
    /// What somebody has subscribed to, of a message that goes only as long as they have: [`withdraw`] takes it back.
    pub list: Option<Id>,
}

impl Message {
    /// A normal message.
    pub fn new(name: &'static str, params: Value) -> Self {
        Self { name, lane: Lane::Normal, params, dedup: None, list: None }
    }

    /// Sent once only under this name.
    #[must_use]
    pub fn once(mut self, name: String) -> Self {
        self.dedup = Some(name);
        self
    }

    /// To somebody who has subscribed to this.
    #[must_use]
    pub fn list(mut self, list: Id) -> Self {
        self.list = Some(list);
        self
    }

    /// With another lane.
    #[must_use]
    pub fn lane(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }
}

pub(crate) fn recipient_context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "outbox", column: "recipient_sealed", row: id.0 }
}

pub(crate) fn params_context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "outbox", column: "params_sealed", row: id.0 }
}

pub(crate) fn inbox_context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "inbox", column: "params_sealed", row: id.0 }
}

/// A message as it would leave, where a transaction is rehearsed ([`Tx::rehearse`]).
#[derive(Debug, Clone)]
pub struct Told {
    /// Whom it would be for.
    pub to: Recipient,
    /// What it would say.
    pub message: Message,
}

/// Queues a message by every way the recipient can be reached, in the caller's transaction. How much of it goes to one
/// telephone or address is judged when it leaves; the inbox keeps all.
///
/// # Errors
/// Database errors.
pub fn send(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    to: &Recipient,
    message: &Message,
    now: DateTime<Utc>,
) -> AppResult<()> {
    tx.tells(|| Told { to: to.clone(), message: message.clone() });
    let params = serde_json::to_vec(&message.params).map_err(AppError::internal)?;
    for (channel, address) in [(Channel::Sms, &to.phone), (Channel::Email, &to.email)] {
        if let Some(address) = address {
            queue(tx, keyring, channel, address, to.lang, message, &params, now)?;
        }
    }
    if let Some(account) = to.account.filter(|_| message.lane != Lane::Urgent) {
        let id = Id::new();
        insert_row!(tx.conn(), inbox, {
            id: id, account_id: account, message: message.name,
            params_sealed: keyring.seal(&inbox_context(id), &params)?, created_at: Ts::from(now),
        })?;
        live::tell(tx, keyring, letters::topic(account), "message.new", &json!({"message": id}), now)?;
    }
    Ok(())
}

#[allow(clippy::too_many_arguments)]
fn queue(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    channel: Channel,
    address: &str,
    lang: Lang,
    message: &Message,
    params: &[u8],
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = Id::new();
    let dedup = message.dedup.as_ref().map(|name| format!("{}:{name}", channel.code()));
    insert_row!(tx.conn(), outbox, {
        id: id, channel: channel.code(), lane: message.lane.code(), message: message.name, lang: lang.tag(),
        dedup: dedup, recipient_sealed: keyring.seal(&recipient_context(id), address.as_bytes())?,
        params_sealed: keyring.seal(&params_context(id), params)?, state: "queued", run_at: Ts::from(now),
        attempts: 0, created_at: Ts::from(now), list_id: message.list,
    }, "ON CONFLICT DO NOTHING")?;
    tx.wake_worker();
    Ok(())
}
