//! Times on the command line.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// Read a time as RFC 3339 writes it, with any number of fraction digits; an offset may lack its colon, a missing
/// offset means UTC, and a date alone means its first moment.
///
/// # Errors
/// A sentence for the user.
pub fn parse(text: &str) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.with_timezone(&Utc));
    }
    let upper = text.to_ascii_uppercase().replacen(' ', "T", 1);
    for format in ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"] {
        if let Ok(time) = DateTime::parse_from_str(&upper, format) {
            return Ok(time.with_timezone(&Utc));
        }
    }
    let bare = upper.strip_suffix('Z').unwrap_or(&upper);
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(bare, format) {
            return Ok(time.and_utc());
        }
    }
    NaiveDate::parse_from_str(bare, "%Y-%m-%d")
        .map(|date| date.and_time(NaiveTime::MIN).and_utc())
        .map_err(|_| "not a time such as 2026-02-20T08:00:00+08:00".to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn many_ways_to_write_a_moment() {
        for text in [
            "2021-05-03T18:00:00Z",
            "2021-05-03t18:00:00z",
            "2021-05-03T20:00:00+02:00",
            "2021-05-03T20:00:00+0200",
            "2021-05-03T20:00:00.000000000000+02",
            "2021-05-03T18:00:00",
            "2021-05-03 18:00:00.000",
            "2021-05-03T18:00",
            "2021-05-03T18:00Z",
            "2021-05-03T13:00:00.0-05:00",
        ] {
            assert_eq!(parse(text).unwrap().timestamp(), 1_620_064_800, "{text}");
        }
        assert_eq!(parse("2021-05-03").unwrap().timestamp(), 1_620_000_000);
        assert_eq!(parse("2021-05-21T12:26:07.3900791234Z").unwrap().timestamp_subsec_micros(), 390_079);
        for text in ["", "yesterday", "2021-13-01", "2021-05-03T25:00:00Z", "2021-02-29"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
