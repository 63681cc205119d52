//! SQL of the names that businesses had before a counter corrected them.

use super::model::Business;
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{business_agents as ag, business_names as na, offices};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::kept::served;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A name of before.
#[derive(Debug)]
pub struct Former {
    /// The name.
    pub name: String,
    /// Why it was corrected.
    pub reason: String,
    /// Office of whoever corrected it, in both languages.
    pub office: (String, String),
    /// When.
    pub at: DateTime<Utc>,
}

fn place(id: Id) -> FieldContext<'static> {
    FieldContext::new("business_names", "reason_sealed", id.0)
}

/// Keeps the name that a business has until now, and why it is corrected.
///
/// # Errors
/// Database or crypto errors.
pub fn keep(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    business: &Business,
    reason: &str,
    by: &OfficialPrincipal,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = Id::new();
    diesel::insert_into(na::table)
        .values((
            na::id.eq(id),
            na::business_id.eq(business.id),
            na::former.eq(&business.name),
            na::reason_sealed.eq(keys.seal_str(&place(id), reason)?),
            na::changed_by.eq(by.official_id),
            na::office_id.eq(by.office_id),
            na::created_at.eq(Ts::from(now)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// The names of before, the newest first; the last twenty.
///
/// # Errors
/// Database or crypto errors.
pub fn former(conn: &mut Conn, keys: &Keyring, business: Id) -> AppResult<Vec<Former>> {
    let rows: Vec<(Id, String, Vec<u8>, Ts, String, String)> = na::table
        .inner_join(offices::table.on(offices::id.eq(na::office_id)))
        .filter(na::business_id.eq(business))
        .order((na::created_at.desc(), na::id.desc()))
        .limit(20)
        .select((na::id, na::former, na::reason_sealed, na::created_at, offices::name, offices::name_en))
        .load(conn)?;
    let open = |(id, name, sealed, at, zh, en): (Id, String, Vec<u8>, Ts, String, String)| {
        let reason = keys.open_str(&place(id), &sealed)?.to_string();
        Ok(Former { name, reason, office: (zh, en), at: at.0 })
    };
    rows.into_iter().map(open).collect()
}

/// When a name was corrected, by whom, for which office.
pub type Last = (Ts, Id, Id);

/// The last correction of a business's name.
///
/// # Errors
/// Database errors.
pub fn last(conn: &mut Conn, business: Id) -> AppResult<Option<Last>> {
    Ok(na::table
        .filter(na::business_id.eq(business))
        .order((na::created_at.desc(), na::id.desc()))
        .select((na::created_at, na::changed_by, na::office_id))
        .first(conn)
        .optional()?)
}

/// Accounts that act for a business, with the number of each right: nobody who has only claimed it.
///
/// # Errors
/// Database errors.
pub fn told(conn: &mut Conn, business: Id) -> AppResult<Vec<(Id, String)>> {
    Ok(ag::table
        .filter(served("business_agents"))
        .filter(ag::business_id.eq(business))
        .filter(ag::state.eq("confirmed"))
        .select((ag::account_id, ag::number))
        .load(conn)?)
}
