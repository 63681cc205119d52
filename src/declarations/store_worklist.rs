//! SQL of the worklist.

use super::store::Row;
use crate::db::schema::{declarations, persons};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// What a worklist is limited to.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub pattern: String,
    pub states: Vec<String>,
    pub town: Option<String>,
    pub concern: bool,
    pub number: Option<String>,
    pub blind: Vec<Vec<u8>>,
    pub after: Option<(DateTime<Utc>, Id)>,
    pub limit: i64,
}

/// A page of a worklist, the oldest first.
pub(super) fn worklist(conn: &mut Conn, f: &Filter) -> AppResult<Vec<Row>> {
    let mut query = declarations::table
        .inner_join(persons::table.on(persons::id.nullable().eq(declarations::person_id)))
        .filter(declarations::division.like(f.pattern.clone()))
        .filter(declarations::submitted_at.is_not_null())
        .select(Row::as_select())
        .into_boxed();
    if !f.states.is_empty() {
        query = query.filter(declarations::state.eq_any(f.states.clone()));
    }
    if let Some(town) = &f.town {
        query = query.filter(declarations::division.eq(town.clone()));
    }
    if f.concern {
        query = query.filter(declarations::concern.eq(true));
    }
    if let Some(number) = &f.number {
        query = query.filter(
            declarations::number
                .eq(number.clone())
                .or(persons::name_blind.eq_any(f.blind.clone()))
                .or(persons::doc_blind.eq_any(f.blind.clone()))
                .or(persons::phone_blind.eq_any(f.blind.clone()).assume_not_null()),
        );
    }
    if let Some((at, id)) = f.after {
        query = query.filter(
            declarations::submitted_at
                .gt(Ts::from(at))
                .or(declarations::submitted_at.eq(Ts::from(at)).and(declarations::id.gt(id)))
                .assume_not_null(),
        );
    }
    Ok(query.order((declarations::submitted_at, declarations::id)).limit(f.limit).load(conn)?)
}

/// How many of a jurisdiction stand in each state; counting stops at 1,000 for states that only grow.
pub(super) fn counts(conn: &mut Conn, pattern: &str) -> AppResult<Vec<(String, i64)>> {
    Ok(declarations::table
        .filter(declarations::division.like(pattern))
        .filter(declarations::state.eq_any(["submitted", "community-checked", "returned"]))
        .group_by(declarations::state)
        .select((declarations::state, diesel::dsl::count_star()))
        .load(conn)?)
}
