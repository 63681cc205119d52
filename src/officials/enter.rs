//! Both factors were right: the session starts in the transaction in which they were, for a login that is still the same.

use super::place;
use super::store::{self, InForce, SignInRow};
use crate::access::Role;
use crate::audit::{self, Actor, Entry};
use crate::db::schema::officials;
use crate::db::{Id, Ts, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::pending;
use crate::web::session::{self, Session, SessionKind};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// How far an official is when both factors were right.
pub(super) enum Inside {
    /// In, in the only assignment: the session's token, and the role.
    In(String, Role),
    /// Before the choice of one of several.
    Choose,
    /// There is none.
    NoPost,
}

/// Gives the browser the session that was started, in the place of the last step; the device is known from now on.
pub(super) fn let_in(
    deps: &Deps,
    req: &HttpRequest,
    ctx: &Ctx,
    official: Id,
    response: &mut HttpResponse,
    token: String,
) -> AppResult<()> {
    pending::forget(deps, response);
    place::make_known(deps, req, response, official, ctx.now)?;
    give_session(deps, response, token)
}

pub(super) fn give_session(deps: &Deps, response: &mut HttpResponse, token: String) -> AppResult<()> {
    let names = &deps.cookies;
    response.add_cookie(&names.cookie(&names.session, token, None)).map_err(AppError::internal)
}

/// With one assignment in force starts the session, in the transaction of what was right.
///
/// # Errors
/// As [`start`].
pub(super) fn enter(
    tx: &mut Tx<'_>,
    row: &SignInRow,
    device: &str,
    before: Option<&Session>,
    now: DateTime<Utc>,
) -> AppResult<Inside> {
    match store::in_force(tx.conn(), row.id, now)?.as_slice() {
        [] => Ok(Inside::NoPost),
        [only] => Ok(Inside::In(start(tx, row, only, device, before, now)?, only.role)),
        _ => Ok(Inside::Choose),
    }
}

/// Starts an official's session and gives its token; whatever session the browser had before is over.
///
/// # Errors
/// [`AppError::Conflict`] when the login was reset, disabled or otherwise changed since `row` was read: nothing of the
/// transaction may stay then.
pub(super) fn start(
    tx: &mut Tx<'_>,
    row: &SignInRow,
    chosen: &InForce,
    device: &str,
    before: Option<&Session>,
    now: DateTime<Utc>,
) -> AppResult<String> {
    signed_in(tx, row, now)?;
    if let Some(old) = before {
        session::end(tx, old.kind(), old.subject, old.public_id)?;
    }
    let (token, _) = session::start(tx, SessionKind::Official, row.id, Some(chosen.id), device, now)?;
    let by = Actor::Official { id: row.id, office: chosen.office_id };
    audit::append(tx, now, Entry::new(by, "official.sign-in", "assignment").object(chosen.id))?;
    Ok(token)
}

/// Notes that an official signs in, if nothing has changed since the row was read. It is locked from here on: a reset at the
/// same moment comes before, and then this is a conflict, or after, and ends what was started.
fn signed_in(tx: &mut Tx<'_>, row: &SignInRow, now: DateTime<Utc>) -> AppResult<()> {
    let same = officials::table.find(row.id).filter(officials::version.eq(row.version));
    let changed = diesel::update(same.filter(officials::active.eq(true)))
        .set(officials::last_signin_at.eq(Some(Ts::from(now))))
        .execute(tx.conn())?;
    if changed == 1 { Ok(()) } else { Err(AppError::conflict("changed-meanwhile")) }
}
