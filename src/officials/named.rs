//! What officials and offices are called, for whoever shows who did something.

use crate::db::schema::{offices, officials};
use crate::db::{Conn, Id};
use crate::error::AppResult;
use diesel::prelude::*;

/// An official and an office by their names, as pages for officials show them; empty where there is none.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// Name and sign-in name.
    pub who: String,
    /// The office.
    pub office: String,
    /// Its English name, or the Chinese one where it has none.
    pub office_en: String,
    /// Its telephone.
    pub phone: String,
}

/// The names of an official and of the office for which they acted.
///
/// # Errors
/// Database errors.
pub fn named(conn: &mut Conn, official: Option<Id>, office: Option<Id>) -> AppResult<Named> {
    let mut named = Named::default();
    if let Some(id) = official {
        let columns = (officials::name, officials::login);
        let found: Option<(String, String)> =
            officials::table.find(id).select(columns).first(conn).optional()?;
        named.who = found.map(|(name, login)| format!("{name} ({login})")).unwrap_or_default();
    }
    if let Some(id) = office {
        let columns = (offices::name, offices::name_en, offices::phone);
        let found: Option<(String, String, String)> =
            offices::table.find(id).select(columns).first(conn).optional()?;
        let (zh, en, phone) = found.unwrap_or_default();
        named.phone = phone;
        named.office_en = if en.is_empty() { zh.clone() } else { en };
        named.office = zh;
    }
    Ok(named)
}
