//! SQL of the worklist.

use super::store::Row;
use crate::db::schema::{declarations, persons};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::kept::served;
use crate::web::paging::COUNTED;
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Text;

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
///
/// Each state is read by itself in the order of the index `declarations_by_county`, and the few rows that may stand on
/// the page are put together here: that does not get slower with the number that wait.
pub(super) fn worklist(conn: &mut Conn, f: &Filter) -> AppResult<Vec<Row>> {
    let states: Vec<Option<&str>> =
        if f.states.is_empty() { vec![None] } else { f.states.iter().map(|s| Some(s.as_str())).collect() };
    let mut rows = Vec::new();
    for state in states {
        rows.extend(in_state(conn, f, state)?);
    }
    rows.sort_by_key(|r: &Row| (r.submitted_at, r.id));
    rows.truncate(usize::try_from(f.limit).unwrap_or(0));
    Ok(rows)
}

fn in_state(conn: &mut Conn, f: &Filter, state: Option<&str>) -> AppResult<Vec<Row>> {
    let (first, last) = crate::access::span(&f.pattern);
    let mut query = declarations::table
        .inner_join(persons::table.on(persons::id.nullable().eq(declarations::person_id)))
        .filter(served("declarations"))
        .filter(declarations::division.between(first, last))
        .filter(declarations::submitted_at.is_not_null())
        .filter(not_locked(f.number.as_deref().unwrap_or_default()))
        .select(Row::as_select())
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(declarations::state.eq(state.to_owned()));
    }
    if let Some(county) = county(&f.pattern) {
        query = query.filter(of_county(county));
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
        // The first part alone bounds the scan of the index.
        query = query.filter(declarations::submitted_at.ge(Ts::from(at)).assume_not_null()).filter(
            declarations::submitted_at.gt(Ts::from(at)).or(declarations::id.gt(id)).assume_not_null(),
        );
    }
    Ok(query.order((declarations::submitted_at, declarations::id)).limit(f.limit).load(conn)?)
}

/// When a declaration was submitted, checked and decided.
pub(super) type Steps = (Option<Ts>, Option<Ts>, Option<Ts>);

/// The steps of the last 50 declarations of a county that got their certificate, the newest first: a sample of the
/// present pace, which decides nothing.
pub(super) fn last_decided(conn: &mut Conn, county: &str) -> AppResult<Vec<Steps>> {
    Ok(declarations::table
        .filter(declarations::state.eq("certificate-issued"))
        .filter(of_county(county))
        .order((declarations::submitted_at.desc(), declarations::id.desc()))
        .select((declarations::submitted_at, declarations::checked_at, declarations::decided_at))
        .limit(50)
        .load(conn)?)
}

/// What is only stored is in no list; by its number it is still found, to see that it was withdrawn.
#[diesel::dsl::auto_type]
fn not_locked<'a>(number: &'a str) -> _ {
    declarations::consent_withdrawn_at.is_null().or(declarations::number.eq(number))
}

/// The county of a jurisdiction that lies inside one.
fn county(pattern: &str) -> Option<&str> {
    pattern.trim_end_matches('%').get(..6)
}

/// As the index has it.
fn of_county(county: &str) -> diesel::dsl::Eq<SqlLiteral<Text>, String> {
    sql::<Text>("substr(declarations.division, 1, 6)").eq(county.to_owned())
}

/// How many of a jurisdiction stand in each state in which somebody waits; one more than [`COUNTED`] for more.
pub(super) fn counts(conn: &mut Conn, pattern: &str) -> AppResult<Vec<(&'static str, i64)>> {
    let (first, last) = crate::access::span(pattern);
    let mut all = Vec::new();
    for state in ["submitted", "community-checked", "returned"] {
        let mut some = declarations::table
            .filter(served("declarations"))
            .filter(declarations::state.eq(state))
            .filter(declarations::division.between(&first, &last))
            .limit(COUNTED + 1)
            .select(declarations::id)
            .into_boxed();
        if let Some(county) = county(pattern) {
            some = some.filter(of_county(county));
        }
        let some: Vec<Id> = some.load(conn)?;
        all.push((state, i64::try_from(some.len()).unwrap_or(COUNTED)));
    }
    Ok(all)
}
