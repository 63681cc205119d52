//! Background work of reopening: the statutory clock's lapses and reminders, and the staff list that later filings use.

use super::act::{self, Ask, By, Parts};
use super::messages;
use super::model::{Application, Note};
use super::rules::REOPENING;
use super::{filing, store, store_business};
use crate::db::{Id, Ts};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::jobs::{self, Job};
use crate::workflow::SOON;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Cases looked at in one read.
const BATCH: i64 = 200;

/// Run periodically: reminds of limits that end soon, escalates those that have ended, and does what
/// the law says of silence (accepted as of receipt; the system never approves). Running it twice changes nothing more.
#[derive(Debug, Serialize, Deserialize)]
pub struct Clock;

impl Job for Clock {
    const NAME: &'static str = "reopening.clock";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        look_at_limits(&deps).await
    }
}

async fn look_at_limits(deps: &App) -> AppResult<()> {
    let now = deps.clock.now();
    let calendar = REOPENING.calendar()?;
    let horizon = calendar.add_working(now, SOON).value;
    let mut after: Option<(Ts, Id)> = None;
    loop {
        let from = after;
        let batch = deps.store.read(move |conn| store::due_before(conn, horizon, from, BATCH)).await?;
        let Some(last) = batch.last() else { return Ok(()) };
        after = last.due_at.map(|due| (due, last.id));
        for app in batch {
            jobs::passed_over(Clock::NAME, one(deps, app, now).await)?;
        }
    }
}

/// One case; somebody who acts in it at this moment wins, and the next run looks again.
async fn one(deps: &App, app: Application, now: DateTime<Utc>) -> AppResult<()> {
    let parts = Parts::of(deps);
    let done = deps.store.write(move |tx| {
        let (keys, sender) = (&parts.keys, &parts.sender);
        let app = store::by_id(tx.conn(), app.id)?;
        let Some(due) = app.due_at else { return Ok(()) };
        let clocks = app.at()?.clocks;
        let action = clocks.lapse_action(REOPENING.definition()?, now, REOPENING.calendar()?);
        let action = action.map(str::to_owned);
        if due.0 > now {
            return messages::deadline(tx, keys, sender, &app, "reopening-due-soon", now);
        }
        messages::deadline(tx, keys, sender, &app, "reopening-overdue", now)?;
        if let Some(action) = action {
            let ask = Ask { action, version: Some(app.version), note: Note::default() };
            let app = act::act(tx, &parts, app, &By::System, &ask, now)?;
            // The decision's days have been running since receipt: it may be overdue at once.
            if app.due_at.is_some_and(|due| due.0 <= now) {
                messages::deadline(tx, keys, sender, &app, "reopening-overdue", now)?;
            }
        }
        Ok(())
    });
    match done.await {
        Err(AppError::Conflict(_)) => Ok(()),
        other => other,
    }
}

/// Keeps the staff list of a submitted case with its business, for later filings. A list is replaced as a whole, in parts;
/// running it again writes the same list.
#[derive(Debug, Serialize, Deserialize)]
pub struct Staff {
    /// The case.
    pub application_id: Id,
}

impl Job for Staff {
    const NAME: &'static str = "reopening.staff";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        keep_staff(&deps, self.application_id).await
    }
}

async fn keep_staff(deps: &App, application: Id) -> AppResult<()> {
    let keys = deps.keys.clone();
    let (business, rows) = deps
        .store
        .read(move |conn| {
            let app = store::by_id(conn, application)?;
            Ok((app.business_id, store::form(&keys, &app)?.staff))
        })
        .await?;
    deps.store.write(move |tx| store_business::clear_staff(tx, business)).await?;
    let now = deps.clock.now();
    for from in (0..rows.len()).step_by(filing::STAFF_CHUNK) {
        let (keys, part) = (deps.keys.clone(), filing::chunk(&rows, from).to_vec());
        deps.store
            .write(move |tx| store_business::add_staff(tx, &keys, business, from + 1, &part, now))
            .await?;
    }
    Ok(())
}
