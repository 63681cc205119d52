//! Dates, times, numbers and durations as people read them, in the page's language.
//!
//! The patterns below are locale data (as in the CLDR), not texts: they carry no meaning of the domain, and the
//! pages that show a code at a gate use them on every request, so they are plain code instead of catalogue look-ups.
//! All times are shown in Asia/Shanghai, which has been UTC+8 without daylight saving since 1992.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};

use super::i18n::{Lang, t};
use crate::workflow::is_announced;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Wall-clock time in Asia/Shanghai.
#[must_use]
pub fn local(at: DateTime<Utc>) -> NaiveDateTime {
    let utc = at.naive_utc();
    utc.checked_add_signed(TimeDelta::hours(8)).unwrap_or(utc)
}

/// `3 月 12 日` / `12 March`; with the year `2020 年 3 月 12 日` / `12 March 2020`.
#[must_use]
pub fn date(lang: Lang, day: NaiveDate, year: bool) -> String {
    let (y, m, d) = (day.year(), day.month(), day.day());
    match (lang, year) {
        (Lang::ZhCn, false) => format!("{m} 月 {d} 日"),
        (Lang::ZhCn, true) => format!("{y} 年 {m} 月 {d} 日"),
        (Lang::En, false) => format!("{d} {}", month(m)),
        (Lang::En, true) => format!("{d} {} {y}", month(m)),
    }
}

fn month(number: u32) -> &'static str {
    usize::try_from(number).ok().and_then(|n| MONTHS.get(n.saturating_sub(1))).copied().unwrap_or_default()
}

/// `10:32` in Asia/Shanghai.
#[must_use]
pub fn time(at: DateTime<Utc>) -> String {
    let at = local(at);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// `10:32:15` in Asia/Shanghai, for the clock on a code.
#[must_use]
pub fn clock(at: DateTime<Utc>) -> String {
    let at = local(at);
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

/// `3 月 12 日 10:32` / `12 March, 10:32`, with the year on demand.
#[must_use]
pub fn datetime(lang: Lang, at: DateTime<Utc>, year: bool) -> String {
    joined(lang, &date(lang, local(at).date(), year), &time(at))
}

fn joined(lang: Lang, day: &str, time: &str) -> String {
    match lang {
        Lang::ZhCn => format!("{day} {time}"),
        Lang::En => format!("{day}, {time}"),
    }
}

/// A moment as seen from `now`: `今天 10:32`, `3 月 12 日 10:32`, and with the year when it is another one.
#[must_use]
pub fn when(lang: Lang, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (day, today) = (local(at).date(), local(now).date());
    if day == today {
        return match lang {
            Lang::ZhCn => format!("今天 {}", time(at)),
            Lang::En => format!("today, {}", time(at)),
        };
    }
    datetime(lang, at, day.year() != today.year())
}

/// The end of a validity, which is exclusive: midnight reads as 24:00 of the day before, as on Chinese documents.
#[must_use]
pub fn until(lang: Lang, end: DateTime<Utc>, year: bool) -> String {
    if !is_midnight(end) {
        return datetime(lang, end, year);
    }
    joined(lang, &date(lang, last_day(end), year), "24:00")
}

/// A deadline as the last moment that counts: `12 月 11 日（星期五）24:00` / `Friday 11 December, 24:00`. The sentence
/// around it says 前 or "by". The year is added when it is not that of `now`; it is never "today", because a message
/// may be read on another day than it was written.
#[must_use]
pub fn deadline(lang: Lang, end: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let day = last_day(end);
    let (written, weekday) = (date(lang, day, day.year() != local(now).year()), weekday(lang, day));
    let time = if is_midnight(end) { "24:00".to_owned() } else { time(end) };
    match lang {
        Lang::ZhCn => format!("{written}（{weekday}）{time}"),
        Lang::En => format!("{weekday} {written}, {time}"),
    }
}

/// The same of a limit in working days: it says so when the holidays of that year are not announced yet.
#[must_use]
pub fn limit(lang: Lang, end: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let written = deadline(lang, end, now);
    if is_announced(end) { written } else { t(lang, "limit-provisional", &[("limit", written.into())]) }
}

/// The last day of which something counts that ends at `end` (exclusive): for midnight the day before.
#[must_use]
pub fn last_day(end: DateTime<Utc>) -> NaiveDate {
    let day = local(end).date();
    if is_midnight(end) { day.pred_opt().unwrap_or(day) } else { day }
}

fn is_midnight(at: DateTime<Utc>) -> bool {
    local(at).num_seconds_from_midnight() == 0
}

/// `星期四` / `Thursday`.
#[must_use]
pub fn weekday(lang: Lang, day: NaiveDate) -> &'static str {
    use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    match (lang, day.weekday()) {
        (Lang::ZhCn, Mon) => "星期一",
        (Lang::ZhCn, Tue) => "星期二",
        (Lang::ZhCn, Wed) => "星期三",
        (Lang::ZhCn, Thu) => "星期四",
        (Lang::ZhCn, Fri) => "星期五",
        (Lang::ZhCn, Sat) => "星期六",
        (Lang::ZhCn, Sun) => "星期日",
        (Lang::En, Mon) => "Monday",
        (Lang::En, Tue) => "Tuesday",
        (Lang::En, Wed) => "Wednesday",
        (Lang::En, Thu) => "Thursday",
        (Lang::En, Fri) => "Friday",
        (Lang::En, Sat) => "Saturday",
        (Lang::En, Sun) => "Sunday",
    }
}

/// `5,600`; both languages group by thousands.
#[must_use]
pub fn number(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its own fraction digits: `5,600`, `36.5`.
#[must_use]
pub fn decimal(n: f64) -> String {
    let plain = n.to_string();
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), ""), |(w, f)| (w, f));
    let Ok(whole) = whole.parse::<i64>() else { return plain };
    let sign = if whole == 0 && n < 0.0 { "-" } else { "" };
    if fraction.is_empty() {
        format!("{sign}{}", number(whole))
    } else {
        format!("{sign}{}.{fraction}", number(whole))
    }
}

/// A span in its two largest units: `1 天 3 小时`, `6 小时 43 分钟`, `32 分钟` / `1 day 3 hours`. Ten hours and more
/// drop the minutes, because nobody plans by them. A negative span reads as its size; less than a minute as one.
///
/// For the statutory clock the span counts the time of working days only, 24 hours to a day.
#[must_use]
pub fn duration(lang: Lang, span: TimeDelta) -> String {
    let minutes = span.num_minutes().unsigned_abs().max(1);
    let (days, hours, rest) = (minutes / 1440, minutes % 1440 / 60, minutes % 60);
    let units: [(u64, Unit); 2] = if days > 0 {
        [(days, Unit::Day), (hours, Unit::Hour)]
    } else if hours >= 10 {
        [(hours, Unit::Hour), (0, Unit::Minute)]
    } else {
        [(hours, Unit::Hour), (rest, Unit::Minute)]
    };
    let words: Vec<String> = units.iter().filter(|(n, _)| *n > 0).map(|(n, u)| u.word(lang, *n)).collect();
    words.join(" ")
}

/// How long to wait, never less than it is: seconds below a minute, else minutes, from ten hours on hours, each begun one
/// whole: `2 秒`, `3 分钟`, `11 小时` / `2 seconds`.
#[must_use]
pub fn wait(lang: Lang, seconds: i64) -> String {
    let seconds = seconds.unsigned_abs().max(1);
    let (minutes, hours) = (seconds.div_ceil(60), seconds.div_ceil(3600));
    if seconds < 60 {
        return Unit::Second.word(lang, seconds);
    }
    let whole = if minutes > 600 { hours.saturating_mul(60) } else { minutes };
    let span = i64::try_from(whole).ok().and_then(TimeDelta::try_minutes);
    duration(lang, span.unwrap_or(TimeDelta::MAX))
}

#[derive(Clone, Copy)]
enum Unit {
    Day,
    Hour,
    Minute,
    Second,
}

impl Unit {
    fn word(self, lang: Lang, n: u64) -> String {
        let (zh, one, many) = match self {
            Unit::Day => ("天", "day", "days"),
            Unit::Hour => ("小时", "hour", "hours"),
            Unit::Minute => ("分钟", "minute", "minutes"),
            Unit::Second => ("秒", "second", "seconds"),
        };
        match lang {
            Lang::ZhCn => format!("{n} {zh}"),
            Lang::En if n == 1 => format!("{n} {one}"),
            Lang::En => format!("{n} {many}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn dates_follow_the_language() {
        let moment = at("2020-03-12T02:32:15Z");
        assert_eq!(datetime(Lang::ZhCn, moment, false), "3 月 12 日 10:32");
        assert_eq!(datetime(Lang::ZhCn, moment, true), "2020 年 3 月 12 日 10:32");
        assert_eq!(datetime(Lang::En, moment, false), "12 March, 10:32");
        assert_eq!(datetime(Lang::En, moment, true), "12 March 2020, 10:32");
        assert_eq!(clock(moment), "10:32:15");
        assert_eq!(weekday(Lang::ZhCn, local(moment).date()), "星期四");
    }

    #[test]
    fn the_day_turns_at_midnight_in_shanghai() {
        let now = at("2020-03-12T15:59:59Z");
        assert_eq!(when(Lang::ZhCn, at("2020-03-11T16:00:00Z"), now), "今天 00:00");
        assert_eq!(when(Lang::ZhCn, at("2020-03-12T16:00:00Z"), now), "3 月 13 日 00:00");
        assert_eq!(when(Lang::En, at("2019-12-31T15:00:00Z"), now), "31 December 2019, 23:00");
    }

    #[test]
    fn a_validity_ends_at_24_00_of_its_last_day() {
        assert_eq!(until(Lang::ZhCn, at("2020-03-26T16:00:00Z"), false), "3 月 26 日 24:00");
        assert_eq!(until(Lang::En, at("2020-03-26T16:00:00Z"), true), "26 March 2020, 24:00");
        assert_eq!(until(Lang::ZhCn, at("2020-03-26T15:00:00Z"), false), "3 月 26 日 23:00");
    }

    #[test]
    fn a_deadline_is_the_last_moment_that_counts() {
        let now = at("2020-11-29T00:00:00Z");
        let cases = [
            ("2020-12-11T16:00:00Z", "12 月 11 日（星期五）24:00", "Friday 11 December, 24:00"),
            ("2020-12-12T15:59:00Z", "12 月 12 日（星期六）23:59", "Saturday 12 December, 23:59"),
            ("2020-11-29T02:30:59Z", "11 月 29 日（星期日）10:30", "Sunday 29 November, 10:30"),
            // The last midnight of the year is still of the year; one minute later is not.
            ("2020-12-31T16:00:00Z", "12 月 31 日（星期四）24:00", "Thursday 31 December, 24:00"),
            ("2020-12-31T16:01:00Z", "2021 年 1 月 1 日（星期五）00:01", "Friday 1 January 2021, 00:01"),
            ("2019-12-31T16:00:00Z", "2019 年 12 月 31 日（星期二）24:00", "Tuesday 31 December 2019, 24:00"),
        ];
        for (end, zh, en) in cases {
            assert_eq!(deadline(Lang::ZhCn, at(end), now), zh);
            assert_eq!(deadline(Lang::En, at(end), now), en);
        }
    }

    #[test]
    fn a_limit_says_when_it_rests_on_holidays_that_are_not_announced() {
        let (now, last) = (at("2026-12-28T02:00:00Z"), "2026-12-31T16:00:00Z");
        assert_eq!(limit(Lang::ZhCn, at(last), now), deadline(Lang::ZhCn, at(last), now));
        assert_eq!(
            limit(Lang::ZhCn, at("2027-01-05T16:00:00Z"), now),
            "2027 年 1 月 5 日（星期二）24:00（暂定，该年放假安排尚未公布）"
        );
        assert_eq!(
            limit(Lang::En, at("2027-01-05T16:00:00Z"), now),
            "Tuesday 5 January 2027, 24:00 (provisional: the holidays of that year are not announced yet)"
        );
    }

    #[test]
    fn durations_keep_two_units() {
        let m = TimeDelta::minutes;
        assert_eq!(duration(Lang::ZhCn, m(1440 + 180 + 59)), "1 天 3 小时");
        assert_eq!(duration(Lang::ZhCn, m(2880)), "2 天");
        assert_eq!(duration(Lang::ZhCn, m(-82)), "1 小时 22 分钟");
        assert_eq!(duration(Lang::ZhCn, m(18 * 60 + 5)), "18 小时");
        assert_eq!(duration(Lang::En, m(1441 + 60)), "1 day 1 hour");
        assert_eq!(duration(Lang::En, m(0)), "1 minute");
    }

    #[test]
    fn a_wait_is_never_shorter_than_it_is() {
        for (seconds, zh, en) in [
            (0, "1 秒", "1 second"),
            (2, "2 秒", "2 seconds"),
            (59, "59 秒", "59 seconds"),
            (60, "1 分钟", "1 minute"),
            (61, "2 分钟", "2 minutes"),
            (3599, "1 小时", "1 hour"),
            (3601, "1 小时 1 分钟", "1 hour 1 minute"),
            (36_001, "11 小时", "11 hours"),
            (86_401, "1 天 1 小时", "1 day 1 hour"),
        ] {
            assert_eq!((wait(Lang::ZhCn, seconds), wait(Lang::En, seconds)), (zh.into(), en.into()));
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(0), "0");
        assert_eq!(number(-1_234_567), "-1,234,567");
        assert_eq!(number(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!(decimal(36.5), "36.5");
        assert_eq!(decimal(5600.0), "5,600");
        assert_eq!(decimal(-0.5), "-0.5");
    }

    proptest! {
        #[test]
        fn grouping_loses_no_digit(n in any::<i64>()) {
            prop_assert_eq!(number(n).replace(',', "").parse::<i64>().unwrap(), n);
        }

        #[test]
        fn every_span_has_a_reading(minutes in -10_000_000_i64..10_000_000) {
            for lang in Lang::ALL {
                prop_assert!(!duration(lang, TimeDelta::minutes(minutes)).is_empty());
            }
        }
    }
}
