//! What a review of a colour by a person needs: the causes that can be contested, what they rest on and who answers for
//! that, and setting a cause aside. The review itself is the slice `appeals`.

use super::gather::{self, WhatIf};
use super::model::{CardHolder, RecordRow, StoredCode};
use super::{appealed, desk, ending, records, store, store_ends, store_lists};
use crate::colour::{self, Declared, Statements};
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::policy::{Cause, RecordKind, RuleSet};
use crate::second;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};

/// The code of a person as it is now, in the caller's transaction. The caller has called [`super::refresh`] before.
///
/// # Errors
/// Database errors; [`crate::error::AppError::NotFound`] when there is no such person.
pub fn contested(tx: &mut Tx<'_>, deps: &App, person: Id, now: DateTime<Utc>) -> AppResult<StoredCode> {
    store::hold_state(tx, person)?;
    let (row, _) = store::code_and_person(tx.conn(), person)?;
    let (_, _, code) = desk::code_in(tx, deps, row, now)?;
    Ok(code)
}

/// What a cause rests on, and where its reviewers sit.
#[derive(Debug)]
pub struct Ground {
    /// The findings that give it; none where it comes from what the person stated or where they are.
    findings: Vec<RecordRow>,
    /// The division whose reviewers decide: of the finding that was entered last, else where the person is as far as
    /// somebody has accepted it, else where they live.
    pub division: Option<String>,
}

impl Ground {
    /// Whether officers found what the cause rests on; such a cause is set aside by two.
    #[must_use]
    pub fn rests_on_findings(&self) -> bool {
        !self.findings.is_empty()
    }

    /// The findings, for the reviewer.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    pub fn evidence(&self, keys: &Keyring) -> AppResult<Vec<Evidence>> {
        let one = |row: &RecordRow| {
            Ok(Evidence {
                kind: records::kind_key(&row.kind),
                at: row.at.0,
                source: row.source.clone(),
                place: gather::detail(row, keys)?.place,
            })
        };
        self.findings.iter().map(one).collect()
    }
}

/// What a cause of a person rests on. A resident does not choose who decides: an address that nobody has accepted yet
/// moves no appeal.
///
/// # Errors
/// Database errors, or a sealed value that cannot be opened.
pub fn ground(
    conn: &mut Conn,
    deps: &Deps,
    person: Id,
    cause: &Cause,
    now: DateTime<Utc>,
) -> AppResult<Ground> {
    let findings = behind(conn, deps, person, cause, now)?;
    let newest = findings.iter().max_by_key(|row| (row.created_at.0, row.id));
    let division = match newest.and_then(|row| row.division.clone()) {
        Some(division) => Some(division),
        None => {
            let stated = settled(gather::stated(conn, deps, person, now)?);
            stated.and_then(|d| d.present).or(store::person_division(conn, person)?)
        }
    };
    Ok(Ground { findings, division })
}

/// The statement that somebody accepted; before anything was accepted the one that was made first among those that count,
/// so that a correction chooses nothing.
fn settled(statements: Statements) -> Option<Declared> {
    let Statements { current, mut held, waits } = statements;
    let first = held.pop();
    if waits { first.or(current) } else { current.or(first) }
}

/// Whether something about a person was found or has ended since a moment.
///
/// # Errors
/// Database errors.
pub fn found_since(conn: &mut Conn, person: Id, since: DateTime<Utc>) -> AppResult<bool> {
    let counts_from = |row: &RecordRow| match row.confirmed_at {
        Some(at) => Some(at),
        None => (!records::worsens(&row.kind, row.result.as_deref())).then_some(row.created_at),
    };
    let new = |row: &RecordRow| {
        row.refused_by.is_none()
            && [counts_from(row), row.ended_at].into_iter().flatten().any(|at| at.0 > since)
    };
    Ok(store_lists::all_records(conn, person)?.iter().any(new))
}

/// Name with stars and masked document of a person.
///
/// # Errors
/// Database errors; [`crate::error::AppError::NotFound`] when there is no such person.
pub fn holder(conn: &mut Conn, keys: &Keyring, person: Id) -> AppResult<CardHolder> {
    CardHolder::of(&store::code_and_person(conn, person)?.0, keys)
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
    let stated = gather::stated(conn, deps, person, now)?;
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

/// Whether a cause rests on a finding that no reviewer has set aside on this appeal: such a one is looked at by an officer
/// before it ends, whoever has looked at the others.
///
/// # Errors
/// Database errors.
pub fn is_new_to(conn: &mut Conn, appeal: Id, ground: &Ground) -> AppResult<bool> {
    appealed::has_new(conn, appeal, &ground.findings)
}

/// Enters the end of every finding that a cause rests on, for the appeal in which a reviewer set the cause aside. Nothing
/// ends by that: each waits for an officer who had no part in the finding ([`super::ends`]). An end that waits already becomes the
/// appeal's.
///
/// # Errors
/// Database errors; [`crate::error::AppError::Conflict`] when another appeal waits for one of them.
pub fn propose_ends(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    appeal: Id,
    ground: &Ground,
    reason: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    for row in &ground.findings {
        appealed::add(tx, deps, by, row, (reason, appeal), now)?;
    }
    Ok(())
}

/// Sets a cause aside from now on: the findings that it rests on end, and no others of its rule; a cause that comes from a
/// declaration is named, so that another stay or declaration of the same rule counts. The code is worked out anew. The
/// caller has made sure that it may be: it comes from a declaration, or two reviewers came to the same. Another appeal that
/// waited for the end of one of the findings is told.
///
/// # Errors
/// Database errors.
pub fn set_aside(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    (person, cause): (Id, &Cause),
    ground: &Ground,
    reason: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let mut waited = Vec::new();
    for row in &ground.findings {
        if let Some((end, appeal)) = store_ends::settle(tx, row.id, by.official_id, now)? {
            second::over(tx, end)?;
            waited.extend(appeal);
        }
        ending::end(tx, deps, by, row, reason, now)?;
    }
    for appeal in waited {
        appealed::settle(tx, deps, None, appeal, now)?;
    }
    if !ground.rests_on_findings() {
        let named = (cause.rule.as_str(), cause.about.as_str());
        store_ends::waive(tx, &deps.keys, person, named, by.official_id, now)?;
    }
    colour::enqueue_evaluation(tx, &deps.keys, person, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Declaration;

    fn at(division: &str) -> Declared {
        Declared {
            declaration: Declaration {
                submitted_at: DateTime::UNIX_EPOCH,
                symptoms: Vec::new(),
                temperature_tenths: None,
                contact_with_case: false,
                isolation_ordered: false,
                household_ill: false,
                tested_positive: false,
            },
            travel: Vec::new(),
            home: None,
            present: Some(division.to_owned()),
        }
    }

    fn chosen(current: Option<&str>, held: &[&str], waits: bool) -> Option<String> {
        let held = held.iter().copied().map(at).collect();
        settled(Statements { current: current.map(at), held, waits }).and_then(|d| d.present)
    }

    #[test]
    fn a_statement_that_nobody_has_accepted_does_not_choose_who_decides() {
        assert_eq!(chosen(None, &[], false), None);
        assert_eq!(chosen(Some("511402"), &[], true).as_deref(), Some("511402"), "the only one there is");
        assert_eq!(chosen(Some("511621"), &["511402"], true).as_deref(), Some("511402"), "a correction");
        let twice = chosen(Some("510107"), &["511621", "511402"], true);
        assert_eq!(
            twice.as_deref(),
            Some("511402"),
            "the first, or the accepted one, is the last of those held"
        );
        assert_eq!(chosen(Some("511621"), &[], false).as_deref(), Some("511621"), "accepted");
        assert_eq!(chosen(Some("511402"), &["511621"], false).as_deref(), Some("511402"), "withdrawn since");
        assert_eq!(chosen(None, &["511621", "511402"], false).as_deref(), Some("511402"), "all withdrawn");
    }
}
