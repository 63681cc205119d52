//! The official calendar: which days the authorities work. Art. 82 of the Administrative Licensing Law counts time limits in
//! working days without statutory holidays, and those are announced year by year, so they are data (`calendar/cn-*.toml`).
//!
//! **Outside the announced years** the calendar counts Monday to Friday without the holidays that the law fixes by the
//! solar calendar (1 January, 1 and 2 May, 1 to 3 October) and marks every answer `provisional`, instead of failing: a notice
//! that comes late must not stop cases from being received, but nobody may take the figure for final.
//!
//! **A working day is 24 hours** at Asia/Shanghai (+08:00, no summer time since 1991); time stands still on all other days.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use serde::Deserialize;
use std::collections::BTreeMap;

/// +08:00, in hours.
const OFFSET_HOURS: i64 = 8;

/// The notices of the State Council General Office that this build carries.
const EMBEDDED: [&str; 7] = [
    include_str!("../../../calendar/cn-2020.toml"),
    include_str!("../../../calendar/cn-2021.toml"),
    include_str!("../../../calendar/cn-2022.toml"),
    include_str!("../../../calendar/cn-2023.toml"),
    include_str!("../../../calendar/cn-2024.toml"),
    include_str!("../../../calendar/cn-2025.toml"),
    include_str!("../../../calendar/cn-2026.toml"),
];

/// An answer of the calendar. `provisional` says that it rests on days for which no notice is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reckoned<T> {
    /// The answer.
    pub value: T,
    /// True if for some of the days only the weekends and the holidays fixed by law were counted.
    pub provisional: bool,
}

/// Working days of the authorities, from yearly notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    first: NaiveDate,
    last: NaiveDate,
    /// Days that differ from Monday to Friday: true = a weekend day that is worked, false = a weekday off.
    exceptions: BTreeMap<NaiveDate, bool>,
}

/// What is wrong with a calendar file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not TOML, or not of this shape.
    #[error("calendar file: {0}")]
    Toml(String),
    /// No file at all.
    #[error("a calendar needs at least one year")]
    Empty,
    /// The years do not follow one another.
    #[error("the year {0} is missing or given twice")]
    Years(i32),
    /// A holiday ends before it begins, lasts over a month, or lies outside its year (the last days of the year before may
    /// belong to New Year).
    #[error("holiday {name} of {year}: impossible dates")]
    Dates {
        /// The year of the file.
        year: i32,
        /// The holiday's name.
        name: String,
    },
    /// A make-up day that is not a Saturday or Sunday.
    #[error("{0} is given as a make-up day but is no weekend day")]
    MakeUp(NaiveDate),
    /// A day that is both a holiday and worked, by entries that do not amend one another.
    #[error("{0} is given both as a holiday and as a working day")]
    Contradiction(NaiveDate),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    year: i32,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "holiday")]
    holidays: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    from: NaiveDate,
    to: NaiveDate,
    #[serde(default)]
    work: Vec<NaiveDate>,
    #[serde(default)]
    amends: bool,
}

impl Calendar {
    /// The calendar of the mainland, as embedded in this build: 2020 to 2026.
    ///
    /// # Errors
    /// Only if an embedded file is unsound, which a test excludes.
    pub fn china() -> Result<Self, CalendarError> {
        Self::parse(&EMBEDDED)
    }

    /// Reads yearly files (TOML; the shape is shown in `docs/workflow.md`). They may come in any order, without gaps.
    ///
    /// # Errors
    /// The first thing found wrong, with the year or day.
    pub fn parse(files: &[&str]) -> Result<Self, CalendarError> {
        let mut years = BTreeMap::new();
        for text in files {
            let file: YearFile = toml::from_str(text).map_err(|e| CalendarError::Toml(e.to_string()))?;
            let year = file.year;
            if years.insert(year, file).is_some() {
                return Err(CalendarError::Years(year));
            }
        }
        let (Some(&from), Some(&to)) = (years.keys().next(), years.keys().next_back()) else {
            return Err(CalendarError::Empty);
        };
        if let Some(gap) = (from..=to).find(|year| !years.contains_key(year)) {
            return Err(CalendarError::Years(gap));
        }
        let (Some(first), Some(last)) =
            (NaiveDate::from_ymd_opt(from, 1, 1), NaiveDate::from_ymd_opt(to, 12, 31))
        else {
            return Err(CalendarError::Years(from));
        };
        let mut days = BTreeMap::new();
        for (year, file) in &years {
            for holiday in &file.holidays {
                enter(&mut days, *year, holiday)?;
            }
        }
        let exceptions = days.into_iter().filter(|(day, works)| *works != is_weekday(*day)).collect();
        Ok(Self { first, last, exceptions })
    }

    /// First and last day for which the notices are known.
    pub fn range(&self) -> (NaiveDate, NaiveDate) {
        (self.first, self.last)
    }

    /// Whether the notices cover this day (a date at +08:00).
    pub fn covers(&self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Whether the notices cover the last day of a limit that ends at this moment (exclusive).
    pub fn covers_end(&self, end: DateTime<Utc>) -> bool {
        self.covers(local(end - TimeDelta::nanoseconds(1)).date())
    }

    /// Whether the authorities work on this day (a date at +08:00).
    pub fn is_working_day(&self, day: NaiveDate) -> Reckoned<bool> {
        Reckoned { value: self.works(day), provisional: !self.covers(day) }
    }

    /// The earliest moment at which `amount` of working time has passed since `from`. Zero or a negative amount gives
    /// `from` itself. A result of midnight is the end of a working day, not the beginning of the next
    /// ([`crate::Due::wall`] writes it as 24:00).
    pub fn add_working(&self, from: DateTime<Utc>, amount: TimeDelta) -> Reckoned<DateTime<Utc>> {
        let start = local(from);
        let mut left = amount;
        let mut at = start;
        let mut day = start.date();
        while left > TimeDelta::zero() {
            let Some(midnight) = day.succ_opt().map(|next| next.and_time(NaiveTime::MIN)) else {
                return Reckoned { value: DateTime::<Utc>::MAX_UTC, provisional: true };
            };
            if self.works(day) {
                let here = midnight - at;
                if left <= here {
                    at += left;
                    break;
                }
                left -= here;
            }
            at = midnight;
            day = midnight.date();
        }
        Reckoned { value: utc(at), provisional: !(self.covers(start.date()) && self.covers(day)) }
    }

    /// Working time between two moments; negative if `to` is before `from`.
    pub fn working_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Reckoned<TimeDelta> {
        let (a, b) = (local(from), local(to));
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        let whole = TimeDelta::days(self.working_days(low.date(), high.date()));
        let time = whole - self.of_day(low) + self.of_day(high);
        let provisional = !(self.covers(low.date()) && self.covers(high.date()));
        Reckoned { value: if a <= b { time } else { -time }, provisional }
    }

    /// Working time of a day that has passed at this moment.
    fn of_day(&self, at: NaiveDateTime) -> TimeDelta {
        if self.works(at.date()) { at.time() - NaiveTime::MIN } else { TimeDelta::zero() }
    }

    fn works(&self, day: NaiveDate) -> bool {
        let assumed = || is_weekday(day) && (self.covers(day) || !is_fixed_holiday(day));
        self.exceptions.get(&day).copied().unwrap_or_else(assumed)
    }

    /// Working days in `from..to`; the span may be long, so weeks are counted, not walked.
    fn working_days(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let days = (to - from).num_days();
        let weeks = days.div_euclid(7);
        let monday = i64::from(from.weekday().num_days_from_monday());
        let odd = (0..days.rem_euclid(7)).filter(|n| (monday + n).rem_euclid(7) < 5).count();
        let exceptions: i64 =
            self.exceptions.range(from..to).map(|(_, works)| if *works { 1 } else { -1 }).sum();
        weeks * 5 + i64::try_from(odd).unwrap_or(0) + exceptions - self.fixed_holidays(from, to)
    }

    /// Weekdays in `from..to` that are holidays by law in years for which no notice is known.
    fn fixed_holidays(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let days = (from.year()..=to.year()).flat_map(|year| {
            FIXED_HOLIDAYS.iter().filter_map(move |(m, d)| NaiveDate::from_ymd_opt(year, *m, *d))
        });
        let lost = |day: &NaiveDate| (from..to).contains(day) && !self.covers(*day) && is_weekday(*day);
        i64::try_from(days.filter(lost).filter(|day| !self.exceptions.contains_key(day)).count()).unwrap_or(0)
    }
}

fn enter(days: &mut BTreeMap<NaiveDate, bool>, year: i32, holiday: &Holiday) -> Result<(), CalendarError> {
    let wrong = || CalendarError::Dates { year, name: holiday.name.clone() };
    let inside = |day: NaiveDate| day.year() == year || (day.year() == year - 1 && day.month() == 12);
    let length = (holiday.to - holiday.from).num_days();
    if !(0..31).contains(&length) || !inside(holiday.from) || !inside(holiday.to) {
        return Err(wrong());
    }
    for n in 0..=length {
        let day = holiday.from + Days::new(u64::try_from(n).unwrap_or(0));
        set(days, day, false, holiday.amends)?;
    }
    for &day in &holiday.work {
        if !inside(day) {
            return Err(wrong());
        }
        if is_weekday(day) {
            return Err(CalendarError::MakeUp(day));
        }
        set(days, day, true, holiday.amends)?;
    }
    Ok(())
}

fn set(
    days: &mut BTreeMap<NaiveDate, bool>,
    day: NaiveDate,
    works: bool,
    amends: bool,
) -> Result<(), CalendarError> {
    match days.insert(day, works) {
        Some(before) if before != works && !amends => Err(CalendarError::Contradiction(day)),
        _ => Ok(()),
    }
}

/// Month and day of the holidays that are fixed in the solar calendar (Regulation on Public Holidays, art. 2).
const FIXED_HOLIDAYS: [(u32, u32); 6] = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)];

fn is_fixed_holiday(day: NaiveDate) -> bool {
    FIXED_HOLIDAYS.contains(&(day.month(), day.day()))
}

fn is_weekday(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The moment on a wall clock at +08:00.
pub(super) fn local(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc().checked_add_signed(TimeDelta::hours(OFFSET_HOURS)).unwrap_or(NaiveDateTime::MAX)
}

/// The moment from its time on a wall clock.
fn utc(local: NaiveDateTime) -> DateTime<Utc> {
    local.checked_sub_signed(TimeDelta::hours(OFFSET_HOURS)).unwrap_or(NaiveDateTime::MIN).and_utc()
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
