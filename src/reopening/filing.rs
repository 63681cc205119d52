//! What an applicant does before and after a decision: claim a business, draft, submit, answer a correction notice.

use super::act::{self, Ask, By, Parts};
use super::answers::STEPS;
use super::messages::Sender;
use super::model::{Agent, Application, Business, Form, Note, StaffRow};
use super::{rules, standing, store, store_business};
use crate::accounts::{self, Asking};
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Id, Js, Tx};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, Uscc};
use crate::number::{self, Numbered};
use crate::policy::{ReviewLevel, RuleSet};
use crate::risk;
use crate::web::limits;
use chrono::{DateTime, Duration, Utc};
use serde_json::json;

/// Characters of the name of a business.
pub const NAME_MAX: usize = 200;

/// What the first page asks.
#[derive(Debug, Clone)]
pub struct Start {
    /// Credit code.
    pub uscc: Uscc,
    /// Name as on the licence.
    pub name: String,
    /// Place of the premises.
    pub division: String,
}

impl Start {
    /// The kind of the business, which its credit code says.
    pub fn kind(&self) -> &'static str {
        if self.uscc.is_individual_business() { "individual" } else { "enterprise" }
    }
}

/// Claims a business for an account, or finds the claim again. Name and place belong to the claim, and only its account
/// sees them, until a counter or the code to the legal person's phone confirms it. Who comes second learns nothing about
/// the first. As long as the claim waits, what is typed anew counts.
///
/// # Errors
/// [`AppError::TooMany`] past twenty new claims of an account in a day; [`AppError::Conflict`] `changed-meanwhile` when it
/// is decided at this moment; database errors.
pub fn claim(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    account: Id,
    start: &Start,
    now: DateTime<Utc>,
) -> AppResult<(Agent, Business)> {
    let business = match store_business::by_uscc(tx.conn(), start.uscc.as_str())? {
        Some(business) => business,
        None => store_business::ensure(
            tx,
            &Business {
                id: Id::new(),
                uscc: start.uscc.as_str().to_owned(),
                name: String::new(),
                kind: start.kind().into(),
                division: String::new(),
                industry: None,
                scale: None,
                legal_person_sealed: None,
                legal_phone_sealed: None,
                legal_phone_blind: None,
                version: 1,
                created_at: now.into(),
            },
        )?,
    };
    if let Some(agent) = store_business::agent_of(tx.conn(), business.id, account)? {
        return claimed_before(tx, agent, business, start, now);
    }
    limits::count(tx, keys, "business-claim", &account.to_string(), Duration::days(1), 20, now)?;
    let agent = Agent {
        id: Id::new(),
        business_id: business.id,
        account_id: account,
        number: number::new(tx.conn(), Numbered::Agent, now)?,
        state: "pending".into(),
        created_at: now.into(),
        confirmed_at: None,
        confirmed_by: None,
        how: None,
        version: 1,
        claimed_name: start.name.clone(),
        claimed_division: start.division.clone(),
    };
    store_business::insert_agent(tx, &agent)?;
    let entry = Entry::new(Actor::Resident(account), "business.claim", "business").object(business.id);
    audit::append(tx, now, entry)?;
    Ok((agent, business))
}

fn claimed_before(
    tx: &mut Tx<'_>,
    agent: Agent,
    business: Business,
    start: &Start,
    now: DateTime<Utc>,
) -> AppResult<(Agent, Business)> {
    let same = agent.claimed_name == start.name && agent.claimed_division == start.division;
    if same || agent.state != "pending" {
        return Ok((agent, business));
    }
    let agent = store_business::claim_anew(tx, &agent, &start.name, &start.division)?;
    let entry = Entry::new(Actor::Resident(agent.account_id), "business.claim", "business");
    audit::append(tx, now, entry.object(business.id))?;
    Ok((agent, business))
}

/// The account's draft for a business: the one that is open, or a new one. A confirmed agent finds the staff list of
/// earlier filings in it.
///
/// # Errors
/// [`AppError::Conflict`] `agent-not-confirmed` for a rejected claim; database errors.
pub fn draft(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    agent: &Agent,
    business: &Business,
    division: &str,
    now: DateTime<Utc>,
) -> AppResult<Application> {
    if !matches!(agent.state.as_str(), "pending" | "confirmed") {
        return Err(AppError::conflict("agent-not-confirmed"));
    }
    if let Some(open) = store::draft(tx.conn(), business.id, agent.account_id)? {
        return Ok(open);
    }
    let (id, mut form) = (Id::new(), Form::new(&business.kind));
    form.division = Some(division.to_owned());
    if agent.confirmed() {
        form.staff = store_business::staff(tx.conn(), keys, business.id)?;
    }
    let app = Application {
        id,
        number: number::new(tx.conn(), Numbered::Application, now)?,
        business_id: business.id,
        account_id: agent.account_id,
        kind: business.kind.clone(),
        state: rules::REOPENING.definition()?.initial().to_owned(),
        version: 1,
        division: division.to_owned(),
        risk_level: "unknown".into(),
        review_level: "unknown".into(),
        step: String::new(),
        form_sealed: store::seal_form(keys, id, &form)?,
        returning_staff: 0,
        corrections: 0,
        clock: Js(json!({})),
        due_at: None,
        assignee: None,
        permit_number: None,
        permit_until: None,
        decided_by: None,
        decided_at: None,
        created_at: now.into(),
        updated_at: now.into(),
        submitted_at: None,
    };
    store::insert(tx, &app)?;
    let entry =
        Entry::new(Actor::Resident(agent.account_id), "reopening.draft", "application").object(app.id);
    audit::append(tx, now, entry)?;
    Ok(app)
}

/// Whether the applicant can change the answers now: before submission and while a correction is asked for. Afterwards
/// nobody can.
pub fn editable(app: &Application) -> bool {
    matches!(app.state.as_str(), "draft" | "correction")
}

/// Saves one step's answer; `put` changes the form.
///
/// # Errors
/// What `put` refuses; [`AppError::Conflict`] `refused-not-from-state` when the answers are closed.
pub fn save_step(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    account: Id,
    number: &str,
    step: &str,
    now: DateTime<Utc>,
    put: impl FnOnce(&mut Form) -> Result<(), Vec<FieldError>>,
) -> AppResult<(Application, Form)> {
    let mut app = store::own(tx.conn(), number, account)?;
    if !editable(&app) {
        return Err(AppError::conflict("refused-not-from-state"));
    }
    let seen = app.version;
    let mut form = store::form(keys, &app)?;
    put(&mut form).map_err(AppError::Invalid)?;
    let county = |code: &str| DivisionCode::parse(code).ok().and_then(DivisionCode::county);
    if app.state == "correction" && form.division.as_deref().and_then(county) != county(&app.division) {
        return Err(AppError::field("place", "division-other-county"));
    }
    set_form(keys, &mut app, &form)?;
    step.clone_into(&mut app.step);
    app.version += 1;
    app.updated_at = now.into();
    store::save(tx, &app, seen)?;
    let entry = Entry::new(Actor::Resident(account), "reopening.save-step", "application")
        .object(app.id)
        .detail(json!({"step": step, "version": app.version}));
    audit::append(tx, now, entry)?;
    Ok((app, form))
}

/// Puts a form into its case, with the columns that lists need.
fn set_form(keys: &Keyring, app: &mut Application, form: &Form) -> AppResult<()> {
    app.form_sealed = store::seal_form(keys, app.id, form)?;
    app.returning_staff = form.returning.and_then(|n| i32::try_from(n).ok()).unwrap_or(0);
    if let Some(division) = &form.division {
        app.division.clone_from(division);
    }
    Ok(())
}

/// Submits a draft or answers a correction notice. Which of filing and application it is follows from the policy and
/// the county's risk at this moment; the applicant cannot choose and no office can ask for more.
///
/// # Errors
/// [`AppError::Conflict`] `incomplete`, `agent-not-confirmed`, `already-in-force` while the business has a case for the
/// place, `premises-shut`, `no-risk-class`, `changed-meanwhile`;
/// [`AppError::Invalid`] without the commitment.
pub fn submit(
    tx: &mut Tx<'_>,
    parts: &Parts,
    account: Id,
    number: &str,
    version: i64,
    committed: bool,
    now: DateTime<Utc>,
) -> AppResult<Application> {
    let keys = &parts.keys;
    let mut app = store::own(tx.conn(), number, account)?;
    let mut form = store::form(keys, &app)?;
    if app.version != version {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    if !committed {
        return Err(AppError::field("commitment", "commitment"));
    }
    if STEPS.first_incomplete(&form).is_some() {
        return Err(AppError::conflict("incomplete"));
    }
    let agent = store_business::agent_of(tx.conn(), app.business_id, account)?;
    if !agent.is_some_and(|a| a.confirmed()) {
        return Err(AppError::conflict("agent-not-confirmed"));
    }
    if app.state == "draft" {
        standing::one_at_a_time(tx, &app)?;
        if standing::other(tx.conn(), keys, &app, &form, now)?.is_some() {
            return Err(AppError::conflict("already-in-force"));
        }
    }
    form.commitment = true;
    set_form(keys, &mut app, &form)?;
    let action = match (app.state.as_str(), level(tx, &parts.policy, &app, &form, now)?) {
        (_, Some(ReviewLevel::Shut)) => return Err(AppError::conflict("premises-shut")),
        ("correction", _) => "resubmit",
        (_, None) => return Err(AppError::conflict("no-risk-class")),
        (_, Some(ReviewLevel::Filing)) => "file",
        (_, Some(ReviewLevel::Permit)) => "submit",
    };
    let ask = Ask { action: action.into(), version: Some(version), note: Note::default() };
    act::act(tx, parts, app, &By::Applicant(account), &ask, now)
}

fn level(
    tx: &mut Tx<'_>,
    policy: &RuleSet,
    app: &Application,
    form: &Form,
    now: DateTime<Utc>,
) -> AppResult<Option<ReviewLevel>> {
    let division = DivisionCode::parse(&app.division).map_err(AppError::internal)?;
    let class = risk::level_at(tx.conn(), division, now)?;
    Ok(rules::review(policy, form, &app.division, class, now)?.map(|r| r.terms.level))
}

/// The name on file, or what would become it with this claim.
fn called(agent: &Agent, business: &Business) -> String {
    if business.name.is_empty() { agent.claims(business) } else { business.name.clone() }
}

/// Sends a code to the legal person's phone, when one is on file. The caller cannot tell whether one was.
///
/// # Errors
/// [`AppError::TooMany`] past three an hour and five a day of an agent, ten a day of a business, what one telephone gets, and
/// the share of a network in all codes; [`AppError::Unavailable`] when the portal sends no more.
pub fn send_code(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    sender: &Sender,
    agent: &Agent,
    business: &Business,
    (asking, now): (Asking, DateTime<Utc>),
) -> AppResult<()> {
    for (window, limit) in [(Duration::hours(1), 3), (Duration::days(1), 5)] {
        limits::count(tx, keys, "agent-code", &agent.id.to_string(), window, limit, now)?;
    }
    limits::count(tx, keys, "agent-code-business", &business.id.to_string(), Duration::days(1), 10, now)?;
    let entry = Entry::new(Actor::Resident(agent.account_id), "business.agent-code", "business_agent")
        .object(agent.id);
    audit::append(tx, now, entry)?;
    let phone = store_business::legal_phone(keys, business)?.filter(|_| agent.state == "pending");
    // What the legal person agrees to: the name on file, or what would become it.
    let shown = super::messages::agent_code(sender, &called(agent, business), &agent.number);
    let minutes = rules::settings()?.agent_code_minutes;
    let (claim, to) = ((agent.id, agent.version), (phone.as_ref(), business.id));
    accounts::agent_code(tx, keys, claim, to, (minutes, shown), asking)
}

/// Tries the code that the legal person passed on. A wrong one is counted, so its transaction must be kept: false. With the
/// right one what the claim says becomes the business's name, unless it has one.
///
/// # Errors
/// [`AppError::Conflict`] `changed-meanwhile` when another claim is confirmed at this moment; database errors.
pub fn try_code(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    sender: &Sender,
    agent: &Agent,
    business: &Business,
    typed: &str,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    if agent.state != "pending" || !accounts::is_agent_code(tx, keys, (agent.id, agent.version), typed, now)?
    {
        return Ok(false);
    }
    store_business::decide_agent(tx, agent, "confirmed", None, "phone", now)?;
    let name = called(agent, business);
    if business.name.is_empty() {
        store_business::set_name(tx, business, &name, &agent.claimed_division)?;
    }
    let entry = Entry::new(Actor::Resident(agent.account_id), "business.agent-confirm", "business_agent")
        .object(agent.id)
        .detail(json!({"how": "phone"}));
    audit::append(tx, now, entry)?;
    super::messages::agent_decided(tx, keys, sender, agent.account_id, &name, &agent.number, true, now)?;
    Ok(true)
}

/// Puts a whole form, as an API client sends it and [`super::answers::check`] has taken it, into a new draft.
///
/// # Errors
/// [`AppError::Conflict`] `changed-meanwhile` when the form is of another kind of business.
pub fn whole(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    account: Id,
    start: &Start,
    checked: Form,
    now: DateTime<Utc>,
) -> AppResult<Application> {
    let (agent, business) = claim(tx, keys, account, start, now)?;
    if business.kind != checked.kind {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    let app = draft(tx, keys, &agent, &business, &start.division, now)?;
    let (app, _) = save_step(tx, keys, account, &app.number, "check", now, |form| {
        *form = checked;
        Ok(())
    })?;
    Ok(app)
}

/// How many rows of a staff list are written in one transaction.
pub const STAFF_CHUNK: usize = 200;

/// The part of a staff list that a job writes next.
pub fn chunk(rows: &[StaffRow], from: usize) -> &[StaffRow] {
    rows.get(from..rows.len().min(from + STAFF_CHUNK)).unwrap_or_default()
}
