//! Signing in for programs: the same codes and limits, a bearer token instead of a cookie.

use super::sign_in::{Waiting, end_session, request_code, sign_in};
use super::store;
use crate::crypto::token;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::identity::Phone;
use crate::web::ctx::{Ctx, session_of};
use crate::web::form::{NoBody, Valid};
use crate::web::guard::Newcomer;
use crate::web::idempotency::key_of;
use crate::web::page::answer_with;
use crate::web::{pending, session};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Asks for a code.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// Mobile number, mainland or E.164.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    pub phone: String,
}

/// A code is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeRequested {
    /// Send it back with the code, within 15 minutes: nobody else can use the code, or use up its attempts.
    pub ticket: String,
}

/// Signs in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    /// The number the code was sent to.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    pub phone: String,
    /// What asking for the code was answered with.
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    pub ticket: String,
    /// The six digits.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    /// True when the person has read the privacy notice (PIPL art. 17).
    #[serde(default)]
    pub notice_read: bool,
}

/// A new session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionCreated {
    /// Bearer token for the header `Authorization`; it is stored nowhere and shown once.
    pub token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Whether the privacy notice still has to be shown and acknowledged.
    pub notice_required: bool,
}

/// The step of a program, which has it as a ticket.
const TICKET: pending::Kind = pending::Kind::new("sign-in-ticket", 15);

fn phone(text: &str) -> AppResult<Phone> {
    Phone::parse(text).map_err(|e| AppError::field("phone", e.code()))
}

/// Sends a sign-in code; 202 whether or not the phone is known. Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/sign-in/code-requests", tag = "sign-in", request_body = CodeRequest,
    responses((status = 202, body = CodeRequested, description = "a code is on its way"), (status = 400, description = "an `Idempotency-Key` that is no UUID"),
        (status = 422, description = "no telephone number"),
        (status = 429, description = "1 a minute, 5 an hour, 10 a day")))]
pub async fn request(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    body: Valid<CodeRequest>,
) -> AppResult<HttpResponse> {
    let once = key_of(&req)?;
    let phone = phone(&body.0.phone)?;
    let waiting = Waiting { phone: phone.as_str().to_owned(), next: String::new() };
    let step = pending::Step::of_program(&ctx, &TICKET, waiting);
    let id = request_code(&deps, &req, &ctx, &phone, step.id, once).await?;
    let ticket = pending::seal(&deps, &TICKET, &step.numbered(id))?;
    Ok(answer_with(StatusCode::ACCEPTED, &CodeRequested { ticket }))
}

/// Exchanges a code for a session.
#[utoipa::path(post, path = "/api/v1/sign-in/sessions", tag = "sign-in", request_body = SessionRequest,
    responses((status = 201, body = SessionCreated), (status = 422, description = "wrong, expired or spent code")))]
pub async fn create(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    body: Valid<SessionRequest>,
) -> AppResult<HttpResponse> {
    let SessionRequest { phone: number, ticket, code, notice_read } = body.0;
    let number = phone(&number)?;
    let step = pending::open::<Waiting>(&deps, &ctx, &TICKET, &ticket).await?;
    let step = step.filter(|s| s.value.phone == number.as_str());
    let step = step.ok_or_else(|| AppError::field("ticket", "step-over"))?;
    match sign_in(&deps, &req, &ctx, &step, &code).await? {
        Ok(done) => {
            if notice_read && !done.notice_read {
                let (token, now) = (token::hash(done.token.as_bytes()), ctx.now);
                deps.store
                    .write(move |tx| match session::find(tx.conn(), &token, now)? {
                        Some(s) => store::accept_notice(tx, s.subject, now),
                        None => Ok(()),
                    })
                    .await?;
            }
            Ok(HttpResponse::Created().insert_header(("Cache-Control", "no-store")).json(SessionCreated {
                token: done.token,
                token_type: "Bearer",
                notice_required: !done.notice_read && !notice_read,
            }))
        }
        Err(check) => Err(AppError::field("code", check.error().unwrap_or("code-wrong"))),
    }
}

/// Acknowledges the privacy notice (PIPL art. 17), which the person has read; before that every call of residents is
/// refused with `notice`.
///
/// # Errors
/// Not signed in; database errors.
#[utoipa::path(post, path = "/api/v1/me/notice", tag = "sign-in",
    responses((status = 204, description = "acknowledged; the first time counts"), (status = 401)))]
pub async fn notice(ctx: Ctx, deps: App, who: Newcomer, _token: NoBody) -> AppResult<HttpResponse> {
    let (account, now) = (who.0.account_id, ctx.now);
    deps.store.write(move |tx| store::accept_notice(tx, account, now)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends the session that asks.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "sign-in",
    responses((status = 204, description = "the session is over"), (status = 401, description = "there was none")))]
pub async fn end(ctx: Ctx, deps: App, token: AppResult<NoBody>) -> AppResult<HttpResponse> {
    if session_of(&ctx.principal).is_none() {
        return Err(AppError::SignIn(crate::error::SignInKind::Resident));
    }
    token?;
    end_session(&deps, &ctx).await?;
    Ok(HttpResponse::NoContent().finish())
}
