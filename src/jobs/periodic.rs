//! Work that comes back by the clock.
//!
//! Each period's job is queued ahead of its start under a name that holds the period's number, so that several workers
//! queue it once; a worker that was away does not make up for what it missed.

use super::runner::next_period;
use super::{Drained, NOTHING, Work, drain, queue};
use crate::deps::App;
use crate::error::AppResult;
use std::collections::BTreeMap;

/// Queues the next period of every kind that `known` does not have yet.
///
/// # Errors
/// Database errors.
pub async fn enqueue_periodic(deps: &App, known: &mut BTreeMap<&'static str, i64>) -> AppResult<()> {
    let now = deps.clock.now();
    let work = deps.part::<Work>()?;
    let mut due = Vec::new();
    for (kind, seconds) in work.periodic() {
        let (number, start) = next_period(seconds, now);
        if known.get(kind) != Some(&number) {
            due.push((kind, number, start));
        }
    }
    if due.is_empty() {
        return Ok(());
    }
    let keys = deps.keys.clone();
    let queued = due.clone();
    let at_start: Vec<_> = work.at_start().filter(|_| known.is_empty()).collect();
    deps.store
        .write(move |tx| {
            for kind in at_start {
                let name = format!("start:{kind}");
                queue(tx, &keys, kind, Some(&name), NOTHING, now, now)?;
            }
            for (kind, number, start) in queued {
                let name = format!("periodic:{kind}:{number}");
                queue(tx, &keys, kind, Some(&name), NOTHING, start, now)?;
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
    let periodic: Vec<_> = deps.part::<Work>()?.periodic().collect();
    deps.store
        .write(move |tx| {
            for (kind, _) in periodic {
                let name = format!("once:{kind}");
                queue(tx, &keys, kind, Some(&name), NOTHING, now, now)?;
            }
            Ok(())
        })
        .await?;
    drain(deps).await
}
