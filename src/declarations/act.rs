//! What residents do with a declaration, each inside one transaction: row, timeline, audit, message and job together;
//! and what the decisions of officials share with it.

use super::answers::Answers;
use super::daily;
use super::expiry;
use super::parse;
use super::receipt::Receipt;
use super::stale;
use super::store::{self, Row, Stamp, Submitted, field};
use super::store_offices;
use super::store_versions;
use super::whose;
use crate::accounts::{self, Claim, ClaimPerson};
use crate::agreed;
use crate::audit::{self, Actor};
use crate::case::{self, Asked, At, Kind, Letter, Written};
use crate::certificates::Issuer;
use crate::clock::china_day;
use crate::colour::{self, Colours};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::identity::DivisionCode;
use crate::policy::RuleSet;
use crate::proxies;
use crate::web::principal::ActingFor;
use crate::workflow::{self, Facts, Request};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// The parts of the portal that a transaction needs.
#[derive(Clone)]
pub(super) struct Parts {
    pub keys: Arc<Keyring>,
    pub issuer: Issuer,
    pub colours: Colours,
    pub now: DateTime<Utc>,
}

impl Parts {
    pub(super) fn of(deps: &Deps, now: DateTime<Utc>) -> AppResult<Self> {
        let (keys, issuer) = (deps.keys.clone(), Issuer::of(deps));
        Ok(Self { keys, issuer, colours: Colours::of(deps)?, now })
    }
}

/// What became of a submission.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// Received under this number.
    Received(String),
    /// The document is another account's: to the counter with this number.
    Counter(String),
    /// The document is another account's, and this account waits for as many claims as it may.
    Full,
    /// Staff typed another name than the one the document is known by.
    OtherName,
}

impl Outcome {
    /// For a resident: the number of what was received, or `to_counter` of the claim's number.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `claims-too-many`. It is an error only now: the try was committed.
    pub(super) fn number(self, to_counter: impl FnOnce(String) -> AppResult<String>) -> AppResult<String> {
        match self {
            Self::Received(number) => Ok(number),
            Self::Counter(number) => to_counter(number),
            Self::Full => Err(AppError::conflict("claims-too-many")),
            Self::OtherName => Err(AppError::internal("a resident's own name was compared")),
        }
    }
}

/// What a declaration is as a case. That a certificate was issued is told by whoever issues it.
pub(super) static DECLARATION: Kind = Kind {
    name: "declaration",
    object: "declaration",
    did: "declaration-event-",
    says: &[
        ("not-from-state", "declaration-not-from-state"),
        ("self-decision", "declaration-self-decision"),
        ("guard", "declaration-guard"),
        ("fact-unknown", "declaration-fact-unknown"),
        ("unknown-state", "declaration-unknown-state"),
    ],
    letters: &[
        "declaration-received",
        "declaration-returned",
        "declaration-rejected",
        "declaration-expired",
        "certificate-issued",
    ],
    definition: LazyLock::new(workflow::declaration),
};

/// How a declaration stands, as a case.
pub(super) fn at(row: &Row) -> At {
    At {
        kind: &DECLARATION,
        id: row.id,
        subject: row.person_id,
        state: row.state.clone(),
        version: row.version,
        clocks: workflow::CaseClocks::new(),
    }
}

/// The facts that the workflow's guards ask for.
pub(super) fn facts(rules: &RuleSet, row: &Row, now: DateTime<Utc>) -> AppResult<Facts> {
    Ok(Facts::new().with("answers-outdated", expiry::outdated_at(rules, row)? <= now))
}

/// Who sends a declaration.
pub(super) struct Sender {
    /// For the audit.
    pub actor: Actor,
    /// The account; none for entry by staff, and for who acts for somebody else.
    pub account: Option<Id>,
    /// For whom somebody acts who does not declare for themselves.
    pub acting: Option<ActingFor>,
    /// For entry by staff: the office that typed it, with its English name and telephone.
    pub office: Option<(String, String, String)>,
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

/// To the counter (of any place) or refused, if the document of a draft is somebody else's; none where it is not.
pub(super) fn claimed_early(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    sender: &Sender,
    a: &Answers,
    province: &str,
    now: DateTime<Utc>,
) -> AppResult<Option<Outcome>> {
    if let Some(acting) = &sender.acting {
        return whose::is_theirs(tx.conn(), keys, acting, a, ["document_number", "name"]).map(|()| None);
    }
    let (Some(document), Some(name)) = (a.document(), a.name.clone()) else { return Ok(None) };
    let division = match &a.present {
        Some(present) => present.division,
        None => DivisionCode::parse(province).map_err(AppError::internal)?,
    };
    let (by, account) = (sender.actor.clone(), sender.account);
    let claim = ClaimPerson { by, account, document, name, sex: a.sex(), division, phone: None };
    Ok(accounts::to_counter_early(tx, keys, &claim, now)?.and_then(|claim| claimed_as(claim).err()))
}

/// The person of a document that may be used, else what became of the submission.
fn claimed_as(claim: Claim) -> Result<Id, Outcome> {
    match claim {
        Claim::Yours(person) => Ok(person),
        Claim::Counter { number } => Err(Outcome::Counter(number)),
        Claim::Full => Err(Outcome::Full),
        Claim::OtherName(_) => Err(Outcome::OtherName),
    }
}

/// Submits a draft (or applies a correction draft): validates everything, claims the document, signs the receipt.
pub(super) fn send(
    tx: &mut Tx<'_>,
    desk: &Parts,
    sender: &Sender,
    draft: &Row,
    seen: i64,
    answers: &Answers,
) -> AppResult<Outcome> {
    let person = match claimed(tx, desk, sender, answers)? {
        Ok(person) => person,
        Err(outcome) => return Ok(outcome),
    };
    let Some((number, version)) = draft.corrects() else {
        only_one(tx, sender, person)?;
        let case = Case { row: draft, seen, action: "submit", is_new: false };
        return receive(tx, desk, sender, &case, person, answers);
    };
    let row = store::own(tx.conn(), sender.seat()?, Some(person), number)?;
    // That nothing can be changed any more comes before what has changed: looking again would not help.
    stale::correctable(&row)?;
    store::delete_draft(tx, draft.id)?;
    let case = Case { row: &row, seen: version, action: "correct", is_new: false };
    receive(tx, desk, sender, &case, person, answers)
}

/// Submits answers that came all at once, by a program or at a counter, without a draft before; `entered_by` is the
/// official who typed them.
pub(super) fn send_at_once(
    tx: &mut Tx<'_>,
    desk: &Parts,
    sender: &Sender,
    entered_by: Option<Id>,
    answers: &Answers,
) -> AppResult<Outcome> {
    let person = match claimed(tx, desk, sender, answers)? {
        Ok(person) => person,
        Err(outcome) => return Ok(outcome),
    };
    only_one(tx, sender, person)?;
    let row = store::new_draft(tx.conn(), &desk.keys, &sender.whose(), entered_by, answers, "", desk.now)?;
    let case = Case { row: &row, seen: row.version, action: "submit", is_new: true };
    receive(tx, desk, sender, &case, person, answers)
}

/// Validates everything and claims the document: the person, or what became of the submission instead.
fn claimed(
    tx: &mut Tx<'_>,
    desk: &Parts,
    sender: &Sender,
    answers: &Answers,
) -> AppResult<Result<Id, Outcome>> {
    parse::whole(answers, china_day(desk.now)).map_err(AppError::Invalid)?;
    if let Some(acting) = &sender.acting {
        // How somebody is called and where they live is changed by themselves or at a counter.
        whose::is_theirs(tx.conn(), &desk.keys, acting, answers, ["step-identity"; 2])?;
        return Ok(Ok(acting.person));
    }
    accounts::claim_person(tx, &desk.keys, &claim_of(sender, answers)?, desk.now).map(claimed_as)
}

/// A person has one open declaration at a time.
fn only_one(tx: &mut Tx<'_>, sender: &Sender, person: Id) -> AppResult<()> {
    match store::has_open(tx.conn(), sender.account, person)? {
        true => Err(AppError::conflict("declaration-open")),
        false => Ok(()),
    }
}

/// What is received: a submission or a correction.
struct Case<'a> {
    row: &'a Row,
    /// The version that the sender saw.
    seen: i64,
    action: &'static str,
    /// Whether the row is not written yet.
    is_new: bool,
}

fn receive(
    tx: &mut Tx<'_>,
    desk: &Parts,
    sender: &Sender,
    case: &Case<'_>,
    person: Id,
    answers: &Answers,
) -> AppResult<Outcome> {
    let &Case { row, seen, action, is_new } = case;
    let (keys, now) = (&desk.keys, desk.now);
    if row.person_id.is_some_and(|p| p != person) {
        return Err(AppError::Invalid(vec![crate::error::FieldError::new(
            "step-identity",
            "document-other",
        )]));
    }
    let request = Request { action, version: Some(seen), ..Request::default() };
    let (by, facts) = (sender.actor.clone(), facts(&desk.colours.policy, row, now)?);
    let asked = Asked { request, role: workflow::Actor::Applicant, by, facts: &facts, received: None, now };
    let division = answers.present.as_ref().map(|p| p.division.to_string()).unwrap_or_default();
    let at = at(row);
    let moved = case::step(tx, keys, &at, &asked, |tx, moved| {
        if sender.office.is_none() {
            daily::count(tx, keys, person, now)?;
        }
        let submitted = Submitted {
            person,
            answers,
            division: &division,
            destination: answers.destination.as_ref().map(|d| d.division.to_string()),
            receipt: receipt(tx, desk, sender, case, person, answers)?,
        };
        if is_new {
            store::insert_submitted(tx, row, &moved.done.to, submitted, now)?;
        } else {
            if action == "correct" {
                store_versions::keep(tx, keys, row)?;
            }
            store::submit(tx, keys, row, &moved.done.to, submitted, now)?;
        }
        // The receipt quotes the place of the entry, so it was made before the row.
        Ok(Written::<()> { note: None, entry: None })
    })?;
    for letter in case::letters(&at, &moved)? {
        let told = received(tx.conn(), sender, row, (letter, &division), now)?;
        tell(tx, keys, row, person, told, moved.version, now)?;
    }
    if let Some(acting) = &sender.acting {
        proxies::acted(tx, keys, acting, proxies::Did::of_declaration(action), Some(&row.number), now)?;
    }
    colour::enqueue_evaluation(tx, keys, person, now)?;
    expiry::plan(tx, keys, row.id, expiry::counts_until(&desk.colours.policy, now)?, now)?;
    Ok(Outcome::Received(row.number.clone()))
}

/// The signed receipt of what came in, sealed, with its entry in the record.
fn receipt(
    tx: &mut Tx<'_>,
    desk: &Parts,
    sender: &Sender,
    case: &Case<'_>,
    person: Id,
    answers: &Answers,
) -> AppResult<Vec<u8>> {
    let (row, keys, now) = (case.row, &desk.keys, desk.now);
    let name = if case.action == "submit" { "declaration.submit" } else { "declaration.correct" };
    let detail = json!({"number": row.number, "version": row.version + 1, "text": agreed::DECLARATION});
    let entry = at(row).entry(sender.actor.clone(), name).subject(Some(person)).detail(detail);
    let place = audit::append(tx, now, entry)?;
    let receipt = Receipt::sign(keys, &row.number, answers, &place, now)?;
    Ok(keys.seal_json(&field("receipt_sealed", row.id), &receipt)?)
}

/// What the applicant is told of what came in: by which office it is checked; of an entry by staff also who typed it.
fn received(
    conn: &mut crate::db::Conn,
    sender: &Sender,
    row: &Row,
    (letter, division): (&'static str, &str),
    now: DateTime<Utc>,
) -> AppResult<(&'static str, Value)> {
    let (name, office) = match &sender.office {
        Some(office) => ("declaration-entered", Some(office.clone())),
        None => (letter, store_offices::responsible(conn, division, "village-worker")?),
    };
    let (office, office_en, phone) = office.unwrap_or_default();
    let params = json!({
        "number": row.number, "received_at": now, "office": office, "office_en": office_en, "phone": phone,
    });
    Ok((name, params))
}

/// Tells the applicant.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    person: Id,
    (name, params): (&'static str, Value),
    version: i64,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let to = accounts::reach(tx.conn(), keys, row.account_id, person)?;
    Letter { name, case: row.id, version }.send(tx, keys, &to, params, now)
}

/// Withdraws an own declaration.
pub(super) fn withdraw(
    tx: &mut Tx<'_>,
    desk: &Parts,
    sender: &Sender,
    person: Option<Id>,
    number: &str,
    version: i64,
) -> AppResult<()> {
    let account = sender.account.ok_or(AppError::NotFound)?;
    let row = store::own(tx.conn(), account, person, number)?;
    let request = Request { action: "withdraw", version: Some(version), ..Request::default() };
    let (by, facts) = (sender.actor.clone(), facts(&desk.colours.policy, &row, desk.now)?);
    let role = workflow::Actor::Applicant;
    let asked = Asked { request, role, by, facts: &facts, received: None, now: desk.now };
    let at = at(&row);
    case::step(tx, &desk.keys, &at, &asked, |tx, moved| {
        store::advance(tx, &row, version, &moved.done.to, Stamp::None, desk.now)?;
        let entry = at.entry(sender.actor.clone(), "declaration.withdraw");
        Ok(Written::recorded(entry.detail(json!({"number": row.number}))))
    })?;
    match row.person_id {
        Some(person) => colour::enqueue_evaluation(tx, &desk.keys, person, desk.now),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::DECLARATION;

    #[test]
    fn every_letter_of_the_workflow_is_known() {
        assert_eq!(DECLARATION.unknown_letters().unwrap(), [""; 0]);
    }
}
