//! The risk levels in force as a public list for programs and spreadsheets. The page for people says more about each level
//! ([`super::risks`]).

use super::gather::risk_from;
use super::layers::{Span, spans};
use super::risks::full_name;
use super::store;
use crate::clock::china_day;
use crate::db::Conn;
use crate::deps::App;
use crate::error::AppResult;
use crate::register::{self, Asked, Cell, Column, Register, Shown, Spec};
use crate::web::ctx::Ctx;
use crate::web::i18n::{Lang, t};
use crate::web::view::Choice;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;

/// The list.
pub(super) struct Risks;

/// A division with its risk level.
#[derive(Debug, Serialize, ToSchema)]
pub struct RiskLevel {
    /// Division of six, nine or twelve digits.
    pub division: String,
    /// Its name with those of what it lies in, in Chinese.
    pub name: String,
    /// `high`, `medium`, `low`.
    pub level: String,
    /// Since when it has been of this level without a break.
    pub since: DateTime<Utc>,
    /// Exclusive end, where one is published.
    pub until: Option<DateTime<Utc>>,
    /// The document that it rests on.
    pub source: String,
}

/// A page of the levels.
#[derive(Debug, Serialize, ToSchema)]
pub struct RiskLevels {
    /// The highest first.
    pub levels: Vec<RiskLevel>,
    /// For `after`, while there are more.
    pub next: Option<String>,
}

/// The highest level first, then by division.
fn place(span: &Span) -> (Reverse<Option<crate::policy::Risk>>, String) {
    (Reverse(risk_from(&span.row.level)), span.row.division.clone())
}

fn day(at: DateTime<Utc>) -> String {
    china_day(at).to_string()
}

impl Register for Risks {
    type Filter = ();
    type Row = Span;
    type Key = (String, String);
    type Body = RiskLevels;

    const SPEC: Spec = Spec {
        name: "risks",
        path: "/risks",
        csv: "/risks/list.csv",
        texts: "risks",
        filters: &[],
        columns: &[Column::new("risks-column-place", ""), Column::new("risks-column-level", "st")],
        heads: &[
            "risks-column-division",
            "risks-column-place",
            "risks-column-level",
            "risks-column-since",
            "risks-column-until",
            "risks-column-source",
        ],
    };

    fn filter(_: &Asked) {}

    fn rows(
        conn: &mut Conn,
        _: &(),
        now: DateTime<Utc>,
        after: Option<(String, String)>,
        limit: i64,
    ) -> AppResult<Vec<Span>> {
        let mut found: Vec<Span> =
            spans(store::risks_at(conn, now)?).into_iter().filter(|span| span.meets(now, now)).collect();
        found.sort_by_cached_key(place);
        let behind = after.map(|(level, division)| (Reverse(risk_from(&level)), division));
        let rest =
            found.into_iter().filter(|span| behind.as_ref().is_none_or(|behind| place(span) > *behind));
        Ok(rest.take(usize::try_from(limit).unwrap_or(0)).collect())
    }

    fn key(row: &Span) -> (String, String) {
        (row.row.level.clone(), row.row.division.clone())
    }

    fn cells(row: &Span, shown: Shown) -> Vec<Cell> {
        let level = t(shown.lang, &format!("risk-{}", row.row.level), &[]);
        vec![Cell::text(full_name(shown.lang, &row.row.division)), Cell::text(level)]
    }

    fn line(row: &Span, shown: Shown) -> Vec<String> {
        vec![
            row.row.division.clone(),
            full_name(shown.lang, &row.row.division),
            t(shown.lang, &format!("risk-{}", row.row.level), &[]),
            day(row.held_since),
            // The exclusive end is a midnight, mostly: people read the last day.
            row.held_until.map(|until| day(until - chrono::Duration::seconds(1))).unwrap_or_default(),
            row.row.source.clone(),
        ]
    }

    fn body(rows: &[Span], next: Option<String>, _: DateTime<Utc>) -> RiskLevels {
        let level = |span: &Span| RiskLevel {
            division: span.row.division.clone(),
            name: full_name(Lang::ZhCn, &span.row.division),
            level: span.row.level.clone(),
            since: span.held_since,
            until: span.held_until,
            source: span.row.source.clone(),
        };
        RiskLevels { levels: rows.iter().map(level).collect(), next }
    }

    fn choices(_: &App, _: Lang, _: &str) -> Vec<Choice> {
        Vec::new()
    }
}

/// The risk levels in force, the highest first; with `If-None-Match` a 304 while nothing changed.
#[utoipa::path(get, path = "/api/v1/risks", tag = "risks",
    params(("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = RiskLevels), (status = 304, description = "nothing changed")))]
pub async fn list_json(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    register::json::<Risks>(req, ctx, deps).await
}
