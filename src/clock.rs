//! The only caller of `Utc::now`: everything else takes time as an argument or asks a [`Clock`], so that tests
//! can turn it.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, SubsecRound, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Gives the present moment, in whole microseconds (PostgreSQL keeps no more, SQLite would).
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is turned.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.timestamp_micros()))))
    }

    /// Now.
    #[allow(clippy::disallowed_methods)]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            None => to_micros(Utc::now()),
            Some(turned) => {
                DateTime::from_timestamp_micros(turned.load(Ordering::SeqCst)).unwrap_or(DateTime::UNIX_EPOCH)
            }
        }
    }

    /// Turns a fixed clock forward (or back); a system clock does not turn.
    pub fn advance(&self, by: chrono::Duration) {
        if let (Some(turned), Some(micros)) = (&self.0, by.num_microseconds()) {
            turned.fetch_add(micros, Ordering::SeqCst);
        }
    }
}

/// Cuts a moment to whole microseconds.
pub fn to_micros(t: DateTime<Utc>) -> DateTime<Utc> {
    t.trunc_subsecs(6)
}

/// China Standard Time, +08:00 without daylight saving: the time that people and deadlines see.
pub fn china() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

/// The calendar day in China at a moment.
pub fn china_day(t: DateTime<Utc>) -> NaiveDate {
    t.with_timezone(&china()).date_naive()
}

/// The first moment of a calendar day in China.
pub fn start_of_day(day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN).and_local_timezone(china());
    local.earliest().map_or(DateTime::UNIX_EPOCH, |t| t.to_utc())
}

/// The moment at which a day in China is over.
pub fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    start_of_day(day.succ_opt().unwrap_or(day))
}

/// Whether a day can be meant by anybody: 1900 to 2100. What lies far outside cannot be compared by every database.
pub fn is_plausible_day(day: NaiveDate) -> bool {
    (1900..=2100).contains(&day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_turns_and_days_change_at_chinese_midnight() {
        let clock = Clock::fixed("2020-03-12T15:59:59Z".parse().unwrap());
        assert_eq!(china_day(clock.now()).to_string(), "2020-03-12");
        clock.advance(chrono::Duration::seconds(1));
        assert_eq!(china_day(clock.now()).to_string(), "2020-03-13");
        let day = "2020-03-12".parse().unwrap();
        assert_eq!(start_of_day(day).to_rfc3339(), "2020-03-11T16:00:00+00:00");
        assert_eq!(end_of_day(day).to_rfc3339(), "2020-03-12T16:00:00+00:00");
        let system = Clock::system();
        assert_eq!(system.now().timestamp_subsec_nanos() % 1000, 0);
    }
}
