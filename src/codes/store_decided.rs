//! SQL of what a second official has decided already, for whoever comes after.

use crate::db::schema::{health_records, record_ends, risk_changes};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::kept::served;
use crate::second::{EXPIRED, Outcome};
use diesel::prelude::*;

type Decided = (String, Option<Id>, Option<Ts>);

fn outcome((state, by, at): Decided) -> Option<Outcome> {
    Outcome::of(&state, by, at.map(|at| at.0))
}

/// Who has confirmed or refused a finding, and when; and when its time ran out.
type Signed = (Option<Id>, Option<Ts>, Option<Id>, Option<Ts>, Option<Ts>);

/// What became of a finding of a jurisdiction.
pub(super) fn record(conn: &mut Conn, id: Id, pattern: &str) -> AppResult<Option<Outcome>> {
    let found: Option<Signed> = health_records::table
        .filter(served("health_records"))
        .find(id)
        .filter(health_records::division.like(pattern.to_owned()))
        .select((
            health_records::confirmed_by,
            health_records::confirmed_at,
            health_records::refused_by,
            health_records::refused_at,
            health_records::expired_at,
        ))
        .first(conn)
        .optional()?;
    Ok(match found {
        Some((by @ Some(_), at, ..)) => outcome(("confirmed".to_owned(), by, at)),
        Some((_, _, by @ Some(_), at, _)) => outcome(("refused".to_owned(), by, at)),
        Some((.., at @ Some(_))) => outcome((EXPIRED.to_owned(), None, at)),
        _ => None,
    })
}

/// What became of an end of a finding of a jurisdiction.
pub(super) fn end(conn: &mut Conn, id: Id, pattern: &str) -> AppResult<Option<Outcome>> {
    let found: Option<Decided> = record_ends::table
        .inner_join(health_records::table.on(health_records::id.eq(record_ends::record_id)))
        .filter(record_ends::id.eq(id))
        .filter(health_records::division.like(pattern.to_owned()))
        .filter(served("health_records"))
        .select((record_ends::state, record_ends::decided_by, record_ends::decided_at))
        .first(conn)
        .optional()?;
    Ok(found.and_then(outcome))
}

/// What became of a change of a risk level in a jurisdiction.
pub(super) fn risk_change(conn: &mut Conn, id: Id, pattern: &str) -> AppResult<Option<Outcome>> {
    let found: Option<Decided> = risk_changes::table
        .find(id)
        .filter(risk_changes::division.like(pattern.to_owned()))
        .select((risk_changes::state, risk_changes::decided_by, risk_changes::decided_at))
        .first(conn)
        .optional()?;
    Ok(found.and_then(outcome))
}
