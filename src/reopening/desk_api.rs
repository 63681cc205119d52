//! JSON of the officials: a case with what can be decided, and the counter for those who act for a business.

use super::api::{event, summary};
use super::certified;
use super::desk::{self, Counter, Desk, Lead, Query, Verdict};
use super::model::{Form as Answers, Note, Opinion};
use crate::app::App;
use crate::error::{AppError, AppResult};
use crate::identity::Phone;
use crate::web::ctx::Ctx;
use crate::web::form::{Form, Valid};
use crate::web::guard::Official;
use crate::web::idempotency::{Submission, key_of};
use crate::web::page::answer;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use validator::Validate;

fn opinion(o: &Opinion) -> Value {
    let Note { reason, remedy, items, .. } = &o.note;
    json!({
        "department": o.review.department, "state": o.review.state, "at": o.review.decided_at,
        "official": o.official, "office": o.office.as_ref().map(|(zh, _)| zh),
        "reason": reason, "remedy": remedy, "items": items,
    })
}

/// The answers as officials see them, here as on the page: documents and phones masked, and no phone of the staff.
fn masked(form: &Answers) -> Answers {
    let mut form = form.clone();
    for phone in [&mut form.operator_phone, &mut form.lead_phone] {
        let short = phone.as_deref().and_then(|p| Phone::parse(p).ok()).map(|p| p.masked());
        *phone = short;
    }
    for row in &mut form.staff {
        row.document = row.number().map(|d| d.masked()).unwrap_or_default();
        row.phone = None;
    }
    form
}

/// GET `/api/v1/desk/applications/{number}`: the case as an official sees it; the look is in the record.
pub async fn one(
    req: HttpRequest,
    deps: App,
    who: Official<Desk>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let seen = desk::look(&deps, &who, &number, ctx.now).await?;
    let case = &seen.case;
    let states = certified::read(&deps, (&*who).into(), case, ctx.now).await?;
    let needs = |a: &crate::workflow::ActionInfo| json!({"action": a.name, "to": a.to, "needs": a.requires});
    let open = seen.actions.iter().filter(|a| a.refusal.is_none());
    let mut body = summary(&case.app, &case.business.name);
    if let Some(map) = body.as_object_mut() {
        map.insert("form".into(), serde_json::to_value(masked(&case.form)).map_err(AppError::internal)?);
        map.insert("staff_certificates".into(), certified::list(&states));
        map.insert("opinions".into(), seen.opinions.iter().map(opinion).collect());
        map.insert("actions".into(), open.map(needs).collect());
        map.insert("events".into(), case.events.iter().map(event).collect());
        map.insert("assignee".into(), seen.assignee.clone().into());
        let asked = super::views::asked(&case.events, &case.app);
        map.insert("correction".into(), json!({"asked": asked, "changes": seen.changes(ctx.lang)}));
    }
    Ok(answer(&body))
}

/// What a reminder is sent for.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Reminder {}

/// POST `/api/v1/desk/applications/{number}/remind`: every department that owes its opinion and was not reminded today.
/// Idempotent by `Idempotency-Key`.
pub async fn remind(
    req: HttpRequest,
    deps: App,
    who: Official<Lead>,
    number: web::Path<String>,
    _body: Valid<Reminder>,
) -> AppResult<HttpResponse> {
    let key =
        key_of(&req)?.map(|k| Submission::new(who.official_id, "reopening.remind", k, number.as_bytes()));
    let reminded = desk::remind(&deps, &who, &number, key, Ctx::of(&req)?.now).await?;
    Ok(answer(&json!({"number": crate::number::normalise(&number), "reminded": reminded})))
}

/// GET `/api/v1/desk/agents`: the rights that wait for the counter, up to 100, or the one that `q` names.
pub async fn agents(
    req: HttpRequest,
    deps: App,
    who: Official<Counter>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let found = desk::waiting(&deps, &who, query.wanted(), Ctx::of(&req)?.now).await?;
    let row = |(agent, business): &(super::model::Agent, super::model::Business)| {
        json!({
            "number": agent.number, "version": agent.version, "state": agent.state,
            "business": business.name, "uscc": business.uscc, "since": agent.created_at,
        })
    };
    Ok(answer(&json!({"agents": found.iter().map(row).collect::<Vec<_>>()})))
}

/// What the counter decides.
#[derive(Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct AgentDecision {
    /// The version that was seen.
    version: i64,
    /// `confirm`: `legal-person`, `authorisation` or `owner`.
    #[serde(default)]
    #[validate(length(max = 40))]
    proof: String,
    /// Phone of the legal person, from the originals.
    #[serde(default)]
    #[validate(length(max = 40))]
    legal_phone: String,
}

/// POST `/api/v1/desk/agents/{number}/actions/{action}`: `confirm` with the proof that was seen, or `reject`. Idempotent
/// by `Idempotency-Key`.
pub async fn decide_agent(
    req: HttpRequest,
    deps: App,
    who: Official<Counter>,
    path: web::Path<(String, String)>,
    body: Valid<AgentDecision>,
) -> AppResult<HttpResponse> {
    let ((number, action), d) = (path.into_inner(), body.0);
    if !matches!(action.as_str(), "confirm" | "reject") {
        return Err(AppError::NotFound);
    }
    let form = Form::of(&[
        ("do", &action),
        ("version", &d.version.to_string()),
        ("proof", &d.proof),
        ("legal_phone", &d.legal_phone),
    ]);
    let verdict = Verdict::read(&form).map_err(AppError::Invalid)?;
    let content = serde_json::to_vec(&(&number, &action, &d)).map_err(AppError::internal)?;
    let key = key_of(&req)?.map(|k| Submission::new(who.official_id, "reopening.agent-decide", k, &content));
    let state = desk::settle(&deps, &who, &number, verdict, key, Ctx::of(&req)?.now).await?;
    Ok(answer(&json!({"number": crate::number::normalise(&number), "state": state})))
}
