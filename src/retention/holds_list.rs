//! The holds of the province: those in force, and those that are over; the newest first. The reason of one stands on its page only.

use super::holds::{HoldView, Row, standing};
use super::store_holds::{self as store, Key};
use super::{holds, pages};
use crate::access::Role;
use crate::clock::china_day;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::worklist::{
    Among, Cell, Column, Item, Lane, Scope, Shown, Sort, Spec, Tab, Tag, Texts, Worklist, paths,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// The list.
pub(super) struct Holds;

/// A hold for programs.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldBody {
    /// Its identifier, by which it is confirmed and ended.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// Kind of the record.
    pub kind: String,
    /// Whether it is on everything of the person.
    pub whole: bool,
    /// `open`, `lapsed`, `confirmed`, `over`, `refused`, `ended`.
    pub standing: String,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub until: DateTime<Utc>,
    /// On which day somebody looks whether it is still needed.
    pub review_on: NaiveDate,
    /// Whether that is overdue.
    pub late: bool,
    /// Whether the caller entered it.
    pub own: bool,
}

/// How a hold stands, in words.
fn tags(row: &Row, who: &OfficialPrincipal, lang: Lang, now: DateTime<Utc>) -> Vec<Tag> {
    let standing = standing(row, now);
    let mut tags = match standing {
        "open" | "confirmed" => vec![Tag::new("warn", t(lang, "holds-counts", &[]))],
        _ => vec![Tag::new("idle", t(lang, "holds-over", &[]))],
    };
    if standing == "open" {
        let own = row.entered_by == who.official_id;
        let key = if own { "second-state-own" } else { "holds-unconfirmed" };
        tags.push(Tag::new(if own { "idle" } else { "info" }, t(lang, key, &[])));
    }
    if holds::is_late(row, now) {
        tags.push(Tag::new("bad", t(lang, "holds-late", &[])));
    }
    tags
}

impl Worklist for Holds {
    type Who = HoldView;
    type Row = Row;
    type Key = Key;
    type Body = HoldBody;

    const SPEC: Spec = Spec {
        name: "holds",
        id: "retention_holds.id",
        paths: paths!("/desk/holds"),
        entry: ("hold.list", "retention-hold"),
        texts: Texts {
            title: "holds-title",
            caption: "holds-title",
            tabs: "holds-title",
            empty: "holds-none",
            empty_text: "holds-none-text",
        },
        tabs: &[Tab::counted("open", "holds-counts"), Tab::plain("over", "holds-over")],
        first: |_| "open",
        filters: &[],
        sorts: &[
            Sort { code: "newest", label: Some("worklist-sort-newest") },
            Sort { code: "oldest", label: Some("worklist-sort-oldest") },
        ],
        columns: &[
            Column::new("holds-record", "", &["holds-record", "worklist-number"]),
            Column::new("holds-what", "m", &["holds-what"]),
            Column::new("records-created", "m", &["records-created"]),
            Column::new("holds-until", "m", &["holds-until"]),
            Column::new("holds-review", "m", &["holds-review"]),
            Column::new("holds-state", "st", &["holds-state"]),
        ],
        search: None,
    };

    const PAGE: &'static str = "retention/holds.html";

    fn lanes(scope: &Scope, after: Option<&Key>, limit: i64) -> Vec<Lane> {
        let states: &[(&'static str, Option<bool>)] = match scope.tab {
            "over" => {
                &[("refused", None), ("ended", None), ("open", Some(false)), ("confirmed", Some(false))]
            }
            _ => &[("open", Some(true)), ("confirmed", Some(true))],
        };
        let place = (Self::newest_first(scope), after, limit);
        states.iter().map(|(state, counts)| store::in_state(state, *counts, place, scope.now)).collect()
    }

    fn rows(conn: &mut Conn, _: &Deps, _: &Scope, among: Among) -> AppResult<Vec<Row>> {
        store::rows(conn, among)
    }

    fn id(row: &Row) -> Id {
        row.id
    }

    fn number(row: &Row) -> &str {
        &row.number
    }

    fn key(row: &Row) -> Key {
        (row.created_at, row.id)
    }

    fn newest_first(scope: &Scope) -> bool {
        scope.sort != "oldest"
    }

    fn item(deps: &Deps, who: &OfficialPrincipal, row: &Row, Shown { lang, now }: Shown) -> AppResult<Item> {
        let whole = if row.person_id.is_some() { "holds-person" } else { "holds-case" };
        let review = china_day(row.review_at.0);
        let cells = vec![
            Cell::Who {
                name: pages::words(deps, lang, &row.kind, now)?.title,
                document: None,
                number: row.number.clone(),
            },
            Cell::text(t(lang, whole, &[])),
            Cell::Moment { at: row.created_at.0 },
            Cell::Until { text: format::until(lang, row.until.0, true), at: row.until.0 },
            Cell::Day { text: format::date(lang, review, true), day: review },
            Cell::Tags { tags: tags(row, who, lang, now) },
        ];
        Ok(Item { version: 1, late: holds::is_late(row, now), cells })
    }

    fn body(_: &Deps, who: &OfficialPrincipal, row: &Row, now: DateTime<Utc>) -> AppResult<HoldBody> {
        Ok(HoldBody {
            id: row.id.0,
            number: row.number.clone(),
            kind: row.kind.clone(),
            whole: row.person_id.is_some(),
            standing: standing(row, now).to_owned(),
            created_at: row.created_at.0,
            until: row.until.0,
            review_on: china_day(row.review_at.0),
            late: holds::is_late(row, now),
            own: row.entered_by == who.official_id,
        })
    }

    fn above(who: &OfficialPrincipal, _: Lang) -> Value {
        json!({"may": who.role == Role::ProvinceOperator})
    }

    fn href(row: &Row) -> String {
        format!("/desk/holds/{}", row.id)
    }
}
