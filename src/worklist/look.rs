//! Reading a page of a list: two queries beside the writer, and the look in the record.

use super::asked::Asked;
use super::beside::{self, Beside};
use super::cell::Item;
use super::search::{blinds, widened};
use super::sql::Among;
use super::{Shown, Worklist};
use crate::audit::{self, Actor, Entry};
use crate::db::Conn;
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::number::normalise;
use crate::web::paging::{COUNTED, PAGE_ROWS, cursor, cut, read_cursor};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Who or what is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// As the number of a case.
    pub number: String,
    /// As a name, a document or a telephone: the blind indexes under which it may be stored.
    pub blinds: Vec<Vec<u8>>,
    /// As it was typed, for what is not sealed, such as the name of a business.
    pub typed: String,
}

/// Which rows are meant.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The official whose jurisdiction it is.
    pub who: OfficialPrincipal,
    /// Code of the tab; a search goes over all.
    pub tab: &'static str,
    /// Filters by name.
    pub filters: Vec<(&'static str, String)>,
    /// Code of the order; empty for the list's own.
    pub sort: &'static str,
    /// Who or what is looked for.
    pub search: Option<Search>,
    /// The moment.
    pub now: DateTime<Utc>,
}

impl Scope {
    pub(super) fn of(deps: &Deps, who: &OfficialPrincipal, asked: &Asked, now: DateTime<Utc>) -> Self {
        let search = asked.searches().then(|| Search {
            number: normalise(&asked.q),
            blinds: blinds(&deps.keys, &asked.q),
            typed: asked.q.clone(),
        });
        let (tab, filters, sort) = (asked.tab, asked.filters.clone(), asked.sort);
        Self { who: who.clone(), tab, filters, sort, search, now }
    }

    /// Everything in a tab.
    #[must_use]
    pub fn in_tab(&self, tab: &'static str) -> Self {
        Self { tab, filters: Vec::new(), sort: "", search: None, ..self.clone() }
    }

    /// The value of a filter.
    pub fn filter(&self, name: &str) -> Option<&str> {
        self.filters.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }
}

/// A page of a list as it was read.
pub struct Listed<L: Worklist> {
    /// What was asked.
    pub asked: Asked,
    /// The rows, still sealed.
    pub rows: Vec<L::Row>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// Whether a search found more than it shows.
    pub cut: bool,
    /// Counts and views.
    pub beside: Beside,
}

impl<L: Worklist> Listed<L> {
    /// How many stand in a tab, to be read with [`crate::web::paging::counted`]; none for one that is not counted.
    pub fn count(&self, tab: &str) -> Option<i64> {
        self.beside.counts.iter().find(|(code, _)| *code == tab).map(|(_, found)| *found)
    }

    /// The rows, opened.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    pub fn items(&self, deps: &Deps, who: &OfficialPrincipal, shown: Shown) -> AppResult<Vec<Item>> {
        self.rows.iter().map(|row| L::item(deps, who, row, shown)).collect()
    }
}

/// The rows of a scope after a place, in order, at most so many: one query, and one more for a search.
///
/// # Errors
/// Database errors.
pub(super) fn rows<L: Worklist>(
    conn: &mut Conn,
    deps: &Deps,
    scope: &Scope,
    after: Option<&L::Key>,
    limit: i64,
) -> AppResult<Vec<L::Row>> {
    let wider = widened(conn, scope)?;
    let scope = wider.as_ref().unwrap_or(scope);
    let among = Among::of(L::SPEC.id, L::lanes(scope, after, limit));
    let mut rows = L::rows(conn, deps, scope, among)?;
    if L::newest_first(scope) {
        rows.sort_by_cached_key(|row| std::cmp::Reverse(L::key(row)));
    } else {
        rows.sort_by_cached_key(L::key);
    }
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(rows)
}

/// The lanes of each tab of a role that is counted.
fn counted<L: Worklist>(scope: &Scope) -> Vec<beside::Counted> {
    let tabs = L::SPEC.tabs_of(scope.who.role).filter(|tab| tab.counted);
    tabs.map(|tab| (tab.code, L::lanes(&scope.in_tab(tab.code), None, COUNTED + 1))).collect()
}

/// Reads a page and notes the look.
///
/// # Errors
/// Database errors; [`crate::error::AppError::BadRequest`] `cursor`.
pub async fn look<L: Worklist>(
    deps: &App,
    who: &OfficialPrincipal,
    asked: Asked,
    now: DateTime<Utc>,
) -> AppResult<Listed<L>> {
    let after: Option<L::Key> = if asked.after.is_empty() { None } else { Some(read_cursor(&asked.after)?) };
    let (parts, scope) = (deps.clone(), Scope::of(deps, who, &asked, now));
    let (rows, beside) = deps
        .store
        .read(move |conn| {
            let rows = rows::<L>(conn, &parts, &scope, after.as_ref(), PAGE_ROWS + 1)?;
            let (tabs, colleagues) = (counted::<L>(&scope), L::colleagues(&scope));
            let beside = beside::read(conn, L::SPEC.name, &scope.who, &tabs, colleagues.as_ref())?;
            Ok((rows, beside))
        })
        .await?;
    let (rows, more) = cut(rows, PAGE_ROWS);
    let (action, kind) = L::SPEC.entry;
    let entry = Entry::new(Actor::from(who), action, kind).detail(detail::<L>(&asked, &rows));
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    // A search is a look at somebody, not a walk through everybody: it has one page.
    let last = rows.last().filter(|_| more && !asked.searches());
    let next = last.map(|row| cursor(&L::key(row))).transpose()?;
    let rows = L::arrange(deps, asked.sort, rows)?;
    Ok(Listed { cut: more && asked.searches(), asked, rows, next, beside })
}

/// What the record keeps of a look: what was asked in codes, how many rows were seen, and a digest of which. What was
/// looked for is not in it.
pub(super) fn detail<L: Worklist>(asked: &Asked, rows: &[L::Row]) -> Value {
    let filters: Map<String, Value> =
        asked.filters.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    let digest = rows.iter().fold(Sha256::new(), |d, row| d.chain_update(L::id(row).0.as_bytes())).finalize();
    json!({
        "list": L::SPEC.name, "tab": (!asked.searches()).then_some(asked.tab), "filters": filters,
        "search": asked.searches(), "rows": rows.len(), "digest": hex::encode(digest),
    })
}

/// The first case that waits where a role lands, other than this one.
///
/// # Errors
/// Database errors.
pub async fn next_case<L: Worklist>(
    deps: &App,
    who: &OfficialPrincipal,
    number: &str,
    now: DateTime<Utc>,
) -> AppResult<Option<String>> {
    let next = next_row::<L>(deps, who, number, now).await?;
    Ok(next.map(|row| L::number(&row).to_owned()))
}

/// The same with all that the row shows.
///
/// # Errors
/// Database errors.
pub async fn next_row<L: Worklist>(
    deps: &App,
    who: &OfficialPrincipal,
    number: &str,
    now: DateTime<Utc>,
) -> AppResult<Option<L::Row>> {
    let asked = Asked::default().in_tab((L::SPEC.first)(who.role));
    let (parts, scope) = (deps.clone(), Scope::of(deps, who, &asked, now));
    let waiting = deps.store.read(move |conn| rows::<L>(conn, &parts, &scope, None, 2)).await?;
    Ok(waiting.into_iter().find(|row| L::number(row) != number))
}
