//! JSON of the desk: the worklist, a case, and the decisions, by the same functions as the pages.

use super::compare::{self, EarlierBody};
use super::decide;
use super::decided::{self, DecidedBody};
use super::desk::Staff;
use super::input::{DecisionInput, DeclarationInput};
use super::list::Declarations;
use super::present::{self, ColourBody};
use super::store;
use super::store_versions;
use super::timeline::{self, Event};
use crate::colour::Colours;
use crate::decision::Sent;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::factor;
use crate::web::form::{Form, Valid};
use crate::web::guard::{Looks, Official};
use crate::web::page::answer;
use crate::web::principal::OfficialPrincipal;
use crate::worklist::{Asked, CountBody, SearchInput, Worklist, look};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A row of the worklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingBody {
    /// Number of the declaration.
    pub number: String,
    /// Send it with a decision.
    pub version: i64,
    /// State.
    pub state: String,
    /// Name as declared.
    pub name: String,
    /// Number of the document, masked.
    pub document: String,
    /// Division of the present address.
    pub division: String,
    /// Whether an answer needs attention: a symptom, a contact, a stay at risk.
    pub concern: bool,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// Division of the destination.
    pub destination: Option<String>,
    /// Day of the journey.
    pub departs_on: Option<chrono::NaiveDate>,
    /// The present colour: `green`, `yellow`, `red` or `unknown`.
    pub colour: String,
    /// Name of the official who has taken it.
    pub assignee: Option<String>,
}

/// A page of the worklist, what waits longest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorklistBody {
    /// The tab that was listed: `submitted`, `checked`, `returned`, `done`; none in a search, which looks into all.
    pub tab: Option<String>,
    /// Up to 50 rows.
    pub declarations: Vec<WaitingBody>,
    /// Value of `after` for the next page.
    pub next: Option<String>,
    /// How many stand in each tab but `done`: up to 1000, and `more` when there are more.
    pub counts: BTreeMap<String, CountBody>,
}

/// A step of the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepBody {
    /// When.
    pub at: DateTime<Utc>,
    /// What was done.
    pub action: String,
    /// The version that it led to.
    pub version: i64,
    /// The office, when an official did it.
    pub office: Option<String>,
    /// What was written for colleagues only.
    pub note: String,
    /// What the applicant was told: why …
    pub reason: String,
    /// … and what to do.
    pub remedy: String,
    /// What is to be put right.
    pub items: Vec<String>,
}

/// A case as the official sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseBody {
    /// Number of the declaration.
    pub number: String,
    /// Send it with a decision.
    pub version: i64,
    /// State.
    pub state: String,
    /// When it was received.
    pub received_at: Option<DateTime<Utc>>,
    /// From when on its answers are too old to be relied on.
    pub outdated_at: DateTime<Utc>,
    /// How sure the person's identity is: `self_stated`, `seen`, `verified`
    pub identity_level: Option<String>,
    /// Whether it was entered by staff from paper.
    pub entered_by_staff: bool,
    /// When the consent to handling it was withdrawn: `answers` is `null` then.
    pub consent_withdrawn_at: Option<DateTime<Utc>>,
    /// When the consent to giving the certificate to the destination was withdrawn.
    pub share_withdrawn_at: Option<DateTime<Utc>>,
    /// The answers, in the shape in which programs declare.
    #[schema(value_type = Object)]
    pub answers: Value,
    /// What was stated before and how these answers differ from it: earlier versions, and other statements that still
    /// count for the colour, the oldest first.
    pub earlier: Vec<EarlierBody>,
    /// Catalogue names of answers that need attention.
    pub concerns: Vec<String>,
    /// What the caller can do now.
    pub actions: Vec<String>,
    /// The certificate's number, once issued.
    pub certificate: Option<String>,
    /// The person's colour at this moment, with its causes.
    pub present: Option<ColourBody>,
    /// The timeline, the newest first.
    pub events: Vec<StepBody>,
}

async fn listed(
    req: &HttpRequest,
    deps: &App,
    who: &OfficialPrincipal,
    asked: Asked,
) -> AppResult<HttpResponse> {
    let now = Ctx::of(req)?.now;
    let listed = look::<Declarations>(deps, who, asked, now).await?;
    let rows = listed.rows.iter().map(|found| Declarations::body(deps, who, found, now));
    Ok(answer(&WorklistBody {
        tab: (!listed.asked.searches()).then(|| listed.asked.tab.to_owned()),
        declarations: rows.collect::<AppResult<_>>()?,
        counts: CountBody::of(&listed),
        next: listed.next.clone(),
    }))
}

/// The worklist of a village worker or doctor.
///
/// # Errors
/// 400 when `after` is no cursor of ours.
#[utoipa::path(get, path = "/api/v1/desk/declarations", tag = "desk",
    params(("tab" = Option<String>, Query, description = "`submitted`, `checked`, `returned`, `done`"),
        ("town" = Option<String>, Query, description = "division of nine digits"),
        ("concern" = Option<String>, Query, description = "`yes`: only what needs attention"),
        ("assignee" = Option<String>, Query, description = "`me`, `none`, `others`; in the tabs `submitted` and `checked`"),
        ("sort" = Option<String>, Query, description = "`waiting`, `destination`, `departure`, `colour`: the order on the page"),
        ("after" = Option<String>, Query)),
    responses((status = 200, body = WorklistBody), (status = 400)))]
pub async fn list(req: HttpRequest, deps: App, who: Official<Staff>) -> AppResult<HttpResponse> {
    let sent = Form::parse(req.query_string().as_bytes())?;
    let asked = Asked::read(&Declarations::SPEC, &who, &sent);
    listed(&req, &deps, &who, asked).await
}

/// Looks for a declaration, exactly; a search names a person, so it does not stand in an address.
///
/// # Errors
/// 422.
#[utoipa::path(post, path = "/api/v1/desk/declarations/search", tag = "desk", request_body = SearchInput,
    responses((status = 200, body = WorklistBody), (status = 422)))]
pub async fn search(
    req: HttpRequest,
    deps: App,
    who: Official<Looks<Staff>>,
    input: Valid<SearchInput>,
) -> AppResult<HttpResponse> {
    let asked = Asked::search(&Declarations::SPEC, &who, &input.0.q);
    if !asked.searches() {
        return Err(AppError::field("q", "required"));
    }
    listed(&req, &deps, &who, asked).await
}

fn step(e: Event) -> StepBody {
    let office = e.office.map(|(zh, _)| zh);
    let timeline::Note { internal, reason, remedy, items } = e.note;
    StepBody { at: e.at, action: e.action, version: e.version, office, note: internal, reason, remedy, items }
}

/// One case; the look is in the record.
///
/// # Errors
/// 404 when it is not there or outside the jurisdiction.
#[utoipa::path(get, path = "/api/v1/desk/declarations/{number}", tag = "desk", params(("number" = String, Path)),
    responses((status = 200, body = CaseBody), (status = 404)))]
pub async fn one(
    ctx: Ctx,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let now = ctx.now;
    let (keys, by, number) = (deps.keys.clone(), (*who).clone(), normalise(&number));
    let colours = Colours::of(&deps)?;
    let body = deps
        .store
        .write(move |tx| {
            let row = decide::open(tx, &by, &number, now)?;
            let conn = tx.conn();
            let present = match row.person_id {
                Some(person) => Some(present::body(conn, &colours, person, now)?),
                None => None,
            };
            let locked = row.is_locked();
            let answers = decide::visible(&row, &keys)?;
            let beside = store_versions::beside(conn, &row)?;
            let offered = decide::offered(conn, &colours, &by, (&row, &beside), now)?;
            let person = row.person_id.map(|id| crate::accounts::person(conn, &keys, id)).transpose()?;
            let events = timeline::events(conn, &keys, row.id)?;
            Ok(CaseBody {
                number: row.number.clone(),
                version: row.version,
                state: row.state.clone(),
                received_at: row.submitted_at.map(|at| at.0),
                outdated_at: super::expiry::outdated_at(&colours.policy, &row)?,
                identity_level: person.map(|p| p.level.code().to_owned()),
                entered_by_staff: row.entered_by.is_some(),
                concerns: answers.concerns().iter().map(ToString::to_string).collect(),
                answers: if locked { Value::Null } else { DeclarationInput::of(&answers) },
                consent_withdrawn_at: row.consent_withdrawn_at.map(|at| at.0),
                share_withdrawn_at: row.share_withdrawn_at.map(|at| at.0),
                actions: offered.into_iter().filter(decide::is_open).map(|a| a.name).collect(),
                certificate: crate::certificates::of_declaration(conn, row.id)?,
                present,
                earlier: if locked { Vec::new() } else { compare::bodies(conn, &colours, &row, now)? },
                events: events.into_iter().map(step).collect(),
            })
        })
        .await?;
    Ok(answer(&body))
}

impl DecisionInput {
    /// The same as a form, so that pages and programs meet one set of rules.
    fn form(&self, action: &str) -> Form {
        let temperature = self.temperature_tenths.map(super::questions::degrees).unwrap_or_default();
        let version = self.version.to_string();
        let one = [
            ("action", action),
            ("version", &version),
            ("note", &self.note),
            ("reason", &self.reason),
            ("remedy", &self.remedy),
            ("temperature", &temperature),
            ("accept", if self.accept_changes { "yes" } else { "" }),
            ("conclusion", self.conclusion.as_deref().unwrap_or_default()),
        ];
        let items = self.items.iter().map(|item| ("items", item.as_str()));
        let pairs = one.into_iter().chain(items);
        Form::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// A decision: `check` by the village worker; `confirm` by the doctor, which issues the certificate; `return` with what
/// is to be put right; `reject` with reason and remedy. Asks for a second factor of the last four hours. Idempotent by
/// `Idempotency-Key`.
///
/// # Errors
/// 401 `step-up`; 404 outside the jurisdiction or for an action that there is not; 409 `changed-meanwhile` with `changes`, `state` and
/// `version` when somebody was faster, or the refusal's own code; 422 with field paths.
#[utoipa::path(post, path = "/api/v1/desk/declarations/{number}/actions/{action}", tag = "desk",
    params(("number" = String, Path), ("action" = String, Path, description = "`check`, `return`, `confirm`, `reject`")),
    request_body = DecisionInput,
    responses((status = 200, body = DecidedBody), (status = 404), (status = 409), (status = 422)))]
pub async fn act(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<factor::Worklist<Staff>>,
    path: web::Path<(String, String)>,
    input: Valid<DecisionInput>,
) -> AppResult<HttpResponse> {
    let (number, action) = path.into_inner();
    let (number, input) = (normalise(&number), input.0);
    if !decide::ACTIONS.contains(&action.as_str()) {
        return Err(AppError::NotFound);
    }
    let decision = match decide::read(&input.form(&action)) {
        Ok(decision) => decision,
        Err(errors) => {
            // Whose case it is not is told that first: there is nothing here to put right.
            let (pattern, number) = (who.pattern(), number.clone());
            deps.store.read(move |conn| store::in_jurisdiction(conn, &pattern, &number)).await?;
            return Err(AppError::Invalid(
                errors.into_iter().map(|e| e.renamed("temperature", "temperature_tenths")).collect(),
            ));
        }
    };
    let sent = Sent::call(&req, &(&number, &action, &input))?;
    Ok(answer(&decided::done(&deps, &ctx, &who, (&number, decision), &sent).await?))
}
