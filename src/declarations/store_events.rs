//! SQL of a declaration's timeline.

use super::store::Row;
use crate::audit::Actor;
use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::insert_row;
use crate::db::schema::case_events;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// What was written beside an event.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub at: DateTime<Utc>,
    pub action: String,
    pub office: Option<Id>,
    pub actor: Option<Id>,
    /// The account that did it for somebody else.
    pub proxy: Option<Id>,
    pub version: i64,
    pub note: Note,
}

/// Appends to the timeline.
#[allow(clippy::too_many_arguments)] // each is a column of the row
pub(super) fn add_event(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    actor: &Actor,
    (action, from, to): (&str, &str, &str),
    version: i64,
    note: &Note,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = Id::new();
    let context = FieldContext::new("case_events", "note_sealed", id.0);
    insert_row!(tx.conn(), case_events, {
        id: id, case_kind: "declaration", case_id: row.id,
        // One event a version at most, so the version orders them.
        seq: i32::try_from(version).map_err(AppError::internal)?,
        at: Ts::from(now), actor_kind: actor.kind(), actor_id: actor.id(), office_id: actor.office(),
        action: action, from_state: from, to_state: to, version: version,
        note_sealed: Some(keys.seal_json(&context, note)?),
    })?;
    Ok(())
}

/// The timeline, the newest first.
pub(super) fn events(conn: &mut Conn, keys: &Keyring, id: Id) -> AppResult<Vec<Event>> {
    type Stored = (Id, Ts, String, Option<Id>, String, Option<Id>, i64, Option<Vec<u8>>);
    let rows: Vec<Stored> = case_events::table
        .filter(case_events::case_id.eq(id))
        .order(case_events::seq.desc())
        .select((
            case_events::id,
            case_events::at,
            case_events::action,
            case_events::office_id,
            case_events::actor_kind,
            case_events::actor_id,
            case_events::version,
            case_events::note_sealed,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(event, at, action, office, kind, actor, version, sealed)| {
            let context = FieldContext::new("case_events", "note_sealed", event.0);
            let note = sealed.map(|s| keys.open_json(&context, &s)).transpose()?.unwrap_or_default();
            let proxy = actor.filter(|_| kind == "proxy");
            Ok(Event { at: at.0, action, office, actor, proxy, version, note })
        })
        .collect()
}
