//! Whose a row of a list is: name and document, read with the row and opened when it is shown.

use super::store::person_field;
use crate::crypto::Keyring;
use crate::db::Id;
use crate::error::{AppError, AppResult};
use crate::identity::{DocumentKind, DocumentNumber, PersonName};
use diesel::prelude::*;

/// The columns of `persons` that say whose something is, sealed.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::persons)]
pub struct Named {
    /// The person.
    pub id: Id,
    /// Kind of the document.
    pub doc_kind: String,
    /// Its number, sealed.
    pub doc_sealed: Vec<u8>,
    /// The name, sealed.
    pub name_sealed: Vec<u8>,
}

impl Named {
    /// Opens both.
    ///
    /// # Errors
    /// [`AppError::Internal`] when a column cannot be opened.
    pub fn open(&self, keys: &Keyring) -> AppResult<(PersonName, DocumentNumber)> {
        let open = |column, sealed: &[u8]| keys.open_str(&person_field(column, self.id), sealed);
        let kind = DocumentKind::from_code(&self.doc_kind)
            .ok_or_else(|| AppError::internal("a person has an unknown kind of document"))?;
        let name = PersonName::parse(&open("name_sealed", &self.name_sealed)?).map_err(AppError::internal)?;
        let number = open("doc_sealed", &self.doc_sealed)?;
        let number = DocumentNumber::parse_stored(kind, &number).map_err(AppError::internal)?;
        Ok((name, number))
    }
}
