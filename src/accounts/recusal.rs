//! Nobody decides about themselves (Civil Servants Law of 2018, article 76): who an official is as a resident, and whether
//! a person, an account or a document is theirs. Every decision about a person or a business asks here.

use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::fetch;
use crate::db::schema::accounts;
use crate::db::types::DbUuid;
use crate::db::{Conn, Id};
use crate::error::{AppError, AppResult};
use crate::identity::{DocumentNumber, Phone};
use crate::web::principal::OfficialPrincipal;
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

const UNIDENTIFIED: &str = "official-unidentified";

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
        let sealed = by.doc_sealed.as_ref().ok_or_else(|| AppError::conflict(UNIDENTIFIED))?;
        let document: DocumentNumber = keys.open_json(&place("doc_sealed"), sealed)?;
        let phone = by.phone_sealed.as_ref().map(|p| keys.open_str(&place("phone_sealed"), p)).transpose()?;
        let phone = phone.and_then(|p| Phone::parse(&p).ok());
        let codes = |purpose, text: &str| -> Vec<Vec<u8>> {
            keys.blind_candidates(purpose, text).iter().map(|code| code.to_vec()).collect()
        };
        Ok(Self {
            documents: codes("document", &document.canonical()),
            phones: phone.as_ref().map(|p| codes("phone", p.as_str())).unwrap_or_default(),
            document,
            phone,
        })
    }

    /// Whether a person, the account that acts for the person, or this account is the official's.
    ///
    /// # Errors
    /// Database errors.
    pub fn is(&self, conn: &mut Conn, person: Option<Id>, account: Option<Id>) -> AppResult<bool> {
        let (mut person, mut codes, mut seen) = (person, Vec::new(), Vec::new());
        if let (None, Some(account)) = (person, account) {
            type Row = (Option<Id>, Vec<u8>);
            let columns = (accounts::person_id, accounts::phone_blind);
            let row: Option<Row> = accounts::table.find(account).select(columns).first(conn).optional()?;
            let Some((of, phone)) = row else { return Ok(false) };
            (person, seen) = (of, vec![account]);
            codes.push(phone);
        }
        if let Some(person) = person {
            type Row = (Vec<u8>, Option<Vec<u8>>, Option<Id>, Option<Vec<u8>>);
            let rows: Vec<Row> = fetch!(
                conn,
                (Binary, Nullable<Binary>, Nullable<DbUuid>, Nullable<Binary>),
                "SELECT p.doc_blind, p.phone_blind, a.id, a.phone_blind FROM persons p \
                 LEFT JOIN accounts a ON a.person_id = p.id WHERE p.id = ?",
                DbUuid => person,
            )?;
            for (document, phone, acting, of_account) in rows {
                codes.push(document);
                codes.extend(phone.into_iter().chain(of_account));
                seen.extend(acting);
            }
        }
        if let Some(account) = account.filter(|id| !seen.contains(id)) {
            let filed = accounts::table.find(account).select(accounts::phone_blind);
            codes.extend(filed.first::<Vec<u8>>(conn).optional()?);
        }
        Ok(codes.iter().any(|code| self.has_code(code)))
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
