//! The list as page, JSON and file: the same reading, in the same order.

use super::answer::tagged;
use super::spec::{Asked, Column, Kind};
use super::{Register, Shown};
use crate::clock::china_day;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::web::csv as sheet;
use crate::web::ctx::Ctx;
use crate::web::i18n::t;
use crate::web::limits::{self, VERIFY};
use crate::web::page::page;
use crate::web::paging::{PAGE_ROWS, cursor, cut, read_cursor};
use crate::web::view::{FormView, Pager};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// Rows of one file; the first, when there are more.
const MAX_FILE: usize = 10_000;
/// Rows read at a time for a file.
const CHUNK: i64 = 1_000;

async fn read<R: Register>(deps: &App, ctx: &Ctx, asked: &Asked) -> AppResult<(Vec<R::Row>, Option<String>)> {
    deps.limiter.take(R::SPEC.name, ctx.client, VERIFY, ctx.now).await?;
    let after: Option<R::Key> = match asked.after.as_str() {
        "" => None,
        text => Some(read_cursor(text)?),
    };
    let (filter, now) = (R::filter(asked), ctx.now);
    let found = deps.store.read(move |conn| R::rows(conn, &filter, now, after, PAGE_ROWS + 1)).await?;
    let (rows, more) = cut(found, PAGE_ROWS);
    let next = rows.last().filter(|_| more).map(|last| cursor(&R::key(last))).transpose()?;
    Ok((rows, next))
}

/// The page.
///
/// # Errors
/// [`AppError::BadRequest`] for a place that is none, [`AppError::TooMany`] of a network; database errors.
pub async fn list<R: Register>(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    let spec = R::SPEC;
    let asked = Asked::read(&spec, req.query_string());
    let (rows, next) = read::<R>(&deps, &ctx, &asked).await?;
    let shown = Shown { lang: ctx.lang, now: ctx.now };
    let pager = Pager {
        newer: (!asked.after.is_empty()).then(|| asked.link(spec.path, "")),
        older: next.map(|next| asked.link(spec.path, &next)),
        shown: rows.len(),
        total: None,
    };
    let form =
        spec.filters.iter().fold(FormView::new(), |form, field| form.with(field.name, asked.get(field.name)));
    let data = json!({
        "texts": spec.texts,
        "path": spec.path,
        "columns": spec.columns.iter().map(|column| heading(&ctx, column)).collect::<Vec<_>>(),
        "rows": rows.iter().map(|row| cells::<R>(row, shown)).collect::<Vec<_>>(),
        "filters": filters::<R>(&deps, &ctx),
        "pager": pager,
        "form": form,
        "csv": asked.link(spec.csv, ""),
        "most": MAX_FILE,
    });
    page(&deps, &ctx, "register/list.html", &data)
}

fn heading(ctx: &Ctx, column: &Column) -> Value {
    json!({"name": t(ctx.lang, column.label, &[]), "sort": column.sort})
}

/// The cells of a row with what their columns say of them; the first one names the row.
fn cells<R: Register>(row: &R::Row, shown: Shown) -> Vec<Value> {
    let all = R::cells(row, shown).into_iter().zip(R::SPEC.columns).enumerate();
    all.map(|(n, (cell, column))| {
        json!({
            "text": cell.text, "day": cell.day, "small": cell.small, "href": cell.href, "tag": cell.tag,
            "class": column.class, "head": n == 0,
        })
    })
    .collect()
}

fn filters<R: Register>(deps: &App, ctx: &Ctx) -> Vec<Value> {
    let one = |field: &super::Field| {
        let label = t(ctx.lang, field.label, &[]);
        match field.kind {
            Kind::Text(hint) => json!({"name": field.name, "label": label, "hint": t(ctx.lang, hint, &[])}),
            Kind::Choice => {
                json!({"name": field.name, "label": label, "choices": R::choices(deps, ctx.lang, field.name)})
            }
        }
    };
    R::SPEC.filters.iter().map(one).collect()
}

/// The page for programs, with a mark of what is in it.
///
/// # Errors
/// As [`list`].
pub async fn json<R: Register>(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    let asked = Asked::read(&R::SPEC, req.query_string());
    let (rows, next) = read::<R>(&deps, &ctx, &asked).await?;
    let body = serde_json::to_vec(&R::body(&rows, next, ctx.now)).map_err(AppError::internal)?;
    Ok(tagged(&req, "application/json", body))
}

/// What the filters find, from the first row on, up to ten thousand rows.
///
/// # Errors
/// [`AppError::TooMany`] past what a network may save; database errors.
pub async fn csv<R: Register>(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    let spec = R::SPEC;
    let asked = Asked::read(&spec, req.query_string());
    limits::export(&deps, ctx.client, ctx.now).await?;
    let mut rows: Vec<R::Row> = Vec::new();
    while rows.len() < MAX_FILE {
        let (filter, now, after) = (R::filter(&asked), ctx.now, rows.last().map(R::key));
        let part = deps.store.read(move |conn| R::rows(conn, &filter, now, after, CHUNK)).await?;
        let full = part.len() >= usize::try_from(CHUNK).unwrap_or(usize::MAX);
        rows.extend(part);
        if !full {
            break;
        }
    }
    let shown = Shown { lang: ctx.lang, now: ctx.now };
    let heads = spec.heads.iter().map(|head| t(ctx.lang, head, &[])).collect();
    let body = sheet::table(heads, rows.iter().map(|row| R::line(row, shown)))?;
    let mut answer = tagged(&req, "text/csv; charset=utf-8", body);
    let name = format!("attachment; filename=\"{}-{}.csv\"", spec.name, china_day(ctx.now));
    let name = name.parse().map_err(AppError::internal)?;
    answer.headers_mut().insert(actix_web::http::header::CONTENT_DISPOSITION, name);
    Ok(answer)
}
