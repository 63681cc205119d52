//! What happens around every request: context, limits, cross-site check, time-out, errors, headers, log, metrics.

use super::csrf;
use super::ctx::Ctx;
use super::limits::{PER_ACCOUNT, PER_ADDRESS, SIGNED};
use super::pace::Pace;
use super::principal::Principal;
use super::problem;
use super::told;
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::urgency::{self, Urgency};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Version};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

/// A request that is not answered by then will not be: a client that sends its body by drops, a stuck part.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PERMISSIONS: &str = "camera=(self), geolocation=(), microphone=()";

/// The middleware around every route.
///
/// # Errors
/// None of its own: every error becomes a response.
pub async fn around(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let Some(deps) = req.app_data::<web::Data<Deps>>().cloned() else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    if is_plain(req.path()) {
        let mut res = next.call(req).await?.map_into_boxed_body();
        secure(res.headers_mut(), None, &deps);
        return Ok(res);
    }
    let mut ctx = Ctx::stranger(&req, &deps);
    ctx.recognise(&deps);
    let signed = ctx.claims(&deps, &req);
    let urgency = ctx.urgency(&deps, req.head());
    let mut pace = Pace::new(urgency, ctx.client.network().key());
    if let Err(e) = pace.begin().await {
        return Ok(shed(req, &deps, ctx, urgency, &e));
    }
    pace.run(answer(req, next, deps, ctx, signed, started)).await
}

/// Tells somebody to come back, as cheaply as it can be done well.
fn shed(
    req: ServiceRequest,
    deps: &Deps,
    mut ctx: Ctx,
    urgency: Urgency,
    error: &AppError,
) -> ServiceResponse<BoxBody> {
    ctx.settle(req.headers(), deps);
    let mut res = problem::shed(deps, &ctx, error);
    secure(res.headers_mut(), Some(&ctx), deps);
    told::shed(&deps.config.province, urgency);
    req.into_response(res)
}

/// Answers a request whose turn it is.
async fn answer(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    deps: web::Data<Deps>,
    mut ctx: Ctx,
    signed: AppResult<bool>,
    started: Instant,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let admitted = admit(&req, &deps, &mut ctx, signed).await;
    ctx.settle(req.headers(), &deps);
    req.extensions_mut().insert(ctx.clone());
    let mut res = match admitted {
        Ok(()) => call(req, next, &deps, &ctx).await?,
        Err(e) => req.into_response(problem::render(&deps, &ctx, &e)),
    };
    secure(res.headers_mut(), Some(&ctx), &deps);
    told::request(&deps.config.province, &ctx, &res, started.elapsed());
    Ok(res)
}

/// The files of the pages and liveness are answered from memory: they need no context, and neither turn nor limit.
fn is_plain(path: &str) -> bool {
    path.starts_with("/assets/") || path == "/health/live"
}

/// What is refused before a handler sees it; who asks is looked up only after the limit of the address.
async fn admit(req: &ServiceRequest, deps: &Deps, ctx: &mut Ctx, signed: AppResult<bool>) -> AppResult<()> {
    // PostgreSQL keeps no NUL in a text, and nobody has a reason to send one.
    if req.path().contains('\0') || req.uri().path().contains("%00") {
        return Err(AppError::NotFound);
    }
    if req.query_string().contains("%00") {
        return Err(AppError::BadRequest("request-malformed"));
    }
    if !is_well_formed(req) {
        return Err(AppError::BadRequest("request-malformed"));
    }
    if is_packed(req.headers()) {
        return Err(AppError::UnsupportedMedia);
    }
    // Who signs is counted by the key, and by the address only as far as nobody knows yet whether the signature holds.
    if matches!(signed, Ok(true)) {
        deps.limiter.take("signed", ctx.client, SIGNED, ctx.now).await?;
        ctx.prove(deps, req).await?;
        urgency::turns_out(ctx.urgency(deps, req.head()));
        return Ok(());
    }
    deps.limiter.take("address", ctx.client, PER_ADDRESS, ctx.now).await?;
    signed?;
    // Whether the database is there is told without asking it who wants to know.
    if req.path() == "/health/ready" {
        return Ok(());
    }
    if let Err(e) = ctx.identify(deps).await {
        tracing::error!(request_id = %ctx.request_id, cause = %e, "who asks could not be looked up");
        return Err(e);
    }
    // What was claimed is known now.
    urgency::turns_out(ctx.urgency(deps, req.head()));
    let changes = !matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if let (true, Principal::Resident(resident)) = (changes, &ctx.principal) {
        deps.limiter.take("account", resident.account_id, PER_ACCOUNT, ctx.now).await?;
    }
    if changes && !ctx.bearer {
        let host = req.headers().get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let own = format!("{}://{host}", if deps.config.is_https() { "https" } else { "http" });
        if csrf::is_cross_site(req.headers(), &own) {
            return Err(AppError::Forbidden("cross-site"));
        }
    }
    Ok(())
}

/// One host (RFC 9112, 3.2), and one meaning of what may be said once only: two different answers to one question are no
/// list (RFC 9110, 5.3), and taking the first of them would be a guess.
fn is_well_formed(req: &ServiceRequest) -> bool {
    const ONCE: [&str; 4] = ["content-type", "authorization", "idempotency-key", "x-csrf-token"];
    let headers = req.headers();
    let hosts = headers.get_all(header::HOST).count();
    let one_host = hosts == 1 || (hosts == 0 && req.version() != Version::HTTP_11);
    let agree = |name: &str| {
        let mut lines = headers.get_all(name);
        lines.next().is_none_or(|first| lines.all(|other| other == first))
    };
    one_host && ONCE.iter().all(|name| agree(name))
}

/// No form of ours and no program's body needs packing, and a packed one can be a thousand times what was sent.
fn is_packed(headers: &HeaderMap) -> bool {
    let plain = |value: &HeaderValue| {
        value.to_str().is_ok_and(|v| v.split(',').all(|c| c.trim().eq_ignore_ascii_case("identity")))
    };
    !headers.get_all(header::CONTENT_ENCODING).all(plain)
}

/// Runs the handler. The request must not be held on to meanwhile (the router needs it alone), so when there is no
/// response to take it from, the answer goes out as an error that carries it.
async fn call(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    deps: &Deps,
    ctx: &Ctx,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let answer = AssertUnwindSafe(next.call(req)).catch_unwind();
    let mut allowed = None;
    let (request, failed) = match tokio::time::timeout(ANSWER_WITHIN, answer).await {
        Ok(Ok(Ok(res))) => {
            let Some(error) = error_of(&res) else { return Ok(res.map_into_boxed_body()) };
            allowed = res.headers().get(header::ALLOW).cloned();
            (Some(res.request().clone()), error)
        }
        Ok(Ok(Err(e))) => {
            let status = e.as_response_error().status_code();
            (None, e.as_error::<AppError>().cloned().unwrap_or_else(|| from_status(status)))
        }
        Ok(Err(_)) => (None, AppError::internal("a handler panicked")),
        // Bodies that come too slowly have been refused long before: this is ours.
        Err(_) => (None, AppError::Unavailable("no answer was ready in time".into())),
    };
    if let AppError::Internal(cause) | AppError::Unavailable(cause) = &failed {
        tracing::error!(request_id = %ctx.request_id, cause = %cause, code = failed.code(), "request failed");
    }
    let mut response = problem::render(deps, ctx, &failed);
    if let Some(methods) = allowed {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    match request {
        Some(request) => Ok(ServiceResponse::new(request, response)),
        None => {
            secure(response.headers_mut(), Some(ctx), deps);
            Err(actix_web::error::InternalError::from_response(failed, response).into())
        }
    }
}

/// The error behind a response that has no body of its own yet.
fn error_of<B: MessageBody>(res: &ServiceResponse<B>) -> Option<AppError> {
    let status = res.status();
    if status.is_success() || status.is_redirection() || status.is_informational() {
        return None;
    }
    if let Some(error) = res.response().error() {
        return Some(error.as_error::<AppError>().cloned().unwrap_or_else(|| from_status(status)));
    }
    // A handler that rendered its own page (a form with messages) has a body.
    match res.response().body().size() {
        actix_web::body::BodySize::None | actix_web::body::BodySize::Sized(0) => Some(from_status(status)),
        _ => None,
    }
}

fn from_status(status: StatusCode) -> AppError {
    match status {
        StatusCode::NOT_FOUND => AppError::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => AppError::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => AppError::UnsupportedMedia,
        StatusCode::REQUEST_TIMEOUT => AppError::TooSlow,
        s if s.is_client_error() => AppError::BadRequest("request-malformed"),
        s => AppError::Internal(format!("status {s}")),
    }
}

/// What every answer carries. Only a page that asked for a nonce may run scripts.
fn secure(headers: &mut HeaderMap, ctx: Option<&Ctx>, deps: &Deps) {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if deps.config.is_https() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    let policy = match ctx.and_then(Ctx::nonce_if_used) {
        None => Ok(HeaderValue::from_static(
            "default-src 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
        )),
        Some(nonce) => HeaderValue::from_str(&format!(
            "default-src 'none'; object-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             script-src 'nonce-{nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
             manifest-src 'self'"
        )),
    };
    let number = ctx.map(|ctx| HeaderValue::from_str(&ctx.request_id));
    // What somebody has handed in comes with a policy of its own, which is stricter.
    let policy = (!headers.contains_key(header::CONTENT_SECURITY_POLICY)).then_some(policy);
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::PERMISSIONS_POLICY, Some(Ok(HeaderValue::from_static(PERMISSIONS)))),
        (REQUEST_ID, number),
    ] {
        if let Some(Ok(value)) = value {
            headers.insert(name, value);
        }
    }
}
