//! Records of persons, and whose each is: of one person there can be two, a passport's and an identity card's, of which one
//! points to the other since two officials have confirmed that ([`crate::merges`]). Everything that is known of the person
//! rests on the leading record; name, sex and telephone of a record are as they belong to its own document.

use super::model::Person;
use super::store::{candidates, person, persons};
use crate::crypto::Keyring;
use crate::db::schema::persons as p;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::identity::DocumentNumber;
use diesel::prelude::*;

/// The record of a document, and the person whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The record of this very document.
    pub record: Id,
    /// The person: the record itself, or the one to which it points.
    pub person: Id,
}

/// The record of a document.
///
/// # Errors
/// Database errors.
pub fn known(conn: &mut Conn, keys: &Keyring, document: &DocumentNumber) -> AppResult<Option<Known>> {
    // One statement a key, not a list: a list of any length is prepared anew each time, and there is mostly one key.
    for blind in candidates(keys, "document", &document.canonical()) {
        let found: Option<(Id, Option<Id>)> =
            p::table.filter(p::doc_blind.eq(blind)).select((p::id, p::merged_into)).first(conn).optional()?;
        if let Some((record, into)) = found {
            return Ok(Some(Known { record, person: into.unwrap_or(record) }));
        }
    }
    Ok(None)
}

/// The person with a document.
///
/// # Errors
/// Database errors.
pub fn person_by_document(
    conn: &mut Conn,
    keys: &Keyring,
    document: &DocumentNumber,
) -> AppResult<Option<Id>> {
    Ok(known(conn, keys, document)?.map(|known| known.person))
}

/// The person whose a record is: the record itself, unless it points to another.
///
/// # Errors
/// Database errors.
pub fn leading(conn: &mut Conn, record: Id) -> AppResult<Id> {
    let into: Option<Option<Id>> = p::table.find(record).select(p::merged_into).first(conn).optional()?;
    Ok(into.flatten().unwrap_or(record))
}

/// The records that point to a person's.
///
/// # Errors
/// Database errors.
pub fn pointing(conn: &mut Conn, person: Id) -> AppResult<Vec<Id>> {
    Ok(p::table.filter(p::merged_into.eq(person)).select(p::id).load(conn)?)
}

/// The same, opened.
///
/// # Errors
/// Database errors; [`crate::error::AppError::Internal`] when a column cannot be opened.
pub(super) fn others(conn: &mut Conn, keys: &Keyring, of: Id) -> AppResult<Vec<Person>> {
    let ids = pointing(conn, of)?;
    if ids.is_empty() { Ok(Vec::new()) } else { persons(conn, keys, &ids) }
}

/// Every document of a person, the leading record's first.
///
/// # Errors
/// As [`super::person`].
pub fn documents(conn: &mut Conn, keys: &Keyring, of: Id) -> AppResult<Vec<DocumentNumber>> {
    let mut found = vec![person(conn, keys, of)?.document];
    found.extend(others(conn, keys, of)?.into_iter().map(|other| other.document));
    Ok(found)
}
