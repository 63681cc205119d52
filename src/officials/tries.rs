//! How often passwords and one-time codes may be tried, and by whom a lock can be caused.
//!
//! Each try is counted and asked for in one transaction before it is looked at, so that of many at once no more than
//! the allowed number are. A right one gives its try back. Who tries is a login *and* a place: the device that has
//! signed in as this official before (it has a cookie of ours), else the client's network. Five tries are free, then the
//! place waits 1, 2, 4 … 60 minutes after each. So a stranger makes nobody wait but their own network.
//!
//! Against tries from many networks there is a wide bound for each login. It only slows down, is recorded and shown to
//! the administrator, and it never holds for a place that is known: the owner's devices, and networks from which
//! the owner has signed in within thirty days. A fresh second factor is counted by session, apart from all that.

use super::place::Place;
use super::store::{self, SignInRow};
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::schema::{officials, sign_in_tries};
use crate::db::{Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use serde_json::json;

/// Tries of one place that cost no waiting.
const FREE: i32 = 5;
/// The longest wait between two tries.
const LONGEST: i64 = 60;
/// Failed tries are forgotten after so long without another.
const FORGOTTEN: Duration = Duration::hours(24);
/// A network from which somebody signed in is known for so long.
const KNOWN: Duration = Duration::days(30);

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A password.
    Password,
    /// A one-time or recovery code after the password.
    Code,
    /// A fresh one-time code of somebody who is signed in.
    StepUp,
}

impl What {
    fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::StepUp => "step-up",
        }
    }

    /// Tries of unknown places together that cost no waiting; a code has a million values, a password more.
    fn free_together(self) -> i32 {
        match self {
            Self::Password => 100,
            Self::Code | Self::StepUp => 20,
        }
    }

    /// Minutes to wait after so many tries of unknown places together.
    fn wait_together(self, tried: i32) -> i64 {
        match self {
            _ if tried < self.free_together() => 0,
            Self::Password => 1,
            Self::Code | Self::StepUp => doubled(tried - self.free_together()),
        }
    }
}

/// 1, 2, 4 … minutes, at most [`LONGEST`].
fn doubled(step: i32) -> i64 {
    let step = u32::try_from(step).unwrap_or(0).min(10);
    (1_i64 << step).min(LONGEST)
}

/// Minutes to wait after so many tries of one place.
fn wait(tried: i32) -> i64 {
    if tried < FREE { 0 } else { doubled(tried - FREE) }
}

/// One try: what, at whose login, from where.
#[derive(Debug, Clone)]
pub(super) struct Try {
    /// What is tried.
    pub what: What,
    /// The sign-in name, whether or not there is such an official.
    pub login: String,
    /// The official of that name.
    pub official: Option<Id>,
    /// From where.
    pub place: Place,
}

/// In which bounds a try was counted, and so in which it can be given back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    wide: bool,
}

struct Row {
    bucket: Vec<u8>,
    tried: i32,
    next: Option<Ts>,
    known: bool,
}

impl Try {
    fn near(&self, keys: &Keyring) -> Vec<u8> {
        let text = format!("{}:{}:{}", self.what.code(), self.login, self.place.key());
        keys.blind("sign-in-try", &text).to_vec()
    }

    fn wide(&self, keys: &Keyring) -> Vec<u8> {
        keys.blind("sign-in-try", &format!("{}:{}", self.what.code(), self.login)).to_vec()
    }

    /// Takes a try before it is looked at, and says where it was counted.
    ///
    /// # Errors
    /// [`AppError::TooMany`] with the seconds to wait; nothing is counted then.
    pub fn take(&self, tx: &mut Tx<'_>, keys: &Keyring, now: DateTime<Utc>) -> AppResult<Counted> {
        let near = locked(tx, self.near(keys), now)?;
        let known = near.known || self.place.is_known();
        let wide = if known { None } else { Some(locked(tx, self.wide(keys), now)?) };
        let rows = [Some(&near), wide.as_ref()];
        if let Some(next) = rows.iter().flatten().filter_map(|r| r.next).map(|n| n.0).max()
            && next > now
        {
            let seconds = (next - now).num_seconds().max(1);
            return Err(AppError::TooMany(u64::try_from(seconds).unwrap_or(60)));
        }
        count(tx, &near, wait(near.tried + 1), now)?;
        let Some(wide) = wide else { return Ok(Counted { wide: false }) };
        let tried = wide.tried + 1;
        count(tx, &wide, self.what.wait_together(tried), now)?;
        if tried >= self.what.free_together() {
            self.alarm(tx, tried, now)?;
        }
        Ok(Counted { wide: true })
    }

    /// Many networks try at this login: for the administrator's list, the record and the log.
    fn alarm(&self, tx: &mut Tx<'_>, tried: i32, now: DateTime<Utc>) -> AppResult<()> {
        metrics::counter!("fugong_sign_in_pressed_total").increment(1);
        let Some(id) = self.official else { return Ok(()) };
        let until = Ts::from(now + Duration::minutes(self.what.wait_together(tried)));
        diesel::update(officials::table.find(id))
            .set(officials::locked_until.eq(Some(until)))
            .execute(tx.conn())?;
        if tried != self.what.free_together() {
            return Ok(());
        }
        tracing::warn!(official = %id, what = self.what.code(), "tries at one login from many networks");
        let entry = Entry::new(Actor::Anonymous, "official.sign-in-pressed", "official").object(id);
        audit::append(tx, now, entry.detail(json!({"what": self.what.code(), "tries": tried}))).map(drop)
    }

    /// Gives a try back: what was tried was right. The wide bound is given back only by whom it has counted: whoever comes
    /// from a known place does not open it for those who guess.
    ///
    /// # Errors
    /// Database errors.
    pub fn give_back(&self, tx: &mut Tx<'_>, keys: &Keyring, counted: Counted) -> AppResult<()> {
        let mut buckets = vec![self.near(keys)];
        if counted.wide {
            buckets.push(self.wide(keys));
        }
        for bucket in buckets {
            diesel::update(sign_in_tries::table.find(bucket).filter(sign_in_tries::tried.gt(0)))
                .set((
                    sign_in_tries::tried.eq(sign_in_tries::tried - 1),
                    sign_in_tries::next_at.eq(None::<Ts>),
                ))
                .execute(tx.conn())?;
        }
        Ok(())
    }

    /// Somebody has signed in from here: what was tried here before is forgotten, and the place is known.
    ///
    /// # Errors
    /// Database errors.
    pub fn succeed(
        &self,
        tx: &mut Tx<'_>,
        keys: &Keyring,
        counted: Counted,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        self.give_back(tx, keys, counted)?;
        for what in [What::Password, What::Code, self.what] {
            let row = locked(tx, Self { what, ..self.clone() }.near(keys), now)?;
            diesel::update(sign_in_tries::table.find(&row.bucket))
                .set((
                    sign_in_tries::tried.eq(0),
                    sign_in_tries::next_at.eq(None::<Ts>),
                    sign_in_tries::known_until.eq(Some(Ts::from(now + KNOWN))),
                ))
                .execute(tx.conn())?;
        }
        Ok(())
    }

    /// Looks at a one-time or recovery code, in one try; a wrong one is recorded, and is `None`. Of a right one the caller
    /// says what becomes of the try ([`Self::give_back`], [`Self::succeed`]).
    ///
    /// # Errors
    /// [`AppError::TooMany`] with the seconds to wait; nothing is looked at then.
    pub fn examine(
        &self,
        tx: &mut Tx<'_>,
        keys: &Keyring,
        row: &SignInRow,
        typed: &str,
        now: DateTime<Utc>,
    ) -> AppResult<Option<Counted>> {
        let counted = self.take(tx, keys, now)?;
        if store::use_second_factor(tx, keys, row, typed, now)? {
            return Ok(Some(counted));
        }
        self.fail(tx, keys, now)?;
        Ok(None)
    }

    /// Records that what was tried was wrong. For a name that nobody has the same is written, but for the record.
    ///
    /// # Errors
    /// Database errors.
    pub fn fail(&self, tx: &mut Tx<'_>, keys: &Keyring, now: DateTime<Utc>) -> AppResult<()> {
        diesel::update(sign_in_tries::table.find(self.near(keys)))
            .set(sign_in_tries::tried_at.eq(Ts::from(now)))
            .execute(tx.conn())?;
        let Some(id) = self.official else { return Ok(()) };
        let detail = json!({"what": self.what.code(), "from": self.place.pseudonym(keys)});
        let entry = Entry::new(Actor::Anonymous, "official.sign-in-failed", "official").object(id);
        audit::append(tx, now, entry.detail(detail)).map(drop)
    }
}

/// The row of a bucket, locked until the transaction ends.
fn locked(tx: &mut Tx<'_>, bucket: Vec<u8>, now: DateTime<Utc>) -> AppResult<Row> {
    let at = Ts::from(now);
    let row = (sign_in_tries::bucket.eq(&bucket), sign_in_tries::tried.eq(0), sign_in_tries::tried_at.eq(at));
    // Writing it anew takes the lock, whether it was there or not.
    crate::on_either!(tx.conn(), c => {
        diesel::insert_into(sign_in_tries::table)
            .values(row)
            .on_conflict(sign_in_tries::bucket)
            .do_update()
            .set(sign_in_tries::tried.eq(sign_in_tries::tried))
            .execute(c)
    })?;
    let (tried, tried_at, next, known): (i32, Ts, Option<Ts>, Option<Ts>) = sign_in_tries::table
        .find(&bucket)
        .select((
            sign_in_tries::tried,
            sign_in_tries::tried_at,
            sign_in_tries::next_at,
            sign_in_tries::known_until,
        ))
        .first(tx.conn())?;
    let tried = if now - tried_at.0 >= FORGOTTEN { 0 } else { tried };
    Ok(Row { bucket, tried, next, known: known.is_some_and(|until| until.0 > now) })
}

fn count(tx: &mut Tx<'_>, row: &Row, minutes: i64, now: DateTime<Utc>) -> AppResult<()> {
    let next = (minutes > 0).then(|| Ts::from(now + Duration::minutes(minutes)));
    diesel::update(sign_in_tries::table.find(&row.bucket))
        .set((
            sign_in_tries::tried.eq(row.tried + 1),
            sign_in_tries::tried_at.eq(Ts::from(now)),
            sign_in_tries::next_at.eq(next),
        ))
        .execute(tx.conn())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_are_free_and_then_the_wait_grows() {
        let waits: Vec<i64> = (1..=13).map(wait).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!([99, 100, 5000].map(|n| What::Password.wait_together(n)), [0, 1, 1]);
        assert_eq!([19, 20, 21, 22, 40].map(|n| What::Code.wait_together(n)), [0, 1, 2, 4, 60]);
    }
}
