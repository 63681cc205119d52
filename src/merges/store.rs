//! SQL of merges themselves, and of what speaks against one.

use super::model::Merge;
use crate::access::span;
use crate::db::schema::{accounts, code_appeals, code_states, person_merges, persons};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::kept::served;
use crate::second::{EXPIRED, Verdict};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Keeps a proposal.
pub(super) fn add(tx: &mut Tx<'_>, row: &Merge) -> AppResult<()> {
    diesel::insert_into(person_merges::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// One that waits, in a jurisdiction.
pub(super) fn open(conn: &mut Conn, id: Id, within: &str) -> AppResult<Option<Merge>> {
    Ok(one(conn, id, within)?.filter(|row| row.state == "open"))
}

/// One, in a jurisdiction.
pub(super) fn one(conn: &mut Conn, id: Id, within: &str) -> AppResult<Option<Merge>> {
    let (first, last) = span(within);
    Ok(person_merges::table
        .filter(served("person_merges"))
        .filter(person_merges::id.eq(id))
        .filter(person_merges::division.between(first, last))
        .select(Merge::as_select())
        .first(conn)
        .optional()?)
}

/// One by its number, in a jurisdiction.
pub(super) fn by_number(conn: &mut Conn, number: &str, within: &str) -> AppResult<Option<Merge>> {
    let (first, last) = span(within);
    Ok(person_merges::table
        .filter(served("person_merges"))
        .filter(person_merges::number.eq(number))
        .filter(person_merges::division.between(first, last))
        .select(Merge::as_select())
        .first(conn)
        .optional()?)
}

/// The one that was proposed last and waits, wherever it is.
///
/// # Errors
/// [`AppError::NotFound`] when none waits; database errors.
pub fn waiting(conn: &mut Conn) -> AppResult<Id> {
    Ok(person_merges::table
        .filter(served("person_merges"))
        .filter(person_merges::state.eq("open"))
        .order(person_merges::id.desc())
        .select(person_merges::id)
        .first(conn)?)
}

/// The newest that an official has proposed.
pub(super) fn entered(conn: &mut Conn, by: Id, most: i64) -> AppResult<Vec<Merge>> {
    Ok(person_merges::table
        .filter(served("person_merges"))
        .filter(person_merges::entered_by.eq(by))
        .order((person_merges::created_at.desc(), person_merges::id.desc()))
        .limit(most)
        .select(Merge::as_select())
        .load(conn)?)
}

/// Whether something about either of two records waits for a second official.
pub(super) fn waits(conn: &mut Conn, ids: [Id; 2]) -> AppResult<bool> {
    let found: i64 = person_merges::table
        .filter(person_merges::state.eq("open"))
        .filter(person_merges::lead_id.eq_any(ids).or(person_merges::other_id.eq_any(ids)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Keeps others waiting who change either record, its account or its code: asked before the record of acts is written. The lower
/// identifier comes first, so that two cannot wait for each other.
pub(super) fn hold(tx: &mut Tx<'_>, mut ids: [Id; 2]) -> AppResult<()> {
    ids.sort();
    for id in ids {
        diesel::update(persons::table.find(id))
            .set(persons::version.eq(persons::version))
            .execute(tx.conn())?;
    }
    for id in ids {
        diesel::update(accounts::table.filter(accounts::person_id.eq(id)))
            .set(accounts::lang.eq(accounts::lang))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// To which record another one points.
pub(super) fn points_to(conn: &mut Conn, id: Id) -> AppResult<Option<Id>> {
    Ok(persons::table.find(id).select(persons::merged_into).first(conn)?)
}

/// Whether each of two records has an appeal against the same cause that waits: one person has one.
pub(super) fn both_appeal(conn: &mut Conn, lead: Id, other: Id) -> AppResult<bool> {
    let mut waiting = |id: Id| -> AppResult<Vec<String>> {
        Ok(code_appeals::table
            .filter(code_appeals::person_id.eq(id))
            .filter(code_appeals::state.eq_any(["submitted", "confirming", "disputed"]))
            .select(code_appeals::rule)
            .load(conn)?)
    };
    let (of_lead, of_other) = (waiting(lead)?, waiting(other)?);
    Ok(of_other.iter().any(|rule| of_lead.contains(rule)))
}

/// Sets or removes the pointer; whoever kept something of either in memory looks again.
pub(super) fn point(tx: &mut Tx<'_>, merge: &Merge, to: Option<Id>, now: DateTime<Utc>) -> AppResult<()> {
    for id in [merge.lead_id, merge.other_id] {
        tx.changed(id);
    }
    diesel::update(persons::table.find(merge.other_id))
        .set((
            persons::merged_into.eq(to),
            persons::version.eq(persons::version + 1),
            persons::updated_at.eq(Ts::from(now)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// A record that points to another has no colour of its own.
pub(super) fn drop_code(tx: &mut Tx<'_>, person: Id) -> AppResult<()> {
    diesel::delete(code_states::table.find(person)).execute(tx.conn())?;
    Ok(())
}

/// Writes a decision down; false when somebody else has decided meanwhile.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    id: Id,
    by: Id,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let set = (
        person_merges::state.eq(verdict.state()),
        person_merges::decided_by.eq(Some(by)),
        person_merges::decided_at.eq(Some(Ts::from(now))),
        person_merges::refusal_sealed.eq(verdict.sealed()),
    );
    let changed = diesel::update(person_merges::table.find(id).filter(person_merges::state.eq("open")))
        .set(set)
        .execute(tx.conn())?;
    Ok(changed == 1)
}

/// Writes down that nobody decided it in time; false when somebody has.
pub(super) fn expire(tx: &mut Tx<'_>, id: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let set = (person_merges::state.eq(EXPIRED), person_merges::decided_at.eq(Some(Ts::from(now))));
    let changed = diesel::update(person_merges::table.find(id).filter(person_merges::state.eq("open")))
        .set(set)
        .execute(tx.conn())?;
    Ok(changed == 1)
}

/// Notes that a merge was undone; it is undone once.
///
/// # Errors
/// [`AppError::Conflict`] `merge-over`.
pub(super) fn undone(tx: &mut Tx<'_>, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    let changed = diesel::update(person_merges::table.find(id).filter(person_merges::undone_at.is_null()))
        .set(person_merges::undone_at.eq(Some(Ts::from(now))))
        .execute(tx.conn())?;
    if changed == 1 { Ok(()) } else { Err(AppError::conflict("merge-over")) }
}
