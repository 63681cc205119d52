//! SQL of codes on paper.

use super::model::PrintRow;
use crate::access::pattern;
use crate::db::schema::code_prints;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::kept::served;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Writes down that a code was put on paper.
pub fn add(tx: &mut Tx<'_>, row: &PrintRow) -> AppResult<()> {
    diesel::insert_into(code_prints::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// The papers of a person, so many at most, newest first.
pub fn of_person(conn: &mut Conn, person: Id, most: i64) -> AppResult<Vec<PrintRow>> {
    Ok(code_prints::table
        .filter(served("code_prints"))
        .filter(code_prints::person_id.eq(person))
        .order(code_prints::issued_at.desc())
        .limit(most)
        .select(PrintRow::as_select())
        .load(conn)?)
}

/// One paper of a person.
pub fn own(conn: &mut Conn, id: Id, person: Id) -> AppResult<PrintRow> {
    Ok(code_prints::table
        .filter(served("code_prints"))
        .filter(code_prints::id.eq(id))
        .filter(code_prints::person_id.eq(person))
        .select(PrintRow::as_select())
        .first(conn)?)
}

/// One paper of somebody in an official's jurisdiction.
pub fn here(conn: &mut Conn, id: Id, by: &OfficialPrincipal) -> AppResult<PrintRow> {
    let row: PrintRow = code_prints::table
        .filter(served("code_prints"))
        .filter(code_prints::id.eq(id))
        .select(PrintRow::as_select())
        .first(conn)?;
    super::store::person_here(conn, row.person_id, &pattern(&by.division))?;
    Ok(row)
}

/// The papers of a person that say another colour than this and have not ended.
pub fn saying_otherwise(
    conn: &mut Conn,
    person: Id,
    colour: &str,
    now: DateTime<Utc>,
) -> AppResult<Vec<PrintRow>> {
    Ok(code_prints::table
        .filter(code_prints::person_id.eq(person))
        .filter(code_prints::colour.ne(colour))
        .filter(code_prints::revoked_at.is_null())
        .filter(code_prints::expires_at.gt(Ts::from(now)))
        .order(code_prints::id.asc())
        .select(PrintRow::as_select())
        .load(conn)?)
}

/// Ends a paper.
pub fn end(tx: &mut Tx<'_>, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    diesel::update(code_prints::table.find(id))
        .set(code_prints::revoked_at.eq(Some(Ts::from(now))))
        .execute(tx.conn())?;
    Ok(())
}
