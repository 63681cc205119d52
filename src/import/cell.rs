//! What a spreadsheet makes of a cell before we see it.

use std::fmt::Write;

/// Whole numbers up to this a spreadsheet keeps as they were typed: it has fifteen digits.
const EXACT: f64 = 1e15;
/// What stands in a cell whose formula failed.
const FAILED: [&str; 9] =
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#GETTING_DATA"];

/// A number as people read it. One of more digits than a spreadsheet keeps is written as it would show it, so that it is
/// not taken for what was typed: `5.10105E+17`.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "#NUM!".to_owned();
    }
    if value.abs() >= EXACT {
        return format!("{value:E}").replacen('E', "E+", 1);
    }
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value}") }
}

/// A moment as people write it; of a day without a time only the day, of a time without a day only that.
pub(super) fn moment((year, month, day, hour, minute, second): (u16, u8, u8, u8, u8, u8)) -> String {
    let mut text = String::new();
    // A time of no day is one of the last day before the spreadsheet's first.
    let timed = (hour, minute, second) != (0, 0, 0);
    let is_day = year > 1899;
    if is_day {
        let _ = write!(text, "{year:04}-{month:02}-{day:02}");
    }
    if timed || !is_day {
        let between = if is_day { " " } else { "" };
        let _ = write!(text, "{between}{hour:02}:{minute:02}");
        if second > 0 {
            let _ = write!(text, ":{second:02}");
        }
    }
    text
}

/// What a spreadsheet has lost of a cell, in which a number was typed: a code.
#[must_use]
pub fn lost(cell: &str) -> Option<&'static str> {
    if FAILED.contains(&cell.to_uppercase().as_str()) {
        return Some("import-cell-failed");
    }
    is_shortened(cell).then_some("import-cell-shortened")
}

/// `5.10105E+17`: of a long number only its first digits.
fn is_shortened(cell: &str) -> bool {
    let Some((front, power)) = cell.split_once(['E', 'e']) else { return false };
    let (whole, part) = front.split_once('.').unwrap_or((front, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let power = power.strip_prefix('+');
    whole.len() == 1 && digits(whole) && digits(part) && power.is_some_and(|p| p.len() <= 3 && digits(p))
}

/// Whether a long number ends as a spreadsheet leaves it that has kept fifteen digits of it.
#[must_use]
pub fn is_rounded(digits: &str) -> bool {
    digits.len() > 15
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.bytes().skip(15).all(|b| b == b'0')
}

/// What can be shown of a personal value that was typed wrong: enough to find the cell.
#[must_use]
pub fn masked(cell: &str) -> String {
    let count = cell.chars().count();
    let (front, back) = if count >= 8 { (3, 2) } else { (1, 0) };
    let hidden = count.saturating_sub(front + back).min(20);
    let first: String = cell.chars().take(front).collect();
    let last: String = cell.chars().skip(count.saturating_sub(back)).collect();
    format!("{first}{}{last}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_was_typed_or_say_that_they_are_not() {
        for (value, shown) in [
            (13_800_138_000.0, "13800138000"),
            (3.0, "3"),
            (0.0, "0"),
            (-2.5, "-2.5"),
            (37.2, "37.2"),
            (999_999_999_999_999.0, "999999999999999"),
            (510_105_194_912_310_021.0, "5.1010519491231E+17"),
            (f64::NAN, "#NUM!"),
        ] {
            let text = number(value);
            assert!(text == shown || (value > 1e17 && text.starts_with("5.10105194912310")), "{text}");
        }
        assert_eq!(lost(&number(510_105_194_912_310_021.0)), Some("import-cell-shortened"));
        assert_eq!(lost(&number(999_999_999_999_999.0)), None);
    }

    #[test]
    fn what_was_shortened_is_told_from_what_only_looks_like_it() {
        for cell in ["5.10105E+17", "5.1E+17", "5E+17", "5.10105194912310e+17"] {
            assert_eq!(lost(cell), Some("import-cell-shortened"), "{cell}");
        }
        for cell in ["E1234567", "5E17", "12.3E+4", "5.1E+", "5.1E+1234", "1E-3", "", "E", "张E+1", "5.E+17"]
        {
            assert_eq!(lost(cell), None, "{cell}");
        }
        assert_eq!(
            (lost("#N/A"), lost("#ref!"), lost("#1")),
            (Some("import-cell-failed"), Some("import-cell-failed"), None)
        );
        assert!(is_rounded("510105194912310000"));
        assert!(!is_rounded("510105194912310021") && !is_rounded("51010519491231000X"));
        assert!(!is_rounded("510105194912310"));
    }

    #[test]
    fn days_and_times_are_written_as_people_do() {
        assert_eq!(moment((2020, 3, 12, 0, 0, 0)), "2020-03-12");
        assert_eq!(moment((2020, 3, 12, 8, 5, 0)), "2020-03-12 08:05");
        assert_eq!(moment((1899, 12, 31, 8, 5, 9)), "08:05:09");
    }

    #[test]
    fn a_masked_value_can_be_found_and_not_read() {
        assert_eq!(masked("11010519491231002X"), "110*************2X");
        assert_eq!(
            (masked("张三").as_str(), masked("").as_str(), masked("1380").as_str()),
            ("张*", "", "1***")
        );
    }
}
