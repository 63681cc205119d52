//! Work that comes back by the clock (`work::PERIODIC`).
//!
//! Each period's job is queued ahead of its start under a name that holds the period's number, so that several workers
//! queue it once; a worker that was away does not make up for what it missed.

use super::runner::next_period;
use super::{Drained, drain, enqueue};
use crate::app::App;
use crate::error::AppResult;
use crate::work::{AT_START, PERIODIC};
use std::collections::BTreeMap;

/// Queues the next period of every kind that `known` does not have yet.
///
/// # Errors
/// Database errors.
pub async fn enqueue_periodic(deps: &App, known: &mut BTreeMap<&'static str, i64>) -> AppResult<()> {
    let now = deps.clock.now();
    let mut due = Vec::new();
    for (kind, seconds) in PERIODIC {
        let (number, start) = next_period(*seconds, now);
        if known.get(kind) != Some(&number) {
            due.push((*kind, number, start));
        }
    }
    if due.is_empty() {
        return Ok(());
    }
    let keys = deps.keys.clone();
    let queued = due.clone();
    let starting = known.is_empty();
    deps.store
        .write(move |tx| {
            for kind in AT_START.iter().filter(|_| starting) {
                let name = format!("start:{kind}");
                enqueue(tx, &keys, kind, Some(&name), &serde_json::Value::Null, now, now)?;
            }
            for (kind, number, start) in queued {
                let name = format!("periodic:{kind}:{number}");
                enqueue(tx, &keys, kind, Some(&name), &serde_json::Value::Null, start, now)?;
            }
            Ok(())
        })
        .await?;
    known.extend(due.into_iter().map(|(kind, number, _)| (kind, number)));
    Ok(())
}

/// Runs every periodic kind once now, and whatever else is due: for tests and commands.
///
/// # Errors
/// As [`drain`].
pub async fn run_periodic(deps: &App) -> AppResult<Drained> {
    let now = deps.clock.now();
    let keys = deps.keys.clone();
    deps.store
        .write(move |tx| {
            for (kind, _) in PERIODIC {
                let name = format!("once:{kind}");
                enqueue(tx, &keys, kind, Some(&name), &serde_json::Value::Null, now, now)?;
            }
            Ok(())
        })
        .await?;
    drain(deps).await
}
