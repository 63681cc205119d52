//! Telephone numbers that can receive a message: mainland mobiles, and others in E.164.

use serde::{Deserialize, Serialize};

use super::text::{head, is_grouping, narrow, tail};

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
        let grouping = |c: &char| is_grouping(*c) || matches!(c, '(' | ')' | '.');
        let text: String = input.chars().map(narrow).filter(|c| !grouping(c)).collect();
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
            None if international => elsewhere(digits),
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

    /// How people of the place write it: eleven digits for the mainland, E.164 for others.
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
    let second = digits.chars().nth(1);
    if digits.len() == 11 && digits.starts_with('1') && matches!(second, Some('3'..='9')) {
        Ok(Phone(format!("+86{digits}")))
    } else {
        Err(PhoneError::NotMobile)
    }
}

/// ITU-T E.164: at most 15 digits, no country code begins with 0. Eight is the shortest with a country code.
fn elsewhere(digits: &str) -> Result<Phone, PhoneError> {
    if (8..=15).contains(&digits.len()) && !digits.starts_with('0') {
        Ok(Phone(format!("+{digits}")))
    } else {
        Err(PhoneError::Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::sample::Sampler;
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
