//! Work on codes in the background. Every job may run twice and then changes nothing more.

use super::{state, store};
use crate::access::pattern;
use crate::app::App;
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::error::{AppError, AppResult};
use crate::jobs;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Job kind: works one person's code out anew; payload `{"person_id": uuid}`.
pub const EVALUATE: &str = "codes.evaluate";
/// Job kind: works out every code in which something has ended or begun by itself; no payload; runs every minute.
pub const RECHECK: &str = "codes.recheck";
/// Job kind: the risk of a division has changed; payload `{"division", "after"?}`, goes on by itself in chunks.
pub const RISK_CHANGED: &str = "codes.risk-changed";

/// Job kind: goes on with appeals that wait for nothing any more; no payload; runs every hour.
pub const SETTLE: &str = "codes.settle";
/// Job kind: goes on with the preview of a change of a level; payload `{"id": uuid}`.
pub const PREVIEW: &str = "codes.risk-preview";

/// Persons that one step of a change of risk looks at.
const CHUNK: i64 = 200;
/// Persons worked out anew in one transaction.
const STEP: i64 = 50;
/// Transactions of one run, which has to end within the time of a job.
const RECHECK_STEPS: usize = 100;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    person_id: Id,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Area {
    pub division: String,
    #[serde(default)]
    pub after: Option<Id>,
}

pub(super) fn read<T: DeserializeOwned>(payload: Value) -> AppResult<T> {
    serde_json::from_value(payload).map_err(AppError::internal)
}

/// Asks for a new evaluation of a person, in the caller's transaction.
///
/// # Errors
/// Database errors.
pub fn enqueue_evaluation(tx: &mut Tx<'_>, keys: &Keyring, person: Id, now: DateTime<Utc>) -> AppResult<()> {
    let dedup = format!("{EVALUATE}:{person}");
    jobs::enqueue(tx, keys, EVALUATE, Some(&dedup), &Person { person_id: person }, now, now)?;
    Ok(())
}

/// Runs [`EVALUATE`].
///
/// # Errors
/// Database errors, or a payload of another shape.
pub async fn evaluate(deps: App, payload: Value) -> AppResult<()> {
    let Person { person_id } = read(payload)?;
    one(&deps, person_id).await
}

async fn one(deps: &App, person: Id) -> AppResult<()> {
    state::renew(deps, person, deps.clock.now()).await.map(drop)
}

/// Runs [`RECHECK`]. What is left after a run is due again a minute later. Whose code cannot be worked out (what is kept of
/// them cannot be read, or others change it at this moment) stops nobody else: they stay due, and the run goes on behind them.
///
/// # Errors
/// Database errors.
pub async fn recheck(deps: App, _: Value) -> AppResult<()> {
    let mut after = None;
    for _ in 0..RECHECK_STEPS {
        let (now, from) = (deps.clock.now(), after);
        let due = deps.store.read(move |conn| store::due(conn, now, from, STEP)).await?;
        after = due.last().copied();
        step(&deps, due.iter().map(|(_, person)| *person), now).await?;
        if i64::try_from(due.len()).unwrap_or(0) < STEP {
            break;
        }
    }
    Ok(())
}

/// Works the codes of some persons out and stores them in one transaction; where one of them spoils it, one by one.
async fn step(deps: &App, due: impl Iterator<Item = Id>, now: DateTime<Utc>) -> AppResult<()> {
    let (mut persons, mut found) = (Vec::new(), Vec::new());
    for person in due {
        let parts = deps.clone();
        let looked = deps.store.read(move |conn| state::look(conn, &parts, person, now)).await;
        if let Some(one) = jobs::passed_over(RECHECK, looked)? {
            persons.push(person);
            found.push(one);
        }
    }
    let parts = deps.clone();
    let stored = deps.store.write(move |tx| {
        for one in &found {
            // Where it was overtaken, somebody else has just worked it out or asks for it.
            state::put(tx, &parts, one)?;
        }
        Ok(())
    });
    match stored.await {
        Ok(()) => Ok(()),
        Err(away @ AppError::Unavailable(_)) => Err(away),
        Err(_) => {
            for person in persons {
                jobs::passed_over(RECHECK, state::renew(deps, person, now).await)?;
            }
            Ok(())
        }
    }
}

/// Runs [`RISK_CHANGED`]: asks for the evaluation of a chunk of persons, and for the next chunk.
///
/// # Errors
/// Database errors, or a payload of another shape.
pub async fn risk_changed(deps: App, payload: Value) -> AppResult<()> {
    let Area { division, after } = read(payload)?;
    let like = pattern(&division);
    let found = deps.store.read(move |conn| store::persons_of_area(conn, &like, after, CHUNK)).await?;
    let now = deps.clock.now();
    let parts = deps.clone();
    deps.store
        .write(move |tx| {
            for person in &found {
                enqueue_evaluation(tx, &parts.keys, *person, now)?;
            }
            let Some(last) = found.last().filter(|_| i64::try_from(found.len()).unwrap_or(0) == CHUNK) else {
                return Ok(());
            };
            let dedup = format!("{RISK_CHANGED}:{division}:{last}");
            let next = Area { division, after: Some(*last) };
            jobs::enqueue(tx, &parts.keys, RISK_CHANGED, Some(&dedup), &next, now, now)?;
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The lines of code below a folder, each with its file.
    fn lines(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                lines(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.extend(code.map(|line| (path.display().to_string(), line.to_owned())));
            }
        }
    }

    #[test]
    fn the_name_of_a_job_is_spelled_once() {
        let mut all = Vec::new();
        lines(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        for kind in [EVALUATE, RECHECK, RISK_CHANGED, PREVIEW, SETTLE] {
            let spelled = format!("\"{kind}");
            let found: Vec<_> = all.iter().filter(|(_, line)| line.contains(&spelled)).collect();
            assert!(matches!(found.as_slice(), [(file, _)] if file.ends_with("codes/jobs.rs")), "{found:?}");
        }
    }
}
