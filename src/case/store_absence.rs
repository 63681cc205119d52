//! SQL of absences.

use super::absence::NewAbsence;
use crate::access::Role;
use crate::db::schema::{assignments, official_absences as oa, officials};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// An absence as its page shows it: who is meant is the substitute for whoever is away, and the other way round.
#[derive(Debug, Clone)]
pub(super) struct Absence {
    pub id: Id,
    pub name: String,
    pub from: DateTime<Utc>,
    /// Exclusive.
    pub to: DateTime<Utc>,
}

/// Keeps others waiting who enter an absence of an official, until the end of the transaction.
pub(super) fn hold(tx: &mut Tx<'_>, official: Id) -> AppResult<()> {
    diesel::update(officials::table.find(official))
        .set(officials::active.eq(officials::active))
        .execute(tx.conn())?;
    Ok(())
}

pub(super) fn add(tx: &mut Tx<'_>, official: Id, new: &NewAbsence, now: DateTime<Utc>) -> AppResult<Id> {
    let id = Id::new();
    diesel::insert_into(oa::table)
        .values((
            oa::id.eq(id),
            oa::official_id.eq(official),
            oa::substitute_id.eq(new.substitute),
            oa::from_at.eq(Ts::from(new.from)),
            oa::to_at.eq(Ts::from(new.to)),
            oa::created_at.eq(Ts::from(now)),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Ends an absence; whether it was the official's and not over. One that has not begun is gone.
pub(super) fn end(tx: &mut Tx<'_>, official: Id, id: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let now = Ts::from(now);
    let ahead = oa::table.find(id).filter(oa::official_id.eq(official)).filter(oa::from_at.gt(now));
    if diesel::delete(ahead).execute(tx.conn())? == 1 {
        return Ok(true);
    }
    let begun = oa::table.find(id).filter(oa::official_id.eq(official)).filter(oa::to_at.gt(now));
    Ok(diesel::update(begun).set(oa::to_at.eq(now)).execute(tx.conn())? == 1)
}

/// Whether an official is away at some moment of a time.
pub(super) fn is_away(
    conn: &mut Conn,
    official: Id,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> AppResult<bool> {
    let count: i64 = oa::table
        .filter(oa::official_id.eq(official))
        .filter(oa::from_at.lt(Ts::from(to)))
        .filter(oa::to_at.gt(Ts::from(from)))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

/// Whether an official stands in for somebody at some moment of a time.
pub(super) fn stands_in(
    conn: &mut Conn,
    official: Id,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> AppResult<bool> {
    let count: i64 = oa::table
        .filter(oa::substitute_id.eq(official))
        .filter(oa::from_at.lt(Ts::from(to)))
        .filter(oa::to_at.gt(Ts::from(from)))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

/// For whom an official stands in at a moment.
pub(super) fn stood_in_for(conn: &mut Conn, official: Id, now: DateTime<Utc>) -> AppResult<Vec<Id>> {
    let now = Ts::from(now);
    Ok(oa::table
        .filter(oa::substitute_id.eq(official))
        .filter(oa::from_at.le(now))
        .filter(oa::to_at.gt(now))
        .select(oa::official_id)
        .load(conn)?)
}

/// Those of some officials who are away at a moment, with who stands in and can still sign in.
pub(super) fn substitutes(conn: &mut Conn, of: &[Id], now: DateTime<Utc>) -> AppResult<BTreeMap<Id, Id>> {
    let now = Ts::from(now);
    let pairs: Vec<(Id, Id)> = oa::table
        .inner_join(officials::table.on(officials::id.eq(oa::substitute_id)))
        .filter(officials::active.eq(true))
        .filter(oa::official_id.eq_any(of.to_vec()))
        .filter(oa::from_at.le(now))
        .filter(oa::to_at.gt(now))
        .select((oa::official_id, oa::substitute_id))
        .load(conn)?;
    Ok(pairs.into_iter().collect())
}

/// The official's own absences that are not over, the first to begin first, with who stands in.
pub(super) fn own(conn: &mut Conn, official: Id, now: DateTime<Utc>) -> AppResult<Vec<Absence>> {
    let rows: Vec<(Id, String, Ts, Ts)> = oa::table
        .inner_join(officials::table.on(officials::id.eq(oa::substitute_id)))
        .filter(oa::official_id.eq(official))
        .filter(oa::to_at.gt(Ts::from(now)))
        .order((oa::from_at.asc(), oa::id.asc()))
        .select((oa::id, officials::name, oa::from_at, oa::to_at))
        .load(conn)?;
    Ok(rows.into_iter().map(absence).collect())
}

/// The absences of others for whom the official stands in.
pub(super) fn of_others(conn: &mut Conn, official: Id, now: DateTime<Utc>) -> AppResult<Vec<Absence>> {
    let rows: Vec<(Id, String, Ts, Ts)> = oa::table
        .inner_join(officials::table.on(officials::id.eq(oa::official_id)))
        .filter(oa::substitute_id.eq(official))
        .filter(oa::to_at.gt(Ts::from(now)))
        .order((oa::from_at.asc(), oa::id.asc()))
        .select((oa::id, officials::name, oa::from_at, oa::to_at))
        .load(conn)?;
    Ok(rows.into_iter().map(absence).collect())
}

fn absence((id, name, from, to): (Id, String, Ts, Ts)) -> Absence {
    Absence { id, name, from: from.0, to: to.0 }
}

/// Colleagues: the same right in the same office, in force now.
pub(super) fn colleagues(
    conn: &mut Conn,
    who: &OfficialPrincipal,
    now: DateTime<Utc>,
) -> AppResult<Vec<(Id, String)>> {
    let (now, role): (Ts, Role) = (now.into(), who.role);
    Ok(assignments::table
        .inner_join(officials::table.on(officials::id.eq(assignments::official_id)))
        .filter(assignments::office_id.eq(who.office_id))
        .filter(assignments::role.eq(role.code()))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .filter(officials::active.eq(true))
        .order(officials::name.asc())
        .select((officials::id, officials::name))
        .distinct()
        .load(conn)?)
}
