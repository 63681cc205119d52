//! What can be done with a declaration, each inside one transaction: row, timeline, audit, message and job together.

use super::answers::Answers;
use super::parse;
use super::receipt::Receipt;
use super::store::{self, Note, Row, Submitted, field};
use crate::accounts::{self, Claim, ClaimPerson};
use crate::app::Deps;
use crate::audit::{self, Actor, Entry};
use crate::certificates::{self, Issuer, NewCertificate};
use crate::clock::china_day;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::error::{AppError, AppResult};
use crate::hcert::Conclusion;
use crate::jobs;
use crate::notify::{self, Message};
use crate::policy::{self, RuleSet, Trip};
use crate::web::principal::OfficialPrincipal;
use crate::workflow::{self, CaseAt, Definition, Facts, Request, Transition};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::{Arc, LazyLock};

/// The parts of the portal that a transaction needs.
#[derive(Clone)]
pub(super) struct Desk {
    pub keys: Arc<Keyring>,
    pub issuer: Issuer,
    pub now: DateTime<Utc>,
}

impl Desk {
    pub(super) fn of(deps: &Deps, now: DateTime<Utc>) -> Self {
        Self { keys: deps.keys.clone(), issuer: Issuer::of(deps), now }
    }
}

/// What became of a submission.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// Received under this number.
    Received(String),
    /// The document is another account's: to the counter with this number.
    Counter(String),
}

/// The workflow, read once.
pub(super) fn definition() -> AppResult<&'static Definition> {
    static DEFINITION: LazyLock<Result<Definition, String>> =
        LazyLock::new(|| workflow::declaration().map_err(|e| e.to_string()));
    DEFINITION.as_ref().map_err(AppError::internal)
}

/// The policy in force, read once.
pub(super) fn rules() -> AppResult<&'static RuleSet> {
    static RULES: LazyLock<Result<RuleSet, String>> = LazyLock::new(|| {
        policy::first_policy().map_err(|issues| format!("{} issues in the policy", issues.len()))
    });
    RULES.as_ref().map_err(AppError::internal)
}

/// Days for which answers may be relied on.
pub(super) fn valid_days() -> AppResult<i64> {
    Ok(i64::from(rules()?.settings().declaration_valid_days))
}

/// When a row's answers are outdated.
pub(super) fn outdated_at(row: &Row) -> AppResult<DateTime<Utc>> {
    Ok(row.submitted_at.unwrap_or(row.updated_at).0 + Duration::days(valid_days()?))
}

/// The facts that the workflow's guards ask for.
pub(super) fn facts(row: &Row, now: DateTime<Utc>) -> AppResult<Facts> {
    Ok(Facts::new().with("answers-outdated", outdated_at(row)? <= now))
}

/// Asks the workflow; a refusal becomes a conflict with its own text.
pub(super) fn step(
    row: &Row,
    request: &Request<'_>,
    actor: workflow::Actor<'_>,
    now: DateTime<Utc>,
) -> AppResult<Transition> {
    // What was seen is compared first: whoever came second is told what changed, not that the state is wrong.
    if request.version.is_some_and(|seen| seen != row.version) {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    let case = CaseAt { state: &row.state, version: row.version };
    workflow::next(definition()?, case, request, actor, &facts(row, now)?, now).map_err(|refusal| {
        match refusal {
            workflow::Refusal::VersionStale => AppError::conflict("changed-meanwhile"),
            workflow::Refusal::RoleMayNot | workflow::Refusal::UnknownAction => AppError::NotFound,
            other => AppError::conflict(format!("declaration-{}", other.general_code())),
        }
    })
}

/// Queues the expiry of a row; the job looks again and does nothing if the answers were renewed.
pub(super) fn plan_expiry(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    id: Id,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let dedup = format!("declarations.expire:{id}:{}", at.timestamp());
    jobs::enqueue(tx, keys, "declarations.expire", Some(&dedup), &json!({"id": id}), at, now)?;
    Ok(())
}

fn evaluate_code(tx: &mut Tx<'_>, keys: &Keyring, person: Id, now: DateTime<Utc>) -> AppResult<()> {
    let dedup = format!("codes.evaluate:{person}");
    jobs::enqueue(tx, keys, "codes.evaluate", Some(&dedup), &json!({"person_id": person}), now, now)?;
    Ok(())
}

/// Who sends a declaration.
pub(super) struct Sender {
    /// For the audit.
    pub actor: Actor,
    /// The account; none for entry by staff.
    pub account: Option<Id>,
}

fn claim_of(sender: &Sender, a: &Answers) -> AppResult<ClaimPerson> {
    let missing = || AppError::internal("a checked declaration misses an answer");
    Ok(ClaimPerson {
        by: sender.actor.clone(),
        account: sender.account,
        document: a.document().ok_or_else(missing)?,
        name: a.name.clone().ok_or_else(missing)?,
        sex: a.sex(),
        division: a.present.as_ref().ok_or_else(missing)?.division,
        phone: a.phone.clone(),
    })
}

/// Submits a draft (or applies a correction draft): validates everything, claims the document, signs the receipt.
pub(super) fn send(
    tx: &mut Tx<'_>,
    desk: &Desk,
    sender: &Sender,
    draft: &Row,
    seen: i64,
    answers: &Answers,
) -> AppResult<Outcome> {
    parse::whole(answers, china_day(desk.now)).map_err(AppError::Invalid)?;
    let person = match accounts::claim_person(tx, &desk.keys, &claim_of(sender, answers)?, desk.now)? {
        Claim::Counter { number } => return Ok(Outcome::Counter(number)),
        Claim::Yours(person) => person,
    };
    let (row, version, action) = match draft.corrects() {
        Some((number, version)) => {
            let account = sender.account.ok_or(AppError::NotFound)?;
            let row = store::own(tx.conn(), account, Some(person), number)?;
            store::delete_draft(tx, draft.id)?;
            (row, version, "correct")
        }
        None => {
            if store::open_one(tx.conn(), sender.account, Some(person))?.is_some() {
                return Err(AppError::conflict("declaration-open"));
            }
            (draft.clone(), seen, "submit")
        }
    };
    receive(tx, desk, sender, &row, version, action, person, answers)
}

#[allow(clippy::too_many_arguments)]
fn receive(
    tx: &mut Tx<'_>,
    desk: &Desk,
    sender: &Sender,
    row: &Row,
    version: i64,
    action: &str,
    person: Id,
    answers: &Answers,
) -> AppResult<Outcome> {
    let (keys, now) = (&desk.keys, desk.now);
    if row.person_id.is_some_and(|p| p != person) {
        return Err(AppError::Invalid(vec![crate::error::FieldError::new(
            "step-identity",
            "document-other",
        )]));
    }
    let request = Request { action, version: Some(version), ..Request::default() };
    let moved = step(row, &request, workflow::Actor::Applicant, now)?;
    let receipt = Receipt::sign(keys, &row.number, answers, now)?;
    let division = answers.present.as_ref().map(|p| p.division.to_string()).unwrap_or_default();
    let submitted = Submitted {
        person,
        answers,
        division: &division,
        destination: answers.destination.as_ref().map(|d| d.division.to_string()),
        receipt: keys.seal_json(&field("receipt_sealed", row.id), &receipt)?,
    };
    store::submit(tx, keys, row, &moved.to, submitted, now)?;
    let path = (action, moved.from.as_str(), moved.to.as_str());
    store::add_event(tx, keys, row, &sender.actor, path, row.version + 1, &Note::default(), now)?;
    let name = if action == "submit" { "declaration.submit" } else { "declaration.correct" };
    let entry = Entry::new(sender.actor.clone(), name, "declaration").object(row.id).subject(Some(person));
    audit::append(tx, now, entry.detail(json!({"number": row.number, "version": row.version + 1})))?;
    let office = store::responsible(tx.conn(), &division, "village-worker")?.unwrap_or_default();
    let params = json!({
        "number": row.number, "received_at": now,
        "office": office.0, "office_en": office.1, "phone": office.2,
    });
    tell(tx, keys, row, person, Message::new("declaration-received", params), row.version + 1, now)?;
    evaluate_code(tx, keys, person, now)?;
    plan_expiry(tx, keys, row.id, now + Duration::days(valid_days()?), now)?;
    Ok(Outcome::Received(row.number.clone()))
}

fn tell(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    person: Id,
    message: Message,
    version: i64,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let to = certificates::reach(tx.conn(), keys, row.account_id, person)?;
    let name = format!("{}:{}:{version}", message.name, row.id);
    notify::send(tx, keys, &to, &message.once(name), now)
}

/// Withdraws an own declaration.
pub(super) fn withdraw(
    tx: &mut Tx<'_>,
    desk: &Desk,
    sender: &Sender,
    person: Option<Id>,
    number: &str,
    version: i64,
) -> AppResult<()> {
    let account = sender.account.ok_or(AppError::NotFound)?;
    let row = store::own(tx.conn(), account, person, number)?;
    let request = Request { action: "withdraw", version: Some(version), ..Request::default() };
    let moved = step(&row, &request, workflow::Actor::Applicant, desk.now)?;
    let after = store::advance(tx, &row, version, &moved.to, desk.now)?;
    let path = ("withdraw", moved.from.as_str(), moved.to.as_str());
    store::add_event(tx, &desk.keys, &row, &sender.actor, path, after, &Note::default(), desk.now)?;
    let entry = Entry::new(sender.actor.clone(), "declaration.withdraw", "declaration").object(row.id);
    audit::append(tx, desk.now, entry.subject(row.person_id).detail(json!({"number": row.number})))?;
    match row.person_id {
        Some(person) => evaluate_code(tx, &desk.keys, person, desk.now),
        None => Ok(()),
    }
}

/// What an official decides.
#[derive(Debug, Clone, Default)]
pub(super) struct Decision {
    pub action: String,
    pub version: i64,
    pub note: String,
    pub reason: String,
    pub remedy: String,
    pub items: Vec<String>,
    /// For `confirm`: conclusion and temperature in tenths.
    pub found: Option<(Conclusion, i32)>,
}

/// Whether an official has a part in a declaration: entered it alone, or is its applicant by telephone.
pub(super) fn own_case(
    conn: &mut Conn,
    keys: &Keyring,
    row: &Row,
    by: &OfficialPrincipal,
) -> AppResult<bool> {
    if row.entered_by == Some(by.official_id) {
        return Ok(true);
    }
    let Some(phone) = store::official(conn, keys, by.official_id)?.1 else { return Ok(false) };
    let stated = row.answers(keys)?.phone.is_some_and(|p| p.as_str() == phone);
    let account = match row.account_id {
        Some(account) => accounts::recipient(conn, keys, account)?.phone.is_some_and(|p| p == phone),
        None => false,
    };
    Ok(stated || account)
}

/// Carries out an official's decision; a confirmation issues the certificate in the same transaction. Gives the
/// certificate's number if there is one.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    desk: &Desk,
    by: &OfficialPrincipal,
    number: &str,
    d: &Decision,
) -> AppResult<Option<String>> {
    let (keys, now) = (&desk.keys, desk.now);
    let row = store::in_jurisdiction(tx.conn(), &by.pattern(), number)?;
    let own_case = own_case(tx.conn(), keys, &row, by)?;
    let actor = workflow::Actor::Official { role: by.role.code(), own_case };
    let moved = step(&row, &request(d), actor, now)?;
    let version = store::advance(tx, &row, d.version, &moved.to, now)?;
    let note = Note {
        internal: d.note.clone(),
        reason: d.reason.clone(),
        remedy: d.remedy.clone(),
        items: d.items.clone(),
    };
    let path = (d.action.as_str(), moved.from.as_str(), moved.to.as_str());
    store::add_event(tx, keys, &row, &Actor::from(by), path, version, &note, now)?;
    let entry = Entry::new(by, audit_name(&d.action), "declaration").object(row.id).subject(row.person_id);
    audit::append(tx, now, entry.detail(json!({"number": row.number, "version": version})))?;
    let person = row.person_id.ok_or_else(|| AppError::internal("a submitted declaration has no person"))?;
    let issued = match d.found.filter(|_| d.action == "confirm") {
        Some(found) => Some(confirm(tx, desk, by, &row, person, found)?),
        None => None,
    };
    match d.action.as_str() {
        "check" => store::stamp(tx, row.id, by.official_id, None, now)?,
        "reject" => store::stamp(tx, row.id, by.official_id, Some(None), now)?,
        _ => {}
    }
    if let Some(message) = message(d, &row, by, now)? {
        tell(tx, keys, &row, person, message, version, now)?;
    }
    evaluate_code(tx, keys, person, now)?;
    Ok(issued)
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
pub(super) fn deadline(row: &Row) -> AppResult<DateTime<Utc>> {
    outdated_at(row)
}

fn message(
    d: &Decision,
    row: &Row,
    by: &OfficialPrincipal,
    _now: DateTime<Utc>,
) -> AppResult<Option<Message>> {
    let name = match d.action.as_str() {
        "return" => "declaration-returned",
        "reject" => "declaration-rejected",
        _ => return Ok(None),
    };
    let params = json!({
        "number": row.number, "reason": d.reason, "remedy": d.remedy, "items": d.items, "count": d.items.len(),
        "deadline": deadline(row)?,
        "office": by.office_name(false), "office_en": by.office_name(true), "phone": by.office_phone,
    });
    Ok(Some(Message::new(name, params)))
}

/// Issues the certificate of a declaration that has just been confirmed.
fn confirm(
    tx: &mut Tx<'_>,
    desk: &Desk,
    by: &OfficialPrincipal,
    before: &Row,
    person: Id,
    (conclusion, temperature_tenths): (Conclusion, i32),
) -> AppResult<String> {
    let (keys, now) = (&desk.keys, desk.now);
    let row = store::by_id(tx.conn(), before.id)?.ok_or(AppError::NotFound)?;
    let request = Request { action: "issue", version: Some(row.version), ..Request::default() };
    let actor = workflow::Actor::Official { role: by.role.code(), own_case: false };
    let moved = step(&row, &request, actor, now)?;
    let answers = row.answers(keys)?;
    let destination = answers.destination.as_ref().map(|d| d.division.to_string()).unwrap_or_default();
    let holder = accounts::person(tx.conn(), keys, person)?;
    let new = NewCertificate {
        declaration: row.id,
        person: &holder,
        account: row.account_id,
        division: row.division.clone(),
        valid_days: certificate_days(&row.division, &destination, now)?,
        destination,
        conclusion,
        temperature_tenths,
        doctor: by,
    };
    let issued = certificates::issue_for(tx, keys, &desk.issuer, &new, now)?;
    let version = store::advance(tx, &row, row.version, &moved.to, now)?;
    let path = ("issue", moved.from.as_str(), moved.to.as_str());
    store::add_event(tx, keys, &row, &Actor::from(by), path, version, &Note::default(), now)?;
    let code = certificates::conclusion_code(conclusion);
    store::stamp(tx, row.id, by.official_id, Some(Some((code, temperature_tenths))), now)?;
    Ok(issued.number)
}

/// What the policy says of a journey: whether a certificate is needed, and for how many days it is valid.
pub(super) fn terms(
    from: &str,
    to: &str,
    now: DateTime<Utc>,
) -> AppResult<Option<policy::CertificateDecision>> {
    let six = |code: &str| code.get(..6).unwrap_or(code).to_owned();
    policy::certificate_needed(rules()?, &Trip { from: six(from), to: six(to) }, now)
        .map_err(|f| AppError::internal(format!("rule {}: {}", f.rule, f.error)))
}

fn certificate_days(from: &str, to: &str, now: DateTime<Utc>) -> AppResult<u32> {
    let decision = terms(from, to, now)?;
    decision.map(|d| d.terms.valid_days).ok_or_else(|| AppError::conflict("declaration-no-policy"))
}

/// The job `declarations.expire`: ends a declaration whose answers are outdated; one that was renewed is planned again.
///
/// # Errors
/// Database errors.
pub async fn expire(deps: crate::app::App, payload: serde_json::Value) -> AppResult<()> {
    let id: Id = payload
        .get("id")
        .and_then(|v| v.as_str())
        .and_then(|s| s.parse().ok())
        .ok_or_else(|| AppError::internal("declarations.expire without an id"))?;
    let (keys, now) = (deps.keys.clone(), deps.clock.now());
    deps.store
        .write(move |tx| {
            let Some(row) = store::by_id(tx.conn(), id)? else { return Ok(()) };
            let live = row.state == "draft" || store::OPEN.contains(&row.state.as_str());
            let due = outdated_at(&row)?;
            if !live {
                return Ok(());
            }
            if due > now {
                return plan_expiry(tx, &keys, id, due, now);
            }
            if row.corrects().is_some() {
                return store::delete_draft(tx, id);
            }
            let request = Request { action: "expire", ..Request::default() };
            let moved = step(&row, &request, workflow::Actor::System, now)?;
            let version = store::advance(tx, &row, row.version, &moved.to, now)?;
            let path = ("expire", moved.from.as_str(), moved.to.as_str());
            store::add_event(tx, &keys, &row, &Actor::System, path, version, &Note::default(), now)?;
            let entry = Entry::new(Actor::System, "declaration.expire", "declaration").object(id);
            audit::append(tx, now, entry.subject(row.person_id))?;
            match row.person_id {
                Some(person) => {
                    let message = Message::new("declaration-expired", json!({"number": row.number}));
                    tell(tx, &keys, &row, person, message, version, now)
                }
                None => Ok(()),
            }
        })
        .await
}
