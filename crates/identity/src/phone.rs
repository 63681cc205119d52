//! Telephone numbers that can receive a message: mainland mobiles, and others in E.164.

use serde::{Deserialize, Serialize};

use super::text::{head, is_grouping, is_unseen, narrow, tail, unguarded};

parse_errors! {
    /// Why a text is not a usable telephone number.
    PhoneError {
        /// Nothing was given.
        Empty => "phone-empty", "the telephone number is empty";
        /// A character that is no part of a telephone number.
        Character => "phone-character", "the telephone number holds a character that is not allowed";
        /// A mainland number that is not eleven digits beginning with 13-19 (a landline, or digits missing).
        NotMobile => "phone-not-mobile", "the telephone number is not a mainland mobile number";
        /// A number from elsewhere that does not have 8 to 15 digits after its plus sign.
        Length => "phone-length", "the international telephone number does not have 8 to 15 digits";
    }
}

/// A telephone number, kept in E.164 (`+8613800138000`), which is also its canonical spelling for the blind index.
///
/// One number has one spelling: the zero that is dialled inside a country (`+44 (0)7700…`, `+886 0912…`, `0138…`) is no
/// part of it and dropped, except in Italy, where it is one.
///
/// Mainland numbers are mobiles `1[3-9]` of eleven digits, with or without `+86`, `0086`, `86`. Residents of
/// Hong Kong, Macao, Taiwan and abroad give theirs with the country code (`+852…`, `00852…`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

masked_text!(Phone, PhoneError, parse);

impl Phone {
    /// Parses what a person typed: spaces, hyphens, brackets, dots and full-width forms are accepted.
    ///
    /// # Errors
    /// What is wrong with the number, see [`PhoneError`].
    pub fn parse(input: &str) -> Result<Self, PhoneError> {
        let grouping = |c: &char| is_grouping(*c) || is_unseen(*c) || matches!(c, '(' | ')' | '.' | '/');
        let narrowed: String = input.chars().map(narrow).filter(|c| !is_unseen(*c)).collect();
        let narrowed = unguarded(&narrowed);
        let narrowed = narrowed.strip_prefix("tel:").unwrap_or(narrowed);
        let text: String = narrowed.chars().filter(|c| !grouping(c)).collect();
        let (international, digits) = match text.strip_prefix('+').or_else(|| text.strip_prefix("00")) {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(PhoneError::Character);
        }
        match digits.strip_prefix("86") {
            // No country code begins with 86 but China's, and no mainland mobile begins with 8.
            Some(national) => mainland(national),
            None if international || is_neighbours(digits) => elsewhere(digits),
            None => mainland(digits),
        }
    }

    /// The number in E.164.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a mobile of the mainland, which the domestic SMS providers serve.
    #[must_use]
    pub fn is_mainland(&self) -> bool {
        self.0.starts_with("+86")
    }

    /// How people write it locally: eleven digits for the mainland, E.164 for others.
    #[must_use]
    pub fn national(&self) -> &str {
        self.0.strip_prefix("+86").unwrap_or(&self.0)
    }

    /// `136 **** 5520`; from elsewhere `+852 **** 4567`, and fewer digits of short numbers.
    #[must_use]
    pub fn masked(&self) -> String {
        let national = self.national();
        match (self.is_mainland(), national.len()) {
            (true, _) => format!("{} **** {}", head(national, 3), tail(national, 4)),
            (false, 12..) => format!("{} **** {}", head(national, 4), tail(national, 4)),
            (false, _) => format!("{} **** {}", head(national, 3), tail(national, 2)),
        }
    }
}

fn mainland(digits: &str) -> Result<Phone, PhoneError> {
    // A zero was once dialled before mobiles of other cities; no area code begins with 01 and a digit of 3-9.
    let digits = digits.strip_prefix('0').filter(|rest| rest.starts_with('1')).unwrap_or(digits);
    let second = digits.chars().nth(1);
    if digits.len() == 11 && digits.starts_with('1') && matches!(second, Some('3'..='9')) {
        Ok(Phone(format!("+86{digits}")))
    } else {
        Err(PhoneError::NotMobile)
    }
}

/// A mobile of Hong Kong, Macao or Taiwan with its country code but without the plus sign: no mainland mobile begins so.
fn is_neighbours(digits: &str) -> bool {
    let is = |code: &str, length: usize, first: &[char]| {
        digits.strip_prefix(code).is_some_and(|rest| rest.len() == length && rest.starts_with(first))
    };
    is("852", 8, &['4', '5', '6', '7', '8', '9'])
        || is("853", 8, &['6'])
        || is("886", 9, &['9'])
        || is("886", 10, &['0'])
}

/// Country codes where a zero is dialled before the number inside the country and no number begins with one (ITU-T,
/// national numbering plans). Italy and the countries without such a zero are not among them.
const TRUNK_ZERO: &[&str] = &[
    "20", "27", "31", "32", "33", "40", "41", "43", "44", "46", "49", "51", "54", "55", "58", "60", "61",
    "62", "63", "64", "66", "81", "82", "84", "90", "91", "92", "93", "94", "95", "98", "212", "213", "218",
    "233", "234", "249", "251", "254", "255", "256", "260", "263", "353", "355", "358", "359", "373", "380",
    "381", "382", "385", "386", "387", "389", "421", "850", "855", "856", "880", "886", "961", "962", "963",
    "964", "966", "967", "971", "972", "976", "977", "994", "995", "996",
];

/// ITU-T E.164: at most 15 digits, no country code begins with 0. Eight is the shortest with a country code.
fn elsewhere(digits: &str) -> Result<Phone, PhoneError> {
    let country = TRUNK_ZERO.iter().find(|code| digits.starts_with(&format!("{code}0")));
    let (code, national) = digits.split_at(country.map_or(0, |code| code.len()));
    let national = if country.is_some() { national.trim_start_matches('0') } else { national };
    let digits = format!("{code}{national}");
    if (8..=15).contains(&digits.len()) && !digits.starts_with('0') {
        Ok(Phone(format!("+{digits}")))
    } else {
        Err(PhoneError::Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sampler;
    use proptest::prelude::*;

    #[test]
    fn mainland_spellings_are_one_number() {
        for text in [
            "13800138000",
            "+86 138 0013 8000",
            "0086-138-0013-8000",
            "８６１３８００１３８０００",
            "(+86) 13800138000",
            "＋８６　１３８００１３８０００",
        ] {
            let phone = Phone::parse(text).unwrap();
            assert_eq!((phone.as_str(), phone.national()), ("+8613800138000", "13800138000"), "{text}");
        }
    }

    #[test]
    fn elsewhere_needs_its_country_code() {
        assert_eq!(Phone::parse("00852 9123 4567").unwrap().as_str(), "+85291234567");
        assert_eq!(Phone::parse("91234567"), Err(PhoneError::NotMobile));
        assert_eq!(Phone::parse("+1234567"), Err(PhoneError::Length));
        assert_eq!(Phone::parse("+1234567890123456"), Err(PhoneError::Length));
        assert_eq!(Phone::parse("+012345678"), Err(PhoneError::Length));
    }

    #[test]
    fn one_number_has_one_spelling() {
        for (text, expected) in [
            ("\u{202a}13900139111\u{202c}", "+8613900139111"),
            ("\u{feff}139\u{200b}0013\u{200e}9111", "+8613900139111"),
            ("+86 (0)139 0013 9111", "+8613900139111"),
            ("0086 0139 0013 9111", "+8613900139111"),
            ("013900139111", "+8613900139111"),
            ("tel:+86-139-0013-9111", "+8613900139111"),
            ("\u{fe62}86 13900139111", "+8613900139111"),
            ("+44 (0)7700 900124", "+447700900124"),
            ("+44 7700 900124", "+447700900124"),
            ("+886 0912 345 678", "+886912345678"),
            ("886 912345678", "+886912345678"),
            ("+49 0151 23456789", "+4915123456789"),
            ("+39 06 6982 1234", "+390669821234"),
            ("+225 07 01 02 03 04", "+2250701020304"),
            ("852-9123 4567", "+85291234567"),
            ("(853) 6612 3456", "+85366123456"),
        ] {
            assert_eq!(Phone::parse(text).map(|p| p.as_str().to_owned()).as_deref(), Ok(expected), "{text}");
        }
        for text in ["01012345678", "0755-12345678", "021 1234 5678"] {
            assert_eq!(Phone::parse(text), Err(PhoneError::NotMobile), "{text}");
        }
    }

    #[test]
    fn wrong_numbers_have_their_error() {
        assert_eq!(Phone::parse(" "), Err(PhoneError::Empty));
        assert_eq!(Phone::parse("1380013800a"), Err(PhoneError::Character));
        assert_eq!(Phone::parse("+"), Err(PhoneError::Length));
        for text in ["12800138000", "1380013800", "138001380001", "028-86601234", "+86 28 8660 1234"] {
            assert_eq!(Phone::parse(text), Err(PhoneError::NotMobile), "{text}");
        }
    }

    #[test]
    fn masks() {
        assert_eq!(Phone::parse("13612345520").unwrap().masked(), "136 **** 5520");
        assert_eq!(Phone::parse("+85291234567").unwrap().masked(), "+852 **** 4567");
        assert_eq!(Phone::parse("+67712345").unwrap().masked(), "+67 **** 45");
        assert_eq!(format!("{:?}", Phone::parse("13612345520").unwrap()), "Phone(136 **** 5520)");
    }

    proptest! {
        #[test]
        fn round_trip(seed: u64) {
            let phone = Sampler::new(seed).phone();
            prop_assert_eq!(&Phone::parse(phone.as_str()).unwrap(), &phone);
            prop_assert_eq!(&Phone::parse(phone.national()).unwrap(), &phone);
            prop_assert_eq!(serde_json::from_str::<Phone>(&serde_json::to_string(&phone).unwrap()).unwrap(), phone);
        }

        #[test]
        fn no_input_panics(text in "\\PC{0,40}") {
            let _ = Phone::parse(&text);
        }
    }
}
