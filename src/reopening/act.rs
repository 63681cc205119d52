//! The one way in which a case changes: pages, JSON, bulk and jobs all come through [`act`], which asks the workflow,
//! moves the statutory clocks, writes case, timeline, audit and messages in one transaction.

use super::messages;
use super::model::{Application, DEPARTMENTS, Form, Note};
use super::rules;
use super::work::Staff;
use super::{party, store, store_opinions};
use crate::accounts::{Recusal, looking};
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Js, Tx};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::DivisionCode;
use crate::jobs;
use crate::number::{self, Numbered};
use crate::policy::ReviewLevel;
use crate::risk;
use crate::web::principal::OfficialPrincipal;
use crate::workflow::{self, ActionInfo, CaseAt, Effect, Facts, Issue, Refusal, Request, Transition};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;

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
pub fn facts(conn: &mut Conn, app: &Application, form: &Form, now: DateTime<Utc>) -> AppResult<Facts> {
    let division = DivisionCode::parse(&app.division).ok();
    let class = division.map(|d| risk::level_at(conn, d, now)).transpose()?.flatten();
    let review = rules::review(form, &app.division, class, now)?;
    let opinions = store_opinions::opinions(conn, app.id)?;
    let pending = opinions.iter().filter(|r| r.state == "pending").count();
    let agree = !opinions.is_empty() && opinions.iter().all(|r| r.state == "agreed");
    let lapsed = rules::clocks(&app.clock.0)?.lapsed("completeness", now, rules::calendar()?);
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
    keys: &Keyring,
    app: &Application,
    form: &Form,
    by: &By,
    now: DateTime<Utc>,
) -> AppResult<Vec<ActionInfo>> {
    let own = looking(own_case(conn, keys, app, form, by))?;
    let facts = facts(conn, app, form, now)?;
    Ok(workflow::choices(rules::definition()?, &app.state, actor(by, own), &facts))
}

fn actor(by: &By, own_case: bool) -> workflow::Actor<'_> {
    match by {
        By::Applicant(_) => workflow::Actor::Applicant,
        By::Official(o) => workflow::Actor::Official { role: o.role.code(), own_case },
        By::System => workflow::Actor::System,
    }
}

/// Whether the case is the own one of an official who acts.
fn own_case(conn: &mut Conn, keys: &Keyring, app: &Application, form: &Form, by: &By) -> AppResult<bool> {
    let By::Official(official) = by else { return Ok(false) };
    party::of_case(conn, keys, &Recusal::of(keys, official)?, app, form)
}

/// Does what `by` asks for, or says why not; the case as it is afterwards.
///
/// # Errors
/// [`AppError::Conflict`] `changed-meanwhile` for a version that is no longer the case's, `refused-…` for what the
/// workflow does not allow; [`AppError::Invalid`] for a missing reason, remedy or list; [`AppError::NotFound`] for what
/// the actor's role has nothing to do with.
pub fn act(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    province: &messages::Sender,
    app: Application,
    by: &By,
    ask: &Ask,
    now: DateTime<Utc>,
) -> AppResult<Application> {
    if ask.version.is_some_and(|seen| seen != app.version) {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    let form = store::form(keys, &app)?;
    let own = own_case(tx.conn(), keys, &app, &form, by)?;
    let facts = facts(tx.conn(), &app, &form, now)?;
    let request = Request {
        action: &ask.action,
        reason: ask.note.reason.as_deref(),
        remedy: ask.note.remedy.as_deref(),
        items: &ask.note.items,
        version: ask.version,
    };
    let at = CaseAt { state: &app.state, version: app.version };
    let transition =
        workflow::next(rules::definition()?, at, &request, actor(by, own), &facts, now).map_err(refused)?;
    let (app, note) = apply(tx, keys, app, &form, by, ask, &transition, now)?;
    let audit = Entry::new(by.actor(), "reopening.act", "application")
        .object(app.id)
        .detail(json!({"action": transition.action, "from": transition.from, "to": transition.to, "version": app.version}));
    audit::append(tx, now, audit)?;
    for effect in &transition.effects {
        if let Effect::Notify(message) = effect {
            messages::about(tx, keys, province, &app, message, &note, now)?;
        }
    }
    // The departments are asked the moment a case is accepted: nobody has to pass it on first.
    if app.state == "accepted" {
        let ask = Ask { action: "start-review".into(), version: Some(app.version), note: Note::default() };
        return act(tx, keys, province, app, &By::System, &ask, now);
    }
    Ok(app)
}

/// A refusal as clients see it.
fn refused(refusal: Refusal) -> AppError {
    let missing = |field: &str| AppError::Invalid(vec![FieldError::new(field, "required")]);
    match refusal {
        Refusal::RoleMayNot | Refusal::UnknownAction => AppError::NotFound,
        Refusal::VersionStale => AppError::conflict("changed-meanwhile"),
        Refusal::VersionMissing => missing("version"),
        Refusal::ReasonMissing => missing("reason"),
        Refusal::RemedyMissing => missing("remedy"),
        Refusal::ItemsMissing => missing("items"),
        other => AppError::conflict(refusal_code(&other)),
    }
}

/// The code of a refusal's text, `problem-<code>`: its own where there is one, else the general one.
pub fn refusal_code(refusal: &Refusal) -> String {
    let own = format!("refused-{}", refusal.code());
    if crate::web::i18n::has(&format!("problem-{own}")) {
        own
    } else {
        format!("refused-{}", refusal.general_code())
    }
}

#[allow(clippy::too_many_arguments)]
fn apply(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    mut app: Application,
    form: &Form,
    by: &By,
    ask: &Ask,
    transition: &Transition,
    now: DateTime<Utc>,
) -> AppResult<(Application, Note)> {
    let (seen, calendar) = (app.version, rules::calendar()?);
    let mut note = ask.note.clone();
    receive(tx, keys, &mut app, form, transition, now)?;
    let received = app.submitted_at.map_or(now, |at| at.0);
    let clocks = rules::clocks(&app.clock.0)?
        .applied(rules::definition()?, transition, received)
        .map_err(AppError::internal)?;
    app.due_at = clocks.current().and_then(|(_, clock)| clock.due_at(calendar)).map(|due| due.at.into());
    app.clock = Js(serde_json::to_value(&clocks).map_err(AppError::internal)?);
    if app.state != transition.to {
        app.assignee = None;
    }
    transition.to.clone_into(&mut app.state);
    app.version += 1;
    app.updated_at = now.into();
    match transition.action.as_str() {
        "request-correction" => {
            app.corrections += 1;
            let span = Duration::days(1) * rules::settings()?.correction_working_days;
            note.until = Some(calendar.add_working(now, span).value);
            store::keep_asked(tx, keys, app.id, form)?;
        }
        "start-review" => store_opinions::ask(tx, app.id, &DEPARTMENTS, now)?,
        "agree" | "object" => opinion(tx, keys, &app, by, &transition.action, &note, now)?,
        _ => {}
    }
    decided(tx.conn(), &mut app, by, transition, now)?;
    store::save(tx, &app, seen)?;
    store::event(tx, keys, &app, &by.actor(), &transition.action, &transition.from, &note, now)?;
    Ok((app, note))
}

/// Papers have come in: the risk and level of this moment are recorded, the staff list is kept for later filings.
fn receive(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    app: &mut Application,
    form: &Form,
    transition: &Transition,
    now: DateTime<Utc>,
) -> AppResult<()> {
    if !matches!(transition.action.as_str(), "submit" | "file" | "resubmit" | "turn-into-filing") {
        return Ok(());
    }
    let division = DivisionCode::parse(&app.division).map_err(AppError::internal)?;
    let class = risk::level_at(tx.conn(), division, now)?;
    app.risk_level = class.map_or("unknown", risk::code).to_owned();
    let review = rules::review(form, &app.division, class, now)?;
    app.review_level = review.map_or("unknown", |r| rules::level_code(r.terms.level)).to_owned();
    if transition.action != "turn-into-filing" {
        app.submitted_at = Some(now.into());
        jobs::enqueue(tx, keys, &Staff { application_id: app.id }, None, now, now)?;
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
