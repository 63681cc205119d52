//! A task whose reason has gone is closed: nobody calls about what has been settled.

use super::model::Row;
use super::store;
use crate::audit::{self, Actor, Entry};
use crate::db::{Id, Tx};
use crate::deps::App;
use crate::error::AppResult;
use crate::jobs::{Job, passed_over};
use crate::web::i18n::Lang;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Tasks read at a time.
const STEP: i64 = 200;

/// Closes what there is no reason for any more.
#[derive(Debug, Serialize, Deserialize)]
pub struct Settle;

impl Job for Settle {
    const NAME: &'static str = "tasks.settle";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        let mut after = None;
        loop {
            let rows = deps.store.read(move |conn| store::open_after(conn, after, STEP)).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(last.id);
            for row in rows {
                passed_over(Self::NAME, settle(&deps, row).await)?;
            }
        }
    }
}

async fn settle(deps: &App, row: Row) -> AppResult<()> {
    if is_needed(deps, &row).await? {
        return Ok(());
    }
    let now = deps.clock.now();
    deps.store.write(move |tx| close(tx, row.id, row.person_id, now)).await
}

/// Whether there is still something to be done.
pub(super) async fn is_needed(deps: &App, row: &Row) -> AppResult<bool> {
    let Some(kind) = row.kind(deps)? else { return Ok(false) };
    let (parts, subject) = (deps.clone(), row.subject);
    let about = deps.store.read(move |conn| (kind.about)(conn, &parts, subject, Lang::default()));
    Ok(about.await?.is_some())
}

pub(super) fn close(tx: &mut Tx<'_>, id: Id, person: Option<Id>, now: DateTime<Utc>) -> AppResult<()> {
    if store::close(tx, id, now)? {
        let entry = Entry::new(Actor::System, "task.close", "task").object(id).subject(person);
        audit::append(tx, now, entry)?;
    }
    Ok(())
}
