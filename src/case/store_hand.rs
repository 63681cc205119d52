//! SQL of whose hands a case is in.

use crate::db::schema::{assignments, officials};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::worklist::{Lane, Scope};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A post: role and division.
pub(super) type Post = (String, String);

/// The posts in force of an official but one.
pub(super) fn other_posts(
    conn: &mut Conn,
    official: Id,
    but: Id,
    now: DateTime<Utc>,
) -> AppResult<Vec<Post>> {
    let now = Ts::from(now);
    Ok(assignments::table
        .filter(assignments::official_id.eq(official))
        .filter(assignments::id.ne(but))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .select((assignments::role, assignments::division))
        .load(conn)?)
}

/// Name of an official, for colleagues.
pub(super) fn name(conn: &mut Conn, official: Id) -> AppResult<String> {
    Ok(officials::table.find(official).select(officials::name).first(conn)?)
}

/// For a list: the colleagues to whom its rows can be given, as [`super::colleagues`] has them.
pub fn colleagues_of(scope: &Scope) -> Lane {
    let now = Ts::from(scope.now);
    Lane::of(
        assignments::table
            .inner_join(officials::table.on(officials::id.eq(assignments::official_id)))
            .filter(assignments::office_id.eq(scope.who.office_id))
            .filter(assignments::role.eq(scope.who.role.code()))
            .filter(assignments::valid_from.le(now))
            .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
            .filter(officials::active.eq(true))
            .select(officials::id)
            .into_boxed(),
    )
}
