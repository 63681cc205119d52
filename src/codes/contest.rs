//! What a review of a colour by a person needs: the causes that can be contested, the findings they rest on, and
//! setting a cause aside. The review itself is the slice `appeals`.

use super::gather::{self, Statements, WhatIf};
use super::model::{CardHolder, RecordRow, StoredCode};
use super::{desk, ends, jobs, store, store_ends};
use crate::app::{App, Deps};
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::error::AppResult;
use crate::policy::{Cause, RecordKind, RuleSet};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};

/// The code of a person as it is now, in the caller's transaction, with its holder and the division whose officials
/// answer for the person: where they are, else where they live. The caller has called [`super::refresh`] before.
///
/// # Errors
/// Database errors; [`crate::error::AppError::NotFound`] when there is no such person.
pub fn contested(
    tx: &mut Tx<'_>,
    deps: &App,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<(CardHolder, StoredCode, Option<String>)> {
    store::hold_state(tx, person)?;
    let (row, _) = store::code_and_person(tx.conn(), person)?;
    let (_, holder, code) = desk::code_in(tx, deps, row, now)?;
    let declared = (deps.declared)(tx.conn(), &deps.keys, person, now)?;
    let home = store::person_division(tx.conn(), person)?;
    Ok((holder, code, declared.current.and_then(|d| d.present).or(home)))
}

/// Name with stars and masked document of a person.
///
/// # Errors
/// Database errors; [`crate::error::AppError::NotFound`] when there is no such person.
pub fn holder(conn: &mut Conn, keys: &Keyring, person: Id) -> AppResult<CardHolder> {
    store::code_and_person(conn, person)?.0.holder(keys)
}

/// A finding that a cause rests on.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Key of its kind's name.
    pub kind: String,
    /// Its moment.
    pub at: DateTime<Utc>,
    /// Where it comes from.
    pub source: String,
    /// A place, if one is known.
    pub place: Option<String>,
}

/// Whether findings of a kind and result are what a rule looks at.
fn is_read_by(rules: &RuleSet, rule: &str, row: &RecordRow) -> bool {
    let found = rules.rules().iter().map(|c| &c.rule).filter(|r| r.id == rule);
    let reads = |path: &str| {
        found.clone().any(|r| {
            let paths = r.each.iter().chain(&r.since).chain(&r.affected_fields);
            paths.into_iter().any(|p| p == path || p.starts_with(&format!("{path}.")))
        })
    };
    match RecordKind::ALL.iter().find(|kind| kind.field() == row.kind) {
        Some(kind) => reads(&format!("records.{}", kind.field())),
        None => row.result.as_deref() == Some("positive") && reads("last_positive"),
    }
}

/// The findings about a person that count and that a rule looks at.
fn read_by(conn: &mut Conn, rules: &RuleSet, person: Id, rule: &str) -> AppResult<Vec<RecordRow>> {
    let rows = store::records_in_effect(conn, person)?;
    Ok(rows.into_iter().filter(|row| is_read_by(rules, rule, row)).collect())
}

/// Whether a cause holds for a person if these findings did not count.
fn holds_without(
    conn: &mut Conn,
    deps: &Deps,
    (person, stated): (Id, &Statements),
    cause: &Cause,
    without: &[Id],
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let what = WhatIf { without, ..WhatIf::default() };
    let gathered = gather::facts_if(conn, &deps.keys, stated.clone(), person, now, &what)?;
    let outcome = gathered.evaluate(&deps.policy);
    Ok(outcome.causes.iter().any(|c| c.is_same(cause)))
}

/// The findings that a cause rests on: each of them gives it, without the others that its rule looks at.
fn behind(
    conn: &mut Conn,
    deps: &Deps,
    person: Id,
    cause: &Cause,
    now: DateTime<Utc>,
) -> AppResult<Vec<RecordRow>> {
    let rows = read_by(conn, &deps.policy, person, &cause.rule)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let all: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let stated = (deps.declared)(conn, &deps.keys, person, now)?;
    let whose = (person, &stated);
    if holds_without(conn, deps, whose, cause, &all, now)? {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for row in rows {
        let others: Vec<Id> = all.iter().copied().filter(|id| *id != row.id).collect();
        if holds_without(conn, deps, whose, cause, &others, now)? {
            found.push(row);
        }
    }
    Ok(found)
}

/// Whether an official entered or confirmed a finding that counts and that a rule looks at.
///
/// # Errors
/// Database errors.
pub fn had_a_part(conn: &mut Conn, deps: &Deps, person: Id, rule: &str, official: Id) -> AppResult<bool> {
    let rows = read_by(conn, &deps.policy, person, rule)?;
    Ok(rows.iter().any(|row| [row.entered_by, row.confirmed_by].contains(&Some(official))))
}

/// The findings that a cause rests on.
///
/// # Errors
/// Database errors, or a sealed value that cannot be opened.
pub fn evidence(
    conn: &mut Conn,
    deps: &Deps,
    person: Id,
    cause: &Cause,
    now: DateTime<Utc>,
) -> AppResult<Vec<Evidence>> {
    behind(conn, deps, person, cause, now)?
        .iter()
        .map(|row| {
            Ok(Evidence {
                kind: super::records::kind_key(&row.kind),
                at: row.at.0,
                source: row.source.clone(),
                place: gather::detail(row, &deps.keys)?.place,
            })
        })
        .collect()
}

/// Sets a cause aside from now on: the findings that it rests on end, and no others of its rule; a cause that comes from a
/// declaration is named, so that another stay or declaration of the same rule counts. The code is worked out anew. The
/// caller has decided that as a reviewer.
///
/// # Errors
/// Database errors.
pub fn set_aside(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    person: Id,
    cause: &Cause,
    reason: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let findings = behind(tx.conn(), deps, person, cause, now)?;
    for row in &findings {
        ends::end(tx, deps, by, row, reason, now)?;
    }
    if findings.is_empty() {
        let named = (cause.rule.as_str(), cause.about.as_str());
        store_ends::waive(tx, &deps.keys, person, named, by.official_id, now)?;
    }
    jobs::enqueue_evaluation(tx, &deps.keys, person, now)
}
