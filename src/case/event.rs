//! The timeline of a case: one table for all kinds.

use super::kind::Kind;
use super::step::At;
use crate::audit::Actor;
use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::run;
use crate::db::schema::{case_events as ev, offices, officials};
use crate::db::types::{DbTime, DbUuid};
use crate::db::{Conn, Id, Ts, Tx};
use crate::decision::Happened;
use crate::error::AppResult;
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One event, with what was written beside it.
#[derive(Debug, Clone)]
pub struct Event<N> {
    /// When.
    pub at: DateTime<Utc>,
    /// `resident`, `official`, `system`.
    pub actor_kind: String,
    /// Who: an official, or the account of a resident.
    pub by: Option<Id>,
    /// Name of the official, for colleagues.
    pub official: Option<String>,
    /// The office for which an official acted.
    pub office_id: Option<Id>,
    /// Its name in both languages; where there is no English one, the Chinese.
    pub office: Option<(String, String)>,
    /// Action of the workflow, or what else was done.
    pub action: String,
    /// State after it.
    pub to: String,
    /// Version after it.
    pub version: i64,
    /// What was written.
    pub note: N,
}

/// From where to where an event leads.
pub(super) struct Path<'a> {
    pub action: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    pub version: i64,
}

fn note_place(id: Id) -> FieldContext<'static> {
    FieldContext::new("case_events", "note_sealed", id.0)
}

pub(super) fn add<N: Serialize>(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    at: &At,
    by: &Actor,
    path: Path<'_>,
    note: Option<&N>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = Id::new();
    let sealed = note.map(|note| keys.seal_json(&note_place(id), note)).transpose()?;
    // The next number of the case is found by the statement that takes it: each submission writes one of these.
    run!(
        tx.conn(),
        "INSERT INTO case_events (id, case_kind, case_id, at, actor_kind, actor_id, office_id, action, from_state, \
         to_state, version, note_sealed, seq) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, COALESCE(MAX(e.seq), 0) + 1 \
         FROM case_events e WHERE e.case_id = ?",
        DbUuid => id, Text => at.kind.name, DbUuid => at.id, DbTime => Ts::from(now), Text => by.kind(),
        Nullable<DbUuid> => by.id(), Nullable<DbUuid> => by.office(), Text => path.action, Text => path.from,
        Text => path.to, BigInt => path.version, Nullable<Binary> => sealed, DbUuid => at.id,
    )?;
    Ok(())
}

/// Adds something that was done beside the workflow: the case stays where it is.
///
/// # Errors
/// Database errors.
pub fn add_event<N: Serialize>(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    at: &At,
    by: &Actor,
    action: &str,
    note: Option<&N>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let path = Path { action, from: &at.state, to: &at.state, version: at.version };
    add(tx, keys, at, by, path, note, now)
}

type Who = (String, Option<Id>, Option<Id>, Option<String>, Option<String>, Option<String>);
type Stored = (Id, Ts, Who, String, String, i64, Option<Vec<u8>>);

/// The timeline of a case, the oldest first.
///
/// # Errors
/// Database errors; a note that cannot be opened.
pub fn events<N: DeserializeOwned + Default>(
    conn: &mut Conn,
    keys: &Keyring,
    case: Id,
) -> AppResult<Vec<Event<N>>> {
    let rows: Vec<Stored> = ev::table
        .left_join(officials::table.on(officials::id.nullable().eq(ev::actor_id)))
        .left_join(offices::table.on(offices::id.nullable().eq(ev::office_id)))
        .filter(ev::case_id.eq(case))
        .order(ev::seq.asc())
        .select((
            ev::id,
            ev::at,
            (
                ev::actor_kind,
                ev::actor_id,
                ev::office_id,
                officials::name.nullable(),
                offices::name.nullable(),
                offices::name_en.nullable(),
            ),
            ev::action,
            ev::to_state,
            ev::version,
            ev::note_sealed,
        ))
        .load(conn)?;
    rows.into_iter().map(|row| opened(keys, row)).collect()
}

fn opened<N: DeserializeOwned + Default>(keys: &Keyring, row: Stored) -> AppResult<Event<N>> {
    let (id, at, (actor_kind, by, office_id, official, zh, en), action, to, version, sealed) = row;
    let note = sealed.map(|sealed| keys.open_json(&note_place(id), &sealed)).transpose()?;
    let office = zh.map(|zh| {
        let en = en.filter(|en| !en.is_empty()).unwrap_or_else(|| zh.clone());
        (zh, en)
    });
    let note = note.unwrap_or_default();
    Ok(Event { at: at.0, actor_kind, by, official, office_id, office, action, to, version, note })
}

/// What happened in a case since a version, the newest first, for whoever was about to decide it.
///
/// # Errors
/// Database errors.
pub fn happened(conn: &mut Conn, kind: &Kind, case: Id, seen: i64, lang: Lang) -> AppResult<Vec<Happened>> {
    type Row = (String, Ts, Option<Id>, Option<Id>);
    let rows: Vec<Row> = ev::table
        .filter(ev::case_id.eq(case))
        .filter(ev::version.gt(seen))
        .order(ev::seq.desc())
        .select((ev::action, ev::at, ev::actor_id, ev::office_id))
        .load(conn)?;
    let told = |(action, at, by, office): Row| Happened {
        at: Some(at.0),
        what: t(lang, &format!("{}{action}", kind.did), &[]),
        // A resident is named to nobody here.
        by: by.filter(|_| office.is_some()),
        office,
    };
    Ok(rows.into_iter().map(told).collect())
}
