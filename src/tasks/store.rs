//! SQL of tasks.

use super::model::{Found, Past, Row, note_context};
use crate::crypto::Keyring;
use crate::db::hot::insert_row;
use crate::db::schema::{persons, tasks};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::kept::served;
use crate::slice::TaskKind;
use crate::web::principal::OfficialPrincipal;
use crate::worklist::{Among, Holder, Lane, Search, Within, looked_for, ordered};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

/// Where a task stands in the list.
pub(super) type Key = (Ts, Id);

/// Whether a subject has a task of a kind for a day.
pub(super) fn is_there(conn: &mut Conn, kind: &str, subject: Id, day: NaiveDate) -> AppResult<bool> {
    let same = tasks::table
        .filter(tasks::subject.eq(subject))
        .filter(tasks::kind.eq(kind))
        .filter(tasks::day.eq(day.to_string()));
    Ok(same.select(tasks::id).first::<Id>(conn).optional()?.is_some())
}

/// Writes one down; false where somebody else has at this moment.
#[allow(clippy::too_many_arguments)] // each is a column of the row
pub(super) fn add(
    tx: &mut Tx<'_>,
    kind: &TaskKind,
    number: &str,
    (subject, person): (Id, Option<Id>),
    division: &str,
    (day, due): (NaiveDate, DateTime<Utc>),
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let added = insert_row!(tx.conn(), tasks, {
        id: Id::new(), number: number, kind: kind.name, role: kind.role.code(), subject: subject, person_id: person,
        day: day.to_string(), division: division, due_at: Ts::from(due), state: "open", version: 1_i64,
        created_at: Ts::from(now),
    }, "ON CONFLICT DO NOTHING")?;
    Ok(added > 0)
}

/// What a subject has had of a kind since a moment.
pub(super) fn past(conn: &mut Conn, kind: &str, subject: Id, since: DateTime<Utc>) -> AppResult<Vec<Past>> {
    Ok(tasks::table
        .filter(tasks::subject.eq(subject))
        .filter(tasks::kind.eq(kind))
        .filter(tasks::created_at.ge(Ts::from(since)))
        .order(tasks::day)
        .select(Past::as_select())
        .load(conn)?)
}

/// The tasks of a jurisdiction in a state, by their limits: an index each for counties, prefectures and the province has
/// them in this order.
pub(super) fn in_state(
    (pattern, role): (&str, &'static str),
    (state, kind): (&'static str, Option<&str>),
    before: Option<DateTime<Utc>>,
    newest_first: bool,
    after: Option<&Key>,
    limit: i64,
) -> Lane {
    let mut query = tasks::table
        .filter(served("tasks"))
        .filter(tasks::state.eq(state))
        .filter(tasks::role.eq(role))
        .filter(Within::of("tasks.division", pattern))
        .select(tasks::id)
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(tasks::due_at.le(Ts::from(before)));
    }
    if let Some(kind) = kind {
        query = query.filter(tasks::kind.eq(kind.to_owned()));
    }
    Lane::of(ordered!(query, (tasks::due_at, tasks::id), newest_first, after))
}

/// What an official has taken.
pub(super) fn taken(
    (pattern, who): (&str, &OfficialPrincipal),
    kind: Option<&str>,
    after: Option<&Key>,
    limit: i64,
) -> Lane {
    let mut query = tasks::table
        .filter(served("tasks"))
        .filter(tasks::state.eq("open"))
        .filter(tasks::assignee.eq(who.official_id))
        .filter(tasks::role.eq(who.role.code()))
        .filter(Within::of("tasks.division", pattern))
        .select(tasks::id)
        .limit(limit)
        .into_boxed();
    if let Some(kind) = kind {
        query = query.filter(tasks::kind.eq(kind.to_owned()));
    }
    Lane::of(ordered!(query, (tasks::due_at, tasks::id), false, after))
}

/// The task of a jurisdiction with a number, and those about persons with a name, document or telephone.
pub(super) fn found((pattern, role): (&str, &'static str), search: &Search, limit: i64) -> Vec<Lane> {
    let here = || {
        tasks::table
            .filter(served("tasks"))
            .filter(tasks::role.eq(role))
            .filter(Within::of("tasks.division", pattern))
            .select(tasks::id)
            .order((tasks::due_at.desc(), tasks::id.desc()))
            .limit(limit)
    };
    let numbered = here().filter(tasks::number.eq(search.number.clone()));
    let meant = persons::table.filter(looked_for!(search)).select(persons::id.nullable());
    let theirs = here().filter(tasks::person_id.eq_any(meant)).filter(
        // One that is found by its number is found once.
        tasks::number.ne(search.number.clone()),
    );
    vec![Lane::of(numbered.into_boxed()), Lane::of(theirs.into_boxed())]
}

/// The rows among those, with whose they are.
pub(super) fn rows(conn: &mut Conn, among: Among) -> AppResult<Vec<Found>> {
    Ok(tasks::table
        .left_join(persons::table.on(persons::id.nullable().eq(tasks::person_id)))
        .filter(served("tasks"))
        .filter(among)
        .select((Row::as_select(), Option::<Holder>::as_select()))
        .load(conn)?)
}

/// A task that an official may see, with whose it is.
pub(super) fn here(conn: &mut Conn, who: &OfficialPrincipal, number: &str) -> AppResult<Found> {
    Ok(tasks::table
        .left_join(persons::table.on(persons::id.nullable().eq(tasks::person_id)))
        .filter(served("tasks"))
        .filter(tasks::number.eq(number))
        .filter(tasks::role.eq(who.role.code()))
        .filter(tasks::division.like(who.pattern()))
        .select((Row::as_select(), Option::<Holder>::as_select()))
        .first(conn)?)
}

/// What waits in a jurisdiction, the earliest limit first, for paper.
pub(super) fn waiting(
    conn: &mut Conn,
    (pattern, who): (&str, &OfficialPrincipal),
    mine: bool,
    limit: i64,
) -> AppResult<Vec<Found>> {
    let mut query = tasks::table
        .left_join(persons::table.on(persons::id.nullable().eq(tasks::person_id)))
        .filter(served("tasks"))
        .filter(tasks::state.eq("open"))
        .filter(tasks::role.eq(who.role.code()))
        .filter(Within::of("tasks.division", pattern))
        .select((Row::as_select(), Option::<Holder>::as_select()))
        .into_boxed();
    if mine {
        query = query.filter(tasks::assignee.eq(who.official_id));
    }
    Ok(query.order((tasks::due_at, tasks::id)).limit(limit).load(conn)?)
}

/// What is about a person.
pub(super) fn of_person(conn: &mut Conn, person: Id) -> AppResult<Vec<Row>> {
    let theirs = tasks::table.filter(served("tasks")).filter(tasks::person_id.eq(person));
    Ok(theirs.order(tasks::id).select(Row::as_select()).load(conn)?)
}

/// The next tasks that wait, for a job.
pub(super) fn open_after(conn: &mut Conn, after: Option<Id>, limit: i64) -> AppResult<Vec<Row>> {
    let mut query = tasks::table.filter(served("tasks")).filter(tasks::state.eq("open")).into_boxed();
    if let Some(after) = after {
        query = query.filter(tasks::id.gt(after));
    }
    Ok(query.order(tasks::id).limit(limit).select(Row::as_select()).load(conn)?)
}

/// Lets somebody have it, or nobody.
pub(super) fn assign(tx: &mut Tx<'_>, row: &Row, version: i64, to: Option<Id>) -> AppResult<()> {
    let seen = tasks::table.find(row.id).filter(tasks::version.eq(version)).filter(tasks::state.eq("open"));
    let set = (tasks::assignee.eq(to), tasks::version.eq(version + 1));
    changed(diesel::update(seen).set(set).execute(tx.conn())?)
}

/// What came of it.
pub(super) fn finish(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    version: i64,
    (result, note): (&str, &str),
    (by, now): (Id, DateTime<Utc>),
) -> AppResult<()> {
    let note = (!note.is_empty()).then(|| keys.seal_str(&note_context(row.id), note)).transpose()?;
    let seen = tasks::table.find(row.id).filter(tasks::version.eq(version)).filter(tasks::state.eq("open"));
    let set = (
        tasks::state.eq("done"),
        tasks::version.eq(version + 1),
        tasks::result.eq(Some(result)),
        tasks::note_sealed.eq(note),
        tasks::done_by.eq(Some(by)),
        tasks::done_at.eq(Some(Ts::from(now))),
    );
    changed(diesel::update(seen).set(set).execute(tx.conn())?)
}

/// Its reason has gone; false when it is over already.
pub(super) fn close(tx: &mut Tx<'_>, id: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let open = tasks::table.find(id).filter(tasks::state.eq("open"));
    let set = (
        tasks::state.eq("void"),
        tasks::version.eq(tasks::version + 1),
        tasks::done_at.eq(Some(Ts::from(now))),
    );
    Ok(diesel::update(open).set(set).execute(tx.conn())? > 0)
}

fn changed(rows: usize) -> AppResult<()> {
    if rows == 0 { Err(AppError::conflict("changed-meanwhile")) } else { Ok(()) }
}
