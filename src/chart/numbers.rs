//! Numbers that can be drawn, and how people read them.

use super::figure::Refused;
use crate::web::format;
use crate::web::i18n::Lang;

/// A finite number of at most a million milliards on either side of zero; never NaN, never a negative zero.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Num(f64);

impl Num {
    /// The furthest from zero: whole numbers up to here are exact.
    pub const MOST: f64 = 1e15;

    /// A number.
    ///
    /// # Errors
    /// [`Refused::Number`] for NaN, infinity and what is beyond [`Num::MOST`].
    pub fn new(value: f64) -> Result<Self, Refused> {
        if value.is_finite() && value.abs() <= Self::MOST {
            Ok(Self(value + 0.0))
        } else {
            Err(Refused::Number)
        }
    }

    /// A count.
    ///
    /// # Errors
    /// [`Refused::Number`] beyond [`Num::MOST`].
    pub fn count(value: i64) -> Result<Self, Refused> {
        Self::new(float(value))
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The same with so many decimals.
    pub(super) fn rounded(self, decimals: u8) -> Self {
        let written = self.plain(decimals);
        Self(written.parse::<f64>().unwrap_or(self.0) + 0.0)
    }

    /// Digits with a point, as programs read them: `-1234.5`.
    #[must_use]
    pub fn plain(self, decimals: u8) -> String {
        let written = format!("{:.*}", usize::from(decimals), self.0);
        let zero = written.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
        if zero { written.trim_start_matches('-').to_owned() } else { written }
    }

    /// As people read it: `-1,234.5`; both languages of the portal group by thousands.
    #[must_use]
    pub fn grouped(self, decimals: u8) -> String {
        let plain = self.plain(decimals);
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
        let whole = whole.parse().map_or_else(|_| whole.to_owned(), format::number);
        match fraction {
            Some(fraction) => format!("{sign}{whole}.{fraction}"),
            None => format!("{sign}{whole}"),
        }
    }
}

/// A whole number as a float; exact up to 2^53.
pub(super) fn float(value: i64) -> f64 {
    let (high, low) = (value >> 32, value & 0xffff_ffff);
    let (high, low) = (i32::try_from(high).unwrap_or(0), u32::try_from(low).unwrap_or(0));
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

/// A number of things as a float.
pub(super) fn size(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// The words of large numbers, the largest first.
const UNITS: [(Lang, f64, &str); 7] = [
    (Lang::ZhCn, 1e12, "万亿"),
    (Lang::ZhCn, 1e8, "亿"),
    (Lang::ZhCn, 1e4, "万"),
    (Lang::En, 1e12, "tn"),
    (Lang::En, 1e9, "bn"),
    (Lang::En, 1e6, "m"),
    (Lang::En, 1e4, "k"),
];

/// The number at a tick of an axis, short: `2.5万`, `1.2亿` / `25k`, `120m`. `step` is from one tick to the next, `most` the
/// furthest tick from zero: an axis has one unit.
pub(super) fn tick(lang: Lang, value: f64, step: f64, most: f64) -> String {
    let found = UNITS.iter().find(|(of, from, _)| *of == lang && most >= *from);
    let (size, word) = match found {
        // English thousands begin at ten thousand, and are divided by a thousand.
        Some((_, _, "k")) => (1e3, "k"),
        Some((_, size, word)) => (*size, *word),
        None => (1.0, ""),
    };
    let decimals = decimals(step / size);
    let written = Num(value / size).grouped(decimals);
    if value == 0.0 { "0".to_owned() } else { format!("{written}{word}") }
}

/// Decimals that a step of 1, 2 or 5 times a power of ten needs.
pub(super) fn decimals(step: f64) -> u8 {
    (0..=15_u8).find(|d| step >= 0.99 * 10_f64.powi(-i32::from(*d))).unwrap_or(15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn num(value: f64) -> Num {
        Num::new(value).unwrap()
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.1e15, -1.1e15] {
            assert_eq!(Num::new(value), Err(Refused::Number));
        }
        assert_eq!(Num::count(i64::MAX), Err(Refused::Number));
        assert_eq!(Num::count(-3).unwrap().get(), -3.0);
        assert_eq!(Num::count(1_000_000_000_000).unwrap().get(), 1e12);
        assert!(num(-0.0).get().is_sign_positive());
    }

    #[test]
    fn numbers_are_written_for_programs_and_for_people() {
        assert_eq!(
            (num(1e12).plain(0), num(1e12).grouped(0)),
            ("1000000000000".into(), "1,000,000,000,000".into())
        );
        assert_eq!((num(-1234.56).plain(1), num(-1234.56).grouped(1)), ("-1234.6".into(), "-1,234.6".into()));
        assert_eq!((num(-0.04).plain(1), num(-0.4).grouped(0)), ("0.0".into(), "0".into()));
        assert_eq!(num(-0.4).rounded(0).get(), 0.0);
        assert_eq!(num(2.345).rounded(2).get(), 2.35);
    }

    #[test]
    fn ticks_have_one_unit_in_the_words_of_the_language() {
        let both = |v, step, most| [Lang::ZhCn, Lang::En].map(|lang| tick(lang, v, step, most));
        assert_eq!(both(0.0, 5.0, 20.0), ["0", "0"]);
        assert_eq!(both(8000.0, 2000.0, 8000.0), ["8,000", "8,000"]);
        assert_eq!(both(25_000.0, 5000.0, 30_000.0), ["2.5万", "25k"]);
        assert_eq!(both(-200_000.0, 100_000.0, 200_000.0), ["-20万", "-200k"]);
        assert_eq!(both(2_000_000.0, 1_000_000.0, 4_000_000.0), ["200万", "2m"]);
        assert_eq!(both(1e12, 5e11, 1e12), ["1.0万亿", "1.0tn"]);
        assert_eq!(both(0.25, 0.05, 0.3), ["0.25", "0.25"]);
        assert_eq!((decimals(1.0), decimals(0.5), decimals(0.02), decimals(200.0)), (0, 1, 2, 0));
    }
}
