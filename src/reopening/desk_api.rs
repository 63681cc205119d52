//! JSON of the officials: a case with what can be decided, and the counter for those who act for a business.

use super::bodies::{
    ActionBody, ApplicationBody, CorrectionBody, DeskCaseBody, EventBody, OpinionBody, RemindedBody,
    StaffCertificate, StateBody,
};
use super::certified;
use super::desk::{self, Counter, Desk, Lead, Verdict};
use super::model::Form as Answers;
use crate::decision::Sent;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::identity::Phone;
use crate::web::ctx::Ctx;
use crate::web::factor::Grave;
use crate::web::form::{Form, Valid};
use crate::web::guard::Official;
use crate::web::page::answer;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

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

/// The case as an official sees it; the look is in the record.
#[utoipa::path(get, path = "/api/v1/desk/applications/{number}", tag = "desk", params(("number" = String, Path)),
    responses((status = 200, body = DeskCaseBody), (status = 404)))]
pub async fn one(
    ctx: Ctx,
    deps: App,
    who: Official<Desk>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let seen = desk::look(&deps, &who, &number, ctx.lang, ctx.now).await?;
    let case = &seen.case;
    let states = certified::read(&deps, (&*who).into(), case, ctx.now).await?;
    let open = seen.actions.iter().filter(|a| a.refusal.is_none());
    let asked = super::views::asked(&case.events, &case.app);
    Ok(answer(&DeskCaseBody {
        application: ApplicationBody::of(&case.app, &case.business.name),
        form: masked(&case.form),
        staff_certificates: StaffCertificate::list(&states),
        opinions: seen.opinions.iter().map(OpinionBody::from).collect(),
        actions: open.map(ActionBody::from).collect(),
        events: case.events.iter().map(EventBody::from).collect(),
        assignee: seen.hands.assignee.clone(),
        correction: CorrectionBody { asked, changes: seen.changes(ctx.lang) },
    }))
}

/// What a reminder is sent for.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reminder {}

/// Reminds every department that owes its opinion and was not reminded today. Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/desk/applications/{number}/remind", tag = "desk", params(("number" = String, Path)),
    request_body = Reminder, responses((status = 200, body = RemindedBody), (status = 404), (status = 409)))]
pub async fn remind(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Lead>,
    number: web::Path<String>,
    _body: Valid<Reminder>,
) -> AppResult<HttpResponse> {
    let sent = Sent::call(&req, &number.as_str())?;
    let reminded = desk::remind(&deps, &ctx, &who, &number, &sent).await?;
    Ok(answer(&RemindedBody { number: crate::number::normalise(&number), reminded }))
}

/// What the counter decides.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentDecision {
    /// The version that was seen: of the right, for `rename` of the business (`business_version`).
    version: i64,
    /// `confirm`: `legal-person`, `authorisation` or `owner`.
    #[serde(default)]
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    proof: String,
    /// Phone of the legal person, from the originals.
    #[serde(default)]
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    legal_phone: String,
    /// `confirm`, for a business without a name: the name as in the licence, without it as claimed. `rename`: the new name.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    name: Option<String>,
    /// `rename`: why. Everybody who acts for the business reads it.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

/// `confirm` with the proof that was seen, `reject`, or `rename`: through a confirmed right, the business of one's own
/// jurisdiction. Asks for a second factor of the last 15 minutes (401 `step-up`).
/// Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/desk/agents/{number}/actions/{action}", tag = "desk",
    params(("number" = String, Path), ("action" = String, Path, description = "`confirm`, `reject`, `rename`")),
    request_body = AgentDecision, responses((status = 200, body = StateBody), (status = 404), (status = 409), (status = 422)))]
pub async fn decide_agent(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Grave<Counter>>,
    path: web::Path<(String, String)>,
    body: Valid<AgentDecision>,
) -> AppResult<HttpResponse> {
    let ((number, action), d) = (path.into_inner(), body.0);
    if !matches!(action.as_str(), "confirm" | "reject" | "rename") {
        return Err(AppError::NotFound);
    }
    let version = d.version.to_string();
    let mut sent = vec![
        ("do", action.as_str()),
        ("version", version.as_str()),
        ("proof", d.proof.as_str()),
        ("legal_phone", d.legal_phone.as_str()),
        ("reason", d.reason.as_str()),
    ];
    sent.extend(d.name.as_deref().map(|name| ("name", name)));
    let form = Form::of(&sent);
    let verdict = Verdict::read(&form).map_err(AppError::Invalid)?;
    let sent = Sent::call(&req, &(&number, &action, &d))?;
    let state = desk::settle(&deps, &ctx, &who, (&number, verdict), &sent).await?;
    Ok(answer(&StateBody { number: crate::number::normalise(&number), state }))
}
