//! The JSON API: the same functions as the pages, for clients that are programs.

use super::act::{Ask, Parts};
use super::bodies::{
    ApplicationBody, ApplicationsBody, DraftBody, EventBody, OwnCaseBody, RightBody, StaffCertificate,
    StateBody,
};
use super::filing::{self, NAME_MAX, Start};
use super::model::{Form, Note};
use super::{answers, case, certified, desk, pages, rules, store, store_business};
use crate::audit::Actor;
use crate::clock::china_day;
use crate::decision::Sent;
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, Uscc};
use crate::web::ctx::Ctx;
use crate::web::factor::Worklist;
use crate::web::form::{self, Valid};
use crate::web::guard::{Official, Resident};
use crate::web::idempotency::{Submission, key_of, once};
use crate::web::page::answer;
use crate::web::text;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

/// POST `/api/v1/applications`: a whole application; it becomes a draft that is then submitted.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// Unified social credit code.
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    uscc: String,
    /// Name of the business.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Division of the premises: a town.
    #[validate(length(max = 12))]
    #[schema(max_length = 12)]
    division: String,
    /// The answers.
    form: Form,
}

/// POST `…/submit`: the version that was checked, and the commitment.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// The version that was seen.
    version: i64,
    /// True: what was answered is so.
    commitment: bool,
}

/// POST `…/withdraw`.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// The version that was seen.
    version: i64,
}

/// POST `…/actions/{action}` of an official.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The version that was seen.
    version: i64,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: Option<String>,
    /// What the applicant can do.
    #[serde(default)]
    #[schema(max_length = 2000)]
    remedy: Option<String>,
    /// What is missing, complete.
    #[serde(default)]
    #[schema(max_items = 50)]
    items: Vec<String>,
}

impl Decision {
    /// The same as a form, so that pages and programs meet one set of rules.
    fn form(&self, action: &str) -> form::Form {
        let version = self.version.to_string();
        let (reason, remedy) = (self.reason.as_deref(), self.remedy.as_deref());
        let one = [
            ("action", action),
            ("version", &version),
            ("reason", reason.unwrap_or_default()),
            ("remedy", remedy.unwrap_or_default()),
        ];
        let items = self.items.iter().map(|item| ("items", item.as_str()));
        let pairs = one.into_iter().chain(items);
        form::Form::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// Makes a draft from a whole application. Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/applications", tag = "applications", request_body = NewApplication,
    responses((status = 201, body = DraftBody), (status = 409), (status = 422)))]
pub async fn create(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    body: Valid<NewApplication>,
) -> AppResult<HttpResponse> {
    let new = body.0;
    let uscc =
        Uscc::parse(&new.uscc).map_err(|e| AppError::Invalid(vec![FieldError::new("uscc", e.code())]))?;
    let division = DivisionCode::parse(&new.division)
        .ok()
        .filter(|c| answers::placeable(*c))
        .ok_or_else(|| AppError::field("division", "division-incomplete"))?;
    let name = text::line("name", &new.name, NAME_MAX).map_err(|e| AppError::Invalid(vec![e]))?;
    let start = Start { uscc, name, division: division.to_string() };
    let mut form = new.form;
    form.division = Some(start.division.clone());
    let content =
        serde_json::to_vec(&json!([start.uscc.as_str(), start.name, form])).map_err(AppError::internal)?;
    let (account, keys, now) = (who.account_id, deps.keys.clone(), ctx.now);
    let key = key_of(&req)?.map(|k| Submission::new(account, "reopening.create", k, &content));
    start.kind().clone_into(&mut form.kind);
    // A list of thousands is read on a thread for such work; the transaction gets what was taken.
    let settings = rules::settings()?;
    let checked = deps.lists.run(move || answers::check(&form, china_day(now), settings)).await;
    let broke_off = || AppError::internal("reading an application broke off");
    let checked = checked.ok_or_else(broke_off)?.map_err(AppError::Invalid)?;
    let body: Value = deps
        .store
        .write(move |tx| {
            once(tx, &keys, key.as_ref(), now, |tx| {
                let app = filing::whole(tx, &keys, account, &start, checked, now)?;
                let agent = store_business::agent_of(tx.conn(), app.business_id, account)?;
                let agent = RightBody {
                    number: agent.as_ref().map(|a| a.number.clone()),
                    state: agent.as_ref().map(|a| a.state.clone()),
                };
                let name = store_business::business_for(tx.conn(), app.business_id, account)?.name;
                let application = ApplicationBody::of(&app, &name);
                serde_json::to_value(DraftBody { application, agent }).map_err(AppError::internal)
            })
        })
        .await?;
    let number = body.get("number").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(HttpResponse::Created().insert_header((LOCATION, format!("/api/v1/applications/{number}"))).json(body))
}

/// The caller's applications.
#[utoipa::path(get, path = "/api/v1/applications", tag = "applications", responses((status = 200, body = ApplicationsBody)))]
pub async fn list(deps: App, who: Resident) -> AppResult<HttpResponse> {
    let account = who.account_id;
    let applications = deps
        .store
        .read(move |conn| {
            let all = store::all_own(conn, account)?;
            all.iter()
                .map(|app| {
                    let business = store_business::business_for(conn, app.business_id, account)?;
                    Ok(ApplicationBody::of(app, &business.name))
                })
                .collect::<AppResult<_>>()
        })
        .await?;
    Ok(answer(&ApplicationsBody { applications }))
}

/// One application with its answers and timeline.
#[utoipa::path(get, path = "/api/v1/applications/{number}", tag = "applications", params(("number" = String, Path)),
    responses((status = 200, body = OwnCaseBody), (status = 404)))]
pub async fn one(deps: App, who: Resident, number: web::Path<String>) -> AppResult<HttpResponse> {
    let case = case::mine(&deps, who.account_id, number.into_inner()).await?;
    let staff_certificates = match case.app.submitted_at {
        Some(_) => {
            let by = Actor::Resident(who.account_id);
            Some(StaffCertificate::list(&certified::read(&deps, by, &case, deps.clock.now()).await?))
        }
        None => None,
    };
    Ok(answer(&OwnCaseBody {
        application: ApplicationBody::of(&case.app, &case.business.name),
        staff_certificates,
        events: case.events.iter().map(EventBody::from).collect(),
        form: case.form,
    }))
}

/// Submits a draft. Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/applications/{number}/submit", tag = "applications", params(("number" = String, Path)),
    request_body = Submit, responses((status = 200, body = ApplicationBody), (status = 404), (status = 409), (status = 422)))]
pub async fn submit(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    body: Valid<Submit>,
) -> AppResult<HttpResponse> {
    let (account, parts, now) = (who.account_id, Parts::of(&deps), ctx.now);
    let (number, Submit { version, commitment }) = (number.into_inner(), body.0);
    let content = format!("{number}:{version}:{commitment}");
    let key = key_of(&req)?.map(|k| Submission::new(account, "reopening.submit", k, content.as_bytes()));
    let body: Value = deps
        .store
        .write(move |tx| {
            once(tx, &parts.keys, key.as_ref(), now, |tx| {
                let app = filing::submit(tx, &parts, account, &number, version, commitment, now)?;
                let name = store_business::business_for(tx.conn(), app.business_id, account)?.name;
                serde_json::to_value(ApplicationBody::of(&app, &name)).map_err(AppError::internal)
            })
        })
        .await?;
    Ok(answer(&body))
}

/// Answers a correction notice. Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/applications/{number}/resubmit", tag = "applications", params(("number" = String, Path)),
    request_body = Submit, responses((status = 200, body = ApplicationBody), (status = 404), (status = 409), (status = 422)))]
pub async fn resubmit(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    body: Valid<Submit>,
) -> AppResult<HttpResponse> {
    submit(req, ctx, deps, who, number, body).await
}

/// Withdraws. Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/applications/{number}/withdraw", tag = "applications", params(("number" = String, Path)),
    request_body = Version, responses((status = 200, body = StateBody), (status = 404), (status = 409), (status = 422)))]
pub async fn withdraw(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    body: Valid<Version>,
) -> AppResult<HttpResponse> {
    let ask = Ask { action: "withdraw".into(), version: Some(body.0.version), note: Note::default() };
    let number = number.into_inner();
    let state = pages::applicant(&deps, &ctx, who.account_id, number.clone(), ask, key_of(&req)?).await?;
    Ok(answer(&StateBody { number, state }))
}

/// An official's action. Asks for a second factor of the last four hours, `revoke` for one of the last 15 minutes (401
/// `step-up`). Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/desk/applications/{number}/actions/{action}", tag = "desk",
    params(("number" = String, Path), ("action" = String, Path, description = "one of `actions` of the case")),
    request_body = Decision, responses((status = 200, body = StateBody), (status = 404), (status = 409), (status = 422)))]
pub async fn act(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Worklist<desk::Desk>>,
    path: web::Path<(String, String)>,
    body: Valid<Decision>,
) -> AppResult<HttpResponse> {
    let ((number, action), d) = (path.into_inner(), body.0);
    let ask = desk::ask(&d.form(&action)).map_err(AppError::Invalid)?;
    let sent = Sent::call(&req, &(&number, &action, &d))?;
    let state = desk::official(&deps, &ctx, &who, (&number, ask), &sent).await?;
    Ok(answer(&StateBody { number, state }))
}
