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

/// Puts an application from one hand into another; false where it is in another by now.
pub(super) fn put(tx: &mut Tx<'_>, id: Id, from: Option<Id>, to: Option<Id>) -> AppResult<bool> {
    let row = ap::table.filter(ap::id.eq(id));
    let changed = match from {
        None => {
            diesel::update(row.filter(ap::assignee.is_null())).set(ap::assignee.eq(to)).execute(tx.conn())?
        }
        Some(has) => {
            diesel::update(row.filter(ap::assignee.eq(has))).set(ap::assignee.eq(to)).execute(tx.conn())?
        }
    };
    Ok(changed > 0)
}
