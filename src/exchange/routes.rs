//! JSON for verifiers: a text, or a picture of a QR code.

use super::check::{Mode, Onlooker, record};
use super::{Exchange, upload, verify_pasted};
use crate::deps::App;
use crate::error::AppResult;
use crate::web::ctx::{Ctx, session_of};
use crate::web::form::{NoBody, Valid};
use crate::web::limits::VERIFY;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// A document to verify.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// The `HC1:` text, or a text that contains it.
    #[validate(length(min = 1, max = 32768))]
    #[schema(min_length = 1, max_length = 32768)]
    pub text: String,
    /// False: fetch nothing and accept status lists of up to 24 hours. True when left out.
    #[serde(default)]
    pub online: Option<bool>,
}

impl VerifyRequest {
    pub(super) fn mode(&self) -> Mode {
        if self.online == Some(false) { Mode::Offline } else { Mode::Online }
    }
}

/// Verdict on a text.
#[utoipa::path(
    post, path = "/api/v1/verify", tag = "verify", request_body = VerifyRequest,
    responses((status = 200, body = Object, description = "One of ten verdicts, in the shape of `fugong verify --json`, with status"))
)]
pub(super) async fn verify(ctx: Ctx, deps: App, body: Valid<VerifyRequest>) -> AppResult<HttpResponse> {
    deps.limiter.take("verify", ctx.client, VERIFY, ctx.now).await?;
    let checked = verify_pasted(&deps, &body.0.text, body.0.mode(), ctx.now).await?;
    record(&deps, &ctx, &checked, Onlooker::of(&ctx.principal)).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(checked.to_json()))
}

/// Verdict on the QR code in a picture (PNG or JPEG, at most 5 MB), with the text that it holds.
#[utoipa::path(
    post, path = "/api/v1/verify/image", tag = "verify",
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg")), description = "the picture, 5 MB at most"),
    responses((status = 200, body = Object, description = "As for a text, with `text`"), (status = 422, description = "No code found"))
)]
pub(super) async fn image(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    payload: web::Payload,
) -> AppResult<HttpResponse> {
    if session_of(&ctx.principal).is_some() {
        NoBody::check(&req)?;
    }
    let picture = upload::picture(&req, &deps, &ctx, payload).await?;
    let text = Exchange::of(&deps)?.pictures.read(&ctx, picture).await?;
    let checked = verify_pasted(&deps, &text, Mode::Online, ctx.now).await?;
    record(&deps, &ctx, &checked, Onlooker::of(&ctx.principal)).await?;
    let mut answer = checked.to_json();
    if let Some(map) = answer.as_object_mut() {
        map.insert("text".into(), text.into());
    }
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(answer))
}
