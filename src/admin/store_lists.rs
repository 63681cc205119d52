//! SQL of the lists of offices and officials.

use super::store::{OfficeRow, OfficialRow, Reach};
use crate::access::Role;
use crate::db::schema::{assignments, offices, officials};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::dsl::count;
use diesel::prelude::*;
use std::collections::HashMap;

/// By what officials are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ByOfficial {
    /// Sign-in name.
    #[default]
    Login,
    /// Name.
    Name,
    /// Last sign-in, the latest first; who never signed in comes last.
    SignIn,
}

/// Where a page of officials ends: name, last sign-in, sign-in name.
pub(super) type OfficialKey = (String, Option<DateTime<Utc>>, String);

/// What officials are asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Officials {
    /// Part of a sign-in name or name.
    pub words: String,
    /// A role that is held now.
    pub role: Option<Role>,
    /// `new`, `active`, `locked`, `disabled`.
    pub state: Option<&'static str>,
    pub sort: ByOfficial,
    pub after: Option<OfficialKey>,
}

/// The key of a row.
pub(super) fn key(row: &OfficialRow) -> OfficialKey {
    (row.name.clone(), row.last_signin_at.map(|at| at.0), row.login.clone())
}

fn contains(words: &str) -> String {
    format!("%{}%", words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// A page of officials.
pub(super) fn officials(
    conn: &mut Conn,
    reach: &Reach,
    asked: &Officials,
    limit: i64,
) -> AppResult<Vec<OfficialRow>> {
    use officials as o;
    let mut query = o::table.filter(reach.staff()).limit(limit).into_boxed();
    if !asked.words.is_empty() {
        let pattern = contains(&asked.words);
        let login = o::login.like(pattern.to_lowercase()).escape('\\');
        query = query.filter(login.or(o::name.like(pattern).escape('\\')));
    }
    let now = Ts::from(reach.now);
    if let Some(role) = asked.role {
        let holders = assignments::table
            .filter(assignments::role.eq(role.code()))
            .filter(assignments::valid_from.le(now))
            .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
            .select(assignments::official_id);
        query = query.filter(o::id.eq_any(holders));
    }
    let free = || o::locked_until.is_null().or(o::locked_until.le(now).assume_not_null());
    query = match asked.state {
        Some("disabled") => query.filter(o::active.eq(false)),
        Some("locked") => query.filter(o::active.eq(true)).filter(o::locked_until.gt(now)),
        Some("new") => query.filter(o::active.eq(true)).filter(o::must_change.eq(true)).filter(free()),
        Some(_) => query.filter(o::active.eq(true)).filter(o::must_change.eq(false)).filter(free()),
        None => query,
    };
    let after = asked.after.clone();
    query = match (asked.sort, after) {
        (_, None) => query,
        (ByOfficial::Login, Some((_, _, login))) => query.filter(o::login.gt(login)),
        (ByOfficial::Name, Some((name, _, login))) => {
            query.filter(o::name.gt(name.clone()).or(o::name.eq(name).and(o::login.gt(login))))
        }
        (ByOfficial::SignIn, Some((_, None, login))) => {
            query.filter(o::last_signin_at.is_null()).filter(o::login.gt(login))
        }
        (ByOfficial::SignIn, Some((_, Some(at), login))) => {
            let at = Ts::from(at);
            let same = o::last_signin_at.eq(at).assume_not_null().and(o::login.gt(login));
            let earlier = o::last_signin_at.lt(at).assume_not_null();
            query.filter(o::last_signin_at.is_null().or(earlier).or(same))
        }
    };
    query = match asked.sort {
        ByOfficial::Login => query.order(o::login),
        ByOfficial::Name => query.order((o::name, o::login)),
        ByOfficial::SignIn => query.order((o::last_signin_at.is_null(), o::last_signin_at.desc(), o::login)),
    };
    Ok(query.select(OfficialRow::as_select()).load(conn)?)
}

/// A right that holds now.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub role: String,
    pub office: String,
    pub office_en: String,
    pub division: String,
}

/// The rights of officials that hold now.
pub(super) fn posts(conn: &mut Conn, ids: &[Id], now: DateTime<Utc>) -> AppResult<HashMap<Id, Vec<Post>>> {
    let now = Ts::from(now);
    let rows: Vec<(Id, String, String, String, String)> = assignments::table
        .inner_join(offices::table.on(offices::id.eq(assignments::office_id)))
        .filter(assignments::official_id.eq_any(ids.to_vec()))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .order(assignments::created_at)
        .select((
            assignments::official_id,
            assignments::role,
            offices::name,
            offices::name_en,
            assignments::division,
        ))
        .load(conn)?;
    let mut found: HashMap<Id, Vec<Post>> = HashMap::new();
    for (id, role, office, office_en, division) in rows {
        found.entry(id).or_default().push(Post { role, office, office_en, division });
    }
    Ok(found)
}

/// What offices are asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Offices {
    /// Part of a name.
    pub words: String,
    /// A kind.
    pub kind: Option<&'static str>,
    /// By name instead of by division.
    pub by_name: bool,
    /// Division or name, and identifier of the last one seen.
    pub after: Option<(String, Id)>,
}

/// A page of offices.
pub(super) fn offices(
    conn: &mut Conn,
    reach: &Reach,
    asked: &Offices,
    limit: i64,
) -> AppResult<Vec<OfficeRow>> {
    use offices as f;
    let mut query = f::table.filter(f::division.like(reach.pattern.clone())).limit(limit).into_boxed();
    if !asked.words.is_empty() {
        let pattern = contains(&asked.words);
        let own = f::name.like(pattern.clone()).escape('\\');
        query = query.filter(own.or(f::name_en.like(pattern).escape('\\')));
    }
    if let Some(kind) = asked.kind {
        query = query.filter(f::kind.eq(kind));
    }
    query = match (asked.after.clone(), asked.by_name) {
        (None, _) => query,
        (Some((name, id)), true) => {
            query.filter(f::name.gt(name.clone()).or(f::name.eq(name).and(f::id.gt(id))))
        }
        (Some((division, id)), false) => {
            query.filter(f::division.gt(division.clone()).or(f::division.eq(division).and(f::id.gt(id))))
        }
    };
    query = match asked.by_name {
        true => query.order((f::name, f::id)),
        false => query.order((f::division, f::id)),
    };
    Ok(query.select(OfficeRow::as_select()).load(conn)?)
}

/// How many officials have a right in each office now.
pub(super) fn staff_of(conn: &mut Conn, ids: &[Id], now: DateTime<Utc>) -> AppResult<HashMap<Id, i64>> {
    let now = Ts::from(now);
    let rows: Vec<(Id, i64)> = assignments::table
        .filter(assignments::office_id.eq_any(ids.to_vec()))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .group_by(assignments::office_id)
        .select((assignments::office_id, count(assignments::official_id).aggregate_distinct()))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
