//! What is kept of a record of a person, beside what a claim says.

use super::merged::Known;
use super::model::{ClaimPerson, IdentityLevel};
use super::store::person_field;
use crate::crypto::Keyring;
use crate::db::schema::persons;
use crate::db::{Conn, Id, Tx};
use crate::error::{AppError, AppResult};
use crate::identity::{PersonName, Sex};
use diesel::prelude::*;

/// What is kept of a record now.
pub(super) struct Standing {
    pub level: IdentityLevel,
    name_sealed: Vec<u8>,
    sex: Option<String>,
    phone_blind: Option<Vec<u8>>,
    division: Option<String>,
}

impl Standing {
    /// Reads it and, on PostgreSQL, holds the person until the transaction ends: of two submissions at the same moment
    /// the second then sees what the first has written.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `in-progress` when it has just come to be somebody else's; database errors.
    pub(super) fn of(tx: &mut Tx<'_>, known: Known) -> AppResult<Self> {
        type Found = (Option<Id>, String, Vec<u8>, Option<String>, Option<Vec<u8>>, Option<String>);
        let query = persons::table.find(known.record).select((
            persons::merged_into,
            persons::level,
            persons::name_sealed,
            persons::sex,
            persons::phone_blind,
            persons::division,
        ));
        let (into, level, name_sealed, sex, phone_blind, division): Found = match tx.conn() {
            Conn::Pg(c) => query.for_update().get_result(c)?,
            Conn::Sqlite(c) => query.get_result(c)?,
        };
        if into.unwrap_or(known.record) != known.person {
            return Err(AppError::conflict("in-progress"));
        }
        let level = IdentityLevel::from_code(&level)
            .ok_or_else(|| AppError::internal("a person has an unknown level"))?;
        Ok(Self { level, name_sealed, sex, phone_blind, division })
    }

    /// Whether a claim names the person as they are known, whatever spaces it was typed with.
    pub(super) fn is_called(&self, keys: &Keyring, claim: &ClaimPerson, id: Id) -> AppResult<bool> {
        let name = keys.open_str(&person_field("name_sealed", id), &self.name_sealed)?;
        let name = PersonName::parse(&name).map_err(AppError::internal)?;
        Ok(name.canonical() == claim.name.canonical())
    }

    /// Whether a claim says nothing new: most people declare again with the name and address that they had.
    pub(super) fn says(&self, keys: &Keyring, claim: &ClaimPerson, id: Id) -> AppResult<bool> {
        let name = keys.open_str(&person_field("name_sealed", id), &self.name_sealed)?;
        let phone = claim.phone.as_ref().map(|p| keys.blind("phone", p.as_str()).to_vec());
        Ok(name.as_str() == claim.name.as_str()
            && self.sex.as_deref() == sex_of(claim).map(Sex::as_str)
            && self.phone_blind == phone
            && self.division == Some(claim.division.to_string()))
    }
}

/// The document's word on it stands before the person's.
pub(super) fn sex_of(claim: &ClaimPerson) -> Option<Sex> {
    claim.document.id_number().map(|c| c.sex()).or(claim.sex)
}
