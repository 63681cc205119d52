//! SQL of whose hands a declaration is in.

use crate::db::schema::declarations;
use crate::db::{Conn, Id, Tx};
use crate::error::AppResult;
use crate::kept::served;
use crate::slice::InHands;
use diesel::prelude::*;

type Stored = (Id, String, String, i64, String, Option<Id>, Option<Id>);

fn read((id, number, state, version, division, person, by): Stored) -> InHands {
    InHands { id, number, state, version, division, person, by }
}

macro_rules! columns {
    () => {
        (
            declarations::id,
            declarations::number,
            declarations::state,
            declarations::version,
            declarations::division,
            declarations::person_id,
            declarations::assignee,
        )
    };
}

/// The declarations that an official has.
pub(super) fn of(conn: &mut Conn, official: Id) -> AppResult<Vec<InHands>> {
    let rows: Vec<Stored> = declarations::table
        .filter(served("declarations"))
        .filter(declarations::assignee.eq(official))
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// The declaration of a jurisdiction with a number.
pub(super) fn find(conn: &mut Conn, pattern: &str, number: &str) -> AppResult<InHands> {
    let (first, last) = crate::access::span(pattern);
    Ok(declarations::table
        .filter(served("declarations"))
        .filter(declarations::number.eq(number))
        .filter(declarations::division.between(first, last))
        .filter(declarations::submitted_at.is_not_null())
        // What is only stored is nobody's work.
        .filter(declarations::consent_withdrawn_at.is_null())
        .select(columns!())
        .first(conn)
        .map(read)?)
}

/// Puts a declaration into another hand; false where it has changed since it was read.
pub(super) fn put(tx: &mut Tx<'_>, case: &InHands, to: Option<Id>) -> AppResult<bool> {
    let seen = declarations::table.find(case.id).filter(declarations::version.eq(case.version));
    let set = declarations::assignee.eq(to);
    let changed = match case.by {
        None => diesel::update(seen.filter(declarations::assignee.is_null())).set(set).execute(tx.conn())?,
        Some(has) => {
            diesel::update(seen.filter(declarations::assignee.eq(has))).set(set).execute(tx.conn())?
        }
    };
    Ok(changed > 0)
}
