//! The auditor's pages: the list, an entry with its place in chain and tree, a bounded verification, an export. Each
//! look is itself in the record.

use super::chain::{Row, row_hash};
use super::list::{self, Filter};
use super::named::{EntryView, Names, RequestLine};
use super::words::{self, ActionGroup};
use super::{Entry, PublicKeys, Summary, append, head, leaves, verify_recent};
use crate::clock::china_day;
use crate::crypto::SigningUsage;
use crate::db::Conn;
use crate::db::schema::audit_entries;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::role_set;
use crate::web::csv::csv;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::Lang;
use crate::web::limits;
use crate::web::page::fail;
use crate::web::paging::{PAGE_ROWS, cursor, cut};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::{Choice, FormView, Pager};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

role_set! {
    /// Who reads the record.
    Auditor = [Auditor] province true;
    /// Who takes a part of it away.
    Exporter = [Auditor] step_up true province true;
}

/// Rows in one export.
const MAX_EXPORT: usize = 50_000;
/// Heads and entries of each lane that the button goes through.
const RECENT: (i64, i64) = (60, 500);
/// A head is promised at least this often.
const PROMISED: i64 = 60;

pub(super) fn query_of(req: &HttpRequest) -> AppResult<Form> {
    Form::parse(req.query_string().as_bytes())
}

/// A page of the record.
pub(super) struct Listed {
    pub rows: Vec<Row>,
    pub next: Option<String>,
    pub head: Option<head::Head>,
    /// Names of the officials and offices in the rows.
    pub names: Names,
}

/// Reads a page of the record; the look is itself in it.
///
/// # Errors
/// [`AppError::Invalid`] naming what is wrong in the filter: then nothing was looked at.
pub(super) async fn look(
    deps: &Deps,
    who: &OfficialPrincipal,
    query: &Form,
    now: DateTime<Utc>,
) -> AppResult<Listed> {
    let (filter, after) = (Filter::read(query)?, list::after(query)?);
    let asked = filter.clone();
    let (rows, more, names, head) = deps
        .store
        .read(move |conn| {
            let (rows, more) = cut(list::rows(conn, &asked, after, PAGE_ROWS + 1)?, PAGE_ROWS);
            let names = Names::of(conn, &rows)?;
            Ok((rows, more, names, head::latest(conn)?))
        })
        .await?;
    let detail = json!({"filter": filter.detail(), "rows": rows.len(), "digest": list::digest(&rows)});
    let entry = Entry::new(who, "audit.view", "audit").detail(detail);
    deps.store.write(move |tx| append(tx, now, entry)).await?;
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some(cursor(&list::key(last))?),
        None => None,
    };
    Ok(Listed { rows, next, head, names })
}

/// A page of the record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecordPage {
    /// The filter.
    form: FormView,
    rows: Vec<RequestLine>,
    /// Actions to filter by.
    groups: Vec<ActionGroup>,
    pager: Pager,
    /// Kinds of actor to filter by.
    actors: Vec<Choice>,
    /// The address of the file with the same entries.
    export: String,
    /// The newest signed head.
    head: Option<SignedHead>,
}

/// The newest signed head, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
struct SignedHead {
    number: String,
    at: DateTime<Utc>,
    /// Entries in its tree.
    size: i64,
    /// The tree's root, hexadecimal.
    root: String,
    /// Seconds since it was made.
    age: i64,
    /// Whether it is as young as one is promised.
    fresh: bool,
    /// Whether its signature is that of an audit key.
    signed: bool,
    /// Chains in it.
    lanes: usize,
}

/// An entry, examined.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntryPage {
    entry: EntryView,
    /// Hash of the entry before, hexadecimal.
    prev: String,
    /// Its own hash, hexadecimal.
    hash: String,
    /// Whether the hash fits its fields.
    own: bool,
    /// Whether it follows the entry before it.
    follows: bool,
    /// Whether it waits for the next head.
    waiting: bool,
    /// Whether its proof and the head's signature hold.
    included: bool,
    /// Number of the head.
    head: Option<String>,
}

/// What was found at the end of the record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingsPage {
    /// Entries that were gone through.
    entries: u64,
    /// Heads that were gone through.
    heads: u64,
    /// What is wrong; empty when nothing is.
    findings: Vec<String>,
}

/// `GET /audit`
pub(super) async fn list(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Auditor>,
) -> AppResult<Answer<RecordPage>> {
    let query = query_of(&req)?;
    let Listed { rows, next, head, names } = match look(&deps, &who, &query, ctx.now).await {
        Ok(listed) => listed,
        Err(AppError::Invalid(errors)) => return refused(&deps, &ctx, &query, &errors).await,
        Err(e) => return Err(e),
    };
    let older = next.map(|key| link(&query, "/audit", Some(key))).transpose()?;
    let pager = Pager { newer: None, older, shown: rows.len(), total: None };
    let view = RecordPage {
        form: filter_view(&query),
        rows: names.lines(ctx.lang, &rows),
        groups: words::choices(ctx.lang),
        pager,
        actors: actors(ctx.lang),
        export: link(&query, "/audit/export.csv", None)?,
        head: head.map(|h| head_view(&deps, &ctx, &h)),
    };
    respond(&deps, &ctx, "audit/list.html", &view)
}

fn actors(lang: Lang) -> Vec<Choice> {
    list::ACTORS.iter().map(|a| Choice::text(lang, a, &format!("audit-actor-{a}"))).collect()
}

/// The page with what is wrong in the filter, and everything that was typed; nothing was looked at.
async fn refused(
    deps: &Deps,
    ctx: &Ctx,
    query: &Form,
    errors: &[FieldError],
) -> AppResult<Answer<RecordPage>> {
    let head = deps.store.read(head::latest).await?;
    let mut form = filter_view(query);
    fail(&mut form, ctx.lang, errors);
    let view = RecordPage {
        form,
        rows: Vec::new(),
        groups: words::choices(ctx.lang),
        pager: Pager::default(),
        actors: actors(ctx.lang),
        export: String::new(),
        head: head.map(|h| head_view(deps, ctx, &h)),
    };
    respond_with(deps, ctx, StatusCode::UNPROCESSABLE_ENTITY, "audit/list.html", &view)
}

fn filter_view(query: &Form) -> FormView {
    FormView::from_pairs(query.pairs().iter().filter(|(name, _)| name != "after").cloned())
}

/// The same filters at an address, and where to go on.
fn link(query: &Form, path: &str, after: Option<String>) -> AppResult<String> {
    let mut pairs: Vec<(String, String)> =
        query.pairs().iter().filter(|(name, value)| name != "after" && !value.is_empty()).cloned().collect();
    pairs.extend(after.map(|key| ("after".to_owned(), key)));
    let text = serde_urlencoded::to_string(&pairs).map_err(AppError::internal)?;
    Ok(if text.is_empty() { path.to_owned() } else { format!("{path}?{text}") })
}

fn head_view(deps: &Deps, ctx: &Ctx, head: &head::Head) -> SignedHead {
    let age = (ctx.now - head.at).num_seconds();
    let signed = head.is_signed(&PublicKeys::of(&deps.keys, SigningUsage::Audit));
    SignedHead {
        number: head.number.to_string(),
        at: head.at,
        size: head.tree_size,
        root: hex::encode(&head.root),
        age,
        // Two periods: a head may be on its way.
        fresh: age <= 2 * PROMISED,
        signed,
        lanes: head.lanes.len(),
    }
}

/// An entry and how it stands.
pub(super) struct Examined {
    pub row: Row,
    /// The names in it.
    pub names: Names,
    /// Whether the hash fits its fields.
    pub own: bool,
    /// Whether it follows the entry before it.
    pub follows: bool,
    /// Its place in the tree of a signed head; none while it waits for the next head.
    pub proof: Option<(leaves::Proof, head::Head)>,
    /// Whether that proof and the head's signature hold.
    pub included: bool,
}

/// Examines an entry; the look is in the record.
pub(super) async fn examine(
    deps: &Deps,
    who: &OfficialPrincipal,
    (lane, seq): (i32, i64),
    now: DateTime<Utc>,
) -> AppResult<Examined> {
    let (row, names, before, proof) = deps.store.read(move |conn| read_entry(conn, lane, seq)).await?;
    let look = Entry::new(who, "audit.entry.view", "audit").detail(json!({"lane": lane, "seq": seq}));
    deps.store.write(move |tx| append(tx, now, look)).await?;
    let keys = PublicKeys::of(&deps.keys, SigningUsage::Audit);
    let included = proof.as_ref().is_some_and(|(p, h)| leaves::proves(&row.hash, p, h) && h.is_signed(&keys));
    let own = row_hash(&row) == *row.hash.as_slice();
    let follows = before.unwrap_or_else(|| vec![0; 32]) == row.prev;
    Ok(Examined { row, names, own, follows, proof, included })
}

/// `GET /audit/entries/{lane}/{seq}`
pub(super) async fn entry(
    ctx: Ctx,
    deps: App,
    who: Official<Auditor>,
    place: web::Path<(i32, i64)>,
) -> AppResult<Answer<EntryPage>> {
    let found = examine(&deps, &who, place.into_inner(), ctx.now).await?;
    let view = EntryPage {
        entry: found.names.entry(ctx.lang, &found.row),
        prev: hex::encode(&found.row.prev),
        hash: hex::encode(&found.row.hash),
        own: found.own,
        follows: found.follows,
        waiting: found.proof.is_none(),
        included: found.included,
        head: found.proof.map(|(_, h)| h.number.to_string()),
    };
    respond(&deps, &ctx, "audit/entry.html", &view)
}

type Found = (Row, Names, Option<Vec<u8>>, Option<(leaves::Proof, head::Head)>);

fn read_entry(conn: &mut Conn, lane: i32, seq: i64) -> AppResult<Found> {
    let row = audit_entries::table.find((lane, seq)).select(Row::as_select()).first(conn)?;
    let before =
        audit_entries::table.find((lane, seq - 1)).select(audit_entries::hash).first(conn).optional()?;
    let names = Names::of(conn, std::slice::from_ref(&row))?;
    Ok((row, names, before, leaves::prove(conn, lane, seq)?))
}

/// Findings that are shown; the command shows them all.
const SHOWN: usize = 200;

/// Goes through the end of the record; gives what was gone through and the first findings.
pub(super) async fn go_through(
    deps: &Deps,
    who: &OfficialPrincipal,
    now: DateTime<Utc>,
) -> AppResult<(Summary, Vec<String>)> {
    let keys = PublicKeys::of(&deps.keys, SigningUsage::Audit);
    let (summary, findings) = deps
        .store
        .read(move |conn| {
            let mut findings = Vec::new();
            let mut keep = |f: &super::Finding| {
                if findings.len() < SHOWN {
                    findings.push(f.to_string());
                }
            };
            let summary = verify_recent(conn, &keys, RECENT.0, RECENT.1, &mut keep)?;
            Ok((summary, findings))
        })
        .await?;
    let detail = json!({"entries": summary.entries, "heads": summary.heads, "findings": summary.findings});
    let entry = Entry::new(who, "audit.verify", "audit").detail(detail);
    deps.store.write(move |tx| append(tx, now, entry)).await?;
    Ok((summary, findings))
}

/// `POST /audit/verify`
pub(super) async fn verify(
    ctx: Ctx,
    deps: App,
    who: Official<Looks<Auditor>>,
    _form: Form,
) -> AppResult<Answer<FindingsPage>> {
    let (summary, findings) = go_through(&deps, &who, ctx.now).await?;
    let view = FindingsPage { entries: summary.entries, heads: summary.heads, findings };
    respond(&deps, &ctx, "audit/verify.html", &view)
}

/// `GET /audit/export.csv`
pub(super) async fn export(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Exporter>,
) -> AppResult<HttpResponse> {
    let filter = Filter::read(&query_of(&req)?)?;
    limits::export(&deps, who.official_id, ctx.now).await?;
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let (asked, after) = (filter.clone(), rows.last().map(list::key));
        let page = deps.store.read(move |conn| list::rows(conn, &asked, after, 1000)).await?;
        let full = page.len() == 1000;
        rows.extend(page);
        if rows.len() > MAX_EXPORT {
            return Err(AppError::conflict("audit-export-too-large"));
        }
        if !full {
            break;
        }
    }
    let detail = json!({"filter": filter.detail(), "rows": rows.len(), "digest": list::digest(&rows)});
    let (entry, now) = (Entry::new(&*who, "audit.export", "audit").detail(detail), ctx.now);
    deps.store.write(move |tx| append(tx, now, entry)).await?;
    let body = csv(&list::COLUMNS, rows.iter().map(list::record))?;
    let name = format!("attachment; filename=\"audit-{}.csv\"", china_day(ctx.now));
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", name))
        .insert_header(("Cache-Control", "no-store"))
        .body(body))
}
