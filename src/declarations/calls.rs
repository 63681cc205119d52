//! Whose declaration waits for a correction longer than some days is called: perhaps the message never reached them. Who is
//! not reached is tried again on the next day; after the third time, or with a wrong number, the town's desk looks for them.

use super::store::{self, Row};
use crate::access::Role;
use crate::accounts;
use crate::audit::{self, Actor, Entry};
use crate::clock::china_day;
use crate::db::schema::declarations;
use crate::db::{Conn, Id, Ts, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::jobs::{Job, passed_over};
use crate::kept::served;
use crate::notify::{self, Message};
use crate::slice::{About, TaskDone, TaskKind};
use crate::tasks;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use chrono::{Days, Duration};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A correction is waited for so long before somebody calls.
const PATIENCE: Duration = Duration::days(3);
/// Calls that reach nobody before the town's desk looks for them.
const TRIES: usize = 3;
/// Declarations looked at in one run; the next hour goes on.
const RUN: i64 = 500;

/// Call them.
const CALL: TaskKind = TaskKind {
    name: "call-returned",
    role: Role::VillageWorker,
    results: &["reached", "unreached", "wrong-number"],
    days: 0,
    about,
    done: called,
};

/// Find them some other way: at home, by the neighbours, by the employer.
const FIND: TaskKind = TaskKind {
    name: "find-returned",
    role: Role::TownReviewer,
    results: &["told", "moved", "not-found"],
    days: 2,
    about,
    done: looked_for,
};

/// What this slice makes.
pub(super) const KINDS: &[TaskKind] = &[CALL, FIND];

/// Looks for corrections that nobody sends.
#[derive(Debug, Serialize, Deserialize)]
pub struct Calls;

impl Job for Calls {
    const NAME: &'static str = "declarations.calls";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        let since = deps.clock.now() - PATIENCE;
        let waiting = deps.store.read(move |conn| waiting(conn, since.into())).await?;
        for row in waiting {
            let now = deps.clock.now();
            let made = deps.store.write(move |tx| {
                // One that was made since it was returned goes on by its results.
                if !tasks::past(tx.conn(), &CALL, row.id, row.updated_at.0)?.is_empty() {
                    return Ok(());
                }
                let whose = (row.id, row.person_id);
                tasks::make(tx, &CALL, whose, &row.division, china_day(now), now).map(drop)
            });
            passed_over(Self::NAME, made.await)?;
        }
        Ok(())
    }
}

/// Declarations that were returned before a moment and have not come back, without a call since.
fn waiting(conn: &mut Conn, before: Ts) -> AppResult<Vec<Row>> {
    use crate::db::schema::tasks as done;
    let made = done::table
        .filter(done::kind.eq(CALL.name))
        .filter(done::subject.eq(declarations::id))
        .filter(done::created_at.ge(declarations::updated_at))
        .select(done::id);
    Ok(declarations::table
        .filter(served("declarations"))
        .filter(declarations::state.eq("returned"))
        .filter(declarations::updated_at.le(before))
        .filter(declarations::person_id.is_not_null())
        .filter(declarations::consent_withdrawn_at.is_null())
        .filter(diesel::dsl::not(diesel::dsl::exists(made)))
        .order((declarations::updated_at, declarations::id))
        .limit(RUN)
        .select(Row::as_select())
        .load(conn)?)
}

/// The declaration, while it still waits for its person.
fn still(conn: &mut Conn, id: Id) -> AppResult<Option<Row>> {
    let row = store::by_id(conn, id)?;
    Ok(row.filter(|row| row.state == "returned" && !row.is_locked() && row.person_id.is_some()))
}

fn about(conn: &mut Conn, deps: &Deps, subject: Id, lang: Lang) -> AppResult<Option<About>> {
    let Some(row) = still(conn, subject)? else { return Ok(None) };
    let Some(person) = row.person_id else { return Ok(None) };
    let phone = accounts::reach(conn, &deps.keys, row.account_id, person)?.phone;
    let since = format::date(lang, china_day(row.updated_at.0), true);
    let lines = vec![
        (t(lang, "task-returned-number", &[]), row.number.clone()),
        (t(lang, "task-returned-since", &[]), since),
    ];
    Ok(Some(About { phone, lines }))
}

/// What a call brings about.
fn called(tx: &mut Tx<'_>, deps: &Deps, done: &TaskDone) -> AppResult<()> {
    let Some(row) = still(tx.conn(), done.subject)? else { return Ok(()) };
    let whose = (row.id, row.person_id);
    let today = done.day.max(china_day(done.now));
    match done.result.as_str() {
        "reached" => return remind(tx, deps, &row, done),
        "unreached" if tries(tx.conn(), &row)? < TRIES => {
            tasks::make(tx, &CALL, whose, &row.division, today + Days::new(1), done.now)?;
        }
        _ => {
            tasks::make(tx, &FIND, whose, &row.division, today, done.now)?;
        }
    }
    note(tx, &row, done)
}

/// Calls since it was returned that reached nobody.
fn tries(conn: &mut Conn, row: &Row) -> AppResult<usize> {
    let past = tasks::past(conn, &CALL, row.id, row.updated_at.0)?;
    Ok(past.iter().filter(|task| task.result.as_deref() == Some("unreached")).count())
}

/// What looking for somebody brings about.
fn looked_for(tx: &mut Tx<'_>, deps: &Deps, done: &TaskDone) -> AppResult<()> {
    let Some(row) = still(tx.conn(), done.subject)? else { return Ok(()) };
    if done.result == "told" { remind(tx, deps, &row, done) } else { note(tx, &row, done) }
}

/// They know of it now; in writing they have where to send it and until when it counts.
fn remind(tx: &mut Tx<'_>, deps: &Deps, row: &Row, done: &TaskDone) -> AppResult<()> {
    note(tx, row, done)?;
    let Some(person) = row.person_id else { return Ok(()) };
    let until = super::expiry::outdated_at(&deps.policy, row)?;
    let to = accounts::reach(tx.conn(), &deps.keys, row.account_id, person)?;
    let message = Message::new("declaration-waits", json!({"number": row.number, "until": until}));
    notify::send(tx, &deps.keys, &to, &message, done.now)
}

/// The record of the declaration has it, and its person sees it.
fn note(tx: &mut Tx<'_>, row: &Row, done: &TaskDone) -> AppResult<()> {
    let by = Actor::Official { id: done.by, office: done.office };
    let entry = Entry::new(by, "declaration.call", "declaration").object(row.id).subject(row.person_id);
    audit::append(tx, done.now, entry.detail(json!({"result": done.result}))).map(drop)
}
