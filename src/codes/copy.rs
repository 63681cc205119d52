//! The part of the copy of a resident's data that is about the code.

use super::ending::Ending;
use super::ends::reason_context;
use super::model::{EndRow, RecordRow};
use super::{gather, records, store, store_ends, store_lists, store_prints};
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::second::{EXPIRED, TwoPersons, reason};
use crate::web::i18n::{Lang, t};
use serde_json::{Value, json};

/// The present code with the record that explains it; every finding, also one that waits for a second official, was refused
/// or has ended, with the reasons that were given; causes that were set aside; every change of colour; every paper.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub fn data(conn: &mut Conn, deps: &Deps, _: Id, person: Option<Id>) -> AppResult<Value> {
    let keys = &*deps.keys;
    let Some(person) = person else { return Ok(Value::Null) };
    let code = store::state(conn, person)?.map(|row| row.open(keys)).transpose()?;
    let ends = store_ends::all_of_person(conn, person)?;
    let of = |row: &RecordRow| -> Vec<&EndRow> { ends.iter().filter(|e| e.record_id == row.id).collect() };
    let findings: AppResult<Vec<Value>> =
        store_lists::all_records(conn, person)?.iter().map(|row| finding(keys, row, &of(row))).collect();
    let changes = store::changes(conn, person, i64::MAX)?;
    let changes: Vec<Value> =
        changes.iter().map(|(at, from, to)| json!({"at": at, "from": from, "to": to})).collect();
    let papers = store_prints::of_person(conn, person, i64::MAX)?;
    let papers: Vec<Value> = papers
        .iter()
        .map(|p| {
            json!({"colour": p.colour, "issued_at": p.issued_at, "expires_at": p.expires_at, "revoked_at": p.revoked_at})
        })
        .collect();
    Ok(json!({
        "since": code.as_ref().map(|c| c.since),
        "evaluation": code.map(|c| c.evaluation),
        "findings": findings?,
        "set_aside": store_ends::waivers_served(conn, keys, person)?,
        "changes": changes,
        "papers": papers,
    }))
}

fn finding(keys: &Keyring, row: &RecordRow, ends: &[&EndRow]) -> AppResult<Value> {
    let ends: AppResult<Vec<Value>> = ends.iter().map(|end| ending(keys, end)).collect();
    Ok(json!({
        "kind": row.kind, "result": row.result, "at": row.at, "until": row.until, "source": row.source,
        "state": state(row), "means": means(state(row)), "detail": gather::detail(row, keys)?, "entered_at": row.created_at,
        "confirmed_at": row.confirmed_at, "refused_at": row.refused_at,
        "refused_because": reason(keys, &RecordRow::refusal(row.id), row.refusal_sealed.as_ref())?,
        "ended_at": row.ended_at, "ends_entered": ends?,
    }))
}

/// Whether it counts: what can worsen a code counts once a second official has confirmed it.
fn state(row: &RecordRow) -> &'static str {
    if row.refused_by.is_some() {
        "refused"
    } else if row.ended_at.is_some() {
        "ended"
    } else if row.expired_at.is_some() {
        EXPIRED
    } else if records::worsens(&row.kind, row.result.as_deref()) && row.confirmed_by.is_none() {
        "waiting"
    } else {
        "counts"
    }
}

/// What a reader has to know of a finding that does not count; nothing of what does or did.
fn means(state: &str) -> Value {
    match state {
        "waiting" => in_both("copy-finding-waits"),
        "refused" => in_both("copy-finding-refused"),
        EXPIRED => in_both("copy-finding-expired"),
        _ => Value::Null,
    }
}

/// The copy has no language of its own.
fn in_both(key: &str) -> Value {
    json!({"zh-CN": t(Lang::ZhCn, key, &[]), "en": t(Lang::En, key, &[])})
}

/// An end before its day, which takes a second official, too.
fn ending(keys: &Keyring, end: &EndRow) -> AppResult<Value> {
    let means = match end.state.as_str() {
        "open" => in_both("copy-end-waits"),
        EXPIRED => in_both("copy-end-expired"),
        _ => Value::Null,
    };
    Ok(json!({
        "state": end.state, "means": means, "entered_at": end.created_at, "decided_at": end.decided_at,
        "because": keys.open_str(&reason_context(end.id), &end.reason_sealed)?.as_str(),
        "refused_because": reason(keys, &Ending::refusal(end.id), end.refusal_sealed.as_ref())?,
    }))
}
