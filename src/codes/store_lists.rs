//! SQL of lists of findings: what waits, what an official entered, all about a person.

use super::model::RecordRow;
use crate::db::schema::health_records;
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::kept::served;
use diesel::prelude::*;

/// Place of the last row seen: when it was entered, and which.
pub type EnteredKey = (Ts, Id);

/// Findings of a jurisdiction that wait for a second official, oldest first; one more than `rows` when there are more.
pub fn open_records(
    conn: &mut Conn,
    pattern: &str,
    after: Option<EnteredKey>,
    rows: i64,
) -> AppResult<Vec<RecordRow>> {
    let mut query = health_records::table
        .filter(served("health_records"))
        .filter(health_records::confirmed_by.is_null())
        .filter(health_records::refused_by.is_null())
        .filter(health_records::expired_at.is_null())
        .filter(health_records::division.like(pattern.to_owned()))
        .filter(health_records::result.is_null().or(health_records::result.eq("positive")))
        .select(RecordRow::as_select())
        .into_boxed();
    if let Some((at, id)) = after {
        let later = health_records::created_at.eq(at).and(health_records::id.gt(id));
        query = query.filter(health_records::created_at.gt(at).or(later));
    }
    Ok(query
        .order((health_records::created_at.asc(), health_records::id.asc()))
        .limit(rows + 1)
        .load(conn)?)
}

/// The findings that an official entered and that take a second one, newest first.
pub fn entered_records(conn: &mut Conn, by: Id, limit: i64) -> AppResult<Vec<RecordRow>> {
    Ok(health_records::table
        .filter(health_records::entered_by.eq(by))
        .filter(health_records::result.is_null().or(health_records::result.eq("positive")))
        .filter(served("health_records"))
        .order(health_records::created_at.desc())
        .limit(limit)
        .select(RecordRow::as_select())
        .load(conn)?)
}

/// Every finding about a person, whatever became of it, newest first.
pub fn all_records(conn: &mut Conn, person: Id) -> AppResult<Vec<RecordRow>> {
    Ok(health_records::table
        .filter(served("health_records"))
        .filter(health_records::person_id.eq(person))
        .order((health_records::at.desc(), health_records::id.desc()))
        .select(RecordRow::as_select())
        .load(conn)?)
}
