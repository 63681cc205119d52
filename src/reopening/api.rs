//! The JSON API: the same functions as the pages, for clients that are programs.

use super::act::Ask;
use super::filing::{self, Start};
use super::messages::Sender;
use super::model::{Application, Event, Form, Note};
use super::{answers, case, certified, desk, pages, store, store_business};
use crate::app::App;
use crate::audit::Actor;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, Uscc};
use crate::web::ctx::Ctx;
use crate::web::form::Valid;
use crate::web::guard::{Official, Resident};
use crate::web::idempotency::{Submission, key_of, once};
use crate::web::page::answer;
use crate::web::paging::counted;
use crate::workflow::is_announced;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use validator::Validate;

/// POST `/api/v1/applications`: a whole application; it becomes a draft that is then submitted.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// Unified social credit code.
    uscc: String,
    /// Name of the business.
    #[validate(length(min = 1, max = 200))]
    name: String,
    /// Division of the premises: a town.
    division: String,
    /// The answers.
    form: Form,
}

/// POST `…/submit`: the version that was checked, and the commitment.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    version: i64,
    commitment: bool,
}

/// POST `…/withdraw`.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Version {
    version: i64,
}

/// POST `…/actions/{action}` of an official.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    version: i64,
    #[serde(default)]
    #[validate(length(max = 2000))]
    reason: Option<String>,
    #[serde(default)]
    #[validate(length(max = 2000))]
    remedy: Option<String>,
    #[serde(default)]
    #[validate(length(max = 50))]
    items: Vec<String>,
}

pub(super) fn summary(app: &Application, name: &str) -> Value {
    json!({
        "number": app.number,
        "business": name,
        "kind": app.kind,
        "state": app.state,
        "version": app.version,
        "division": app.division,
        "risk_level": app.risk_level,
        "review_level": app.review_level,
        "due_at": app.due_at,
        "due_provisional": app.due_at.is_some_and(|due| !is_announced(due.0)),
        "permit_number": app.permit_number,
        "permit_until": app.permit_until,
        "submitted_at": app.submitted_at,
        "decided_at": app.decided_at,
        "updated_at": app.updated_at,
    })
}

/// Makes a draft from a whole application.
pub async fn create(
    req: HttpRequest,
    deps: App,
    who: Resident,
    body: Valid<NewApplication>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let new = body.0;
    let uscc =
        Uscc::parse(&new.uscc).map_err(|e| AppError::Invalid(vec![FieldError::new("uscc", e.code())]))?;
    let division = DivisionCode::parse(&new.division)
        .ok()
        .filter(|c| answers::placeable(*c))
        .ok_or_else(|| AppError::field("division", "division-incomplete"))?;
    let start = Start { uscc, name: new.name.trim().to_owned(), division: division.to_string() };
    let mut form = new.form;
    form.division = Some(start.division.clone());
    let content =
        serde_json::to_vec(&json!([start.uscc.as_str(), start.name, form])).map_err(AppError::internal)?;
    let (account, keys, now) = (who.account_id, deps.keys.clone(), ctx.now);
    let key = key_of(&req)?.map(|k| Submission::new(account, "reopening.create", k, &content));
    let body: Value = deps
        .store
        .write(move |tx| {
            once(tx, &keys, key.as_ref(), now, |tx| {
                let app = filing::whole(tx, &keys, account, &start, &form, now)?;
                let agent = store_business::agent_of(tx.conn(), app.business_id, account)?;
                let mut body = summary(&app, &start.name);
                if let Some(map) = body.as_object_mut() {
                    map.insert(
                        "agent".into(),
                        json!({
                            "number": agent.as_ref().map(|a| a.number.clone()),
                            "state": agent.as_ref().map(|a| a.state.clone()),
                        }),
                    );
                }
                Ok(body)
            })
        })
        .await?;
    let number = body.get("number").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(HttpResponse::Created().insert_header((LOCATION, format!("/api/v1/applications/{number}"))).json(body))
}

/// The caller's applications.
pub async fn list(deps: App, who: Resident) -> AppResult<HttpResponse> {
    let account = who.account_id;
    let found: Vec<Value> = deps
        .store
        .read(move |conn| {
            let all = store::all_own(conn, account)?;
            all.iter()
                .map(|app| Ok(summary(app, &store_business::business(conn, app.business_id)?.name)))
                .collect()
        })
        .await?;
    Ok(answer(&json!({"applications": found})))
}

pub(super) fn event(e: &Event) -> Value {
    json!({"at": e.at, "action": e.action, "to": e.to, "version": e.version, "by": e.actor_kind,
        "office": e.office.as_ref().map(|(zh, _)| zh), "note": e.note})
}

/// One application with its answers and timeline.
pub async fn one(deps: App, who: Resident, number: web::Path<String>) -> AppResult<HttpResponse> {
    let case = case::mine(&deps, who.account_id, number.into_inner()).await?;
    let certificates = match case.app.submitted_at {
        Some(_) => {
            let by = Actor::Resident(who.account_id);
            certified::list(&certified::read(&deps, by, &case, deps.clock.now()).await?)
        }
        None => Value::Null,
    };
    let mut body = summary(&case.app, &case.business.name);
    if let Some(map) = body.as_object_mut() {
        map.insert("form".into(), serde_json::to_value(&case.form).map_err(AppError::internal)?);
        map.insert("staff_certificates".into(), certificates);
        map.insert("events".into(), case.events.iter().map(event).collect());
    }
    Ok(answer(&body))
}

/// Submits a draft, or answers a correction notice.
pub async fn submit(
    req: HttpRequest,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    body: Valid<Submit>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (account, keys, sender, now) = (who.account_id, deps.keys.clone(), Sender::of(&deps), ctx.now);
    let (number, Submit { version, commitment }) = (number.into_inner(), body.0);
    let content = format!("{number}:{version}:{commitment}");
    let key = key_of(&req)?.map(|k| Submission::new(account, "reopening.submit", k, content.as_bytes()));
    let body: Value = deps
        .store
        .write(move |tx| {
            once(tx, &keys, key.as_ref(), now, |tx| {
                let app = filing::submit(tx, &keys, &sender, account, &number, version, commitment, now)?;
                let name = store_business::business(tx.conn(), app.business_id)?.name;
                Ok(summary(&app, &name))
            })
        })
        .await?;
    Ok(answer(&body))
}

/// Withdraws.
pub async fn withdraw(
    req: HttpRequest,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    body: Valid<Version>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let ask = Ask { action: "withdraw".into(), version: Some(body.0.version), note: Note::default() };
    let number = number.into_inner();
    let state = pages::applicant(&deps, &ctx, who.account_id, number.clone(), ask, key_of(&req)?).await?;
    Ok(answer(&json!({"number": number, "state": state})))
}

/// The official's worklist.
pub async fn worklist(
    req: HttpRequest,
    deps: App,
    who: Official<desk::Desk>,
    query: web::Query<desk::Query>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let listed = desk::read(&deps, &who, &query, ctx.now).await?;
    let row = |(app, name, _): &super::store_worklist::Row| {
        let mut row = summary(app, name);
        if let Some(map) = row.as_object_mut() {
            let answered = app.state == "in-review" && !listed.unanswered.contains(&app.id);
            map.insert("awaits_decision".into(), (answered || app.state == "prefecture-review").into());
        }
        row
    };
    let rows: Vec<Value> = listed.rows.iter().map(row).collect();
    let counts: Value = listed
        .counts
        .iter()
        .map(|(tab, n)| {
            let (count, more) = counted(*n);
            ((*tab).to_owned(), json!({"count": count, "more": more}))
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    Ok(answer(&json!({"applications": rows, "next": listed.next, "counts": counts})))
}

/// An official's action.
pub async fn act(
    req: HttpRequest,
    deps: App,
    who: Official<desk::Desk>,
    path: web::Path<(String, String)>,
    body: Valid<Decision>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let ((number, action), d) = (path.into_inner(), body.0);
    let note = Note { reason: d.reason, remedy: d.remedy, items: d.items, until: None };
    let ask = Ask { action, version: Some(d.version), note };
    let state = desk::official(&deps, &ctx, &who, number.clone(), ask, key_of(&req)?).await?;
    Ok(answer(&json!({"number": number, "state": state})))
}
