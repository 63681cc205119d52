//! What officials decide on a declaration, each decision inside one transaction; a confirmation issues the certificate.

use super::act::{self, Parts, at};
use super::compare;
use super::expiry;
use super::store::{self, Row, Stamp};
use super::store_versions::{self, Beside};
use super::timeline::Note;
use crate::accounts;
use crate::case::{self, Asked, Written};
use crate::certificates::{self, NewCertificate};
use crate::colour;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::error::{AppError, AppResult};
use crate::hcert::Conclusion;
use crate::policy::{self, CertificateEffect, RuleSet, Trip};
use crate::web::principal::OfficialPrincipal;
use crate::workflow::{self, Request};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What an official decides.
#[derive(Debug, Clone, Default)]
pub(super) struct Decision {
    pub action: String,
    pub version: i64,
    pub note: String,
    pub reason: String,
    pub remedy: String,
    pub items: Vec<String>,
    /// For `check`: that the changed answers were compared and are accepted.
    pub accepts: bool,
    /// For `confirm`: conclusion and temperature in tenths.
    pub found: Option<(Conclusion, i32)>,
}

/// Whether an official has a part in a declaration: typed it, or is its applicant by document or telephone.
pub(super) fn own_case(
    conn: &mut Conn,
    keys: &Keyring,
    row: &Row,
    beside: &Beside,
    by: &OfficialPrincipal,
) -> AppResult<bool> {
    let corrected = beside.corrected && store_versions::typed_by(conn, row.id, by.official_id)?;
    if row.entered_by == Some(by.official_id) || corrected {
        return Ok(true);
    }
    let own = accounts::Recusal::of(keys, by)?;
    let stated = by.phone_sealed.is_some()
        && row.answers(keys)?.phone.is_some_and(|phone| own.has_phone(phone.as_str()));
    Ok(stated || own.is(conn, row.person_id, row.account_id)?)
}

/// Carries out an official's decision; a confirmation issues the certificate in the same transaction. Gives the
/// certificate's number if there is one.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    desk: &Parts,
    by: &OfficialPrincipal,
    number: &str,
    d: &Decision,
) -> AppResult<Option<String>> {
    let (keys, now) = (&desk.keys, desk.now);
    let row = store::in_jurisdiction(tx.conn(), &by.pattern(), number)?;
    let beside = store_versions::beside(tx.conn(), &row)?;
    let own_case = own_case(tx.conn(), keys, &row, &beside, by)?;
    let role = workflow::Actor::Official { role: by.role.code(), own_case };
    let facts = act::facts(&desk.colours.policy, &row, now)?;
    let asked = Asked { request: request(d), role, by: by.into(), facts: &facts, received: None, now };
    let at = at(&row);
    let moved = case::step(tx, keys, &at, &asked, |tx, moved| {
        let hangs = accepted(tx.conn(), desk, by, (&row, &beside), d)?;
        let stamp = match d.action.as_str() {
            "check" => Stamp::Checked(by.official_id),
            "reject" => Stamp::Decided(by.official_id, None),
            _ => Stamp::None,
        };
        store::advance(tx, &row, d.version, &moved.done.to, stamp, now)?;
        let detail =
            json!({"number": row.number, "version": moved.version, "changed_answers_accepted": hangs});
        let entry = Some(at.entry(by, audit_name(&d.action)).detail(detail));
        Ok(Written { note: Some(note(d)).filter(|note| *note != Note::default()), entry })
    })?;
    let person = row.person_id.ok_or_else(|| AppError::internal("a submitted declaration has no person"))?;
    let issued = match d.found.filter(|_| d.action == "confirm") {
        Some(found) => Some(confirm(tx, desk, by, &row, person, found)?),
        None => None,
    };
    for letter in case::letters(&at, &moved)? {
        let params = params(&desk.colours.policy, d, &row, by)?;
        act::tell(tx, keys, &row, person, (letter, params), moved.version, now)?;
    }
    colour::enqueue_evaluation(tx, keys, person, now)?;
    Ok(issued)
}

/// What has to be so before answers are accepted; whether a colour hangs on them.
fn accepted(
    conn: &mut Conn,
    desk: &Parts,
    by: &OfficialPrincipal,
    (row, beside): (&Row, &Beside),
    d: &Decision,
) -> AppResult<bool> {
    // What staff typed counts once a second one has accepted it, who was not made by the same hand on the same day.
    if (row.entered_by.is_some() || beside.corrected) && ["check", "confirm"].contains(&d.action.as_str()) {
        by.no_longer_new(desk.now)?;
    }
    // Whoever accepts answers on which a colour hangs says so; nobody does it in passing.
    let hangs = d.action == "check" && compare::hanging(conn, &desk.colours, row, beside, desk.now)?;
    if hangs && !d.accepts {
        return Err(AppError::conflict("declaration-compare"));
    }
    Ok(hangs)
}

fn note(d: &Decision) -> Note {
    Note {
        internal: d.note.clone(),
        reason: d.reason.clone(),
        remedy: d.remedy.clone(),
        items: d.items.clone(),
    }
}

fn request(d: &Decision) -> Request<'_> {
    Request {
        action: &d.action,
        reason: Some(d.reason.as_str()).filter(|r| !r.is_empty()),
        remedy: Some(d.remedy.as_str()).filter(|r| !r.is_empty()),
        items: &d.items,
        version: Some(d.version),
    }
}

fn audit_name(action: &str) -> &'static str {
    match action {
        "check" => "declaration.check",
        "return" => "declaration.return",
        "confirm" => "declaration.confirm",
        "reject" => "declaration.reject",
        _ => "declaration.change",
    }
}

/// Until when a returned declaration can be corrected: as long as its answers may be relied on.
pub(super) fn deadline(rules: &RuleSet, row: &Row) -> AppResult<DateTime<Utc>> {
    expiry::outdated_at(rules, row)
}

/// What a message about a decision shows.
fn params(rules: &RuleSet, d: &Decision, row: &Row, by: &OfficialPrincipal) -> AppResult<Value> {
    Ok(json!({
        "number": row.number, "reason": d.reason, "remedy": d.remedy, "items": d.items, "count": d.items.len(),
        "deadline": deadline(rules, row)?,
        "office": by.office_name(false), "office_en": by.office_name(true), "phone": by.office_phone,
    }))
}

/// Issues the certificate of a declaration that has just been confirmed.
fn confirm(
    tx: &mut Tx<'_>,
    desk: &Parts,
    by: &OfficialPrincipal,
    before: &Row,
    person: Id,
    (conclusion, temperature_tenths): (Conclusion, i32),
) -> AppResult<String> {
    let (keys, now) = (&desk.keys, desk.now);
    let row = store::by_id(tx.conn(), before.id)?.ok_or(AppError::NotFound)?;
    let request = Request { action: "issue", version: Some(row.version), ..Request::default() };
    let (rules, mut issued) = (&desk.colours.policy, None);
    let role = workflow::Actor::Official { role: by.role.code(), own_case: false };
    let facts = act::facts(rules, &row, now)?;
    let asked = Asked { request, role, by: by.into(), facts: &facts, received: None, now };
    case::step(tx, keys, &at(&row), &asked, |tx, moved| {
        // With what was just accepted: a certificate says that nothing is amiss, so nothing may be known to be.
        let outcome = desk.colours.now(tx.conn(), person, now)?;
        if desk.colours.effect(&outcome, now) != CertificateEffect::Keep {
            return Err(AppError::conflict("certificate-colour"));
        }
        let answers = row.answers(keys)?;
        let destination = answers.destination.as_ref().map(|d| d.division.to_string()).unwrap_or_default();
        let holder = accounts::person(tx.conn(), keys, person)?;
        let new = NewCertificate {
            declaration: row.id,
            person: &holder,
            account: row.account_id,
            division: row.division.clone(),
            valid_days: certificate_days(rules, &row.division, &destination, now)?,
            destination,
            conclusion,
            temperature_tenths,
            doctor: by,
        };
        issued = Some(certificates::issue_for(tx, keys, &desk.issuer, &new, now)?.number);
        let found = (certificates::conclusion_code(conclusion), temperature_tenths);
        let stamp = Stamp::Decided(by.official_id, Some(found));
        store::advance(tx, &row, row.version, &moved.done.to, stamp, now)?;
        // The certificate has its own entry in the record and its own letter.
        Ok(Written::<()> { note: None, entry: None })
    })?;
    issued.ok_or_else(|| AppError::internal("a step without what it issues"))
}

/// What the policy says of a journey: whether a certificate is needed, and for how many days it is valid.
pub(super) fn terms(
    rules: &RuleSet,
    from: &str,
    to: &str,
    now: DateTime<Utc>,
) -> AppResult<Option<policy::CertificateDecision>> {
    let six = |code: &str| code.get(..6).unwrap_or(code).to_owned();
    policy::certificate_needed(rules, &Trip { from: six(from), to: six(to) }, now)
        .map_err(|f| AppError::internal(format!("rule {}: {}", f.rule, f.error)))
}

fn certificate_days(rules: &RuleSet, from: &str, to: &str, now: DateTime<Utc>) -> AppResult<u32> {
    let decision = terms(rules, from, to, now)?;
    decision.map(|d| d.terms.valid_days).ok_or_else(|| AppError::conflict("declaration-no-policy"))
}
