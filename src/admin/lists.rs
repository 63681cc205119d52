//! The lists of offices and officials: what is asked for and what is found, the same for pages and programs.

use super::store::{self, OfficeRow, OfficialRow, Reach};
use super::store_lists::{self, ByOfficial, Offices, Officials, Post};
use super::views::Order;
use crate::access::Role;
use crate::db::Id;
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::officials::OfficeKind;
use crate::web::paging::{PAGE_ROWS, cursor, cut, read_cursor};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// States of an official, as they are stored nowhere but follow from the row.
pub(super) const STATES: [&str; 4] = ["new", "active", "locked", "disabled"];

/// The query of a list; what is empty is not asked for.
#[derive(Debug, Default, Clone, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub(super) struct Query {
    /// Part of a name, or of a sign-in name.
    pub q: String,
    /// Officials: the code of a role.
    pub role: String,
    /// Officials: one of [`STATES`].
    pub state: String,
    /// Offices: the code of a kind.
    pub kind: String,
    /// Officials: `login`, `name`, `last-sign-in`; offices: `division`, `name`.
    pub sort: String,
    /// Where the page before ended.
    pub after: String,
}

impl Query {
    pub(super) fn words(&self) -> String {
        self.q.trim().chars().filter(|c| !c.is_control()).take(60).collect()
    }

    /// The same list sorted otherwise, or gone on with.
    pub(super) fn link(&self, path: &str, sort: &str, after: &str) -> String {
        let words = self.words();
        let all = [
            ("q", words.as_str()),
            ("role", &self.role),
            ("state", &self.state),
            ("kind", &self.kind),
            ("sort", sort),
            ("after", after),
        ];
        let given: Vec<_> = all.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        match serde_urlencoded::to_string(given) {
            Ok(query) if !query.is_empty() => format!("{path}?{query}"),
            _ => path.to_owned(),
        }
    }

    /// A column by which the list can be sorted.
    pub(super) fn order(&self, path: &str, sort: &str) -> Order {
        Order { current: self.sort == sort, href: self.link(path, sort, "") }
    }

    fn officials(&self) -> AppResult<Officials> {
        let role = chosen("role", &self.role, |code| Role::ALL.iter().copied().find(|r| r.code() == code))?;
        let state = chosen("state", &self.state, |code| STATES.into_iter().find(|s| *s == code))?;
        let sort = chosen("sort", &self.sort, |code| match code {
            "login" => Some(ByOfficial::Login),
            "name" => Some(ByOfficial::Name),
            "last-sign-in" => Some(ByOfficial::SignIn),
            _ => None,
        })?;
        let after = chosen_cursor(&self.after)?;
        Ok(Officials { words: self.words(), role, state, sort: sort.unwrap_or_default(), after })
    }

    fn offices(&self) -> AppResult<Offices> {
        let kind = chosen("kind", &self.kind, |code| OfficeKind::from_code(code).map(OfficeKind::code))?;
        let by_name = chosen("sort", &self.sort, |code| match code {
            "division" => Some(false),
            "name" => Some(true),
            _ => None,
        })?;
        let after = chosen_cursor(&self.after)?;
        Ok(Offices { words: self.words(), kind, by_name: by_name.unwrap_or_default(), after })
    }
}

/// What a code means; nothing for an empty one.
fn chosen<T>(field: &str, code: &str, meaning: impl Fn(&str) -> Option<T>) -> AppResult<Option<T>> {
    if code.is_empty() {
        return Ok(None);
    }
    meaning(code).map(Some).ok_or_else(|| AppError::field(field, "invalid"))
}

fn chosen_cursor<K: serde::de::DeserializeOwned>(text: &str) -> AppResult<Option<K>> {
    if text.is_empty() { Ok(None) } else { read_cursor(text).map(Some) }
}

/// An official with the rights that hold now.
pub(super) struct OfficialLine {
    pub row: OfficialRow,
    pub posts: Vec<Post>,
}

/// A page of officials and the cursor of the next.
pub(super) async fn officials(
    deps: &Deps,
    by: &OfficialPrincipal,
    query: &Query,
    now: DateTime<Utc>,
) -> AppResult<(Vec<OfficialLine>, Option<String>)> {
    let (reach, asked) = (Reach::of(by, now), query.officials()?);
    let (rows, more, mut posts) = deps
        .store
        .read(move |c| {
            let (rows, more) = cut(store_lists::officials(c, &reach, &asked, PAGE_ROWS + 1)?, PAGE_ROWS);
            let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
            let posts = store_lists::posts(c, &ids, now)?;
            Ok((rows, more, posts))
        })
        .await?;
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some(cursor(&store_lists::key(last))?),
        None => None,
    };
    let line = |row: OfficialRow| OfficialLine { posts: posts.remove(&row.id).unwrap_or_default(), row };
    Ok((rows.into_iter().map(line).collect(), next))
}

/// One official with the rights that hold now, and every right.
pub(super) async fn official(
    deps: &Deps,
    by: &OfficialPrincipal,
    id: Id,
    now: DateTime<Utc>,
) -> AppResult<(OfficialLine, Vec<store::AssignmentRow>)> {
    let reach = Reach::of(by, now);
    deps.store
        .read(move |c| {
            let row = store::official(c, &reach, id)?;
            let posts = store_lists::posts(c, &[id], now)?.remove(&id).unwrap_or_default();
            Ok((OfficialLine { row, posts }, store::assignments_of(c, id)?))
        })
        .await
}

/// An office and how many officials have a right in it now.
pub(super) struct OfficeLine {
    pub row: OfficeRow,
    pub staff: i64,
}

/// A page of offices and the cursor of the next.
pub(super) async fn offices(
    deps: &Deps,
    by: &OfficialPrincipal,
    query: &Query,
    now: DateTime<Utc>,
) -> AppResult<(Vec<OfficeLine>, Option<String>)> {
    let (reach, asked) = (Reach::of(by, now), query.offices()?);
    let by_name = asked.by_name;
    let (rows, more, staff) = deps
        .store
        .read(move |c| {
            let (rows, more) = cut(store_lists::offices(c, &reach, &asked, PAGE_ROWS + 1)?, PAGE_ROWS);
            let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
            let staff = store_lists::staff_of(c, &ids, now)?;
            Ok((rows, more, staff))
        })
        .await?;
    let next = match rows.last().filter(|_| more) {
        Some(last) if by_name => Some(cursor(&(&last.name, last.id))?),
        Some(last) => Some(cursor(&(&last.division, last.id))?),
        None => None,
    };
    let line = |row: OfficeRow| OfficeLine { staff: staff.get(&row.id).copied().unwrap_or(0), row };
    Ok((rows.into_iter().map(line).collect(), next))
}

/// One office.
pub(super) async fn office(
    deps: &Deps,
    by: &OfficialPrincipal,
    id: Id,
    now: DateTime<Utc>,
) -> AppResult<OfficeLine> {
    let reach = Reach::of(by, now);
    deps.store
        .read(move |c| {
            let row = store::office(c, &reach, id)?;
            let staff = store_lists::staff_of(c, &[id], now)?.get(&id).copied().unwrap_or(0);
            Ok(OfficeLine { row, staff })
        })
        .await
}
