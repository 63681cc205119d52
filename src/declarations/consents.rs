//! What declaring people have agreed to, and what happens when they take it back.

use super::act::{self, Parts};
use super::pages;
use super::store::{self, OPEN, Row};
use crate::agreed::{Given, Kind};
use crate::audit::Actor;
use crate::case::{self, At};
use crate::certificates;
use crate::crypto::Keyring;
use crate::db::schema::declarations;
use crate::db::{Conn, Id, Ts, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::web::principal::ResidentPrincipal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::HashSet;

fn is_open(row: &Row) -> bool {
    OPEN.contains(&row.state.as_str())
}

/// The consents that were given with declarations: to handling it, and to giving the certificate to the destination.
///
/// # Errors
/// Database errors; [`AppError::Internal`] when a column cannot be opened.
pub fn consents(
    conn: &mut Conn,
    keys: &Keyring,
    (account, person): (Id, Option<Id>),
    now: DateTime<Utc>,
) -> AppResult<Vec<Given>> {
    let rows = store::mine(conn, account, person, i64::MAX)?;
    given(conn, keys, (account, person), rows, now)
}

/// The consents that were given with one declaration.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs; else as [`consents`].
pub fn consents_with(
    conn: &mut Conn,
    keys: &Keyring,
    (account, person): (Id, Option<Id>),
    id: Id,
    now: DateTime<Utc>,
) -> AppResult<Vec<Given>> {
    let row = store::own_by_id(conn, account, person, id)?;
    given(conn, keys, (account, person), vec![row], now)
}

fn given(
    conn: &mut Conn,
    keys: &Keyring,
    (account, person): (Id, Option<Id>),
    rows: Vec<Row>,
    now: DateTime<Utc>,
) -> AppResult<Vec<Given>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let certified = certificates::rested_on(conn, account, person, &ids, now)?;
    let mut all = Vec::new();
    for row in rows {
        // Who withdrew the declaration itself has taken the consent back with it.
        let ended = row.consent_withdrawn_at.or((row.state == "withdrawn").then_some(row.updated_at));
        let handling = Given {
            kind: Kind::Declaration,
            id: row.id,
            number: Some(row.number.clone()),
            at: row.submitted_at.map(|t| t.0),
            text: row.consent_text.clone(),
            withdrawn_at: ended.map(|t| t.0),
            decided: !is_open(&row),
            certified: certified.contains(&row.id),
        };
        let answers = row.answers(keys)?;
        let share = answers.leaves_province() && answers.share == Some(true);
        let sharing = share.then(|| Given {
            kind: Kind::Share,
            withdrawn_at: row.share_withdrawn_at.or(ended).map(|t| t.0),
            decided: false,
            certified: false,
            ..handling.clone()
        });
        all.push(handling);
        all.extend(sharing);
    }
    Ok(all)
}

/// Which of these declarations are only stored, since the consent to handling them was withdrawn.
pub(super) fn locked(conn: &mut Conn, ids: &[Id]) -> AppResult<HashSet<Id>> {
    let found: Vec<Id> = declarations::table
        .filter(declarations::id.eq_any(ids))
        .filter(declarations::consent_withdrawn_at.is_not_null())
        .select(declarations::id)
        .load(conn)?;
    Ok(found.into_iter().collect())
}

/// Takes back the consent to handling a declaration: one that is open is withdrawn; after a decision the certificate that
/// rests on it ends. Either way it is only stored from now on, and officials no longer see what it says.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs; [`AppError::Conflict`] `changed-meanwhile`; database errors.
pub fn withdraw_consent(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &ResidentPrincipal,
    id: Id,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let row = store::own_by_id(tx.conn(), by.account_id, by.person_id, id)?;
    if is_open(&row) {
        let desk = Parts::of(deps, now)?;
        act::withdraw(tx, &desk, &pages::sent_by(by), by.person_id, &row.number, row.version)?;
        return lock(tx, id, row.version + 1, row.version + 1, now);
    }
    certificates::withdraw_resting(tx, by, id, now)?;
    let at = At { version: row.version + 1, ..act::at(&row) };
    case::add_event(tx, &deps.keys, &at, &Actor::from(by), "withdraw-consent", None::<&()>, now)?;
    lock(tx, id, row.version, row.version + 1, now)
}

fn lock(tx: &mut Tx<'_>, id: Id, seen: i64, version: i64, now: DateTime<Utc>) -> AppResult<()> {
    let row = declarations::table.find(id).filter(declarations::version.eq(seen));
    let changed = diesel::update(row)
        .set((
            declarations::version.eq(version),
            declarations::consent_withdrawn_at.eq(Some(Ts::from(now))),
            declarations::share_withdrawn_at.eq(Some(Ts::from(now))),
        ))
        .execute(tx.conn())?;
    if changed == 1 { Ok(()) } else { Err(AppError::conflict("changed-meanwhile")) }
}

/// Takes back the consent to giving the certificate to the province of the destination. Nothing was sent yet, so there is
/// nothing to call back; nothing will be.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs; database errors.
pub fn withdraw_share(tx: &mut Tx<'_>, by: &ResidentPrincipal, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    let row = store::own_by_id(tx.conn(), by.account_id, by.person_id, id)?;
    diesel::update(declarations::table.find(row.id))
        .set(declarations::share_withdrawn_at.eq(Some(Ts::from(now))))
        .execute(tx.conn())?;
    Ok(())
}
