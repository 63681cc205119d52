//! The one way in which a case changes: pages, JSON, bulk and jobs all come through [`act`], which asks the workflow,
//! moves the statutory clocks, writes case, timeline, audit and messages in one transaction.

use super::messages::{self, Sender};
use super::model::{Application, DEPARTMENTS, Form, Note};
use super::rules::{self, REOPENING};
use super::work::Staff;
use super::{party, store, store_opinions};
use crate::accounts::{Recusal, looking};
use crate::audit::Actor;
use crate::case::{self, Asked, Moved, Written};
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::identity::DivisionCode;
use crate::jobs;
use crate::number::{self, Numbered};
use crate::policy::{ReviewLevel, RuleSet};
use crate::risk;
use crate::web::principal::OfficialPrincipal;
use crate::workflow::{self, ActionInfo, Effect, Facts, Issue, Request, Transition};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use std::sync::Arc;

/// The parts of the portal that a step needs.
#[derive(Clone)]
pub struct Parts {
    /// Keys.
    pub keys: Arc<Keyring>,
    /// The rules of this province.
    pub policy: Arc<RuleSet>,
    /// How messages name it.
    pub sender: Sender,
}

impl Parts {
    /// Those of a running portal.
    pub fn of(deps: &Deps) -> Self {
        Self { keys: deps.keys.clone(), policy: deps.policy.clone(), sender: Sender::of(deps) }
    }
}

/// Who acts.
#[derive(Debug, Clone)]
pub enum By {
    /// The account that filed the case.
    Applicant(Id),
    /// An official whose jurisdiction was a condition of the query.
    Official(Box<OfficialPrincipal>),
    /// The program.
    System,
}

impl By {
    /// As audit and timeline name it.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Applicant(account) => Actor::Resident(*account),
            Self::Official(official) => (&**official).into(),
            Self::System => Actor::System,
        }
    }
}

/// What somebody asks for.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Action of the workflow.
    pub action: String,
    /// The version that the page showed.
    pub version: Option<i64>,
    /// What was written.
    pub note: Note,
}

/// Where the case stands for this reader: its facts at this moment.
///
/// # Errors
/// Database errors.
pub fn facts(
    conn: &mut Conn,
    policy: &RuleSet,
    app: &Application,
    form: &Form,
    now: DateTime<Utc>,
) -> AppResult<Facts> {
    let division = DivisionCode::parse(&app.division).ok();
    let class = division.map(|d| risk::level_at(conn, d, now)).transpose()?.flatten();
    let review = rules::review(policy, form, &app.division, class, now)?;
    let opinions = store_opinions::opinions(conn, app.id)?;
    let pending = opinions.iter().filter(|r| r.state == "pending").count();
    let agree = !opinions.is_empty() && opinions.iter().all(|r| r.state == "agreed");
    let lapsed = app.at()?.clocks.lapsed("completeness", now, REOPENING.calendar()?);
    let mut facts = Facts::new()
        .with("correction-asked", app.corrections > 0)
        .with("completeness-lapsed", lapsed)
        .with("departments-agree", agree)
        .with("departments-pending", i64::try_from(pending).unwrap_or(i64::MAX));
    if let Some(class) = class {
        facts = facts.with("risk", risk::code(class));
    }
    if let Some(review) = review {
        facts = facts.with("in-scope", review.terms.level != ReviewLevel::Shut);
    }
    Ok(facts)
}

/// What `by` can do in this case now, with the reason where not yet.
///
/// # Errors
/// Database errors.
pub fn choices(
    conn: &mut Conn,
    deps: &Deps,
    app: &Application,
    form: &Form,
    by: &By,
    now: DateTime<Utc>,
) -> AppResult<Vec<ActionInfo>> {
    let own = looking(own_case(conn, &deps.keys, app, form, by))?;
    let facts = facts(conn, &deps.policy, app, form, now)?;
    REOPENING.choices(&app.state, actor(by, own), &facts)
}

fn actor(by: &By, own_case: bool) -> workflow::Actor<'_> {
    match by {
        By::Applicant(_) => workflow::Actor::Applicant,
        By::Official(o) => workflow::Actor::Official { role: o.role.code(), own_case },
        By::System => workflow::Actor::System,
    }
}

/// Whether the case is the own one of an official who acts.
pub(super) fn own_case(
    conn: &mut Conn,
    keys: &Keyring,
    app: &Application,
    form: &Form,
    by: &By,
) -> AppResult<bool> {
    let By::Official(official) = by else { return Ok(false) };
    party::of_case(conn, keys, &Recusal::of(keys, official)?, app, form)
}

/// Actions with which papers come in.
const RECEIPTS: [&str; 4] = ["submit", "file", "resubmit", "turn-into-filing"];

/// Does what `by` asks for, or says why not; the case as it is afterwards.
///
/// # Errors
/// As [`case::step`].
pub fn act(
    tx: &mut Tx<'_>,
    parts: &Parts,
    mut app: Application,
    by: &By,
    ask: &Ask,
    now: DateTime<Utc>,
) -> AppResult<Application> {
    let form = store::form(&parts.keys, &app)?;
    let own = own_case(tx.conn(), &parts.keys, &app, &form, by)?;
    let facts = facts(tx.conn(), &parts.policy, &app, &form, now)?;
    let request = Request {
        action: &ask.action,
        reason: ask.note.reason.as_deref(),
        remedy: ask.note.remedy.as_deref(),
        items: &ask.note.items,
        version: ask.version,
    };
    let before = app.submitted_at.filter(|_| !RECEIPTS.contains(&ask.action.as_str()));
    let received = before.map(|at| at.0);
    let asked = Asked { request, role: actor(by, own), by: by.actor(), facts: &facts, received, now };
    let (at, mut note) = (app.at()?, ask.note.clone());
    let moved = case::step(tx, &parts.keys, &at, &asked, |tx, moved| {
        apply(tx, parts, (&mut app, &form), by, &mut note, moved)?;
        let done = &moved.done;
        let detail = json!({"action": done.action, "from": done.from, "to": done.to, "version": app.version});
        let entry = Some(at.entry(by.actor(), "reopening.act").detail(detail));
        Ok(Written { note: Some(note.clone()).filter(|note| !note.is_empty()), entry })
    })?;
    for letter in case::letters(&at, &moved)? {
        messages::about(tx, &parts.keys, &parts.sender, &app, letter, &note, now)?;
    }
    // The departments are asked the moment a case is accepted: nobody has to pass it on first.
    if app.state == "accepted" {
        let ask = Ask { action: "start-review".into(), version: Some(app.version), note: Note::default() };
        return act(tx, parts, app, &By::System, &ask, now);
    }
    Ok(app)
}

/// Writes what a step makes of a case into its row.
fn apply(
    tx: &mut Tx<'_>,
    parts: &Parts,
    (app, form): (&mut Application, &Form),
    by: &By,
    note: &mut Note,
    moved: &Moved,
) -> AppResult<()> {
    let (seen, done, keys, now) = (app.version, &moved.done, &parts.keys, moved.done.at);
    receive(tx, parts, app, form, done)?;
    if app.state != done.to {
        app.assignee = None;
    }
    app.moved(moved)?;
    app.updated_at = now.into();
    match done.action.as_str() {
        "request-correction" => {
            app.corrections += 1;
            let span = Duration::days(1) * rules::settings()?.correction_working_days;
            note.until = Some(REOPENING.calendar()?.add_working(now, span).value);
            store::keep_asked(tx, keys, app.id, form)?;
        }
        "start-review" => store_opinions::ask(tx, app.id, &DEPARTMENTS, now)?,
        "agree" | "object" => opinion(tx, keys, app, by, &done.action, note, now)?,
        _ => {}
    }
    decided(tx.conn(), app, by, done, now)?;
    store::save(tx, app, seen)
}

/// Papers have come in: the risk and level of this moment are recorded, the staff list is kept for later filings.
fn receive(
    tx: &mut Tx<'_>,
    parts: &Parts,
    app: &mut Application,
    form: &Form,
    transition: &Transition,
) -> AppResult<()> {
    if !RECEIPTS.contains(&transition.action.as_str()) {
        return Ok(());
    }
    let now = transition.at;
    let division = DivisionCode::parse(&app.division).map_err(AppError::internal)?;
    let class = risk::level_at(tx.conn(), division, now)?;
    app.risk_level = class.map_or("unknown", risk::code).to_owned();
    let review = rules::review(&parts.policy, form, &app.division, class, now)?;
    app.review_level = review.map_or("unknown", |r| rules::level_code(r.terms.level)).to_owned();
    if transition.action != "turn-into-filing" {
        app.submitted_at = Some(now.into());
        jobs::enqueue(tx, &parts.keys, &Staff { application_id: app.id }, None, now, now)?;
    }
    Ok(())
}

fn opinion(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    app: &Application,
    by: &By,
    action: &str,
    note: &Note,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let By::Official(official) = by else { return Err(AppError::NotFound) };
    let state = if action == "agree" { "agreed" } else { "objected" };
    let who = (official.official_id, official.office_id);
    store_opinions::answer(tx, keys, app.id, official.role.code(), state, note, who, now)
}

/// Documents and the decision's columns.
fn decided(
    conn: &mut Conn,
    app: &mut Application,
    by: &By,
    transition: &Transition,
    now: DateTime<Utc>,
) -> AppResult<()> {
    for effect in &transition.effects {
        match effect {
            Effect::Issue(Issue::Filing) => {
                app.permit_number = Some(number::new(conn, Numbered::Filing, now)?);
                app.permit_until = None;
            }
            Effect::Issue(Issue::Permit) => {
                app.permit_number = Some(number::new(conn, Numbered::Permit, now)?);
                app.permit_until = Some(permit_end(now, rules::settings()?.permit_days).into());
            }
            _ => continue,
        }
        app.decided_at = Some(now.into());
    }
    if transition.to == "refused" {
        app.decided_at = Some(now.into());
    }
    if let By::Official(official) = by
        && app.decided_at.is_some_and(|at| at.0 == now)
    {
        app.decided_by = Some(official.official_id);
    }
    Ok(())
}

/// A permit ends with a day in China: the exclusive end is the next midnight.
pub(super) fn permit_end(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    crate::clock::end_of_day(crate::clock::china_day(now) + Duration::days(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_ends_with_a_day() {
        let end = permit_end("2020-03-12T02:32:00Z".parse().unwrap(), 90);
        assert_eq!(end.to_rfc3339(), "2020-06-10T16:00:00+00:00");
    }
}
