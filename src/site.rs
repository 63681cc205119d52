//! Pages and files that belong to no slice: notices, language and type size, assets, health.

use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::slice::{NOTHING, Slice, at};
use crate::urgency::Urgency;
use crate::web::cookies::CookieNames;
use crate::web::ctx::Ctx;
use crate::web::described::{Call, file, form, free, one_of, page as described};
use crate::web::form::Form;
use crate::web::i18n::Lang;
use crate::web::page::{local_path, page, see_other};
use crate::web::route::{Routes, Who};
use crate::web::{division, view};
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// Language and type size are remembered for a year.
const REMEMBERED: i64 = 365 * 24 * 3600;

/// What this slice hands over.
pub const SLICE: Slice = Slice { routes, kept: &[at(80, crate::web::kept::KEPT)], ..NOTHING };

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/privacy", Who::Public, privacy)
        .get("/accessibility", Who::Public, accessibility)
        .get("/about", Who::Public, about)
        .get("/divisions", Who::Public, division::children)
        .post("/language", Who::Public, language)
        .post("/elder", Who::Public, elder)
        .get("/assets/{name}", Who::Public, asset)
        .get("/health/live", Who::Public, live)
        .urgent(Urgency::Forms)
        .get("/health/ready", Who::Public, ready)
        .urgent(Urgency::Forms)
        .tell(CALLS);
}

const CALLS: &[Call] = &[
    described("/privacy", "The privacy notice"),
    described("/accessibility", "What the portal does for everybody to be able to use it"),
    described("/about", "What the portal is"),
    file("/divisions", JSON, "The divisions below one, to choose from"),
    form("/language", "Remembers a language", &[one_of("lang", &["zh-CN", "en"]).needed(), free("next")]),
    form("/elder", "Remembers large type", &[one_of("elder", &["0", "1"]).needed(), free("next")]),
    file("/assets/{name}", &["*/*"], "A file of the pages: style, script, picture"),
    file("/health/live", JSON, "Whether the portal runs"),
    file("/health/ready", JSON, "Whether the portal can answer: 503 while the database does not"),
];

/// What programs read.
const JSON: &[&str] = &["application/json"];

async fn privacy(ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    page(&deps, &ctx, "static/privacy.html", &json!({}))
}

async fn accessibility(ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    page(&deps, &ctx, "static/accessibility.html", &json!({}))
}

async fn about(ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    page(&deps, &ctx, "static/about.html", &json!({}))
}

async fn language(deps: App, form: Form) -> AppResult<HttpResponse> {
    let lang = Lang::parse(form.get("lang")).ok_or(AppError::BadRequest("request-malformed"))?;
    remember(&deps, &form, |names| (names.lang.clone(), lang.tag().to_owned()))
}

async fn elder(deps: App, form: Form) -> AppResult<HttpResponse> {
    let on = if form.get("elder") == "1" { "1" } else { "0" };
    remember(&deps, &form, |names| (names.elder.clone(), on.to_owned()))
}

fn remember(
    deps: &App,
    form: &Form,
    what: impl FnOnce(&CookieNames) -> (String, String),
) -> AppResult<HttpResponse> {
    let names = &deps.cookies;
    let (name, value) = what(names);
    let mut response = see_other(local_path(form.get("next"), "/"));
    response.add_cookie(&names.cookie(&name, value, Some(REMEMBERED))).map_err(AppError::internal)?;
    Ok(response)
}

async fn asset(req: HttpRequest, name: web::Path<String>) -> AppResult<HttpResponse> {
    let file = view::asset(&name).ok_or(AppError::NotFound)?;
    if req.headers().get(IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == file.etag.as_bytes()) {
        return Ok(HttpResponse::NotModified().finish());
    }
    Ok(HttpResponse::Ok()
        .content_type(file.content_type)
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((ETAG, file.etag))
        .body(file.data.into_owned()))
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "up"}))
}

/// Ready when the database answers; Redis away is told but does not make us unready, since pages go on without it.
async fn ready(deps: App) -> HttpResponse {
    let database = deps.store.ping().await.is_ok();
    let redis = match deps.limiter.redis_answers().await {
        None => "none",
        Some(true) => "up",
        Some(false) => "down",
    };
    let body = json!({
        "status": if database { "up" } else { "down" },
        "parts": {"database": if database { "up" } else { "down" }, "redis": redis},
    });
    if database {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().insert_header(("Retry-After", "2")).json(body)
    }
}
