//! The public register of permits and filings: a list that anybody can search, as page, CSV and JSON. It holds what a
//! permit itself says in public (Administrative Licensing Law art. 40): business, credit code, county, kind, number,
//! day, state; nothing about people.

use super::public::standing;
use super::store_register::{self as store, Filter, Key, Listed, STATES};
use super::{rules, views};
use crate::clock::china_day;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::identity::{DivisionCode, divisions};
use crate::web::csv::csv;
use crate::web::ctx::Ctx;
use crate::web::i18n::{self, Lang};
use crate::web::limits::{self, VERIFY};
use crate::web::page::{page, province};
use crate::web::paging::{PAGE_ROWS, cursor, cut, read_cursor};
use crate::web::view::{Choice, FormView, Pager};
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// Rows of one file; the newest, when there are more.
const MAX_FILE: usize = 10_000;
/// Rows read at a time for a file.
const CHUNK: i64 = 1_000;
/// Characters of a search that are looked at.
const MAX_SEARCH: usize = 100;

/// What the register is asked for.
#[derive(Debug, Default, Clone, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct Query {
    q: String,
    county: String,
    state: String,
    after: String,
}

impl Query {
    fn filter(&self) -> Filter {
        let q: String = self.q.trim().chars().filter(|c| !c.is_control()).take(MAX_SEARCH).collect();
        let county = Some(self.county.clone()).filter(|c| DivisionCode::parse(c).is_ok());
        Filter {
            q: Some(q).filter(|q| !q.is_empty()),
            county,
            state: STATES.iter().find(|s| **s == self.state).copied(),
        }
    }

    fn link(&self, path: &str, after: &str) -> String {
        let all = [("q", self.q.trim()), ("county", &self.county), ("state", &self.state), ("after", after)];
        let given: Vec<_> = all.into_iter().filter(|(_, v)| !v.is_empty()).collect();
        match serde_urlencoded::to_string(given) {
            Ok(query) if !query.is_empty() => format!("{path}?{query}"),
            _ => path.to_owned(),
        }
    }
}

async fn read(deps: &App, ctx: &Ctx, query: &Query) -> AppResult<(Vec<Listed>, Option<String>)> {
    deps.limiter.take("permit", ctx.client, VERIFY, ctx.now).await?;
    let after: Option<Key> = match query.after.as_str() {
        "" => None,
        text => Some(read_cursor(text)?),
    };
    let (filter, now) = (query.filter(), ctx.now);
    let found = deps.store.read(move |conn| store::rows(conn, &filter, now, after, PAGE_ROWS + 1)).await?;
    let (rows, more) = cut(found, PAGE_ROWS);
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some(cursor(&last.key())?),
        None => None,
    };
    Ok((rows, next))
}

/// A row of the public register.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterRow {
    /// Number of the permit or filing.
    pub number: Option<String>,
    /// `permit` or `filing`.
    pub kind: &'static str,
    /// Public name of the business.
    pub business: String,
    /// Its credit code.
    pub uscc: String,
    /// Division of the county.
    pub county: String,
    /// The decision.
    pub decided_at: Option<DateTime<Utc>>,
    /// Exclusive end; a filing has none.
    pub until: Option<DateTime<Utc>>,
    /// `valid`, `suspended`, `revoked`, `expired`, `ended`.
    pub state: &'static str,
}

impl RegisterRow {
    fn of(row: &Listed, now: DateTime<Utc>) -> Self {
        let county = DivisionCode::parse(&row.division).ok().and_then(DivisionCode::county);
        Self {
            number: row.number.clone(),
            kind: kind(row),
            business: row.name.clone(),
            uscc: row.uscc.clone(),
            county: county.map_or_else(|| row.division.clone(), |c| c.to_string()),
            decided_at: row.decided_at.map(|at| at.0),
            until: row.until.map(|at| at.0),
            state: standing(&row.state, row.until.map(|u| u.0), now),
        }
    }
}

/// A page of the register.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisterBody {
    /// The newest first.
    pub permits: Vec<RegisterRow>,
    /// For `after`, while there are more.
    pub next: Option<String>,
}

fn kind(row: &Listed) -> &'static str {
    if row.review_level == "filing" { "filing" } else { "permit" }
}

/// The county of a place in words.
fn county_name(lang: Lang, division: &str) -> String {
    let county = DivisionCode::parse(division).ok().and_then(DivisionCode::county);
    county.map_or_else(String::new, |county| rules::place_name(lang, &county.to_string()))
}

fn shown(ctx: &Ctx, row: &Listed) -> Value {
    let state = standing(&row.state, row.until.map(|u| u.0), ctx.now);
    json!({
        "number": row.number,
        "kind": i18n::t(ctx.lang, &format!("register-kind-{}", kind(row)), &[]),
        "name": row.name,
        "uscc": row.uscc,
        "county": county_name(ctx.lang, &row.division),
        "decided_at": row.decided_at,
        "state": i18n::t(ctx.lang, &format!("reopening-verdict-{state}"), &[]),
        "tag": match state { "valid" => "ok", "suspended" => "warn", "revoked" => "bad", _ => "idle" },
    })
}

/// The counties of the province, each with its prefecture.
fn counties(deps: &App, lang: Lang) -> Vec<Choice> {
    let Ok(home) = DivisionCode::parse(&province(deps, lang).code) else { return Vec::new() };
    let name = |d: &crate::identity::Division| {
        if lang == Lang::En { d.name_en.to_owned() } else { d.name.to_owned() }
    };
    let of = |d: &crate::identity::Division| -> Vec<Choice> {
        let below = divisions().children(d.code);
        let label = |c: &crate::identity::Division| format!("{} {}", name(d), name(c));
        below.into_iter().map(|c| Choice::new(c.code.to_string(), label(c))).collect()
    };
    divisions().children(home).into_iter().flat_map(of).collect()
}

/// GET `/permits`.
pub async fn list(req: HttpRequest, deps: App, query: web::Query<Query>) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (rows, next) = read(&deps, &ctx, &query).await?;
    let pager = Pager {
        newer: (!query.after.is_empty()).then(|| query.link("/permits", "")),
        older: next.map(|next| query.link("/permits", &next)),
        shown: rows.len(),
        total: None,
    };
    let form = FormView::new()
        .with("q", query.q.clone())
        .with("county", query.county.clone())
        .with("state", query.state.clone());
    let data = json!({
        "rows": rows.iter().map(|row| shown(&ctx, row)).collect::<Vec<_>>(),
        "pager": pager,
        "form": form,
        "counties": counties(&deps, ctx.lang),
        "states": views::list(ctx.lang, "reopening-verdict-", &STATES),
        "csv": query.link("/permits/list.csv", ""),
        "most": MAX_FILE,
    });
    page(&deps, &ctx, "reopening/register.html", &data)
}

/// GET `/permits/list.csv`: what the filter finds, the newest first, up to [`MAX_FILE`] rows.
pub async fn file(req: HttpRequest, deps: App, query: web::Query<Query>) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    limits::export(&deps, ctx.client, ctx.now).await?;
    let mut rows: Vec<Listed> = Vec::new();
    while rows.len() < MAX_FILE {
        let (filter, now, after) = (query.filter(), ctx.now, rows.last().map(Listed::key));
        let part = deps.store.read(move |conn| store::rows(conn, &filter, now, after, CHUNK)).await?;
        let full = part.len() >= usize::try_from(CHUNK).unwrap_or(usize::MAX);
        rows.extend(part);
        if !full {
            break;
        }
    }
    let heads = ["number", "kind", "name", "uscc", "county", "date", "until", "state"]
        .map(|column| i18n::t(ctx.lang, &format!("register-{column}"), &[]));
    let line = |row: &Listed| {
        let day = |at: &crate::db::Ts| china_day(at.0).to_string();
        // The exclusive end is the next midnight: people read the last day.
        let last = row.until.map(|until| china_day(until.0 - chrono::Duration::seconds(1)).to_string());
        let state = standing(&row.state, row.until.map(|u| u.0), ctx.now);
        [
            row.number.clone().unwrap_or_default(),
            i18n::t(ctx.lang, &format!("register-kind-{}", kind(row)), &[]),
            row.name.clone(),
            row.uscc.clone(),
            county_name(ctx.lang, &row.division),
            row.decided_at.as_ref().map(day).unwrap_or_default(),
            last.unwrap_or_default(),
            i18n::t(ctx.lang, &format!("reopening-verdict-{state}"), &[]),
        ]
    };
    let body = csv(&heads.each_ref().map(String::as_str), rows.iter().map(line))?;
    let name = format!("attachment; filename=\"permits-{}.csv\"", china_day(ctx.now));
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", name))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(body))
}

/// A page of the register, the newest first; with `If-None-Match` a 304 while nothing changed.
#[utoipa::path(get, path = "/api/v1/permits", tag = "permits",
    params(("q" = Option<String>, Query, description = "part of a name, a number or a credit code"),
        ("county" = Option<String>, Query, description = "division of six digits"),
        ("state" = Option<String>, Query), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = RegisterBody), (status = 304, description = "nothing changed")))]
pub async fn list_json(req: HttpRequest, deps: App, query: web::Query<Query>) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (rows, next) = read(&deps, &ctx, &query).await?;
    let permits = rows.iter().map(|row| RegisterRow::of(row, ctx.now)).collect();
    let body = serde_json::to_string(&RegisterBody { permits, next }).map_err(AppError::internal)?;
    let etag = format!("\"{}\"", hex::encode(Sha256::digest(body.as_bytes())));
    if req.headers().get(IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == etag.as_bytes()) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, etag)).finish());
    }
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((ETAG, etag))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(body))
}
