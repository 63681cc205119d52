//! The same for programs: looking at one thing of any kind, and deciding it.

use super::decide::Deciding;
use super::page::{Looked, kind_of, look};
use super::{Effect, Fact, Seconds, TwoPersons};
use crate::db::Id;
use crate::decision::Sent;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::factor::Grave;
use crate::web::form::{Form, Valid};
use crate::web::guard::Official;
use crate::web::i18n::t;
use crate::web::page::answer;
use crate::web::principal::OfficialPrincipal;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// A thing that waits for a second official.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondBody {
    /// Its identifier.
    pub id: Uuid,
    /// Its kind: `record` (a finding), `record-end` (that one ends), `risk` (a level), `merge` (two records of one person).
    pub kind: String,
    /// What the kind is, in the caller's language.
    pub title: String,
    /// Name and sign-in name of the official who entered it.
    pub entered_by: String,
    /// For which office.
    pub office: String,
    /// When.
    pub entered_at: DateTime<Utc>,
    /// When it ends without effect if nobody decides it.
    pub expires_at: DateTime<Utc>,
    /// Whether the caller entered it, and can only take it back.
    pub own: bool,
    /// Whether the caller had such a part in it that they decide nothing of it.
    pub had_a_part: bool,
    /// Exactly what was given, whom it is about in full.
    pub facts: Vec<Fact>,
    /// What a confirmation brings about.
    pub effect: Effect,
    /// That something has changed since it was entered.
    pub changed: Option<String>,
}

/// A decision.
#[derive(Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondInput {
    /// `confirm` or `refuse`. What is not there for the caller is told before that it is missing.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_length = 20, required = true)]
    pub decision: String,
    /// Needed to refuse: whoever entered it reads it.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
}

/// What a decision came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondDecided {
    /// What was decided.
    pub id: Uuid,
    /// `confirmed` or `refused`.
    pub state: String,
}

/// One thing that waits for a second official, with all that was given and what a confirmation brings about. The look is in the
/// record.
///
/// # Errors
/// 404 outside the jurisdiction, or what another role decides; 409 `changed-meanwhile` when somebody has decided it, or its time
/// has run out.
#[utoipa::path(get, path = "/api/v1/desk/second/{id}", tag = "desk", params(("id" = Uuid, Path)),
    responses((status = 200, body = SecondBody), (status = 404), (status = 409)))]
pub(super) async fn one(
    req: HttpRequest,
    deps: App,
    official: Official<Seconds>,
    id: web::Path<Id>,
) -> AppResult<HttpResponse> {
    let kind = kind_of(&deps, &official, *id).await?;
    (kind.shown)(req, deps, (*official).clone(), *id).await
}

/// Confirms or refuses one thing. Asks for a second factor of the last quarter of an hour. Idempotent by `Idempotency-Key`.
///
/// # Errors
/// 401 `step-up`; 404 as for a look; 409 `two-persons` when the caller entered it, `changed-meanwhile` with `changes` and
/// `state` when somebody was faster or its time has run out, or the refusal's own code; 422 with field paths.
#[utoipa::path(post, path = "/api/v1/desk/second/{id}", tag = "desk", params(("id" = Uuid, Path)),
    request_body = SecondInput,
    responses((status = 200, body = SecondDecided), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn decide(
    req: HttpRequest,
    deps: App,
    official: Official<Grave<Seconds>>,
    id: web::Path<Id>,
    input: Valid<SecondInput>,
) -> AppResult<HttpResponse> {
    let kind = kind_of(&deps, &official, *id).await?;
    let form = Form::of(&[("decision", input.0.decision.as_str()), ("reason", input.0.reason.as_str())]);
    (kind.decide)(req, deps, (*official).clone(), *id, form).await
}

/// Answers a look at a thing of a kind.
pub(super) async fn shown<T: TwoPersons>(
    req: &HttpRequest,
    deps: &App,
    by: &OfficialPrincipal,
    id: Id,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(req)?;
    Deciding { deps, ctx: &ctx, by, id }.still::<T>().await?;
    let Looked { waits, named, entered, expires, shown } = look::<T>(deps, &ctx, by, id).await?;
    Ok(answer(&SecondBody {
        id: id.0,
        kind: T::NAMES.kind.to_owned(),
        title: t(ctx.lang, T::NAMES.title, &[]),
        office: named.office(ctx.lang).to_owned(),
        entered_by: named.who,
        entered_at: entered.at,
        expires_at: expires,
        own: entered.by == Some(by.official_id),
        had_a_part: waits.had_a_part(by.official_id),
        facts: shown.facts,
        effect: shown.effect,
        changed: shown.changed,
    }))
}

/// Decides a thing of a kind for a program.
pub(super) async fn decided<T: TwoPersons>(
    req: &HttpRequest,
    deps: &App,
    by: &OfficialPrincipal,
    id: Id,
    form: &Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(req)?;
    let deciding = Deciding { deps, ctx: &ctx, by, id };
    let decision = deciding.read::<T>(form).await?.map_err(AppError::Invalid)?;
    let state = decision.state().to_owned();
    deciding.done::<T>(decision, &Sent::call(req, &(id, form.answers()))?).await?;
    Ok(answer(&SecondDecided { id: id.0, state }))
}
