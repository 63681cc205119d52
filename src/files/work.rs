//! What happens to a file before anybody can open it: it is looked through, and a picture is replaced by a copy.

use super::clam::{self, Verdict};
use super::kind::{Kind, Refusal};
use super::place::{Sealing, new_on, shelf};
use super::read::Reader;
use super::{Files, copy, store, tell};
use crate::audit::{self, Actor, Entry};
use crate::crypto::FileKey;
use crate::db::{Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::jobs::{self, Job};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long a file waits for its turn within one job.
const TURN: std::time::Duration = std::time::Duration::from_secs(10);
/// When a file is looked at again that had no turn or no verdict.
const LATER: Duration = Duration::minutes(1);

/// Looks at a file that was received.
#[derive(Debug, Serialize, Deserialize)]
pub struct Look {
    /// The file.
    pub file: Id,
}

impl Look {
    /// The name under which one look at a file waits.
    pub(super) fn name(file: Id) -> String {
        format!("files.look:{file}")
    }
}

impl Job for Look {
    const NAME: &'static str = "files.look";

    async fn run(self, deps: App) -> AppResult<()> {
        let files = Files::of(&deps)?;
        // One file at a time is in memory, and one picture at a time is decoded. Who waits for long comes again: a job has its
        // own end.
        let Ok(alone) = tokio::time::timeout(TURN, files.looking.acquire()).await else {
            return later(&deps, self.file, "others are looked at first").await;
        };
        let _until_it_ends = alone.map_err(AppError::internal)?;
        let (id, now) = (self.file, deps.clock.now());
        let begun = deps.store.write(move |tx| {
            store::to(tx, id, &["received", "scanning"], "scanning", now)?;
            store::by_id(tx.conn(), id)
        });
        match begun.await?.filter(|row| row.state == "scanning") {
            Some(row) => look(&deps, files, row).await,
            // Taken back meanwhile, or looked at before.
            None => Ok(()),
        }
    }
}

async fn look(deps: &App, files: &Files, row: store::Row) -> AppResult<()> {
    let Some(bytes) = read(deps, &row).await? else {
        tracing::error!(file = %row.id, "the bytes of a file are gone");
        return refuse(deps, files, row, Refusal::Lost).await;
    };
    if let Some(clamd) = &deps.config.clamd {
        match clam::scan(clamd, &bytes).await {
            Ok(Verdict::Clean) => {}
            Ok(Verdict::Found(name)) => {
                tracing::warn!(file = %row.id, name, "harmful software in a file");
                return refuse(deps, files, row, Refusal::Harmful).await;
            }
            Err(why) => {
                metrics::counter!("fugong_files_unscanned_total").increment(1);
                return later(deps, row.id, &why).await;
            }
        }
    }
    if row.kind()? == Kind::Pdf {
        return ready(deps, row).await;
    }
    // A picture that breaks a decoder is what was sent, and no fault of ours.
    match files.threads.run(move || copy::again(bytes)).await.unwrap_or(Err(Refusal::Broken)) {
        Ok(copy) => replace(deps, files, row, copy).await,
        Err(refusal) => refuse(deps, files, row, refusal).await,
    }
}

/// All of a file; `None` when its bytes are gone or are no longer those that were written.
async fn read(deps: &App, row: &store::Row) -> AppResult<Option<Vec<u8>>> {
    let Some(mut reader) = Reader::of(deps, row)? else { return Ok(None) };
    let mut all = Vec::with_capacity(usize::try_from(row.size).unwrap_or_default());
    while let Some(piece) = reader.next().await? {
        match piece {
            Some(piece) => all.extend_from_slice(&piece),
            None => return Ok(None),
        }
    }
    Ok(Some(all))
}

/// There is no verdict yet: it is asked for again, for as long as it takes. Nobody can open the file meanwhile.
async fn later(deps: &App, file: Id, why: &str) -> AppResult<()> {
    tracing::warn!(%file, why, "a file is looked at later");
    let (keys, now) = (deps.keys.clone(), deps.clock.now());
    let queued = deps.store.write(move |tx| {
        jobs::enqueue(tx, &keys, &Look { file }, Some(&Look::name(file)), now + LATER, now).map(|_| ())
    });
    queued.await
}

fn note(
    tx: &mut Tx<'_>,
    action: &'static str,
    row: &store::Row,
    why: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let entry = Entry::new(Actor::System, action, "file").object(row.id);
    audit::append(tx, now, entry.detail(json!({"purpose": row.purpose, "case": row.case_id, "why": why})))?;
    Ok(())
}

fn counted(outcome: &'static str) {
    metrics::counter!("fugong_files_total", "outcome" => outcome).increment(1);
}

async fn ready(deps: &App, row: store::Row) -> AppResult<()> {
    let now = deps.clock.now();
    deps.store
        .write(move |tx| {
            if store::to(tx, row.id, &["scanning"], "ready", now)? {
                note(tx, "file.ready", &row, "", now)?;
            }
            Ok(())
        })
        .await?;
    counted("ready");
    Ok(())
}

async fn refuse(deps: &App, files: &Files, row: store::Row, why: Refusal) -> AppResult<()> {
    let (parts, now, blob) = (deps.clone(), deps.clock.now(), row.blob);
    deps.store
        .write(move |tx| {
            if store::refuse(tx, &row, why, now)? {
                note(tx, "file.refuse", &row, why.code(), now)?;
                tell::refused(tx, &parts, &row, why, now)?;
            }
            Ok(())
        })
        .await?;
    counted(why.code());
    remove(files, blob).await;
    Ok(())
}

/// Writes the copy, names it in place of what was sent, and removes that.
async fn replace(deps: &App, files: &Files, row: store::Row, plain: Vec<u8>) -> AppResult<()> {
    let Some(blob) = row.blob else { return Ok(()) };
    let (copy, key, now) = (new_on(shelf(blob)), FileKey::new(&deps.keys), deps.clock.now());
    let size = i64::try_from(plain.len()).map_err(AppError::internal)?;
    let sealed = store::seal_key(&deps.keys, row.id, &key)?;
    let seen = row.clone();
    if !deps.store.write(move |tx| store::make(tx, &seen, copy)).await? {
        return Ok(());
    }
    files.place()?.put(copy, Sealing { key, plain }).await?;
    let made = deps.store.write(move |tx| {
        let made = store::made(tx, &row, (copy, sealed, size), now)?;
        if made {
            note(tx, "file.ready", &row, "", now)?;
        }
        Ok(made)
    });
    // Whichever of the two no row names any more.
    remove(files, Some(if made.await? { blob } else { copy })).await;
    counted("ready");
    Ok(())
}

/// Removes bytes whose key is gone; what fails here the sweeping does.
async fn remove(files: &Files, name: Option<Id>) {
    if let (Some(name), Ok(place)) = (name, files.place())
        && let Err(error) = place.remove(name).await
    {
        tracing::warn!(%error, "bytes of a file are removed later");
    }
}
