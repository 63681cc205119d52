//! What a merge of two records of one person asks of consents ([`crate::merges`]).

use super::rules::{MOST, MOST_FOR};
use crate::db::schema::proxies;
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Whether one of two records acts for the other, or asks to.
///
/// # Errors
/// Database errors.
pub fn act_for_each_other(conn: &mut Conn, one: Id, two: Id) -> AppResult<bool> {
    let found: i64 = proxies::table
        .filter(proxies::state.eq_any(["asked", "granted"]))
        .filter(
            (proxies::actor_id.eq(one).and(proxies::person_id.eq(two)))
                .or(proxies::actor_id.eq(two).and(proxies::person_id.eq(one))),
        )
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

/// Whether more accounts would act for the person of both records, or the person for more others, than may.
///
/// # Errors
/// Database errors.
pub fn too_many_act(conn: &mut Conn, one: Id, two: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let held =
        || proxies::table.filter(proxies::state.eq("granted")).filter(proxies::until_at.gt(Ts::from(now)));
    let of = held().filter(proxies::person_id.eq_any([one, two])).select(proxies::account_id).distinct();
    let by = held().filter(proxies::actor_id.eq_any([one, two])).select(proxies::person_id).distinct();
    let (of, by): (Vec<Id>, Vec<Option<Id>>) = (of.load(conn)?, by.load(conn)?);
    Ok(of.len() > usize::try_from(MOST_FOR).unwrap_or(0) || by.len() > usize::try_from(MOST).unwrap_or(0))
}

/// Accounts that act under a consent about one of two records: who the seat is may have changed.
///
/// # Errors
/// Database errors.
pub fn acting(conn: &mut Conn, ids: [Id; 2]) -> AppResult<Vec<Id>> {
    Ok(proxies::table
        .filter(proxies::state.eq("granted"))
        .filter(proxies::person_id.eq_any(ids).or(proxies::actor_id.eq_any(ids)))
        .select(proxies::account_id)
        .distinct()
        .load(conn)?)
}
