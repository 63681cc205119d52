//! An address that does not exist, as its server says, gets no news any more: a visitor's subscription is stopped, a
//! resident's goes on in the inbox.

use super::model::Row;
use super::store;
use crate::audit::{self, Actor, Entry};
use crate::db::{Id, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::jobs::{Job, passed_over};
use crate::notify::{self, Message, Recipient};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Messages looked at in one run.
const RUN: i64 = 200;

/// Looks for addresses that do not exist.
#[derive(Debug, Serialize, Deserialize)]
pub struct Bounces;

impl Job for Bounces {
    const NAME: &'static str = "subscriptions.bounces";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        let found = deps.store.read(|conn| notify::refused(conn, RUN)).await?;
        for (message, list) in found {
            let (parts, now) = (deps.clone(), deps.clock.now());
            let done = deps.store.write(move |tx| refused(tx, &parts, message, list, now)).await;
            passed_over(Self::NAME, done)?;
        }
        Ok(())
    }
}

fn refused(tx: &mut Tx<'_>, deps: &Deps, message: Id, list: Id, now: DateTime<Utc>) -> AppResult<()> {
    // A message of one subscription, or of all that somebody has.
    let rows = match store::by_id(tx.conn(), list)? {
        Some(row) => vec![row],
        None => store::by_mail(tx.conn(), list)?,
    };
    for row in rows.iter().filter(|row| row.channel == "email") {
        end(tx, deps, row, now)?;
    }
    // It is dealt with: no operator has to look at it.
    notify::bury(tx, message).map(drop)
}

fn end(tx: &mut Tx<'_>, deps: &Deps, row: &Row, now: DateTime<Utc>) -> AppResult<()> {
    let entry = Entry::new(Actor::System, "subscription.bounce", "subscription").object(row.id);
    audit::append(tx, now, entry.detail(json!({"topic": row.topic})))?;
    let Some(account) = row.account_id else { return store::stop(tx, &[row.id]) };
    let same = store::of_account(tx.conn(), account)?;
    let is_same = |o: &Row| o.channel == "inbox" && (&o.topic, &o.division) == (&row.topic, &row.division);
    if same.iter().any(is_same) {
        store::stop(tx, &[row.id])?;
    } else {
        store::into_inbox(tx, row.id)?;
        notify::withdraw(tx, &[row.id])?;
    }
    let to = Recipient { account: Some(account), lang: row.lang(), ..Recipient::default() };
    let mut params = super::tell::names(row);
    if let Some(map) = params.as_object_mut() {
        map.insert("unsubscribe".into(), json!(""));
    }
    notify::send(tx, &deps.keys, &to, &Message::new("subscription-bounced", params), now)
}
