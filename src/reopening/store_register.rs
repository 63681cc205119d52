//! SQL of the public register: only columns that are public are read.

use crate::db::schema::{applications as ap, businesses as bu};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::kept::served;
use crate::number::normalise;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// How a permit or filing can stand, as the check says it.
pub const STATES: [&str; 5] = ["valid", "suspended", "revoked", "expired", "ended"];
/// States of the workflow in which a business may work.
const GOOD: [&str; 5] = ["approved", "filed", "opened", "inspected", "rectify"];

/// What the register is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Beginning of the name, or a whole credit code or number.
    pub q: Option<String>,
    /// Division of a county.
    pub county: Option<String>,
    /// One of [`STATES`].
    pub state: Option<&'static str>,
}

/// Where a page ends.
pub type Key = (Option<Ts>, Id);

/// A row of the register.
#[derive(Debug, Clone, Queryable)]
pub struct Listed {
    /// Identifier, for the cursor only.
    id: Id,
    /// Number of the permit or filing.
    pub number: Option<String>,
    /// `filing`, or another level.
    pub review_level: String,
    /// State of the workflow.
    pub state: String,
    /// Division of the premises.
    pub division: String,
    /// When it was decided.
    pub decided_at: Option<Ts>,
    /// Exclusive end; a filing has none.
    pub until: Option<Ts>,
    /// Name of the business.
    pub name: String,
    /// Its credit code.
    pub uscc: String,
}

impl Listed {
    /// The key of the row.
    pub fn key(&self) -> Key {
        (self.decided_at, self.id)
    }
}

/// The rows of these numbers, as many as there are.
///
/// # Errors
/// Database errors.
pub fn numbered(conn: &mut Conn, numbers: &[String]) -> AppResult<Vec<Listed>> {
    Ok(ap::table
        .inner_join(bu::table.on(bu::id.eq(ap::business_id)))
        .filter(served("applications"))
        .filter(ap::decided_at.is_not_null())
        .filter(ap::permit_number.eq_any(numbers).assume_not_null())
        .select((
            ap::id,
            ap::permit_number,
            ap::review_level,
            ap::state,
            ap::division,
            ap::decided_at,
            ap::permit_until,
            bu::name,
            bu::uscc,
        ))
        .load(conn)?)
}

/// Up to `limit` rows after a key, the newest decision first.
///
/// # Errors
/// Database errors.
pub fn rows(
    conn: &mut Conn,
    filter: &Filter,
    now: DateTime<Utc>,
    after: Option<Key>,
    limit: i64,
) -> AppResult<Vec<Listed>> {
    let now = Ts::from(now);
    let mut query = ap::table
        .inner_join(bu::table.on(bu::id.eq(ap::business_id)))
        .filter(served("applications"))
        .filter(ap::permit_number.is_not_null())
        .filter(ap::decided_at.is_not_null())
        .select((
            ap::id,
            ap::permit_number,
            ap::review_level,
            ap::state,
            ap::division,
            ap::decided_at,
            ap::permit_until,
            bu::name,
            bu::uscc,
        ))
        .into_boxed();
    if let Some(q) = &filter.q {
        let plain = q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let code = normalise(q);
        let named = bu::name.like(format!("{plain}%")).escape('\\');
        let numbered = bu::uscc.eq(code.clone()).or(ap::permit_number.eq(code).assume_not_null());
        query = query.filter(named.or(numbered));
    }
    if let Some(county) = &filter.county {
        let (first, last) = crate::access::span(&crate::access::pattern(county));
        query = query.filter(ap::division.between(first, last));
    }
    let lasts = || ap::permit_until.is_null().or(ap::permit_until.gt(now).assume_not_null());
    query = match filter.state {
        Some("valid") => query.filter(ap::state.eq_any(GOOD)).filter(lasts()),
        Some("expired") => query
            .filter(ap::state.ne_all(["suspended", "revoked"]))
            .filter(ap::permit_until.le(now).assume_not_null()),
        Some("ended") => query
            .filter(ap::state.ne_all(GOOD))
            .filter(ap::state.ne_all(["suspended", "revoked"]))
            .filter(lasts()),
        Some(state) => query.filter(ap::state.eq(state)),
        None => query,
    };
    if let Some((Some(at), id)) = after {
        // The first part alone bounds the scan of the index.
        query = query
            .filter(ap::decided_at.le(at).assume_not_null())
            .filter(ap::decided_at.lt(at).or(ap::id.lt(id)).assume_not_null());
    }
    Ok(query.order((ap::decided_at.desc(), ap::id.desc())).limit(limit).load(conn)?)
}
