//! The worklist: tabs with their counts, filters, rows with the statutory clock, the most urgent first.

use super::super::store_worklist::{self as list, Filter, Key, Tab};
use super::super::{rules, views};
use super::Desk;
use crate::audit::{self, Entry};
use crate::case::{colleagues, hands};
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppResult, FieldError};
use crate::identity::{DivisionCode, divisions};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::{self, Lang};
use crate::web::page::{fail, page_with};
use crate::web::paging::{PAGE_ROWS, counted, cursor, cut, read_cursor};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView, Pager};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// The query of a worklist.
#[derive(Debug, Default, Clone, Deserialize, utoipa::IntoParams)]
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
    /// The list that a bulk action was sent from, with its filters and its place.
    pub(super) fn of_form(form: &Form) -> Self {
        let text = |name: &str| form.get(name).to_owned();
        Self {
            tab: text("tab"),
            town: text("town"),
            kind: text("kind"),
            stage: text("stage"),
            assignee: text("assignee"),
            q: text("q"),
            after: text("after"),
        }
    }

    /// What is looked for by number.
    pub fn wanted(&self) -> &str {
        &self.q
    }

    /// The query that looks for one number.
    pub(super) fn of_number(number: &str) -> Self {
        Self { q: number.to_owned(), ..Self::default() }
    }

    /// The place from which the list goes on.
    pub(super) fn after(&self) -> Option<&str> {
        Some(self.after.as_str()).filter(|after| !after.is_empty())
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
            hands: Vec::new(),
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
            .with("after", self.after.clone())
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
    /// Cases under review for which a department still owes its opinion.
    pub unanswered: HashSet<Id>,
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
    let (reader, mut filter) = (who.clone(), query.filter());
    let digest = hex::encode(Sha256::digest(format!("{filter:?}")));
    // Read by whoever serves the page, not by the one writer; only the entry is written.
    let (rows, unanswered, counts) = deps
        .store
        .read(move |conn| {
            filter.hands = hands(conn, reader.official_id, now)?;
            let rows = list::rows(conn, &reader, &filter, now, after, PAGE_ROWS)?;
            let reviewed = rows.iter().filter(|(app, ..)| app.state == "in-review").map(|(app, ..)| app.id);
            let unanswered = list::unanswered(conn, reviewed.collect())?;
            let mut counts = Vec::new();
            for (tab, code) in Tab::ALL.into_iter().filter(|(tab, _)| tab.is_for(reader.role)) {
                counts.push((code, list::count(conn, &reader, &Filter::of(tab, filter.hands.clone()), now)?));
            }
            Ok((rows, unanswered, counts))
        })
        .await?;
    let (rows, more) = cut(rows, PAGE_ROWS);
    let entry = Entry::new(who, "worklist.view", "application")
        .detail(json!({"tab": query.tab, "filter": digest, "rows": rows.len()}));
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    let next = match rows.last().filter(|_| more) {
        Some((app, ..)) => Some(cursor(&(app.due_at, app.id))?),
        None => None,
    };
    Ok(Listed { rows, next, unanswered, counts })
}

/// The first other case that waits for an official.
///
/// # Errors
/// Database errors.
pub(super) async fn next_case(
    deps: &App,
    who: &OfficialPrincipal,
    number: &str,
    now: DateTime<Utc>,
) -> AppResult<Option<(String, String)>> {
    let reader = who.clone();
    let waiting = deps
        .store
        .read(move |conn| {
            let hands = hands(conn, reader.official_id, now)?;
            list::rows(conn, &reader, &Filter::of(Tab::Waiting, hands), now, None, 1)
        })
        .await?;
    let other = waiting.into_iter().find(|(app, ..)| app.number != number);
    Ok(other.map(|(app, name, _)| (app.number, name)))
}

/// GET `/desk/applications`.
pub async fn worklist(
    req: HttpRequest,
    deps: App,
    who: Official<Desk>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    list_page(&deps, &ctx, &who, &query, Sent::default()).await
}

/// What a bulk action left for the page to show.
#[derive(Default)]
pub(super) struct Sent {
    /// The result of each row.
    pub results: Vec<Value>,
    /// Numbers that stay chosen.
    pub chosen: Vec<String>,
    /// Whether every row of the page is chosen.
    pub all: bool,
    /// The colleague who was named.
    pub to: String,
    /// What is missing.
    pub errors: Vec<FieldError>,
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
    sent: Sent,
) -> AppResult<HttpResponse> {
    let listed = read(deps, who, query, ctx.now).await?;
    let (reader, now) = (who.clone(), ctx.now);
    let colleagues = deps.store.read(move |conn| colleagues(conn, &reader, now)).await?;
    let colleagues: Vec<Choice> =
        colleagues.iter().map(|(id, name)| Choice::new(id.to_string(), name.clone())).collect();
    let tabs = tabs(ctx.lang, query, &listed);
    let current = tabs.iter().find(|t| t.get("current") == Some(&Value::Bool(true)));
    let pager = Pager {
        newer: (!query.after.is_empty()).then(|| query.link(&query.tab, "")),
        older: listed.next.as_ref().map(|next| query.link(&query.tab, next)),
        shown: listed.rows.len(),
        total: None,
    };
    let mut form = query.form().with("to", sent.to.clone());
    fail(&mut form, ctx.lang, &sent.errors);
    let status = if sent.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let data = json!({
        "office": who.office_name(ctx.english()),
        "tab": query.tab,
        "tab_label": current.and_then(|t| t.get("label")),
        "tabs": tabs,
        "figures": figures(ctx.lang, query, &listed),
        "rows": rows(ctx, who, &listed, &sent)?,
        "towns": towns(ctx.lang, &who.division),
        "kinds": views::list(ctx.lang, "reopening-kind-", &["enterprise", "individual"]),
        "stages": stages(ctx.lang)?,
        "assignees": views::list(ctx.lang, "reopening-assignee-", &["me", "none"]),
        "colleagues": colleagues,
        "bulk": !list::department(who.role),
        "everywhere": query.link("all", ""),
        "pager": pager,
        "results": sent.results,
        "form": form,
    });
    page_with(deps, ctx, status, "reopening/desk/list.html", &data)
}

/// The tabs of the role with the count of each.
fn tabs(lang: Lang, query: &Query, listed: &Listed) -> Vec<Value> {
    let current = query.filter().tab;
    listed
        .counts
        .iter()
        .map(|(code, found)| {
            let (count, more) = counted(*found);
            json!({
                "href": format!("/desk/applications?tab={code}"),
                "label": i18n::t(lang, &format!("reopening-tab-{code}"), &[]),
                "count": count,
                "more": more,
                "current": Tab::of(code) == current,
                "late": *code == "overdue",
            })
        })
        .collect()
}

/// What an official lands on: how many are overdue, taken by nobody, waiting for a decision; each leads to them.
fn figures(lang: Lang, query: &Query, listed: &Listed) -> Vec<Value> {
    if query.filter().tab != Tab::Waiting {
        return Vec::new();
    }
    let of = |code: &str| listed.counts.iter().find(|(c, _)| *c == code).map_or(0, |(_, n)| counted(*n).0);
    ["unassigned", "overdue", "deciding"]
        .into_iter()
        .map(|code| (code, of(code)))
        .filter(|(_, count)| *count > 0)
        .map(|(code, count)| {
            json!({
                "href": format!("/desk/applications?tab={code}"),
                "label": i18n::t(lang, &format!("reopening-figure-{code}"), &[("count", count.into())]),
                "late": code == "overdue",
            })
        })
        .collect()
}

fn rows(ctx: &Ctx, who: &OfficialPrincipal, listed: &Listed, sent: &Sent) -> AppResult<Vec<Value>> {
    let lang = ctx.lang;
    let row = |(app, name, assignee): &list::Row| {
        let clock = views::clock(lang, app, ctx.now)?;
        let state = list::shown_state(who.role, &app.state, !listed.unanswered.contains(&app.id));
        Ok(json!({
            "number": app.number,
            "name": name,
            "late": clock.as_ref().is_some_and(|c| c.state == "late"),
            "clock": clock,
            "town": rules::short_name(lang, &app.division),
            "kind": i18n::t(lang, &format!("reopening-kind-{}", app.kind), &[]),
            "returning": app.returning_staff,
            "state": views::state(lang, state),
            "state_kind": views::tag(state),
            "assignee": assignee,
            "chosen": sent.all || sent.chosen.contains(&app.number),
        }))
    };
    listed.rows.iter().map(row).collect()
}

/// Every state that an office can see.
fn stages(lang: Lang) -> AppResult<Vec<Choice>> {
    let all = rules::REOPENING.definition()?.states().iter().filter(|s| s.name != "draft");
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
