//! An older copy of the database in the place of the present one: sessions that had been ended would live again in it, so
//! none of them does. `docs/backup.md` says what else comes back with a copy, and what to do.

use crate::audit::{self, Actor, Entry};
use crate::deps::App;
use crate::error::AppResult;
use crate::web::session;
use serde_json::json;

/// Compares the database with the copies of the audit's heads before anybody is served; when it is of before, ends all
/// sessions, writes that down and keeps those copies aside. Gives whether it was.
///
/// # Errors
/// Database errors; copies that cannot be read or renamed.
pub async fn look(deps: &App) -> AppResult<bool> {
    let Some(lost) = audit::lost(deps).await? else { return Ok(false) };
    let (now, number) = (deps.clock.now(), lost.number);
    // Step by step: a stop in between is followed by a start that finds the copies still here, and goes on.
    let mut ended = 0;
    loop {
        match deps.store.write(session::end_some).await? {
            0 => break,
            some => ended += some,
        }
    }
    let told = deps.store.write(move |tx| {
        let detail = json!({"last_copied_head": number, "sessions_ended": ended});
        audit::append(tx, now, Entry::new(Actor::System, "audit.restored", "audit").detail(detail))
    });
    told.await?;
    audit::set_aside(deps, &lost)?;
    tracing::error!(
        last_copied_head = number,
        sessions_ended = ended,
        "the database is older than the copies of its audit heads; all sessions are ended, see docs/backup.md"
    );
    Ok(true)
}
