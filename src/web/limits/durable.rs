//! Counters in the database. A window slides: it is the time before now, never a fixed hour at whose beginning everything
//! is allowed anew. Only what people are told to do "tomorrow" is counted by days ([`of_day`]).

use super::Key;
use crate::crypto::Keyring;
use crate::db::hot::fetch;
use crate::db::schema::rate_counters;
use crate::db::types::DbTime;
use crate::db::{Conn, Ts, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer};

/// A window is counted in so many parts; a hit is forgotten with the part in which it was, at most so much of the window
/// early.
const PARTS: i64 = 60;

/// Counts a hit and refuses past `limit` in the `window` before now, in the caller's transaction.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds until there is room again.
pub fn count(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    name: &str,
    key: &str,
    window: Duration,
    limit: i32,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let counter = Counter::of(keyring, (name, key), window, now);
    counter.add(tx, 1)?;
    counter.allow(tx.conn(), limit.saturating_add(1))
}

/// Refuses who has used up the `limit` of [`count`]; nothing is counted.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds until there is room again.
pub fn within(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    name: &str,
    key: &str,
    window: Duration,
    limit: i32,
    now: DateTime<Utc>,
) -> AppResult<()> {
    Counter::of(keyring, (name, key), window, now).allow(tx.conn(), limit)
}

/// Counts so many hits and gives how many there are in the window with them.
///
/// # Errors
/// Database errors.
pub fn hit(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    (name, key, hits): (&str, &str, i32),
    window: Duration,
    now: DateTime<Utc>,
) -> AppResult<i64> {
    let counter = Counter::of(keyring, (name, key), window, now);
    counter.add(tx, hits)?;
    counter.sum(tx.conn())
}

/// Counts a hit if there are fewer than the limit in each of these windows, and says whether there were. What has no room
/// is not counted: a flood does not keep its budget used up.
///
/// # Errors
/// Database errors.
pub fn spend(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    (name, key): (&str, &str),
    budget: &[(Duration, i32)],
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let counters: Vec<(Counter, i32)> = budget
        .iter()
        .map(|(window, most)| (Counter::of(keyring, (name, key), *window, now), *most))
        .collect();
    // All windows of a key are counted together, so one turn is enough.
    if let Some((first, _)) = counters.first() {
        first.take_turn(tx)?;
    }
    for (counter, most) in &counters {
        if counter.sum(tx.conn())? >= i64::from(*most) {
            return Ok(false);
        }
    }
    for (counter, _) in &counters {
        counter.upsert(tx, counter.part_now(), 1)?;
    }
    Ok(true)
}

/// Takes back what [`spend`] counted at a moment: what it was spent on has failed, and not by whoever spent it.
///
/// # Errors
/// Database errors.
pub fn give_back(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    (name, key): (&str, &str),
    budget: &[(Duration, i32)],
    spent: DateTime<Utc>,
) -> AppResult<()> {
    let mut counters =
        budget.iter().map(|(window, _)| Counter::of(keyring, (name, key), *window, spent)).peekable();
    if let Some(first) = counters.peek() {
        first.take_turn(tx)?;
    }
    counters.try_for_each(|counter| counter.upsert(tx, counter.part_now(), -1))
}

/// Counts a hit of the day that began at a moment and gives how many there are of it with this one. Of two at once the
/// second waits for the first, and one statement does it all: it stands in the way of everybody who declares.
///
/// # Errors
/// Database errors.
pub fn of_day(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    (name, key): (&str, &str),
    begun: DateTime<Utc>,
) -> AppResult<i32> {
    let bucket = keyring.blind("rate", &format!("{name}:day:{key}")).to_vec();
    let found: Vec<(i32,)> = fetch!(
        tx.conn(),
        (Integer,),
        "INSERT INTO rate_counters (bucket, window_start, hits) VALUES (?, ?, 1) \
         ON CONFLICT (bucket, window_start) DO UPDATE SET hits = rate_counters.hits + 1 RETURNING hits",
        Binary => bucket, DbTime => Ts::from(begun),
    )?;
    found.first().map(|(hits,)| *hits).ok_or_else(|| AppError::internal("a counter gave no count"))
}

/// Files of many records in an hour: of an account, and of a network where nobody signs in.
const EXPORTS: (i32, i32) = (30, 120);

/// Counts a file of many records before it is put together. Where it cannot be counted there is none: this limit fails
/// closed.
///
/// # Errors
/// [`AppError::TooMany`], and those of the database.
pub async fn export(deps: &Deps, whom: impl Into<Key>, now: DateTime<Utc>) -> AppResult<()> {
    let (keys, whom) = (deps.keys.clone(), whom.into());
    let most = if matches!(whom, Key::Account(_)) { EXPORTS.0 } else { EXPORTS.1 };
    let key = whom.to_string();
    deps.store.write(move |tx| count(tx, &keys, "export", &key, Duration::hours(1), most, now)).await
}

/// One counter at one moment.
struct Counter {
    bucket: Vec<u8>,
    /// Seconds of a part.
    part: i64,
    window: i64,
    now: i64,
}

impl Counter {
    fn of(keyring: &Keyring, (name, key): (&str, &str), window: Duration, now: DateTime<Utc>) -> Self {
        let window = window.num_seconds().max(1);
        let bucket = keyring.blind("rate", &format!("{name}:{window}:{key}")).to_vec();
        Self { bucket, part: (window / PARTS).max(1), window, now: now.timestamp() }
    }

    fn moment(seconds: i64) -> Ts {
        Ts(DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH))
    }

    /// A part that begins at or before this moment is over: it began as long ago as the window is.
    fn over(&self) -> i64 {
        self.now - self.window
    }

    /// Whoever counts the same key at this moment waits here, also across the end of a part: of two at once only one is the
    /// last that is allowed.
    fn take_turn(&self, tx: &mut Tx<'_>) -> AppResult<()> {
        self.upsert(tx, 0, 0)
    }

    /// When the part of this moment began.
    fn part_now(&self) -> i64 {
        self.now.div_euclid(self.part) * self.part
    }

    fn add(&self, tx: &mut Tx<'_>, hits: i32) -> AppResult<()> {
        self.take_turn(tx)?;
        self.upsert(tx, self.part_now(), hits)
    }

    /// How many hits there are in the window.
    fn sum(&self, conn: &mut Conn) -> AppResult<i64> {
        Ok(self.parts(conn)?.iter().map(|(_, hits)| i64::from(*hits)).sum())
    }

    fn upsert(&self, tx: &mut Tx<'_>, start: i64, hits: i32) -> AppResult<()> {
        let row = (
            rate_counters::bucket.eq(&self.bucket),
            rate_counters::window_start.eq(Self::moment(start)),
            rate_counters::hits.eq(hits),
        );
        crate::on_either!(tx.conn(), c => {
            diesel::insert_into(rate_counters::table)
                .values(row)
                .on_conflict((rate_counters::bucket, rate_counters::window_start))
                .do_update()
                .set(rate_counters::hits.eq(rate_counters::hits + hits))
                .execute(c)
        })?;
        Ok(())
    }

    /// The parts of the window with their hits, the oldest first.
    fn parts(&self, conn: &mut Conn) -> AppResult<Vec<(i64, i32)>> {
        let rows: Vec<(Ts, i32)> = rate_counters::table
            .filter(rate_counters::bucket.eq(&self.bucket))
            .filter(rate_counters::window_start.gt(Self::moment(self.over().max(0))))
            .order(rate_counters::window_start.asc())
            .select((rate_counters::window_start, rate_counters::hits))
            .load(conn)?;
        Ok(rows.into_iter().map(|(start, hits)| (start.0.timestamp(), hits)).collect())
    }

    /// Refuses when there are `full` hits or more; then says when there will be fewer.
    fn allow(&self, conn: &mut Conn, full: i32) -> AppResult<()> {
        let parts = self.parts(conn)?;
        let mut hits: i64 = parts.iter().map(|(_, hits)| i64::from(*hits)).sum();
        if hits < i64::from(full) {
            return Ok(());
        }
        for (start, leaving) in parts {
            hits -= i64::from(leaving);
            if hits < i64::from(full) {
                let wait = start + self.window - self.now;
                return Err(AppError::TooMany(u64::try_from(wait.max(1)).unwrap_or(1)));
            }
        }
        Err(AppError::TooMany(u64::try_from(self.window).unwrap_or(1)))
    }
}

/// Forgets parts that began before `before`.
///
/// # Errors
/// Database errors.
pub fn sweep(tx: &mut Tx<'_>, before: DateTime<Utc>) -> AppResult<usize> {
    Ok(diesel::delete(rate_counters::table.filter(rate_counters::window_start.lt(Ts::from(before))))
        .execute(tx.conn())?)
}
