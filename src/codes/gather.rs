//! From what is stored about a person to the facts that the rules read.

use super::areas::Risks;
use super::model::{RecordRow, RiskRow};
use super::{store, store_ends};
use crate::colour::{Colours, Stated, Statements};
use crate::crypto::{FieldContext, Keyring};
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::identity::{DivisionCode, divisions};
use crate::policy::{
    self, Evaluation, Facts, Offices, Record, RecordKind, Risk, RuleSet, Test, TestResult, Words,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// What a person has stated, as far as it counts.
pub(super) fn stated(conn: &mut Conn, deps: &Deps, person: Id, now: DateTime<Utc>) -> AppResult<Statements> {
    (Stated::of(deps)?.facts)(conn, &deps.keys, &deps.policy, person, now)
}

/// What is known of a finding beside its row, sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordDetail {
    /// A place, or a train and carriage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// `train`, `flight` or `coach`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<String>,
    /// Day of discharge or release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_on: Option<NaiveDate>,
}

/// The facts about a person.
#[derive(Debug)]
pub struct Gathered {
    /// With the current statement.
    pub facts: Facts,
    /// With each of the statements that count beside it, the newest first.
    pub held: Vec<Facts>,
    /// Whether the current statement waits to be accepted.
    pub waits: bool,
    /// The first moment at which they change by themselves (something dated ahead begins).
    pub next: Option<DateTime<Utc>>,
    /// Whether a class that was only taken as true was looked at.
    pub touched: bool,
}

impl Gathered {
    /// What the rules make of them.
    pub fn evaluate(&self, rules: &RuleSet) -> Evaluation {
        policy::evaluate_all(rules, &self.facts, &self.held, self.waits)
    }
}

/// What is taken as true that is not stored (yet): to show beforehand what a decision brings about.
#[derive(Debug, Default)]
pub(super) struct WhatIf<'a> {
    /// A finding that counts.
    pub with: Option<&'a RecordRow>,
    /// Findings that do not.
    pub without: &'a [Id],
    /// A class of a division that was entered last.
    pub risk: Option<&'a RiskRow>,
}

/// Gathers what is known of a person.
///
/// # Errors
/// Database errors, or a sealed value that cannot be opened.
pub fn facts(conn: &mut Conn, colours: &Colours, person: Id, now: DateTime<Utc>) -> AppResult<Gathered> {
    let stated = (colours.declared)(conn, &colours.keys, &colours.policy, person, now)?;
    facts_if(conn, &colours.keys, stated, person, now, &WhatIf::default())
}

/// The findings that count, as they would.
fn findings(conn: &mut Conn, person: Id, what: &WhatIf<'_>) -> AppResult<Vec<RecordRow>> {
    let mut rows = store::records_in_effect(conn, person)?;
    rows.retain(|row| !what.without.contains(&row.id));
    rows.extend(what.with.cloned());
    rows.sort_by_key(|row| std::cmp::Reverse(row.at.0));
    Ok(rows)
}

/// The same, if something were as it is said to be. Several of these rest on statements that were opened once.
pub(super) fn facts_if(
    conn: &mut Conn,
    keys: &Keyring,
    stated: Statements,
    person: Id,
    now: DateTime<Utc>,
    what: &WhatIf<'_>,
) -> AppResult<Gathered> {
    let Statements { current, held, waits } = stated;
    let home = if current.is_none() { store::person_division(conn, person)? } else { None };
    let mut common = Facts {
        now,
        gathered_at: now,
        declaration: None,
        travel: Vec::new(),
        tests: Vec::new(),
        records: Vec::new(),
        orders: Vec::new(),
        waivers: store_ends::waivers(conn, keys, person)?,
        home: None,
        present: None,
        offices: Offices::default(),
    };
    let mut next: Option<DateTime<Utc>> = None;
    for row in findings(conn, person, what)? {
        if row.at.0 > now {
            next = Some(next.map_or(row.at.0, |n| n.min(row.at.0)));
        }
        match RecordKind::ALL.into_iter().find(|kind| kind.field() == row.kind) {
            Some(kind) => common.records.push(record(&row, kind, keys)?),
            None => common.tests.extend(test(&row)),
        }
    }
    let mut risks = Risks::new(conn, next, now).taking(what.risk);
    risks.of_all(current.iter().chain(&held))?;
    let facts = match current {
        Some(stated) => risks.stated(&common, stated)?,
        None => risks.unstated(&common, home)?,
    };
    let held = held.into_iter().map(|stated| risks.stated(&common, stated)).collect::<AppResult<_>>()?;
    Ok(Gathered { facts, held, waits, next: risks.next(), touched: risks.touched() })
}

/// A name in both languages; the code itself where the register does not know it.
pub(super) fn division_words(code: &str) -> Words {
    let found = DivisionCode::parse(code).ok().and_then(|c| divisions().get(c));
    found.map_or_else(|| Words::new(code, code), |d| Words::new(d.name, d.name_en))
}

/// The stored code of a risk level.
pub(super) fn risk_code(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "low",
        Risk::Medium => "medium",
        Risk::High => "high",
    }
}

/// The level of a stored code.
pub(super) fn risk_from(code: &str) -> Option<Risk> {
    [Risk::Low, Risk::Medium, Risk::High].into_iter().find(|r| risk_code(*r) == code)
}

fn record(row: &RecordRow, kind: RecordKind, keys: &Keyring) -> AppResult<Record> {
    let detail = detail(row, keys)?;
    Ok(Record {
        kind,
        since: row.at.0,
        until: row.until.map(|t| t.0),
        released_on: detail.released_on,
        place: detail.place.map(|place| Words::new(place.clone(), place)),
        transport: detail.transport,
        source: Words::new(row.source.clone(), row.source.clone()),
    })
}

/// Opens what is known of a finding beside its row.
pub(super) fn detail(row: &RecordRow, keys: &Keyring) -> AppResult<RecordDetail> {
    let Some(sealed) = &row.detail_sealed else { return Ok(RecordDetail::default()) };
    let plain = keys.open_sealed(&detail_context(row.id), sealed)?;
    serde_json::from_slice(&plain).map_err(AppError::internal)
}

/// Where the detail of a finding is sealed to.
pub(super) fn detail_context(id: Id) -> FieldContext<'static> {
    FieldContext::new("health_records", "detail_sealed", id.0)
}

fn test(row: &RecordRow) -> Option<Test> {
    Some(Test {
        kind: row.kind.clone(),
        sampled_at: row.at.0,
        result: result_from(row.result.as_deref()?)?,
        source: Words::new(row.source.clone(), row.source.clone()),
    })
}

/// The stored codes of test results.
pub(super) const RESULTS: [(&str, TestResult); 4] = [
    ("negative", TestResult::Negative),
    ("positive", TestResult::Positive),
    ("pending", TestResult::Pending),
    ("invalid", TestResult::Invalid),
];

fn result_from(code: &str) -> Option<TestResult> {
    RESULTS.iter().find(|(c, _)| *c == code).map(|(_, r)| *r)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_risk_are_words() {
        assert_eq!(risk_from("high"), Some(Risk::High));
        assert_eq!(risk_from("none"), None);
    }
}
