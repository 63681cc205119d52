//! What the slice knows about a person and an account.

use crate::audit::Actor;
use crate::db::Id;
use crate::identity::{DivisionCode, DocumentNumber, PersonName, Phone, Sex};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// How sure the portal is that a person is who the record says. It is stored, never guessed from other columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityLevel {
    /// Somebody with a phone said so.
    SelfStated,
    /// Staff compared the document with the person.
    Seen,
    /// An outside register confirmed it.
    Verified,
}

impl IdentityLevel {
    /// Every level, the weakest first.
    pub const ALL: [Self; 3] = [Self::SelfStated, Self::Seen, Self::Verified];

    /// The stored code; with hyphens also the suffix of the catalogue key `level-<code>`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SelfStated => "self_stated",
            Self::Seen => "seen",
            Self::Verified => "verified",
        }
    }

    /// The level with this stored code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }
}

/// A natural person, opened.
#[derive(Debug, Clone)]
pub struct Person {
    /// The person's identifier, which the audit calls the subject.
    pub id: Id,
    /// Name as written.
    pub name: PersonName,
    /// Kind and number of the identity document.
    pub document: DocumentNumber,
    /// Sex as in the document.
    pub sex: Option<Sex>,
    /// Birth date; known for identity cards.
    pub birth_date: Option<NaiveDate>,
    /// Telephone for contact, not necessarily that of an account.
    pub phone: Option<Phone>,
    /// How sure the identity is.
    pub level: IdentityLevel,
    /// Division of residence.
    pub division: Option<DivisionCode>,
    /// Counts the changes of the row.
    pub version: i64,
}

/// A document and what goes with it, as stated by an account or entered by staff.
#[derive(Debug, Clone)]
pub struct ClaimPerson {
    /// Who does it, for the audit: the resident, or the official who saw the document.
    pub by: Actor,
    /// The account that says "this is me". `None` for entry by staff, who saw the document.
    pub account: Option<Id>,
    /// Kind and number of the document.
    pub document: DocumentNumber,
    /// Name as written in the document.
    pub name: PersonName,
    /// Sex; for identity cards the number decides.
    pub sex: Option<Sex>,
    /// Division of residence, which decides whose counter is responsible.
    pub division: DivisionCode,
    /// Telephone for contact.
    pub phone: Option<Phone>,
}

/// What became of a claim to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The person is the account's (or was entered by staff); its identifier.
    Yours(Id),
    /// It is decided at the counter. The answer is the same whatever exists already, and no earlier data is shown.
    Counter {
        /// Number of the claim to name at the counter, such as `RL200312-7K3M9QX2`.
        number: String,
    },
    /// It would be decided at the counter, but the account waits for as many claims as it may: nothing is written but the try.
    Full,
    /// Staff typed another name than the one the document is known by; nothing is changed.
    OtherName(Id),
}
