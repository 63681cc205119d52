//! What residents do with a declaration, each inside one transaction: row, timeline, audit, message and job together;
//! and what the decisions of officials share with it.

use super::answers::Answers;
use super::daily;
use super::expiry;
use super::parse;
use super::receipt::Receipt;
use super::stale;
use super::store::{self, Row, Stamp, Submitted, field};
use super::store_events::{self, Note};
use super::store_offices;
use super::store_versions;
use super::whose::{self, Whose};
use crate::accounts::{self, Claim, ClaimPerson};
use crate::agreed;
use crate::audit::{self, Actor, Entry};
use crate::certificates::{self, Issuer};
use crate::clock::china_day;
use crate::colour::{self, Colours};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::identity::DivisionCode;
use crate::notify::{self, Message};
use crate::policy::{self, RuleSet};
use crate::proxies;
use crate::web::principal::ActingFor;
use crate::workflow::{self, CaseAt, Definition, Facts, Request, Transition};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::{Arc, LazyLock};

/// The parts of the portal that a transaction needs.
#[derive(Clone)]
pub(super) struct Desk {
    pub keys: Arc<Keyring>,
    pub issuer: Issuer,
    pub colours: Colours,
    pub now: DateTime<Utc>,
}

impl Desk {
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

/// The workflow, read once.
pub(super) fn definition() -> AppResult<&'static Definition> {
    static DEFINITION: LazyLock<Result<Definition, String>> =
        LazyLock::new(|| workflow::declaration().map_err(|e| e.to_string()));
    DEFINITION.as_ref().map_err(AppError::internal)
}

/// The policy in force, read once.
pub(super) fn rules() -> AppResult<&'static RuleSet> {
    static RULES: LazyLock<Result<Arc<RuleSet>, String>> = LazyLock::new(|| {
        policy::first_policy().map_err(|issues| format!("{} issues in the policy", issues.len()))
    });
    RULES.as_deref().map_err(AppError::internal)
}

/// The facts that the workflow's guards ask for.
pub(super) fn facts(row: &Row, now: DateTime<Utc>) -> AppResult<Facts> {
    Ok(Facts::new().with("answers-outdated", expiry::outdated_at(row)? <= now))
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

impl Sender {
    /// Whose the draft is from which they send.
    pub(super) fn whose(&self) -> Whose {
        Whose::sent(self.account, self.acting.as_ref())
    }

    /// As what they ask for a person's declarations: as an account, or under a consent.
    fn seat(&self) -> AppResult<Id> {
        self.account.or(self.whose().consent).ok_or(AppError::NotFound)
    }
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
    desk: &Desk,
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
    desk: &Desk,
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
    desk: &Desk,
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
    desk: &Desk,
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
    let moved = step(row, &request, workflow::Actor::Applicant, now)?;
    if sender.office.is_none() {
        daily::count(tx, keys, person, now)?;
    }
    let name = if action == "submit" { "declaration.submit" } else { "declaration.correct" };
    let entry = Entry::new(sender.actor.clone(), name, "declaration").object(row.id).subject(Some(person));
    let detail = json!({"number": row.number, "version": row.version + 1, "text": agreed::DECLARATION});
    let place = audit::append(tx, now, entry.detail(detail))?;
    let receipt = Receipt::sign(keys, &row.number, answers, &place, now)?;
    let division = answers.present.as_ref().map(|p| p.division.to_string()).unwrap_or_default();
    let submitted = Submitted {
        person,
        answers,
        division: &division,
        destination: answers.destination.as_ref().map(|d| d.division.to_string()),
        receipt: keys.seal_json(&field("receipt_sealed", row.id), &receipt)?,
    };
    if is_new {
        store::insert_submitted(tx, row, &moved.to, submitted, now)?;
    } else {
        if action == "correct" {
            store_versions::keep(tx, keys, row)?;
        }
        store::submit(tx, keys, row, &moved.to, submitted, now)?;
    }
    let path = (action, moved.from.as_str(), moved.to.as_str());
    store_events::add_event(tx, keys, row, &sender.actor, path, row.version + 1, &Note::default(), now)?;
    let told = received(tx.conn(), sender, row, &division, now)?;
    tell(tx, keys, row, person, told, row.version + 1, now)?;
    if let Some(acting) = &sender.acting {
        proxies::acted(tx, keys, acting, proxies::Did::of_declaration(action), Some(&row.number), now)?;
    }
    colour::enqueue_evaluation(tx, keys, person, now)?;
    expiry::plan(tx, keys, row.id, expiry::counts_until(now)?, now)?;
    Ok(Outcome::Received(row.number.clone()))
}

/// What the applicant is told of what came in: by which office it is checked; of an entry by staff also who typed it.
fn received(
    conn: &mut crate::db::Conn,
    sender: &Sender,
    row: &Row,
    division: &str,
    now: DateTime<Utc>,
) -> AppResult<Message> {
    let (name, office) = match &sender.office {
        Some(office) => ("declaration-entered", Some(office.clone())),
        None => ("declaration-received", store_offices::responsible(conn, division, "village-worker")?),
    };
    let (office, office_en, phone) = office.unwrap_or_default();
    let params = json!({
        "number": row.number, "received_at": now, "office": office, "office_en": office_en, "phone": phone,
    });
    Ok(Message::new(name, params))
}

/// Tells the applicant.
pub(super) fn tell(
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
    let after = store::advance(tx, &row, version, &moved.to, Stamp::None, desk.now)?;
    let path = ("withdraw", moved.from.as_str(), moved.to.as_str());
    store_events::add_event(tx, &desk.keys, &row, &sender.actor, path, after, &Note::default(), desk.now)?;
    let entry = Entry::new(sender.actor.clone(), "declaration.withdraw", "declaration").object(row.id);
    audit::append(tx, desk.now, entry.subject(row.person_id).detail(json!({"number": row.number})))?;
    match row.person_id {
        Some(person) => colour::enqueue_evaluation(tx, &desk.keys, person, desk.now),
        None => Ok(()),
    }
}
