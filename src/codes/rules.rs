//! The public register: every rule in force, in both languages, with its authority, its basis, its end and its logic.

use super::plain;
use super::words::{TwoTongues, pick};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::policy::{Kind, Rule, RuleColour};
use crate::web::ctx::Ctx;
use crate::web::i18n::{Lang, t};
use crate::web::respond::{Answer, respond};
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

const KINDS: [Kind; 6] = [
    Kind::Colour,
    Kind::CertificateEffect,
    Kind::CertificateNeeded,
    Kind::ReviewLevel,
    Kind::Acceptance,
    Kind::Retention,
];

fn kind_code(kind: Kind) -> &'static str {
    match kind {
        Kind::Colour => "colour",
        Kind::Acceptance => "acceptance",
        Kind::CertificateNeeded => "certificate-needed",
        Kind::ReviewLevel => "review-level",
        Kind::Retention => "retention",
        Kind::CertificateEffect => "certificate-effect",
    }
}

fn colour_code(colour: RuleColour) -> &'static str {
    match colour {
        RuleColour::Green => "green",
        RuleColour::Yellow => "yellow",
        RuleColour::Red => "red",
    }
}

/// A rule in the page's language; what the case decides stands in words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleShown)]
pub(super) struct RuleView {
    id: String,
    /// Counts up with each change.
    version: String,
    /// `green`, `yellow`, `red`, for rules that make a colour.
    colour: Option<&'static str>,
    /// What it is for, in words.
    kind: String,
    title: String,
    reason: String,
    /// What ends it.
    until: Option<String>,
    /// What is told where its end is open.
    open: Option<String>,
    /// What the person has to do while it lasts, and may do.
    duties: Option<String>,
    /// Who answers for it.
    authority: String,
    phone: String,
    /// What it rests on in a case.
    evidence: Option<String>,
    appealable: bool,
    valid_from: DateTime<Utc>,
    valid_to: Option<DateTime<Utc>>,
    /// The law, a line each.
    legal: Vec<String>,
    /// What it reads, in words …
    facts: Vec<String>,
    /// … and by the names of the facts.
    fields: Vec<String>,
    /// The list that it is tried on, if it is.
    each: Option<String>,
}

/// The rules of one kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RulesOfKind)]
pub(super) struct RulesGroup {
    code: &'static str,
    title: String,
    rules: Vec<RuleView>,
}

/// The rules in force.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RulesPage {
    groups: Vec<RulesGroup>,
    count: usize,
    /// SHA-256 of all documents, in hexadecimal.
    digest: String,
}

/// A version of a rule.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RuleVersion {
    rule: RuleView,
    in_force: bool,
    /// The condition, laid out for reading.
    logic: String,
}

/// A rule with its versions, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RulePage {
    title: String,
    id: String,
    versions: Vec<RuleVersion>,
}

fn view(lang: Lang, rule: &Rule) -> RuleView {
    let english = lang == Lang::En;
    let open = |words| plain::open_pick(lang, rule, words);
    let either = |zh, en| plain::open_words(lang, rule, if english { en } else { zh });
    RuleView {
        id: rule.id.clone(),
        version: rule.version.to_string(),
        colour: rule.colour.map(colour_code),
        kind: t(lang, &format!("rules-kind-{}", kind_code(rule.kind)), &[]),
        title: pick(&rule.title, lang).to_owned(),
        reason: open(&rule.reason),
        until: rule.until.as_ref().map(|u| either(&u.zh, &u.en)),
        open: rule.until.as_ref().and_then(|u| u.open.as_ref()).map(open),
        duties: rule.duties.as_ref().map(open),
        authority: either(&rule.authority.zh, &rule.authority.en),
        phone: plain::phone(rule).to_owned(),
        evidence: rule.evidence.as_ref().map(open),
        appealable: rule.appealable,
        valid_from: rule.valid_from,
        valid_to: rule.valid_to,
        legal: super::views::legal(lang, &rule.legal_basis),
        facts: plain::labels(lang, &rule.affected_fields),
        fields: rule.affected_fields.clone(),
        each: rule.each.clone(),
    }
}

/// `GET /rules`.
pub(super) async fn page_of_rules(ctx: Ctx, deps: App) -> AppResult<Answer<RulesPage>> {
    let lang = ctx.lang;
    let of_kind = |kind: &Kind| {
        let rules: Vec<RuleView> = deps.policy.of_kind(*kind, ctx.now).map(|c| view(lang, &c.rule)).collect();
        let (code, some) = (kind_code(*kind), !rules.is_empty());
        some.then(|| RulesGroup { code, title: t(lang, &format!("rules-kind-{code}"), &[]), rules })
    };
    let view = RulesPage {
        groups: KINDS.iter().filter_map(of_kind).collect(),
        count: deps.policy.in_force(ctx.now).count(),
        digest: deps.policy.digest().to_owned(),
    };
    respond(&deps, &ctx, "rules/list.html", &view)
}

/// `GET /rules/{id}`: every version of a rule, the newest first.
pub(super) async fn rule(ctx: Ctx, deps: App, id: web::Path<String>) -> AppResult<Answer<RulePage>> {
    let mut versions: Vec<&Rule> =
        deps.policy.rules().iter().map(|c| &c.rule).filter(|r| r.id == *id).collect();
    versions.sort_by_key(|r| std::cmp::Reverse(r.version));
    let first = versions.first().ok_or(AppError::NotFound)?;
    let version = |r: &&Rule| RuleVersion {
        rule: view(ctx.lang, r),
        in_force: r.in_force(ctx.now),
        logic: logic_text(r),
    };
    let view = RulePage {
        title: pick(&first.title, ctx.lang).to_owned(),
        id: first.id.clone(),
        versions: versions.iter().map(version).collect(),
    };
    respond(&deps, &ctx, "rules/rule.html", &view)
}

/// The logic as it is written, laid out for reading.
fn logic_text(rule: &Rule) -> String {
    let logic = logic(rule);
    serde_json::to_string_pretty(&logic).unwrap_or_else(|_| logic.to_string())
}

/// The logic as JSON; a document may hold it as JSON in a string.
fn logic(rule: &Rule) -> Value {
    match &rule.logic {
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| rule.logic.clone()),
        other => other.clone(),
    }
}

/// A rule as the register gives it to programs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RuleAnswer<'a> {
    /// Stable name.
    pub id: &'a str,
    /// Counts up with each change.
    pub version: u32,
    /// `colour`, `certificate-effect`, `certificate-needed`, `review-level`, `acceptance` or `retention`.
    pub kind: &'static str,
    /// The colour, for rules of kind colour.
    pub colour: Option<&'static str>,
    /// Short name.
    pub title: TwoTongues<'a>,
    /// Reason, with placeholders in braces.
    pub reason: TwoTongues<'a>,
    /// What the person has to do while it lasts, with placeholders in braces.
    pub duties: Option<TwoTongues<'a>>,
    /// Office that answers for it.
    pub authority: TwoTongues<'a>,
    /// Its telephone.
    pub phone: &'a str,
    /// How the effect ends, with the placeholder `{until}`.
    pub until: Option<TwoTongues<'a>>,
    /// Days that a record is kept, for rules of kind retention; `null` = no clock destroys it.
    pub retention_days: Option<u32>,
    /// In force from.
    pub valid_from: DateTime<Utc>,
    /// In force before.
    pub valid_to: Option<DateTime<Utc>>,
    /// Whether one can appeal.
    pub appealable: bool,
    /// Documents that the rule rests on.
    pub legal_basis: Vec<Basis<'a>>,
    /// What the logic reads.
    pub affected_fields: &'a [String],
    /// The list that the rule is tried on, if it is.
    pub each: Option<&'a str>,
    /// The condition, in CertLogic 1.3.3.
    #[schema(value_type = Value)]
    pub logic: Value,
}

/// A document that a rule rests on.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Basis<'a> {
    /// Title.
    pub title: TwoTongues<'a>,
    /// Article, row or section.
    pub article: &'a str,
}

/// The register as JSON.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RulesAnswer<'a> {
    /// SHA-256 of all documents, in hexadecimal: which rules a code was made by.
    pub digest: &'a str,
    /// The rules in force.
    pub rules: Vec<RuleAnswer<'a>>,
}

fn answer(rule: &Rule) -> RuleAnswer<'_> {
    RuleAnswer {
        id: &rule.id,
        version: rule.version,
        kind: kind_code(rule.kind),
        colour: rule.colour.map(colour_code),
        title: (&rule.title).into(),
        reason: (&rule.reason).into(),
        duties: rule.duties.as_ref().map(Into::into),
        authority: TwoTongues { zh: &rule.authority.zh, en: &rule.authority.en },
        phone: &rule.authority.phone,
        until: rule.until.as_ref().map(|u| TwoTongues { zh: &u.zh, en: &u.en }),
        retention_days: rule.retention.as_ref().and_then(|t| t.days),
        valid_from: rule.valid_from,
        valid_to: rule.valid_to,
        appealable: rule.appealable,
        legal_basis: rule
            .legal_basis
            .iter()
            .map(|l| Basis { title: TwoTongues { zh: &l.zh, en: &l.en }, article: &l.article })
            .collect(),
        affected_fields: &rule.affected_fields,
        each: rule.each.as_deref(),
        logic: logic(rule),
    }
}

/// `GET /api/v1/rules`: the rules in force, for partners, journalists and programs.
///
/// # Errors
/// None of its own.
#[utoipa::path(get, path = "/api/v1/rules", tag = "rules", responses((status = 200, body = RulesAnswer<'static>), (status = 304)))]
pub async fn api(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    let rules: Vec<RuleAnswer<'_>> = deps.policy.in_force(ctx.now).map(|c| answer(&c.rule)).collect();
    let etag = format!("\"{}-{}\"", deps.policy.digest().get(..16).unwrap_or_default(), rules.len());
    if req.headers().get(IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == etag.as_bytes()) {
        return Ok(HttpResponse::NotModified().finish());
    }
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=60"))
        .insert_header((ETAG, etag))
        .json(RulesAnswer { digest: deps.policy.digest(), rules }))
}
