//! SQL of the cases. Ownership and jurisdiction are conditions of the queries.

use super::model::{Application, Form};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{applications as ap, officials};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::kept::served;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

fn form_place(id: Id) -> FieldContext<'static> {
    FieldContext::new("applications", "form_sealed", id.0)
}

/// Seals a form for its case.
///
/// # Errors
/// Crypto errors.
pub fn seal_form(keys: &Keyring, id: Id, form: &Form) -> AppResult<Vec<u8>> {
    Ok(keys.seal_json(&form_place(id), form)?)
}

/// Opens the form of a case.
///
/// # Errors
/// Crypto errors.
pub fn form(keys: &Keyring, app: &Application) -> AppResult<Form> {
    Ok(keys.open_json(&form_place(app.id), &app.form_sealed)?)
}

/// Keeps the answers as they are now, because a correction is asked for: what is sent again is compared with them.
///
/// # Errors
/// Database or crypto errors.
pub fn keep_asked(tx: &mut Tx<'_>, keys: &Keyring, case: Id, form: &Form) -> AppResult<()> {
    let sealed = keys.seal_json(&FieldContext::new("applications", "asked_sealed", case.0), form)?;
    diesel::update(ap::table.find(case)).set(ap::asked_sealed.eq(Some(sealed))).execute(tx.conn())?;
    Ok(())
}

/// The answers as they were when a correction was asked for.
///
/// # Errors
/// Database or crypto errors.
pub fn asked(conn: &mut Conn, keys: &Keyring, case: Id) -> AppResult<Option<Form>> {
    let sealed: Option<Vec<u8>> = ap::table.find(case).select(ap::asked_sealed).first(conn)?;
    let place = FieldContext::new("applications", "asked_sealed", case.0);
    Ok(sealed.map(|s| keys.open_json(&place, &s)).transpose()?)
}

/// The number of a case, while there is one.
///
/// # Errors
/// Database errors.
pub fn number_of(conn: &mut Conn, id: Id) -> AppResult<Option<String>> {
    let found = ap::table.filter(served("applications")).filter(ap::id.eq(id));
    Ok(found.select(ap::number).first(conn).optional()?)
}

/// Writes a new case.
///
/// # Errors
/// Database errors.
pub fn insert(tx: &mut Tx<'_>, app: &Application) -> AppResult<()> {
    diesel::insert_into(ap::table).values(app).execute(tx.conn())?;
    Ok(())
}

/// Writes a changed case over the version that was read.
///
/// # Errors
/// [`AppError::Conflict`] `changed-meanwhile` when somebody was faster.
pub fn save(tx: &mut Tx<'_>, app: &Application, seen: i64) -> AppResult<()> {
    let changed = diesel::update(ap::table.filter(ap::id.eq(app.id)).filter(ap::version.eq(seen)))
        .set((
            ap::state.eq(&app.state),
            ap::version.eq(app.version),
            ap::division.eq(&app.division),
            ap::risk_level.eq(&app.risk_level),
            ap::review_level.eq(&app.review_level),
            ap::step.eq(&app.step),
            ap::form_sealed.eq(&app.form_sealed),
            ap::returning_staff.eq(app.returning_staff),
            ap::corrections.eq(app.corrections),
            ap::clock.eq(&app.clock),
            ap::due_at.eq(app.due_at),
            ap::assignee.eq(app.assignee),
            ap::permit_number.eq(&app.permit_number),
            ap::permit_until.eq(app.permit_until),
            ap::decided_by.eq(app.decided_by),
            ap::decided_at.eq(app.decided_at),
        ))
        .execute(tx.conn())?;
    if changed == 0 {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    diesel::update(ap::table.filter(ap::id.eq(app.id)))
        .set((ap::updated_at.eq(app.updated_at), ap::submitted_at.eq(app.submitted_at)))
        .execute(tx.conn())?;
    Ok(())
}

/// Keeps others waiting who change a case, until the end of the transaction.
///
/// # Errors
/// Database errors.
pub fn hold(tx: &mut Tx<'_>, case: Id) -> AppResult<()> {
    diesel::update(ap::table.find(case)).set(ap::version.eq(ap::version)).execute(tx.conn())?;
    Ok(())
}

/// Moves the version on: something beside the answers has changed.
///
/// # Errors
/// Database errors.
pub fn touch(tx: &mut Tx<'_>, case: Id, now: DateTime<Utc>) -> AppResult<()> {
    let set = (ap::version.eq(ap::version + 1), ap::updated_at.eq(Ts::from(now)));
    diesel::update(ap::table.find(case)).set(set).execute(tx.conn())?;
    Ok(())
}

/// A case of an account.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs.
pub fn own(conn: &mut Conn, number: &str, account: Id) -> AppResult<Application> {
    Ok(ap::table
        .filter(served("applications"))
        .filter(ap::number.eq(number))
        .filter(ap::account_id.eq(account))
        .select(Application::as_select())
        .first(conn)?)
}

/// The cases of an account, newest first.
///
/// # Errors
/// Database errors.
pub fn all_own(conn: &mut Conn, account: Id) -> AppResult<Vec<Application>> {
    Ok(ap::table
        .filter(served("applications"))
        .filter(ap::account_id.eq(account))
        .order((ap::created_at.desc(), ap::id.desc()))
        .select(Application::as_select())
        .load(conn)?)
}

/// An account's draft for a business, if there is one.
///
/// # Errors
/// Database errors.
pub fn draft(conn: &mut Conn, business: Id, account: Id) -> AppResult<Option<Application>> {
    Ok(ap::table
        .filter(served("applications"))
        .filter(ap::business_id.eq(business))
        .filter(ap::account_id.eq(account))
        .filter(ap::state.eq("draft"))
        .select(Application::as_select())
        .first(conn)
        .optional()?)
}

/// A submitted case inside a jurisdiction.
///
/// # Errors
/// [`AppError::NotFound`] when it lies elsewhere or is still a draft.
pub fn inside(conn: &mut Conn, number: &str, pattern: &str) -> AppResult<Application> {
    Ok(ap::table
        .filter(served("applications"))
        .filter(ap::number.eq(number))
        .filter(ap::division.like(pattern.to_owned()))
        .filter(ap::submitted_at.is_not_null())
        .select(Application::as_select())
        .first(conn)?)
}

/// A case by its identifier, for the program's own jobs.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn by_id(conn: &mut Conn, id: Id) -> AppResult<Application> {
    Ok(ap::table.find(id).select(Application::as_select()).first(conn)?)
}

/// A case by its identifier, if nothing has destroyed it: for the question whose it is.
///
/// # Errors
/// Database errors.
pub fn still_there(conn: &mut Conn, id: Id) -> AppResult<Option<Application>> {
    Ok(ap::table.find(id).select(Application::as_select()).first(conn).optional()?)
}

/// The case behind a permit or filing certificate: public.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn by_permit(conn: &mut Conn, number: &str) -> AppResult<Application> {
    Ok(ap::table
        .filter(served("applications"))
        .filter(ap::permit_number.eq(number))
        .select(Application::as_select())
        .first(conn)?)
}

/// Cases with a running limit that ends before `before`, the earliest first.
///
/// # Errors
/// Database errors.
pub fn due_before(
    conn: &mut Conn,
    before: DateTime<Utc>,
    after: Option<(Ts, Id)>,
    limit: i64,
) -> AppResult<Vec<Application>> {
    let mut query =
        ap::table.filter(ap::due_at.le(Ts::from(before))).select(Application::as_select()).into_boxed();
    if let Some((due, id)) = after {
        query = query.filter(ap::due_at.gt(due).or(ap::due_at.eq(due).and(ap::id.gt(id))));
    }
    Ok(query.order((ap::due_at.asc(), ap::id.asc())).limit(limit).load(conn)?)
}

/// Name of an official, for colleagues.
///
/// # Errors
/// Database errors.
pub fn official_name(conn: &mut Conn, id: Id) -> AppResult<String> {
    Ok(officials::table.find(id).select(officials::name).first(conn)?)
}

/// An office's name in both languages; where there is no English one, the Chinese.
pub(super) fn both(zh: String, en: String) -> (String, String) {
    let en = if en.is_empty() { zh.clone() } else { en };
    (zh, en)
}
