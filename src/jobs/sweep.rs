//! Removing what has had its time: ended sessions, old counters, stored answers, messages that were sent.

use crate::app::App;
use crate::error::AppResult;
use crate::web::{idempotency, limits, session};
use chrono::Duration;
use serde_json::Value;

/// The longest window of a durable counter is a day.
const COUNTERS: Duration = Duration::days(2);
/// A submission is not repeated after this.
const ANSWERS: Duration = Duration::days(2);
/// So long a sent message keeps its name from being sent again, and an operator can see that it went.
const SENT: Duration = Duration::days(30);
/// Rows in one transaction.
const CHUNK: i64 = 500;

/// Handler of `sweep`.
///
/// # Errors
/// Database errors.
pub async fn sweep(deps: App, _: Value) -> AppResult<()> {
    let now = deps.clock.now();
    deps.store.write(move |tx| session::sweep(tx, now)).await?;
    deps.store.write(move |tx| limits::sweep(tx, now - COUNTERS)).await?;
    deps.store.write(move |tx| idempotency::sweep(tx, now - ANSWERS)).await?;
    loop {
        let gone = deps.store.write(move |tx| crate::notify::sweep(tx, now - SENT, CHUNK)).await?;
        if i64::try_from(gone).unwrap_or(0) < CHUNK {
            return Ok(());
        }
    }
}
