//! What is written beside an event of a declaration's timeline.

use crate::case;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use serde::{Deserialize, Serialize};

/// What was written beside an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Note {
    /// For colleagues only.
    pub internal: String,
    /// For the applicant.
    pub reason: String,
    /// For the applicant.
    pub remedy: String,
    /// What is to be put right.
    pub items: Vec<String>,
}

/// An event of a declaration's timeline.
pub(super) type Event = case::Event<Note>;

/// The timeline, the newest first.
pub(super) fn events(conn: &mut Conn, keys: &Keyring, id: Id) -> AppResult<Vec<Event>> {
    let mut events: Vec<Event> = case::events(conn, keys, id)?;
    events.reverse();
    Ok(events)
}
