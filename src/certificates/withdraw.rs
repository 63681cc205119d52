//! The holder ends a certificate by taking back the consent to it.

use super::model::Row;
use super::status::{self, Slot};
use super::store;
use crate::agreed::{Given, Kind};
use crate::audit::{self, Actor, Entry};
use crate::db::schema::certificates;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::hcert::EntryStatus;
use crate::web::principal::ResidentPrincipal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;
use std::collections::HashSet;

/// The consents to certificates: given with the declaration they rest on, withdrawn or not.
///
/// # Errors
/// Database errors.
pub fn consents(
    conn: &mut Conn,
    account: Id,
    person: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<Vec<Given>> {
    let rows = store::mine(conn, account, person, i64::MAX)?;
    given(conn, &rows, now)
}

/// The consent to one certificate; none where it ended otherwise.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs; database errors.
pub fn consent_to(
    conn: &mut Conn,
    account: Id,
    person: Option<Id>,
    id: Id,
    now: DateTime<Utc>,
) -> AppResult<Vec<Given>> {
    let row = store::own_by_id(conn, account, person, id)?;
    given(conn, &[row], now)
}

fn given(conn: &mut Conn, rows: &[Row], now: DateTime<Utc>) -> AppResult<Vec<Given>> {
    let consented = store::consented(conn, rows)?;
    let of = |row: &Row| consented.get(&row.declaration_id).cloned().unwrap_or_default();
    Ok(rows
        .iter()
        // What ended otherwise has nothing left to withdraw.
        .filter(|row| store::state(row, now).counts() || row.withdrawn_at.is_some())
        .map(|row| Given {
            kind: Kind::Certificate,
            id: row.id,
            number: Some(row.number.clone()),
            at: of(row).1.map(|t| t.0),
            text: of(row).0,
            withdrawn_at: row.withdrawn_at.map(|t| t.0),
            decided: false,
            certified: false,
        })
        .collect())
}

/// Ends a certificate of the holder: whoever checks it from the next status list on (a minute) reads "revoked".
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs or has ended; [`AppError::Conflict`] `changed-meanwhile`.
pub fn withdraw(tx: &mut Tx<'_>, by: &ResidentPrincipal, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    let row = store::own_by_id(tx.conn(), by.account_id, by.person_id, id)?;
    if !store::state(&row, now).counts() {
        return Err(AppError::NotFound);
    }
    end(tx, by, &row, now)
}

/// On which of these declarations a certificate of somebody rests that still counts.
///
/// # Errors
/// Database errors.
pub fn rested_on(
    conn: &mut Conn,
    account: Id,
    person: Option<Id>,
    declarations: &[Id],
    now: DateTime<Utc>,
) -> AppResult<HashSet<Id>> {
    let rows = store::resting(conn, (account, person), declarations, now)?;
    Ok(rows.into_iter().map(|row| row.declaration_id).collect())
}

/// Ends the certificate that rests on a declaration, if one does that still counts.
///
/// # Errors
/// As [`withdraw`].
pub fn withdraw_resting(
    tx: &mut Tx<'_>,
    by: &ResidentPrincipal,
    declaration: Id,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let rows = store::resting(tx.conn(), (by.account_id, by.person_id), &[declaration], now)?;
    rows.iter().try_for_each(|row| end(tx, by, row, now))
}

fn end(tx: &mut Tx<'_>, by: &ResidentPrincipal, row: &Row, now: DateTime<Utc>) -> AppResult<()> {
    let seen = certificates::table.find(row.id).filter(certificates::version.eq(row.version));
    let changed = diesel::update(seen)
        .set((
            certificates::state.eq("revoked"),
            certificates::version.eq(row.version + 1),
            certificates::ended_at.eq(Some(Ts::from(now))),
            certificates::withdrawn_at.eq(Some(Ts::from(now))),
            certificates::suspended_at.eq(None::<Ts>),
            certificates::causes_sealed.eq(None::<Vec<u8>>),
        ))
        .execute(tx.conn())?;
    if changed == 0 {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    status::set(tx, Slot { list: row.status_list, index: row.status_index }, EntryStatus::Revoked)?;
    let entry = Entry::new(Actor::from(by), "certificate.withdraw", "certificate").object(row.id);
    audit::append(tx, now, entry.subject(Some(row.person_id)).detail(json!({"number": row.number})))?;
    Ok(())
}
