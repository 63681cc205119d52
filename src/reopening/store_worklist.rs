//! SQL of the list of applications: pieces of indices, each of one state, in the order of the limits.

use super::model::Application;
use crate::access::Role;
use crate::case::{Hands, by_hands};
use crate::db::conn::Multi;
use crate::db::schema::{application_reviews as rv, applications as ap, businesses as bu, officials};
use crate::db::types::DbUuid;
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::kept::served;
use crate::worklist::{Among, Lane, Search, Within, ordered};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// Where an application stands: what has a limit first, by it; then what has none. What is listed by another moment (decided,
/// found) stands by that one.
pub(super) type Key = (bool, Option<Ts>, Id);

/// An application, the name of its business, who has taken it, and whether a department still owes its opinion.
pub(super) type Joined = (Application, String, Option<String>, bool);

/// What departments have said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opinions {
    /// Whatever.
    Any,
    /// One is missing.
    Missing,
    /// That of this department is missing.
    MissingOf(Role),
    /// All are there.
    Complete,
}

/// To what a list is limited.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    /// The jurisdiction, or a place in it.
    pub pattern: String,
    /// `enterprise` or `individual`.
    pub kind: Option<String>,
    /// In whose hands.
    pub hands: Hands,
    /// What departments have said.
    pub opinions: Opinions,
}

type Query = ap::BoxedQuery<'static, Multi, DbUuid>;

/// The applications that may stand in the list, without order.
fn all(f: &Filter) -> Query {
    let query = ap::table
        .select(ap::id)
        .filter(served("applications"))
        .filter(Within::of("applications.division", &f.pattern))
        .filter(ap::submitted_at.is_not_null())
        .into_boxed();
    let query = match &f.kind {
        Some(kind) => query.filter(ap::kind.eq(kind.clone())),
        None => query,
    };
    let pending = || rv::table.filter(rv::application_id.eq(ap::id)).filter(rv::state.eq("pending"));
    match f.opinions {
        Opinions::Any => query,
        Opinions::Missing => query.filter(exists(pending())),
        Opinions::MissingOf(role) => query.filter(exists(pending().filter(rv::department.eq(role.code())))),
        Opinions::Complete => query.filter(not(exists(pending()))),
    }
}

/// Those of a state with a limit, from behind the key on.
fn limited(f: &Filter, state: &str, after: Option<&Key>) -> Option<Query> {
    let query = all(f).filter(ap::state.eq(state.to_owned())).filter(ap::due_at.is_not_null());
    match after {
        None => Some(query),
        Some((false, Some(due), id)) => {
            // The first part alone bounds the scan of the index.
            Some(query.filter(ap::due_at.ge(*due)).filter(ap::due_at.gt(*due).or(ap::id.gt(*id))))
        }
        // All of them stand before it.
        Some(_) => None,
    }
}

/// Those of a state without a limit, from behind the key on.
fn unlimited(f: &Filter, state: &str, after: Option<&Key>) -> Query {
    let query = all(f).filter(ap::state.eq(state.to_owned())).filter(ap::due_at.is_null());
    match after {
        Some((true, _, id)) => query.filter(ap::id.gt(*id)),
        _ => query,
    }
}

/// In the order of the limits. Of what has none the limit is named, too: so the order is that of the index.
fn by_limit(query: Query, limit: i64) -> Lane {
    Lane::of(query.order((ap::due_at.asc(), ap::id.asc())).limit(limit))
}

/// The applications in a state, the earliest limit first: an index each for counties, prefectures and the province has
/// them in this order.
pub(super) fn in_state(f: &Filter, state: &str, after: Option<&Key>, limit: i64) -> Vec<Lane> {
    let pieces =
        || limited(f, state, after).into_iter().chain([unlimited(f, state, after)]).collect::<Vec<_>>();
    by_hands!(f.hands, ap::assignee, pieces, |query: Query| by_limit(query, limit))
}

/// Those in a state whose limit is over.
pub(super) fn overdue(f: &Filter, state: &str, now: Ts, after: Option<&Key>, limit: i64) -> Vec<Lane> {
    let pieces = || {
        let late = limited(f, state, after).map(|query| query.filter(ap::due_at.le(now)));
        late.into_iter().collect::<Vec<_>>()
    };
    by_hands!(f.hands, ap::assignee, pieces, |query: Query| by_limit(query, limit))
}

/// Those that were decided since a moment, the last first.
pub(super) fn decided(
    f: &Filter,
    (state, since): (Option<&str>, Ts),
    after: Option<&Key>,
    limit: i64,
) -> Vec<Lane> {
    let pieces = || {
        let query = all(f).filter(ap::decided_at.ge(since));
        let query = match state {
            Some(state) => query.filter(ap::state.eq(state.to_owned())),
            None => query,
        };
        vec![match after {
            Some((_, Some(at), id)) => {
                query.filter(ap::decided_at.le(*at)).filter(ap::decided_at.lt(*at).or(ap::id.lt(*id)))
            }
            _ => query,
        }]
    };
    let ordered = |query: Query| Lane::of(query.order((ap::decided_at.desc(), ap::id.desc())).limit(limit));
    by_hands!(f.hands, ap::assignee, pieces, ordered)
}

/// `%text%` without the wildcards that were typed; none where nothing is left.
pub(super) fn containing(text: &str) -> Option<String> {
    let plain: String = text.trim().chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    (!plain.is_empty()).then(|| format!("%{plain}%"))
}

/// The application of a jurisdiction with a number, and those of businesses with a credit code or a part of the name.
pub(super) fn found(pattern: &str, search: &Search, after: Option<&Key>, limit: i64) -> Vec<Lane> {
    let key = after.and_then(|(_, at, id)| Some(((*at)?, *id)));
    let here = || {
        ap::table
            .select(ap::id)
            .filter(served("applications"))
            .filter(Within::of("applications.division", pattern))
            .filter(ap::submitted_at.is_not_null())
            .limit(limit)
            .into_boxed::<Multi>()
    };
    let lane = |query: Query| Lane::of(ordered!(query, (ap::created_at, ap::id), true, key.as_ref()));
    let numbered = here().filter(ap::number.eq(search.number.clone()));
    let mut lanes = vec![lane(numbered)];
    // One that is found by its number is found once.
    let other = || here().filter(ap::number.ne(search.number.clone()));
    let coded = || bu::table.filter(bu::uscc.eq(search.number.clone())).select(bu::id);
    lanes.push(lane(other().filter(ap::business_id.eq_any(coded()))));
    if let Some(part) = containing(&search.typed) {
        let named = bu::table.filter(bu::name.like(part)).filter(bu::uscc.ne(search.number.clone()));
        lanes.push(lane(other().filter(ap::business_id.eq_any(named.select(bu::id)))));
    }
    lanes
}

/// The rows among those.
pub(super) fn rows(conn: &mut Conn, among: Among) -> AppResult<Vec<Joined>> {
    let pending = rv::table.filter(rv::application_id.eq(ap::id)).filter(rv::state.eq("pending"));
    Ok(ap::table
        .inner_join(bu::table.on(bu::id.eq(ap::business_id)))
        .left_join(officials::table.on(officials::id.nullable().eq(ap::assignee)))
        .filter(served("applications"))
        .filter(among)
        .select((Application::as_select(), bu::name, officials::name.nullable(), exists(pending)))
        .load(conn)?)
}

#[cfg(test)]
mod tests {
    use super::containing;

    #[test]
    fn a_part_of_a_name_has_no_wildcards() {
        assert_eq!(containing(" 渠江 ").as_deref(), Some("%渠江%"));
        assert_eq!(containing("100%_\\").as_deref(), Some("%100%"));
        assert_eq!(containing("%_"), None, "that would be every business");
    }
}
