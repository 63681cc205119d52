//! SQL of the list of rights to act for businesses: pieces of indices, each of one state, in the order in which they were claimed.

use super::model::{Agent, Business};
use super::store_worklist::containing;
use crate::access;
use crate::db::conn::Multi;
use crate::db::schema::{business_agents as ag, businesses as bu};
use crate::db::types::DbUuid;
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::kept::served;
use crate::web::principal::OfficialPrincipal;
use crate::worklist::{Among, Lane, Search, Within, ordered};
use diesel::dsl::exists;
use diesel::prelude::*;

/// Where a right stands: when it was claimed, and which.
pub(super) type Key = (Ts, Id);

/// Whether the last come first, from behind which one on, and how many.
pub(super) type Place<'a> = (bool, Option<&'a Key>, i64);

type Query = ag::BoxedQuery<'static, Multi, DbUuid>;

/// Every right, without order.
fn all() -> Query {
    ag::table.select(ag::id).filter(served("business_agents")).into_boxed()
}

fn lane(query: Query, (newest_first, after, limit): Place<'_>) -> Lane {
    Lane::of(ordered!(query.limit(limit), (ag::created_at, ag::id), newest_first, after))
}

/// The rights in a state whose claim names a place in a jurisdiction; of businesses of a kind, where one is named.
pub(super) fn in_state(pattern: &str, state: &str, kind: Option<&str>, place: Place<'_>) -> Lane {
    let query = all()
        .filter(ag::state.eq(state.to_owned()))
        .filter(Within::of("business_agents.claimed_division", pattern));
    let query = match kind {
        Some(kind) => {
            let of_kind = bu::table.filter(bu::id.eq(ag::business_id)).filter(bu::kind.eq(kind.to_owned()));
            query.filter(exists(of_kind))
        }
        None => query,
    };
    lane(query, place)
}

/// Those whose claim names a place in a jurisdiction, or whose business is there by the register.
fn of_here(query: Query, pattern: &str) -> Query {
    let registered =
        bu::table.filter(bu::id.eq(ag::business_id)).filter(bu::division.like(pattern.to_owned()));
    query.filter(ag::claimed_division.like(pattern.to_owned()).or(exists(registered)))
}

/// The right with a number, where this counter may open it ([`super::store_business::agent_at`]); those of businesses with a credit
/// code or a part of the registered name; and, of those that wait, with a part of the name that is claimed.
pub(super) fn found(who: &OfficialPrincipal, search: &Search, place: Place<'_>) -> Vec<Lane> {
    let pattern = who.pattern();
    let numbered = || all().filter(ag::number.eq(search.number.clone()));
    // Whoever names the exact number of a right that waits is served at every counter of the province.
    let province = access::pattern(who.division.get(..2).unwrap_or(&who.division));
    let waits = numbered().filter(ag::state.eq("pending")).filter(ag::claimed_division.like(province));
    let coded = bu::table.filter(bu::uscc.eq(search.number.clone())).select(bu::id);
    let mut lanes = vec![
        lane(of_here(numbered(), &pattern), place),
        lane(waits, place),
        lane(of_here(all(), &pattern).filter(ag::business_id.eq_any(coded)), place),
    ];
    if let Some(part) = containing(&search.typed) {
        let named = bu::table.filter(bu::name.like(part.clone())).select(bu::id);
        lanes.push(lane(of_here(all(), &pattern).filter(ag::business_id.eq_any(named)), place));
        let claimed = all()
            .filter(ag::state.eq("pending"))
            .filter(Within::of("business_agents.claimed_division", &pattern))
            .filter(ag::claimed_name.like(part));
        lanes.push(lane(claimed, place));
    }
    lanes
}

/// The rights among those, each with its business as it is on file.
pub(super) fn rows(conn: &mut Conn, among: Among) -> AppResult<Vec<(Agent, Business)>> {
    Ok(ag::table
        .inner_join(bu::table.on(bu::id.eq(ag::business_id)))
        .filter(served("business_agents"))
        .filter(among)
        .select((Agent::as_select(), Business::as_select()))
        .load(conn)?)
}
