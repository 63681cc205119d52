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
    let (first, last) = crate::access::span(&f.pattern);
    let mut query = declarations::table
        .inner_join(persons::table.on(persons::id.nullable().eq(declarations::person_id)))
        .filter(declarations::division.between(first, last))
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

/// Up to so many are counted: whoever has more needs no exact number, and a list must not get slower as it grows.
pub(super) const COUNTED: i64 = 1000;

/// How many of a jurisdiction stand in each state in which somebody waits; one more than [`COUNTED`] for more.
pub(super) fn counts(conn: &mut Conn, pattern: &str) -> AppResult<Vec<(&'static str, i64)>> {
    let (first, last) = crate::access::span(pattern);
    let mut all = Vec::new();
    for state in ["submitted", "community-checked", "returned"] {
        let some: Vec<Id> = declarations::table
            .filter(declarations::state.eq(state))
            .filter(declarations::division.between(&first, &last))
            .limit(COUNTED + 1)
            .select(declarations::id)
            .load(conn)?;
        all.push((state, i64::try_from(some.len()).unwrap_or(COUNTED)));
    }
    Ok(all)
}
