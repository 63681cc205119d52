//! Where officials are reached about their own login.

use super::store::official_field;
use crate::crypto::Keyring;
use crate::db::schema::officials;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::notify::Recipient;
use crate::web::i18n::Lang;
use diesel::prelude::*;

/// Where an official is told of what is done with the own login: the telephone and the address on file.
///
/// # Errors
/// Database errors; values that no key opens.
pub fn recipient(conn: &mut Conn, keys: &Keyring, id: Id) -> AppResult<Recipient> {
    let (phone, email): (Option<Vec<u8>>, Option<Vec<u8>>) =
        officials::table.find(id).select((officials::phone_sealed, officials::email_sealed)).first(conn)?;
    let open = |column, sealed: Option<Vec<u8>>| {
        let field = official_field(column, id);
        sealed.map(|s| keys.open_str(&field, &s).map(|text| text.to_string())).transpose()
    };
    Ok(Recipient {
        account: None,
        phone: open("phone_sealed", phone)?,
        email: open("email_sealed", email)?,
        lang: Lang::default(),
    })
}
