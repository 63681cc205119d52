//! Date-times as CertLogic knows them: a count of milliseconds, read from a closed list of forms and moved
//! by setting a calendar field and letting it overflow. The forms and the overflow rule are those of the
//! CertLogic 1.3.3 specification (section on `plusTime`); they differ from what a date library offers,
//! which is why the arithmetic is here: 2020-02-29 + 1 year is 2021-03-01, not 2021-02-28.

use std::fmt;

/// A moment: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

/// What `plusTime` can add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Calendar years; 29 February overflows to 1 March.
    Year,
    /// Calendar months; 31 January + 1 month overflows into March.
    Month,
    /// Days of 24 hours.
    Day,
    /// Hours.
    Hour,
}

impl Unit {
    /// The unit named `year`, `month`, `day` or `hour`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "year" => Some(Self::Year),
            "month" => Some(Self::Month),
            "day" => Some(Self::Day),
            "hour" => Some(Self::Hour),
            _ => None,
        }
    }
}

/// Why a text is not a date-time, or a sum has no date-time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateTimeError {
    /// The text has none of the allowed forms.
    #[error("the text has none of the allowed date or date-time forms")]
    Form,
    /// The text has an allowed form but names a day or an hour that does not exist.
    #[error("the text names a day or a time that does not exist")]
    NoSuchDay,
    /// The result lies outside the years −271821 to 275760, the range of the reference implementation.
    #[error("the date-time is out of range")]
    Range,
}

const MS_PER_SECOND: i64 = 1_000;
const MS_PER_MINUTE: i64 = 60 * MS_PER_SECOND;
const MS_PER_HOUR: i64 = 60 * MS_PER_MINUTE;
const MS_PER_DAY: i64 = 24 * MS_PER_HOUR;
/// 100 million days on either side of the epoch: ECMA-262, "Time Values and Time Range".
const MAX_MS: i64 = 100_000_000 * MS_PER_DAY;

/// Days from 1970-01-01 to the given day of the proleptic Gregorian calendar; `month` is 1-12, and `day`
/// may lie outside its month, in which case it counts on.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years are counted from March, so that the leap day is the last of its year.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`]: year, month (1-12), day (1-31).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month, doy - (153 * mp + 2) / 5 + 1)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Reads a text from its front, byte by byte.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn digits(&mut self, count: usize) -> Result<i64, DateTimeError> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(DateTimeError::Form)?;
        let mut number = 0;
        for byte in head {
            if !byte.is_ascii_digit() {
                return Err(DateTimeError::Form);
            }
            number = number * 10 + i64::from(byte - b'0');
        }
        self.0 = tail;
        Ok(number)
    }

    fn literal(&mut self, byte: u8) -> Result<(), DateTimeError> {
        if self.skip(byte) { Ok(()) } else { Err(DateTimeError::Form) }
    }

    fn skip(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, tail)) if *first == byte => {
                self.0 = tail;
                true
            }
            _ => false,
        }
    }

    fn at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// `.S…` as milliseconds; digits beyond the third are cut.
    fn fraction(&mut self) -> Result<i64, DateTimeError> {
        if !self.skip(b'.') {
            return Ok(0);
        }
        let (mut ms, mut place, mut seen) = (0, 100, false);
        while let Some((byte, tail)) = self.0.split_first().filter(|(b, _)| b.is_ascii_digit()) {
            ms += i64::from(byte - b'0') * place;
            place /= 10;
            seen = true;
            self.0 = tail;
        }
        if seen { Ok(ms) } else { Err(DateTimeError::Form) }
    }

    /// Nothing, `Z`, or `±h`, `±hh`, `±hmm`, `±hhmm`, `±h:mm`, `±hh:mm`, as milliseconds east of UTC.
    fn offset(&mut self) -> Result<i64, DateTimeError> {
        if self.at_end() || self.skip(b'Z') {
            return Ok(0);
        }
        let sign = if self.skip(b'-') {
            -1
        } else {
            self.literal(b'+')?;
            1
        };
        let length = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        let hours = self.digits(if length == 1 || length == 3 { 1 } else { 2 })?;
        let minutes = if self.skip(b':') {
            self.digits(2)?
        } else if self.at_end() {
            0
        } else {
            self.digits(2)?
        };
        if hours > 23 || minutes > 59 {
            return Err(DateTimeError::NoSuchDay);
        }
        Ok(sign * (hours * MS_PER_HOUR + minutes * MS_PER_MINUTE))
    }
}

impl Millis {
    /// Reads any form `plusTime` allows: `YYYY` and `YYYY-MM` (their **last** day), `YYYY-MM-DD`, and
    /// date-times with optional fraction and offset. A missing time is midnight, a missing offset is `Z`.
    ///
    /// # Errors
    /// The text has another form, or names a day or time that does not exist.
    pub fn parse(text: &str) -> Result<Self, DateTimeError> {
        let mut reader = Reader(text.as_bytes());
        let days = parse_day(&mut reader)?;
        if reader.at_end() {
            return Ok(Self(days * MS_PER_DAY));
        }
        reader.literal(b'T')?;
        let hour = reader.digits(2)?;
        reader.literal(b':')?;
        let minute = reader.digits(2)?;
        reader.literal(b':')?;
        let second = reader.digits(2)?;
        let fraction = reader.fraction()?;
        let offset = reader.offset()?;
        if !reader.at_end() {
            return Err(DateTimeError::Form);
        }
        let end_of_day = hour == 24 && minute == 0 && second == 0 && fraction == 0;
        if !(hour < 24 || end_of_day) || minute > 59 || second > 59 {
            return Err(DateTimeError::NoSuchDay);
        }
        let time = hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND + fraction;
        Ok(Self(days * MS_PER_DAY + time - offset))
    }

    /// Reads a date of birth, which may be partial (`YYYY`, `YYYY-MM`, `YYYY-MM-DD`): the last day that
    /// agrees with it, at midnight UTC (`dccDateOfBirth`).
    ///
    /// # Errors
    /// The text has another form, or names a day that does not exist.
    pub fn parse_birth_date(text: &str) -> Result<Self, DateTimeError> {
        let mut reader = Reader(text.as_bytes());
        let days = parse_day(&mut reader)?;
        if reader.at_end() { Ok(Self(days * MS_PER_DAY)) } else { Err(DateTimeError::Form) }
    }

    /// Adds `amount` of a unit as a calendar does whose field is set and then normalised.
    ///
    /// # Errors
    /// The result is out of range.
    pub fn plus(self, amount: i64, unit: Unit) -> Result<Self, DateTimeError> {
        // No sum inside the range can come from more hours than the whole range has.
        let limit = 2 * (MAX_MS / MS_PER_HOUR);
        if !(-limit..=limit).contains(&amount) {
            return Err(DateTimeError::Range);
        }
        let days = self.0.div_euclid(MS_PER_DAY);
        let time = self.0.rem_euclid(MS_PER_DAY);
        let ms = match unit {
            Unit::Hour => self.0.checked_add(amount * MS_PER_HOUR),
            Unit::Day => amount.checked_mul(MS_PER_DAY).and_then(|ms| ms.checked_add(self.0)),
            Unit::Month => plus_months(days, amount).checked_mul(MS_PER_DAY).map(|d| d + time),
            Unit::Year => plus_months(days, amount * 12).checked_mul(MS_PER_DAY).map(|d| d + time),
        };
        ms.filter(|ms| (-MAX_MS..=MAX_MS).contains(ms)).map(Self).ok_or(DateTimeError::Range)
    }
}

/// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD` as days since the epoch; a partial date means its last day.
fn parse_day(reader: &mut Reader<'_>) -> Result<i64, DateTimeError> {
    let year = reader.digits(4)?;
    if reader.at_end() {
        return Ok(days_from_civil(year, 12, 31));
    }
    reader.literal(b'-')?;
    let month = reader.digits(2)?;
    if !(1..=12).contains(&month) {
        return Err(DateTimeError::NoSuchDay);
    }
    let last = days_in_month(year, month);
    if reader.at_end() {
        return Ok(days_from_civil(year, month, last));
    }
    reader.literal(b'-')?;
    let day = reader.digits(2)?;
    if (1..=last).contains(&day) {
        Ok(days_from_civil(year, month, day))
    } else {
        Err(DateTimeError::NoSuchDay)
    }
}

fn plus_months(days: i64, months: i64) -> i64 {
    let (year, month, day) = civil_from_days(days);
    let total = year * 12 + (month - 1) + months;
    days_from_civil(total.div_euclid(12), total.rem_euclid(12) + 1, day)
}

impl fmt::Display for Millis {
    /// `2021-05-04T00:00:00.000Z`; years outside 0 to 9999 have a sign and six digits (ECMA-262).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(MS_PER_DAY));
        let time = self.0.rem_euclid(MS_PER_DAY);
        if (0..=9999).contains(&year) {
            write!(f, "{year:04}")?;
        } else {
            write!(f, "{}{:06}", if year < 0 { '-' } else { '+' }, year.abs())?;
        }
        let (hour, minute) = (time / MS_PER_HOUR, time / MS_PER_MINUTE % 60);
        let (second, ms) = (time / MS_PER_SECOND % 60, time % MS_PER_SECOND);
        write!(f, "-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Datelike, NaiveDate, Utc};
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        Millis::parse(text).unwrap().to_string()
    }

    fn plus(text: &str, amount: i64, unit: Unit) -> String {
        Millis::parse(text).unwrap().plus(amount, unit).unwrap().to_string()
    }

    #[test]
    fn every_allowed_form_is_read() {
        for (text, expected) in [
            ("2021", "2021-12-31T00:00:00.000Z"),
            ("2004-02", "2004-02-29T00:00:00.000Z"),
            ("1900-02", "1900-02-28T00:00:00.000Z"),
            ("2021-05-04", "2021-05-04T00:00:00.000Z"),
            ("2021-08-01T00:00:00", "2021-08-01T00:00:00.000Z"),
            ("2021-05-04T13:37:42Z", "2021-05-04T13:37:42.000Z"),
            ("2021-08-01T00:00:00+1", "2021-07-31T23:00:00.000Z"),
            ("2021-08-01T00:00:00+01", "2021-07-31T23:00:00.000Z"),
            ("2021-08-01T00:00:00-130", "2021-08-01T01:30:00.000Z"),
            ("2021-08-01T00:00:00-0130", "2021-08-01T01:30:00.000Z"),
            ("2021-08-01T00:00:00+1:00", "2021-07-31T23:00:00.000Z"),
            ("2021-08-01T00:00:00+08:00", "2021-07-31T16:00:00.000Z"),
            ("2021-08-01T00:00:00.1Z", "2021-08-01T00:00:00.100Z"),
            ("2021-08-01T00:00:00.0129999+00:00", "2021-08-01T00:00:00.012Z"),
            ("2021-08-01T24:00:00Z", "2021-08-02T00:00:00.000Z"),
            ("0000-01-01", "0000-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn other_forms_and_days_that_do_not_exist_are_refused() {
        for text in [
            "",
            "21",
            "2021-1",
            "2021-1-1",
            "2021-05-04 00:00:00",
            "2021-05-04T00:00",
            "20210504",
            "2021-05-04T",
        ] {
            assert_eq!(Millis::parse(text), Err(DateTimeError::Form), "{text}");
        }
        for text in [
            "2021-05-04T00:00:00.Z",
            "2021-05-04T00:00:00+",
            "2021-05-04T00:00:00+1:0",
            "2021-05-04T00:00:00Zx",
        ] {
            assert_eq!(Millis::parse(text), Err(DateTimeError::Form), "{text}");
        }
        for text in [
            "2022-13",
            "2021-09-99",
            "2021-02-29",
            "2021-00-01",
            "2021-01-01T25:00:00Z",
            "2021-01-01T00:60:00Z",
        ] {
            assert_eq!(Millis::parse(text), Err(DateTimeError::NoSuchDay), "{text}");
        }
        assert_eq!(Millis::parse_birth_date("2021-05-04T00:00:00Z"), Err(DateTimeError::Form));
    }

    #[test]
    fn fields_overflow_as_in_the_specification() {
        assert_eq!(plus("2020-02-29", 1, Unit::Day), "2020-03-01T00:00:00.000Z");
        assert_eq!(plus("2020-02-29", 1, Unit::Month), "2020-03-29T00:00:00.000Z");
        assert_eq!(plus("2020-02-29", 1, Unit::Year), "2021-03-01T00:00:00.000Z");
        assert_eq!(plus("2021-01-31", 1, Unit::Month), "2021-03-03T00:00:00.000Z");
        assert_eq!(plus("2021-12-01", -12, Unit::Month), "2020-12-01T00:00:00.000Z");
        assert_eq!(plus("2021-06-23", -72, Unit::Hour), "2021-06-20T00:00:00.000Z");
        assert_eq!(plus("9999-12-31", 1, Unit::Day), "+010000-01-01T00:00:00.000Z");
        assert_eq!(plus("0000-01-01", -1, Unit::Day), "-000001-12-31T00:00:00.000Z");
        for unit in [Unit::Year, Unit::Month, Unit::Day, Unit::Hour] {
            assert_eq!(Millis(0).plus(i64::MAX, unit), Err(DateTimeError::Range));
            assert_eq!(Millis(0).plus(i64::MIN, unit), Err(DateTimeError::Range));
            assert_eq!(Millis(0).plus(4_700_000_000, unit), Err(DateTimeError::Range));
        }
    }

    proptest! {
        #[test]
        fn agrees_with_chrono(secs in -60_000_000_000_i64..250_000_000_000, months in -600_i64..600) {
            let at = DateTime::<Utc>::from_timestamp(secs, 0).unwrap();
            let ours = Millis::parse(&at.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap();
            prop_assert_eq!(ours.0, at.timestamp_millis());
            let moved = ours.plus(months, Unit::Month).unwrap();
            let total = i64::from(at.year()) * 12 + i64::from(at.month0()) + months;
            let first = NaiveDate::from_ymd_opt(
                i32::try_from(total.div_euclid(12)).unwrap(), u32::try_from(total.rem_euclid(12)).unwrap() + 1, 1).unwrap();
            let day = first + chrono::Days::new(u64::from(at.day0()));
            prop_assert_eq!(moved.0, day.and_time(at.time()).and_utc().timestamp_millis());
        }

        #[test]
        fn never_panics(text in "\\PC{0,30}", amount: i64) {
            if let Ok(at) = Millis::parse(&text) {
                for unit in [Unit::Year, Unit::Month, Unit::Day, Unit::Hour] {
                    let _ = at.plus(amount, unit).map(|t| t.to_string());
                }
            }
        }
    }
}
