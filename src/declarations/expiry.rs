//! Answers can be relied on for some days; then a draft or an open declaration ends.

use super::service;
use super::store::{self, Row, Stamp};
use super::store_events::{self, Note};
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::error::{AppError, AppResult};
use crate::jobs;
use crate::notify::Message;
use crate::workflow::{self, Request};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;

/// Days for which answers may be relied on.
pub(super) fn valid_days() -> AppResult<i64> {
    Ok(i64::from(service::rules()?.settings().declaration_valid_days))
}

/// When a row's answers are outdated.
pub(super) fn outdated_at(row: &Row) -> AppResult<DateTime<Utc>> {
    Ok(row.submitted_at.unwrap_or(row.updated_at).0 + Duration::days(valid_days()?))
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
    jobs::enqueue(tx, keys, "declarations.expire", Some(&dedup), &json!({"id": id}), at, now)?;
    Ok(())
}
/// The job `declarations.expire`: ends a declaration whose answers are outdated; one that was renewed is planned again.
///
/// # Errors
/// Database errors.
pub async fn expire(deps: crate::app::App, payload: serde_json::Value) -> AppResult<()> {
    let id: Id = payload
        .get("id")
        .and_then(|v| v.as_str())
        .and_then(|s| s.parse().ok())
        .ok_or_else(|| AppError::internal("declarations.expire without an id"))?;
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
            match row.person_id {
                Some(person) => {
                    let message = Message::new("declaration-expired", json!({"number": row.number}));
                    service::tell(tx, &keys, &row, person, message, version, now)
                }
                None => Ok(()),
            }
        })
        .await
}
