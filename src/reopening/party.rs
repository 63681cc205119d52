//! Who is a party of a business: nobody decides about a case, an agent or a hold of a business that is theirs.

use super::model::{Application, Form, StaffRow};
use super::{store, store_business};
use crate::accounts::Recusal;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::error::AppResult;

/// Whether an official is a party of a business: acts for it or has asked to, is its legal person by telephone, or stands
/// on the staff list that is on file.
///
/// # Errors
/// [`crate::error::AppError::NotFound`] when there is no such business; database or crypto errors.
pub(super) fn of_business(conn: &mut Conn, keys: &Keyring, own: &Recusal, business: Id) -> AppResult<bool> {
    let legal = store_business::business(conn, business)?.legal_phone_blind;
    if legal.is_some_and(|legal| own.has_code(&legal)) {
        return Ok(true);
    }
    let acting = store_business::acting(conn, business)?;
    if own.is_one_of(conn, &acting)? {
        return Ok(true);
    }
    let staff = store_business::staff(conn, keys, business)?;
    Ok(is_among(own, &staff))
}

/// Whether an official is a party of a case: of its business, or named in what was filed, or by the account that filed
/// it.
///
/// # Errors
/// As [`of_business`].
pub(super) fn of_case(
    conn: &mut Conn,
    keys: &Keyring,
    own: &Recusal,
    app: &Application,
    form: &Form,
) -> AppResult<bool> {
    let mut leads = [&form.operator_phone, &form.lead_phone].into_iter().flatten();
    Ok(leads.any(|phone| own.has_phone(phone))
        || is_among(own, &form.staff)
        || own.is(conn, None, Some(app.account_id))?
        || of_business(conn, keys, own, app.business_id)?)
}

/// The same for a case by its identifier; nobody is a party of one that is gone.
///
/// # Errors
/// As [`of_business`].
pub(super) fn of(conn: &mut Conn, keys: &Keyring, own: &Recusal, case: Id) -> AppResult<bool> {
    let Some(app) = store::still_there(conn, case)? else { return Ok(false) };
    let form = store::form(keys, &app)?;
    of_case(conn, keys, own, &app, &form)
}

fn is_among(own: &Recusal, staff: &[StaffRow]) -> bool {
    staff.iter().any(|row| {
        row.phone.as_ref().is_some_and(|phone| own.has_phone(phone))
            || row.number().is_some_and(|document| own.has_document(&document))
    })
}
