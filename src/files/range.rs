//! Which part of a file a client asks for (RFC 9110, section 14), so that a saving that was cut off goes on where it stopped.
//!
//! One part is served. What cannot be read as a range, another unit, and several ranges at once are answered as if none had
//! been asked for, which the RFC allows: the whole file is always right.

use std::ops::Range;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// These bytes, at least one.
    Bytes(Range<u64>),
    /// Nothing: the file has no such bytes.
    Nowhere,
}

/// What is asked of a file of a size. `tag` is its entity tag; of a client that has a part of another file under
/// `If-Range`, the whole is what it needs.
pub(super) fn asked(range: Option<&str>, if_range: Option<&str>, tag: &str, size: u64) -> Part {
    // A weak tag, a date and a list of tags are never what `tag` is (RFC 9110, 13.1.5).
    if if_range.is_some_and(|seen| seen.trim() != tag) {
        return Part::Whole;
    }
    range.and_then(|range| read(range, size)).unwrap_or(Part::Whole)
}

fn read(range: &str, size: u64) -> Option<Part> {
    let (unit, set) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    // A recipient passes over empty elements of a list (RFC 9110, 5.6.1.2).
    let mut all = set.split(',').map(str::trim).filter(|one| !one.is_empty());
    let (one, None) = (all.next()?, all.next()) else { return None };
    let (first, last) = one.split_once('-')?;
    let (start, end) = match (first, last) {
        ("", suffix) => (size.saturating_sub(digits(suffix)?), size),
        (first, "") => (digits(first)?, size),
        (first, last) => {
            let (first, last) = (digits(first)?, digits(last)?);
            if last < first {
                return None;
            }
            (first, last.saturating_add(1).min(size))
        }
    };
    Some(if start < end { Part::Bytes(start..end) } else { Part::Nowhere })
}

/// A number of any length; what is larger than all files stays so.
fn digits(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TAG: &str = "\"0192\"";

    fn of(range: &str) -> Part {
        asked(Some(range), None, TAG, 1000)
    }

    #[test]
    fn one_range_is_read_as_the_rfc_has_it() {
        for (range, part) in [
            ("bytes=0-499", 0..500),
            ("bytes=500-999", 500..1000),
            ("bytes=500-", 500..1000),
            ("bytes=-500", 500..1000),
            ("bytes=-5000", 0..1000),
            ("bytes=0-0", 0..1),
            ("bytes=999-", 999..1000),
            ("bytes=0-99999999999999999999999999", 0..1000),
            ("bytes=0-18446744073709551615", 0..1000),
            ("Bytes = 1-2", 1..3),
            ("bytes=, 1-2 ,", 1..3),
        ] {
            assert_eq!(of(range), Part::Bytes(part), "{range}");
        }
    }

    #[test]
    fn what_is_not_there_is_said_and_what_is_no_range_is_none() {
        for range in ["bytes=1000-", "bytes=1000-1000", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(of(range), Part::Nowhere, "{range}");
        }
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=--1",
            "bytes=2-1",
            "bytes=+1-2",
            "bytes=1-+2",
            "bytes=1- 2",
            "bytes=1-2-3",
            "bytes=0x1-2",
            "bytes=１-2",
            "bytes=0-1,5-6",
            "pages=1-2",
            "seconds=1-",
        ] {
            assert_eq!(of(range), Part::Whole, "{range}");
        }
        assert_eq!(asked(None, None, TAG, 1000), Part::Whole);
        assert_eq!(asked(Some("bytes=0-"), None, TAG, 0), Part::Nowhere);
        assert_eq!(asked(Some("bytes=-1"), None, TAG, 0), Part::Nowhere);
    }

    #[test]
    fn a_part_of_another_file_is_never_sent() {
        let with = |seen| asked(Some("bytes=1-2"), Some(seen), TAG, 1000);
        assert_eq!(with(TAG), Part::Bytes(1..3));
        for seen in ["", "\"0193\"", "W/\"0192\"", "0192", "*", "Thu, 12 Mar 2020 02:32:00 GMT"] {
            assert_eq!(with(seen), Part::Whole, "{seen}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_never_empty_and_never_outside(range in ".{0,40}", size in 0_u64..3000) {
            for text in [range.clone(), format!("bytes={range}")] {
                if let Part::Bytes(part) = asked(Some(&text), None, TAG, size) {
                    prop_assert!(part.start < part.end && part.end <= size);
                }
            }
        }

        #[test]
        fn two_numbers_are_a_part_wherever_they_meet_the_file(a in 0_u64..2000, b in 0_u64..2000) {
            let part = asked(Some(&format!("bytes={a}-{b}")), None, TAG, 1000);
            let expected = match (a <= b, a < 1000) {
                (false, _) => Part::Whole,
                (true, false) => Part::Nowhere,
                (true, true) => Part::Bytes(a..(b + 1).min(1000)),
            };
            prop_assert_eq!(part, expected);
        }
    }
}
