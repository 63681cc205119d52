//! The unified social credit code of GB 32100-2015, which names a business, an institution or an association.

use serde::{Deserialize, Serialize};

use super::division::is_province_prefix;
use super::id_number::IdNumber;
use super::text::{compact, head, tail};

/// The standard's alphabet: no I, O, S, V, Z, which are easily mistaken for digits and other letters.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

parse_errors! {
    /// Why a text is not a unified social credit code.
    UsccError {
        /// Nothing was given.
        Empty => "uscc-empty", "the credit code is empty";
        /// Not 18 characters.
        Length => "uscc-length", "the credit code does not have 18 characters";
        /// One of the letters I, O, S, V, Z, usually a misread 1, 0, 5, U, 2.
        ExcludedLetter => "uscc-excluded-letter", "the credit code holds a letter that credit codes do not use";
        /// Neither digit nor letter.
        Character => "uscc-character", "the credit code holds a character that is not allowed";
        /// A citizen's identity number.
        IdentityNumber => "uscc-identity-number", "the text is an identity number, not a credit code";
        /// One character eighteen or seventeen times.
        Repeated => "uscc-repeated", "the credit code is one character repeated";
        /// Characters 1-2 do not name a registering authority and one of its kinds of organisation.
        Kind => "uscc-kind", "characters 1 and 2 of the credit code are no kind of body";
        /// Characters 3-8, the registering authority's division, are not six digits that begin with a province.
        Division => "uscc-division", "characters 3 to 8 of the credit code are not a division";
        /// The check character does not match the other seventeen.
        CheckDigit => "uscc-check-digit", "the credit code does not pass its check";
    }
}

/// A valid unified social credit code: 18 characters, upper case.
///
/// Characters 1-2 name the registering authority and the kind of organisation, 3-8 the authority's division (kept after
/// it is abolished, and development zones have their own, so only its province is checked), 9-17 the organisation code, 18 the check.
/// A business's code is public, but that of an individual business leads to a person: `Debug` masks it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uscc(String);

masked_text!(Uscc, UsccError, parse);

impl Uscc {
    /// Parses what a person typed: spaces, hyphens, full-width forms and lower case are accepted.
    ///
    /// # Errors
    /// The first rule of GB 32100 that the text breaks.
    pub fn parse(input: &str) -> Result<Self, UsccError> {
        let text = compact(input).to_ascii_uppercase();
        match text.chars().count() {
            0 => return Err(UsccError::Empty),
            18 => {}
            _ => return Err(UsccError::Length),
        }
        if let Some(odd) = text.chars().find(|c| !ALPHABET.contains(*c)) {
            let letter = odd.is_ascii_uppercase();
            return Err(if letter { UsccError::ExcludedLetter } else { UsccError::Character });
        }
        let mut body = text.chars().take(17);
        if body.next().is_some_and(|first| body.all(|c| c == first)) {
            return Err(UsccError::Repeated);
        }
        let sound = is_kind(head(&text, 2)) && is_division(text.get(2..8).unwrap_or_default());
        if !sound && IdNumber::parse_stored(&text).is_ok() {
            return Err(UsccError::IdentityNumber);
        }
        if !is_kind(head(&text, 2)) {
            return Err(UsccError::Kind);
        }
        if !sound {
            return Err(UsccError::Division);
        }
        if check_char(head(&text, 17)) != text.chars().last() {
            return Err(UsccError::CheckDigit);
        }
        Ok(Self(text))
    }

    /// Builds the code for seventeen characters.
    pub(super) fn compose(body: &str) -> Option<Self> {
        Self::parse(&format!("{body}{}", check_char(body)?)).ok()
    }

    /// The code, also its canonical spelling for the blind index.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the code belongs to an individual business (registered by market supervision, kind 2).
    #[must_use]
    pub fn is_individual_business(&self) -> bool {
        self.0.starts_with("92")
    }

    /// The six digits of the registering authority's division.
    #[must_use]
    pub fn division_prefix(&self) -> &str {
        self.0.get(2..8).unwrap_or_default()
    }

    /// Kind, division and the last four: `91350100 **** 0Y43`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{} **** {}", head(&self.0, 8), self.last_four())
    }

    /// The last four characters.
    #[must_use]
    pub fn last_four(&self) -> &str {
        tail(&self.0, 4)
    }
}

/// Registering authority and kind of organisation, table 1 of GB 32100-2015 with its amendments (the standard of 2015 itself has
/// only 1, 5, 9 and Y): 1 establishments, 2 foreign affairs, 3 justice, 4 culture, 5 civil affairs, 6 tourism, 7 religion,
/// 8 unions, 9 market supervision, A armed forces, N agriculture, Y others. As the statistical offices list it,
/// <https://osuse.cn/post/10002590.html> ("统一社会信用代码解析登记管理部门和机构类别"), read on 29 November 2026.
fn is_kind(two: &str) -> bool {
    let mut chars = two.chars();
    let (Some(authority), Some(kind)) = (chars.next(), chars.next()) else { return false };
    let kinds = match authority {
        '1' | '5' | 'N' => "1239",
        '2' | '4' | '8' | 'A' => "19",
        '3' => "123459",
        '6' | '7' => "129",
        '9' => "123",
        'Y' => "1",
        _ => return false,
    };
    kinds.contains(kind)
}

/// Six digits that begin with a province, or `100000` for the whole country (authorities of the centre).
fn is_division(six: &str) -> bool {
    let digits = six.len() == 6 && six.chars().all(|c| c.is_ascii_digit());
    digits && (six == "100000" || is_province_prefix(head(six, 2)))
}

/// Check character for seventeen: weights 3^(i-1) mod 31, value (31 - s) mod 31. The last mod matters at s = 0.
fn check_char(body: &str) -> Option<char> {
    let (sum, _) = body.chars().try_fold((0_usize, 1_usize), |(sum, weight), c| {
        let value = ALPHABET.chars().position(|letter| letter == c)?;
        Some(((sum + value * weight) % 31, weight * 3 % 31))
    })?;
    ALPHABET.chars().nth((31 - sum) % 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sampler;
    use proptest::prelude::*;

    #[test]
    fn known_codes() {
        for code in ["91350100M000100Y43", "914403001922038216"] {
            assert_eq!(Uscc::parse(code).unwrap().as_str(), code);
        }
        assert_eq!(Uscc::parse("９１３５０１００ m000100y43").unwrap().as_str(), "91350100M000100Y43");
        assert_eq!(Uscc::parse("91350100M000100Y43").unwrap().division_prefix(), "350100");
    }

    #[test]
    fn each_rule_has_its_error() {
        let cases = [
            ("", UsccError::Empty),
            ("91350100M000100Y4", UsccError::Length),
            ("91350100MO00100Y43", UsccError::ExcludedLetter),
            ("91350100M0001!0Y43", UsccError::Character),
            ("9135A100M000100Y43", UsccError::Division),
            ("511602199003010560", UsccError::IdentityNumber),
            ("360426199101010071", UsccError::IdentityNumber),
            ("111111111111111115", UsccError::Repeated),
            ("000000000000000000", UsccError::Repeated),
            ("94350100M000100Y43", UsccError::Kind),
            ("91990100M000100Y43", UsccError::Division),
            ("91350100M000100Y44", UsccError::CheckDigit),
        ];
        for (text, error) in cases {
            assert_eq!(Uscc::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn every_registering_authority_is_known() {
        for two in [
            "11", "12", "13", "19", "21", "31", "35", "41", "51", "52", "53", "59", "61", "62", "71", "81",
            "91",
        ]
        .into_iter()
        .chain(["92", "93", "A1", "N1", "N2", "N3", "Y1"])
        {
            assert!(Uscc::compose(&format!("{two}100000MA0012345")).is_some(), "{two}");
        }
    }

    #[test]
    fn a_sum_of_zero_gives_the_check_zero() {
        // Without the final mod the value would be 31, outside the alphabet.
        let found = (0..100_000_u64).find_map(|n| {
            let code = Uscc::compose(&format!("91510000{n:09}"))?;
            code.as_str().ends_with('0').then_some(code)
        });
        assert!(Uscc::parse(found.unwrap().as_str()).is_ok());
    }

    proptest! {
        #[test]
        fn round_trip_and_errors_caught(seed: u64) {
            let code = Sampler::new(seed).uscc();
            prop_assert_eq!(&Uscc::parse(code.as_str()).unwrap(), &code);
            let chars: Vec<char> = code.as_str().chars().collect();
            // 31 is prime and no weight is zero: every single error and every swap of neighbours shows.
            for at in 0..18 {
                for letter in ALPHABET.chars().filter(|l| *l != chars[at]) {
                    let mut wrong = chars.clone();
                    wrong[at] = letter;
                    prop_assert!(Uscc::parse(&wrong.iter().collect::<String>()).is_err());
                }
                if at < 16 && chars[at] != chars[at + 1] {
                    let mut wrong = chars.clone();
                    wrong.swap(at, at + 1);
                    prop_assert!(Uscc::parse(&wrong.iter().collect::<String>()).is_err());
                }
            }
        }

        #[test]
        fn no_input_panics(text in "\\PC{0,40}") {
            let _ = Uscc::parse(&text);
        }
    }
}
