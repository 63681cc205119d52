//! What is left over: bytes that no row names (their case was destroyed, or the program was killed between a file's row and
//! its bytes), rows whose bytes never came, and files that nobody has looked at to the end. Rows whose bytes are gone are
//! told to the operator: nothing of it can be mended here.

use super::work::Look;
use super::{Files, store};
use crate::db::Id;
use crate::deps::App;
use crate::error::AppResult;
use crate::jobs::{self, Job};
use chrono::Duration;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Bytes come within seconds; who has sent none for so long sends none any more.
const GONE: Duration = Duration::hours(1);
/// A file is looked at within seconds; after so long it is asked for again.
const FORGOTTEN: Duration = Duration::minutes(10);
/// Shelves at a time: a store far away takes its time for each list.
const AT_ONCE: usize = 8;
/// Rows of one turn.
const ROWS: i64 = 200;

/// Sweeps; the job that comes by the clock.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep;

impl Job for Sweep {
    const NAME: &'static str = "files.sweep";

    async fn run(self, deps: App) -> AppResult<()> {
        if Files::of(&deps)?.place.is_none() {
            return Ok(());
        }
        rows(&deps).await?;
        let (mut removed, mut missing) = (0, 0);
        let mut shelves =
            stream::iter(0..=u8::MAX).map(|shelf| one_shelf(&deps, shelf)).buffer_unordered(AT_ONCE);
        while let Some(done) = shelves.next().await {
            let (extra, lost) = done?;
            removed += extra;
            missing += lost;
        }
        metrics::gauge!("fugong_files_missing").set(f64::from(u32::try_from(missing).unwrap_or(u32::MAX)));
        if removed > 0 {
            tracing::info!(removed, "bytes that no file names were removed");
        }
        if missing > 0 {
            tracing::error!(missing, "files have lost their bytes");
        }
        Ok(())
    }
}

/// Rows whose bytes never came go; what waits is asked for again.
async fn rows(deps: &App) -> AppResult<()> {
    let (now, keys) = (deps.clock.now(), deps.keys.clone());
    deps.store
        .write(move |tx| {
            for id in store::left(tx.conn(), now - GONE, ROWS)? {
                store::remove(tx, id)?;
            }
            for file in store::waiting(tx.conn(), now - FORGOTTEN, ROWS)? {
                jobs::enqueue(tx, &keys, &Look { file }, Some(&Look::name(file)), now, now)?;
            }
            Ok(())
        })
        .await
}

/// Removes the bytes of a shelf that no row names; how many, and how many rows have none. A row is there before its bytes,
/// so rows that are read after the bytes were listed name all that is somebody's; and bytes are there before their row says
/// so, so those of rows that were read before must be among them.
async fn one_shelf(deps: &App, shelf: u8) -> AppResult<(usize, usize)> {
    let place = Files::of(deps)?.place()?;
    let before = deps.store.read(move |conn| store::named(conn, shelf)).await?;
    let there: HashSet<Id> = place.names(shelf).await?.into_iter().collect();
    if before.is_empty() && there.is_empty() {
        return Ok((0, 0));
    }
    let after = deps.store.read(move |conn| store::named(conn, shelf)).await?;
    let named: HashSet<Id> = after.iter().map(|(name, _)| *name).collect();
    let mut removed = 0;
    for name in there.difference(&named) {
        place.remove(*name).await?;
        removed += 1;
    }
    let needed = |rows: Vec<(Id, bool)>| -> HashSet<Id> {
        rows.into_iter().filter(|(_, needed)| *needed).map(|(name, _)| name).collect()
    };
    let missing = needed(before).intersection(&needed(after)).filter(|name| !there.contains(name)).count();
    Ok((removed, missing))
}
