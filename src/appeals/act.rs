//! Appealing, withdrawing, deciding: the workflow's one transition function, and what follows from it, in one
//! transaction.

use super::model::{APPEAL, Decision, New, Row, Statement, decision_context, statement_context};
use super::store;
use crate::accounts;
use crate::audit::{Actor, Entry};
use crate::case::{self, Asked, At, Letter, Moved, Written};
use crate::codes::{self, Ground};
use crate::db::{Conn, Id, Js, Tx};
use crate::declarations;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::number::{self, Numbered};
use crate::officials;
use crate::policy::Cause;
use crate::proxies::{self, Did};
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::workflow::{self, Facts, Request};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// The cause that is meant, among those that can be contested.
fn chosen(causes: Vec<Cause>, named: &str) -> Option<Cause> {
    let mut causes: Vec<Cause> = causes.into_iter().filter(|c| c.appealable).collect();
    if let Some(at) = causes.iter().position(|c| c.name() == named) {
        return Some(causes.swap_remove(at));
    }
    causes.retain(|c| c.rule == named);
    causes.pop().filter(|_| causes.is_empty())
}

/// Appeals that a person sends in a day, at most; withdrawing one does not make room.
const A_DAY: i64 = 5;

/// Whether an appeal against a cause is not decided yet.
pub(super) fn waits(conn: &mut Conn, deps: &Deps, person: Id, cause: &Cause) -> AppResult<bool> {
    for open in store::open_against(conn, person, &cause.rule)? {
        if open.statement(&deps.keys)?.cause.is_same(cause) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The decision that a cause holds, where nothing has come to be known since: the same reviewers are not asked again.
/// Something new is what the person has stated or had accepted since, or what was found about them or has ended.
pub(super) fn decided(conn: &mut Conn, deps: &Deps, person: Id, cause: &Cause) -> AppResult<Option<Row>> {
    for row in store::upheld_against(conn, person, &cause.rule)? {
        if !row.statement(&deps.keys)?.cause.is_same(cause) {
            continue;
        }
        let since = row.decided_at.unwrap_or(row.created_at).0;
        let new =
            codes::found_since(conn, person, since)? || declarations::stated_since(conn, person, since)?;
        return Ok(Some(row).filter(|_| !new));
    }
    Ok(None)
}

fn refused(code: &str) -> AppError {
    AppError::Invalid(vec![FieldError::new("cause", code).with("most", A_DAY)])
}

/// Takes an appeal; gives its number. Appeals of one person are taken one after the other ([`codes::contested`]).
pub(super) fn appeal(tx: &mut Tx<'_>, deps: &App, new: &New, now: DateTime<Utc>) -> AppResult<String> {
    let code = codes::contested(tx, deps, new.person, now)?;
    let cause =
        chosen(code.evaluation.causes, &new.cause).ok_or_else(|| AppError::conflict("appeal-gone"))?;
    if waits(tx.conn(), deps, new.person, &cause)? {
        return Err(AppError::conflict("appeal-open"));
    }
    if decided(tx.conn(), deps, new.person, &cause)?.is_some() {
        return Err(refused("appeal-decided-before"));
    }
    if store::sent_since(tx.conn(), new.person, now - TimeDelta::days(1))? >= A_DAY {
        return Err(refused("appeal-too-many"));
    }
    let ground = codes::ground(tx.conn(), deps, new.person, &cause, now)?;
    let row = written(tx, deps, new, cause, ground, now)?;
    Ok(row.number)
}

/// Writes an appeal down.
fn written(
    tx: &mut Tx<'_>,
    deps: &App,
    new: &New,
    cause: Cause,
    ground: Ground,
    now: DateTime<Utc>,
) -> AppResult<Row> {
    let request =
        Request { action: "appeal", reason: Some(&new.reason), version: Some(0), ..Request::default() };
    let (by, facts) = (Actor::from(&*new.by), Facts::new());
    let asked = Asked { request, role: workflow::Actor::Applicant, by, facts: &facts, received: None, now };
    let (id, number) = (Id::new(), number::new(tx.conn(), Numbered::Appeal, now)?);
    let at = At::beginning(&APPEAL, id, Some(new.person))?;
    let statement = Statement { cause, reason: new.reason.clone(), found: ground.rests_on_findings() };
    let mut row = Row {
        id,
        number,
        account_id: new.account(tx.conn())?,
        person_id: new.person,
        division: ground.division.unwrap_or_else(|| deps.config.province.clone()),
        rule: statement.cause.rule.clone(),
        state: at.state.clone(),
        version: at.version,
        statement_sealed: deps.keys.seal_json(&statement_context(id), &statement)?,
        clock: Js(Value::Null),
        due_at: None,
        created_at: now.into(),
        decided_at: None,
        decided_by: None,
        office_id: None,
        decision_sealed: None,
    };
    let moved = case::step(tx, &deps.keys, &at, &asked, |tx, moved| {
        row.moved(moved)?;
        store::add(tx, &row)?;
        Ok(Written::recorded(entry(&at, &asked, &row)))
    })?;
    tell(tx, deps, &row, &moved, json!({}), now)?;
    if let Some(acting) = new.by.sits_for() {
        proxies::acted(tx, &deps.keys, acting, Did::Appealed, Some(&row.number), now)?;
    }
    Ok(row)
}

/// Takes an appeal back.
pub(super) fn withdraw(
    tx: &mut Tx<'_>,
    deps: &Deps,
    account: Id,
    mut row: Row,
    seen: i64,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let request = Request { action: "withdraw", version: Some(seen), ..Request::default() };
    let (by, facts) = (Actor::Resident(account), Facts::new());
    let asked = Asked { request, role: workflow::Actor::Applicant, by, facts: &facts, received: None, now };
    moved(tx, deps, &mut row, &asked).map(drop)
}

/// What the rules of the workflow ask about an official and an appeal. Whoever entered or confirmed a finding that the rule
/// of the cause looks at, is a colour officer besides, or has set this cause aside before, decides nothing. And nobody ends
/// alone what officers found: only where another reviewer came to the same about each of the findings before, one more
/// reviewer is the second. What was found since then waits for an officer like what was found first.
pub(super) fn facts(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    row: &Row,
    ground: &Ground,
    now: DateTime<Utc>,
) -> AppResult<Facts> {
    let took_part = row.reviewers(&deps.keys)?.contains(&by.official_id)
        || codes::had_a_part(conn, deps, row.person_id, &row.rule, by.official_id)?
        || store::is_colour_officer(conn, by.official_id, now)?;
    Ok(Facts::new().with("took-part", took_part).with("alone", codes::is_new_to(conn, row.id, ground)?))
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

/// Decides an appeal of the reviewer's jurisdiction; gives its state. What officers found is set aside for a second officer
/// to confirm.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    deps: &App,
    by: &OfficialPrincipal,
    number: &str,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> AppResult<String> {
    let mut row = store::here(tx.conn(), &by.pattern(), number)?;
    let own_case = own_case(tx.conn(), deps, by, &row)?;
    let said = row.statement(&deps.keys)?;
    let ground = codes::ground(tx.conn(), deps, row.person_id, &said.cause, now)?;
    let facts = facts(tx.conn(), deps, by, &row, &ground, now)?;
    let alone = facts.get("alone") == Some(&true.into());
    let request = Request {
        action: if verdict.action == "overturn" && alone { "propose" } else { &verdict.action },
        reason: Some(&verdict.decision.reason),
        remedy: Some(&verdict.decision.remedy),
        version: Some(verdict.version),
        ..Request::default()
    };
    let role = workflow::Actor::Official { role: by.role.code(), own_case };
    let asked = Asked { request, role, by: by.into(), facts: &facts, received: None, now };
    // Before anything of the row is replaced by what this decision says.
    row.at()?.next(&asked)?;
    let decision = after_others(&row, deps, verdict.decision.clone())?;
    row.decided_at = Some(now.into());
    row.decided_by = Some(by.official_id);
    row.office_id = Some(by.office_id);
    row.decision_sealed = Some(deps.keys.seal_json(&decision_context(row.id), &decision)?);
    let moved = moved(tx, deps, &mut row, &asked)?;
    follow(tx, deps, by, &row, (&said, &ground, &decision.reason), now)?;
    tell(tx, deps, &row, &moved, told(by, &decision), now)?;
    Ok(row.state)
}

/// A decision beside what others wrote and said before.
fn after_others(row: &Row, deps: &Deps, decision: Decision) -> AppResult<Decision> {
    let Some(before) = row.decision(&deps.keys)? else { return Ok(decision) };
    let reviewers = row.reviewers(&deps.keys)?;
    let first = before.first.or(Some(before.reason));
    Ok(Decision { first, objection: before.objection, reviewers, ..decision })
}

/// What a decision brings about.
fn follow(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    row: &Row,
    (said, ground, reason): (&Statement, &Ground, &str),
    now: DateTime<Utc>,
) -> AppResult<()> {
    match row.state.as_str() {
        "confirming" => codes::propose_ends(tx, deps, by, row.id, ground, reason, now),
        // What officers found and has ended meanwhile needs no end, and what they find later was not contested.
        "overturned" if said.found && !ground.rests_on_findings() => Ok(()),
        "overturned" => codes::set_aside(tx, deps, by, (row.person_id, &said.cause), ground, reason, now),
        _ => Ok(()),
    }
}

/// What messages about a decision of an official show.
fn told(by: &OfficialPrincipal, decision: &Decision) -> Value {
    told_by(json!({"zh": by.office, "en": by.office_name(true)}), &by.office_phone, decision)
}

/// What messages about a decision show: the office that answers for it, with its telephone.
fn told_by(office: Value, phone: &str, decision: &Decision) -> Value {
    json!({
        "reason": decision.reason, "remedy": decision.remedy, "objection": decision.objection,
        "office": office, "phone": phone,
    })
}

/// What the portal says of a decision that a second officer made or that it found made: of the reviewer's office where the
/// findings have ended. Its telephone answers in either case.
fn told_by_itself(conn: &mut Conn, row: &Row, decision: &Decision) -> AppResult<Value> {
    let named = officials::named(conn, None, row.office_id)?;
    let office = if decision.objection.is_none() {
        json!({"zh": named.office, "en": named.office_en})
    } else {
        json!({"zh": t(Lang::ZhCn, "appeal-officer", &[]), "en": t(Lang::En, "appeal-officer", &[])})
    };
    let phone = if named.phone.is_empty() { "12320" } else { &named.phone };
    Ok(told_by(office, phone, decision))
}

/// What a second officer says to what a reviewer set aside: the findings have ended, or one goes on because of `objection`
/// and another reviewer decides. Without `by` the portal itself has found that all was said. Nothing, where the appeal does
/// not wait for it.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub fn second_word(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: Option<&OfficialPrincipal>,
    appeal: Id,
    objection: Option<String>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let Some(mut row) = store::confirming(tx.conn(), appeal)? else { return Ok(()) };
    let action = if objection.is_none() { "confirm" } else { "dispute" };
    let request = Request { action, version: Some(row.version), ..Request::default() };
    let role = by.map_or(workflow::Actor::System, |by| workflow::Actor::Official {
        role: by.role.code(),
        own_case: false,
    });
    let (who, facts) = (by.map_or(Actor::System, Actor::from), Facts::new());
    let asked = Asked { request, role, by: who, facts: &facts, received: None, now };
    row.at()?.next(&asked)?;
    let decision = Decision { objection, ..row.decision(&deps.keys)?.unwrap_or_default() };
    row.decision_sealed = Some(deps.keys.seal_json(&decision_context(row.id), &decision)?);
    row.decided_at = Some(now.into());
    let moved = moved(tx, deps, &mut row, &asked)?;
    // Who objects says so; what a reviewer decided is confirmed in the name of the reviewer's office.
    let told = match by.filter(|_| decision.objection.is_some()) {
        Some(by) => told(by, &decision),
        None => told_by_itself(tx.conn(), &row, &decision)?,
    };
    tell(tx, deps, &row, &moved, told, now)
}

/// Moves an appeal by the workflow, with its entry in the record.
fn moved(tx: &mut Tx<'_>, deps: &Deps, row: &mut Row, asked: &Asked<'_>) -> AppResult<Moved> {
    let at = row.at()?;
    case::step(tx, &deps.keys, &at, asked, |tx, moved| {
        row.moved(moved)?;
        if !store::put(tx, row, at.version)? {
            return Err(AppError::conflict("changed-meanwhile"));
        }
        Ok(Written::recorded(entry(&at, asked, row)))
    })
}

/// The entry of what is done.
fn entry(at: &At, asked: &Asked<'_>, row: &Row) -> Entry {
    let action = match asked.request.action {
        "appeal" => "appeal.submit",
        "withdraw" => "appeal.withdraw",
        "propose" => "appeal.propose",
        "overturn" => "appeal.overturn",
        "confirm" => "appeal.confirm",
        "dispute" => "appeal.dispute",
        _ => "appeal.uphold",
    };
    at.entry(asked.by.clone(), action).detail(json!({"number": row.number, "rule": row.rule}))
}

/// The messages that the step brings.
fn tell(
    tx: &mut Tx<'_>,
    deps: &Deps,
    row: &Row,
    moved: &Moved,
    more: Value,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let url = &deps.config.public_url;
    let mut params = json!({
        "number": row.number,
        "due": row.due_at.map(|d| d.0),
        "late": row.is_late(now),
        "url": format!("{url}/code/appeals/{}", row.number),
    });
    if let (Value::Object(params), Value::Object(more)) = (&mut params, more) {
        params.extend(more);
    }
    let to = proxies::reach(tx.conn(), &deps.keys, (row.account_id, row.person_id), now)?;
    for name in case::letters(&row.at()?, moved)? {
        let letter = Letter { name, case: row.id, version: row.version };
        letter.send(tx, &deps.keys, &to, params.clone(), now)?;
    }
    Ok(())
}
