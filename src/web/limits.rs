//! Rate limits: a token bucket in Redis shared by all processes, in local memory where there is none or it is away,
//! and durable counters in the database for what must hold across restarts (sign-in, SMS).

use crate::crypto::Keyring;
use crate::db::schema::rate_counters;
use crate::db::{Ts, Tx};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use moka::sync::Cache;
use redis::AsyncTypedCommands;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::Mutex;

/// A bucket: so many requests at once, refilled at so many a second.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Size of the bucket.
    pub burst: f64,
    /// Tokens a second.
    pub per_second: f64,
}

/// What one client address may do in all. Whole villages and offices sit behind one address.
pub const PER_ADDRESS: Rate = Rate { burst: 600.0, per_second: 100.0 };
/// Sign-in attempts of one address.
pub const SIGN_IN: Rate = Rate { burst: 60.0, per_second: 1.0 };
/// Verifications without a session.
pub const VERIFY: Rate = Rate { burst: 120.0, per_second: 20.0 };

const SCRIPT: &str = r"
local b = redis.call('HMGET', KEYS[1], 't', 'a')
local burst, rate, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tokens = math.min(burst, (tonumber(b[1]) or burst) + math.max(0, now - (tonumber(b[2]) or now)) * rate)
local ok = 0
if tokens >= 1 then tokens = tokens - 1; ok = 1 end
redis.call('HSET', KEYS[1], 't', tokens, 'a', now)
redis.call('EXPIRE', KEYS[1], math.ceil(burst / rate) + 1)
return ok";

type Bucket = Arc<Mutex<(f64, f64)>>;

/// The limiter.
pub struct Limiter {
    local: Cache<(&'static str, IpAddr), Bucket>,
    redis: Option<redis::aio::ConnectionManager>,
    script: redis::Script,
}

impl Limiter {
    /// A limiter, with Redis if there is one.
    pub fn new(redis: Option<redis::aio::ConnectionManager>) -> Self {
        Self {
            local: Cache::builder()
                .max_capacity(200_000)
                .time_to_idle(std::time::Duration::from_secs(300))
                .build(),
            redis,
            script: redis::Script::new(SCRIPT),
        }
    }

    /// Takes a token for a client's address.
    ///
    /// # Errors
    /// [`AppError::TooMany`].
    pub async fn take(
        &self,
        name: &'static str,
        client: IpAddr,
        rate: Rate,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        let key = network(client);
        let allowed = match &self.redis {
            Some(redis) => match self.take_shared(redis.clone(), name, key, rate, now).await {
                Ok(allowed) => allowed,
                Err(_) => self.take_local(name, key, rate, now),
            },
            None => self.take_local(name, key, rate, now),
        };
        if allowed { Ok(()) } else { Err(AppError::TooMany(1)) }
    }

    async fn take_shared(
        &self,
        mut redis: redis::aio::ConnectionManager,
        name: &str,
        key: IpAddr,
        rate: Rate,
        now: DateTime<Utc>,
    ) -> Result<bool, ()> {
        let mut call = self.script.prepare_invoke();
        call.key(format!("rate:{{{name}:{key}}}")).arg(rate.burst).arg(rate.per_second).arg(seconds(now));
        // A hanging Redis must not hang the portal.
        let answer = tokio::time::timeout(std::time::Duration::from_millis(50), async {
            call.invoke_async::<i64>(&mut redis).await
        });
        match answer.await {
            Ok(Ok(ok)) => Ok(ok == 1),
            _ => Err(()),
        }
    }

    fn take_local(&self, name: &'static str, key: IpAddr, rate: Rate, now: DateTime<Utc>) -> bool {
        let now = seconds(now);
        let bucket = self.local.get_with((name, key), || Arc::new(Mutex::new((rate.burst, now))));
        let Ok(mut bucket) = bucket.lock() else { return true };
        let (tokens, at) = *bucket;
        let tokens = rate.burst.min(tokens + (now - at).max(0.0) * rate.per_second);
        let allowed = tokens >= 1.0;
        *bucket = (if allowed { tokens - 1.0 } else { tokens }, now);
        allowed
    }

    /// Whether Redis answers; `None` when there is none.
    pub async fn redis_answers(&self) -> Option<bool> {
        let mut redis = self.redis.clone()?;
        let ping = tokio::time::timeout(std::time::Duration::from_millis(200), async { redis.ping().await });
        Some(matches!(ping.await, Ok(Ok(_))))
    }
}

/// What one client can choose freely counts as one: an IPv6 client has a network of 2^64 addresses (RFC 4291).
fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

fn seconds(now: DateTime<Utc>) -> f64 {
    (now - DateTime::UNIX_EPOCH).as_seconds_f64()
}

/// Counts a hit in a durable window and refuses past `limit`, in the caller's transaction.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds until the window ends.
pub fn count(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    name: &str,
    key: &str,
    window: Duration,
    limit: i32,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let Window { bucket, start } = Window::of(keyring, (name, key), window, now);
    let row =
        (rate_counters::bucket.eq(&bucket), rate_counters::window_start.eq(start), rate_counters::hits.eq(1));
    crate::on_both!(tx.conn(), c => {
        diesel::insert_into(rate_counters::table)
            .values(row)
            .on_conflict((rate_counters::bucket, rate_counters::window_start))
            .do_update()
            .set(rate_counters::hits.eq(rate_counters::hits + 1))
            .execute(c)
    })?;
    let hits: i32 =
        rate_counters::table.find((&bucket, start)).select(rate_counters::hits).first(tx.conn())?;
    if hits > limit { Err(over(start, window, now)) } else { Ok(()) }
}

/// Refuses who has used up the `limit` of [`count`] in this window; nothing is counted.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds until the window ends.
pub fn within(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    name: &str,
    key: &str,
    window: Duration,
    limit: i32,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let Window { bucket, start } = Window::of(keyring, (name, key), window, now);
    let row = rate_counters::table.find((&bucket, start)).select(rate_counters::hits);
    let hits: Option<i32> = row.first(tx.conn()).optional()?;
    if hits.is_some_and(|hits| hits >= limit) { Err(over(start, window, now)) } else { Ok(()) }
}

/// Where a durable counter stands.
struct Window {
    bucket: Vec<u8>,
    start: Ts,
}

impl Window {
    fn of(keyring: &Keyring, (name, key): (&str, &str), window: Duration, now: DateTime<Utc>) -> Self {
        let bucket = keyring.blind("rate", &format!("{name}:{}:{key}", window.num_seconds())).to_vec();
        let start = now.timestamp().div_euclid(window.num_seconds()) * window.num_seconds();
        Self { bucket, start: Ts(DateTime::from_timestamp(start, 0).unwrap_or(now)) }
    }
}

fn over(start: Ts, window: Duration, now: DateTime<Utc>) -> AppError {
    let wait = start.0.timestamp() + window.num_seconds() - now.timestamp();
    AppError::TooMany(u64::try_from(wait.max(1)).unwrap_or(1))
}

/// Forgets windows that ended before `before`.
///
/// # Errors
/// Database errors.
pub fn sweep(tx: &mut Tx<'_>, before: DateTime<Utc>) -> AppResult<usize> {
    Ok(diesel::delete(rate_counters::table.filter(rate_counters::window_start.lt(Ts::from(before))))
        .execute(tx.conn())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_bucket_empties_and_refills() {
        let limiter = Limiter::new(None);
        let rate = Rate { burst: 3.0, per_second: 1.0 };
        let now: DateTime<Utc> = "2020-03-12T02:00:00Z".parse().unwrap();
        let [a, b, same, other] =
            ["192.0.2.1", "192.0.2.2", "2001:db8::2", "2001:db8:0:1::2"].map(|ip| ip.parse().unwrap());
        for _ in 0..3 {
            assert!(limiter.take("t", a, rate, now).await.is_ok());
            assert!(limiter.take("t", "2001:db8::1".parse().unwrap(), rate, now).await.is_ok());
        }
        assert!(matches!(limiter.take("t", a, rate, now).await, Err(AppError::TooMany(1))));
        assert!(limiter.take("t", b, rate, now).await.is_ok(), "another client is not affected");
        assert!(limiter.take("t", same, rate, now).await.is_err(), "another address of the same network");
        assert!(limiter.take("t", other, rate, now).await.is_ok());
        assert!(limiter.take("t", a, rate, now + Duration::seconds(1)).await.is_ok());
    }
}
