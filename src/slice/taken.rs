//! Cases that one official at a time takes, where their type is not known.

use crate::access::Role;
use crate::db::{Conn, Id, Tx};
#[cfg(test)]
use crate::error::AppError;
use crate::error::AppResult;
use crate::web::i18n::Lang;
use crate::web::principal::OfficialPrincipal;

/// A case that an official may have in hands ([`crate::case`]).
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(Default))]
pub struct InHands {
    /// Its identifier.
    pub id: Id,
    /// Its number.
    pub number: String,
    /// Its state.
    pub state: String,
    /// Its version.
    pub version: i64,
    /// Where it is.
    pub division: String,
    /// The person whom the record has it about.
    pub person: Option<Id>,
    /// The official who has it.
    pub by: Option<Id>,
}

/// A kind of case that one official at a time takes.
#[derive(Clone, Copy)]
pub struct Taken {
    /// What entries of the record call such a case.
    pub object: &'static str,
    /// The entry of the record when one changes hands.
    pub entry: &'static str,
    /// The page of its list, below which the cases stand.
    pub list: &'static str,
    /// A state in words.
    pub word: fn(Lang, &str) -> String,
    /// Whether a role takes a case in a state: it is its turn.
    pub takes: fn(Role, &str) -> bool,
    /// Whether a role gives a case in a state back to all, whoever has it.
    pub leads: fn(Role, &str) -> bool,
    /// The cases that an official has.
    pub of: fn(&mut Conn, Id) -> AppResult<Vec<InHands>>,
    /// The case of an official's jurisdiction with a number.
    pub find: fn(&mut Conn, &OfficialPrincipal, &str) -> AppResult<InHands>,
    /// Puts a case into another hand (none: nobody's); false where it has changed, or is in another hand, since it was read.
    pub put: fn(&mut Tx<'_>, &InHands, Option<Id>) -> AppResult<bool>,
}

/// A kind that nobody takes, to be filled in by tests.
#[cfg(test)]
pub const UNTAKEN: Taken = Taken {
    object: "",
    entry: "",
    list: "",
    word: |_, _| String::new(),
    takes: |_, _| false,
    leads: |_, _| false,
    of: |_, _| Ok(Vec::new()),
    find: |_, _, _| Err(AppError::NotFound),
    put: |_, _, _| Ok(false),
};
