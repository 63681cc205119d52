//! What somebody has agreed to, as the slices know it.

use super::NOTICE;
use crate::app::Deps;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx, moment};
use crate::error::{AppError, AppResult};
use crate::web::principal::ResidentPrincipal;
use crate::{accounts, certificates, declarations};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// What is agreed to. The code is the suffix of the catalogue keys `consent-<code>…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The answers of a declaration are handled for the prevention of the epidemic and a certificate.
    Declaration,
    /// What is on the certificate may be sent to the province of the destination, once that is possible.
    Share,
    /// A certificate exists, and whoever it is shown to can check it.
    Certificate,
    /// Messages by e-mail.
    Email,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Declaration, Self::Share, Self::Certificate, Self::Email];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Declaration => "declaration",
            Self::Share => "share",
            Self::Certificate => "certificate",
            Self::Email => "email",
        }
    }

    /// The kind of a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }

    /// What the record calls its object.
    pub(super) fn object(self) -> &'static str {
        match self {
            Self::Declaration | Self::Share => "declaration",
            Self::Certificate => "certificate",
            Self::Email => "account",
        }
    }
}

/// A consent that was given.
#[derive(Debug, Clone, Serialize)]
pub struct Given {
    /// To what.
    pub kind: Kind,
    /// The declaration, certificate or account.
    pub id: Id,
    /// Number of the declaration or certificate.
    pub number: Option<String>,
    /// When; unknown for what is older than this note.
    pub at: Option<DateTime<Utc>>,
    /// Version of the text that was shown; empty where it was not noted.
    pub text: String,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Whether what it was given for is decided already: the effect of a withdrawal differs.
    pub decided: bool,
    /// Whether a certificate rests on it that still counts, and ends with the consent.
    pub certified: bool,
}

impl Given {
    /// Its name in addresses: `<kind>-<identifier>`.
    pub fn name(&self) -> String {
        format!("{}-{}", self.kind.code(), self.id)
    }

    /// What a withdrawal does, as the suffix of the texts that tell of it: nothing for the plain effect of the kind.
    pub(super) fn effect(&self) -> &'static str {
        match (self.decided, self.certified) {
            (false, _) => "",
            (true, true) => "-decided",
            (true, false) => "-kept",
        }
    }
}

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
pub fn data(
    conn: &mut Conn,
    keys: &Keyring,
    account: Id,
    person: Option<Id>,
) -> AppResult<serde_json::Value> {
    let (notice_at, text) = accounts::notice(conn, account)?;
    let given = all(conn, keys, account, person)?;
    Ok(serde_json::json!({
        "notice": {"acknowledged_at": notice_at, "text": text, "current": NOTICE},
        "given": given,
    }))
}
