//! The first policy on invented persons, and what must hold for any policy: more causes never make a
//! colour better, the same facts give the same outcome, every text can be shown in both languages.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::facts::tests::full_facts;
use super::*;

mod documents;
mod held;
mod persons;
mod properties;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// 12 March 2020, 10:32 in Sichuan.
fn now() -> DateTime<Utc> {
    at("2020-03-12T02:32:15Z")
}

fn days_ago(days: i64) -> DateTime<Utc> {
    now() - TimeDelta::days(days)
}

fn day(days: i64) -> NaiveDate {
    days_ago(days).date_naive()
}

/// Someone who declared this morning that all is well.
fn healthy() -> Facts {
    let full = full_facts();
    let declaration = Declaration {
        submitted_at: now() - TimeDelta::hours(1),
        symptoms: vec![],
        temperature_tenths: Some(365),
        contact_with_case: false,
        isolation_ordered: false,
        household_ill: false,
        tested_positive: false,
    };
    Facts {
        now: now(),
        gathered_at: now() - TimeDelta::minutes(5),
        declaration: Some(declaration),
        travel: vec![],
        tests: vec![],
        records: vec![],
        orders: vec![],
        waivers: vec![],
        ..full
    }
}

fn record(kind: RecordKind, days: i64) -> Record {
    let model = full_facts().records.into_iter().next().unwrap();
    Record { kind, since: days_ago(days), until: None, released_on: None, ..model }
}

fn stay(place: &str, risk: Risk, left: i64) -> Travel {
    let model = full_facts().travel.into_iter().next().unwrap();
    Travel { place: place.into(), risk: Some(risk), from: day(left + 2), to: day(left), ..model }
}

fn test(result: TestResult, days: i64) -> Test {
    let model = full_facts().tests.into_iter().next().unwrap();
    Test { result, sampled_at: days_ago(days), ..model }
}

fn order(colour: OrderColour, days: i64, until: Option<i64>) -> Order {
    let model = full_facts().orders.into_iter().next().unwrap();
    Order { colour, since: days_ago(days), until: until.map(days_ago), ..model }
}

fn judge(facts: &Facts) -> Evaluation {
    let policy = first_policy().unwrap();
    evaluate(&policy, &facts.to_value(policy.settings()), facts.now)
}

fn with(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = healthy();
    change(&mut facts);
    facts
}

fn declared(change: impl FnOnce(&mut Declaration)) -> Facts {
    with(|f| change(f.declaration.as_mut().unwrap()))
}
