//! SQL of the departments' opinions.

use super::model::{Note, Opinion, Review};
use super::store::{both, official_name};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{application_reviews as reviews, offices};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// The opinions of the departments that count: each one's last round, in the order of the roles.
///
/// # Errors
/// Database errors.
pub fn opinions(conn: &mut Conn, case: Id) -> AppResult<Vec<Review>> {
    let rows: Vec<Review> = reviews::table
        .filter(reviews::application_id.eq(case))
        .order((reviews::department.asc(), reviews::round.desc()))
        .select(Review::as_select())
        .load(conn)?;
    let mut last: Vec<Review> = Vec::new();
    for row in rows {
        if last.last().is_none_or(|seen| seen.department != row.department) {
            last.push(row);
        }
    }
    Ok(last)
}

/// The same with what was written and who signed.
///
/// # Errors
/// Database or crypto errors.
pub fn signed_opinions(conn: &mut Conn, keys: &Keyring, case: Id) -> AppResult<Vec<Opinion>> {
    let sign = |review: Review, conn: &mut Conn| -> AppResult<Opinion> {
        let sealed = review.opinion_sealed.as_ref();
        let note =
            sealed.map(|s| keys.open_json(&opinion_place(review.id), s)).transpose()?.unwrap_or_default();
        let official = review.decided_by.map(|id| official_name(conn, id)).transpose()?;
        let office = match review.office_id {
            Some(id) => Some(offices::table.find(id).select((offices::name, offices::name_en)).first(conn)?),
            None => None,
        };
        Ok(Opinion { review, note, official, office: office.map(|(zh, en)| both(zh, en)) })
    };
    opinions(conn, case)?.into_iter().map(|review| sign(review, conn)).collect()
}

/// Asks the departments, all at once.
///
/// # Errors
/// Database errors.
pub fn ask(tx: &mut Tx<'_>, case: Id, departments: &[&str], now: DateTime<Utc>) -> AppResult<()> {
    for department in departments {
        let row = Review {
            id: Id::new(),
            application_id: case,
            department: (*department).to_owned(),
            round: 1,
            state: "pending".into(),
            opinion_sealed: None,
            asked_at: now.into(),
            decided_at: None,
            decided_by: None,
            office_id: None,
            reminded_at: None,
        };
        diesel::insert_into(reviews::table).values(&row).execute(tx.conn())?;
    }
    Ok(())
}

/// Notes that departments have been reminded of a case.
///
/// # Errors
/// Database errors.
pub fn reminded(tx: &mut Tx<'_>, late: &[Id], now: DateTime<Utc>) -> AppResult<()> {
    diesel::update(reviews::table.filter(reviews::id.eq_any(late.to_vec())))
        .set(reviews::reminded_at.eq(Some(Ts::from(now))))
        .execute(tx.conn())
        .map_or_else(|e| Err(e.into()), |_| Ok(()))
}

/// Where an opinion is sealed to.
pub fn opinion_place(id: Id) -> FieldContext<'static> {
    FieldContext::new("application_reviews", "opinion_sealed", id.0)
}

/// Writes a department's opinion: into the row that waits for it, or as a new round when it has answered before.
///
/// # Errors
/// [`AppError::NotFound`] when the department was not asked.
#[allow(clippy::too_many_arguments)]
pub fn answer(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    case: Id,
    department: &str,
    state: &str,
    note: &Note,
    by: (Id, Id),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let last = opinions(tx.conn(), case)?.into_iter().find(|r| r.department == department);
    let last = last.ok_or(AppError::NotFound)?;
    let seal = |id: Id| -> AppResult<Option<Vec<u8>>> {
        if note.is_empty() { Ok(None) } else { Ok(Some(keys.seal_json(&opinion_place(id), note)?)) }
    };
    let decided = (Some(Ts::from(now)), Some(by.0), Some(by.1));
    if last.state == "pending" {
        diesel::update(reviews::table.find(last.id))
            .set((
                reviews::state.eq(state),
                reviews::opinion_sealed.eq(seal(last.id)?),
                reviews::decided_at.eq(decided.0),
                reviews::decided_by.eq(decided.1),
                reviews::office_id.eq(decided.2),
            ))
            .execute(tx.conn())?;
        return Ok(());
    }
    let id = Id::new();
    let row = Review {
        id,
        round: last.round + 1,
        state: state.to_owned(),
        opinion_sealed: seal(id)?,
        decided_at: decided.0,
        decided_by: decided.1,
        office_id: decided.2,
        ..last
    };
    diesel::insert_into(reviews::table).values(&row).execute(tx.conn())?;
    Ok(())
}
