//! Telling both: that somebody asks, may act, has acted, may no longer.

use super::model::{Row, with};
use super::store;
use crate::accounts;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::error::{AppError, AppResult};
use crate::notify::{self, Message, Recipient};
use crate::web::guard::ACTING_OVER;
use crate::web::principal::ActingFor;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What was done for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// A declaration was sent.
    Declared,
    /// One was corrected.
    Corrected,
    /// A colour was contested.
    Appealed,
    /// The code was put on paper.
    Printed,
}

impl Did {
    /// By the action of a declaration's workflow.
    #[must_use]
    pub fn of_declaration(action: &str) -> Self {
        if action == "correct" { Self::Corrected } else { Self::Declared }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Corrected => "corrected",
            Self::Appealed => "appealed",
            Self::Printed => "printed",
        }
    }
}

/// What is no danger comes by e-mail and stands in the inbox; telephones stay silent.
fn quietly(to: Recipient) -> Recipient {
    Recipient { phone: None, ..to }
}

/// Whom to tell of something that an account has sent for a person: that account, unless it acted for a person and no longer
/// does.
///
/// # Errors
/// Database errors; [`AppError::Internal`] when a column cannot be opened.
pub fn reach(
    conn: &mut Conn,
    keys: &Keyring,
    (account, of): (Id, Id),
    now: DateTime<Utc>,
) -> AppResult<Recipient> {
    let stands = accounts::account_of(conn, of)?;
    let another = stands != Some(account) && store::has_acted(conn, account, of)?;
    if another && (stands.is_some() || !store::acts(conn, account, of, now)?) {
        return accounts::reach(conn, keys, None, of);
    }
    accounts::recipient(conn, keys, account)
}

/// Notes that something is done for somebody under a consent that holds at this moment, and tells both.
///
/// # Errors
/// [`AppError::Conflict`] `acting-over` when the consent has ended since the request began; database errors.
pub fn acted(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    acting: &ActingFor,
    did: Did,
    number: Option<&str>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    if !store::still(tx, acting.consent, now)? {
        return Err(AppError::conflict(ACTING_OVER));
    }
    let who = accounts::called(tx.conn(), keys, acting.by)?;
    let ward = accounts::person(tx.conn(), keys, acting.person)?.name.masked();
    let told = |own: bool| {
        let number = number.unwrap_or_default();
        let whose = if own { "own" } else { "theirs" };
        Message::new(
            "proxy-acted",
            json!({"whose": whose, "did": did.code(), "number": number, "who": who, "ward": ward}),
        )
    };
    let to = quietly(accounts::reach(tx.conn(), keys, None, acting.person)?);
    notify::send(tx, keys, &to, &told(false), now)?;
    let by = quietly(accounts::recipient(tx.conn(), keys, acting.by)?);
    notify::send(tx, keys, &by, &told(true), now)
}

/// Tells a person that somebody asks to act for them.
pub(super) fn asked(tx: &mut Tx<'_>, keys: &Keyring, row: &Row, of: Id, now: DateTime<Utc>) -> AppResult<()> {
    let who = accounts::called(tx.conn(), keys, row.account_id)?;
    let to = accounts::reach(tx.conn(), keys, None, of)?;
    let message = Message::new("proxy-asked", json!({"who": who, "number": row.number}));
    notify::send(tx, keys, &to, &message.once(format!("proxy-asked:{}", row.id)), now)
}

/// Tells both that one may act for the other now: the person on the telephone, too, since it is grave.
pub(super) fn granted(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    (of, until): (Id, DateTime<Utc>),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let params = about(tx.conn(), keys, row, json!({"until": until}))?;
    let to = accounts::reach(tx.conn(), keys, None, of)?;
    both(tx, keys, "proxy-granted", row, (params, Some(to)), now)
}

/// Tells both that it is over: how is a code of `ended_by`. Whom it was never agreed for is told nothing.
pub(super) fn ended(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    by: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let of = row.person_id.filter(|_| row.granted_at.is_some());
    let asked = if row.granted_at.is_some() { "granted" } else { "asked" };
    let params = about(tx.conn(), keys, row, json!({"by": by, "was": asked}))?;
    let to = of.map(|of| accounts::reach(tx.conn(), keys, None, of)).transpose()?.map(quietly);
    both(tx, keys, "proxy-ended", row, (params, to), now)
}

/// What messages about a consent say: who acts, for whom, and `more`.
fn about(conn: &mut Conn, keys: &Keyring, row: &Row, more: Value) -> AppResult<Value> {
    let who = accounts::called(conn, keys, row.account_id)?;
    let ward = row.ward(keys)?.name.masked();
    Ok(with(json!({"who": who, "ward": ward, "number": row.number}), more))
}

fn both(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    name: &'static str,
    row: &Row,
    (params, to): (Value, Option<Recipient>),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let message = |whose: &str| {
        let params = with(params.clone(), json!({"whose": whose}));
        Message::new(name, params).once(format!("{name}:{}:{whose}", row.id))
    };
    if let Some(to) = to {
        notify::send(tx, keys, &to, &message("theirs"), now)?;
    }
    let to = quietly(accounts::recipient(tx.conn(), keys, row.account_id)?);
    notify::send(tx, keys, &to, &message("own"), now)
}
