//! The risk class of a place, as the health authority has published it. Shared by the codes, the certificates and the
//! reopening of businesses: the same county must not be of two classes at once.

use crate::db::schema::division_risks as dr;
use crate::db::{Conn, Ts};
use crate::error::AppResult;
use crate::identity::DivisionCode;
use crate::policy::Risk;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// The stored code of a class; also the word that workflows compare.
pub const fn code(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}

/// The class with this code.
pub fn from_code(code: &str) -> Option<Risk> {
    [Risk::Low, Risk::Medium, Risk::High].into_iter().find(|risk| self::code(*risk) == code)
}

/// The class in which `division` lies at `now`: that of its county; where the county has none of its own, that of its
/// prefecture, then of its province. `None` where nobody has published one: nothing may be concluded from that.
///
/// # Errors
/// Database errors.
pub fn level_at(conn: &mut Conn, division: DivisionCode, now: DateTime<Utc>) -> AppResult<Option<Risk>> {
    let places = [division.county(), division.prefecture(), Some(division.province())];
    let now = Ts::from(now);
    for place in places.into_iter().flatten() {
        let found: Option<String> = dr::table
            .filter(dr::division.eq(place.to_string()))
            .filter(dr::since.le(now))
            .filter(dr::until.is_null().or(dr::until.gt(now)))
            // What was entered last lies over the rest.
            .order((dr::entered_at.desc(), dr::id.desc()))
            .select(dr::level)
            .first(conn)
            .optional()?;
        if let Some(level) = found {
            return Ok(from_code(&level));
        }
    }
    Ok(None)
}
