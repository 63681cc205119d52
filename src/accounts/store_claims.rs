//! SQL of identity claims: which ones wait, which one a counter may open, and what its decision changes.

use super::claim::claim_field;
use super::model::{IdentityLevel, Person};
use super::store::{account_of, person_field, unless_racing};
use crate::access::prefix;
use crate::colour;
use crate::crypto::Keyring;
use crate::db::schema::{accounts, identity_claims, persons};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName, Phone};
use crate::kept::served;
use crate::slice::Slices;
use crate::web::principal::OfficialPrincipal;
use crate::worklist::{Among, Lane, Within, ordered};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

/// The sort key of the list: the longest wait first.
pub(super) type Key = (Ts, Id);

/// A claim as stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = identity_claims)]
pub(super) struct ClaimRow {
    pub id: Id,
    pub number: String,
    pub account_id: Id,
    pub person_id: Id,
    pub name_sealed: Vec<u8>,
    pub doc_sealed: Vec<u8>,
    pub division: String,
    pub state: String,
    pub created_at: Ts,
    pub version: i64,
}

impl ClaimRow {
    /// Whether nobody has decided it yet.
    pub(super) fn is_open(&self) -> bool {
        self.state == "open"
    }

    /// What the claimant stated: the name, and the document without the digits that count its reissues.
    pub(super) fn stated(&self, keys: &Keyring) -> AppResult<(PersonName, DocumentNumber)> {
        let name = keys.open_str(&claim_field("name_sealed", self.id), &self.name_sealed)?;
        let document = keys.open_str(&claim_field("doc_sealed", self.id), &self.doc_sealed)?;
        let (kind, number) = document
            .split_once(':')
            .and_then(|(kind, number)| Some((DocumentKind::from_code(kind)?, number)))
            .ok_or_else(|| AppError::internal("a claim has an unknown kind of document"))?;
        Ok((
            PersonName::parse(&name).map_err(AppError::internal)?,
            DocumentNumber::parse_stored(kind, number).map_err(AppError::internal)?,
        ))
    }
}

/// The claims of an account, whatever became of them, for the copy of one's data.
pub(super) fn copy(conn: &mut Conn, keys: &Keyring, account: Id) -> AppResult<Vec<Value>> {
    let rows: Vec<(ClaimRow, Option<Ts>)> = identity_claims::table
        .filter(served("identity_claims"))
        .filter(identity_claims::account_id.eq(account))
        .order((identity_claims::created_at.desc(), identity_claims::id.desc()))
        .select((ClaimRow::as_select(), identity_claims::decided_at))
        .load(conn)?;
    let one = |(row, decided): &(ClaimRow, Option<Ts>)| {
        let (name, document) = row.stated(keys)?;
        Ok(json!({
            "number": row.number, "state": row.state, "at": row.created_at, "decided_at": decided,
            "name": name.as_str(), "document_kind": document.kind().as_str(),
            "document_number": document.number(), "division": row.division,
        }))
    };
    rows.iter().map(one).collect()
}

/// The claims of a jurisdiction that wait, in the order of the index `claims_by_county`.
pub(super) fn open_in(pattern: &str, newest_first: bool, after: Option<&Key>, limit: i64) -> Lane {
    let query = identity_claims::table
        .filter(served("identity_claims"))
        .filter(identity_claims::state.eq("open"))
        .filter(Within::of("identity_claims.division", pattern))
        .select(identity_claims::id)
        .limit(limit)
        .into_boxed();
    Lane::of(ordered!(query, (identity_claims::created_at, identity_claims::id), newest_first, after))
}

/// The claims among those.
pub(super) fn rows(conn: &mut Conn, among: Among) -> AppResult<Vec<ClaimRow>> {
    Ok(identity_claims::table
        .filter(served("identity_claims"))
        .filter(among)
        .select(ClaimRow::as_select())
        .load(conn)?)
}

/// The claim with this number, if this official may open it.
///
/// People go to the nearest counter and not to that of their household: whoever names the exact number of a claim
/// that waits is served at every counter of the province. Once decided it is seen by the one who decided and in the
/// jurisdiction it belongs to.
pub(super) fn visible(
    conn: &mut Conn,
    number: &str,
    who: &OfficialPrincipal,
    province: &str,
) -> AppResult<ClaimRow> {
    let here = who.division.starts_with(prefix(province));
    let anywhere = if here { "open" } else { "none" };
    Ok(identity_claims::table
        .filter(served("identity_claims"))
        .filter(identity_claims::number.eq(number))
        .filter(
            identity_claims::division
                .like(who.pattern())
                .or(identity_claims::state.eq(anywhere))
                .or(identity_claims::decided_by.eq(who.official_id)),
        )
        .select(ClaimRow::as_select())
        .first(conn)?)
}

/// A claim by its identifier, if nothing has destroyed it: for the question whose it is.
pub(super) fn still_there(conn: &mut Conn, id: Id) -> AppResult<Option<ClaimRow>> {
    Ok(identity_claims::table.find(id).select(ClaimRow::as_select()).first(conn).optional()?)
}

/// Decides a claim that is still as the official saw it.
///
/// # Errors
/// [`AppError::Conflict`] `changed-meanwhile`.
pub(super) fn close(
    tx: &mut Tx<'_>,
    claim: &ClaimRow,
    state: &str,
    by: Id,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let changed = diesel::update(identity_claims::table.find(claim.id))
        .filter(identity_claims::state.eq("open"))
        .filter(identity_claims::version.eq(claim.version))
        .set((
            identity_claims::state.eq(state),
            identity_claims::decided_at.eq(Some(Ts::from(now))),
            identity_claims::decided_by.eq(Some(by)),
            identity_claims::version.eq(claim.version + 1),
        ))
        .execute(tx.conn())?;
    one_row(changed)
}

fn one_row(changed: usize) -> AppResult<()> {
    if changed == 1 { Ok(()) } else { Err(AppError::conflict("changed-meanwhile")) }
}

/// The account that stands for the person of a claim now, and the person that the claiming account stands for now.
pub(super) fn before(conn: &mut Conn, claim: &ClaimRow) -> AppResult<(Option<Id>, Option<Id>)> {
    let holder = account_of(conn, claim.person_id)?.filter(|id| *id != claim.account_id);
    let own = accounts::table.find(claim.account_id).select(accounts::person_id);
    let own: Option<Id> = own.first(conn).optional()?.flatten();
    Ok((holder, own.filter(|id| *id != claim.person_id)))
}

/// Makes the claiming account stand for the person; whichever account did so before does no longer.
///
/// # Errors
/// [`AppError::Conflict`] `in-progress` when another account gets the person at this moment.
pub(super) fn hand_over(tx: &mut Tx<'_>, slices: Slices, claim: &ClaimRow) -> AppResult<()> {
    // Both accounts: the one that stood for the person is kept with the person's mark.
    tx.changed(claim.person_id);
    tx.changed(claim.account_id);
    diesel::update(accounts::table.filter(accounts::person_id.eq(claim.person_id)))
        .set(accounts::person_id.eq(None::<Id>))
        .execute(tx.conn())?;
    diesel::update(accounts::table.find(claim.account_id))
        .set((accounts::person_id.eq(Some(claim.person_id)), accounts::detached.eq(false)))
        .execute(tx.conn())
        .map_err(unless_racing)?;
    // What was sent in the person's name is the person's: who sent it sees nothing of it any more, nor of what follows.
    slices.hand_over(tx, claim.person_id, claim.account_id)
}

/// Writes down that staff saw the person's document: the level, the name as in the document, the phone that has
/// proved itself. What an outside register said is not overwritten; the division only if nobody had seen a document, and
/// then the code is worked out anew, since rules look at it.
///
/// # Errors
/// [`AppError::Conflict`] `changed-meanwhile` when the person was changed since it was read.
pub(super) fn prove(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    person: &Person,
    name: &PersonName,
    phone: &Phone,
    division: Option<DivisionCode>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let seal = |column, text: &str| keys.seal_str(&person_field(column, person.id), text);
    let named = person.level != IdentityLevel::Verified;
    let division = division.filter(|_| person.level == IdentityLevel::SelfStated);
    let name_sealed = seal("name_sealed", name.as_str())?;
    tx.changed(person.id);
    let changed = diesel::update(persons::table.find(person.id))
        .filter(persons::version.eq(person.version))
        .set((
            persons::level.eq(person.level.max(IdentityLevel::Seen).code()),
            named.then(|| persons::name_sealed.eq(name_sealed)),
            named.then(|| persons::name_blind.eq(keys.blind("name", &name.canonical()).to_vec())),
            persons::phone_sealed.eq(Some(seal("phone_sealed", phone.as_str())?)),
            persons::phone_blind.eq(Some(keys.blind("phone", phone.as_str()).to_vec())),
            division.map(|d| persons::division.eq(Some(d.to_string()))),
            persons::version.eq(person.version + 1),
            persons::updated_at.eq(Ts::from(now)),
        ))
        .execute(tx.conn())?;
    one_row(changed)?;
    if division.is_some() { colour::enqueue_evaluation(tx, keys, person.id, now) } else { Ok(()) }
}
