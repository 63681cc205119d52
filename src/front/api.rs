//! Keys by JSON, by the same rules as the pages; changes with a fresh second factor (`POST /api/v1/desk/step-up`).

use super::act::KeyMade;
use super::input::{KeyInput, SecretInput};
use super::model::{AccessKey, KeyProof};
use super::pages::{After, Replacing, body, given, overlap, replaced, revoked};
use super::{KeyChange, KeyView, store};
use crate::db::Id;
use crate::decision::{Sent, TEXT};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::Valid;
use crate::web::guard::Official;
use crate::web::page::{answer, answer_with};
use crate::web::paging::{PAGE_ROWS, cut};
use crate::web::text;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A page of keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessKeys {
    /// Up to 50, the newest first.
    pub keys: Vec<AccessKey>,
    /// Value of `after` for the next page.
    pub next: Option<String>,
}

/// A key with what verifies its signatures.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessKeyDetail {
    /// The key.
    #[serde(flatten)]
    pub key: AccessKey,
    /// What verifies, the newest first.
    pub proofs: Vec<KeyProof>,
}

/// What replaces a secret.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateInput {
    /// The version that was seen.
    pub version: i64,
    /// For how many hours the one before goes on counting: 0, 24, 168 or 720.
    pub overlap_hours: u32,
    /// What verifies from now on.
    #[serde(default)]
    #[validate(nested)]
    pub proof: SecretInput,
}

/// Why a key is revoked.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeInput {
    /// The version that was seen.
    pub version: i64,
    /// The reason, up to 2000 characters; it stays on the key's page.
    #[schema(max_length = 2000)]
    pub reason: String,
}

/// The keys of programs.
///
/// # Errors
/// 400 when `after` is no identifier.
#[utoipa::path(get, path = "/api/v1/admin/keys", tag = "admin", params(("after" = Option<String>, Query)),
    responses((status = 200, body = AccessKeys)))]
pub async fn list(
    ctx: Ctx,
    deps: App,
    _o: Official<KeyView>,
    query: web::Query<After>,
) -> AppResult<HttpResponse> {
    let after = query.after;
    let rows = deps.store.read(move |conn| store::list(conn, after, PAGE_ROWS + 1)).await?;
    let (rows, more) = cut(rows, PAGE_ROWS);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let keys = rows.iter().map(|row| AccessKey::of(row, ctx.now)).collect();
    Ok(answer(&AccessKeys { keys, next }))
}

/// Gives a key. Its secret, if one was made, is in the answer and nowhere else. Idempotent by `Idempotency-Key`.
///
/// # Errors
/// 422 with field paths.
#[utoipa::path(post, path = "/api/v1/admin/keys", tag = "admin", request_body = KeyInput,
    responses((status = 201, body = KeyMade), (status = 422)))]
pub async fn add(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    o: Official<KeyChange>,
    input: Valid<KeyInput>,
) -> AppResult<HttpResponse> {
    let new = input.0.check(&deps.config.province, ctx.now, Vec::new());
    let new = new.map_err(|errors| {
        let inside = |field: &str| field == "public_key" || field == "certificate";
        let path = |e: crate::error::FieldError| if inside(&e.field) { e.below("proof") } else { e };
        AppError::Invalid(errors.into_iter().map(path).collect())
    })?;
    let made = given(&deps, &ctx, &o, new, &Sent::call(&req, &input.0)?).await?;
    Ok(answer_with(StatusCode::CREATED, &made))
}

/// One key, with what verifies its signatures.
///
/// # Errors
/// 404 when there is none.
#[utoipa::path(get, path = "/api/v1/admin/keys/{id}", tag = "admin", params(("id" = String, Path)),
    responses((status = 200, body = AccessKeyDetail), (status = 404)))]
pub async fn one(ctx: Ctx, deps: App, _o: Official<KeyChange>, id: web::Path<Id>) -> AppResult<HttpResponse> {
    let (key, proofs) = body(&deps, &ctx, id.into_inner()).await?;
    Ok(answer(&AccessKeyDetail { key, proofs }))
}

/// Replaces what verifies a key's signatures; what was before goes on counting for a while, so that nothing is refused
/// meanwhile. A new secret is in the answer and nowhere else. Idempotent by `Idempotency-Key`.
///
/// # Errors
/// 404; 409 `changed-meanwhile`, also for a key that was revoked; 422 with field paths.
#[utoipa::path(post, path = "/api/v1/admin/keys/{id}/rotate", tag = "admin", params(("id" = String, Path)),
    request_body = RotateInput, responses((status = 200, body = KeyMade), (status = 404), (status = 409), (status = 422)))]
pub async fn rotate(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    o: Official<KeyChange>,
    id: web::Path<Id>,
    input: Valid<RotateInput>,
) -> AppResult<HttpResponse> {
    let id = id.into_inner();
    let row = deps.store.read(move |conn| store::one(conn, id)).await?;
    let sent = Sent::call(&req, &(id, &input.0))?;
    let hours = overlap(&input.0.overlap_hours.to_string());
    let asked = Replacing { secret: input.0.proof, overlap: hours };
    let made = replaced(&deps, &ctx, &o, (&row, input.0.version), &asked, &sent).await;
    Ok(answer(&made.map_err(for_programs)?))
}

/// Errors of a form's fields under the names that the body has for them.
fn for_programs(error: AppError) -> AppError {
    let AppError::Invalid(errors) = error else { return error };
    let renamed = errors.into_iter().map(|e| match e.field.as_str() {
        "overlap" => e.renamed("overlap", "overlap_hours"),
        _ => e.below("proof"),
    });
    AppError::Invalid(renamed.collect())
}

/// Revokes a key: from the next request on it does not count. Idempotent by `Idempotency-Key`.
///
/// # Errors
/// 404; 409 `changed-meanwhile`, also for a key that was revoked; 422 without a reason.
#[utoipa::path(post, path = "/api/v1/admin/keys/{id}/revoke", tag = "admin", params(("id" = String, Path)),
    request_body = RevokeInput, responses((status = 204, description = "revoked"), (status = 404), (status = 409), (status = 422)))]
pub async fn revoke(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    o: Official<KeyChange>,
    id: web::Path<Id>,
    input: Valid<RevokeInput>,
) -> AppResult<HttpResponse> {
    let id = id.into_inner();
    deps.store.read(move |conn| store::one(conn, id)).await?;
    let reason = text::lines("reason", &input.0.reason, TEXT).map_err(|e| AppError::Invalid(vec![e]))?;
    let sent = Sent::call(&req, &(id, &input.0))?;
    revoked(&deps, &ctx, &o, (id, input.0.version), reason, &sent).await?;
    Ok(HttpResponse::NoContent().finish())
}
