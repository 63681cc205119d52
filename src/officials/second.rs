//! What this slice hands over to the room of what takes two officials.

use super::store::official_field;
use super::{named, recipient};
use crate::access::{Role, prefix};
use crate::accounts::{Recusal, person_by_document};
use crate::crypto::Keyring;
use crate::db::schema::{assignments, officials};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::identity::DocumentNumber;
use crate::notify::Recipient;
use crate::second::{Named, People, Work};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Colleagues who are told of one thing, at most.
const TOLD: i64 = 50;

/// The functions.
pub(super) const PEOPLE: People = People { impartial, same, named: names, address, colleagues };

fn impartial(conn: &mut Conn, keys: &Keyring, by: &OfficialPrincipal, person: Option<Id>) -> AppResult<()> {
    let own = Recusal::of(keys, by)?;
    if person.is_some() {
        own.not_about(conn, person, None)?;
    }
    Ok(())
}

/// By a document of the other's that belongs to the person of the own one: each login has a document of its own, and of two
/// documents it can be found only later that they are one person's ([`crate::merges`]).
fn same(conn: &mut Conn, keys: &Keyring, by: &OfficialPrincipal, other: Id) -> AppResult<bool> {
    let sealed: Option<Option<Vec<u8>>> =
        officials::table.find(other).select(officials::doc_sealed).first(conn).optional()?;
    let Some(sealed) = sealed.flatten() else { return Ok(false) };
    let document: DocumentNumber = keys.open_json(&official_field("doc_sealed", other), &sealed)?;
    let own = Recusal::of(keys, by)?;
    match person_by_document(conn, keys, &document)? {
        Some(person) => own.is(conn, Some(person), None),
        None => Ok(own.has_document(&document)),
    }
}

fn names(conn: &mut Conn, official: Option<Id>, office: Option<Id>) -> AppResult<Named> {
    let super::Named { who, office, office_en, .. } = named(conn, official, office)?;
    Ok(Named { who, office, office_en })
}

/// Nowhere, where the official works here no longer.
fn address(conn: &mut Conn, keys: &Keyring, official: Id) -> AppResult<Recipient> {
    let active = officials::table.find(official).filter(officials::active.eq(true));
    let here: Option<Id> = active.select(officials::id).first(conn).optional()?;
    here.map_or_else(|| Ok(Recipient::default()), |id| recipient(conn, keys, id))
}

/// Whether anybody but an official acts in a role whose jurisdiction has theirs in it: else what they propose waits for nobody.
///
/// # Errors
/// Database errors.
pub fn others_decide(
    conn: &mut Conn,
    role: Role,
    by: &OfficialPrincipal,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let (now, here) = (Ts::from(now), prefix(&by.division));
    let theirs: Vec<String> = assignments::table
        .inner_join(officials::table.on(officials::id.eq(assignments::official_id)))
        .filter(officials::active.eq(true))
        .filter(officials::id.ne(by.official_id))
        .filter(assignments::role.eq(role.code()))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .select(assignments::division)
        .distinct()
        .load(conn)?;
    Ok(theirs.iter().any(|division| here.starts_with(prefix(division))))
}

/// Whoever is in force in one of the roles, in the office or for the division itself; those of a wider jurisdiction see it in
/// their list, and are not told of each thing of each county.
fn colleagues(conn: &mut Conn, work: Work<'_>, now: DateTime<Utc>) -> AppResult<Vec<Id>> {
    let now = Ts::from(now);
    let roles: Vec<String> = work.roles.split_whitespace().map(str::to_owned).collect();
    Ok(assignments::table
        .inner_join(officials::table.on(officials::id.eq(assignments::official_id)))
        .filter(officials::active.eq(true))
        .filter(assignments::role.eq_any(roles))
        .filter(assignments::valid_from.le(now))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
        .filter(
            assignments::office_id
                .nullable()
                .eq(work.office)
                .assume_not_null()
                .or(assignments::division.eq(work.division.to_owned())),
        )
        .select(officials::id)
        .distinct()
        .order(officials::id)
        .limit(TOLD)
        .load(conn)?)
}
