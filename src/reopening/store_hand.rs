//! SQL of whose hands an application is in.

use super::model::Application;
use crate::db::schema::applications as ap;
use crate::db::{Conn, Id, Tx};
use crate::error::AppResult;
use crate::slice::InHands;
use diesel::prelude::*;

impl Application {
    /// In whose hands it is.
    pub(super) fn in_hands(&self) -> InHands {
        InHands {
            id: self.id,
            number: self.number.clone(),
            state: self.state.clone(),
            version: self.version,
            division: self.division.clone(),
            person: None,
            by: self.assignee,
        }
    }
}

/// The applications that an official has.
pub(super) fn of(conn: &mut Conn, official: Id) -> AppResult<Vec<InHands>> {
    type Row = (Id, String, String, i64, String);
    let rows: Vec<Row> = ap::table
        .filter(ap::assignee.eq(official))
        .select((ap::id, ap::number, ap::state, ap::version, ap::division))
        .load(conn)?;
    let one = |(id, number, state, version, division): Row| InHands {
        id,
        number,
        state,
        version,
        division,
        person: None,
        by: Some(official),
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Puts an application into another hand; false where it has changed since it was read.
pub(super) fn put(tx: &mut Tx<'_>, case: &InHands, to: Option<Id>) -> AppResult<bool> {
    let seen = ap::table.find(case.id).filter(ap::version.eq(case.version));
    let set = ap::assignee.eq(to);
    let changed = match case.by {
        None => diesel::update(seen.filter(ap::assignee.is_null())).set(set).execute(tx.conn())?,
        Some(has) => diesel::update(seen.filter(ap::assignee.eq(has))).set(set).execute(tx.conn())?,
    };
    Ok(changed > 0)
}
