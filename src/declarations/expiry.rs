//! Answers can be relied on for some days; then a draft or an open declaration ends.

use super::act::{self, at};
use super::store::{self, Row, Stamp};
use crate::audit::{self, Actor, Entry};
use crate::case::{self, Asked, Written};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::jobs::{self, Job};
use crate::policy::RuleSet;
use crate::workflow::{self, Request};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Until when what was stated at a moment counts, for the colour as for everything else: the end of its last day.
pub(super) fn counts_until(rules: &RuleSet, stated: DateTime<Utc>) -> AppResult<DateTime<Utc>> {
    let end = rules.settings().declaration_end(stated);
    end.ok_or_else(|| AppError::internal("a declaration that ends beyond the calendar"))
}

/// When a row's answers are outdated.
pub(super) fn outdated_at(rules: &RuleSet, row: &Row) -> AppResult<DateTime<Utc>> {
    counts_until(rules, row.submitted_at.unwrap_or(row.updated_at).0)
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
    let (keys, rules, now) = (deps.keys.clone(), deps.policy.clone(), deps.clock.now());
    deps.store
        .write(move |tx| {
            let Some(row) = store::by_id(tx.conn(), id)? else { return Ok(()) };
            let live = row.state == "draft" || store::OPEN.contains(&row.state.as_str());
            let due = outdated_at(&rules, &row)?;
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
            end(tx, &keys, &rules, &row, now)
        })
        .await
}

/// Ends a draft or a declaration, and tells its person.
fn end(tx: &mut Tx<'_>, keys: &Keyring, rules: &RuleSet, row: &Row, now: DateTime<Utc>) -> AppResult<()> {
    let request = Request { action: "expire", ..Request::default() };
    let (role, facts) = (workflow::Actor::System, act::facts(rules, row, now)?);
    let asked = Asked { request, role, by: Actor::System, facts: &facts, received: None, now };
    let at = at(row);
    let moved = case::step(tx, keys, &at, &asked, |tx, moved| {
        store::advance(tx, row, row.version, &moved.done.to, Stamp::None, now)?;
        Ok(Written::recorded(at.entry(Actor::System, "declaration.expire")))
    })?;
    // Of a draft that was begun for somebody they know nothing.
    let Some(person) = row.person_id.filter(|_| row.submitted_at.is_some()) else { return Ok(()) };
    for letter in case::letters(&at, &moved)? {
        let told = (letter, json!({"number": row.number}));
        act::tell(tx, keys, row, person, told, moved.version, now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::start_of_day;
    use crate::policy::first_policy;

    #[test]
    fn pages_the_workflow_and_the_colour_rules_know_one_end() {
        let sent: DateTime<Utc> = "2020-03-12T02:32:00Z".parse().unwrap();
        let rules = first_policy().unwrap();
        let end = counts_until(&rules, sent).unwrap();
        assert_eq!(end, start_of_day("2020-03-27".parse().unwrap()), "26 March, 24:00");
        assert_eq!(rules.settings().declaration_end(sent), Some(end));
        // Just before midnight and just after it are two days.
        let late: DateTime<Utc> = "2020-03-12T15:59:59Z".parse().unwrap();
        assert_eq!(counts_until(&rules, late).unwrap(), end);
        assert!(counts_until(&rules, late + chrono::Duration::seconds(1)).unwrap() > end);
    }
}
