//! SQL of offices, officials and assignments.

use super::model::{NewAssignment, NewOffice, NewOfficial};
use crate::audit::{self, Actor, Entry};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{assignments, offices, officials};
use crate::db::{Id, Ts, Tx};
use crate::error::{AppError, AppResult, is_unique_violation};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

/// Where a sealed column of an official belongs.
pub(super) fn official_field(column: &'static str, id: Id) -> FieldContext<'static> {
    FieldContext::new("officials", column, id.0)
}

/// Adds an office.
///
/// # Errors
/// Database errors.
pub fn add_office(tx: &mut Tx<'_>, by: Actor, new: &NewOffice, now: DateTime<Utc>) -> AppResult<Id> {
    let id = Id::new();
    let row = (
        offices::id.eq(id),
        offices::name.eq(&new.name),
        offices::name_en.eq(&new.name_en),
        offices::kind.eq(new.kind.code()),
        offices::division.eq(new.division.to_string()),
        offices::phone.eq(&new.phone),
        offices::active.eq(true),
        offices::version.eq(1),
        offices::created_at.eq(Ts::from(now)),
    );
    diesel::insert_into(offices::table).values(row).execute(tx.conn())?;
    let detail = json!({"kind": new.kind.code(), "division": new.division.to_string()});
    audit::append(tx, now, Entry::new(by, "office.create", "office").object(id).detail(detail))?;
    Ok(id)
}

/// Adds a member of staff, without any right yet.
///
/// # Errors
/// [`AppError::Invalid`] `login`: `login-taken`; database errors.
pub fn add_official(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: Actor,
    new: &NewOfficial,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let id = Id::new();
    let seal = |column, text: &str| keys.seal_str(&official_field(column, id), text);
    let email = new.email.as_ref().map(|e| seal("email_sealed", e.as_str())).transpose()?;
    let phone = new.phone.as_ref().map(|p| seal("phone_sealed", p.as_str())).transpose()?;
    let row = (
        officials::id.eq(id),
        officials::login.eq(&new.login),
        officials::name.eq(&new.name),
        officials::email_sealed.eq(email),
        officials::phone_sealed.eq(phone),
        officials::password_hash.eq(&new.password_hash),
        officials::must_change.eq(new.must_change),
        officials::totp_last_step.eq(0),
        officials::active.eq(true),
        officials::failed.eq(0),
        officials::version.eq(1),
        officials::created_at.eq(Ts::from(now)),
    );
    diesel::insert_into(officials::table).values(row).execute(tx.conn()).map_err(|e| {
        if is_unique_violation(&e) { AppError::field("login", "login-taken") } else { e.into() }
    })?;
    audit::append(tx, now, Entry::new(by, "official.create", "official").object(id))?;
    Ok(id)
}

/// Gives a right.
///
/// # Errors
/// Database errors.
pub fn assign(tx: &mut Tx<'_>, by: Actor, new: &NewAssignment, now: DateTime<Utc>) -> AppResult<Id> {
    let id = Id::new();
    let row = (
        assignments::id.eq(id),
        assignments::official_id.eq(new.official),
        assignments::office_id.eq(new.office),
        assignments::role.eq(new.role.code()),
        assignments::division.eq(new.division.to_string()),
        assignments::valid_from.eq(Ts::from(new.from)),
        assignments::valid_to.eq(new.to.map(Ts::from)),
        assignments::substitute_for.eq(new.substitute_for),
        assignments::created_by.eq(new.created_by),
        assignments::created_at.eq(Ts::from(now)),
    );
    diesel::insert_into(assignments::table).values(row).execute(tx.conn())?;
    let detail = json!({
        "official": new.official.to_string(),
        "role": new.role.code(),
        "division": new.division.to_string(),
        "substitute": new.substitute_for.is_some(),
    });
    audit::append(tx, now, Entry::new(by, "assignment.create", "assignment").object(id).detail(detail))?;
    Ok(id)
}
