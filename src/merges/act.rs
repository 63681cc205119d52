//! What a merge does, and what its undoing does.

use super::model::Merge;
use super::{store, store_rows};
use crate::accounts;
use crate::audit::{self, Entry};
use crate::codes;
use crate::colour;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::jobs::{self, Job};
use crate::notify::{self, Message, Recipient};
use crate::proxies;
use crate::web::principal::OfficialPrincipal;
use crate::web::session::{self, SessionKind};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;

/// After that time whatever began before a merge has ended.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(2);

/// Why two records cannot be merged now, a code of `problem-` and `field-`: one of them points to another already; both wait for
/// the review of the same cause, of which one person has one; one of them acts for the other, which nobody does for themselves; more would act for the person, or the person for more, than may.
///
/// # Errors
/// Database errors.
pub(super) fn against(
    conn: &mut Conn,
    (lead, other): (Id, Id),
    now: DateTime<Utc>,
) -> AppResult<Option<&'static str>> {
    if store::points_to(conn, lead)?.is_some() || store::points_to(conn, other)?.is_some() {
        return Ok(Some("merge-merged"));
    }
    if store::both_appeal(conn, lead, other)? {
        return Ok(Some("merge-appeals"));
    }
    if proxies::act_for_each_other(conn, lead, other)? {
        return Ok(Some("merge-proxy"));
    }
    Ok(proxies::too_many_act(conn, lead, other, now)?.then_some("merge-proxies"))
}

/// One record leads from now on, and the other points to it.
///
/// # Errors
/// [`AppError::Conflict`] as [`against`]; database errors.
pub(super) fn merge(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    row: &Merge,
    now: DateTime<Utc>,
) -> AppResult<()> {
    if let Some(code) = against(tx.conn(), (row.lead_id, row.other_id), now)? {
        return Err(AppError::conflict(code));
    }
    let told = reached(tx, &deps.keys, row)?;
    changed(tx, row)?;
    store::drop_code(tx, row.other_id)?;
    store_rows::write_over(tx, row)?;
    store_rows::hand_pin(tx, row)?;
    hand_account(tx, by, row, now)?;
    store::point(tx, row, Some(row.lead_id), now)?;
    // The record of acts is never rewritten: what was done to the other one is found under both, this too.
    let entry = Entry::new(by, "merge.moved", "merge").object(row.id).subject(Some(row.other_id));
    audit::append(tx, now, entry)?;
    codes::worked_anew(tx, deps, row.lead_id, now)?;
    jobs::enqueue(tx, &deps.keys, &Settle { merge_id: row.id }, None, now + SETTLED_AFTER, now)?;
    tell(tx, &deps.keys, &told, ("merged", row), now)
}

/// The account of the other record: the person has one, that of the leading record where there is such.
fn hand_account(tx: &mut Tx<'_>, by: &OfficialPrincipal, row: &Merge, now: DateTime<Utc>) -> AppResult<()> {
    let lead = accounts::account_of(tx.conn(), row.lead_id)?;
    let Some(account) = accounts::account_of(tx.conn(), row.other_id)? else { return Ok(()) };
    let entry = |action| Entry::new(by, action, "account").object(account);
    audit::append(tx, now, entry("person.detach").subject(Some(row.other_id)))?;
    if lead.is_none() {
        store_rows::hand(tx, row, account, Some(row.lead_id))?;
        audit::append(tx, now, entry("person.attach").subject(Some(row.lead_id)))?;
        return Ok(());
    }
    store_rows::hand(tx, row, account, None)?;
    // Whoever is signed in there signs in again: the account is not what it was.
    session::end_all(tx, SessionKind::Resident, account)?;
    Ok(())
}

/// What was written over goes back; what has come since stays where it is.
///
/// # Errors
/// [`AppError::Conflict`] `merge-over` where it was undone already, its time has run out, or the record that led has been merged
/// with yet another since; database errors.
pub(super) fn part(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    row: &Merge,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let merge = undoable(tx.conn(), row, now)?.ok_or_else(|| AppError::conflict("merge-over"))?;
    changed(tx, &merge)?;
    store_rows::write_back(tx, &merge)?;
    store_rows::hand_pin_back(tx, &merge)?;
    if let Some(account) = store_rows::handed(tx.conn(), &merge)? {
        store_rows::stand_for(tx, account, Some(merge.other_id))?;
        let entry = Entry::new(by, "person.attach", "account").object(account);
        audit::append(tx, now, entry.subject(Some(merge.other_id)))?;
        session::end_all(tx, SessionKind::Resident, account)?;
    }
    store::point(tx, &merge, None, now)?;
    store::undone(tx, merge.id, now)?;
    let entry = Entry::new(by, "merge.parted", "merge").object(merge.id).subject(Some(merge.other_id));
    audit::append(tx, now, entry)?;
    for person in [merge.lead_id, merge.other_id] {
        codes::worked_anew(tx, deps, person, now)?;
    }
    let told = reached(tx, &deps.keys, &merge)?;
    tell(tx, &deps.keys, &told, ("parted", row), now)
}

/// The merge that an undoing is about, as long as it can be undone.
pub(super) fn undoable(conn: &mut Conn, row: &Merge, now: DateTime<Utc>) -> AppResult<Option<Merge>> {
    let merge = row.undoes.map(|id| store::one(conn, id, "%")).transpose()?.flatten();
    let Some(merge) = merge.filter(|merge| merge.can_be_undone(now)) else { return Ok(None) };
    let stands = store::points_to(conn, merge.other_id)? == Some(merge.lead_id);
    Ok(stands.then_some(merge))
}

/// Whoever acts for either sits in another seat from now on.
fn changed(tx: &mut Tx<'_>, row: &Merge) -> AppResult<()> {
    for account in proxies::acting(tx.conn(), [row.lead_id, row.other_id])? {
        tx.changed(account);
    }
    Ok(())
}

/// How the person is reached: by the account of either record, and by the telephones that staff have noted of either.
fn reached(tx: &mut Tx<'_>, keys: &Keyring, row: &Merge) -> AppResult<Vec<Recipient>> {
    let (mut found, mut phones) = (Vec::new(), BTreeSet::new());
    for person in [row.lead_id, row.other_id] {
        if let Some(account) = accounts::account_of(tx.conn(), person)? {
            let to = accounts::recipient(tx.conn(), keys, account)?;
            phones.extend(to.phone.clone());
            found.push(to);
        }
    }
    for person in [row.lead_id, row.other_id] {
        let phone = accounts::person(tx.conn(), keys, person)?.phone.map(|phone| phone.as_str().to_owned());
        if let Some(phone) = phone.filter(|phone| phones.insert(phone.clone())) {
            found.push(Recipient { phone: Some(phone), ..Recipient::default() });
        }
    }
    Ok(found)
}

fn tell(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    told: &[Recipient],
    (what, row): (&str, &Merge),
    now: DateTime<Utc>,
) -> AppResult<()> {
    for (place, to) in told.iter().enumerate() {
        let message = Message::new("records-merged", json!({"what": what, "number": row.number}));
        notify::send(tx, keys, to, &message.once(format!("records-merged:{}:{place}", row.id)), now)?;
    }
    Ok(())
}

/// What another transaction was writing about the other record at the very moment of a merge, from what it had read before,
/// follows the rest a little later.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// The merge.
    pub merge_id: Id,
}

impl Job for Settle {
    const NAME: &'static str = "merges.settle";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        let (parts, now) = (deps.clone(), deps.clock.now());
        deps.store.write(move |tx| settle(tx, &parts, self.merge_id, now)).await
    }
}

fn settle(tx: &mut Tx<'_>, deps: &Deps, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    let Some(row) = store::one(tx.conn(), id, "%")? else { return Ok(()) };
    store::hold(tx, [row.lead_id, row.other_id])?;
    let stands = store::points_to(tx.conn(), row.other_id)? == Some(row.lead_id);
    if stands && store_rows::write_over(tx, &row)? > 0 {
        colour::enqueue_evaluation(tx, &deps.keys, row.lead_id, now)?;
    }
    Ok(())
}
