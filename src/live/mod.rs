//! What happens is told to pages that are open: server-sent events (WHATWG HTML, 9.2) from a stream that a commit wakes,
//! whichever process made it. What a page has to say back, it sends as any other form.
//!
//! An event is a row, written in the transaction of what happened ([`tell`]), sealed, and gone after two minutes. A stream
//! gives every event at least once: a browser that lost its connection names the last one that it has seen
//! (`Last-Event-ID`) and gets what was written since, perhaps some of it again; identifiers tell. Who may follow what is
//! asked anew before each event, so that a stream ends with its session.

mod jobs;
mod kept;
mod places;
mod store;
mod stream;

pub use places::Live;
pub use stream::{Follow, stream};

use crate::crypto::Keyring;
use crate::crypto::token;
use crate::db::{Id, Tx};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::jobs::JobKind;
use crate::slice::{NOTHING, Slice, at};
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

/// How long an event can be had.
pub const LASTS: Duration = Duration::minutes(2);

/// What this room hands over.
pub const SLICE: Slice = Slice {
    kept: &[at(80, kept::KEPT)],
    jobs: &[JobKind::of::<jobs::Sweep>().every(60)],
    parts: |deps| {
        deps.keep(Live::default());
        Ok(())
    },
    ..NOTHING
};

/// What a stream follows. It is derived from its subject, so that the table of events names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic(Id);

impl Topic {
    /// What belongs to a subject, under the name of a kind of topic such as `account`.
    #[must_use]
    pub fn of(kind: &str, subject: Id) -> Self {
        let hash = token::hash(format!("live:{kind}:{subject}").as_bytes());
        let (half, _) = hash.split_at(16);
        let half = half.try_into().unwrap_or_default();
        Self(Id(uuid::Builder::from_custom_bytes(half).into_uuid()))
    }
}

/// Ends the streams of a portal that is about to stop: its server would wait for them.
pub fn end(deps: &Deps) {
    if let Ok(live) = deps.part::<Live>() {
        live.end();
    }
}

/// Tells whoever follows a topic that something happened, once this transaction is committed. `body` becomes the event's
/// data: JSON without names, numbers or health data, since a page only has to know where to look.
///
/// # Errors
/// Database errors.
pub fn tell<T: Serialize>(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    topic: Topic,
    kind: &'static str,
    body: &T,
    now: DateTime<Utc>,
) -> AppResult<()> {
    store::write(tx, keys, topic, kind, body, now)?;
    tx.changed(topic.0);
    Ok(())
}
