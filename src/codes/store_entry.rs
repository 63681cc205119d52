//! SQL of entering a finding.

use super::model::RecordRow;
use crate::db::schema::{health_records, persons};
use crate::db::{Ts, Tx};
use crate::error::AppResult;
use crate::kept::served;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// The findings about the person of a new one, of its kind and between two moments, that count or wait: neither refused nor
/// expired nor ended. Others who enter something about this person wait until the end of the transaction.
pub fn of_day(
    tx: &mut Tx<'_>,
    new: &RecordRow,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> AppResult<Vec<RecordRow>> {
    diesel::update(persons::table.find(new.person_id))
        .set(persons::doc_kind.eq(persons::doc_kind))
        .execute(tx.conn())?;
    Ok(health_records::table
        .filter(served("health_records"))
        .filter(health_records::person_id.eq(new.person_id))
        .filter(health_records::kind.eq(new.kind.clone()))
        .filter(health_records::at.ge(Ts::from(from)))
        .filter(health_records::at.lt(Ts::from(to)))
        .filter(health_records::refused_by.is_null())
        .filter(health_records::expired_at.is_null())
        .filter(health_records::ended_at.is_null())
        .filter(health_records::until.is_null().or(health_records::until.gt(Ts::from(now))))
        .select(RecordRow::as_select())
        .load(tx.conn())?)
}
