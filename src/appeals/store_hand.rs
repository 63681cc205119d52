//! SQL of whose hands an appeal is in.

use crate::db::schema::code_appeals;
use crate::db::{Conn, Id, Tx};
use crate::error::AppResult;
use crate::kept::served;
use crate::slice::InHands;
use diesel::prelude::*;

type Stored = (Id, String, String, i64, String, Id, Option<Id>);

fn read((id, number, state, version, division, person, by): Stored) -> InHands {
    InHands { id, number, state, version, division, person: Some(person), by }
}

macro_rules! columns {
    () => {
        (
            code_appeals::id,
            code_appeals::number,
            code_appeals::state,
            code_appeals::version,
            code_appeals::division,
            code_appeals::person_id,
            code_appeals::assignee,
        )
    };
}

/// The appeals that an official has.
pub(super) fn of(conn: &mut Conn, official: Id) -> AppResult<Vec<InHands>> {
    let rows: Vec<Stored> = code_appeals::table
        .filter(served("code_appeals"))
        .filter(code_appeals::assignee.eq(official))
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// The appeal of a jurisdiction with a number.
pub(super) fn find(conn: &mut Conn, pattern: &str, number: &str) -> AppResult<InHands> {
    Ok(code_appeals::table
        .filter(served("code_appeals"))
        .filter(code_appeals::number.eq(number))
        .filter(code_appeals::division.like(pattern.to_owned()))
        .select(columns!())
        .first(conn)
        .map(read)?)
}

/// Puts an appeal into another hand; false where it has changed since it was read.
pub(super) fn put(tx: &mut Tx<'_>, case: &InHands, to: Option<Id>) -> AppResult<bool> {
    let seen = code_appeals::table.find(case.id).filter(code_appeals::version.eq(case.version));
    let set = code_appeals::assignee.eq(to);
    let changed = match case.by {
        None => diesel::update(seen.filter(code_appeals::assignee.is_null())).set(set).execute(tx.conn())?,
        Some(has) => {
            diesel::update(seen.filter(code_appeals::assignee.eq(has))).set(set).execute(tx.conn())?
        }
    };
    Ok(changed > 0)
}
