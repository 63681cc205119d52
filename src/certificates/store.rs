//! SQL of certificates.

use super::model::{Because, Row, State};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{agreements, certificates, declarations, offices, officials, partners, persons};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::kept::served;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;
use std::collections::HashMap;

/// Where a sealed column of a certificate belongs.
pub(super) fn field(column: &'static str, id: Id) -> FieldContext<'static> {
    FieldContext::new("certificates", column, id.0)
}

/// In SQL what [`State::counts`] says of a row.
#[diesel::dsl::auto_type]
pub(super) fn counting(now: Ts) -> _ {
    let valid: &'static str = "valid";
    certificates::state.eq(valid).and(certificates::expires_at.gt(now))
}

/// Whose a certificate is: of the account that declared, or of the person it stands for.
#[diesel::dsl::auto_type]
fn of(account: Id, person: Option<Id>) -> _ {
    certificates::account_id.eq(account).or(certificates::person_id.nullable().eq(person))
}

/// So many identifiers are asked for at once.
const STEP: usize = 500;
/// As many as a list shows of somebody's certificates; the copy of one's data has all.
pub(super) const LISTED: i64 = 100;

/// The certificates of an account or of the person it stands for, the newest first.
pub(super) fn mine(conn: &mut Conn, account: Id, person: Option<Id>, most: i64) -> AppResult<Vec<Row>> {
    let query = certificates::table
        .filter(served("certificates"))
        .filter(of(account, person))
        .order((certificates::issued_at.desc(), certificates::id.desc()))
        .limit(most)
        .select(Row::as_select());
    Ok(query.load(conn)?)
}

/// Under which version of the text the declarations of certificates were sent, and when: who sent one agreed then.
pub(super) fn consented(conn: &mut Conn, rows: &[Row]) -> AppResult<HashMap<Id, (String, Option<Ts>)>> {
    let ids: Vec<Id> = rows.iter().map(|r| r.declaration_id).collect();
    let mut found: Vec<(Id, String, Option<Ts>)> = Vec::with_capacity(ids.len());
    for part in ids.chunks(STEP) {
        let some = declarations::table.filter(declarations::id.eq_any(part)).select((
            declarations::id,
            declarations::consent_text,
            declarations::submitted_at,
        ));
        found.extend(some.load::<(Id, String, Option<Ts>)>(conn)?);
    }
    Ok(found.into_iter().map(|(id, text, at)| (id, (text, at))).collect())
}

/// One of them by its number.
pub(super) fn own(conn: &mut Conn, account: Id, person: Option<Id>, number: &str) -> AppResult<Row> {
    Ok(certificates::table
        .filter(served("certificates"))
        .filter(certificates::number.eq(number))
        .filter(of(account, person))
        .select(Row::as_select())
        .first(conn)?)
}

/// One of them by its identifier.
pub(super) fn own_by_id(conn: &mut Conn, account: Id, person: Option<Id>, id: Id) -> AppResult<Row> {
    Ok(certificates::table
        .filter(served("certificates"))
        .filter(certificates::id.eq(id))
        .filter(of(account, person))
        .select(Row::as_select())
        .first(conn)?)
}

/// Those of them that rest on declarations and still count.
pub(super) fn resting(
    conn: &mut Conn,
    (account, person): (Id, Option<Id>),
    declarations: &[Id],
    now: DateTime<Utc>,
) -> AppResult<Vec<Row>> {
    let mut found = Vec::new();
    for part in declarations.chunks(STEP) {
        let rows = certificates::table
            .filter(served("certificates"))
            .filter(certificates::declaration_id.eq_any(part))
            .filter(of(account, person))
            .filter(counting(Ts::from(now)))
            .select(Row::as_select());
        found.extend(rows.load(conn)?);
    }
    Ok(found)
}

/// One of a jurisdiction by its number.
pub(super) fn in_jurisdiction(conn: &mut Conn, pattern: &str, number: &str) -> AppResult<Row> {
    Ok(certificates::table
        .filter(served("certificates"))
        .filter(certificates::number.eq(number))
        .filter(certificates::division.like(pattern))
        .select(Row::as_select())
        .first(conn)?)
}

/// Name, English name and telephone of an office.
pub(super) fn office(conn: &mut Conn, id: Id) -> AppResult<(String, String, String)> {
    Ok(offices::table.find(id).select((offices::name, offices::name_en, offices::phone)).first(conn)?)
}

/// An official's name.
pub(super) fn official_name(conn: &mut Conn, id: Id) -> AppResult<String> {
    Ok(officials::table.find(id).select(officials::name).first(conn)?)
}

/// Names (Chinese, English) and codes of the provinces that recognise our certificates now.
pub(super) fn recognising(conn: &mut Conn, now: DateTime<Utc>) -> AppResult<Vec<(String, String, String)>> {
    Ok(agreements::table
        .inner_join(partners::table.on(partners::province.eq(agreements::province)))
        .filter(partners::active.eq(true))
        .filter(agreements::kind.eq("certificate"))
        .filter(agreements::direction.eq_any(["ours", "both"]))
        .filter(agreements::valid_from.le(Ts::from(now)))
        .filter(agreements::valid_to.is_null().or(agreements::valid_to.gt(Ts::from(now))))
        .order(partners::province)
        .distinct()
        .select((partners::name, partners::name_en, partners::province))
        .load(conn)?)
}

/// Persons by the blind indexes of their documents; of one person there can be several.
pub(super) fn persons_by_blind(conn: &mut Conn, blind: &[Vec<u8>]) -> AppResult<Vec<(Vec<u8>, Id)>> {
    let found: Vec<(Vec<u8>, Id, Option<Id>)> = persons::table
        .filter(persons::doc_blind.eq_any(blind))
        .select((persons::doc_blind, persons::id, persons::merged_into))
        .load(conn)?;
    Ok(found.into_iter().map(|(blind, id, into)| (blind, into.unwrap_or(id))).collect())
}

/// What tells the state of a person's certificate: person, number, stored state, since when suspended, end.
pub(super) type Standing = (Id, String, String, Option<Ts>, Ts);

/// The certificates of persons, each person's newest last.
pub(super) fn of_persons(conn: &mut Conn, ids: &[Id]) -> AppResult<Vec<Standing>> {
    Ok(certificates::table
        .filter(served("certificates"))
        .filter(certificates::person_id.eq_any(ids))
        .order((certificates::issued_at, certificates::id))
        .select((
            certificates::person_id,
            certificates::number,
            certificates::state,
            certificates::suspended_at,
            certificates::expires_at,
        ))
        .load(conn)?)
}

/// The text that is in the QR.
pub(super) fn token(keys: &Keyring, row: &Row) -> AppResult<String> {
    Ok(keys.open_str(&field("token_sealed", row.id), &row.token_sealed)?.to_string())
}

/// Why a certificate ended: reason and remedy.
pub(super) fn ending(keys: &Keyring, row: &Row) -> AppResult<Option<(String, String)>> {
    let Some(sealed) = &row.end_reason_sealed else { return Ok(None) };
    Ok(Some(keys.open_json(&field("end_reason_sealed", row.id), sealed)?))
}

/// The causes for which a certificate is suspended or was revoked; none where there are none.
pub(super) fn causes(keys: &Keyring, row: &Row) -> AppResult<Vec<Because>> {
    let Some(sealed) = &row.causes_sealed else { return Ok(Vec::new()) };
    Ok(keys.open_json(&field("causes_sealed", row.id), sealed)?)
}

/// The state of a row at a moment.
pub(super) fn state(row: &Row, now: DateTime<Utc>) -> State {
    State::of(&row.state, row.suspended_at.is_some(), row.expires_at.0, now)
}

/// Whose certificate has this entry in a status list.
pub(super) fn holder_of(conn: &mut Conn, list: i64, index: i32) -> AppResult<Option<Id>> {
    Ok(certificates::table
        .filter(certificates::status_list.eq(list))
        .filter(certificates::status_index.eq(index))
        .select(certificates::person_id)
        .first(conn)
        .optional()?)
}

/// Everything that is kept of a certificate, opened.
pub(super) fn copy(keys: &Keyring, row: &Row) -> AppResult<serde_json::Value> {
    let ending = ending(keys, row)?.map(|(reason, remedy)| json!({"reason": reason, "remedy": remedy}));
    Ok(json!({
        "number": row.number, "state": row.state, "conclusion": row.conclusion,
        "temperature_tenths": row.temperature_tenths, "destination_division": row.destination_division,
        "issued_at": row.issued_at, "expires_at": row.expires_at, "ending": ending, "text": token(keys, row)?,
        "suspended_at": row.suspended_at, "withdrawn_at": row.withdrawn_at, "causes": causes(keys, row)?,
    }))
}

/// Gives the certificates of a person to the account that stands for them from now on.
///
/// # Errors
/// Database errors.
pub fn hand_over(tx: &mut Tx<'_>, person: Id, account: Id) -> AppResult<()> {
    let theirs = certificates::table
        .filter(certificates::person_id.eq(person))
        .filter(certificates::account_id.is_not_null());
    diesel::update(theirs).set(certificates::account_id.eq(Some(account))).execute(tx.conn())?;
    Ok(())
}
