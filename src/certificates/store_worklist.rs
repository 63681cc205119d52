//! SQL of the officials' list.

use super::model::Row;
use super::store::counting;
use crate::db::schema::{certificates, persons};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::kept::served;
use crate::worklist::{Among, Holder, Lane, Search, Within, looked_for, ordered};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Certificates that one piece of an index has in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// May be shown.
    Valid,
    /// Cannot be used for now.
    Suspended,
    /// Over.
    Expired,
    /// Stored as valid, whatever has become of it by time or by a colour.
    Kept,
    /// Withdrawn.
    Revoked,
    /// Replaced.
    Superseded,
}

impl Part {
    /// The parts of a state; without one all.
    pub(super) fn of(state: Option<&str>) -> &'static [Self] {
        match state {
            Some("valid") => &[Self::Valid],
            Some("suspended") => &[Self::Suspended],
            Some("expired") => &[Self::Expired],
            Some("revoked") => &[Self::Revoked],
            Some("superseded") => &[Self::Superseded],
            _ => &[Self::Kept, Self::Revoked, Self::Superseded],
        }
    }

    fn stored(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Superseded => "superseded",
            _ => "valid",
        }
    }
}

/// The certificates of a jurisdiction in a part, in the order of the index `certificates_by_county`.
pub(super) fn part(
    pattern: &str,
    part: Part,
    newest_first: bool,
    (after, limit): (Option<&(Ts, Id)>, i64),
    now: DateTime<Utc>,
) -> Lane {
    let mut query = certificates::table
        .filter(served("certificates"))
        .filter(Within::of("certificates.division", pattern))
        .filter(certificates::state.eq(part.stored()))
        .select(certificates::id)
        .limit(limit)
        .into_boxed();
    query = match part {
        Part::Valid => query.filter(counting(Ts::from(now))).filter(certificates::suspended_at.is_null()),
        Part::Suspended => {
            query.filter(counting(Ts::from(now))).filter(certificates::suspended_at.is_not_null())
        }
        Part::Expired => query.filter(certificates::expires_at.le(Ts::from(now))),
        _ => query,
    };
    Lane::of(ordered!(query, (certificates::issued_at, certificates::id), newest_first, after))
}

/// The certificate of a jurisdiction with a number, and those of persons with a name, document or telephone.
pub(super) fn found(pattern: &str, search: &Search, limit: i64) -> Vec<Lane> {
    let here = || {
        certificates::table
            .filter(served("certificates"))
            .filter(Within::of("certificates.division", pattern))
            .select(certificates::id)
            .order((certificates::issued_at.desc(), certificates::id.desc()))
            .limit(limit)
    };
    let numbered = here().filter(certificates::number.eq(search.number.clone()));
    let meant = persons::table.filter(looked_for!(search)).select(persons::id);
    let theirs = here()
        .filter(certificates::person_id.eq_any(meant))
        // One that is found by its number is found once.
        .filter(certificates::number.ne(search.number.clone()));
    vec![Lane::of(numbered.into_boxed()), Lane::of(theirs.into_boxed())]
}

/// The rows among those, with whose they are.
pub(super) fn rows(conn: &mut Conn, among: Among) -> AppResult<Vec<(Row, Holder)>> {
    Ok(certificates::table
        .inner_join(persons::table.on(persons::id.eq(certificates::person_id)))
        .filter(served("certificates"))
        .filter(among)
        .select((Row::as_select(), Holder::as_select()))
        .load(conn)?)
}

#[cfg(test)]
mod tests {
    use super::super::model::State;
    use super::*;

    #[test]
    fn every_state_has_a_part() {
        for state in State::ALL {
            assert_eq!(Part::of(Some(state.code())).len(), 1, "{}", state.code());
        }
        assert_eq!(Part::of(None), [Part::Kept, Part::Revoked, Part::Superseded]);
    }
}
