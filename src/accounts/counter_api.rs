//! JSON of the counter: the claims that wait, one of them, and the decision with the document in hand.

use super::counter::{self, ClaimDesk};
use super::list::Claims;
use super::store_claims::ClaimRow;
use super::verdict::{self, Ask, Verdict};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::factor::Grave;
use crate::web::form::{Form, Valid};
use crate::web::guard::Official;
use crate::web::idempotency::key_of;
use crate::web::page::answer;
use crate::worklist::{Asked, Worklist, look};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A claim: nothing that the claimant did not state, and that masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimBody {
    /// Its number, which the visitor names.
    pub number: String,
    /// Send it with the decision.
    pub version: i64,
    /// `open`, or what was decided.
    pub state: String,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// Division of the claimant.
    pub division: String,
    /// Name, masked.
    pub name: String,
    /// Kind of document.
    pub document_kind: String,
    /// Number of the document, masked.
    pub document: String,
    /// Whether the claim would replace the account's present person; only of a single claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<bool>,
    /// The present colour of that person: `green`, `yellow`, `red` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces_colour: Option<&'static str>,
    /// Whether that person has red or yellow causes, so that the claim cannot be confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces_held: Option<bool>,
}

/// Claims that wait.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimsBody {
    /// The tab that was listed: `open`.
    pub tab: &'static str,
    /// Up to 50, the longest wait first.
    pub claims: Vec<ClaimBody>,
    /// Value of `after` for the next page.
    pub next: Option<String>,
}

/// A decision at the counter.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimDecision {
    /// The version that was seen.
    pub version: i64,
    /// `confirm`: the name as typed from the document.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    pub name: String,
    /// `confirm`: its number as typed from it.
    #[serde(default)]
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub document_number: String,
    /// `confirm`: that the document was compared with the visitor.
    #[serde(default)]
    pub seen: bool,
    /// `reject`: `holder`, `differs`, `invalid` or `withdrawn`.
    #[serde(default)]
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub reason: String,
}

/// A claim for programs.
pub(super) fn body(deps: &Deps, claim: &ClaimRow) -> AppResult<ClaimBody> {
    let (name, document) = claim.stated(&deps.keys)?;
    Ok(ClaimBody {
        number: claim.number.clone(),
        version: claim.version,
        state: claim.state.clone(),
        since: claim.created_at.0,
        division: claim.division.clone(),
        name: name.masked(),
        document_kind: document.kind().as_str().to_owned(),
        document: document.masked(),
        replaces: None,
        replaces_colour: None,
        replaces_held: None,
    })
}

/// The claims of the jurisdiction that wait.
///
/// # Errors
/// 400 when `after` is no cursor of ours.
#[utoipa::path(get, path = "/api/v1/desk/claims", tag = "desk",
    params(("place" = Option<String>, Query, description = "a division one level below the jurisdiction"),
        ("sort" = Option<String>, Query, description = "`newest`"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = ClaimsBody), (status = 400, description = "no such place in the list")))]
pub async fn list(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<ClaimDesk>,
) -> AppResult<HttpResponse> {
    let sent = Form::parse(req.query_string().as_bytes())?;
    let asked = Asked::read(&Claims::SPEC, &who, &sent);
    let listed = look::<Claims>(&deps, &who, asked, ctx.now).await?;
    let claims = listed.rows.iter().map(|claim| body(&deps, claim)).collect::<AppResult<_>>()?;
    Ok(answer(&ClaimsBody { tab: listed.asked.tab, claims, next: listed.next }))
}

/// One claim, by its exact number at every counter of the province.
///
/// # Errors
/// 404.
#[utoipa::path(get, path = "/api/v1/desk/claims/{number}", tag = "desk", params(("number" = String, Path)),
    responses((status = 200, body = ClaimBody), (status = 404)))]
pub async fn one(
    ctx: Ctx,
    deps: App,
    who: Official<ClaimDesk>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let (claim, replaces) = counter::open(&deps, &who, &number, ctx.now).await?;
    Ok(answer(&ClaimBody {
        replaces: Some(replaces.is_some()),
        replaces_colour: replaces.as_ref().map(|r| r.colour.code()),
        replaces_held: replaces.as_ref().map(|r| r.held),
        ..body(&deps, &claim)?
    }))
}

/// `confirm` by name and number typed from the document in hand, or `reject` with a reason. Asks for a second factor of the
/// last 15 minutes. Idempotent by `Idempotency-Key`.
///
/// # Errors
/// 401 `step-up`; 404; 409 `changed-meanwhile`, `refused-self-decision`, or `claim-colour` while the account's present person has red or
/// yellow causes; 422 with field paths; 429 after ten attempts a day.
#[utoipa::path(post, path = "/api/v1/desk/claims/{number}/actions/{action}", tag = "desk",
    params(("number" = String, Path), ("action" = String, Path, description = "`confirm`, `reject`")),
    request_body = ClaimDecision,
    responses((status = 204, description = "decided"), (status = 404), (status = 409), (status = 422), (status = 429)))]
pub async fn decide(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Grave<ClaimDesk>>,
    path: web::Path<(String, String)>,
    input: Valid<ClaimDecision>,
) -> AppResult<HttpResponse> {
    let ((number, action), d) = (path.into_inner(), input.0);
    if !matches!(action.as_str(), "confirm" | "reject") {
        return Err(AppError::NotFound);
    }
    let form = Form::of(&[
        ("do", &action),
        ("version", &d.version.to_string()),
        ("name", &d.name),
        ("doc_number", &d.document_number),
        ("seen", if d.seen { "yes" } else { "" }),
        ("reason", &d.reason),
        ("_once", &key_of(&req)?.map(|k| k.to_string()).unwrap_or_default()),
    ]);
    let ask = Ask::read(&form)?;
    let verdict = match ask {
        Ok(ask) => verdict::decide(&deps, &ctx, &who, &number, ask, &form).await?,
        Err(errors) => Verdict::Differs(errors),
    };
    match verdict {
        Verdict::Differs(errors) => Err(AppError::Invalid(
            errors.into_iter().map(|e| e.renamed("doc_number", "document_number")).collect(),
        )),
        Verdict::Made | Verdict::Foreseen(_) => Ok(HttpResponse::NoContent().finish()),
    }
}
