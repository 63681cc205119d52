//! `/exchange/v1`, the public part: trust list, status lists, rules, examples, and verification for other servers.

use super::check::{Onlooker, record};
use super::own::{self, Published};
use super::routes::VerifyRequest;
use super::{Exchange, trust, verify_pasted};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::hcert::{Direction, VerifyOptions, examples as kit};
use crate::slice::Slices;
use crate::web::ctx::Ctx;
use crate::web::form::Valid;
use crate::web::limits::VERIFY;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Whether the client has this edition already.
fn has_edition(req: &HttpRequest, etag: &str) -> bool {
    let tags = req.headers().get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()).unwrap_or_default();
    tags.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == etag || tag == "*")
}

/// The trust list in force as the roots signed it; as JSON when that is asked for.
pub(super) async fn trust_list(req: HttpRequest, deps: App) -> AppResult<HttpResponse> {
    let trust = trust::current(&deps).await?;
    let accepted = trust.list.as_ref().ok_or(AppError::NotFound)?;
    let wanted = req.headers().get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let as_json = wanted.contains("application/json") && !wanted.contains("cose");
    let mut digest = Sha256::new().chain_update(&accepted.signed);
    if as_json {
        digest.update(b"json");
    }
    let etag = format!("\"{}\"", hex::encode(digest.finalize().get(..16).unwrap_or_default()));
    let cache = "public, max-age=300";
    if has_edition(&req, &etag) {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, etag))
            .insert_header((CACHE_CONTROL, cache))
            .insert_header((VARY, "Accept"))
            .finish());
    }
    let mut response = HttpResponse::Ok();
    response
        .insert_header((ETAG, etag))
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((VARY, "Accept"));
    if as_json {
        return Ok(response.json(&accepted.list));
    }
    response.insert_header((CONTENT_TYPE, "application/cose; cose-type=\"cose-sign\""));
    Ok(response.body(accepted.signed.clone()))
}

/// One of our status lists, in CWT form.
pub(super) async fn status_list(
    req: HttpRequest,
    deps: App,
    id: web::Path<String>,
) -> AppResult<HttpResponse> {
    let id: i64 = id.parse().ok().filter(|n: &i64| n.to_string() == **id).ok_or(AppError::NotFound)?;
    let list: Published = own::published(&deps, id).await?.ok_or(AppError::NotFound)?;
    let cache = format!("public, max-age={}", list.max_age(deps.clock.now()));
    if has_edition(&req, &list.etag) {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, list.etag))
            .insert_header((CACHE_CONTROL, cache))
            .finish());
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, crate::hcert::status::TYPE))
        .insert_header((ETAG, list.etag))
        .insert_header((CACHE_CONTROL, cache))
        .body(list.body))
}

/// What we accept, from whom, and how strictly: partners and travellers see it in advance.
pub(super) async fn rules(deps: App) -> AppResult<HttpResponse> {
    let (trust, now) = (trust::current(&deps).await?, deps.clock.now());
    let accepted: Vec<_> = trust
        .agreements
        .agreements
        .iter()
        .filter(|a| a.direction != Direction::Outbound && a.to.is_none_or(|to| now < to))
        .map(|a| json!({"issuer": a.partner, "kinds": a.kinds, "from": a.from, "to": a.to, "agreement": a.reference}))
        .collect();
    let online = VerifyOptions::ONLINE;
    let body = json!({
        "issuer": trust.home,
        "accepted": accepted,
        "own_documents_accepted": true,
        "algorithms": [-7, -37],
        "clock_skew_seconds": online.skew.num_seconds(),
        "status_max_age_seconds": {
            "online": online.status_max_age.num_seconds(),
            "offline": VerifyOptions::OFFLINE.status_max_age.num_seconds(),
        },
        "paper_accepted": true,
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(body))
}

/// Documents for every verdict, with all that is needed to verify them.
pub(super) async fn examples() -> AppResult<HttpResponse> {
    let set = kit::published().map_err(AppError::internal)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=86400")).json(set))
}

/// The description of this interface.
pub(super) async fn openapi(deps: App) -> AppResult<HttpResponse> {
    let (kept, slices) = (&Exchange::of(&deps)?.description, *deps.part::<Slices>()?);
    let text = kept.get_or_init(|| crate::openapi::complete(slices, super::WRITTEN).to_string());
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .content_type("application/json")
        .body(text.clone()))
}

/// The online answer about a presented document. Who asks is not proven here, so the holder reads "over the exchange
/// interface", and no pseudonym is given.
pub(super) async fn verify(ctx: Ctx, deps: App, body: Valid<VerifyRequest>) -> AppResult<HttpResponse> {
    deps.limiter.take("verify", ctx.client, VERIFY, ctx.now).await?;
    let checked = verify_pasted(&deps, &body.0.text, body.0.mode(), ctx.now).await?;
    record(&deps, &ctx, &checked, Onlooker::Exchange).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(checked.to_json()))
}
