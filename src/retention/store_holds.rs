//! SQL of the list of holds, and of one of them.

use super::holds::Row;
use crate::db::schema::{hold_ends, retention_holds as holds};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::kept::UNCONFIRMED;
use crate::worklist::{Among, Lane, ordered};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Where a row stands: when it was entered, and which.
pub(super) type Key = (Ts, Id);

/// The holds of a state, in the order of the index `retention_holds_by_entry`; with `counts` of them those that are in force at a
/// moment, or those that are not: by their end, and where nobody has confirmed one by its week.
pub(super) fn in_state(
    state: &'static str,
    counts: Option<bool>,
    (newest_first, after, limit): (bool, Option<&Key>, i64),
    now: DateTime<Utc>,
) -> Lane {
    let mut query = holds::table.filter(holds::state.eq(state)).select(holds::id).limit(limit).into_boxed();
    let (now, week) = (Ts::from(now), Ts::from(now - UNCONFIRMED));
    query = match (counts, state) {
        (Some(true), "open") => query.filter(holds::until.gt(now)).filter(holds::created_at.gt(week)),
        (Some(true), _) => query.filter(holds::until.gt(now)),
        (Some(false), "open") => query.filter(holds::until.le(now).or(holds::created_at.le(week))),
        (Some(false), _) => query.filter(holds::until.le(now)),
        (None, _) => query,
    };
    Lane::of(ordered!(query, (holds::created_at, holds::id), newest_first, after))
}

/// The holds among those.
pub(super) fn rows(conn: &mut Conn, among: Among) -> AppResult<Vec<Row>> {
    Ok(holds::table.filter(among).select(Row::as_select()).load(conn)?)
}

/// A hold, and the sealed reason for which it was ended.
pub(super) fn one(conn: &mut Conn, id: Id) -> AppResult<(Row, Option<Vec<u8>>)> {
    let row = holds::table.find(id).select(Row::as_select()).first(conn)?;
    let ended = hold_ends::table.filter(hold_ends::hold_id.eq(id)).select(hold_ends::reason_sealed);
    Ok((row, ended.first(conn).optional()?))
}
