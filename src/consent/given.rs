//! What somebody has agreed to, as the slices know it.

use crate::agreed::{Given, Kind, NOTICE};
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx, moment};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::web::principal::ResidentPrincipal;
use crate::{accounts, certificates, declarations};
use chrono::{DateTime, Utc};

/// Reads a name of [`Given::name`].
pub(super) fn named(name: &str) -> Option<(Kind, Id)> {
    let (kind, id) = name.split_once('-')?;
    Some((Kind::of(kind)?, id.parse().ok()?))
}

/// Everything that an account or its person has agreed to, the newest of each kind first.
///
/// # Errors
/// Database errors; [`AppError::Internal`] when a column cannot be opened.
pub fn all(conn: &mut Conn, keys: &Keyring, account: Id, person: Option<Id>) -> AppResult<Vec<Given>> {
    let now = present()?;
    let mut given = declarations::consents(conn, keys, (account, person), now)?;
    given.extend(certificates::consents(conn, account, person, now)?);
    given.extend(accounts::email_consent(conn, account)?);
    Ok(given)
}

/// The moment of the transaction: whether a certificate still counts hangs on it.
fn present() -> AppResult<DateTime<Utc>> {
    moment::present().ok_or_else(|| AppError::internal("consents are read in a transaction"))
}

/// One of them, however many there are; what is not there or not theirs is not found.
pub(super) fn one(
    conn: &mut Conn,
    keys: &Keyring,
    account: Id,
    person: Option<Id>,
    (kind, id): (Kind, Id),
) -> AppResult<Given> {
    let given = match kind {
        Kind::Declaration | Kind::Share => {
            declarations::consents_with(conn, keys, (account, person), id, present()?)?
        }
        Kind::Certificate => certificates::consent_to(conn, account, person, id, present()?)?,
        Kind::Email => accounts::email_consent(conn, account)?.into_iter().collect(),
    };
    given.into_iter().find(|g| g.kind == kind && g.id == id).ok_or(AppError::NotFound)
}

/// Lets a withdrawal take effect where the consent was used, in the caller's transaction.
pub(super) fn end(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &ResidentPrincipal,
    given: &Given,
    now: DateTime<Utc>,
) -> AppResult<()> {
    match given.kind {
        Kind::Declaration => declarations::withdraw_consent(tx, deps, by, given.id, now),
        Kind::Share => declarations::withdraw_share(tx, by, given.id, now),
        Kind::Certificate => certificates::withdraw(tx, by, given.id, now),
        Kind::Email => accounts::forget_email(tx, &deps.keys, by.account_id, now),
    }
}

/// What was acknowledged and agreed to, for the copy of one's data.
///
/// # Errors
/// As [`all`].
pub fn data(conn: &mut Conn, deps: &Deps, account: Id, person: Option<Id>) -> AppResult<serde_json::Value> {
    let keys = &*deps.keys;
    let (notice_at, text) = accounts::notice(conn, account)?;
    let given = all(conn, keys, account, person)?;
    Ok(serde_json::json!({
        "notice": {"acknowledged_at": notice_at, "text": text, "current": NOTICE},
        "given": given,
    }))
}
