//! Answers can be relied on for some days; then a draft or an open declaration ends.

use super::service;
use super::store::{self, Row, Stamp};
use super::store_events::{self, Note};
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::jobs::{self, Job};
use crate::notify::Message;
use crate::workflow::{self, Request};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Until when what was stated at a moment counts, for the colour as for everything else: the end of its last day.
pub(super) fn counts_until(stated: DateTime<Utc>) -> AppResult<DateTime<Utc>> {
    let end = service::rules()?.settings().declaration_end(stated);
    end.ok_or_else(|| AppError::internal("a declaration that ends beyond the calendar"))
}

/// When a row's answers are outdated.
pub(super) fn outdated_at(row: &Row) -> AppResult<DateTime<Utc>> {
    counts_until(row.submitted_at.unwrap_or(row.updated_at).0)
}

/// Queues the expiry of a row; the job looks again and does nothing if the answers were renewed.
pub(super) fn plan(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    id: Id,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let dedup = format!("declarations.expire:{id}:{}", at.timestamp());
    jobs::enqueue(tx, keys, &Expire { id }, Some(&dedup), at, now)?;
    Ok(())
}

/// Ends a declaration whose answers are outdated; one that was renewed is planned again.
#[derive(Debug, Serialize, Deserialize)]
pub struct Expire {
    id: Id,
}

impl Job for Expire {
    const NAME: &'static str = "declarations.expire";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        expire(&deps, self.id).await
    }
}

async fn expire(deps: &App, id: Id) -> AppResult<()> {
    let (keys, now) = (deps.keys.clone(), deps.clock.now());
    deps.store
        .write(move |tx| {
            let Some(row) = store::by_id(tx.conn(), id)? else { return Ok(()) };
            let live = row.state == "draft" || store::OPEN.contains(&row.state.as_str());
            let due = outdated_at(&row)?;
            if !live {
                return Ok(());
            }
            if due > now {
                return plan(tx, &keys, id, due, now);
            }
            if row.corrects().is_some() {
                store::delete_draft(tx, id)?;
                let entry = Entry::new(Actor::System, "declaration.draft.discard", "declaration").object(id);
                return audit::append(tx, now, entry).map(drop);
            }
            let request = Request { action: "expire", ..Request::default() };
            let moved = service::step(&row, &request, workflow::Actor::System, now)?;
            let version = store::advance(tx, &row, row.version, &moved.to, Stamp::None, now)?;
            let path = ("expire", moved.from.as_str(), moved.to.as_str());
            store_events::add_event(tx, &keys, &row, &Actor::System, path, version, &Note::default(), now)?;
            let entry = Entry::new(Actor::System, "declaration.expire", "declaration").object(id);
            audit::append(tx, now, entry.subject(row.person_id))?;
            // Of a draft that was begun for somebody they know nothing.
            match row.person_id.filter(|_| row.submitted_at.is_some()) {
                Some(person) => {
                    let message = Message::new("declaration-expired", json!({"number": row.number}));
                    service::tell(tx, &keys, &row, person, message, version, now)
                }
                None => Ok(()),
            }
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::start_of_day;
    use crate::policy::first_policy;

    #[test]
    fn pages_the_workflow_and_the_colour_rules_know_one_end() {
        let sent: DateTime<Utc> = "2020-03-12T02:32:00Z".parse().unwrap();
        let end = counts_until(sent).unwrap();
        assert_eq!(end, start_of_day("2020-03-27".parse().unwrap()), "26 March, 24:00");
        assert_eq!(first_policy().unwrap().settings().declaration_end(sent), Some(end));
        // Just before midnight and just after it are two days.
        let late: DateTime<Utc> = "2020-03-12T15:59:59Z".parse().unwrap();
        assert_eq!(counts_until(late).unwrap(), end);
        assert!(counts_until(late + chrono::Duration::seconds(1)).unwrap() > end);
    }
}
