//! The first sign-in of an official, or the one after a reset: a new password, the second factor enrolled, recovery codes
//! shown once. By pages, and by JSON for desks that are programs.

use super::enter::{self, Inside};
use super::factors;
use super::sign_in::{self, CHOOSE, ENROL, START, Step, check_password, form_page, from_the_start};
use super::store::{self, Enrolment, SignInRow};
use crate::crypto::token;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::web::ctx::{Ctx, session_of};
use crate::web::device;
use crate::web::form::{Form, Valid};
use crate::web::i18n::t;
use crate::web::limits::Client;
use crate::web::page::{answer_with, desk_of, local_path, page};
use crate::web::session::Session;
use crate::web::view::FormView;
use crate::web::{pending, qr};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

/// The step of a program, which has it as a ticket.
const TICKET: pending::Kind = pending::Kind::new("official-enrol-ticket", 15);

/// What an app for one-time codes needs to know.
fn uri(deps: &Deps, row: &SignInRow, secret: &[u8]) -> String {
    factors::secret_uri(secret, &row.login, &format!("Fugong {}", deps.config.province))
}

async fn enrol_form(
    deps: &Deps,
    ctx: &Ctx,
    step: &Step,
    secret: &[u8],
    errors: &[FieldError],
) -> AppResult<HttpResponse> {
    let official = step.official;
    let row = deps.store.read(move |c| store::by_id(c, official)).await?;
    let label = t(ctx.lang, "enrol-qr", &[]);
    let picture = qr::svg(&uri(deps, &row, secret), "", &label).map_err(AppError::internal)?;
    let data = json!({"qr": picture, "secret": factors::secret_text(secret), "login": row.login});
    form_page(deps, ctx, "officials/enrol.html", FormView::new(), errors, data)
}

pub(super) async fn enrol_page(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    let Some(mut step) = pending::read::<Step>(&deps, &req, &ctx, &ENROL).await? else {
        return Ok(from_the_start(&deps));
    };
    let official = step.value.official;
    let row = deps.store.read(move |c| store::by_id(c, official)).await?;
    if row.version != step.value.version || !row.active {
        return Ok(from_the_start(&deps));
    }
    let secret = secret_of(&step.value).unwrap_or_else(factors::new_secret);
    step.value.secret = Some(token::base64url(&secret));
    let mut response = enrol_form(&deps, &ctx, &step.value, &secret, &[]).await?;
    pending::keep(&deps, &mut response, &ENROL, &step)?;
    Ok(response)
}

fn secret_of(step: &Step) -> Option<Vec<u8>> {
    step.secret.as_deref().and_then(token::from_base64url)
}

/// What is typed at enrolment: the new password twice, and a code of the app.
struct Typed<'a> {
    password: &'a str,
    repeat: &'a str,
    code: &'a str,
    client: Client,
}

/// What enrolment came to.
enum Came {
    /// Start over: the step is too old or used up, or the login was reset, disabled or enrolled meanwhile.
    Over,
    /// What is to be put right, for the step and its secret.
    Wrong(Step, Vec<u8>, Vec<FieldError>),
    /// The recovery codes, and how far the official is.
    Done(Step, Vec<String>, Inside),
}

/// A browser that enrols is signed in at once; a program asks for its session afterwards.
struct Browser {
    device: String,
    before: Option<Session>,
}

/// Sets password and second factor for the official of a step, and lets a browser in.
async fn enrol(
    deps: &Deps,
    pending: Option<pending::Step<Step>>,
    typed: &Typed<'_>,
    browser: Option<Browser>,
    now: DateTime<Utc>,
) -> AppResult<Came> {
    let Some((pending, secret)) = pending.and_then(|s| secret_of(&s.value).map(|secret| (s, secret))) else {
        return Ok(Came::Over);
    };
    let (step, official) = (pending.value.clone(), pending.value.official);
    let row = deps.store.read(move |c| store::by_id(c, official)).await?;
    if row.version != step.version || !row.active {
        return Ok(Came::Over);
    }
    let (password_hash, kept, used) = match check(typed, &row, &secret, now).await? {
        Ok(checked) => checked,
        Err(errors) => return Ok(Came::Wrong(step, secret, errors)),
    };
    let (codes, keys) = (factors::recovery_codes(), deps.keys.clone());
    let new = Enrolment { password_hash, secret: kept, step: used, codes: codes.clone() };
    let inside = deps
        .store
        .write(move |tx| {
            if !pending.use_up(tx)? {
                return Ok(None);
            }
            store::enrol(tx, &keys, &row, &new, now)?;
            let Some(Browser { device, before }) = browser else { return Ok(Some(Inside::Choose)) };
            let row = SignInRow { version: row.version + 1, ..row };
            enter::enter(tx, &row, &device, before.as_ref(), now).map(Some)
        })
        .await;
    match inside {
        // Of two at the same moment one was faster, or it was reset or disabled at that moment.
        Ok(None) | Err(AppError::Conflict(_)) => Ok(Came::Over),
        Ok(Some(inside)) => Ok(Came::Done(step, codes, inside)),
        Err(e) => Err(e),
    }
}

/// The hash of the new password, the secret as it is stored, and the step that the code belongs to.
type Checked = Result<(String, Vec<u8>, i64), Vec<FieldError>>;

async fn check(typed: &Typed<'_>, row: &SignInRow, secret: &[u8], now: DateTime<Utc>) -> AppResult<Checked> {
    let mut errors = Vec::new();
    if let Some(code) = factors::weakness(typed.password, &row.login) {
        errors.push(FieldError::new("password", code));
    } else if typed.password != typed.repeat {
        errors.push(FieldError::new("repeat", "password-repeat"));
    } else if factors::verify(typed.client, typed.password.to_owned(), Some(row.password_hash.clone()))
        .await?
    {
        errors.push(FieldError::new("password", "password-same"));
    }
    if typed.code.trim().is_empty() {
        errors.push(FieldError::new("code", "required"));
        return Ok(Err(errors));
    }
    match factors::first_code(secret, typed.code, now)? {
        Some((kept, step)) if errors.is_empty() => {
            Ok(Ok((factors::hash(typed.client, typed.password.to_owned()).await?, kept, step)))
        }
        Some(_) => Ok(Err(errors)),
        None => {
            errors.push(FieldError::new("code", "totp-wrong"));
            Ok(Err(errors))
        }
    }
}

pub(super) async fn enrol_sent(req: HttpRequest, ctx: Ctx, deps: App, form: Form) -> AppResult<HttpResponse> {
    sign_in::paced(&deps, &ctx).await?;
    let (password, repeat, code) = (form.get("password"), form.get("repeat"), form.get("code"));
    let typed = Typed { password, repeat, code, client: ctx.client };
    let step = pending::read::<Step>(&deps, &req, &ctx, &ENROL).await?;
    let browser = Browser { device: device::describe(&req), before: session_of(&ctx.principal).cloned() };
    match enrol(&deps, step, &typed, Some(browser), ctx.now).await? {
        Came::Over => Ok(from_the_start(&deps)),
        Came::Wrong(step, secret, errors) => enrol_form(&deps, &ctx, &step, &secret, &errors).await,
        Came::Done(step, codes, inside) => enrolled(&deps, &req, &ctx, &step, &codes, inside),
    }
}

/// Shows the recovery codes, once, to an official who is in or has to choose a post.
fn enrolled(
    deps: &Deps,
    req: &HttpRequest,
    ctx: &Ctx,
    step: &Step,
    codes: &[String],
    inside: Inside,
) -> AppResult<HttpResponse> {
    let next = match &inside {
        Inside::NoPost => START,
        Inside::In(_, role) => local_path(&step.next, desk_of(deps, *role)),
        Inside::Choose => "/desk/sign-in/choose",
    };
    let mut response = page(deps, ctx, "officials/recovery.html", &json!({"codes": codes, "next": next}))?;
    match inside {
        Inside::NoPost => pending::forget(deps, &mut response),
        Inside::In(token, _) => enter::let_in(deps, req, ctx, step.official, &mut response, token)?,
        Inside::Choose => {
            let step = Step { version: step.version + 1, secret: None, ..step.clone() };
            let step = pending::Step::of_browser(ctx, &CHOOSE, step);
            pending::keep(deps, &mut response, &CHOOSE, &step)?;
        }
    }
    Ok(response)
}

/// The first password that was handed over, for a new official or after a reset.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    /// Sign-in name.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    pub login: String,
    /// Password.
    #[validate(length(min = 1, max = 1024))]
    #[schema(min_length = 1, max_length = 1024)]
    pub password: String,
}

/// What the app for one-time codes is given.
#[derive(Serialize, ToSchema)]
pub struct EnrolmentBegun {
    /// Send it back with the first code, within 15 minutes.
    pub ticket: String,
    /// Secret of the second factor (RFC 6238, HMAC-SHA-256, six digits of 30 s), base 32.
    pub secret: String,
    /// The same as an `otpauth:` address.
    pub uri: String,
}

/// The new password and a code of the app.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentConfirmation {
    /// What enrolment began with.
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    pub ticket: String,
    /// The new password, 12 characters at least.
    #[validate(length(min = 1, max = 1024))]
    #[schema(min_length = 1, max_length = 1024)]
    pub password: String,
    /// One-time code of the app.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
}

/// Codes for the day on which the phone is lost; each works once. They are stored as hashes and shown once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten codes.
    pub recovery_codes: Vec<String>,
}

/// Begins the enrolment of a second factor: after the first password, or after a reset.
///
/// # Errors
/// 409 `enrolled` when there is nothing to enrol; 422 `sign-in-refused`.
#[utoipa::path(post, path = "/api/v1/desk/enrolments", tag = "sign-in", request_body = EnrolmentRequest,
    responses((status = 201, body = EnrolmentBegun), (status = 409), (status = 422), (status = 429)))]
pub async fn begin(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    body: Valid<EnrolmentRequest>,
) -> AppResult<HttpResponse> {
    let EnrolmentRequest { login, password } = body.0;
    let found = check_password(&deps, &req, &ctx, &login, &password).await?;
    let row = found.ok_or_else(|| AppError::field("login", "sign-in-refused"))?;
    if !row.must_change && row.totp_sealed.is_some() {
        return Err(AppError::conflict("enrolled"));
    }
    let secret = factors::new_secret();
    let step = Step {
        official: row.id,
        login: row.login.clone(),
        version: row.version,
        next: String::new(),
        secret: Some(token::base64url(&secret)),
    };
    let begun = EnrolmentBegun {
        ticket: pending::seal(&deps, &TICKET, &pending::Step::of_program(&ctx, &TICKET, step))?,
        secret: factors::secret_text(&secret).replace(' ', ""),
        uri: uri(&deps, &row, &secret),
    };
    Ok(answer_with(StatusCode::CREATED, &begun))
}

/// Sets password and second factor; then a session is opened with `POST /api/v1/desk/sessions` and the next code.
///
/// # Errors
/// 409 `enrolment-over` when the ticket is too old or used, or the login changed meanwhile; 422 with field paths.
#[utoipa::path(post, path = "/api/v1/desk/enrolments/confirm", tag = "sign-in", request_body = EnrolmentConfirmation,
    responses((status = 201, body = RecoveryCodes), (status = 409), (status = 422), (status = 429)))]
pub async fn confirm(ctx: Ctx, deps: App, body: Valid<EnrolmentConfirmation>) -> AppResult<HttpResponse> {
    sign_in::paced(&deps, &ctx).await?;
    let EnrolmentConfirmation { ticket, password, code } = &body.0;
    let typed = Typed { password, repeat: password, code, client: ctx.client };
    let step = pending::open::<Step>(&deps, &ctx, &TICKET, ticket).await?;
    match enrol(&deps, step, &typed, None, ctx.now).await? {
        Came::Over => Err(AppError::conflict("enrolment-over")),
        Came::Wrong(_, _, errors) => Err(AppError::Invalid(errors)),
        Came::Done(_, recovery_codes, _) => {
            Ok(answer_with(StatusCode::CREATED, &RecoveryCodes { recovery_codes }))
        }
    }
}
