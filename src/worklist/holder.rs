//! Whose a row of a list is: name and document, read with the row and opened when it is shown.

use crate::crypto::{FieldContext, Keyring};
use crate::db::Id;
use crate::error::{AppError, AppResult};
use crate::identity::{DocumentKind, DocumentNumber, PersonName};
use diesel::prelude::*;

/// The columns of `persons` that say whose something is, sealed.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::persons)]
pub struct Holder {
    /// The person.
    pub id: Id,
    /// Kind of the document.
    pub doc_kind: String,
    /// Its number, sealed.
    pub doc_sealed: Vec<u8>,
    /// The name, sealed.
    pub name_sealed: Vec<u8>,
}

impl Holder {
    /// Opens both.
    ///
    /// # Errors
    /// [`AppError::Internal`] when a column cannot be opened.
    pub fn open(&self, keys: &Keyring) -> AppResult<(PersonName, DocumentNumber)> {
        let open =
            |column, sealed: &[u8]| keys.open_str(&FieldContext::new("persons", column, self.id.0), sealed);
        let kind = DocumentKind::from_code(&self.doc_kind)
            .ok_or_else(|| AppError::internal("a person has an unknown kind of document"))?;
        let name = PersonName::parse(&open("name_sealed", &self.name_sealed)?).map_err(AppError::internal)?;
        let document = open("doc_sealed", &self.doc_sealed)?;
        // Kept as the number or with its kind before it.
        let number = document.rsplit_once(':').map_or(document.as_str(), |(_, number)| number);
        let number = DocumentNumber::parse_stored(kind, number).map_err(AppError::internal)?;
        Ok((name, number))
    }

    /// The name with stars, at least one, and the document, for whoever is to see no more than a mask of either.
    ///
    /// # Errors
    /// As [`Holder::open`].
    pub fn masked(&self, keys: &Keyring) -> AppResult<(String, DocumentNumber)> {
        let (name, number) = self.open(keys)?;
        let masked = name.masked();
        let masked = if masked.contains('*') { masked } else { format!("{masked}*") };
        Ok((masked, number))
    }
}
