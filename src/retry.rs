//! When something that failed is tried again: waits from the configuration, each with jitter, then dead.

use chrono::{DateTime, Duration, Utc};
use rand::RngExt;
use std::str::FromStr;

/// The waits between attempts; after the last one the work is dead and waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule(Vec<Duration>);

impl Default for RetrySchedule {
    /// 10 s, 1 min, 5 min, 30 min, 2 h, 6 h: seven attempts within nine hours.
    fn default() -> Self {
        Self([10, 60, 300, 1800, 7200, 21_600].into_iter().map(Duration::seconds).collect())
    }
}

/// A schedule that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("waits such as 10s,1m,5m,30m,2h,6h")]
pub struct BadSchedule;

impl FromStr for RetrySchedule {
    type Err = BadSchedule;

    /// Reads up to 20 waits of whole seconds, minutes or hours (at most a week each): `10s,1m,2h`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let waits: Vec<Duration> =
            text.split(',').map(|w| wait(w.trim())).collect::<Option<_>>().ok_or(BadSchedule)?;
        if waits.len() > 20 { Err(BadSchedule) } else { Ok(Self(waits)) }
    }
}

fn wait(text: &str) -> Option<Duration> {
    let split = text.len().checked_sub(1)?;
    let (number, unit) = (text.get(..split)?, text.get(split..)?);
    let number: i64 = number.parse().ok()?;
    let seconds = match unit {
        "s" => number,
        "m" => number.checked_mul(60)?,
        "h" => number.checked_mul(3600)?,
        _ => return None,
    };
    (1..=7 * 86_400).contains(&seconds).then(|| Duration::seconds(seconds))
}

impl RetrySchedule {
    /// When to try again after `attempts` attempts (at least 1); `None` when it was the last.
    ///
    /// The wait varies by a quarter to both sides, so that what failed together does not come back together.
    pub fn next(&self, attempts: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let index = usize::try_from(attempts.saturating_sub(1)).ok()?;
        let millis = self.0.get(index)?.num_milliseconds();
        let quarter = millis / 4;
        let jitter = rand::rng().random_range(-quarter..=quarter);
        now.checked_add_signed(Duration::milliseconds(millis + jitter))
    }

    /// Attempts in all.
    pub fn attempts(&self) -> usize {
        self.0.len() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_and_nonsense_is_not() {
        assert_eq!("10s,1m,5m,30m,2h,6h".parse(), Ok(RetrySchedule::default()));
        for bad in ["", "10", "s", "0s", "-1m", "1d", "10s,,1m", "10000h", "九s", "9223372036854775807h"] {
            assert_eq!(bad.parse::<RetrySchedule>(), Err(BadSchedule), "{bad:?}");
        }
    }

    #[test]
    fn each_wait_varies_by_a_quarter_and_the_last_is_followed_by_nothing() {
        let now: DateTime<Utc> = "2020-03-12T02:00:00Z".parse().unwrap();
        let schedule: RetrySchedule = "100s,1h".parse().unwrap();
        assert_eq!(schedule.attempts(), 3);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let wait = (schedule.next(1, now).unwrap() - now).num_milliseconds();
            assert!((75_000..=125_000).contains(&wait), "{wait}");
            seen.insert(wait);
        }
        assert!(seen.len() > 50, "no jitter");
        assert!((schedule.next(2, now).unwrap() - now).num_minutes() >= 45);
        assert_eq!(schedule.next(3, now), None);
        assert_eq!(schedule.next(0, now), None);
    }
}
