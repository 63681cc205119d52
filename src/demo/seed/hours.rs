//! The hours in which people of the demonstration file and offices work: nobody hands anything in at three in the
//! morning, whenever the demonstration is started.

use crate::clock::{Clock, china_day, start_of_day};
use crate::error::{AppError, AppResult};
use crate::workflow::Calendar;
use chrono::{DateTime, Duration, Utc};
use std::sync::atomic::{AtomicI64, Ordering};

/// Offices are open from 8:30 …
const OPENS: i64 = 8 * 60 + 30;
/// … to 17:30.
const CLOSES: i64 = 17 * 60 + 30;

/// Office hours from one moment to another, and how much of them is used up.
#[derive(Debug)]
pub(super) struct Hours {
    /// Beginning and end of each stretch, in order.
    open: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    used: AtomicI64,
    steps: AtomicI64,
    /// Seconds that a minute of the plan takes.
    scale: i64,
}

impl Hours {
    /// The hours between `from` and `to` in which a plan of so many minutes has room; its minutes are shortened so that
    /// it has.
    ///
    /// # Errors
    /// [`AppError::Internal`] when there are none, or the calendar is unsound.
    pub(super) fn between(from: DateTime<Utc>, to: DateTime<Utc>, planned: i64) -> AppResult<Self> {
        let calendar = Calendar::china().map_err(AppError::internal)?;
        let days = china_day(from).iter_days().take_while(|day| *day <= china_day(to));
        let open: Vec<_> = days
            .filter(|day| calendar.is_working_day(*day).value)
            .map(|day| {
                let at = |minutes| start_of_day(day) + Duration::minutes(minutes);
                (at(OPENS).max(from), at(CLOSES).min(to))
            })
            .filter(|(opens, closes)| opens < closes)
            .collect();
        let seconds: i64 = open.iter().map(|(opens, closes)| (*closes - *opens).num_seconds()).sum();
        let scale = (seconds / planned.max(1)).min(60);
        if scale < 1 {
            return Err(AppError::internal("no office hours for the demonstration"));
        }
        Ok(Self { open, used: AtomicI64::new(0), steps: AtomicI64::new(0), scale })
    }

    /// The first moment.
    pub(super) fn first(&self) -> DateTime<Utc> {
        self.open.first().map_or(DateTime::UNIX_EPOCH, |(opens, _)| *opens)
    }

    /// Turns a clock on by some minutes of the plan, which people never use up to the second.
    pub(super) fn turn(&self, clock: &Clock, minutes: i64) {
        let step = self.steps.fetch_add(1, Ordering::SeqCst);
        // 79 % to 100 %, in no order that the eye notices.
        let part = 1000 - (step * 137) % 211;
        let seconds = (minutes * self.scale * part / 1000).max(1);
        let used = self.used.fetch_add(seconds, Ordering::SeqCst) + seconds;
        let at = self.at(used);
        let now = clock.now();
        if at > now {
            clock.advance(at - now);
        }
    }

    /// The moment after so many seconds of office hours.
    fn at(&self, seconds: i64) -> DateTime<Utc> {
        let mut left = Duration::seconds(seconds);
        for (opens, closes) in &self.open {
            if left < *closes - *opens {
                return *opens + left;
            }
            left -= *closes - *opens;
        }
        self.open.last().map_or(DateTime::UNIX_EPOCH, |(_, closes)| *closes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::china;
    use chrono::{Datelike, Timelike};

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    /// A Sunday night, a Monday before and just after opening, the end of the week of the national day, New Year's eve of
    /// a year whose holidays are not announced.
    #[test]
    fn nothing_is_filed_at_night_whenever_it_starts() {
        for now in [
            "2026-11-29T23:50:00+08:00",
            "2026-11-30T03:00:00+08:00",
            "2026-11-30T08:31:00+08:00",
            "2026-10-08T09:00:00+08:00",
            "2026-02-23T22:00:00+08:00",
            "2029-12-31T12:00:00+08:00",
        ] {
            let (now, planned) = (at(now), 14_000);
            let hours = Hours::between(now - Duration::days(12), now, planned).unwrap();
            let clock = Clock::fixed(hours.first());
            let mut days = std::collections::BTreeSet::new();
            for _ in 0..planned / 50 {
                let before = clock.now();
                hours.turn(&clock, 50);
                let local = clock.now().with_timezone(&china());
                let minute = i64::from(local.hour() * 60 + local.minute());
                assert!((OPENS..=CLOSES).contains(&minute) && clock.now() <= now, "{local}");
                assert!(clock.now() > before, "{local}");
                days.insert(local.ordinal());
            }
            assert!(days.len() >= 3, "{now}: {days:?}");
        }
    }
}
