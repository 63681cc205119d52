//! Certificates follow the colour. While a cause holds for which policy says so, a certificate cannot be used: the
//! status list says "suspended", the holder is told why, and it comes back by itself with the end of the cause. All of
//! it happens in the transaction in which the new colour is stored, so that a gate never meets the one without the other.

use super::model::{Because, Row};
use super::status::{self, Slot};
use super::store;
use crate::accounts;
use crate::audit::{self, Actor, Entry};
use crate::db::schema::certificates;
use crate::db::{Conn, Id, Ts, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::hcert::EntryStatus;
use crate::notify::{self, Message};
use crate::policy::{self, Cause, CertificateEffect};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

/// Brings the certificates of a person in line with the causes that hold now, in the caller's transaction: suspends,
/// revokes or gives back, tells the holder, and leaves an entry for each. What is in line already stays untouched.
///
/// # Errors
/// Database errors; [`AppError::Conflict`] `changed-meanwhile` when somebody else has changed one at this moment.
pub fn follow(
    tx: &mut Tx<'_>,
    deps: &Deps,
    person: Id,
    causes: &[Cause],
    now: DateTime<Utc>,
) -> AppResult<()> {
    let rows: Vec<Row> = certificates::table
        .filter(certificates::person_id.eq(person))
        .filter(store::counting(Ts::from(now)))
        .order((certificates::issued_at, certificates::id))
        .select(Row::as_select())
        .load(tx.conn())?;
    if rows.is_empty() {
        return Ok(());
    }
    let effect = policy::certificate_effect(&deps.policy, causes, now);
    let because: Vec<Because> = causes.iter().map(Because::from).collect();
    for row in &rows {
        match effect {
            CertificateEffect::Keep if row.suspended_at.is_some() => give_back(tx, deps, row, now)?,
            CertificateEffect::Keep => {}
            CertificateEffect::Suspend => suspend(tx, deps, row, &because, now)?,
            CertificateEffect::Revoke => revoke(tx, deps, row, &because, now)?,
        }
    }
    Ok(())
}

/// How many certificates of a person can be used, and how many are suspended.
///
/// # Errors
/// Database errors.
pub fn in_use(conn: &mut Conn, person: Id, now: DateTime<Utc>) -> AppResult<(i64, i64)> {
    let rows: Vec<Option<Ts>> = certificates::table
        .filter(certificates::person_id.eq(person))
        .filter(store::counting(Ts::from(now)))
        .select(certificates::suspended_at)
        .load(conn)?;
    let suspended = rows.iter().flatten().count();
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Ok((number(rows.len() - suspended), number(suspended)))
}

/// What a certificate becomes.
struct Becomes<'a> {
    state: &'static str,
    suspended_at: Option<DateTime<Utc>>,
    causes: &'a [Because],
    ended_at: Option<DateTime<Utc>>,
}

fn write(tx: &mut Tx<'_>, deps: &Deps, row: &Row, new: &Becomes<'_>) -> AppResult<()> {
    let sealed = match new.causes {
        [] => None,
        causes => Some(deps.keys.seal_json(&store::field("causes_sealed", row.id), &causes)?),
    };
    let seen = certificates::table.find(row.id).filter(certificates::version.eq(row.version));
    let changed = diesel::update(seen)
        .set((
            certificates::state.eq(new.state),
            certificates::version.eq(row.version + 1),
            certificates::suspended_at.eq(new.suspended_at.map(Ts::from)),
            certificates::causes_sealed.eq(sealed),
            certificates::ended_at.eq(new.ended_at.map(Ts::from)),
        ))
        .execute(tx.conn())?;
    if changed == 1 { Ok(()) } else { Err(AppError::conflict("changed-meanwhile")) }
}

fn suspend(
    tx: &mut Tx<'_>,
    deps: &Deps,
    row: &Row,
    because: &[Because],
    now: DateTime<Utc>,
) -> AppResult<()> {
    if row.suspended_at.is_some() && store::causes(&deps.keys, row)? == because {
        return Ok(());
    }
    let since = row.suspended_at.map_or(now, |t| t.0);
    write(
        tx,
        deps,
        row,
        &Becomes { state: "valid", suspended_at: Some(since), causes: because, ended_at: None },
    )?;
    if row.suspended_at.is_some() {
        // Still suspended, for other causes: the code's own message tells of them.
        return note(tx, "certificate.suspend", row, because, now);
    }
    status::set(tx, slot(row), EntryStatus::Suspended)?;
    note(tx, "certificate.suspend", row, because, now)?;
    tell(tx, deps, row, "certificate-suspended", &json!({"because": because, "ended": false}), now)
}

fn revoke(tx: &mut Tx<'_>, deps: &Deps, row: &Row, because: &[Because], now: DateTime<Utc>) -> AppResult<()> {
    write(
        tx,
        deps,
        row,
        &Becomes { state: "revoked", suspended_at: None, causes: because, ended_at: Some(now) },
    )?;
    status::set(tx, slot(row), EntryStatus::Revoked)?;
    note(tx, "certificate.revoke", row, because, now)?;
    tell(tx, deps, row, "certificate-suspended", &json!({"because": because, "ended": true}), now)
}

fn give_back(tx: &mut Tx<'_>, deps: &Deps, row: &Row, now: DateTime<Utc>) -> AppResult<()> {
    write(tx, deps, row, &Becomes { state: "valid", suspended_at: None, causes: &[], ended_at: None })?;
    status::set(tx, slot(row), EntryStatus::Valid)?;
    note(tx, "certificate.resume", row, &[], now)?;
    tell(tx, deps, row, "certificate-resumed", &json!({"expires_at": row.expires_at}), now)
}

fn slot(row: &Row) -> Slot {
    Slot { list: row.status_list, index: row.status_index }
}

fn note(
    tx: &mut Tx<'_>,
    action: &'static str,
    row: &Row,
    because: &[Because],
    now: DateTime<Utc>,
) -> AppResult<()> {
    let rules: Vec<&str> = because.iter().map(|b| b.rule.as_str()).collect();
    let entry = Entry::new(Actor::System, action, "certificate").object(row.id).subject(Some(row.person_id));
    audit::append(tx, now, entry.detail(json!({"number": row.number, "rules": rules})))?;
    Ok(())
}

fn tell(
    tx: &mut Tx<'_>,
    deps: &Deps,
    row: &Row,
    name: &'static str,
    what: &Value,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let to = accounts::reach(tx.conn(), &deps.keys, row.account_id, row.person_id)?;
    let mut params = what.clone();
    if let Some(map) = params.as_object_mut() {
        map.insert("number".into(), json!(row.number));
    }
    let message = Message::new(name, params).once(format!("{name}:{}:{}", row.id, row.version));
    notify::send(tx, &deps.keys, &to, &message, now)
}
