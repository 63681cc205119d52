//! The worklist of village workers and doctors: tabs with counts, oldest first, filters, exact search, bulk check.

use super::decision::{self, Decision};
use super::listing::{self, Found, SORTS, since};
use super::service::Desk;
use super::store_worklist::{self, Filter};
use crate::access::Role;
use crate::audit::{self, Actor, Entry};
use crate::crypto::token;
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, divisions};
use crate::number::normalise;
use crate::role_set;
use crate::web::ctx::Ctx;
use crate::web::factor::Worklist;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, page, page_with};
use crate::web::paging::{self, PAGE_ROWS};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView, Pager};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

role_set! {
    /// Who works with declarations.
    Staff = [VillageWorker, Doctor];
    /// Who checks in the community.
    Checker = [VillageWorker];
}

/// The tabs and the states in them; catalogue keys `desk-declarations-tab-<name>`.
pub(super) const TABS: [(&str, &[&str]); 4] = [
    ("submitted", &["submitted"]),
    ("checked", &["community-checked"]),
    ("returned", &["returned"]),
    ("done", &["doctor-confirmed", "certificate-issued", "rejected", "withdrawn", "expired"]),
];

/// Rows that one bulk action may name: a page.
const BULK: usize = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    #[serde(default)]
    tab: String,
    #[serde(default)]
    town: String,
    #[serde(default)]
    concern: String,
    /// One of [`SORTS`].
    #[serde(default)]
    sort: String,
    #[serde(default)]
    after: String,
    /// A search names a person, so it is posted: it must not stand in an address.
    #[serde(skip)]
    q: String,
}

impl Query {
    /// A search for a number, a name, a document or a phone.
    pub(super) fn search(q: &str) -> Self {
        Self { q: q.trim().to_owned(), ..Self::default() }
    }

    /// The list that a bulk action was sent from.
    fn of_form(form: &Form) -> Self {
        let text = |name: &str| form.get(name).to_owned();
        Self {
            tab: text("tab"),
            town: text("town"),
            concern: text("concern"),
            sort: text("sort"),
            after: text("after"),
            q: String::new(),
        }
    }

    /// Whether somebody is looked for.
    pub(super) fn searches(&self) -> bool {
        !self.q.is_empty()
    }
}

pub(super) async fn list(
    req: HttpRequest,
    deps: App,
    who: Official<Staff>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    listed(&*Ctx::of(&req)?, &deps, &who, query.into_inner(), false, &[]).await
}

pub(super) async fn search(
    req: HttpRequest,
    deps: App,
    who: Official<Looks<Staff>>,
    form: Form,
) -> AppResult<HttpResponse> {
    listed(&*Ctx::of(&req)?, &deps, &who, Query::search(form.get("q")), false, &[]).await
}

fn tab(query: &Query, role: Role) -> (&'static str, &'static [&'static str]) {
    let otherwise = if role == Role::Doctor { "checked" } else { "submitted" };
    let found = TABS.iter().find(|(name, _)| *name == query.tab);
    found
        .or_else(|| TABS.iter().find(|(name, _)| *name == otherwise))
        .copied()
        .unwrap_or(("submitted", &["submitted"]))
}

/// A page of the worklist.
pub(super) struct Listed {
    pub tab: &'static str,
    pub rows: Vec<Found>,
    /// Where to go on; a search has one page.
    pub next: Option<String>,
    pub counts: HashMap<&'static str, i64>,
}

impl Listed {
    /// How many stand in a tab, unless that is not counted: up to [`paging::COUNTED`], and whether there are
    /// more.
    pub(super) fn count(&self, tab: &str) -> Option<(i64, bool)> {
        let (_, states) = TABS.iter().find(|(name, _)| *name == tab && *name != "done")?;
        let count: i64 = states.iter().filter_map(|s| self.counts.get(*s)).sum();
        Some(paging::counted(count))
    }
}

/// Reads a page of the worklist; the look is in the record before anything is shown.
pub(super) async fn look(
    deps: &App,
    who: &OfficialPrincipal,
    query: &Query,
    now: DateTime<Utc>,
) -> AppResult<Listed> {
    let (name, states) = tab(query, who.role);
    let searching = query.searches();
    let after = if query.after.is_empty() {
        None
    } else {
        Some(paging::read_cursor::<(DateTime<Utc>, Id)>(&query.after)?)
    };
    let filter = Filter {
        pattern: who.pattern(),
        states: if searching { Vec::new() } else { states.iter().map(|s| (*s).to_owned()).collect() },
        town: Some(query.town.clone()).filter(|town| who.covers(town) && !town.is_empty()),
        concern: query.concern == "yes",
        number: searching.then(|| normalise(&query.q)),
        blind: if searching { crate::worklist::blinds(&deps.keys, &query.q) } else { Vec::new() },
        after,
        limit: PAGE_ROWS + 1,
    };
    let (room, sort) = (deps.clone(), query.sort.clone());
    // Read by whoever serves the page, not by the one writer; only the entry is written.
    let (listed, detail) = deps
        .store
        .read(move |conn| {
            let (rows, more) = paging::cut(store_worklist::worklist(conn, &filter)?, PAGE_ROWS);
            let digest = rows.iter().fold(Sha256::new(), |d, r| d.chain_update(r.id.0.as_bytes())).finalize();
            let detail = json!({
                "states": filter.states, "town": filter.town, "concern": filter.concern,
                "search": searching, "rows": rows.len(), "colours": true, "digest": token::base64url(&digest),
            });
            let next = match rows.last().filter(|_| more && !searching) {
                Some(last) => Some(paging::cursor(&(since(last), last.id))?),
                None => None,
            };
            let mut rows = Found::all(conn, &room, rows, now)?;
            listing::sort(&mut rows, &sort);
            let counts = store_worklist::counts(conn, &filter.pattern)?.into_iter().collect();
            Ok((Listed { tab: name, rows, next, counts }, detail))
        })
        .await?;
    let entry = Entry::new(Actor::from(who), "declaration.list", "declaration").detail(detail);
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    Ok(listed)
}

/// The page; after a bulk action with every row chosen, or with what is missing.
async fn listed(
    ctx: &Ctx,
    deps: &App,
    who: &OfficialPrincipal,
    query: Query,
    all: bool,
    errors: &[FieldError],
) -> AppResult<HttpResponse> {
    let listed = look(deps, who, &query, ctx.now).await?;
    let (lang, name, searching) = (ctx.lang, listed.tab, query.searches());
    let bulk = who.role == Role::VillageWorker && !searching && name == "submitted";
    let rows: Vec<Value> = listed.rows.iter().map(|r| r.view(lang, ctx.now, all)).collect();
    let pager = Pager {
        newer: None,
        older: listed.next.as_ref().map(|after| older(&query, name, after)),
        shown: rows.len(),
        total: None,
    };
    let sorts = sorts(&query, name, searching);
    let mut form = FormView::new()
        .with("q", query.q)
        .with("town", query.town)
        .with("concern", query.concern)
        .with("sort", query.sort)
        .with("after", query.after);
    fail(&mut form, lang, errors);
    let data = json!({
        "rows": rows, "tabs": tabs(lang, &listed, searching), "pager": pager, "bulk": bulk, "tab": name,
        "form": form, "sorts": sorts, "towns": towns(lang, &who.division), "searching": searching,
        "concerns": [Choice::text(lang, "yes", "desk-declarations-concern")],
        "office": who.office_name(ctx.english()),
    });
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(deps, ctx, status, "declarations/worklist.html", &data)
}

/// Where each column's head leads: the same page in its order; a search stays as it is.
fn sorts(query: &Query, tab: &str, searching: bool) -> Value {
    let current = SORTS.iter().find(|s| **s == query.sort).unwrap_or(&"waiting");
    let one = |sort: &&str| {
        let sorted = Query { sort: (*sort).to_owned(), ..Query::default() };
        let sorted = Query { town: query.town.clone(), concern: query.concern.clone(), ..sorted };
        let href = (!searching).then(|| older(&sorted, tab, &query.after));
        ((*sort).to_owned(), json!({"href": href, "current": sort == current}))
    };
    SORTS.iter().map(one).collect::<serde_json::Map<_, _>>().into()
}

fn older(query: &Query, tab: &str, after: &str) -> String {
    let pairs = [
        ("tab", tab),
        ("town", &query.town),
        ("concern", &query.concern),
        ("sort", &query.sort),
        ("after", after),
    ];
    let pairs: Vec<_> = pairs.into_iter().filter(|(_, v)| !v.is_empty()).collect();
    format!("/desk/declarations?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
}

fn tabs(lang: Lang, listed: &Listed, searching: bool) -> Vec<Value> {
    let one = |(name, _): &(&str, &[&str])| {
        let mut tab = json!({
            "href": format!("/desk/declarations?tab={name}"),
            "label": t(lang, &format!("desk-declarations-tab-{name}"), &[]),
            "current": !searching && *name == listed.tab,
        });
        if let (Some(map), Some((count, more))) = (tab.as_object_mut(), listed.count(name)) {
            map.insert("count".into(), json!(count));
            map.insert("more".into(), json!(more));
        }
        tab
    };
    TABS.iter().map(one).collect()
}

/// The towns (or counties) below the jurisdiction.
fn towns(lang: Lang, division: &str) -> Vec<Choice> {
    let Ok(code) = DivisionCode::parse(division) else { return Vec::new() };
    let below = divisions().children(code);
    let name = |d: &&crate::identity::Division| if lang == Lang::En { d.name_en } else { d.name };
    let towns = below.iter().filter(|d| divisions().children(d.code).is_empty());
    towns.map(|d| Choice::new(d.code.to_string(), name(d))).collect()
}

/// Checks several at once; each has its own result.
pub(super) async fn bulk(
    req: HttpRequest,
    deps: App,
    who: Official<Worklist<Checker>>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let chosen: Vec<(String, i64)> = form
        .all("case")
        .take(BULK)
        .filter_map(|v| v.split_once('@'))
        .filter_map(|(number, version)| Some((normalise(number), version.parse().ok()?)))
        .collect();
    if form.get("do") == "all" {
        return listed(&ctx, &deps, &who, Query::of_form(&form), true, &[]).await;
    }
    if chosen.is_empty() {
        let none = [FieldError::new("case", "none-chosen")];
        return listed(&ctx, &deps, &who, Query::of_form(&form), false, &none).await;
    }
    let mut results = Vec::new();
    for (number, version) in chosen {
        let (desk, by, wanted) = (Desk::of(&deps, ctx.now)?, (*who).clone(), number.clone());
        let decision = Decision { action: "check".into(), version, ..Decision::default() };
        let done = deps.store.write(move |tx| decision::decide(tx, &desk, &by, &wanted, &decision)).await;
        let (kind, text) = match done {
            Ok(_) => ("ok", t(ctx.lang, "desk-declarations-bulk-done", &[])),
            Err(e @ (AppError::Conflict(_) | AppError::NotFound | AppError::NotYet(_))) => {
                ("bad", refusal(ctx.lang, &e))
            }
            Err(e) => return Err(e),
        };
        results.push(json!({"number": number, "kind": kind, "text": text}));
    }
    page(&deps, &ctx, "declarations/bulk.html", &json!({"results": results}))
}

/// Why an action was refused, in words.
pub(super) fn refusal(lang: Lang, error: &AppError) -> String {
    let key = format!("problem-{}", error.code());
    if let AppError::NotYet(until) = error {
        return t(lang, &key, &[("until", format::until(lang, *until, true).into())]);
    }
    if crate::web::i18n::has(&key) { t(lang, &key, &[]) } else { t(lang, "error-409-text", &[]) }
}
