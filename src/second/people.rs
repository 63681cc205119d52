//! What the room asks of whoever knows officials and persons; the slice of officials hands it over.

use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::notify::Recipient;
use crate::web::i18n::Lang;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};

/// An official and an office by their names; empty where there is none.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// Name and sign-in name.
    pub who: String,
    /// The office.
    pub office: String,
    /// Its English name, or the Chinese one where it has none.
    pub office_en: String,
}

impl Named {
    /// The office in a language.
    #[must_use]
    pub fn office(&self, lang: Lang) -> &str {
        if lang == Lang::En { &self.office_en } else { &self.office }
    }
}

/// Whose work something is: officials in one of these roles (a list of their codes with a space before and after each), in
/// the office or for exactly the division.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// The roles.
    pub roles: &'a str,
    /// The office.
    pub office: Option<Id>,
    /// The division.
    pub division: &'a str,
}

/// What is handed over.
#[derive(Clone, Copy)]
pub struct People {
    /// That an official is known, and that a person (where it is about one) is not the official.
    pub impartial: fn(&mut Conn, &Keyring, &OfficialPrincipal, Option<Id>) -> AppResult<()>,
    /// Whether another official is the same human being: two documents, two logins, and one person.
    pub same: fn(&mut Conn, &Keyring, &OfficialPrincipal, Id) -> AppResult<bool>,
    /// The names of an official and of an office.
    pub named: fn(&mut Conn, Option<Id>, Option<Id>) -> AppResult<Named>,
    /// Where an official is told of the own work.
    pub address: fn(&mut Conn, &Keyring, Id) -> AppResult<Recipient>,
    /// Officials whose work something is at a moment, not too many.
    pub colleagues: fn(&mut Conn, Work<'_>, DateTime<Utc>) -> AppResult<Vec<Id>>,
}

impl People {
    /// Those of a running portal.
    pub(super) fn of(deps: &Deps) -> AppResult<Self> {
        deps.part().copied()
    }
}
