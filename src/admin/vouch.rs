//! A login that one administrator has made or reset does for a day nothing that is hard to take back: whoever knows two first
//! passwords would be two officers, and worsen a colour alone. Another administrator, who knows that the login is in the
//! right hands, shortens that by vouching for it.

use super::grave;
use super::store::{self, Reach};
use crate::audit::{self, Actor, Entry};
use crate::db::{Id, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};

/// Vouches for an official within reach, who is told.
///
/// # Errors
/// [`AppError::NotFound`] out of reach; [`AppError::Conflict`] `vouch-none` for a login that does not wait, `vouch-own` for
/// one that the same administrator has made or reset, `changed-meanwhile`.
pub(super) fn vouch(
    tx: &mut Tx<'_>,
    deps: &Deps,
    o: &OfficialPrincipal,
    id: Id,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let row = store::official(tx.conn(), &Reach::of(o, now), id)?;
    if row.waits_until(now).is_none() {
        return Err(AppError::conflict("vouch-none"));
    }
    if row.grave_by == Some(o.official_id) {
        return Err(AppError::conflict("vouch-own"));
    }
    if !store::waits_no_more(tx, &row)? {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    audit::append(tx, now, Entry::new(Actor::from(o), "official.vouch", "official").object(id))?;
    grave::tell(tx, &deps.keys, id, "vouch", now)
}
