//! Appealing, withdrawing, deciding: the workflow's one transition function, and what follows from it, in one
//! transaction.

use super::model::{Decision, Row, Statement, calendar, decision_context, definition, statement_context};
use super::store;
use crate::accounts;
use crate::app::{App, Deps};
use crate::audit::{self, Actor, Entry};
use crate::codes;
use crate::db::{Conn, Id, Js, Tx};
use crate::error::{AppError, AppResult};
use crate::notify::{self, Message};
use crate::number::{self, Numbered};
use crate::policy::Cause;
use crate::web::principal::OfficialPrincipal;
use crate::workflow::{self, CaseAt, CaseClocks, Facts, Refusal, Request, Transition};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// A new appeal, as the resident typed it.
pub(super) struct New {
    pub account: Id,
    pub person: Id,
    /// Which of the causes: [`Cause::name`], or only its rule where one alone is of that rule.
    pub cause: String,
    pub reason: String,
}

/// The cause that is meant, among those that can be contested.
fn chosen(causes: Vec<Cause>, named: &str) -> Option<Cause> {
    let mut causes: Vec<Cause> = causes.into_iter().filter(|c| c.appealable).collect();
    if let Some(at) = causes.iter().position(|c| c.name() == named) {
        return Some(causes.swap_remove(at));
    }
    causes.retain(|c| c.rule == named);
    causes.pop().filter(|_| causes.is_empty())
}

/// Takes an appeal; gives its number. Appeals of one person are taken one after the other ([`codes::contested`]).
pub(super) fn appeal(tx: &mut Tx<'_>, deps: &App, new: &New, now: DateTime<Utc>) -> AppResult<String> {
    let (_, code, division) = codes::contested(tx, deps, new.person, now)?;
    let cause =
        chosen(code.evaluation.causes, &new.cause).ok_or_else(|| AppError::conflict("appeal-gone"))?;
    for open in store::open_against(tx.conn(), new.person, &cause.rule)? {
        if open.statement(&deps.keys)?.cause.is_same(&cause) {
            return Err(AppError::conflict("appeal-open"));
        }
    }
    let request =
        Request { action: "appeal", reason: Some(&new.reason), version: Some(0), ..Request::default() };
    let case = CaseAt { state: definition()?.initial(), version: 0 };
    let done = step(case, &request, workflow::Actor::Applicant, &Facts::new(), now)?;
    let (id, number) = (Id::new(), number::new(tx.conn(), Numbered::Appeal, now)?);
    let rule = cause.rule.clone();
    let statement = Statement { cause, reason: new.reason.clone() };
    let (clock, due_at) = clocks(CaseClocks::new(), &done, now)?;
    let row = Row {
        id,
        number: number.clone(),
        account_id: new.account,
        person_id: new.person,
        division: division.unwrap_or_else(|| deps.config.province.clone()),
        rule,
        state: done.to.clone(),
        version: 1,
        statement_sealed: deps.keys.seal_json(&statement_context(id), &statement)?,
        clock,
        due_at: due_at.map(Into::into),
        created_at: now.into(),
        decided_at: None,
        decided_by: None,
        office_id: None,
        decision_sealed: None,
    };
    store::add(tx, &row)?;
    note(tx, Actor::Resident(new.account), "appeal.submit", &row, now)?;
    tell(tx, deps, &row, &done, json!({}), now)?;
    Ok(number)
}

/// Takes an appeal back.
pub(super) fn withdraw(
    tx: &mut Tx<'_>,
    account: Id,
    mut row: Row,
    seen: i64,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let request = Request { action: "withdraw", version: Some(seen), ..Request::default() };
    let case = CaseAt { state: &row.state, version: row.version };
    let done = step(case, &request, workflow::Actor::Applicant, &Facts::new(), now)?;
    moved(tx, &mut row, &done, now)?;
    note(tx, Actor::Resident(account), "appeal.withdraw", &row, now)
}

/// Whether an official had a part in what an appeal is about: entered or confirmed a finding that the rule of the cause
/// looks at, or is a colour officer besides. Such a one decides nothing.
pub(super) fn facts(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    row: &Row,
    now: DateTime<Utc>,
) -> AppResult<Facts> {
    let entered = codes::had_a_part(conn, deps, row.person_id, &row.rule, by.official_id)?;
    let took_part = entered || store::is_colour_officer(conn, by.official_id, now)?;
    Ok(Facts::new().with("took-part", took_part))
}

/// Whether an appeal is the official's own.
pub(super) fn own_case(conn: &mut Conn, deps: &Deps, by: &OfficialPrincipal, row: &Row) -> AppResult<bool> {
    accounts::Recusal::of(&deps.keys, by)?.is(conn, Some(row.person_id), Some(row.account_id))
}

/// What a reviewer decides.
pub(super) struct Verdict {
    /// `uphold` or `overturn`.
    pub action: String,
    /// The version that the reviewer saw.
    pub version: i64,
    pub decision: Decision,
}

/// Decides an appeal of the reviewer's jurisdiction.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    deps: &App,
    by: &OfficialPrincipal,
    number: &str,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let mut row = store::here(tx.conn(), &by.pattern(), number)?;
    let own_case = own_case(tx.conn(), deps, by, &row)?;
    let facts = facts(tx.conn(), deps, by, &row, now)?;
    let request = Request {
        action: &verdict.action,
        reason: Some(&verdict.decision.reason),
        remedy: Some(&verdict.decision.remedy),
        version: Some(verdict.version),
        ..Request::default()
    };
    let case = CaseAt { state: &row.state, version: row.version };
    let actor = workflow::Actor::Official { role: by.role.code(), own_case };
    let done = step(case, &request, actor, &facts, now)?;
    row.decided_at = Some(now.into());
    row.decided_by = Some(by.official_id);
    row.office_id = Some(by.office_id);
    row.decision_sealed = Some(deps.keys.seal_json(&decision_context(row.id), &verdict.decision)?);
    moved(tx, &mut row, &done, now)?;
    let overturned = done.to == "overturned";
    note(tx, by.into(), if overturned { "appeal.overturn" } else { "appeal.uphold" }, &row, now)?;
    if overturned {
        let cause = row.statement(&deps.keys)?.cause;
        codes::set_aside(tx, deps, by, row.person_id, &cause, &verdict.decision.reason, now)?;
    }
    let more = json!({
        "reason": verdict.decision.reason, "remedy": verdict.decision.remedy,
        "office": {"zh": by.office, "en": by.office_name(true)}, "phone": by.office_phone,
    });
    tell(tx, deps, &row, &done, more, now)
}

/// Asks the workflow; a refusal becomes a conflict with its own text.
fn step(
    case: CaseAt<'_>,
    request: &Request<'_>,
    actor: workflow::Actor<'_>,
    facts: &Facts,
    now: DateTime<Utc>,
) -> AppResult<Transition> {
    if request.version.is_some_and(|seen| seen != case.version) {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    workflow::next(definition()?, case, request, actor, facts, now).map_err(|refusal| match refusal {
        Refusal::VersionStale => AppError::conflict("changed-meanwhile"),
        Refusal::RoleMayNot | Refusal::UnknownAction => AppError::NotFound,
        Refusal::SelfDecision => AppError::conflict("refused-self-decision"),
        Refusal::Guard { .. } => AppError::conflict("appeal-took-part"),
        _ => AppError::conflict("appeal-decided"),
    })
}

fn clocks(
    before: CaseClocks,
    done: &Transition,
    received: DateTime<Utc>,
) -> AppResult<(Js, Option<DateTime<Utc>>)> {
    let clocks = before.applied(definition()?, done, received).map_err(AppError::internal)?;
    let calendar = calendar()?;
    let due = clocks.current().and_then(|(_, clock)| clock.due_at(calendar)).map(|due| due.at);
    Ok((Js(serde_json::to_value(&clocks).map_err(AppError::internal)?), due))
}

fn moved(tx: &mut Tx<'_>, row: &mut Row, done: &Transition, now: DateTime<Utc>) -> AppResult<()> {
    let seen = row.version;
    let (clock, due) = clocks(row.clocks()?, done, now)?;
    row.state.clone_from(&done.to);
    row.version = seen + 1;
    row.clock = clock;
    row.due_at = due.map(Into::into);
    if store::put(tx, row, seen)? { Ok(()) } else { Err(AppError::conflict("changed-meanwhile")) }
}

fn note(tx: &mut Tx<'_>, by: Actor, action: &'static str, row: &Row, now: DateTime<Utc>) -> AppResult<()> {
    let entry = Entry::new(by, action, "appeal").object(row.id).subject(Some(row.person_id));
    audit::append(tx, now, entry.detail(json!({"number": row.number, "rule": row.rule})))?;
    Ok(())
}

/// The messages that the transition names.
fn tell(
    tx: &mut Tx<'_>,
    deps: &Deps,
    row: &Row,
    done: &Transition,
    more: Value,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let url = deps.config.public_url.trim_end_matches('/');
    let mut params = json!({
        "number": row.number,
        "due": row.due_at.map(|d| d.0),
        "url": format!("{url}/code/appeals/{}", row.number),
    });
    if let (Value::Object(params), Value::Object(more)) = (&mut params, more) {
        params.extend(more);
    }
    let to = accounts::recipient(tx.conn(), &deps.keys, row.account_id)?;
    for effect in &done.effects {
        let workflow::Effect::Notify(name) = effect else { continue };
        let name = ["appeal-received", "appeal-upheld", "appeal-overturned"].into_iter().find(|n| n == name);
        let name = name.ok_or_else(|| AppError::internal("the workflow names an unknown message"))?;
        let message = Message::new(name, params.clone()).once(format!("{name}:{}", row.id));
        notify::send(tx, &deps.keys, &to, &message, now)?;
    }
    Ok(())
}
