//! Work on codes in the background. Every job may run twice and then changes nothing more.

use super::{state, store};
use crate::access::pattern;
use crate::colour::enqueue_evaluation;
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::jobs::{self, Job};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Persons that one step of a change of risk looks at.
const CHUNK: i64 = 200;
/// Persons worked out anew in one transaction.
const STEP: i64 = 50;
/// Transactions of one run, which has to end within the time of a job.
const RECHECK_STEPS: usize = 100;

/// Works out every code in which something has ended or begun by itself. What is left after a run is due again a minute
/// later.
#[derive(Debug, Serialize, Deserialize)]
pub struct Recheck;

/// The risk of a division has changed: asks for the evaluation of a chunk of persons, and for the next chunk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskChanged {
    /// The division.
    pub division: String,
    /// The last person of the chunk before.
    #[serde(default)]
    pub after: Option<Id>,
}

impl Job for Recheck {
    const NAME: &'static str = "codes.recheck";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        recheck(&deps).await
    }
}

/// Whose code cannot be worked out (what is kept of them cannot be read, or others change it at this moment) stops nobody
/// else: they stay due, and the run goes on behind them.
async fn recheck(deps: &App) -> AppResult<()> {
    let mut after = None;
    for _ in 0..RECHECK_STEPS {
        let (now, from) = (deps.clock.now(), after);
        let due = deps.store.read(move |conn| store::due(conn, now, from, STEP)).await?;
        after = due.last().copied();
        step(deps, due.iter().map(|(_, person)| *person), now).await?;
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
        if let Some(one) = jobs::passed_over(Recheck::NAME, looked)? {
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
                jobs::passed_over(Recheck::NAME, state::renew(deps, person, now).await)?;
            }
            Ok(())
        }
    }
}

impl Job for RiskChanged {
    const NAME: &'static str = "codes.risk-changed";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        risk_changed(&deps, self).await
    }
}

async fn risk_changed(deps: &App, RiskChanged { division, after }: RiskChanged) -> AppResult<()> {
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
            let dedup = format!("{}:{division}:{last}", RiskChanged::NAME);
            let next = RiskChanged { division, after: Some(*last) };
            jobs::enqueue(tx, &parts.keys, &next, Some(&dedup), now, now)?;
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use crate::router::SLICES;
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
        let kinds = SLICES.work().kinds.into_iter().map(|kind| kind.name);
        for kind in kinds.filter(|name| name.starts_with("codes.")) {
            let spelled = format!("\"{kind}\"");
            let found: Vec<_> = all.iter().filter(|(_, line)| line.contains(&spelled)).collect();
            assert_eq!(found.len(), 1, "{kind}: {found:?}");
        }
    }
}
