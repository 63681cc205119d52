//! The night's work. The job comes every hour and when the portal starts; what became due at local midnight goes in the
//! first hour of the day, and after a stop as soon as the portal runs again.

use super::run::{self, Run};
use super::sql::Sql;
use super::store::{Row, window};
use crate::clock::china_day;
use crate::deps::App;
use crate::error::AppResult;
use crate::jobs::{self, Job};
use crate::kept::{Kind, Term, Wall, cut_off, days_of};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long one job works before another goes on.
const TURN: Duration = Duration::from_secs(15);
/// The longest pause between two steps; a step is followed by a pause as long as itself.
const PAUSE: Duration = Duration::from_millis(100);

/// Destroys what is due, kind by kind: the job that comes by the clock.
#[derive(Debug, Serialize, Deserialize)]
pub struct Daily;

/// The same: the job that goes on with what one turn did not finish.
#[derive(Debug, Serialize, Deserialize)]
pub struct More;

impl Job for Daily {
    const NAME: &'static str = "retention.daily";

    async fn run(self, deps: App) -> AppResult<()> {
        night(&deps).await
    }
}

impl Job for More {
    const NAME: &'static str = "retention.more";

    async fn run(self, deps: App) -> AppResult<()> {
        night(&deps).await
    }
}

/// Destroys what is due, for as long as one job works; the rest is queued.
///
/// # Errors
/// Database errors, or a kind without a rule.
async fn night(deps: &App) -> AppResult<()> {
    let begun = Instant::now();
    for kind in deps.part::<Arc<Wall>>()?.kinds.iter().copied() {
        if !one_kind(deps, kind, begun).await? {
            return go_on(deps).await;
        }
    }
    Ok(())
}

/// Queues the job that goes on.
async fn go_on(deps: &App) -> AppResult<()> {
    let (keys, now) = (deps.keys.clone(), deps.clock.now());
    deps.store
        .write(move |tx| {
            // Under no name: the job that runs may itself be called so.
            jobs::enqueue(tx, &keys, &More, None, now, now).map(|_| ())
        })
        .await
}

/// Brings the run of a kind to its end; false when the time is over first, or another worker has taken it.
async fn one_kind(deps: &App, kind: &'static Kind, begun: Instant) -> AppResult<bool> {
    let now = deps.clock.now();
    let Some((term, days)) = days_of(&deps.policy, kind, now)? else { return Ok(true) };
    let day = china_day(now).to_string();
    // One that was cut off in an earlier night is brought to its end first.
    if let Some(left) = deps.store.read(move |conn| run::unfinished(conn, kind.name)).await?
        && left.day != day
        && !through(deps, kind, &term, left, begun).await?
    {
        return Ok(false);
    }
    let known = deps.store.read(move |conn| run::find(conn, kind.name, &day)).await?;
    if known.as_ref().is_some_and(Run::is_done) {
        return Ok(true);
    }
    let (cut, at) = (cut_off(now, days), term.clone());
    let run = match known {
        Some(run) => run,
        None => deps.store.write(move |tx| run::begin(tx, kind, &at, cut, now)).await?,
    };
    through(deps, kind, &term, run, begun).await
}

/// Goes through a table window by window.
async fn through(deps: &App, kind: &'static Kind, term: &Term, run: Run, begun: Instant) -> AppResult<bool> {
    let mut run = run;
    let mut place = run.position.clone();
    loop {
        let (cut, now, after) = (run.cut_off.0, deps.clock.now(), place.clone());
        let rows = deps
            .store
            .read(move |conn| {
                let sql = Sql::new(conn, cut, now);
                window(conn, kind, sql, after.as_deref())
            })
            .await?;
        let Some(last) = rows.last().map(Row::key) else { return end(deps, kind, term, run).await };
        let due: Vec<String> = rows.iter().filter(|r| r.is_due()).map(Row::key).collect();
        place = Some(last.clone());
        let over = begun.elapsed() >= TURN;
        if due.is_empty() && !over {
            continue;
        }
        let started = Instant::now();
        let stepped = deps.store.write(move |tx| run::step(tx, kind, run, &due, last, now)).await?;
        let Some(next) = stepped else { return Ok(true) };
        run = next;
        if over {
            return Ok(false);
        }
        tokio::time::sleep(started.elapsed().min(PAUSE)).await;
    }
}

/// Removes what is left of the rows in the files, then signs.
async fn end(deps: &App, kind: &'static Kind, term: &Term, run: Run) -> AppResult<bool> {
    if run.count > 0 {
        deps.store.wipe(kind.tables().collect()).await?;
    }
    let (keys, term, now) = (deps.keys.clone(), term.clone(), deps.clock.now());
    let province = deps.config.province.clone();
    deps.store.write(move |tx| run::finish(tx, &keys, run, &province, &term, now)).await?;
    Ok(true)
}
