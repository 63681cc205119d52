//! What an official does with a task: take it, give it back or to a colleague, write down what came of it.

use super::model::Row;
use super::store;
use crate::audit::{self, Entry};
use crate::case;
use crate::clock::china_day;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Happened, Reading, Standing};
use crate::deps::Deps;
use crate::error::{AppError, AppResult, FieldError};
use crate::slice::TaskDone;
use crate::web::form::Form;
use crate::web::i18n::Lang;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Take,
    Give,
    /// To a colleague.
    Hand(Id),
    Result {
        code: String,
        note: String,
    },
}

/// Reads it of a form; which results there are is the kind's.
pub(super) fn read(form: &Form, results: &'static [&'static str]) -> Result<(Step, i64), Vec<FieldError>> {
    let mut reading = Reading::of(form);
    let version = reading.version();
    let step = match form.get("do") {
        "take" => Step::Take,
        "give" => Step::Give,
        "hand" => match form.get("colleague").parse() {
            Ok(to) => Step::Hand(to),
            Err(_) => return Err(vec![FieldError::new("colleague", "choose-one")]),
        },
        _ => {
            let code = reading.chosen("result", results).to_owned();
            Step::Result { code, note: reading.text("note") }
        }
    };
    reading.done((step, version))
}

/// Does it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] `changed-meanwhile`, and `task-taken` for what somebody else has taken;
/// [`AppError::Invalid`] at `colleague` for somebody who is no colleague or is away, at `result` for none of the kind's;
/// those of the slice; database errors.
pub(super) fn act(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    number: &str,
    (step, version): (&Step, i64),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let (row, _) = store::here(tx.conn(), by, number)?;
    if row.state != "open" || row.version != version {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    // A colleague of the jurisdiction may give it back: whoever has it may be ill without having said so, and a call waits.
    if row.assignee.is_some_and(|other| other != by.official_id) && *step != Step::Give {
        return Err(AppError::conflict("task-taken"));
    }
    match step {
        Step::Take => {
            store::assign(tx, &row, version, Some(by.official_id))?;
            note(tx, by, &row, ("task.take", ""), now)
        }
        Step::Give => {
            store::assign(tx, &row, version, None)?;
            note(tx, by, &row, ("task.give", ""), now)
        }
        Step::Hand(to) => {
            may_have(tx.conn(), by, *to, now)?;
            store::assign(tx, &row, version, Some(*to))?;
            let entry = Entry::new(by, "task.hand", "task").object(row.id).subject(row.person_id);
            audit::append(tx, now, entry.detail(json!({"kind": row.kind, "to": to}))).map(drop)
        }
        Step::Result { code, note } => finish(tx, deps, by, &row, (code, note), now),
    }
}

/// Writes down what came of a task of the version that was seen, and does what follows from it.
fn finish(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    row: &Row,
    (code, text): (&str, &str),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let kind = row.kind(deps)?.ok_or(AppError::NotFound)?;
    let day = row.day.parse::<NaiveDate>().map_err(AppError::internal)?;
    // Nobody is called twice on one day: the next try is tomorrow's.
    if day > china_day(now) {
        return Err(AppError::conflict("task-too-early"));
    }
    if !kind.results.contains(&code) {
        return Err(AppError::field("result", "choose-one"));
    }
    store::finish(tx, &deps.keys, row, row.version, (code, text), (by.official_id, now))?;
    note(tx, by, row, ("task.done", code), now)?;
    let done = TaskDone {
        subject: row.subject,
        person: row.person_id,
        division: row.division.clone(),
        day,
        result: code.to_owned(),
        by: by.official_id,
        office: by.office_id,
        now,
    };
    (kind.done)(tx, deps, &done)
}

/// The colleagues of an official to whom a task can be given: the same right in the same office, in force now, so that
/// nobody gets one that they could not see before.
///
/// # Errors
/// Database errors.
pub(super) fn colleagues(
    conn: &mut Conn,
    who: &OfficialPrincipal,
    now: DateTime<Utc>,
) -> AppResult<Vec<(Id, String)>> {
    let all = case::colleagues(conn, who, now)?;
    Ok(all.into_iter().filter(|(id, _)| *id != who.official_id).collect())
}

/// Whether a task can be given to somebody.
fn may_have(conn: &mut Conn, by: &OfficialPrincipal, to: Id, now: DateTime<Utc>) -> AppResult<()> {
    if !colleagues(conn, by, now)?.iter().any(|(id, _)| *id == to) {
        return Err(AppError::field("colleague", "choose-one"));
    }
    // Nobody stands in for a task: it would lie with whoever is away.
    if case::substitutes(conn, &[to], now)?.is_empty() {
        return Ok(());
    }
    Err(AppError::field("colleague", "task-colleague-away"))
}

fn note(
    tx: &mut Tx<'_>,
    by: &OfficialPrincipal,
    row: &Row,
    (action, result): (&'static str, &str),
    now: DateTime<Utc>,
) -> AppResult<()> {
    // The word of each action stands where it is written, for the test that asks for it.
    let entry = match action {
        "task.take" => Entry::new(by, "task.take", "task"),
        "task.give" => Entry::new(by, "task.give", "task"),
        _ => Entry::new(by, "task.done", "task"),
    };
    let detail = json!({"kind": row.kind, "result": result});
    audit::append(tx, now, entry.object(row.id).subject(row.person_id).detail(detail)).map(drop)
}

/// How a task stands, for whoever saw an older version.
pub(super) fn standing(
    conn: &mut Conn,
    who: &OfficialPrincipal,
    (number, seen): (&str, i64),
    lang: Lang,
) -> AppResult<Standing> {
    let (row, _) = store::here(conn, who, number)?;
    let actions = ["task.take", "task.give", "task.hand", "task.done", "task.close"];
    let happened = Happened::recorded(conn, row.id, &actions, row.version - seen, lang)?;
    Ok(Standing {
        page: format!("/desk/tasks/{number}"),
        back: "decision-back",
        word: row.standing(who, lang).1,
        version: Some(row.version),
        state: row.state,
        happened,
    })
}
