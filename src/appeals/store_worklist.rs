//! SQL of the reviewers' list.

use super::model::Row;
use crate::case::{Hands, by_hands};
use crate::db::conn::Multi;
use crate::db::schema::{code_appeals, officials, persons};
use crate::db::types::DbUuid;
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::kept::served;
use crate::worklist::{Among, Holder, Lane, Search, Within, behind, in_order, looked_for};
use diesel::prelude::*;

/// Where an appeal stands: when it was sent; the first condition of what comes after it alone bounds the scan of an index.
pub(super) type Key = (Ts, Id);

type Query = code_appeals::BoxedQuery<'static, Multi, DbUuid>;

/// The appeals of a jurisdiction in a state, the first or the last first: an index each for counties, prefectures and the
/// province has them in this order. The limit of days is the same for all, so the order of arrival is that of the limits.
pub(super) fn in_state(
    (pattern, hands): (&str, Hands),
    state: &str,
    newest_first: bool,
    after: Option<&Key>,
    limit: i64,
) -> Vec<Lane> {
    let pieces = || {
        let query = code_appeals::table
            .filter(served("code_appeals"))
            .filter(code_appeals::state.eq(state.to_owned()))
            .filter(Within::of("code_appeals.division", pattern))
            .select(code_appeals::id)
            .into_boxed::<Multi>();
        let query: Query = behind!(query, (code_appeals::created_at, code_appeals::id), newest_first, after);
        vec![query]
    };
    let ordered = |query: Query| {
        let query: Query = in_order!(query, (code_appeals::created_at, code_appeals::id), newest_first);
        Lane::of(query.limit(limit))
    };
    by_hands!(hands, code_appeals::assignee, pieces, ordered)
}

/// The appeal of a jurisdiction with a number, and those of persons with a name, document or telephone.
pub(super) fn found(pattern: &str, search: &Search, limit: i64) -> Vec<Lane> {
    let here = || {
        code_appeals::table
            .filter(served("code_appeals"))
            .filter(Within::of("code_appeals.division", pattern))
            .select(code_appeals::id)
            .order((code_appeals::created_at.desc(), code_appeals::id.desc()))
            .limit(limit)
    };
    let numbered = here().filter(code_appeals::number.eq(search.number.clone()));
    let meant = persons::table.filter(looked_for!(search)).select(persons::id);
    let theirs = here().filter(code_appeals::person_id.eq_any(meant)).filter(
        // One that is found by its number is found once.
        code_appeals::number.ne(search.number.clone()),
    );
    vec![Lane::of(numbered.into_boxed()), Lane::of(theirs.into_boxed())]
}

/// An appeal, whose it is, and who has taken it.
type Joined = (Row, Holder, Option<String>);

/// The rows among those.
pub(super) fn rows(conn: &mut Conn, among: Among) -> AppResult<Vec<Joined>> {
    Ok(code_appeals::table
        .inner_join(persons::table.on(persons::id.eq(code_appeals::person_id)))
        .left_join(officials::table.on(officials::id.nullable().eq(code_appeals::assignee)))
        .filter(served("code_appeals"))
        .filter(among)
        .select((Row::as_select(), Holder::as_select(), officials::name.nullable()))
        .load(conn)?)
}
