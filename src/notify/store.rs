//! The outbox table: claim by channel and lane under a lease, report, put off, bury.

use super::{Channel, Lane};
use crate::db::schema::outbox;
use crate::db::types::{DbTime, DbUuid};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Text};

/// A message under lease.
#[derive(Debug, QueryableByName)]
pub(super) struct Claimed {
    #[diesel(sql_type = DbUuid)]
    pub id: Id,
    #[diesel(sql_type = Text)]
    pub lane: String,
    #[diesel(sql_type = Text)]
    pub message: String,
    #[diesel(sql_type = Text)]
    pub lang: String,
    #[diesel(sql_type = Binary)]
    pub recipient_sealed: Vec<u8>,
    #[diesel(sql_type = Binary)]
    pub params_sealed: Vec<u8>,
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    #[diesel(sql_type = DbTime)]
    pub created_at: Ts,
}

/// What became of a message.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The provider took it; its own id for it, if it told one.
    Sent(Option<String>),
    /// Try again then; the code says why.
    Again(DateTime<Utc>, &'static str),
    /// It will not go.
    Dead(&'static str),
    /// It was not tried.
    Released,
}

/// Whether a message of the channel and lanes is due, or one of a dead worker has come free.
pub(super) fn is_due(
    conn: &mut Conn,
    channel: Channel,
    lanes: &[Lane],
    now: DateTime<Utc>,
) -> AppResult<bool> {
    for lane in lanes {
        // The literal state lets both databases use the partial index.
        let sql = "SELECT id FROM outbox WHERE channel = $1 AND lane = $2 AND state = 'queued' AND run_at <= $3 LIMIT 1";
        let found: Vec<OnlyId> = diesel::sql_query(sql)
            .bind::<Text, _>(channel.code())
            .bind::<Text, _>(lane.code())
            .bind::<DbTime, _>(Ts::from(now))
            .load(conn)?;
        if !found.is_empty() {
            return Ok(true);
        }
    }
    let sql = "SELECT id FROM outbox WHERE state = 'sending' AND locked_until <= $1 LIMIT 1";
    let left: Vec<OnlyId> = diesel::sql_query(sql).bind::<DbTime, _>(Ts::from(now)).load(conn)?;
    Ok(!left.is_empty())
}

#[derive(QueryableByName)]
struct OnlyId {
    #[allow(dead_code)]
    #[diesel(sql_type = DbUuid)]
    id: Id,
}

/// Puts messages whose worker did not come back into the queue again.
pub(super) fn reclaim(tx: &mut Tx<'_>, now: DateTime<Utc>) -> AppResult<usize> {
    let lock = tx.conn().skip_locked();
    let sql = format!(
        "UPDATE outbox SET state = 'queued', locked_until = NULL WHERE id IN \
         (SELECT id FROM outbox WHERE state = 'sending' AND locked_until <= $1 {lock})"
    );
    Ok(diesel::sql_query(sql).bind::<DbTime, _>(Ts::from(now)).execute(tx.conn())?)
}

/// Takes up to `limit` due messages, the first lane before the next, until `lease`.
pub(super) fn claim(
    tx: &mut Tx<'_>,
    channel: Channel,
    lanes: &[Lane],
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
    limit: usize,
) -> AppResult<Vec<Claimed>> {
    let lock = tx.conn().skip_locked();
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE channel = $1 AND lane = $2 AND state = 'queued' \
         AND run_at <= $3 ORDER BY run_at LIMIT $4 {lock}) \
         UPDATE outbox SET state = 'sending', attempts = attempts + 1, locked_until = $5 \
         WHERE id IN (SELECT id FROM due) \
         RETURNING id, lane, message, lang, recipient_sealed, params_sealed, attempts, created_at"
    );
    let mut claimed: Vec<Claimed> = Vec::new();
    for lane in lanes {
        let left = i64::try_from(limit.saturating_sub(claimed.len())).unwrap_or(0);
        if left == 0 {
            break;
        }
        let more: Vec<Claimed> = diesel::sql_query(&sql)
            .bind::<Text, _>(channel.code())
            .bind::<Text, _>(lane.code())
            .bind::<DbTime, _>(Ts::from(now))
            .bind::<BigInt, _>(left)
            .bind::<DbTime, _>(Ts::from(lease))
            .load(tx.conn())?;
        claimed.extend(more);
    }
    Ok(claimed)
}

/// Writes what became of messages; those whose lease has passed to another worker are left alone.
pub(super) fn finish(
    tx: &mut Tx<'_>,
    lease: DateTime<Utc>,
    now: DateTime<Utc>,
    outcomes: &[(Id, Outcome)],
) -> AppResult<()> {
    let held = outbox::state.eq("sending").and(outbox::locked_until.eq(Some(Ts::from(lease))));
    let plain: Vec<Id> =
        outcomes.iter().filter(|(_, o)| matches!(o, Outcome::Sent(None))).map(|(id, _)| *id).collect();
    let sent = (
        outbox::state.eq("sent"),
        outbox::sent_at.eq(Some(Ts::from(now))),
        outbox::locked_until.eq(None::<Ts>),
        outbox::last_error.eq(None::<String>),
    );
    if !plain.is_empty() {
        diesel::update(outbox::table.filter(outbox::id.eq_any(plain)).filter(held))
            .set(sent.clone())
            .execute(tx.conn())?;
    }
    for (id, outcome) in outcomes {
        let row = outbox::table.filter(outbox::id.eq(*id)).filter(held);
        match outcome {
            Outcome::Sent(None) => 0,
            Outcome::Sent(reference) => diesel::update(row)
                .set((sent.clone(), outbox::provider_ref.eq(reference)))
                .execute(tx.conn())?,
            Outcome::Again(at, code) => diesel::update(row)
                .set((
                    outbox::state.eq("queued"),
                    outbox::run_at.eq(Ts::from(*at)),
                    outbox::locked_until.eq(None::<Ts>),
                    outbox::last_error.eq(Some(*code)),
                ))
                .execute(tx.conn())?,
            Outcome::Dead(code) => diesel::update(row)
                .set((
                    outbox::state.eq("dead"),
                    outbox::locked_until.eq(None::<Ts>),
                    outbox::last_error.eq(Some(*code)),
                ))
                .execute(tx.conn())?,
            Outcome::Released => diesel::update(row)
                .set((
                    outbox::state.eq("queued"),
                    outbox::attempts.eq(outbox::attempts - 1),
                    outbox::locked_until.eq(None::<Ts>),
                ))
                .execute(tx.conn())?,
        };
    }
    Ok(())
}

/// Notes of messages under lease that they do not go: they are done with, and `sent_at` stays empty.
pub(super) fn withhold(tx: &mut Tx<'_>, ids: Vec<Id>) -> AppResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    diesel::update(outbox::table.filter(outbox::id.eq_any(ids)))
        .set((
            outbox::state.eq("sent"),
            outbox::locked_until.eq(None::<Ts>),
            outbox::last_error.eq(Some("withheld")),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Takes back what waits to be sent to somebody who no longer has these subscriptions.
///
/// # Errors
/// Database errors.
pub fn withdraw(tx: &mut Tx<'_>, lists: &[Id]) -> AppResult<()> {
    let waits = outbox::table.filter(outbox::list_id.eq_any(lists)).filter(outbox::state.eq("queued"));
    diesel::delete(waits).execute(tx.conn())?;
    Ok(())
}

/// Dead messages to subscribers whose address does not exist, as its server says: the message, and of which subscription.
///
/// # Errors
/// Database errors.
pub fn refused(conn: &mut Conn, limit: i64) -> AppResult<Vec<(Id, Id)>> {
    Ok(outbox::table
        .filter(outbox::state.eq("dead"))
        .filter(outbox::list_id.is_not_null())
        .filter(outbox::last_error.eq("mail-refused"))
        .order(outbox::created_at)
        .limit(limit)
        .select((outbox::id, outbox::list_id.assume_not_null()))
        .load(conn)?)
}

/// A message that could not be delivered. Nothing here says to whom it was.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct DeadMessage {
    /// The message.
    pub id: Id,
    /// `sms` or `email`.
    pub channel: String,
    /// Name of its template directory.
    pub message: String,
    /// How often it was tried.
    pub attempts: i32,
    /// Code of the last error.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: Ts,
}

/// The dead messages, oldest first, at most `limit`.
///
/// # Errors
/// Database errors.
pub fn dead(conn: &mut Conn, limit: i64) -> AppResult<Vec<DeadMessage>> {
    Ok(outbox::table
        .filter(outbox::state.eq("dead"))
        .order(outbox::created_at)
        .limit(limit)
        .select(DeadMessage::as_select())
        .load(conn)?)
}

/// Queues a dead message again with all its attempts; false when there is none.
///
/// # Errors
/// Database errors.
pub fn revive(tx: &mut Tx<'_>, id: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let row = outbox::table.filter(outbox::id.eq(id)).filter(outbox::state.eq("dead"));
    let changed = diesel::update(row)
        .set((outbox::state.eq("queued"), outbox::attempts.eq(0), outbox::run_at.eq(Ts::from(now))))
        .execute(tx.conn())?;
    if changed > 0 {
        tx.wake_worker();
    }
    Ok(changed > 0)
}

/// Removes a dead message; false when there is none.
///
/// # Errors
/// Database errors.
pub fn bury(tx: &mut Tx<'_>, id: Id) -> AppResult<bool> {
    let gone = diesel::delete(outbox::table.filter(outbox::id.eq(id)).filter(outbox::state.eq("dead")));
    Ok(gone.execute(tx.conn())? > 0)
}
