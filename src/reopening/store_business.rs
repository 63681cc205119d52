//! SQL of the businesses, their agents and their staff lists.

use super::model::{Agent, Business, StaffRow};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{business_agents as ag, business_staff as st, businesses as bu};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::identity::{DocumentKind, DocumentNumber, Phone};
use crate::kept::served;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A business by its credit code.
///
/// # Errors
/// Database errors.
pub fn by_uscc(conn: &mut Conn, uscc: &str) -> AppResult<Option<Business>> {
    Ok(bu::table.filter(bu::uscc.eq(uscc)).select(Business::as_select()).first(conn).optional()?)
}

/// A business by its identifier.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn business(conn: &mut Conn, id: Id) -> AppResult<Business> {
    Ok(bu::table.find(id).select(Business::as_select()).first(conn)?)
}

/// The business as an account sees it that claims it: by what the claim says, until that is confirmed. It sees nothing of
/// what others have claimed, nor of what was confirmed for them.
pub fn seen(mut business: Business, agent: Option<&Agent>) -> Business {
    match agent {
        Some(agent) if matches!(agent.state.as_str(), "confirmed" | "ended") => {}
        Some(agent) => {
            business.name = agent.claims(&business);
            business.division.clone_from(&agent.claimed_division);
        }
        None => {
            business.name.clone_from(&business.uscc);
            business.division.clear();
        }
    }
    business
}

/// A business as an account sees it ([`seen`]).
///
/// # Errors
/// [`AppError::NotFound`].
pub fn business_for(conn: &mut Conn, id: Id, account: Id) -> AppResult<Business> {
    let agent = agent_of(conn, id, account)?;
    Ok(seen(business(conn, id)?, agent.as_ref()))
}

/// Writes name and division of a business that nobody has changed since it was read.
///
/// # Errors
/// [`AppError::Conflict`] `changed-meanwhile` when somebody was faster.
pub fn set_name(tx: &mut Tx<'_>, business: &Business, name: &str, division: &str) -> AppResult<()> {
    let row = bu::table.filter(bu::id.eq(business.id)).filter(bu::version.eq(business.version));
    let changed = diesel::update(row)
        .set((bu::name.eq(name), bu::division.eq(division), bu::version.eq(business.version + 1)))
        .execute(tx.conn())?;
    if changed == 0 { Err(AppError::conflict("changed-meanwhile")) } else { Ok(()) }
}

/// Writes a new business; one that was entered at the same moment stays as it is.
///
/// # Errors
/// Database errors.
pub fn ensure(tx: &mut Tx<'_>, new: &Business) -> AppResult<Business> {
    let row = new.clone();
    crate::on_either!(tx.conn(), c => {
        diesel::insert_into(bu::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    by_uscc(tx.conn(), &new.uscc)?.ok_or(AppError::NotFound)
}

/// The right of an account to act for a business, whatever its state.
///
/// # Errors
/// Database errors.
pub fn agent_of(conn: &mut Conn, business: Id, account: Id) -> AppResult<Option<Agent>> {
    Ok(ag::table
        .filter(ag::business_id.eq(business))
        .filter(ag::account_id.eq(account))
        .select(Agent::as_select())
        .first(conn)
        .optional()?)
}

/// An account's right by its number, with the business as it is on file.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs.
pub fn own_agent(conn: &mut Conn, number: &str, account: Id) -> AppResult<(Agent, Business)> {
    Ok(ag::table
        .inner_join(bu::table.on(bu::id.eq(ag::business_id)))
        .filter(served("business_agents"))
        .filter(ag::number.eq(number))
        .filter(ag::account_id.eq(account))
        .select((Agent::as_select(), Business::as_select()))
        .first(conn)?)
}

/// The businesses of an account, as it sees them ([`seen`]).
///
/// # Errors
/// Database errors.
pub fn own_agents(conn: &mut Conn, account: Id) -> AppResult<Vec<(Agent, Business)>> {
    let rows: Vec<(Agent, Business)> = ag::table
        .inner_join(bu::table.on(bu::id.eq(ag::business_id)))
        .filter(served("business_agents"))
        .filter(ag::account_id.eq(account))
        .order(ag::created_at.asc())
        .select((Agent::as_select(), Business::as_select()))
        .load(conn)?;
    let as_seen = |(agent, business): (Agent, Business)| {
        let business = seen(business, Some(&agent));
        (agent, business)
    };
    Ok(rows.into_iter().map(as_seen).collect())
}

/// The accounts that act for a business or have asked to.
///
/// # Errors
/// Database errors.
pub fn acting(conn: &mut Conn, business: Id) -> AppResult<Vec<Id>> {
    Ok(ag::table
        .filter(served("business_agents"))
        .filter(ag::business_id.eq(business))
        .filter(ag::state.eq_any(["pending", "confirmed"]))
        .select(ag::account_id)
        .load(conn)?)
}

/// Writes a new right.
///
/// # Errors
/// Database errors.
pub fn insert_agent(tx: &mut Tx<'_>, agent: &Agent) -> AppResult<()> {
    diesel::insert_into(ag::table).values(agent).execute(tx.conn())?;
    Ok(())
}

/// Writes what a claimant says now of a business whose claim still waits; a counter that saw the former text is told so.
///
/// # Errors
/// [`AppError::Conflict`] `changed-meanwhile` when it is no longer pending in that version.
pub fn claim_anew(tx: &mut Tx<'_>, agent: &Agent, name: &str, division: &str) -> AppResult<Agent> {
    let row = ag::table
        .filter(ag::id.eq(agent.id))
        .filter(ag::version.eq(agent.version))
        .filter(ag::state.eq("pending"));
    let changed = diesel::update(row)
        .set((
            ag::claimed_name.eq(name),
            ag::claimed_division.eq(division),
            ag::version.eq(agent.version + 1),
        ))
        .execute(tx.conn())?;
    if changed == 0 {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    let (claimed_name, claimed_division) = (name.to_owned(), division.to_owned());
    Ok(Agent { claimed_name, claimed_division, version: agent.version + 1, ..agent.clone() })
}

/// Decides a pending right.
///
/// # Errors
/// [`AppError::Conflict`] `changed-meanwhile` when it is no longer pending in that version.
pub fn decide_agent(
    tx: &mut Tx<'_>,
    agent: &Agent,
    state: &str,
    by: Option<Id>,
    how: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let row = ag::table
        .filter(ag::id.eq(agent.id))
        .filter(ag::version.eq(agent.version))
        .filter(ag::state.eq("pending"));
    let changed = diesel::update(row)
        .set((
            ag::state.eq(state),
            ag::confirmed_at.eq(Some(Ts::from(now))),
            ag::confirmed_by.eq(by),
            ag::how.eq(Some(how)),
            ag::version.eq(agent.version + 1),
        ))
        .execute(tx.conn())?;
    if changed == 0 { Err(AppError::conflict("changed-meanwhile")) } else { Ok(()) }
}

/// The right of that number, in any state, for the counters of the jurisdiction of the claim or of the business.
///
/// # Errors
/// Database errors.
pub fn agent_at(
    conn: &mut Conn,
    pattern: &str,
    province: &str,
    number: &str,
) -> AppResult<Option<(Agent, Business)>> {
    // Whoever names the exact number of a right that waits is served at every counter of the province.
    let here = pattern.starts_with(crate::access::prefix(province));
    let anywhere = if here { "pending" } else { "none" };
    Ok(ag::table
        .inner_join(bu::table.on(bu::id.eq(ag::business_id)))
        .filter(served("business_agents"))
        .filter(
            ag::claimed_division
                .like(pattern.to_owned())
                .or(bu::division.like(pattern.to_owned()))
                .or(ag::state.eq(anywhere)),
        )
        .filter(ag::number.eq(number.to_owned()))
        .select((Agent::as_select(), Business::as_select()))
        .first(conn)
        .optional()?)
}

/// The legal person's phone, where one has been proven.
///
/// # Errors
/// Crypto errors.
pub fn legal_phone(keys: &Keyring, business: &Business) -> AppResult<Option<Phone>> {
    let place = FieldContext::new("businesses", "legal_phone_sealed", business.id.0);
    let Some(sealed) = &business.legal_phone_sealed else { return Ok(None) };
    Ok(Phone::parse(&keys.open_str(&place, sealed)?).ok())
}

/// Puts the legal person's phone on file, as seen at the counter.
///
/// # Errors
/// Database or crypto errors.
pub fn set_legal_phone(tx: &mut Tx<'_>, keys: &Keyring, business: Id, phone: &Phone) -> AppResult<()> {
    let place = FieldContext::new("businesses", "legal_phone_sealed", business.0);
    diesel::update(bu::table.find(business))
        .set((
            bu::legal_phone_sealed.eq(Some(keys.seal_str(&place, phone.as_str())?)),
            bu::legal_phone_blind.eq(Some(keys.blind("phone", phone.as_str()).to_vec())),
            bu::version.eq(bu::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}

type SealedStaff = (Id, Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<String>, Option<String>);

/// The staff list of a business, in its order.
///
/// # Errors
/// Database or crypto errors.
pub fn staff(conn: &mut Conn, keys: &Keyring, business: Id) -> AppResult<Vec<StaffRow>> {
    let rows: Vec<SealedStaff> = st::table
        .filter(served("business_staff"))
        .filter(st::business_id.eq(business))
        .order(st::row_number.asc())
        .select((
            st::id,
            st::name_sealed,
            st::doc_sealed,
            st::phone_sealed,
            st::origin,
            st::certificate_number,
        ))
        .load(conn)?;
    let open = |(id, name, doc, phone, origin, certificate): SealedStaff| {
        let read = |column, sealed: &[u8]| -> AppResult<String> {
            Ok(keys.open_str(&FieldContext::new("business_staff", column, id.0), sealed)?.to_string())
        };
        let doc = read("doc_sealed", &doc)?;
        let (document_kind, document) = doc.split_once(':').unwrap_or(("id_card", &doc));
        Ok(StaffRow {
            name: read("name_sealed", &name)?,
            document_kind: document_kind.to_owned(),
            document: document.to_owned(),
            phone: phone.map(|p| read("phone_sealed", &p)).transpose()?,
            origin,
            certificate,
        })
    };
    rows.into_iter().map(open).collect()
}

/// Forgets the staff list of a business.
///
/// # Errors
/// Database errors.
pub fn clear_staff(tx: &mut Tx<'_>, business: Id) -> AppResult<()> {
    diesel::delete(st::table.filter(st::business_id.eq(business))).execute(tx.conn())?;
    Ok(())
}

/// The blind index of a person of the list, the same as of registered persons.
pub fn staff_blind(keys: &Keyring, row: &StaffRow) -> Vec<[u8; 32]> {
    let kind = DocumentKind::from_code(&row.document_kind).unwrap_or(DocumentKind::IdCard);
    match DocumentNumber::parse_stored(kind, &row.document) {
        Ok(document) => keys.blind_candidates("document", &document.canonical()),
        Err(_) => Vec::new(),
    }
}

/// Adds a part of a staff list; `first` is the number of its first row.
///
/// # Errors
/// Database or crypto errors.
pub fn add_staff(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    business: Id,
    first: usize,
    rows: &[StaffRow],
    now: DateTime<Utc>,
) -> AppResult<()> {
    for (offset, row) in rows.iter().enumerate() {
        let Some(blind) = staff_blind(keys, row).first().copied() else { continue };
        let id = Id::new();
        let seal =
            |column, text: &str| keys.seal_str(&FieldContext::new("business_staff", column, id.0), text);
        let values = (
            st::id.eq(id),
            st::business_id.eq(business),
            st::row_number.eq(i32::try_from(first + offset).unwrap_or(i32::MAX)),
            st::name_sealed.eq(seal("name_sealed", &row.name)?),
            st::doc_sealed.eq(seal("doc_sealed", &format!("{}:{}", row.document_kind, row.document))?),
            st::doc_blind.eq(blind.to_vec()),
            st::phone_sealed.eq(row.phone.as_ref().map(|p| seal("phone_sealed", p)).transpose()?),
            st::origin.eq(&row.origin),
            st::certificate_number.eq(&row.certificate),
            st::created_at.eq(Ts::from(now)),
        );
        crate::on_either!(tx.conn(), c => {
            diesel::insert_into(st::table).values(values).on_conflict_do_nothing().execute(c)
        })?;
    }
    Ok(())
}
