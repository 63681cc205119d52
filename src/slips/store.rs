//! SQL of receipts on paper.

use super::model::Row;
use crate::db::schema::slips;
use crate::db::{Conn, Id, Tx};
use crate::error::AppResult;
use crate::kept::served;
use diesel::prelude::*;

/// Keeps a receipt.
pub(super) fn add(tx: &mut Tx<'_>, row: &Row) -> AppResult<()> {
    diesel::insert_into(slips::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// One by its number, in a jurisdiction.
pub(super) fn here(conn: &mut Conn, pattern: &str, number: &str) -> AppResult<Row> {
    let (first, last) = crate::access::span(pattern);
    Ok(slips::table
        .filter(served("slips"))
        .filter(slips::number.eq(number))
        .filter(slips::division.between(first, last))
        .select(Row::as_select())
        .first(conn)?)
}

/// The newest receipt of a thing, in a jurisdiction.
pub(super) fn about(conn: &mut Conn, pattern: &str, thing: Id) -> AppResult<Option<Row>> {
    let (first, last) = crate::access::span(pattern);
    Ok(slips::table
        .filter(served("slips"))
        .filter(slips::about_id.eq(thing))
        .filter(slips::division.between(first, last))
        .order((slips::created_at.desc(), slips::id.desc()))
        .select(Row::as_select())
        .first(conn)
        .optional()?)
}

/// All of a person, the newest first.
pub(super) fn of_person(conn: &mut Conn, person: Id) -> AppResult<Vec<Row>> {
    Ok(slips::table
        .filter(served("slips"))
        .filter(slips::person_id.eq(person))
        .order((slips::created_at.desc(), slips::id.desc()))
        .select(Row::as_select())
        .load(conn)?)
}
