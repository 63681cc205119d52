//! The period of a kind of record, by the policy.

use super::Kind;
use crate::clock::{china_day, start_of_day};
use crate::error::{AppError, AppResult};
use crate::policy::{self, RuleSet};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;

/// How long a kind is kept, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The rule.
    pub rule: String,
    /// Its version.
    pub version: u32,
    /// Whole local days after the day on which the clock starts; `None` = no clock destroys it.
    pub days: Option<u32>,
}

/// The term of a kind.
///
/// # Errors
/// [`AppError::Internal`] when no rule speaks of it: nothing may be kept without a rule, and nothing is destroyed
/// without one.
pub fn term(policy: &RuleSet, name: &str, now: DateTime<Utc>) -> AppResult<Term> {
    let facts = json!({"record": {"kind": name}});
    let found = policy::matching(policy, policy::Kind::Retention, &facts, now)
        .map_err(|e| AppError::internal(format!("the rule {} cannot be applied", e.rule)))?;
    let (compiled, because) = found
        .into_iter()
        .next()
        .ok_or_else(|| AppError::internal(format!("no rule says how long {name} is kept")))?;
    let days = compiled.rule.retention.as_ref().and_then(|t| t.days);
    Ok(Term { rule: because.rule, version: because.version, days })
}

/// The moment before which a clock must have started for a record to be due at `now`: the start of the local day
/// that lies `days` before today.
pub fn cut_off(now: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    start_of_day(china_day(now) - Days::new(u64::from(days)))
}

/// The last local day on which a record is kept whose clock started at `at`.
pub fn last_day(at: DateTime<Utc>, days: u32) -> NaiveDate {
    china_day(at) + Days::new(u64::from(days))
}

/// The term of a kind whose clock runs.
///
/// # Errors
/// As [`term`].
pub fn days_of(policy: &RuleSet, kind: &Kind, now: DateTime<Utc>) -> AppResult<Option<(Term, u32)>> {
    let term = term(policy, kind.name, now)?;
    Ok(term.days.map(|days| (term, days)))
}

/// The days of what has no end: eight centuries, which every database can still write as a moment.
const WITHOUT_END: u32 = 300_000;

/// The moment before which the clocks of a kind's rows have run out; before all of them where the kind is kept for good.
pub fn cut_of(policy: &RuleSet, kind: &Kind, now: DateTime<Utc>) -> AppResult<DateTime<Utc>> {
    Ok(cut_off(now, days_of(policy, kind, now)?.map_or(WITHOUT_END, |(_, days)| days)))
}
