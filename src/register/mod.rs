//! Public lists: what anybody can look up, as page, JSON and CSV of one description.
//!
//! A slice says what is its own ([`Register`]): how rows are read, in what order, and what is said of one; columns and filters
//! are data ([`Spec`]). From that come the page with its search and paging by key, its JSON twin, the file, and a mark of what
//! was answered (`ETag`), so that whoever asks again for the same is told that nothing has changed.

mod answer;
mod page;
mod spec;

pub use answer::tagged;
pub use page::{csv, json, list};
pub use spec::{Asked, Cell, Column, Field, Kind, Spec};

use crate::db::Conn;
use crate::deps::App;
use crate::error::AppResult;
use crate::web::i18n::Lang;
use crate::web::view::Choice;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A public list.
pub trait Register: Sized + 'static {
    /// What it is narrowed to.
    type Filter: Clone + Send + 'static;
    /// A row as it is read: public columns only.
    type Row: Send + 'static;
    /// Where a row stands: the sort key that makes its place unique.
    type Key: Serialize + DeserializeOwned + Send + 'static;
    /// A page for programs.
    type Body: Serialize;

    /// Addresses, texts, columns and filters.
    const SPEC: Spec;

    /// What was asked, as far as it can be answered; the rest counts for nothing.
    fn filter(asked: &Asked) -> Self::Filter;

    /// Up to `limit` rows after a key, in the order of the list.
    ///
    /// # Errors
    /// Database errors.
    fn rows(
        conn: &mut Conn,
        filter: &Self::Filter,
        now: DateTime<Utc>,
        after: Option<Self::Key>,
        limit: i64,
    ) -> AppResult<Vec<Self::Row>>;

    /// Where a row stands.
    fn key(row: &Self::Row) -> Self::Key;

    /// A row on the page: one cell for each column.
    fn cells(row: &Self::Row, shown: Shown) -> Vec<Cell>;

    /// A row of the file: one text for each head.
    fn line(row: &Self::Row, shown: Shown) -> Vec<String>;

    /// A page for programs, and where the next one begins.
    fn body(rows: &[Self::Row], next: Option<String>, now: DateTime<Utc>) -> Self::Body;

    /// The answers of a filter.
    fn choices(deps: &App, lang: Lang, filter: &str) -> Vec<Choice>;
}

/// For whom and when a row is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The language.
    pub lang: Lang,
    /// The moment.
    pub now: DateTime<Utc>,
}
