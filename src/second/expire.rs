//! The end of what nobody decides in time: announced a day before, told when it comes, and without any effect. Silence never
//! confirms anything.

use super::page::of_each;
use super::people::{People, Work};
use super::store::{self, Key, Wait};
use super::{Names, TwoPersons};
use crate::audit::{Actor, Entry};
use crate::db::{Id, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::jobs::{self, Job};
use crate::notify::{self, Message};
use crate::slice::{SecondKind, Slices};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Things looked at in one step.
const STEP: i64 = 100;
/// Steps of one run, which has to end within the time of a job; the rest is due again ten minutes later.
const STEPS: usize = 20;
/// So long before its end it is announced.
const NOTICE: TimeDelta = TimeDelta::days(1);

/// Announces what will end in a day, and ends what was announced a day ago and has not been decided.
#[derive(Debug, Serialize, Deserialize)]
pub struct Expire;

impl Job for Expire {
    const NAME: &'static str = "second.expire";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        go_through(&deps, false).await?;
        go_through(&deps, true).await
    }
}

/// Each by itself, so that one that cannot be read holds up no other.
async fn go_through(deps: &App, warned: bool) -> AppResult<()> {
    let mut after: Option<Key> = None;
    for _ in 0..STEPS {
        let (now, from) = (deps.clock.now(), after);
        let by = if warned { now } else { now + NOTICE };
        let due = deps.store.read(move |conn| store::due(conn, warned, by, from, STEP)).await?;
        after = due.last().map(|wait| (wait.expires_at, wait.id));
        let last = i64::try_from(due.len()).unwrap_or(0) < STEP;
        for wait in due {
            let parts = deps.clone();
            let done = deps.store.write(move |tx| {
                if warned { end(tx, &parts, &wait, now) } else { announce(tx, &parts, &wait, now) }
            });
            jobs::passed_over(Expire::NAME, done.await)?;
        }
        if last {
            break;
        }
    }
    Ok(())
}

fn kind_of(deps: &Deps, wait: &Wait) -> AppResult<Option<&'static SecondKind>> {
    Ok(deps.part::<Slices>()?.second().find(|kind| kind.name == wait.kind))
}

/// Tells that it will end in a day. What is settled already is taken off the list.
fn announce(tx: &mut Tx<'_>, deps: &Deps, wait: &Wait, now: DateTime<Utc>) -> AppResult<()> {
    let Some(kind) = kind_of(deps, wait)? else { return Ok(()) };
    if !(kind.is_open)(tx.conn(), deps, wait.id)? {
        return store::remove(tx, wait.id);
    }
    let expires = wait.expires_at.0.max(now + NOTICE);
    if store::announced(tx, wait, expires, now)? {
        tell(tx, deps, wait, (kind, "second-expiring"), expires, now)?;
    }
    Ok(())
}

/// Ends it, and tells that.
fn end(tx: &mut Tx<'_>, deps: &Deps, wait: &Wait, now: DateTime<Utc>) -> AppResult<()> {
    let Some(kind) = kind_of(deps, wait)? else { return Ok(()) };
    if !(kind.expire)(tx, deps, wait.id, now)? {
        return store::remove(tx, wait.id);
    }
    store::ended(tx, wait.id, now)?;
    tell(tx, deps, wait, (kind, "second-expired"), now, now)
}

/// Ends a thing of a kind for which nobody had time; false when it is open no longer.
pub(super) fn one<T: TwoPersons>(
    tx: &mut Tx<'_>,
    deps: &Deps,
    id: Id,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let Some(waits) = T::open(tx.conn(), deps, id, "%")? else { return Ok(false) };
    if !waits.expire(tx, deps, now)? {
        return Ok(false);
    }
    let Names { expire, object, .. } = T::NAMES;
    of_each(tx, &waits, now, || Entry::new(Actor::System, expire, object).detail(waits.detail()))?;
    waits.expired(tx, deps, now)?;
    Ok(true)
}

/// Tells whoever entered it and those of the office, or of the place, who could have decided it. The message says of what
/// kind it is, and not whom it is about.
fn tell(
    tx: &mut Tx<'_>,
    deps: &Deps,
    wait: &Wait,
    (kind, name): (&SecondKind, &'static str),
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let people = People::of(deps)?;
    let work = Work { roles: &wait.roles, office: wait.office_id, division: &wait.division };
    let mut officials = (people.colleagues)(tx.conn(), work, now)?;
    officials.extend(wait.entered_by.filter(|by| !officials.contains(by)));
    let url = format!("{}/desk/second", deps.config.public_url);
    for official in officials {
        let to = (people.address)(tx.conn(), &deps.keys, official)?;
        let params = json!({"what": kind.title, "due": at, "url": url});
        let message = Message::new(name, params).once(format!("{name}:{}:{official}", wait.id));
        notify::send(tx, &deps.keys, &to, &message, now)?;
    }
    Ok(())
}
