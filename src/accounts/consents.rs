//! What an account was told and has agreed to by itself: the privacy notice, and messages by e-mail.

use super::email;
use crate::agreed::{Given, Kind};
use crate::crypto::Keyring;
use crate::db::schema::accounts;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// When the privacy notice was acknowledged, and the version of its text; empty where that was not noted yet.
///
/// # Errors
/// [`crate::error::AppError::NotFound`]; database errors.
pub fn notice(conn: &mut Conn, account: Id) -> AppResult<(Option<DateTime<Utc>>, String)> {
    let columns = (accounts::notice_at, accounts::notice_text);
    let (at, text): (Option<Ts>, String) = accounts::table.find(account).select(columns).first(conn)?;
    Ok((at.map(|t| t.0), text))
}

/// The consent to messages by e-mail: it is given by naming an address.
///
/// # Errors
/// As [`notice`].
pub fn email_consent(conn: &mut Conn, account: Id) -> AppResult<Option<Given>> {
    let columns = (accounts::email_sealed.is_not_null(), accounts::email_at);
    let (named, at): (bool, Option<Ts>) = accounts::table.find(account).select(columns).first(conn)?;
    Ok(named.then(|| Given {
        kind: Kind::Email,
        id: account,
        number: None,
        at: at.map(|t| t.0),
        text: String::new(),
        withdrawn_at: None,
        decided: false,
        certified: false,
    }))
}

/// Takes the address away: from now on nothing goes by e-mail.
///
/// # Errors
/// Database errors.
pub fn forget_email(tx: &mut Tx<'_>, keys: &Keyring, account: Id, now: DateTime<Utc>) -> AppResult<()> {
    email::change(tx, keys, account, None, now)
}
