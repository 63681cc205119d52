//! What was destroyed, for everybody: a page, and the signed records for programs.

use super::record::SignedRun;
use super::run::{self, Run};
use crate::audit::PublicKeys;
use crate::crypto::SigningUsage;
use crate::db::{Id, Ts};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::kept::{Wall, term};
use crate::policy::Rule;
use crate::web::ctx::Ctx;
use crate::web::i18n::Lang;
use crate::web::page::answer;
use crate::web::paging::{PAGE_ROWS, cut};
use crate::web::respond::{Answer, respond};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(super) struct Query {
    #[param(value_type = Option<String>, format = Uuid)]
    before: Option<Id>,
    kind: Option<String>,
    #[serde(default)]
    empty: bool,
}

/// What is said of a kind of record, by its rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct KindWords {
    /// The rule.
    pub rule: String,
    /// What the records are.
    pub title: String,
    /// Why they are kept.
    pub why: String,
    /// How long.
    pub how: String,
}

/// A run of destruction.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunLine {
    #[schema(value_type = String, format = Uuid)]
    id: Id,
    kind: KindWords,
    /// The day of its night.
    day: String,
    /// Records that were destroyed.
    count: i64,
    /// When the oldest of them began to count, and the newest.
    #[schema(value_type = Option<DateTime<Utc>>)]
    oldest: Option<Ts>,
    #[schema(value_type = Option<DateTime<Utc>>)]
    newest: Option<Ts>,
    /// Version of the rule.
    version: String,
    #[schema(value_type = Option<DateTime<Utc>>)]
    finished: Option<Ts>,
}

/// What was destroyed, and how long everything is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RetentionPage {
    /// The newest first.
    rows: Vec<RunLine>,
    /// The page with older ones.
    older: Option<String>,
    /// Every kind of record.
    terms: Vec<KindWords>,
    /// The last night.
    #[schema(value_type = Option<DateTime<Utc>>)]
    last: Option<Ts>,
}

/// A run with its signature.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunPage {
    row: RunLine,
    signed: SignedRun,
    /// Whether the signature is that of an audit key of the portal.
    fits: bool,
}

/// The title, term and reason of a kind by its rule, in a language.
pub(super) fn words(deps: &Deps, lang: Lang, name: &str, now: DateTime<Utc>) -> AppResult<KindWords> {
    let term = term(&deps.policy, name, now)?;
    let rule =
        deps.policy.rules().iter().map(|c| &c.rule).find(|r| r.id == term.rule && r.version == term.version);
    let rule = rule.ok_or_else(|| AppError::internal("a rule without text"))?;
    let english = lang == Lang::En;
    let pick = |w: &crate::policy::Words| if english { w.en.clone() } else { w.zh.clone() };
    let how = |rule: &Rule| rule.until.as_ref().map(|u| if english { u.en.clone() } else { u.zh.clone() });
    Ok(KindWords {
        rule: term.rule.clone(),
        title: pick(&rule.title),
        why: pick(&rule.reason),
        how: how(rule).unwrap_or_default(),
    })
}

fn view(deps: &Deps, ctx: &Ctx, run: &Run) -> AppResult<RunLine> {
    Ok(RunLine {
        id: run.id,
        kind: words(deps, ctx.lang, &run.kind, ctx.now)?,
        day: run.day.clone(),
        count: run.count,
        oldest: run.oldest,
        newest: run.newest,
        version: run.rule_version.to_string(),
        finished: run.finished_at,
    })
}

/// `GET /retention`.
pub(super) async fn list(ctx: Ctx, deps: App, query: web::Query<Query>) -> AppResult<Answer<RetentionPage>> {
    let before = query.before;
    let (runs, last) = deps
        .store
        .read(move |conn| {
            Ok((run::list(conn, before, None, false, PAGE_ROWS + 1)?, run::last_night(conn)?.0))
        })
        .await?;
    let (runs, more) = cut(runs, PAGE_ROWS);
    let older = runs.last().filter(|_| more).map(|r| format!("/retention?before={}", r.id));
    let rows = runs.iter().map(|r| view(&deps, &ctx, r)).collect::<AppResult<Vec<_>>>()?;
    let kinds = deps.part::<Arc<Wall>>()?.kinds.iter();
    let terms = kinds
        .map(|kind| kind.name)
        .chain(super::LASTING.iter().map(|l| l.name))
        .map(|name| words(&deps, ctx.lang, name, ctx.now))
        .collect::<AppResult<Vec<_>>>()?;
    respond(&deps, &ctx, "retention/list.html", &RetentionPage { rows, older, terms, last })
}

/// `GET /retention/{id}`: a record with its signature and how to check it.
pub(super) async fn one(ctx: Ctx, deps: App, id: web::Path<Id>) -> AppResult<Answer<RunPage>> {
    let id = id.into_inner();
    let run = deps.store.read(move |conn| run::by_id(conn, id)).await?.ok_or(AppError::NotFound)?;
    let signed = SignedRun::of(&run)?;
    let fits = signed.is_signed(&PublicKeys::of(&deps.keys, SigningUsage::Audit));
    respond(&deps, &ctx, "retention/run.html", &RunPage { row: view(&deps, &ctx, &run)?, signed, fits })
}

/// A public key, for checking.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KeyBody {
    /// Key id, hexadecimal.
    pub kid: String,
    /// SubjectPublicKeyInfo (DER), hexadecimal.
    pub spki: String,
}

/// Records of runs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RunsBody {
    /// Up to 50, the newest first.
    pub runs: Vec<SignedRun>,
    /// Value of `before` for the next page.
    pub next: Option<String>,
    /// The audit keys, past ones too.
    pub keys: Vec<KeyBody>,
}

/// The signed records of destruction. A record's `text` is what the signature is over.
///
/// # Errors
/// 400 when `before` is no identifier.
#[utoipa::path(get, path = "/api/v1/retention/runs", tag = "retention",
    params(("before" = Option<String>, Query), ("kind" = Option<String>, Query, description = "only this kind"),
        ("empty" = Option<bool>, Query, description = "also runs that found nothing")),
    responses((status = 200, body = RunsBody), (status = 400)))]
pub async fn api(deps: App, query: web::Query<Query>) -> AppResult<HttpResponse> {
    let Query { before, kind, empty } = query.into_inner();
    let runs =
        deps.store.read(move |conn| run::list(conn, before, kind.as_deref(), empty, PAGE_ROWS + 1)).await?;
    let (runs, more) = cut(runs, PAGE_ROWS);
    let next = runs.last().filter(|_| more).map(|r| r.id.to_string());
    let keys = deps.keys.signing_keys(SigningUsage::Audit);
    let keys = keys.iter().map(|k| KeyBody { kid: hex::encode(k.kid()), spki: hex::encode(k.spki_der()) });
    let body = RunsBody {
        runs: runs.iter().map(SignedRun::of).collect::<AppResult<_>>()?,
        next,
        keys: keys.collect(),
    };
    Ok(answer(&body))
}
