//! SQL of accounts and persons.

use super::merged;
use super::model::{IdentityLevel, Person};
use crate::agreed;
use crate::audit::{self, Actor, Entry};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{accounts, identity_claims, persons};
use crate::db::{Conn, Id, Ts, Tx, moment};
use crate::deps::Deps;
use crate::error::{AppError, AppResult, is_unique_violation};
use crate::identity::{DivisionCode, DocumentKind, DocumentNumber, EmailAddress, PersonName, Phone, Sex};
use crate::kept::served;
use crate::notify::Recipient;
use crate::web::i18n::Lang;
use crate::web::session::{self, SessionKind};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Where a sealed column of a person belongs.
pub(super) fn person_field(column: &'static str, id: Id) -> FieldContext<'static> {
    FieldContext::new("persons", column, id.0)
}

/// Where a sealed column of an account belongs.
pub(super) fn account_field(column: &'static str, id: Id) -> FieldContext<'static> {
    FieldContext::new("accounts", column, id.0)
}

/// The blind indexes under which a text may be stored, for `IN (…)`.
pub(super) fn candidates(keys: &Keyring, purpose: &str, canonical: &str) -> Vec<Vec<u8>> {
    keys.blind_candidates(purpose, canonical).into_iter().map(|b| b.to_vec()).collect()
}

/// A person row as stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = persons)]
pub(super) struct PersonRow {
    pub id: Id,
    pub doc_kind: String,
    pub doc_sealed: Vec<u8>,
    pub name_sealed: Vec<u8>,
    pub sex: Option<String>,
    pub birth_date_sealed: Option<Vec<u8>>,
    pub phone_sealed: Option<Vec<u8>>,
    pub division: Option<String>,
    pub level: String,
    pub version: i64,
}

/// A person's data, opened.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Internal`] when a column cannot be opened.
pub fn person(conn: &mut Conn, keys: &Keyring, id: Id) -> AppResult<Person> {
    let row: PersonRow = persons::table.find(id).select(PersonRow::as_select()).first(conn)?;
    open(keys, row)
}

/// Several persons, in one look; those who are not there are left out.
///
/// # Errors
/// Database errors; [`AppError::Internal`] when a column cannot be opened.
pub fn persons(conn: &mut Conn, keys: &Keyring, ids: &[Id]) -> AppResult<Vec<Person>> {
    let rows: Vec<PersonRow> =
        persons::table.filter(persons::id.eq_any(ids.to_vec())).select(PersonRow::as_select()).load(conn)?;
    rows.into_iter().map(|row| open(keys, row)).collect()
}

fn open(keys: &Keyring, row: PersonRow) -> AppResult<Person> {
    let id = row.id;
    let text = |column, sealed: &[u8]| keys.open_str(&person_field(column, id), sealed);
    let kind = DocumentKind::from_code(&row.doc_kind)
        .ok_or_else(|| AppError::internal("a person has an unknown kind of document"))?;
    let number = text("doc_sealed", &row.doc_sealed)?;
    let name = text("name_sealed", &row.name_sealed)?;
    let birth = row.birth_date_sealed.as_deref().map(|s| text("birth_date_sealed", s)).transpose()?;
    let phone = row.phone_sealed.as_deref().map(|s| text("phone_sealed", s)).transpose()?;
    Ok(Person {
        id,
        name: PersonName::parse(&name).map_err(AppError::internal)?,
        document: DocumentNumber::parse_stored(kind, &number).map_err(AppError::internal)?,
        sex: row.sex.as_deref().and_then(sex_of),
        birth_date: birth.and_then(|b| b.parse::<NaiveDate>().ok()),
        phone: phone.map(|p| Phone::parse(&p)).transpose().map_err(AppError::internal)?,
        level: IdentityLevel::from_code(&row.level)
            .ok_or_else(|| AppError::internal("a person has an unknown level"))?,
        division: row.division.and_then(|d| DivisionCode::parse(&d).ok()),
        version: row.version,
    })
}

/// The sex with this stored code.
pub(super) fn sex_of(code: &str) -> Option<Sex> {
    [Sex::Male, Sex::Female].into_iter().find(|s| s.as_str() == code)
}

/// How a person is reached: by the account that is named, else by the one that stands for them, else by the telephone that
/// staff wrote down.
///
/// # Errors
/// Database errors.
pub fn reach(conn: &mut Conn, keys: &Keyring, account: Option<Id>, person: Id) -> AppResult<Recipient> {
    let account = match account {
        Some(account) => Some(account),
        None => account_of(conn, person)?,
    };
    match account {
        Some(account) => recipient(conn, keys, account),
        None => {
            let phone = super::person(conn, keys, person)?.phone;
            Ok(Recipient { phone: phone.map(|p| p.as_str().to_owned()), ..Recipient::default() })
        }
    }
}

/// How an account is reached.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Internal`] when a column cannot be opened.
pub fn recipient(conn: &mut Conn, keys: &Keyring, account: Id) -> AppResult<Recipient> {
    let (phone, email, lang): (Vec<u8>, Option<Vec<u8>>, String) = accounts::table
        .find(account)
        .select((accounts::phone_sealed, accounts::email_sealed, accounts::lang))
        .first(conn)?;
    let phone = keys.open_str(&account_field("phone_sealed", account), &phone)?;
    let email = email
        .map(|sealed| keys.open_str(&account_field("email_sealed", account), &sealed))
        .transpose()?
        .map(|e| e.to_string());
    Ok(Recipient {
        account: Some(account),
        phone: Some(phone.to_string()),
        email,
        lang: Lang::parse(&lang).unwrap_or_default(),
    })
}

/// The account that acts for a person, if one does.
///
/// # Errors
/// Database errors.
pub fn account_of(conn: &mut Conn, person: Id) -> AppResult<Option<Id>> {
    Ok(accounts::table.filter(accounts::person_id.eq(person)).select(accounts::id).first(conn).optional()?)
}

/// The person for whom an account stands.
///
/// # Errors
/// Database errors.
pub fn person_of(conn: &mut Conn, account: Id) -> AppResult<Option<Id>> {
    let found: Option<Option<Id>> =
        accounts::table.find(account).select(accounts::person_id).first(conn).optional()?;
    Ok(found.flatten())
}

/// How the person of an account is called, masked, for somebody for whom the account acts or is to act; empty where it has none.
///
/// # Errors
/// Database errors; [`AppError::Internal`] when a column cannot be opened.
pub fn called(conn: &mut Conn, keys: &Keyring, account: Id) -> AppResult<String> {
    let person = person_of(conn, account)?.map(|id| person(conn, keys, id)).transpose()?;
    Ok(person.map(|p| p.name.masked()).unwrap_or_default())
}

/// The account of a phone.
///
/// # Errors
/// Database errors.
pub(super) fn account_by_phone(conn: &mut Conn, keys: &Keyring, phone: &Phone) -> AppResult<Option<Id>> {
    Ok(accounts::table
        .filter(accounts::phone_blind.eq_any(candidates(keys, "phone", phone.as_str())))
        .select(accounts::id)
        .first(conn)
        .optional()?)
}

/// The account of a phone that has proved itself, made if it is new. `lang` is the language it is written to in.
///
/// # Errors
/// Database errors; [`AppError::Conflict`] `in-progress` when the same phone is being added at this moment.
pub fn ensure_account(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    phone: &Phone,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    if let Some(id) = account_by_phone(tx.conn(), keys, phone)? {
        return Ok(id);
    }
    let id = Id::new();
    let row = (
        accounts::id.eq(id),
        accounts::phone_sealed.eq(keys.seal_str(&account_field("phone_sealed", id), phone.as_str())?),
        accounts::phone_blind.eq(keys.blind("phone", phone.as_str()).to_vec()),
        accounts::lang.eq(lang.tag()),
        accounts::elder.eq(false),
        accounts::created_at.eq(Ts::from(now)),
        accounts::last_signin_at.eq(Ts::from(now)),
    );
    diesel::insert_into(accounts::table).values(row).execute(tx.conn()).map_err(unless_racing)?;
    audit::append(tx, now, Entry::new(Actor::Resident(id), "account.create", "account").object(id))?;
    Ok(id)
}

/// The same row written by another connection at this moment is no fault of ours: it can be tried again.
pub(super) fn unless_racing(e: diesel::result::Error) -> AppError {
    if is_unique_violation(&e) { AppError::conflict("in-progress") } else { e.into() }
}

/// Records that the privacy notice (PIPL art. 17) was shown and acknowledged; the first time counts.
///
/// # Errors
/// Database errors.
pub fn accept_notice(tx: &mut Tx<'_>, account: Id, now: DateTime<Utc>) -> AppResult<()> {
    let first = diesel::update(accounts::table.find(account).filter(accounts::notice_at.is_null()))
        .set((accounts::notice_at.eq(Some(Ts::from(now))), accounts::notice_text.eq(agreed::NOTICE)))
        .execute(tx.conn())?;
    if first > 0 {
        tx.changed(account);
        let entry = Entry::new(Actor::Resident(account), "account.notice", "account").object(account);
        audit::append(tx, now, entry.detail(json!({"text": agreed::NOTICE})))?;
    }
    Ok(())
}

/// Notes a sign-in and tells whether the privacy notice has been acknowledged before.
///
/// # Errors
/// Database errors.
pub(super) fn note_sign_in(tx: &mut Tx<'_>, account: Id, now: DateTime<Utc>) -> AppResult<bool> {
    diesel::update(accounts::table.find(account))
        .set(accounts::last_signin_at.eq(Ts::from(now)))
        .execute(tx.conn())?;
    let notice: Option<Ts> = accounts::table.find(account).select(accounts::notice_at).first(tx.conn())?;
    Ok(notice.is_some())
}

/// What the page of an account shows first.
pub(super) struct Overview {
    pub phone: String,
    pub notice_read: bool,
    pub person: Option<Person>,
    pub claims: Vec<ClaimLine>,
}

/// A claim to a document, as its claimant sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimLine {
    /// Its number, which is named at the counter.
    pub number: String,
    /// `open`, `confirmed`, `rejected` …
    pub state: String,
    /// When it was made.
    pub at: DateTime<Utc>,
}

/// The account at a glance.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Internal`] when a column cannot be opened.
pub(super) fn overview(conn: &mut Conn, keys: &Keyring, account: Id) -> AppResult<Overview> {
    let (id, notice): (Option<Id>, Option<Ts>) =
        accounts::table.find(account).select((accounts::person_id, accounts::notice_at)).first(conn)?;
    let claims: Vec<(String, String, Ts)> = identity_claims::table
        .filter(served("identity_claims"))
        .filter(identity_claims::account_id.eq(account))
        .order(identity_claims::created_at.desc())
        .limit(20)
        .select((identity_claims::number, identity_claims::state, identity_claims::created_at))
        .load(conn)?;
    Ok(Overview {
        phone: phone_of(conn, keys, account)?.masked(),
        notice_read: notice.is_some(),
        person: id.map(|id| person(conn, keys, id)).transpose()?,
        claims: claims.into_iter().map(|(number, state, at)| ClaimLine { number, state, at: at.0 }).collect(),
    })
}

/// Numbers of the claims of an account that wait at the counter, the newest first.
///
/// # Errors
/// Database errors.
pub(super) fn open_claims(conn: &mut Conn, account: Id) -> AppResult<Vec<String>> {
    Ok(identity_claims::table
        .filter(identity_claims::account_id.eq(account))
        .filter(identity_claims::state.eq("open"))
        .order(identity_claims::created_at.desc())
        .limit(3)
        .select(identity_claims::number)
        .load(conn)?)
}

/// The telephone of an account.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Internal`] when it cannot be opened.
pub(super) fn phone_of(conn: &mut Conn, keys: &Keyring, account: Id) -> AppResult<Phone> {
    let sealed: Vec<u8> = accounts::table.find(account).select(accounts::phone_sealed).first(conn)?;
    let phone = keys.open_str(&account_field("phone_sealed", account), &sealed)?;
    Phone::parse(&phone).map_err(AppError::internal)
}

/// Gives an account another telephone.
///
/// # Errors
/// [`AppError::Conflict`] `in-progress` when another account is getting it at this moment.
pub(super) fn set_phone(tx: &mut Tx<'_>, keys: &Keyring, account: Id, to: &Phone) -> AppResult<()> {
    diesel::update(accounts::table.find(account))
        .set((
            accounts::phone_sealed.eq(keys.seal_str(&account_field("phone_sealed", account), to.as_str())?),
            accounts::phone_blind.eq(keys.blind("phone", to.as_str()).to_vec()),
        ))
        .execute(tx.conn())
        .map_err(unless_racing)?;
    Ok(())
}

/// Sets or removes the e-mail address.
///
/// # Errors
/// Database errors.
pub(super) fn set_email(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    account: Id,
    email: Option<&EmailAddress>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let field = account_field("email_sealed", account);
    let sealed = email.map(|e| keys.seal_str(&field, e.as_str())).transpose()?;
    diesel::update(accounts::table.find(account))
        .set((accounts::email_sealed.eq(sealed), accounts::email_at.eq(email.map(|_| Ts::from(now)))))
        .execute(tx.conn())?;
    let entry = Entry::new(Actor::Resident(account), "account.email", "account").object(account);
    audit::append(tx, now, entry.detail(json!({"set": email.is_some()})))?;
    Ok(())
}

/// The account's own part of the copy of a resident's data: how it is reached, the person, every claim, and where it is
/// signed in.
///
/// # Errors
/// Database errors; [`AppError::Internal`] when a column cannot be opened.
pub(super) fn data(
    conn: &mut Conn,
    deps: &Deps,
    account: Id,
    person_id: Option<Id>,
) -> AppResult<serde_json::Value> {
    let keys = &*deps.keys;
    let to = recipient(conn, keys, account)?;
    let (created, signed_in, notice): (Ts, Ts, Option<Ts>) = accounts::table
        .find(account)
        .select((accounts::created_at, accounts::last_signin_at, accounts::notice_at))
        .first(conn)?;
    let others = person_id.map(|id| merged::others(conn, keys, id)).transpose()?.unwrap_or_default();
    let person = person_id.map(|id| person(conn, keys, id)).transpose()?.map(|p| {
        json!({
            "name": p.name.as_str(),
            "document_kind": p.document.kind().as_str(),
            "document_number": p.document.number(),
            "sex": p.sex.map(Sex::as_str),
            "birth_date": p.birth_date,
            "phone": p.phone.as_ref().map(Phone::as_str),
            "division": p.division.map(|d| d.to_string()),
            "level": p.level.code(),
        })
    });
    let now = moment::present().unwrap_or_default();
    let sessions: Vec<_> = session::own(conn, SessionKind::Resident, account, Id::new(), now)?
        .into_iter()
        .map(|s| json!({"device": s.device, "since": s.since, "seen": s.seen}))
        .collect();
    Ok(json!({
        "phone": to.phone,
        "email": to.email,
        "language": to.lang.tag(),
        "created_at": created,
        "last_sign_in_at": signed_in,
        "privacy_notice_at": notice,
        "person": person,
        "other_documents": others.iter().map(|p| json!({
            "name": p.name.as_str(), "document_kind": p.document.kind().as_str(),
            "document_number": p.document.number(),
        })).collect::<Vec<_>>(),
        "claims": super::store_claims::copy(conn, keys, account)?,
        "sessions": sessions,
    }))
}
