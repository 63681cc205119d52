//! Digests: what has waited for one subscriber by one channel goes in one message, in the transaction that takes it out.

use super::model::Row;
use super::store::{self, Waiting};
use super::tell::{self, Told};
use crate::db::{Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::jobs::{Job, passed_over};
use crate::notify::{self, Lane, Message};
use crate::web::i18n::Lang;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Items of a step.
const STEP: usize = 300;
/// Lines of a digest; how many more there were is said.
const LINES: usize = 40;
/// Steps of one run; the next run goes on.
const STEPS: usize = 100;

/// Sends the digests that are due.
#[derive(Debug, Serialize, Deserialize)]
pub struct Digests;

impl Job for Digests {
    const NAME: &'static str = "subscriptions.digest";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        for _ in 0..STEPS {
            let (parts, now) = (deps.clone(), deps.clock.now());
            if deps.store.write(move |tx| step(tx, &parts, now)).await? {
                break;
            }
        }
        Ok(())
    }
}

fn is_same(one: &Row, other: &Row) -> bool {
    (one.subscriber, &one.channel) == (other.subscriber, &other.channel)
}

/// One step; true when nothing more is due.
fn step(tx: &mut Tx<'_>, deps: &Deps, now: DateTime<Utc>) -> AppResult<bool> {
    let mut due = store::due(tx.conn(), now, i64::try_from(STEP).unwrap_or(0))?;
    let more = due.len() >= STEP;
    if more
        && let Some((_, last, _)) = due.last()
        && let Some(whole) = due.iter().rposition(|(_, row, _)| !is_same(row, last))
    {
        // There may be more of the last one: it comes with the next step.
        due.truncate(whole + 1);
    }
    let ids: Vec<Id> = due.iter().map(|(id, ..)| *id).collect();
    if ids.is_empty() {
        return Ok(true);
    }
    if store::take(tx, &ids)? < ids.len() {
        // Another worker is at the same and sends what it took out; this one begins anew.
        return Err(AppError::conflict("changed-meanwhile"));
    }
    for group in due.chunk_by(|(_, one, _), (_, other, _)| is_same(one, other)) {
        passed_over(Digests::NAME, send(tx, deps, group, now))?;
    }
    Ok(!more)
}

fn send(tx: &mut Tx<'_>, deps: &Deps, group: &[Waiting], now: DateTime<Utc>) -> AppResult<()> {
    let Some((_, row, _)) = group.first() else { return Ok(()) };
    let (mut zh, mut en, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for (_, _, news) in group {
        // Two of their subscriptions may be about the same.
        if seen.contains(&news.id) {
            continue;
        }
        seen.push(news.id);
        if let Some(told) = Told::of(deps, news)? {
            zh.push(told.title(Lang::ZhCn).to_owned());
            en.push(told.title(Lang::En).to_owned());
        }
    }
    if zh.is_empty() {
        return Ok(());
    }
    let count = zh.len();
    zh.truncate(LINES);
    en.truncate(LINES);
    let to = tell::recipient(tx.conn(), deps, row)?;
    let params = json!({
        "count": count, "rest": count - zh.len(), "lines_zh": zh, "lines_en": en,
        "unsubscribe": tell::way_out(deps, row, &to, true)?,
    });
    let message = Message::new("subscription-digest", params).lane(Lane::Bulk).list(row.subscriber);
    notify::send(tx, &deps.keys, &to, &message, now)
}
