//! The table as a file: what the page shows, of all its pages.
//!
//! A file leaves the portal, so it is asked for with a second factor of the last quarter of an hour, so often an hour, and
//! noted in the record with a digest of whose rows are in it.

use super::asked::Asked;
use super::cell::Field;
use super::look::{Scope, detail, rows};
use super::sheet::Sheet;
use super::{Shown, Worklist};
use crate::audit::{self, Entry};
use crate::clock::china_day;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::factor::Grave;
use crate::web::form::Form;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::limits;
use crate::web::principal::OfficialPrincipal;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Rows of one file; it says so when there are more.
pub(super) const MAX_FILE: usize = 10_000;
/// Rows read at a time, so that nobody waits long for the database.
const CHUNK: i64 = 1_000;

/// `GET ….csv`
pub(super) async fn csv<L: Worklist>(
    req: HttpRequest,
    deps: App,
    who: Official<Looks<Grave<L::Who>>>,
) -> AppResult<HttpResponse> {
    file::<L>(&req, &deps, &who, "csv").await
}

/// `GET ….xlsx`
pub(super) async fn xlsx<L: Worklist>(
    req: HttpRequest,
    deps: App,
    who: Official<Looks<Grave<L::Who>>>,
) -> AppResult<HttpResponse> {
    file::<L>(&req, &deps, &who, "xlsx").await
}

async fn file<L: Worklist>(
    req: &HttpRequest,
    deps: &App,
    who: &OfficialPrincipal,
    format: &'static str,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(req)?;
    let sent = Form::parse(req.query_string().as_bytes())?;
    // A file is of all pages, from the first on.
    let asked = Asked::read(&L::SPEC, who, &sent).from("");
    limits::export(deps, who.official_id, ctx.now).await?;
    let (found, more) = all::<L>(deps, who, &asked, ctx.now).await?;
    let mut seen = detail::<L>(&asked, &found);
    if let Value::Object(seen) = &mut seen {
        seen.insert("format".into(), format.into());
        seen.insert("cut".into(), more.into());
    }
    let (entry, now) = (Entry::new(who, "list.export", L::SPEC.entry.1).detail(seen), ctx.now);
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    let body = written::<L>(deps, who, found, (more, asked.sort), (ctx.lang, now), format).await?;
    let kind = if format == "csv" { "text/csv; charset=utf-8" } else { XLSX };
    let name = format!("attachment; filename=\"{}-{}.{format}\"", L::SPEC.name, china_day(now));
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("Content-Disposition", name))
        .insert_header(("Cache-Control", "no-store"))
        .body(body))
}

pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The rows of all pages up to [`MAX_FILE`], and whether there are more.
async fn all<L: Worklist>(
    deps: &App,
    who: &OfficialPrincipal,
    asked: &Asked,
    now: DateTime<Utc>,
) -> AppResult<(Vec<L::Row>, bool)> {
    let mut found: Vec<L::Row> = Vec::new();
    loop {
        let (parts, scope, after) =
            (deps.clone(), Scope::of(deps, who, asked, now), found.last().map(L::key));
        let chunk =
            deps.store.read(move |conn| rows::<L>(conn, &parts, &scope, after.as_ref(), CHUNK)).await?;
        let last = i64::try_from(chunk.len()).unwrap_or(0) < CHUNK;
        found.extend(chunk);
        if found.len() > MAX_FILE {
            found.truncate(MAX_FILE);
            return Ok((found, true));
        }
        if last {
            return Ok((found, false));
        }
    }
}

/// Opens the rows and writes the file, on the threads of long lists.
async fn written<L: Worklist>(
    deps: &App,
    who: &OfficialPrincipal,
    found: Vec<L::Row>,
    (more, sort): (bool, &'static str),
    (lang, now): (Lang, DateTime<Utc>),
    format: &'static str,
) -> AppResult<Vec<u8>> {
    let (parts, who) = (deps.clone(), who.clone());
    let work = move || {
        let found = L::arrange(&parts, sort, found)?;
        let lines: AppResult<Vec<Vec<Field>>> =
            found.iter().map(|row| line::<L>(&parts, &who, row, Shown { lang, now })).collect();
        let note = more.then(|| t(lang, "worklist-file-cut", &[("most", MAX_FILE.into())]));
        let heads = L::SPEC.columns.iter().flat_map(|column| column.heads);
        let heads = heads.map(|key| t(lang, key, &[])).collect();
        let sheet = Sheet { title: t(lang, L::SPEC.texts.title, &[]), heads, lines: lines?, note, made: now };
        if format == "csv" { sheet.csv() } else { sheet.xlsx() }
    };
    deps.lists.run(work).await.unwrap_or_else(|| Err(AppError::internal("a file was not written")))
}

fn line<L: Worklist>(
    deps: &App,
    who: &OfficialPrincipal,
    row: &L::Row,
    shown: Shown,
) -> AppResult<Vec<Field>> {
    let item = L::item(deps, who, row, shown)?;
    let cells = item.cells.iter().zip(L::SPEC.columns);
    Ok(cells.flat_map(|(cell, column)| cell.fields(column, shown.lang)).collect())
}
