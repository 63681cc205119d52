//! SQL of the figures: how many declarations were received on a day, by place and by what became of them.

use crate::db::schema::declarations;
use crate::db::{Conn, Ts};
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// How finely places are told apart: digits of their codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    Prefecture,
    County,
    Town,
}

impl Digits {
    /// The place of a declaration. Written out for each, so that both databases know it as a constant.
    const fn place(self) -> &'static str {
        match self {
            Self::Prefecture => "substr(declarations.division, 1, 4)",
            Self::County => "substr(declarations.division, 1, 6)",
            Self::Town => "substr(declarations.division, 1, 9)",
        }
    }
}

/// A place, a state, how many.
pub(super) type Counted = (String, String, i64);

/// How many declarations of a jurisdiction were received from a moment to the next, by place and state. What is only stored,
/// since its consent was withdrawn, is not counted. The index `declarations_by_day` has everything that is asked for: no
/// row is read, and nobody is shown one.
pub(super) fn counted(
    conn: &mut Conn,
    pattern: &str,
    digits: Digits,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> AppResult<Vec<Counted>> {
    let (first, last) = crate::access::span(pattern);
    Ok(declarations::table
        .filter(declarations::consent_withdrawn_at.is_null())
        .filter(declarations::submitted_at.ge(Ts::from(from)))
        .filter(declarations::submitted_at.lt(Ts::from(to)))
        .filter(declarations::division.between(first, last))
        .group_by(sql::<Text>("1, 2"))
        .select((sql::<Text>(digits.place()), sql::<Text>("declarations.state"), sql::<BigInt>("count(*)")))
        .load(conn)?)
}
