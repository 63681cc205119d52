//! SQL of appeals.

use super::model::{OPEN, Row};
use crate::access::Role;
use crate::codes::Waiting;
use crate::db::schema::{assignments, code_appeals};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::kept::served;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Keeps an appeal.
pub(super) fn add(tx: &mut Tx<'_>, row: &Row) -> AppResult<()> {
    diesel::insert_into(code_appeals::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// The number of an appeal, while there is one.
pub(super) fn number_of(conn: &mut Conn, id: Id) -> AppResult<Option<String>> {
    Ok(code_appeals::table
        .filter(served("code_appeals"))
        .filter(code_appeals::id.eq(id))
        .select(code_appeals::number)
        .first(conn)
        .optional()?)
}

/// The appeals of a person against causes of a rule that wait.
pub(super) fn open_against(conn: &mut Conn, person: Id, rule: &str) -> AppResult<Vec<Row>> {
    Ok(code_appeals::table
        .filter(code_appeals::person_id.eq(person))
        .filter(code_appeals::rule.eq(rule))
        .filter(code_appeals::state.eq_any(OPEN))
        .select(Row::as_select())
        .load(conn)?)
}

/// The appeals of a person against causes of a rule in which a reviewer found that the cause holds, the last one first.
pub(super) fn upheld_against(conn: &mut Conn, person: Id, rule: &str) -> AppResult<Vec<Row>> {
    Ok(code_appeals::table
        .filter(served("code_appeals"))
        .filter(code_appeals::person_id.eq(person))
        .filter(code_appeals::rule.eq(rule))
        .filter(code_appeals::state.eq("upheld"))
        .order(code_appeals::decided_at.desc())
        .select(Row::as_select())
        .load(conn)?)
}

/// How many appeals a person has sent since a moment, whatever became of them.
pub(super) fn sent_since(conn: &mut Conn, person: Id, since: DateTime<Utc>) -> AppResult<i64> {
    Ok(code_appeals::table
        .filter(served("code_appeals"))
        .filter(code_appeals::person_id.eq(person))
        .filter(code_appeals::created_at.gt(Ts::from(since)))
        .count()
        .get_result(conn)?)
}

/// An appeal that waits for a second officer.
pub(super) fn confirming(conn: &mut Conn, id: Id) -> AppResult<Option<Row>> {
    Ok(code_appeals::table
        .filter(served("code_appeals"))
        .filter(code_appeals::id.eq(id))
        .filter(code_appeals::state.eq("confirming"))
        .select(Row::as_select())
        .first(conn)
        .optional()?)
}

/// The appeals that wait for a second officer, wherever they are.
///
/// # Errors
/// Database errors.
pub fn all_confirming(conn: &mut Conn) -> AppResult<Vec<Id>> {
    Ok(code_appeals::table
        .filter(served("code_appeals"))
        .filter(code_appeals::state.eq("confirming"))
        .order(code_appeals::id)
        .select(code_appeals::id)
        .load(conn)?)
}

/// Keeps everybody else waiting who decides this appeal, or something that it waits for, until the end of the transaction.
/// Whoever asks what else it waits for has held it before: of two who decide at the same moment, the second sees what the
/// first has decided.
///
/// # Errors
/// Database errors.
pub fn hold(tx: &mut Tx<'_>, id: Id) -> AppResult<()> {
    diesel::update(code_appeals::table.find(id))
        .set(code_appeals::version.eq(code_appeals::version))
        .execute(tx.conn())?;
    Ok(())
}

/// The same, as far as officers see it who end findings.
///
/// # Errors
/// Database errors.
pub fn waiting_for(conn: &mut Conn, id: Id) -> AppResult<Option<Waiting>> {
    let found = confirming(conn, id)?;
    Ok(found.map(|row| Waiting {
        number: row.number,
        due: row.due_at.map(|at| at.0),
        reviewer: row.decided_by,
    }))
}

/// The appeals of a person, newest first.
pub(super) fn of_person(conn: &mut Conn, person: Id) -> AppResult<Vec<Row>> {
    Ok(code_appeals::table
        .filter(served("code_appeals"))
        .filter(code_appeals::person_id.eq(person))
        .order(code_appeals::id.desc())
        .select(Row::as_select())
        .load(conn)?)
}

/// Number and limit of those that wait.
pub(super) fn open(conn: &mut Conn, person: Id) -> AppResult<Vec<(String, Option<Ts>)>> {
    Ok(code_appeals::table
        .filter(code_appeals::person_id.eq(person))
        .filter(code_appeals::state.eq_any(OPEN))
        .order(code_appeals::id)
        .select((code_appeals::number, code_appeals::due_at))
        .load(conn)?)
}

/// One appeal of a person.
pub(super) fn own(conn: &mut Conn, person: Id, number: &str) -> AppResult<Row> {
    Ok(code_appeals::table
        .filter(served("code_appeals"))
        .filter(code_appeals::number.eq(number))
        .filter(code_appeals::person_id.eq(person))
        .select(Row::as_select())
        .first(conn)?)
}

/// One appeal of a jurisdiction.
pub(super) fn here(conn: &mut Conn, pattern: &str, number: &str) -> AppResult<Row> {
    Ok(code_appeals::table
        .filter(served("code_appeals"))
        .filter(code_appeals::number.eq(number))
        .filter(code_appeals::division.like(pattern.to_owned()))
        .select(Row::as_select())
        .first(conn)?)
}

/// Writes a transition of the version that was read; false when another came between.
pub(super) fn put(tx: &mut Tx<'_>, row: &Row, seen: i64) -> AppResult<bool> {
    let changed = diesel::update(code_appeals::table.find(row.id).filter(code_appeals::version.eq(seen)))
        .set((
            code_appeals::state.eq(&row.state),
            code_appeals::version.eq(row.version),
            code_appeals::clock.eq(&row.clock),
            code_appeals::due_at.eq(row.due_at),
            code_appeals::decided_at.eq(row.decided_at),
            code_appeals::decided_by.eq(row.decided_by),
            code_appeals::office_id.eq(row.office_id),
            code_appeals::decision_sealed.eq(&row.decision_sealed),
            // What moves on waits for whoever is next.
            code_appeals::assignee.eq(None::<Id>),
        ))
        .execute(tx.conn())?;
    Ok(changed == 1)
}

/// Moves the version on: something was added that whoever has opened the case has not seen.
pub(super) fn touch(tx: &mut Tx<'_>, id: Id) -> AppResult<()> {
    diesel::update(code_appeals::table.find(id))
        .set(code_appeals::version.eq(code_appeals::version + 1))
        .execute(tx.conn())?;
    Ok(())
}

/// Whether somebody is a colour officer now, in whatever office.
pub(super) fn is_colour_officer(conn: &mut Conn, official: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let now = Ts::from(now);
    let count: i64 = assignments::table
        .filter(assignments::official_id.eq(official))
        .filter(assignments::role.eq(Role::ColourOfficer.code()))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

/// Gives the appeals of a person to the account that stands for them from now on.
///
/// # Errors
/// Database errors.
pub fn hand_over(tx: &mut Tx<'_>, person: Id, account: Id) -> AppResult<()> {
    diesel::update(code_appeals::table.filter(code_appeals::person_id.eq(person)))
        .set(code_appeals::account_id.eq(account))
        .execute(tx.conn())?;
    Ok(())
}
