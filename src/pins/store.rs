//! SQL of PINs.

use crate::db::schema::person_pins;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult, is_unique_violation};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A row of `person_pins`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = person_pins)]
pub(super) struct Row {
    pub person_id: Id,
    /// What this giving is called in the record.
    pub given: Id,
    pub pin_hash: Vec<u8>,
    /// Wrong tries since it was given or last right.
    pub wrong: i32,
    pub set_at: Ts,
    pub set_by: Id,
    pub until_at: Ts,
}

/// Keeps a PIN. Two counters at once are one after the other.
pub(super) fn add(tx: &mut Tx<'_>, row: &Row) -> AppResult<()> {
    let raced = |e| if is_unique_violation(&e) { AppError::conflict("in-progress") } else { e.into() };
    diesel::insert_into(person_pins::table).values(row).execute(tx.conn()).map_err(raced)?;
    Ok(())
}

/// Whether there was one.
pub(super) fn remove(tx: &mut Tx<'_>, person: Id) -> AppResult<bool> {
    Ok(diesel::delete(person_pins::table.find(person)).execute(tx.conn())? > 0)
}

/// A person's PIN, whatever it is worth.
pub(super) fn of(conn: &mut Conn, person: Id) -> AppResult<Option<Row>> {
    Ok(person_pins::table.find(person).select(Row::as_select()).first(conn).optional()?)
}

/// Counts a try and gives the PIN that is tried. Counting first takes the row's lock: of two tries at once both count.
pub(super) fn count(tx: &mut Tx<'_>, person: Id, now: DateTime<Utc>) -> AppResult<Option<Row>> {
    let holds = person_pins::table.find(person).filter(person_pins::until_at.gt(Ts::from(now)));
    let counted =
        diesel::update(holds).set(person_pins::wrong.eq(person_pins::wrong + 1)).execute(tx.conn())?;
    if counted == 0 { Ok(None) } else { of(tx.conn(), person) }
}

/// It was right: the tries before count no longer.
pub(super) fn begin_anew(tx: &mut Tx<'_>, person: Id) -> AppResult<()> {
    diesel::update(person_pins::table.find(person)).set(person_pins::wrong.eq(0)).execute(tx.conn())?;
    Ok(())
}

/// A telephone stands for the person from now on, which proves more than a PIN.
pub(super) fn hand_over(tx: &mut Tx<'_>, person: Id, _: Id) -> AppResult<()> {
    remove(tx, person).map(drop)
}
