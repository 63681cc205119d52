//! Nobody decides about themselves (Civil Servants Law of 2018, article 76): who an official is as a resident, and whether
//! a person, an account or a document is theirs. Every decision about a person or a business asks here.

use super::store::candidates;
use super::store_claims::{self as claims, ClaimRow};
use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::fetch;
use crate::db::schema::{accounts, persons};
use crate::db::types::DbUuid;
use crate::db::{Conn, Id};
use crate::error::{AppError, AppResult};
use crate::identity::{DocumentNumber, Phone};
use crate::web::principal::{OfficialPrincipal, UNIDENTIFIED};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable};

/// For a page that shows a case: an official of whom nobody knows who they are may look, and decides nothing (the page
/// says so at its head).
///
/// # Errors
/// Every other error.
pub fn looking(own: AppResult<bool>) -> AppResult<bool> {
    match own {
        Err(AppError::Conflict(code)) if code == UNIDENTIFIED => Ok(false),
        other => other,
    }
}

/// Accounts asked for in one query.
const AT_ONCE: usize = 500;

/// What tells an official among residents: document and telephone, and their search keys under every key in use.
pub struct Recusal {
    document: DocumentNumber,
    phone: Option<Phone>,
    documents: Vec<Vec<u8>>,
    phones: Vec<Vec<u8>>,
}

impl Recusal {
    /// Of an official.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `official-unidentified` while nobody has written down who the official is.
    pub fn of(keys: &Keyring, by: &OfficialPrincipal) -> AppResult<Self> {
        let place = |column| FieldContext::new("officials", column, by.official_id.0);
        let document: DocumentNumber = keys.open_json(&place("doc_sealed"), by.identity()?)?;
        let phone = by.phone_sealed.as_ref().map(|p| keys.open_str(&place("phone_sealed"), p)).transpose()?;
        let phone = phone.and_then(|p| Phone::parse(&p).ok());
        let phones = phone.as_ref().map(|p| candidates(keys, "phone", p.as_str()));
        Ok(Self {
            documents: candidates(keys, "document", &document.canonical()),
            phones: phones.unwrap_or_default(),
            document,
            phone,
        })
    }

    /// Whether a person by any of their documents, the account that acts for the person, or this account is the official's.
    ///
    /// # Errors
    /// Database errors.
    pub fn is(&self, conn: &mut Conn, person: Option<Id>, account: Option<Id>) -> AppResult<bool> {
        let person = match (person, account) {
            (None, Some(account)) => {
                accounts::table.find(account).select(accounts::person_id).first(conn).optional()?.flatten()
            }
            (person, _) => person,
        };
        let theirs: Vec<(Vec<u8>,)> = fetch!(
            conn,
            (Binary,),
            "SELECT doc_blind FROM persons WHERE id = ? \
             UNION ALL SELECT phone_blind FROM persons WHERE id = ? AND phone_blind IS NOT NULL \
             UNION ALL SELECT doc_blind FROM persons WHERE merged_into = ? \
             UNION ALL SELECT phone_blind FROM persons WHERE merged_into = ? AND phone_blind IS NOT NULL \
             UNION ALL SELECT phone_blind FROM accounts WHERE id = ? OR person_id = ?",
            Nullable<DbUuid> => person, Nullable<DbUuid> => person,
            Nullable<DbUuid> => person, Nullable<DbUuid> => person,
            Nullable<DbUuid> => account, Nullable<DbUuid> => person,
        )?;
        Ok(theirs.iter().any(|(code,)| self.has_code(code)))
    }

    /// Whether one of these accounts, or the person whom it stands for, is the official's.
    ///
    /// # Errors
    /// Database errors.
    pub fn is_one_of(&self, conn: &mut Conn, accounts: &[Id]) -> AppResult<bool> {
        type Codes = (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);
        for some in accounts.chunks(AT_ONCE) {
            let theirs: Vec<Codes> = accounts::table
                .left_join(persons::table.on(persons::id.nullable().eq(accounts::person_id)))
                .filter(accounts::id.eq_any(some))
                .select((
                    accounts::phone_blind,
                    persons::doc_blind.nullable(),
                    persons::phone_blind.nullable(),
                ))
                .load(conn)?;
            let own = |(phone, document, stated): &Codes| {
                let mut stated = document.iter().chain(stated);
                self.has_code(phone) || stated.any(|code| self.has_code(code))
            };
            if theirs.iter().any(own) || self.is_other_record_of(conn, some)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the official's document or telephone is that of another record of one of the persons of accounts.
    fn is_other_record_of(&self, conn: &mut Conn, accounts: &[Id]) -> AppResult<bool> {
        let theirs: Vec<(Vec<u8>, Option<Vec<u8>>)> = persons::table
            .inner_join(accounts::table.on(accounts::person_id.eq(persons::merged_into)))
            .filter(accounts::id.eq_any(accounts))
            .select((persons::doc_blind, persons::phone_blind))
            .load(conn)?;
        let own = |(document, stated): &(Vec<u8>, Option<Vec<u8>>)| {
            self.has_code(document) || stated.as_ref().is_some_and(|code| self.has_code(code))
        };
        Ok(theirs.iter().any(own))
    }

    /// Refuses a decision about a person or an account that is the official's own.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `refused-self-decision`; database errors.
    pub fn not_about(&self, conn: &mut Conn, person: Option<Id>, account: Option<Id>) -> AppResult<()> {
        match self.is(conn, person, account)? {
            true => Err(AppError::conflict("refused-self-decision")),
            false => Ok(()),
        }
    }

    /// Whether a claim is the official's: who claims, whom the document is of, and who would lose the person.
    ///
    /// # Errors
    /// Database errors.
    pub(super) fn is_of(&self, conn: &mut Conn, claim: &ClaimRow) -> AppResult<bool> {
        let (holder, before) = claims::before(conn, claim)?;
        Ok(self.is(conn, Some(claim.person_id), Some(claim.account_id))? || self.is(conn, before, holder)?)
    }

    /// Whether a document is the official's.
    #[must_use]
    pub fn has_document(&self, document: &DocumentNumber) -> bool {
        document.canonical() == self.document.canonical()
    }

    /// Whether a search key of a document or a telephone is the official's.
    #[must_use]
    pub fn has_code(&self, code: &[u8]) -> bool {
        self.documents.iter().chain(&self.phones).any(|own| own == code)
    }

    /// Whether a telephone in its stored form (E.164) is the official's.
    #[must_use]
    pub fn has_phone(&self, phone: &str) -> bool {
        self.phone.as_ref().is_some_and(|own| own.as_str() == phone)
    }
}
