//! The jobs table: claim, complete, put off, bury.
//!
//! A claim is a lease. Its end (`locked_until`) is also the fencing token: what a worker reports about a job is
//! written only while the job still carries the worker's own lease.

use crate::db::hot::run;
use crate::db::schema::jobs;
use crate::db::types::{DbTime, DbUuid};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Text};

/// A job under lease.
#[derive(Debug, QueryableByName)]
pub(super) struct Claimed {
    #[diesel(sql_type = DbUuid)]
    pub id: Id,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Binary)]
    pub payload_sealed: Vec<u8>,
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
}

/// What became of a job.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It ran.
    Done,
    /// It failed and runs again then; the code says why.
    Again(DateTime<Utc>, String),
    /// It failed for the last time.
    Dead(String),
    /// It was not begun.
    Released,
}

/// Whether a job is due, or one of a dead worker has come free.
pub(super) fn is_due(conn: &mut Conn, now: DateTime<Utc>) -> AppResult<bool> {
    let now = Ts::from(now);
    let queued = jobs::table.filter(jobs::state.eq("queued")).filter(jobs::run_at.le(now)).select(jobs::id);
    if queued.first::<Id>(conn).optional()?.is_some() {
        return Ok(true);
    }
    let left =
        jobs::table.filter(jobs::state.eq("running")).filter(jobs::locked_until.le(now)).select(jobs::id);
    Ok(left.first::<Id>(conn).optional()?.is_some())
}

/// Lets the job that waits under a name run at `run_at` if it was to run later. False when none waits; one that has begun
/// or died has lost the name then, so that it is free.
pub(super) fn put_forward(tx: &mut Tx<'_>, name: &str, run_at: DateTime<Utc>) -> AppResult<bool> {
    let at = Ts::from(run_at);
    // Held until the end of the transaction: a worker that takes it afterwards sees what was written here. Asked before
    // the name is taken away: of a worker that takes it at this moment it is known only then that the job has begun.
    let held = run!(
        tx.conn(),
        "UPDATE jobs SET attempts = 0, run_at = CASE WHEN run_at > ? THEN ? ELSE run_at END \
         WHERE dedup = ? AND state = 'queued'",
        DbTime => at, DbTime => at, Text => name,
    )?;
    if held == 0 {
        run!(
            tx.conn(),
            "UPDATE jobs SET dedup = NULL WHERE dedup = ? AND state <> 'queued'",
            Text => name,
        )?;
    }
    Ok(held > 0)
}

/// Puts jobs whose worker did not come back into the queue again.
pub(super) fn reclaim(tx: &mut Tx<'_>, now: DateTime<Utc>) -> AppResult<usize> {
    let lock = tx.conn().skip_locked();
    let sql = format!(
        "UPDATE jobs SET state = 'queued', locked_until = NULL WHERE id IN \
         (SELECT id FROM jobs WHERE state = 'running' AND locked_until <= $1 {lock})"
    );
    Ok(diesel::sql_query(sql).bind::<DbTime, _>(Ts::from(now)).execute(tx.conn())?)
}

/// Takes up to `limit` due jobs, oldest first, until `lease`.
pub(super) fn claim(
    tx: &mut Tx<'_>,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
    limit: i64,
) -> AppResult<Vec<Claimed>> {
    let lock = tx.conn().skip_locked();
    // SQLite counts parameters by their first appearance.
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT id FROM jobs WHERE state = 'queued' AND run_at <= $1 \
         ORDER BY run_at LIMIT $2 {lock}) \
         UPDATE jobs SET state = 'running', attempts = attempts + 1, locked_until = $3 \
         WHERE id IN (SELECT id FROM due) RETURNING id, kind, payload_sealed, attempts"
    );
    Ok(diesel::sql_query(sql)
        .bind::<DbTime, _>(Ts::from(now))
        .bind::<BigInt, _>(limit)
        .bind::<DbTime, _>(Ts::from(lease))
        .load(tx.conn())?)
}

/// Writes what became of jobs; those whose lease has passed to another worker are left alone.
pub(super) fn finish(tx: &mut Tx<'_>, lease: DateTime<Utc>, outcomes: &[(Id, Outcome)]) -> AppResult<()> {
    let lease = Ts::from(lease);
    let with = |wanted: fn(&Outcome) -> bool| -> Vec<Id> {
        outcomes.iter().filter(|(_, o)| wanted(o)).map(|(id, _)| *id).collect()
    };
    let (done, released) = (with(|o| matches!(o, Outcome::Done)), with(|o| matches!(o, Outcome::Released)));
    let held = jobs::state.eq("running").and(jobs::locked_until.eq(Some(lease)));
    if !done.is_empty() {
        diesel::delete(jobs::table.filter(jobs::id.eq_any(done)).filter(held)).execute(tx.conn())?;
    }
    if !released.is_empty() {
        diesel::update(jobs::table.filter(jobs::id.eq_any(released)).filter(held))
            .set((
                jobs::state.eq("queued"),
                jobs::attempts.eq(jobs::attempts - 1),
                jobs::locked_until.eq(None::<Ts>),
            ))
            .execute(tx.conn())?;
    }
    for (id, outcome) in outcomes {
        let (state, run_at, code) = match outcome {
            Outcome::Again(at, code) => ("queued", Some(Ts::from(*at)), code),
            Outcome::Dead(code) => ("dead", None, code),
            Outcome::Done | Outcome::Released => continue,
        };
        diesel::update(jobs::table.filter(jobs::id.eq(*id)).filter(held))
            .set((
                jobs::state.eq(state),
                run_at.map(|at| jobs::run_at.eq(at)),
                jobs::locked_until.eq(None::<Ts>),
                jobs::last_error.eq(Some(code)),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// A job that failed for good.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub struct DeadJob {
    /// The job.
    pub id: Id,
    /// Its kind.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i32,
    /// Code of the last error.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: Ts,
}

/// The dead jobs, oldest first, at most `limit`.
///
/// # Errors
/// Database errors.
pub fn dead(conn: &mut Conn, limit: i64) -> AppResult<Vec<DeadJob>> {
    Ok(jobs::table
        .filter(jobs::state.eq("dead"))
        .order(jobs::created_at)
        .limit(limit)
        .select(DeadJob::as_select())
        .load(conn)?)
}

/// Queues a dead job again with all its attempts; false when there is none.
///
/// # Errors
/// Database errors.
pub fn revive(tx: &mut Tx<'_>, id: Id, now: DateTime<Utc>) -> AppResult<bool> {
    let changed = diesel::update(jobs::table.filter(jobs::id.eq(id)).filter(jobs::state.eq("dead")))
        .set((jobs::state.eq("queued"), jobs::attempts.eq(0), jobs::run_at.eq(Ts::from(now))))
        .execute(tx.conn())?;
    if changed > 0 {
        tx.wake_worker();
    }
    Ok(changed > 0)
}

/// Removes a dead job; false when there is none.
///
/// # Errors
/// Database errors.
pub fn bury(tx: &mut Tx<'_>, id: Id) -> AppResult<bool> {
    let gone = diesel::delete(jobs::table.filter(jobs::id.eq(id)).filter(jobs::state.eq("dead")));
    Ok(gone.execute(tx.conn())? > 0)
}
