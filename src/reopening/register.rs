//! The public register of permits and filings: a list that anybody can search, as page, CSV and JSON. It holds what a
//! permit itself says in public (Administrative Licensing Law art. 40): business, credit code, county, kind, number,
//! day, state; nothing about people.

use super::public::standing;
use super::store_register::{self as store, Filter, Key, Listed, STATES};
use super::{rules, views};
use crate::clock::china_day;
use crate::db::Conn;
use crate::deps::App;
use crate::error::AppResult;
use crate::identity::{DivisionCode, divisions};
use crate::register::{self, Asked, Cell, Column, Field, Kind, Register, Shown, Spec};
use crate::web::ctx::Ctx;
use crate::web::i18n::{self, Lang};
use crate::web::page::province;
use crate::web::view::Choice;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The register.
pub struct Permits;

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
    pub(super) fn of(row: &Listed, now: DateTime<Utc>) -> Self {
        let county = DivisionCode::parse(&row.division).ok().and_then(DivisionCode::county);
        Self {
            number: row.number.clone(),
            kind: kind(row),
            business: row.name.clone(),
            uscc: row.uscc.clone(),
            county: county.map_or_else(|| row.division.clone(), |c| c.to_string()),
            decided_at: row.decided_at.map(|at| at.0),
            until: row.until.map(|at| at.0),
            state: state(row, now),
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

fn kind_name(lang: Lang, row: &Listed) -> String {
    i18n::t(lang, &format!("register-kind-{}", kind(row)), &[])
}

fn state(row: &Listed, now: DateTime<Utc>) -> &'static str {
    standing(&row.state, row.until.map(|until| until.0), now)
}

fn state_name(row: &Listed, shown: Shown) -> String {
    i18n::t(shown.lang, &format!("reopening-verdict-{}", state(row, shown.now)), &[])
}

/// The county of a place in words.
fn county_name(lang: Lang, division: &str) -> String {
    let county = DivisionCode::parse(division).ok().and_then(DivisionCode::county);
    county.map_or_else(String::new, |county| rules::place_name(lang, &county.to_string()))
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

impl Register for Permits {
    type Filter = Filter;
    type Row = Listed;
    type Key = Key;
    type Body = RegisterBody;

    const SPEC: Spec = Spec {
        name: "permits",
        path: "/permits",
        csv: "/permits/list.csv",
        texts: "register",
        filters: &[
            Field { name: "q", label: "register-find", kind: Kind::Text("register-find-hint") },
            Field { name: "county", label: "register-county", kind: Kind::Choice },
            Field { name: "state", label: "register-state", kind: Kind::Choice },
        ],
        columns: &[
            Column::new("register-name", ""),
            Column::new("register-state", "st"),
            Column::new("register-kind", "m"),
            Column::new("register-county", "m"),
            Column { sort: "descending", ..Column::new("register-date", "m") },
        ],
        heads: &[
            "register-number",
            "register-kind",
            "register-name",
            "register-uscc",
            "register-county",
            "register-date",
            "register-until",
            "register-state",
        ],
    };

    fn filter(asked: &Asked) -> Filter {
        let some = |name: &str| Some(asked.get(name).to_owned()).filter(|text| !text.is_empty());
        Filter {
            q: some("q"),
            county: some("county").filter(|county| DivisionCode::parse(county).is_ok()),
            state: STATES.iter().find(|state| **state == asked.get("state")).copied(),
        }
    }

    fn rows(
        conn: &mut Conn,
        filter: &Filter,
        now: DateTime<Utc>,
        after: Option<Key>,
        limit: i64,
    ) -> AppResult<Vec<Listed>> {
        store::rows(conn, filter, now, after, limit)
    }

    fn key(row: &Listed) -> Key {
        row.key()
    }

    fn cells(row: &Listed, shown: Shown) -> Vec<Cell> {
        let number = row.number.clone().unwrap_or_default();
        let tag = match state(row, shown.now) {
            "valid" => "ok",
            "suspended" => "warn",
            "revoked" => "bad",
            _ => "idle",
        };
        vec![
            Cell {
                small: row.uscc.clone(),
                href: Some(format!("/permits/{number}")),
                ..Cell::text(row.name.clone())
            },
            Cell { tag: Some(tag), ..Cell::text(state_name(row, shown)) },
            Cell { small: number, ..Cell::text(kind_name(shown.lang, row)) },
            Cell::text(county_name(shown.lang, &row.division)),
            Cell { day: row.decided_at, ..Cell::default() },
        ]
    }

    fn line(row: &Listed, shown: Shown) -> Vec<String> {
        // The exclusive end is the next midnight: people read the last day.
        let last = row.until.map(|until| china_day(until.0 - chrono::Duration::seconds(1)).to_string());
        vec![
            row.number.clone().unwrap_or_default(),
            kind_name(shown.lang, row),
            row.name.clone(),
            row.uscc.clone(),
            county_name(shown.lang, &row.division),
            row.decided_at.map(|at| china_day(at.0).to_string()).unwrap_or_default(),
            last.unwrap_or_default(),
            state_name(row, shown),
        ]
    }

    fn body(rows: &[Listed], next: Option<String>, now: DateTime<Utc>) -> RegisterBody {
        RegisterBody { permits: rows.iter().map(|row| RegisterRow::of(row, now)).collect(), next }
    }

    fn choices(deps: &App, lang: Lang, filter: &str) -> Vec<Choice> {
        match filter {
            "county" => counties(deps, lang),
            _ => views::list(lang, "reopening-verdict-", &STATES),
        }
    }
}

/// A page of the register, the newest first; with `If-None-Match` a 304 while nothing changed.
#[utoipa::path(get, path = "/api/v1/permits", tag = "permits",
    params(("q" = Option<String>, Query, description = "part of a name, a number or a credit code"),
        ("county" = Option<String>, Query, description = "division of six digits"),
        ("state" = Option<String>, Query), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = RegisterBody), (status = 304, description = "nothing changed")))]
pub async fn list_json(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    register::json::<Permits>(req, ctx, deps).await
}
