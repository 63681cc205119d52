//! The page of a list: tabs, search, filters, rows, files and views; one template for all lists.

use super::asked::Asked;
use super::cell::Item;
use super::look::{Listed, look};
use super::spec::Spec;
use super::twin::{Twin, twin};
use super::{Shown, Worklist};
use crate::deps::App;
use crate::error::{AppResult, FieldError};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, page_with};
use crate::web::paging::counted;
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::Answer;
use crate::web::view::{Choice, FormView, Pager};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, VARY};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An address and its words.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// The address.
    pub href: String,
    /// The words.
    pub label: String,
}

/// How much there is of what an official should look at first, and where it is.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// Where.
    pub href: String,
    /// The words, with the number.
    pub label: String,
    /// Whether a limit is over.
    pub late: bool,
}

/// What can be done with rows that are chosen.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Choosing {
    /// Where the form is sent.
    pub path: &'static str,
    /// The acts: value of `do` and words. The first one is the main one.
    pub acts: Vec<Choice>,
    /// Taking, giving and returning; none where nobody takes rows.
    pub sharing: Option<Sharing>,
}

/// How rows that are chosen are shared out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Sharing {
    /// Where it is sent: it asks for less than acts that decide.
    pub path: &'static str,
    /// Taking and returning: value of `do` and words.
    pub acts: Vec<Choice>,
    /// To whom the rows can be given, by an act named `assign`.
    pub colleagues: Vec<Choice>,
}

/// What a list's page has beside the list itself.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// What is to be looked at first, below the title.
    pub figures: Vec<Figure>,
    /// Ways on, above the rows.
    pub links: Vec<Link>,
    /// What can be done with rows that are chosen.
    pub choosing: Option<Choosing>,
}

/// What a form that was sent from the page left for it to show.
#[derive(Debug, Clone, Default)]
pub(super) struct Left {
    /// Fields that were sent.
    pub form: FormView,
    /// What is missing.
    pub errors: Vec<FieldError>,
    /// The result of each row.
    pub results: Vec<Value>,
    /// Numbers of rows that stay chosen.
    pub chosen: Vec<String>,
    /// Whether every row is chosen.
    pub all: bool,
}

/// `GET` of a list, as a page or as JSON.
pub(super) async fn list<L: Worklist>(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<L::Who>,
) -> AppResult<Answer<Twin<L>>> {
    let sent = Form::parse(req.query_string().as_bytes())?;
    let asked = Asked::read(&L::SPEC, &who, &sent);
    let mut answer = if ctx.wants_json {
        twin::<L>(&deps, &ctx, &who, asked).await?
    } else {
        show::<L>(&deps, &ctx, &who, asked, Left::default()).await?
    };
    answer.headers_mut().insert(VARY, ACCEPT.into());
    Ok(answer.into())
}

/// `POST` of a list: somebody is looked for.
pub(super) async fn search<L: Worklist>(
    ctx: Ctx,
    deps: App,
    who: Official<Looks<L::Who>>,
    form: Form,
) -> AppResult<HttpResponse> {
    let asked = Asked::search(&L::SPEC, &who, form.get("q"));
    show::<L>(&deps, &ctx, &who, asked, Left::default()).await
}

/// The list from its beginning, after a form that stands above it was refused: what was typed is in the form, and what is wrong at
/// its fields.
///
/// # Errors
/// As [`look`].
pub async fn again<L: Worklist>(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    form: FormView,
) -> AppResult<HttpResponse> {
    let asked = Asked::read(&L::SPEC, who, &Form::default());
    show::<L>(deps, ctx, who, asked, Left { form, ..Left::default() }).await
}

/// Reads and shows a page of the list.
pub(super) async fn show<L: Worklist>(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    asked: Asked,
    left: Left,
) -> AppResult<HttpResponse> {
    let listed = look::<L>(deps, who, asked, ctx.now).await?;
    let shown = Shown { lang: ctx.lang, now: ctx.now };
    let items = listed.items(deps, who, shown)?;
    let frame = L::frame(&listed, who, ctx.lang);
    let mut form = form(&listed.asked, left.form.clone());
    fail(&mut form, ctx.lang, &left.errors);
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut data = words(&L::SPEC, ctx.lang);
    data.extend(parts(&listed, who, ctx.lang));
    data.extend(object(json!({
        "office": who.office_name(ctx.english()),
        "rows": rows(&listed, &items, &left),
        "figures": frame.figures, "links": frame.links, "choosing": frame.choosing, "above": L::above(who, ctx.lang),
        "results": left.results, "form": form,
    })));
    page_with(deps, ctx, status, L::PAGE, &data)
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

/// What is the same whatever is asked.
fn words(spec: &Spec, lang: Lang) -> Map<String, Value> {
    object(json!({
        "path": spec.paths.page,
        "views_path": spec.paths.views,
        "title": t(lang, spec.texts.title, &[]),
        "caption": t(lang, spec.texts.caption, &[]),
        "tabs_label": t(lang, spec.texts.tabs, &[]),
        "hint": spec.search.map(|hint| t(lang, hint, &[])),
    }))
}

/// What is asked and what can be asked next.
fn parts<L: Worklist>(listed: &Listed<L>, who: &OfficialPrincipal, lang: Lang) -> Map<String, Value> {
    let (spec, asked) = (&L::SPEC, &listed.asked);
    let empty = if asked.searches() { "desk-search-empty-text" } else { spec.texts.empty_text };
    let files = (!asked.searches()).then(
        || json!({"csv": asked.from("").link(spec.paths.csv), "xlsx": asked.from("").link(spec.paths.xlsx)}),
    );
    object(json!({
        "searching": asked.searches(),
        "cut": listed.cut,
        "tab": asked.tab,
        "kept": kept(asked),
        "tabs": tabs(listed, who, lang),
        "filters": filters(spec, asked, who, lang),
        "orders": orders(spec, lang),
        "columns": columns(spec, asked, lang),
        "pager": pager(listed),
        "files": files,
        "views": views(listed),
        "empty": t(lang, spec.texts.empty, &[]),
        "empty_text": t(lang, empty, &[]),
    }))
}

/// What is asked, as fields that a form sends on.
fn kept(asked: &Asked) -> Vec<Value> {
    asked.pairs().into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// The form that the fields of the page show: what is asked, over what was sent.
fn form(asked: &Asked, sent: FormView) -> FormView {
    let asked_for = asked.pairs().into_iter().chain([("q", asked.q.as_str())]);
    asked_for.fold(sent, |form, (name, value)| form.with(name, value))
}

fn tabs<L: Worklist>(listed: &Listed<L>, who: &OfficialPrincipal, lang: Lang) -> Vec<Value> {
    let asked = &listed.asked;
    let one = |tab: &super::Tab| {
        let found = listed.count(tab.code).map(counted);
        let mut shown = object(json!({
            "href": asked.in_tab(tab.code).link(L::SPEC.paths.page),
            "label": t(lang, tab.label, &[]),
            "current": !asked.searches() && tab.code == asked.tab,
        }));
        if let Some((count, more)) = found {
            shown.extend(object(json!({"count": count, "more": more})));
        }
        Value::Object(shown)
    };
    L::SPEC.tabs_of(who.role).map(one).collect()
}

fn filters(spec: &Spec, asked: &Asked, who: &OfficialPrincipal, lang: Lang) -> Vec<Value> {
    let one = |filter: &super::Filter| {
        let choices = (filter.choices)(who, asked.tab, lang);
        let label = t(lang, filter.label, &[]);
        (!choices.is_empty()).then(|| json!({"name": filter.name, "label": label, "choices": choices}))
    };
    spec.filters.iter().filter_map(one).collect()
}

/// The orders that are chosen by name: the list's own sends nothing.
fn orders(spec: &Spec, lang: Lang) -> Vec<Choice> {
    let named = spec.sorts.iter().enumerate().filter_map(|(at, sort)| Some((at, sort.code, sort.label?)));
    named.map(|(at, code, label)| Choice::text(lang, if at == 0 { "" } else { code }, label)).collect()
}

/// The heads of the columns; where one leads to an order, the same page in that order.
fn columns(spec: &Spec, asked: &Asked, lang: Lang) -> Vec<Value> {
    let own = spec.sorts.first().map_or("", |sort| sort.code);
    let current = if asked.sort.is_empty() { own } else { asked.sort };
    let one = |column: &super::Column| {
        let href = column
            .sort
            .filter(|_| !asked.searches())
            .map(|sort| asked.sorted(if sort == own { "" } else { sort }).link(spec.paths.page));
        let is_current = column.sort.is_some_and(|sort| sort == current);
        json!({"label": column.name(lang), "href": href, "current": is_current, "runs": column.runs})
    };
    spec.columns.iter().map(one).collect()
}

fn pager<L: Worklist>(listed: &Listed<L>) -> Pager {
    let (asked, path) = (&listed.asked, L::SPEC.paths.page);
    Pager {
        newer: (!asked.after.is_empty()).then(|| asked.from("").link(path)),
        older: listed.next.as_ref().map(|next| asked.from(next).link(path)),
        shown: listed.rows.len(),
        total: None,
    }
}

/// The saved views, and which of them is on the page.
fn views<L: Worklist>(listed: &Listed<L>) -> Vec<Value> {
    let here = listed.asked.from("").place();
    let one = |view: &super::beside::View| {
        let href = format!("{}?{}", L::SPEC.paths.page, view.place);
        let current = !listed.asked.searches() && view.place == here;
        json!({"id": view.id, "name": view.name, "href": href, "shared": view.shared, "current": current})
    };
    listed.beside.views.iter().map(one).collect()
}

fn rows<L: Worklist>(listed: &Listed<L>, items: &[Item], left: &Left) -> Vec<Value> {
    let one = |(row, item): (&L::Row, &Item)| {
        let number = L::number(row);
        let cells = item.cells.iter().zip(L::SPEC.columns);
        let cells: Vec<Value> =
            cells.map(|(cell, column)| json!({"class": column.class, "cell": cell})).collect();
        json!({
            "number": number,
            "name": item.name(),
            "href": L::href(row),
            "version": item.version,
            "late": item.late,
            "chosen": left.all || left.chosen.iter().any(|chosen| chosen == number),
            "cells": cells,
        })
    };
    listed.rows.iter().zip(items).map(one).collect()
}
