//! The claims of a jurisdiction that wait for a check, the longest wait first. One that waits elsewhere is opened by its number.

use super::counter::{ClaimDesk, place};
use super::counter_api::{ClaimBody, body};
use super::store_claims::{self as claims, ClaimRow, Key};
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::web::format;
use crate::web::principal::OfficialPrincipal;
use crate::worklist::{
    self, Among, Cell, Column, Filter, Item, Lane, Scope, Shown, Sort, Spec, Tab, Texts, Worklist, paths,
};
use chrono::{DateTime, Utc};

/// The list.
pub(super) struct Claims;

impl Worklist for Claims {
    type Who = ClaimDesk;
    type Row = ClaimRow;
    type Key = Key;
    type Body = ClaimBody;

    const SPEC: Spec = Spec {
        name: "claims",
        id: "identity_claims.id",
        paths: paths!("/desk/claims"),
        entry: ("claims.view", "claim"),
        texts: Texts {
            title: "claims-title",
            caption: "claims-waiting",
            tabs: "claims-title",
            empty: "claims-none",
            empty_text: "claims-none-text",
        },
        tabs: &[Tab::plain("open", "claims-waiting")],
        first: |_| "open",
        filters: &[Filter {
            name: "place",
            label: "worklist-place",
            choices: |who, _, lang| worklist::below(who, lang),
        }],
        sorts: &[
            Sort { code: "oldest", label: Some("worklist-sort-oldest") },
            Sort { code: "newest", label: Some("worklist-sort-newest") },
        ],
        columns: &[
            Column::new("claims-claim", "", &["worklist-name", "worklist-number"]),
            Column::new("claims-place", "m", &["claims-place"]),
            Column::new("claims-since", "m", &["claims-since"]),
        ],
        search: None,
    };

    const PAGE: &'static str = "accounts/desk/claims.html";

    fn lanes(scope: &Scope, after: Option<&Key>, limit: i64) -> Vec<Lane> {
        let pattern = worklist::within_reach(&scope.who, scope.filter("place"));
        vec![claims::open_in(&pattern, Self::newest_first(scope), after, limit)]
    }

    fn rows(conn: &mut Conn, _: &Deps, _: &Scope, among: Among) -> AppResult<Vec<ClaimRow>> {
        claims::rows(conn, among)
    }

    fn id(row: &ClaimRow) -> Id {
        row.id
    }

    fn number(row: &ClaimRow) -> &str {
        &row.number
    }

    fn key(row: &ClaimRow) -> Key {
        (row.created_at, row.id)
    }

    fn newest_first(scope: &Scope) -> bool {
        scope.sort == "newest"
    }

    /// Nothing that the claimant did not state, and that masked.
    fn item(deps: &Deps, _: &OfficialPrincipal, row: &ClaimRow, shown: Shown) -> AppResult<Item> {
        let Shown { lang, now } = shown;
        let (name, since) = (row.stated(&deps.keys)?.0, row.created_at.0);
        let cells = vec![
            Cell::Who { name: name.masked(), document: None, number: row.number.clone() },
            Cell::text(place(lang, &row.division)),
            Cell::Since {
                text: format::duration(lang, now - since),
                note: format::when(lang, since, now),
                at: since,
            },
        ];
        Ok(Item { version: row.version, late: false, cells })
    }

    fn body(deps: &Deps, _: &OfficialPrincipal, row: &ClaimRow, _: DateTime<Utc>) -> AppResult<ClaimBody> {
        body(deps, row)
    }
}
