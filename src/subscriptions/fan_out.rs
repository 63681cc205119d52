//! News are passed on in steps. A step is one transaction: it moves on where the news have come to and writes what it
//! passes on, both or neither. So a step that is repeated, because its worker died before it said so, goes on behind it.

use super::model::News;
use super::store;
use super::tell::{self, Told};
use crate::db::{Id, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::jobs::{self, Job, passed_over};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Subscriptions of a step.
const STEP: i64 = 100;
/// Steps of one job; then it queues itself again, so that no run takes longer than a job may.
const STEPS: usize = 50;

/// Passes on news.
#[derive(Debug, Serialize, Deserialize)]
pub struct FanOut {
    pub(super) news: Id,
}

/// The name under which the job of news waits.
pub(super) fn name(news: Id) -> String {
    format!("{}:{news}", FanOut::NAME)
}

impl Job for FanOut {
    const NAME: &'static str = "subscriptions.fan-out";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        for _ in 0..STEPS {
            if step(&deps, self.news).await? {
                return Ok(());
            }
        }
        let (keys, now) = (deps.keys.clone(), deps.clock.now());
        let again = move |tx: &mut Tx<'_>| {
            jobs::enqueue(tx, &keys, &self, Some(&name(self.news)), now, now).map(drop)
        };
        deps.store.write(again).await
    }
}

/// One step; true when there is nothing more to do.
async fn step(deps: &App, news: Id) -> AppResult<bool> {
    let (parts, now) = (deps.clone(), deps.clock.now());
    deps.store
        .write(move |tx| {
            let Some(news) = store::news_of(tx.conn(), news)?.filter(|news| !news.done) else {
                return Ok(true);
            };
            let Some(told) = Told::of(&parts, &news)? else {
                return store::pass(tx, &news, None).map(|_| true);
            };
            pass(tx, &parts, &news, &told, now)
        })
        .await
}

fn pass(tx: &mut Tx<'_>, deps: &Deps, news: &News, told: &Told, now: DateTime<Utc>) -> AppResult<bool> {
    let rows = store::next_of(tx.conn(), news, STEP)?;
    // First of all, so that of two workers at the same news the second waits here and then finds it done.
    if !store::pass(tx, news, rows.last().map(|row| row.id))? {
        return Ok(false);
    }
    for row in &rows {
        passed_over(FanOut::NAME, tell::pass_on(tx, deps, row, news, told, now))?;
    }
    Ok(rows.is_empty())
}
