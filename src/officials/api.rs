//! Officials' sign-in for programs: both factors in one call, a bearer token back.

use super::{desk, enter, sign_in, store};
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::web::ctx::{Ctx, session_of};
use crate::web::device;
use crate::web::form::Valid;
use crate::web::guard::{Any, Looks, Official};
use crate::web::page::answer;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Both factors and, with several assignments, which one.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeskSessionRequest {
    /// Sign-in name.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    pub login: String,
    /// Password.
    #[validate(length(min = 1, max = 1024))]
    #[schema(min_length = 1, max_length = 1024)]
    pub password: String,
    /// One-time code of the app, or a recovery code.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    /// The assignment to act in; needed when there are several.
    pub assignment: Option<uuid::Uuid>,
}

/// A fresh second factor.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUpRequest {
    /// One-time code.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
}

/// A new session of an official.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskSessionCreated {
    /// Bearer token; it is stored nowhere and shown once.
    pub token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Role of the assignment.
    pub role: String,
    /// Division whose prefix is the jurisdiction.
    pub division: String,
}

/// Signs an official in.
#[utoipa::path(post, path = "/api/v1/desk/sessions", tag = "sign-in", request_body = DeskSessionRequest,
    responses((status = 201, body = DeskSessionCreated), (status = 409, description = "`enrol-first`: no second factor yet"),
        (status = 422, description = "refused, or which assignment"), (status = 429, description = "tried too often")))]
pub async fn create(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    body: Valid<DeskSessionRequest>,
) -> AppResult<HttpResponse> {
    let DeskSessionRequest { login, password, code, assignment } = body.0;
    let refused = || AppError::field("login", "sign-in-refused");
    let row = sign_in::check_password(&deps, &req, &ctx, &login, &password).await?.ok_or_else(refused)?;
    if row.must_change || row.totp_sealed.is_none() {
        return Err(AppError::conflict("enrol-first"));
    }
    let (keys, now, device) = (deps.keys.clone(), ctx.now, device::describe(&req));
    let before = session_of(&ctx.principal).cloned();
    let trying = sign_in::code_try(&deps, &req, &ctx, &row.login, row.id);
    let made = deps
        .store
        .write(move |tx| {
            let Some(counted) = trying.examine(tx, &keys, &row, &code, now)? else {
                return Ok(Err(AppError::field("code", "totp-wrong")));
            };
            trying.succeed(tx, &keys, counted, now)?;
            let list = store::in_force(tx.conn(), row.id, now)?;
            let chosen = match (assignment.map(Id), list.as_slice()) {
                (None, [only]) => Some(only),
                (Some(id), list) => list.iter().find(|a| a.id == id),
                (None, _) => None,
            };
            let Some(chosen) = chosen else { return Ok(Err(AppError::field("assignment", "required"))) };
            let token = enter::start(tx, &row, chosen, &device, before.as_ref(), now)?;
            Ok(Ok((token, chosen.role.to_string(), chosen.division.clone())))
        })
        .await;
    // The login was reset or disabled meanwhile: the answer is that of a moment later.
    let meanwhile = |e| if matches!(e, AppError::Conflict(_)) { refused() } else { e };
    let (token, role, division) = made.map_err(meanwhile)??;
    Ok(HttpResponse::Created().insert_header(("Cache-Control", "no-store")).json(DeskSessionCreated {
        token,
        token_type: "Bearer",
        role,
        division,
    }))
}

/// The session's new token.
#[derive(Debug, Serialize, ToSchema)]
pub struct SteppedUp {
    /// Bearer token in the place of the one that was sent, which opens nothing any more; shown once.
    pub token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
}

/// Gives the session a fresh second factor, and another token.
#[utoipa::path(post, path = "/api/v1/desk/step-up", tag = "sign-in", request_body = StepUpRequest,
    responses((status = 200, body = SteppedUp, description = "fresh: for 15 minutes, for worklists for four hours"),
        (status = 422, description = "not this code"), (status = 429, description = "tried too often")))]
pub async fn step_up(
    ctx: Ctx,
    deps: App,
    o: Official<Looks<Any>>,
    body: Valid<StepUpRequest>,
) -> AppResult<HttpResponse> {
    let token = desk::step_up(&deps, &ctx, &o, &body.0.code).await?;
    let token = token.ok_or_else(|| AppError::field("code", "totp-wrong"))?;
    Ok(answer(&SteppedUp { token, token_type: "Bearer" }))
}
