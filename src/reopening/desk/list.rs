//! The worklist: tabs with their counts, filters, rows with the statutory clock, the most urgent first.

use super::super::store_worklist::{self as list, Filter, Key, Tab};
use super::super::{rules, views};
use super::Desk;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::AppResult;
use crate::identity::{DivisionCode, divisions};
use crate::web::ctx::Ctx;
use crate::web::guard::Official;
use crate::web::i18n::{self, Lang};
use crate::web::page::page;
use crate::web::paging::{PAGE_ROWS, counted, cursor, cut, read_cursor};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView, Pager};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The query of a worklist.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Query {
    tab: String,
    town: String,
    kind: String,
    stage: String,
    assignee: String,
    pub(super) q: String,
    after: String,
}

impl Query {
    /// A whole tab, without filters.
    pub(super) fn of_tab(tab: &str) -> Self {
        Self { tab: tab.to_owned(), ..Self::default() }
    }

    /// What is looked for by number.
    pub fn wanted(&self) -> &str {
        &self.q
    }

    fn filter(&self) -> Filter {
        let some = |v: &str| Some(v.trim().to_owned()).filter(|v| !v.is_empty());
        Filter {
            tab: Tab::of(&self.tab),
            town: some(&self.town).filter(|t| t.chars().all(|c| c.is_ascii_digit())),
            kind: some(&self.kind),
            stage: some(&self.stage),
            assignee: some(&self.assignee),
            q: some(&self.q),
        }
    }

    /// The filters as the page shows them again.
    fn form(&self) -> FormView {
        FormView::new()
            .with("q", self.q.clone())
            .with("town", self.town.clone())
            .with("kind", self.kind.clone())
            .with("stage", self.stage.clone())
            .with("assignee", self.assignee.clone())
    }

    /// The address of the same list with another tab or place.
    fn link(&self, tab: &str, after: &str) -> String {
        let all = [
            ("tab", tab),
            ("town", &self.town),
            ("kind", &self.kind),
            ("stage", &self.stage),
            ("assignee", &self.assignee),
            ("q", &self.q),
            ("after", after),
        ];
        let given: Vec<_> = all.into_iter().filter(|(_, v)| !v.is_empty()).collect();
        format!("/desk/applications?{}", serde_urlencoded::to_string(given).unwrap_or_default())
    }
}

/// A worklist as read: the rows, whether there are more, the count of each tab.
pub struct Listed {
    /// Rows.
    pub rows: Vec<list::Row>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// Counts by tab, to be read with [`counted`].
    pub counts: Vec<(&'static str, i64)>,
}

/// Reads a page of the worklist and records the look.
///
/// # Errors
/// Database errors; [`AppError::BadRequest`] `cursor`.
pub async fn read(
    deps: &App,
    who: &OfficialPrincipal,
    query: &Query,
    now: DateTime<Utc>,
) -> AppResult<Listed> {
    let after: Option<Key> = match query.after.as_str() {
        "" => None,
        text => Some(read_cursor(text)?),
    };
    let (who, filter) = (who.clone(), query.filter());
    let digest = hex::encode(Sha256::digest(format!("{filter:?}")));
    let tab = query.tab.clone();
    let (rows, counts) = deps
        .store
        .write(move |tx| {
            let rows = list::rows(tx.conn(), &who, &filter, now, after, PAGE_ROWS)?;
            let mut counts = Vec::new();
            for (tab, code) in Tab::ALL {
                let plain = Filter { tab, town: None, kind: None, stage: None, assignee: None, q: None };
                counts.push((code, list::count(tx.conn(), &who, &plain, now)?));
            }
            let entry = Entry::new(&who, "worklist.view", "application")
                .detail(json!({"tab": tab, "filter": digest, "rows": rows.len()}));
            audit::append(tx, now, entry)?;
            Ok((rows, counts))
        })
        .await?;
    let (rows, more) = cut(rows, PAGE_ROWS);
    let next = match rows.last().filter(|_| more) {
        Some((app, ..)) => Some(cursor(&(app.due_at, app.id))?),
        None => None,
    };
    Ok(Listed { rows, next, counts })
}

/// GET `/desk/applications`.
pub async fn worklist(
    req: HttpRequest,
    deps: App,
    who: Official<Desk>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    list_page(&deps, &ctx, &who, &query, Vec::new()).await
}

/// The page of a worklist, after a bulk action with the result of each row.
///
/// # Errors
/// As [`read`].
pub(super) async fn list_page(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    query: &Query,
    results: Vec<Value>,
) -> AppResult<HttpResponse> {
    let listed = read(deps, who, query, ctx.now).await?;
    let (reader, now) = (who.clone(), ctx.now);
    let colleagues = deps.store.read(move |conn| list::colleagues(conn, &reader, now)).await?;
    let colleagues: Vec<Choice> =
        colleagues.iter().map(|(id, name)| Choice::new(id.to_string(), name.clone())).collect();
    let tabs = tabs(ctx.lang, who, query, &listed);
    let current = tabs.iter().find(|t| t.get("current") == Some(&Value::Bool(true)));
    let pager = Pager {
        newer: (!query.after.is_empty()).then(|| query.link(&query.tab, "")),
        older: listed.next.as_ref().map(|next| query.link(&query.tab, next)),
        shown: listed.rows.len(),
        total: None,
    };
    let data = json!({
        "office": who.office_name(ctx.english()),
        "tab": query.tab,
        "tab_label": current.and_then(|t| t.get("label")),
        "tabs": tabs,
        "rows": rows(ctx, &listed.rows)?,
        "towns": towns(ctx.lang, &who.division),
        "kinds": views::list(ctx.lang, "reopening-kind-", &["enterprise", "individual"]),
        "stages": stages(ctx.lang)?,
        "assignees": views::list(ctx.lang, "reopening-assignee-", &["me", "none"]),
        "colleagues": colleagues,
        "bulk": !list::department(who.role),
        "everywhere": query.link("all", ""),
        "here": query.link(&query.tab, &query.after),
        "pager": pager,
        "results": results,
        "form": query.form(),
    });
    page(deps, ctx, "reopening/desk/list.html", &data)
}

/// The tabs with the count of each; departments take nothing, so nothing of theirs is unassigned.
fn tabs(lang: Lang, who: &OfficialPrincipal, query: &Query, listed: &Listed) -> Vec<Value> {
    let current = query.filter().tab;
    Tab::ALL
        .iter()
        .filter(|(_, code)| *code != "unassigned" || !list::department(who.role))
        .map(|(tab, code)| {
            let found = listed.counts.iter().find(|(c, _)| c == code).map(|(_, n)| counted(*n));
            let (count, more) = found.unzip();
            json!({
                "href": format!("/desk/applications?tab={code}"),
                "label": i18n::t(lang, &format!("reopening-tab-{code}"), &[]),
                "count": count,
                "more": more,
                "current": *tab == current,
                "late": *tab == Tab::Overdue,
            })
        })
        .collect()
}

fn rows(ctx: &Ctx, found: &[list::Row]) -> AppResult<Vec<Value>> {
    let lang = ctx.lang;
    let row = |(app, name, assignee): &list::Row| {
        let clock = views::clock(lang, app, ctx.now)?;
        Ok(json!({
            "number": app.number,
            "name": name,
            "late": clock.as_ref().is_some_and(|c| c.state == "late"),
            "clock": clock,
            "town": rules::short_name(lang, &app.division),
            "kind": i18n::t(lang, &format!("reopening-kind-{}", app.kind), &[]),
            "returning": app.returning_staff,
            "state": views::state(lang, &app.state),
            "state_kind": views::tag(&app.state),
            "assignee": assignee,
        }))
    };
    found.iter().map(row).collect()
}

/// Every state that an office can see.
fn stages(lang: Lang) -> AppResult<Vec<Choice>> {
    let all = rules::definition()?.states().iter().filter(|s| s.name != "draft");
    Ok(all.map(|s| Choice::new(s.name.clone(), views::state(lang, &s.name))).collect())
}

/// The places to filter by: the next level below the jurisdiction.
fn towns(lang: Lang, division: &str) -> Vec<Choice> {
    let Ok(code) = DivisionCode::parse(division) else { return Vec::new() };
    let name = |d: &crate::identity::Division| {
        if lang == Lang::En { d.name_en.to_owned() } else { d.name.to_owned() }
    };
    divisions().children(code).into_iter().map(|d| Choice::new(d.code.to_string(), name(d))).collect()
}
