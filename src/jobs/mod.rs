//! Background work: a table of jobs, written in the transaction that causes them.
//!
//! Jobs are named, deduplicated and idempotent; their payload is sealed. A [`Runner`] claims due jobs in batches under
//! a lease, runs each as the value of its kind ([`Job`]), tries failed ones again with jitter and keeps what failed for
//! good. A [`Worker`] does so on threads of its own, together with what else is done in the background ([`Work`]); tests
//! and commands call [`drain`] instead.

pub mod kept;
mod kind;
mod periodic;
mod runner;
mod store;
mod worker;

pub use kind::{Job, JobKind, Running, Step, Work};
pub use periodic::{enqueue_periodic, run_periodic};
pub use runner::{Drained, Runner, Settings, drain};
pub use store::{DeadJob, bury, dead, revive};
pub use worker::Worker;

use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::insert_row;
use crate::db::schema::jobs;
use crate::db::{Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};

/// For a job that comes by the clock and looks at many: one of them that fails does not stop the others, and the next run
/// tries it again. It is logged without a word of whom it is about: an error of what cannot be read may name it.
///
/// # Errors
/// That the database is away, which is no fault of the one.
pub fn passed_over<T>(kind: &'static str, done: AppResult<T>) -> AppResult<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(away @ AppError::Unavailable(_)) => Err(away),
        Err(error) => {
            tracing::error!(kind, code = error.code(), "a job passed over one of those it looks at");
            Ok(None)
        }
    }
}

/// Where a job's payload is sealed to.
pub(crate) fn payload_context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "jobs", column: "payload_sealed", row: id.0 }
}

/// Queues a job to run at `run_at`, in the caller's transaction. With a `dedup` name one that waits under it already is
/// enough: it is put forward if it was to run later, and `None` is given. One that has begun or died under the name does
/// not count, since it does not see what this transaction writes; it loses the name, and a new job is queued.
///
/// # Errors
/// Database errors, or a payload that cannot be written.
pub fn enqueue<J: Job>(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    job: &J,
    dedup: Option<&str>,
    run_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AppResult<Option<Id>> {
    let plain = serde_json::to_vec(job).map_err(AppError::internal)?;
    queue(tx, keyring, J::NAME, dedup, &plain, run_at, now)
}

/// What comes by the clock carries nothing.
const NOTHING: &[u8] = b"null";

fn queue(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    kind: &'static str,
    dedup: Option<&str>,
    plain: &[u8],
    run_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AppResult<Option<Id>> {
    let id = Id::new();
    let sealed = keyring.seal(&payload_context(id), plain)?;
    let insert = |tx: &mut Tx<'_>| {
        insert_row!(tx.conn(), jobs, {
            id: id, kind: kind, dedup: dedup, payload_sealed: sealed.clone(),
            state: "queued", run_at: Ts::from(run_at), attempts: 0, created_at: Ts::from(now),
        }, "ON CONFLICT DO NOTHING")
    };
    let mut inserted = insert(tx)?;
    if let (0, Some(name)) = (inserted, dedup)
        && !store::put_forward(tx, name, run_at)?
    {
        inserted = insert(tx)?;
    }
    if run_at <= now {
        tx.wake_worker();
    }
    Ok((inserted > 0).then_some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_fails_is_passed_over_and_a_database_that_is_away_is_not() {
        assert!(matches!(passed_over("test", Ok(7)), Ok(Some(7))));
        assert!(matches!(passed_over::<()>("test", Err(AppError::internal("unreadable"))), Ok(None)));
        assert!(matches!(passed_over::<()>("test", Err(AppError::conflict("changed-meanwhile"))), Ok(None)));
        let away = passed_over::<()>("test", Err(AppError::Unavailable("away".to_owned())));
        assert!(matches!(away, Err(AppError::Unavailable(_))));
    }
}
