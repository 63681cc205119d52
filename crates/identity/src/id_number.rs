//! The citizen's identity number of GB 11643-1999: division, birth date, order number, check character.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::division::is_province_prefix;
use super::text::{compact, head, tail};

/// Sex as recorded in an identity document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Male: odd order number.
    Male,
    /// Female: even order number.
    Female,
}

impl Sex {
    /// Stable code, as stored and as used in message ids.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }
}

parse_errors! {
    /// Why a text is not an identity number.
    IdNumberError {
        /// Nothing was given.
        Empty => "id-number-empty", "the identity number is empty";
        /// The 15-digit number of the first generation of cards, out of use since 2013.
        FirstGeneration => "id-number-first-generation", "the identity number has 15 digits, of a card out of use since 2013";
        /// Not 18 characters.
        Length => "id-number-length", "the identity number does not have 18 characters";
        /// A character other than a digit, or an X that is not the last character.
        Character => "id-number-character", "the identity number holds a character that is not allowed there";
        /// The first two digits are no province.
        Province => "id-number-province", "the identity number does not begin with a province";
        /// Digits 7-14 are no date of the calendar, or one before 1850.
        BirthDate => "id-number-birth-date", "the identity number holds a birth date that does not exist";
        /// The birth date is later than today.
        FutureBirthDate => "id-number-future-birth-date", "the identity number holds a birth date in the future";
        /// The check character does not match the other seventeen.
        CheckDigit => "id-number-check-digit", "the identity number does not pass its check";
    }
}

/// A valid 18-character identity number, upper-case X.
///
/// Also the number of the residence permit for residents of Hong Kong, Macao and Taiwan, which has the same
/// form with the prefixes 810000, 820000 and 830000. Of the division only the first two digits are checked:
/// numbers are given for life and keep the codes of abolished counties.
///
/// Deserialising cannot know the date, so it does not repeat the check for a future birth date: values from
/// outside go through [`IdNumber::parse`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdNumber(String);

masked_text!(IdNumber, IdNumberError, parse_stored);

impl IdNumber {
    /// Parses what a person typed: spaces, hyphens, full-width digits and a lower-case x are accepted.
    /// `today` is the date in the portal's time zone.
    ///
    /// # Errors
    /// The first rule of GB 11643 that the text breaks.
    pub fn parse(input: &str, today: NaiveDate) -> Result<Self, IdNumberError> {
        let number = Self::parse_stored(input)?;
        if number.birth_date() > today {
            return Err(IdNumberError::FutureBirthDate);
        }
        Ok(number)
    }

    /// Parses a number that was accepted earlier: every rule but that of the future birth date.
    ///
    /// # Errors
    /// The first rule of GB 11643 that the text breaks.
    pub fn parse_stored(input: &str) -> Result<Self, IdNumberError> {
        let text = compact(input).to_ascii_uppercase();
        check_shape(&text)?;
        if !is_province_prefix(head(&text, 2)) && head(&text, 2) != "83" {
            return Err(IdNumberError::Province);
        }
        birth_of(&text).ok_or(IdNumberError::BirthDate)?;
        if check_char(head(&text, 17)) != text.chars().last() {
            return Err(IdNumberError::CheckDigit);
        }
        Ok(Self(text))
    }

    /// Builds the number for a division (six digits), birth date and order number (1-999).
    pub(super) fn compose(division: &str, birth: NaiveDate, order: u64) -> Option<Self> {
        let body = format!("{division}{}{:03}", birth.format("%Y%m%d"), order % 1000);
        let check = check_char(&body)?;
        Self::parse_stored(&format!("{body}{check}")).ok()
    }

    /// The number: 17 digits and a digit or `X`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Birth date, digits 7-14.
    #[must_use]
    pub fn birth_date(&self) -> NaiveDate {
        birth_of(&self.0).unwrap_or_default()
    }

    /// Sex by the order number's last digit: odd is male.
    #[must_use]
    pub fn sex(&self) -> Sex {
        match self.0.chars().nth(16).and_then(|c| c.to_digit(10)) {
            Some(digit) if digit % 2 == 1 => Sex::Male,
            _ => Sex::Female,
        }
    }

    /// The six digits of the division where the number was given; the division may have been abolished since.
    #[must_use]
    pub fn division_prefix(&self) -> &str {
        head(&self.0, 6)
    }

    /// Province and prefecture, then the last four: `6531 **** **** 0024`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{} **** **** {}", head(&self.0, 4), self.last_four())
    }

    /// The last four characters, which the gate compares with the card.
    #[must_use]
    pub fn last_four(&self) -> &str {
        tail(&self.0, 4)
    }
}

fn check_shape(text: &str) -> Result<(), IdNumberError> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    match text.chars().count() {
        0 => Err(IdNumberError::Empty),
        15 if digits == 15 => Err(IdNumberError::FirstGeneration),
        18 if digits == 18 || (digits == 17 && text.ends_with('X')) => Ok(()),
        18 => Err(IdNumberError::Character),
        _ => Err(IdNumberError::Length),
    }
}

/// The date in digits 7-14. Nobody born before 1850 is alive; such a date is a typing error, often two swapped groups.
fn birth_of(text: &str) -> Option<NaiveDate> {
    let number = |range| text.get(range).and_then(|part: &str| part.parse::<u32>().ok());
    let year = i32::try_from(number(6..10)?).ok().filter(|year| *year >= 1850)?;
    NaiveDate::from_ymd_opt(year, number(10..12)?, number(12..14)?)
}

/// Check character of GB 11643 (ISO 7064 MOD 11-2) for seventeen digits: weight of position i is 2^(18-i).
fn check_char(body: &str) -> Option<char> {
    let sum = body.chars().try_fold(0, |sum, c| Some((sum + c.to_digit(10)?) * 2 % 11))?;
    match (12 - sum) % 11 {
        10 => Some('X'),
        value => char::from_digit(value, 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sampler;
    use proptest::prelude::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2020, 3, 12).unwrap()
    }

    #[test]
    fn known_numbers() {
        let number = IdNumber::parse("11010519491231002X", today()).unwrap();
        assert_eq!(number.birth_date(), NaiveDate::from_ymd_opt(1949, 12, 31).unwrap());
        assert_eq!((number.sex(), number.division_prefix()), (Sex::Female, "110105"));
        assert_eq!((number.masked().as_str(), number.last_four()), ("1101 **** **** 002X", "002X"));
        assert_eq!(IdNumber::parse("360426199101010071", today()).unwrap().sex(), Sex::Male);
        assert_eq!(IdNumber::parse("360426199101010072", today()), Err(IdNumberError::CheckDigit));
    }

    #[test]
    fn spelling_variants_are_one_number() {
        let plain = IdNumber::parse("11010519491231002X", today()).unwrap();
        for variant in [
            "11010519491231002x",
            "110105 19491231 002X",
            "110105-19491231-002x",
            "１１０１０５１９４９１２３１００２ｘ\n",
        ] {
            assert_eq!(IdNumber::parse(variant, today()).unwrap(), plain);
        }
    }

    /// The body with the right check character, so that only the rule under test is broken.
    fn checked(body: &str) -> String {
        format!("{body}{}", check_char(body).unwrap())
    }

    #[test]
    fn each_rule_has_its_error() {
        let cases = [
            (String::new(), IdNumberError::Empty),
            ("110105491231002".into(), IdNumberError::FirstGeneration),
            ("1101051949123100".into(), IdNumberError::Length),
            ("1101051949123X0021".into(), IdNumberError::Character),
            ("1101051949123100２Y".into(), IdNumberError::Character),
            (checked("00010519491231002"), IdNumberError::Province),
            (checked("11010519000229002"), IdNumberError::BirthDate),
            (checked("11010519491301002"), IdNumberError::BirthDate),
            (checked("11010500011231002"), IdNumberError::BirthDate),
            (checked("11010520200313002"), IdNumberError::FutureBirthDate),
        ];
        for (text, error) in cases {
            assert_eq!(IdNumber::parse(&text, today()), Err(error), "{text}");
        }
        assert!(IdNumber::parse(&checked("11010520000229002"), today()).is_ok(), "2000 was a leap year");
        assert!(IdNumber::parse(&checked("11010520200312002"), today()).is_ok(), "born today");
    }

    #[test]
    fn debug_and_errors_hide_the_number() {
        let number = IdNumber::parse("11010519491231002X", today()).unwrap();
        assert_eq!(format!("{number:?}"), "IdNumber(1101 **** **** 002X)");
        let error = serde_json::from_str::<IdNumber>("\"360426199101010072\"").unwrap_err();
        assert!(!error.to_string().contains("1991"), "{error}");
    }

    proptest! {
        #[test]
        fn round_trip(seed: u64) {
            let number = Sampler::new(seed).id_number();
            prop_assert_eq!(&IdNumber::parse(number.as_str(), today()).unwrap(), &number);
            let json = serde_json::to_string(&number).unwrap();
            prop_assert_eq!(serde_json::from_str::<IdNumber>(&json).unwrap(), number);
        }

        // ISO 7064 MOD 11-2 promises both.
        #[test]
        fn every_single_digit_error_is_caught(seed: u64) {
            let number = Sampler::new(seed).id_number();
            for at in 0..18 {
                for digit in ('0'..='9').chain(Some('X')) {
                    let mut chars: Vec<char> = number.as_str().chars().collect();
                    if chars[at] != digit {
                        chars[at] = digit;
                        prop_assert!(IdNumber::parse_stored(&chars.iter().collect::<String>()).is_err());
                    }
                }
            }
        }

        #[test]
        fn every_adjacent_transposition_is_caught(seed: u64) {
            let number = Sampler::new(seed).id_number();
            for at in 0..17 {
                let mut chars: Vec<char> = number.as_str().chars().collect();
                if chars[at] != chars[at + 1] {
                    chars.swap(at, at + 1);
                    prop_assert!(IdNumber::parse_stored(&chars.iter().collect::<String>()).is_err());
                }
            }
        }

        #[test]
        fn no_input_panics(text in "\\PC{0,40}") {
            let _ = IdNumber::parse(&text, today());
        }
    }
}
