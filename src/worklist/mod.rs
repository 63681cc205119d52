//! Lists at which officials work: one trait from which everything comes that such a list can do.
//!
//! A slice says what is its own ([`Worklist`]): which rows stand in a tab ([`Worklist::lanes`]), how a row is read and what
//! it shows; the columns, tabs, filters and orders are data ([`Spec`]). From that come the page, its JSON twin, CSV and
//! XLSX, the search, keyset paging, counted tabs, saved views, choosing rows and acting on them, and the next case.
//!
//! **A page is two queries, however many rows there are.** The first reads the rows: each *lane* is a piece of an index in
//! its own order, of which no more is read than may stand on the page ([`sql`]). The second counts the tabs, each no
//! further than [`COUNTED`](crate::web::paging::COUNTED), and brings the saved views ([`beside`]). Both run beside the
//! writer; the writer only notes the look, and names are unsealed after the connection is free again.
//!
//! Who may see a row is a condition of its lane, so that page, count, search and file cannot differ in it.

mod api;
mod asked;
mod beside;
mod bulk;
mod cell;
mod described;
mod export;
mod holder;
mod look;
mod page;
mod place;
mod search;
mod sheet;
mod spec;
mod sql;
mod store;
mod twin;
mod views;

pub use api::{CountBody, Listing, SearchInput, listing, listing_of_search};
pub use asked::Asked;
pub use beside::Beside;
pub use bulk::{Act, Bulk, Outcome, bulk, refusal};
pub use cell::{Cell, Field, Item, Tag};
pub use holder::Holder;
pub use look::{Listed, Scope, Search, look, next_case, next_row};
pub use page::{Choosing, Figure, Frame, Link, Sharing, again};
pub use place::{below, within_reach};
pub use search::blinds;
pub(crate) use search::looked_for;
pub(crate) use spec::paths;
pub use spec::{Column, Filter, Paths, Sort, Spec, Tab, Texts};
pub use sql::{Among, Lane, Within};
pub(crate) use sql::{behind, in_order, ordered};

use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::urgency::Urgency;
use crate::web::factor::Unasked;
use crate::web::guard::Roles;
use crate::web::i18n::Lang;
use crate::web::principal::OfficialPrincipal;
use crate::web::route::{Routes, Who};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

/// A list at which officials work.
pub trait Worklist: Sized + 'static {
    /// Who works at it.
    type Who: Roles;
    /// A row as it is read: sealed, with all that it needs to be shown.
    type Row: Send + 'static;
    /// Where a row stands: the sort key that makes its place unique.
    type Key: Ord + Serialize + DeserializeOwned + Send + 'static;
    /// A row for programs.
    type Body: Serialize + ToSchema + 'static;

    /// Names, columns, tabs, filters and orders.
    const SPEC: Spec;

    /// The template of its page. One that has something of its own above the rows extends this one and fills its block
    /// `above`.
    const PAGE: &'static str = "worklist/list.html";

    /// Which rows stand in the scope: pieces of indices, each in the order of the page, limited to the jurisdiction and to
    /// what is not past its period. No lane gives more than `limit` rows, all of them after `after`; only what a few
    /// people have taken may be given as a whole, since it is not much.
    fn lanes(scope: &Scope, after: Option<&Self::Key>, limit: i64) -> Vec<Lane>;

    /// Colleagues to whom rows can be given: a statement of their identifiers. None where nothing is given.
    fn colleagues(_scope: &Scope) -> Option<Lane> {
        None
    }

    /// Reads the rows among those, in one query.
    ///
    /// # Errors
    /// Database errors.
    fn rows(conn: &mut Conn, deps: &Deps, scope: &Scope, among: Among) -> AppResult<Vec<Self::Row>>;

    /// The identifier of a row.
    fn id(row: &Self::Row) -> Id;

    /// The number of its case.
    fn number(row: &Self::Row) -> &str;

    /// Where a row stands.
    fn key(row: &Self::Row) -> Self::Key;

    /// Whether the last come first in a scope.
    fn newest_first(scope: &Scope) -> bool;

    /// Sorts a page by what no database can sort by, since it is sealed; such an order is one of the page only.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    fn arrange(_deps: &Deps, _sort: &str, rows: Vec<Self::Row>) -> AppResult<Vec<Self::Row>> {
        Ok(rows)
    }

    /// Opens what a row shows. It is done when the database is no longer held.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    fn item(deps: &Deps, who: &OfficialPrincipal, row: &Self::Row, shown: Shown) -> AppResult<Item>;

    /// The same for programs.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    fn body(
        deps: &Deps,
        who: &OfficialPrincipal,
        row: &Self::Row,
        now: DateTime<Utc>,
    ) -> AppResult<Self::Body>;

    /// What the page has beside the list.
    fn frame(_listed: &Listed<Self>, _who: &OfficialPrincipal, _lang: Lang) -> Frame {
        Frame::default()
    }

    /// What a template of the list's own has to show above the rows, as `above`.
    fn above(_who: &OfficialPrincipal, _lang: Lang) -> Value {
        Value::Null
    }

    /// Where a row leads: to its case below the page, under its number.
    fn href(row: &Self::Row) -> String {
        format!("{}/{}", Self::SPEC.paths.page, Self::number(row))
    }
}

/// For whom and when a row is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The language.
    pub lang: Lang,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// Mounts a list: the page and its search, the files, and what is done with views.
pub fn routes<L: Worklist>(r: &mut Routes) {
    let (paths, who) = (L::SPEC.paths, Who::Roles(<L::Who as Roles>::ROLES));
    r.get(paths.page, who, page::list::<L>).about(described::page::<L>());
    if L::SPEC.search.is_some() {
        r.post(paths.page, who, page::search::<L>).about(described::search()).unasked(Unasked::Looks);
    }
    let (csv, xlsx) = (described::file::<L>(&["text/csv"]), described::file::<L>(&[export::XLSX]));
    r.get(paths.csv, who, export::csv::<L>).about(csv).urgent(Urgency::Files);
    r.get(paths.xlsx, who, export::xlsx::<L>).about(xlsx).urgent(Urgency::Files);
    r.post(paths.views, who, views::change::<L>).about(described::views::<L>()).unasked(Unasked::Arranges);
}
