//! The code as JSON. The calls have the names of GB/T 38963-2020 (apply for code, make code); the fields are our own.

use super::show::{self, CodeAnswer};
use super::state;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::guard::Resident;
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};

/// "Make code": the present code with a token that lives two minutes. The same token is given for its first minute;
/// with `If-None-Match` that is a 304.
///
/// # Errors
/// 409 `no-person` when nothing has been declared yet.
#[utoipa::path(get, path = "/api/v1/code", tag = "code", responses(
    (status = 200, body = CodeAnswer<'static>), (status = 304), (status = 401), (status = 409)))]
pub async fn make_code(req: HttpRequest, ctx: Ctx, deps: App, resident: Resident) -> AppResult<HttpResponse> {
    let shown = show::show(&deps, resident.person()?, ctx.now).await?;
    Ok(answer(&req, &shown))
}

fn answer(req: &HttpRequest, shown: &show::Shown) -> HttpResponse {
    if req.headers().get(IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == shown.etag.as_bytes()) {
        return HttpResponse::NotModified().insert_header((ETAG, shown.etag.clone())).finish();
    }
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((ETAG, shown.etag.clone()))
        .body(shown.body.clone())
}

/// "Apply for code": works the code out anew from what is known now, and answers it.
///
/// # Errors
/// 409 `no-person` when nothing has been declared yet.
#[utoipa::path(post, path = "/api/v1/code/application", tag = "code", responses(
    (status = 200, body = CodeAnswer<'static>), (status = 401), (status = 409)))]
pub async fn apply_for_code(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    resident: Resident,
) -> AppResult<HttpResponse> {
    // There is no body to read, so the token is checked here, and before anything is said about the person.
    if !ctx.bearer {
        let sent = req.headers().get("x-csrf-token").and_then(|v| v.to_str().ok()).unwrap_or_default();
        ctx.check_csrf(sent)?;
    }
    let (person, now) = (resident.person()?, ctx.now);
    match state::renew(&deps, person, now).await {
        // Another evaluation has just been made: that one is answered.
        Ok(_) | Err(AppError::Conflict(_)) => {}
        Err(e) => return Err(e),
    }
    let shown = show::show(&deps, person, now).await?;
    Ok(answer(&req, &shown))
}
