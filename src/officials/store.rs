//! SQL of offices, officials and assignments.

use super::model::{NEW_FOR, NewAssignment, NewOffice, NewOfficial, OfficeDuty};
use crate::access::Role;
use crate::accounts;
use crate::audit::{self, Actor, Entry};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{assignments, offices, officials, recovery_codes};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult, is_unique_violation};
use crate::identity::{DocumentNumber, Phone};
use crate::policy::{Office, Offices, Words};
use crate::web::session::{self, SessionKind};
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
        offices::duty.eq(new.duty.map(OfficeDuty::code)),
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

/// The offices that answer for causes of colours in a division: for each level the one for disease control there, else
/// in what lies above it, else the health authority there. `line` is the division and what it lies in, the nearest
/// first.
///
/// # Errors
/// Database errors.
pub fn answering(conn: &mut Conn, line: &[String]) -> AppResult<Offices> {
    let line: Vec<&String> = line.iter().filter(|code| code.len() == 6).collect();
    let rows: Vec<(String, Option<String>, String, String, String)> = offices::table
        .filter(offices::division.eq_any(line.clone()))
        .filter(offices::duty.is_not_null())
        .filter(offices::active.eq(true))
        .order((offices::created_at.asc(), offices::id.asc()))
        .select((offices::division, offices::duty, offices::name, offices::name_en, offices::phone))
        .load(conn)?;
    let at = |up: usize| {
        let find = |duty: OfficeDuty| {
            line.iter().skip(up).find_map(|code| {
                rows.iter().find(|row| row.0 == **code && row.1.as_deref() == Some(duty.code()))
            })
        };
        OfficeDuty::ALL.into_iter().find_map(find).map(|(_, _, zh, en, phone)| Office {
            name: Words::new(zh.clone(), if en.is_empty() { zh.clone() } else { en.clone() }),
            phone: phone.clone(),
        })
    };
    // A line may begin above the county.
    let from_end = |levels: usize| line.len().saturating_sub(levels);
    Ok(Offices { county: at(from_end(3)), prefecture: at(from_end(2)), province: at(from_end(1)) })
}

/// Adds a member of staff, without any right yet.
///
/// # Errors
/// [`AppError::Invalid`] `login`: `login-taken`, `doc_number`: `official-known`; database errors.
pub fn add_official(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: Actor,
    new: &NewOfficial,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let id = Id::new();
    free(tx.conn(), keys, &new.document, None)?;
    let email = new.email.as_ref().map(|e| keys.seal_str(&official_field("email_sealed", id), e.as_str()));
    let (doc_sealed, doc_blind, phone) = who(keys, id, &new.document, new.phone.as_ref())?;
    let row = (
        officials::id.eq(id),
        officials::login.eq(&new.login),
        officials::name.eq(&new.name),
        officials::email_sealed.eq(email.transpose()?),
        officials::phone_sealed.eq(phone),
        officials::doc_sealed.eq(Some(doc_sealed)),
        officials::doc_blind.eq(Some(doc_blind)),
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

/// What is stored of who an official is: document sealed and as search key, and the sealed telephone.
type Who = (Vec<u8>, Vec<u8>, Option<Vec<u8>>);

fn who(keys: &Keyring, id: Id, document: &DocumentNumber, phone: Option<&Phone>) -> AppResult<Who> {
    let sealed = keys.seal_json(&official_field("doc_sealed", id), document)?;
    let phone = phone.map(|p| keys.seal_str(&official_field("phone_sealed", id), p.as_str())).transpose()?;
    Ok((sealed, keys.blind("document", &document.canonical()).to_vec(), phone))
}

/// One person is one official: else two officials who have to agree could be one person.
fn free(conn: &mut Conn, keys: &Keyring, document: &DocumentNumber, but: Option<Id>) -> AppResult<()> {
    // The person's other documents, too, where they are known to be one person's.
    let person = accounts::person_by_document(conn, keys, document)?;
    let others =
        person.map(|person| accounts::documents(conn, keys, person)).transpose()?.unwrap_or_default();
    let all = others.iter().chain([document]);
    let codes = all.flat_map(|document| keys.blind_candidates("document", &document.canonical()));
    let known: Vec<Id> = officials::table
        .filter(officials::doc_blind.eq_any(codes.map(|b| b.to_vec())))
        .select(officials::id)
        .load(conn)?;
    match known.iter().any(|id| Some(*id) != but) {
        true => Err(AppError::field("doc_number", "official-known")),
        false => Ok(()),
    }
}

/// Writes down who an official is; without a telephone the one on file stays. The caller has looked whether the official is
/// within reach.
///
/// # Errors
/// [`AppError::Invalid`] `doc_number`: `official-known`; database errors.
pub fn identify(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: Actor,
    id: Id,
    document: &DocumentNumber,
    phone: Option<&Phone>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    free(tx.conn(), keys, document, Some(id))?;
    let before: Option<Vec<u8>> = officials::table.find(id).select(officials::doc_blind).first(tx.conn())?;
    let (doc_sealed, doc_blind, phone) = who(keys, id, document, phone)?;
    diesel::update(officials::table.find(id))
        .set((
            officials::doc_sealed.eq(Some(doc_sealed)),
            officials::doc_blind.eq(Some(doc_blind)),
            phone.map(|phone| officials::phone_sealed.eq(Some(phone))),
        ))
        .execute(tx.conn())?;
    let detail = json!({"changed": before.is_some()});
    audit::append(tx, now, Entry::new(by, "official.identify", "official").object(id).detail(detail))?;
    Ok(())
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

/// What signing in needs to know about an official.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = officials)]
pub(super) struct SignInRow {
    pub id: Id,
    pub login: String,
    pub password_hash: String,
    pub must_change: bool,
    pub totp_sealed: Option<Vec<u8>>,
    pub active: bool,
    pub version: i64,
}

pub(super) fn by_login(conn: &mut Conn, login: &str) -> AppResult<Option<SignInRow>> {
    Ok(officials::table
        .filter(officials::login.eq(login))
        .select(SignInRow::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn by_id(conn: &mut Conn, id: Id) -> AppResult<SignInRow> {
    Ok(officials::table.find(id).select(SignInRow::as_select()).first(conn)?)
}

/// Tries a one-time code, each step once; six digits are a code of the app, anything else a recovery code.
pub(super) fn use_second_factor(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &SignInRow,
    typed: &str,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let digits = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    if digits.len() != 6 {
        return use_recovery(tx, row.id, typed, now);
    }
    let Some(sealed) = &row.totp_sealed else { return Ok(false) };
    let secret = keys.open_sealed(&official_field("totp_sealed", row.id), sealed)?;
    let Some(step) = super::factors::step_of(&secret, &digits, now)? else { return Ok(false) };
    let first = diesel::update(officials::table.find(row.id).filter(officials::totp_last_step.lt(step)))
        .set(officials::totp_last_step.eq(step))
        .execute(tx.conn())?;
    Ok(first == 1)
}

fn use_recovery(tx: &mut Tx<'_>, official: Id, typed: &str, now: DateTime<Utc>) -> AppResult<bool> {
    let used = diesel::update(
        recovery_codes::table
            .filter(recovery_codes::official_id.eq(official))
            .filter(recovery_codes::code_hash.eq(super::factors::recovery_hash(typed)))
            .filter(recovery_codes::used_at.is_null()),
    )
    .set(recovery_codes::used_at.eq(Some(Ts::from(now))))
    .execute(tx.conn())?;
    if used > 0 {
        let by = Actor::Anonymous;
        audit::append(tx, now, Entry::new(by, "official.recovery-code", "official").object(official))?;
    }
    Ok(used > 0)
}

/// What enrolment sets.
pub(super) struct Enrolment {
    pub password_hash: String,
    pub secret: Vec<u8>,
    pub step: i64,
    pub codes: Vec<String>,
}

/// Sets password, second factor and recovery codes; earlier sessions and codes are over.
pub(super) fn enrol(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &SignInRow,
    new: &Enrolment,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = row.id;
    let sealed = keys.seal(&official_field("totp_sealed", id), &new.secret)?;
    let changed = diesel::update(officials::table.find(id).filter(officials::version.eq(row.version)))
        .set((
            officials::password_hash.eq(&new.password_hash),
            officials::must_change.eq(false),
            officials::totp_sealed.eq(Some(sealed)),
            officials::totp_last_step.eq(new.step),
            officials::version.eq(officials::version + 1),
        ))
        .execute(tx.conn())?;
    if changed == 0 {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    // Of a login for which nobody has vouched the day begins when it is first used: while it lies in a drawer nobody looks.
    diesel::update(officials::table.find(id).filter(officials::grave_by.is_not_null()))
        .set(officials::grave_from.eq(Some(Ts::from(now + NEW_FOR))))
        .execute(tx.conn())?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::official_id.eq(id))).execute(tx.conn())?;
    for code in &new.codes {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::id.eq(Id::new()),
                recovery_codes::official_id.eq(id),
                recovery_codes::code_hash.eq(super::factors::recovery_hash(code)),
            ))
            .execute(tx.conn())?;
    }
    session::end_all(tx, SessionKind::Official, id)?;
    audit::append(tx, now, Entry::new(Actor::Anonymous, "official.enrol", "official").object(id))?;
    Ok(())
}

/// Sets another password; steps of a sign-in that are under way are void.
///
/// # Errors
/// [`AppError::Conflict`] `changed-meanwhile`.
pub(super) fn set_password(tx: &mut Tx<'_>, row: &SignInRow, hash: &str) -> AppResult<()> {
    let changed = diesel::update(officials::table.find(row.id).filter(officials::version.eq(row.version)))
        .set((officials::password_hash.eq(hash), officials::version.eq(officials::version + 1)))
        .execute(tx.conn())?;
    if changed == 0 { Err(AppError::conflict("changed-meanwhile")) } else { Ok(()) }
}

/// The same password under another hash, unless it was changed meanwhile.
pub(super) fn replace_hash(tx: &mut Tx<'_>, id: Id, old: &str, new: &str) -> AppResult<usize> {
    let row = officials::table.find(id).filter(officials::password_hash.eq(old));
    Ok(diesel::update(row).set(officials::password_hash.eq(new)).execute(tx.conn())?)
}

/// An assignment as its holder chooses it.
#[derive(Debug, Clone)]
pub(super) struct InForce {
    pub id: Id,
    pub office_id: Id,
    pub office: String,
    pub office_en: String,
    pub role: Role,
    pub division: String,
    pub substitute: bool,
}

type InForceRow = (Id, Id, String, String, String, String, Option<Id>);

/// The assignments of an official that hold now.
pub(super) fn in_force(conn: &mut Conn, official: Id, now: DateTime<Utc>) -> AppResult<Vec<InForce>> {
    let now = Ts::from(now);
    let rows: Vec<InForceRow> = assignments::table
        .inner_join(offices::table.on(offices::id.eq(assignments::office_id)))
        .filter(assignments::official_id.eq(official))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .order(assignments::created_at)
        .select((
            assignments::id,
            offices::id,
            offices::name,
            offices::name_en,
            assignments::role,
            assignments::division,
            assignments::substitute_for,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, office_id, office, office_en, role, division, substitute)| {
            let substitute = substitute.is_some();
            let role = role.parse().ok()?;
            Some(InForce { id, office_id, office, office_en, role, division, substitute })
        })
        .collect())
}
