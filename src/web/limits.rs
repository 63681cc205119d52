//! Rate limits: a token bucket in Redis shared by all processes, in local memory where there is none or it is away,
//! and durable counters in the database ([`durable`]) for what must hold across restarts (sign-in, SMS). None of them can
//! key on a bare address: see [`Client`].

mod client;
mod durable;

pub use client::{Client, Network};
pub use durable::{count, export, give_back, hit, of_day, spend, sweep, within};

use crate::circuit::Circuit;
use crate::db::Id;
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Duration, Utc};
use moka::sync::Cache;
use redis::AsyncTypedCommands;
use std::hash::{DefaultHasher, Hash, Hasher};
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

/// Whom a bucket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A network, whoever sends from it.
    Network(Network),
    /// An account, wherever it sends from.
    Account(Id),
    /// The key of a program, wherever it sends from.
    Program(Id),
}

impl Key {
    /// A number that stands for it where only who is the same as whom counts.
    #[must_use]
    pub fn number(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

impl From<Client> for Key {
    fn from(client: Client) -> Self {
        Self::Network(client.network())
    }
}

impl From<Id> for Key {
    fn from(account: Id) -> Self {
        Self::Account(account)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Network(network) => network.fmt(f),
            Self::Account(account) => write!(f, "account:{account}"),
            Self::Program(key) => write!(f, "program:{key}"),
        }
    }
}

/// Changes of one resident's account, from however many addresses: a family's declarations in one sitting, and no more.
pub const PER_ACCOUNT: Rate = Rate { burst: 600.0, per_second: 5.0 };
/// What one client address may do in all, but for the files of the pages and `/health/live`. Whole villages and offices sit behind one address.
pub const PER_ADDRESS: Rate = Rate { burst: 600.0, per_second: 100.0 };
/// Signed requests of programs from one address, before it is known whose they are: a county's systems or a hundred gates sit
/// behind one.
pub const SIGNED: Rate = Rate { burst: 2000.0, per_second: 500.0 };
/// Sign-in attempts of one address.
pub const SIGN_IN: Rate = Rate { burst: 60.0, per_second: 1.0 };
/// Verifications without a session.
pub const VERIFY: Rate = Rate { burst: 120.0, per_second: 20.0 };
/// Pictures of codes: each costs a hundred texts.
pub const PICTURE: Rate = Rate { burst: 60.0, per_second: 2.0 };

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
    local: Cache<(&'static str, Key), Bucket>,
    redis: Option<redis::aio::ConnectionManager>,
    circuit: Circuit,
    script: redis::Script,
}

/// Redis that does not answer is left alone for so long: limits hold in each process by itself meanwhile.
const REDIS_REST: Duration = Duration::seconds(2);

impl Limiter {
    /// A limiter, with Redis if there is one.
    pub fn new(redis: Option<redis::aio::ConnectionManager>) -> Self {
        Self {
            local: Cache::builder()
                .max_capacity(200_000)
                .time_to_idle(std::time::Duration::from_secs(300))
                .build(),
            redis,
            circuit: Circuit::resting(REDIS_REST),
            script: redis::Script::new(SCRIPT),
        }
    }

    /// Takes a token for a client's network, or for an account.
    ///
    /// # Errors
    /// [`AppError::TooMany`].
    pub async fn take(
        &self,
        name: &'static str,
        whom: impl Into<Key>,
        rate: Rate,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        let key = whom.into();
        let allowed = match &self.redis {
            Some(redis) if self.circuit.claims(now) => {
                match self.take_shared(redis.clone(), name, key, rate, now).await {
                    Ok(allowed) => {
                        if self.circuit.answered() {
                            tracing::warn!("Redis is back");
                        }
                        allowed
                    }
                    Err(()) => {
                        if self.circuit.failed(now) {
                            tracing::warn!("Redis does not answer: limits are counted by each process");
                        }
                        self.take_local(name, key, rate, now)
                    }
                }
            }
            _ => self.take_local(name, key, rate, now),
        };
        if allowed { Ok(()) } else { Err(AppError::TooMany(1)) }
    }

    async fn take_shared(
        &self,
        mut redis: redis::aio::ConnectionManager,
        name: &str,
        key: Key,
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

    fn take_local(&self, name: &'static str, key: Key, rate: Rate, now: DateTime<Utc>) -> bool {
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

fn seconds(now: DateTime<Utc>) -> f64 {
    (now - DateTime::UNIX_EPOCH).as_seconds_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    #[actix_web::test]
    async fn a_bucket_empties_and_refills() {
        let limiter = Limiter::new(None);
        let rate = Rate { burst: 3.0, per_second: 1.0 };
        let now: DateTime<Utc> = "2020-03-12T02:00:00Z".parse().unwrap();
        let [a, b, same, other] =
            ["192.0.2.1", "192.0.2.2", "2001:db8::2", "2001:db8:0:1::2"].map(Client::at);
        for _ in 0..3 {
            assert!(limiter.take("t", a, rate, now).await.is_ok());
            assert!(limiter.take("t", Client::at("2001:db8::1"), rate, now).await.is_ok());
        }
        assert!(matches!(limiter.take("t", a, rate, now).await, Err(AppError::TooMany(1))));
        assert!(limiter.take("t", b, rate, now).await.is_ok(), "another client is not affected");
        assert!(limiter.take("t", same, rate, now).await.is_err(), "another address of the same network");
        assert!(limiter.take("t", other, rate, now).await.is_ok());
        assert!(limiter.take("t", a, rate, now + Duration::seconds(1)).await.is_ok());
    }
}
