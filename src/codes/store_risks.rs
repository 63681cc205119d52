//! SQL of changes of risk levels that take two officials.

use super::model::RiskChangeRow;
use crate::db::schema::risk_changes;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::second::{EXPIRED, Verdict};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Enters a change that waits for a second person.
pub fn add(tx: &mut Tx<'_>, row: &RiskChangeRow) -> AppResult<()> {
    diesel::insert_into(risk_changes::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Changes that wait, oldest first.
pub fn all_open(conn: &mut Conn) -> AppResult<Vec<RiskChangeRow>> {
    Ok(risk_changes::table
        .filter(risk_changes::state.eq("open"))
        .order(risk_changes::created_at.asc())
        .select(RiskChangeRow::as_select())
        .load(conn)?)
}

/// The changes that an official entered, newest first.
pub fn entered(conn: &mut Conn, by: Id, limit: i64) -> AppResult<Vec<RiskChangeRow>> {
    Ok(risk_changes::table
        .filter(risk_changes::entered_by.eq(by))
        .order(risk_changes::created_at.desc())
        .limit(limit)
        .select(RiskChangeRow::as_select())
        .load(conn)?)
}

/// A change that waits in a jurisdiction.
pub fn open(conn: &mut Conn, id: Id, within: &str) -> AppResult<Option<RiskChangeRow>> {
    Ok(risk_changes::table
        .find(id)
        .filter(risk_changes::division.like(within.to_owned()))
        .filter(risk_changes::state.eq("open"))
        .select(RiskChangeRow::as_select())
        .first(conn)
        .optional()?)
}

/// Decides a change that is still open; false when it is not.
pub fn decide(tx: &mut Tx<'_>, id: Id, by: Id, verdict: &Verdict, now: DateTime<Utc>) -> AppResult<bool> {
    closed(tx, id, (verdict.state(), verdict.sealed(), Some(by)), now)
}

/// Notes that nobody has decided it in time; false when somebody has.
pub fn expire(tx: &mut Tx<'_>, id: Id, now: DateTime<Utc>) -> AppResult<bool> {
    closed(tx, id, (EXPIRED, None, None), now)
}

fn closed(
    tx: &mut Tx<'_>,
    id: Id,
    (state, refusal, by): (&str, Option<Vec<u8>>, Option<Id>),
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let changed = diesel::update(risk_changes::table.find(id).filter(risk_changes::state.eq("open")))
        .set((
            risk_changes::state.eq(state.to_owned()),
            risk_changes::refusal_sealed.eq(refusal),
            risk_changes::decided_by.eq(by),
            risk_changes::decided_at.eq(Some(Ts::from(now))),
        ))
        .execute(tx.conn())?;
    Ok(changed == 1)
}
