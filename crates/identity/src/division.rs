//! Division codes of GB/T 2260 (county level and above) and GB/T 10114 (towns), and jurisdictions made of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::compact;

/// First two digits of the provinces, Taiwan (71), Hong Kong (81) and Macao (82) included.
const PROVINCES: [u32; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82,
];

/// Whether these two digits are a province's.
pub(super) fn is_province_prefix(digits: &str) -> bool {
    digits.parse().is_ok_and(|number: u32| PROVINCES.contains(&number))
}

parse_errors! {
    /// Why a text is not a division code.
    DivisionCodeError {
        /// Neither 6 nor 9 digits.
        Form => "division-form", "the division code does not have 6 or 9 digits";
        /// The first two digits are no province.
        Province => "division-province", "the division code does not begin with a province";
        /// A lower part is given while the part above it is zero.
        Gap => "division-gap", "the division code leaves out a level";
    }
}

/// Levels of administrative division, from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DivisionLevel {
    /// Province, autonomous region, municipality or special administrative region.
    Province,
    /// Prefecture-level city, prefecture or autonomous prefecture.
    Prefecture,
    /// County, county-level city or district.
    County,
    /// Town, township or subdistrict.
    Town,
}

impl DivisionLevel {
    /// Stable code, as stored and as used in message ids.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Prefecture => "prefecture",
            Self::County => "county",
            Self::Town => "town",
        }
    }

    /// The level with this code, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Province, Self::Prefecture, Self::County, Self::Town]
            .into_iter()
            .find(|level| level.as_str() == code)
    }
}

/// A division code of 6 digits (province `510000`, prefecture `511600`, county `511621`) or 9 (town `511621001`).
///
/// Well-formed, not necessarily in use: whether a division exists is the register's answer
/// ([`super::Divisions::get`]). Towns of a prefecture without counties hang directly below it (`441900003`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DivisionCode(u32);

impl DivisionCode {
    /// Parses 6 or 9 digits; spaces and full-width digits are accepted.
    ///
    /// # Errors
    /// What is wrong with the code, see [`DivisionCodeError`].
    pub fn parse(input: &str) -> Result<Self, DivisionCodeError> {
        let text = compact(input);
        if !matches!(text.len(), 6 | 9) || !text.chars().all(|c| c.is_ascii_digit()) {
            return Err(DivisionCodeError::Form);
        }
        let number: u32 = text.parse().map_err(|_| DivisionCodeError::Form)?;
        let (upper, town) =
            if text.len() == 9 { (number / 1000, Some(number % 1000)) } else { (number, None) };
        if !PROVINCES.contains(&(upper / 10_000)) {
            return Err(DivisionCodeError::Province);
        }
        let (prefecture, county) = (upper / 100 % 100, upper % 100);
        if (prefecture == 0 && (county != 0 || town.is_some())) || town == Some(0) {
            return Err(DivisionCodeError::Gap);
        }
        Ok(Self(number))
    }

    /// The level, told by the form of the code.
    #[must_use]
    pub const fn level(self) -> DivisionLevel {
        if self.0 > 999_999 {
            DivisionLevel::Town
        } else if self.0.is_multiple_of(10_000) {
            DivisionLevel::Province
        } else if self.0.is_multiple_of(100) {
            DivisionLevel::Prefecture
        } else {
            DivisionLevel::County
        }
    }

    /// The six digits of county level and above.
    const fn upper(self) -> u32 {
        if self.0 > 999_999 { self.0 / 1000 } else { self.0 }
    }

    /// The province's code.
    #[must_use]
    pub const fn province(self) -> Self {
        Self(self.upper() / 10_000 * 10_000)
    }

    /// The prefecture's code by the digits; none for a province. It may be a heading that names no division
    /// (`500100` over Chongqing's districts, `429000` over counties run by the province).
    #[must_use]
    pub const fn prefecture(self) -> Option<Self> {
        match self.level() {
            DivisionLevel::Province => None,
            _ => Some(Self(self.upper() / 100 * 100)),
        }
    }

    /// The county's code; none above county level. For a town of a prefecture without counties the prefecture's.
    #[must_use]
    pub const fn county(self) -> Option<Self> {
        match self.level() {
            DivisionLevel::Province | DivisionLevel::Prefecture => None,
            _ => Some(Self(self.upper())),
        }
    }

    /// Whether `other` is this division or lies in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        match self.level() {
            DivisionLevel::Province => self.0 / 10_000 == other.upper() / 10_000,
            DivisionLevel::Prefecture => self.0 / 100 == other.upper() / 100,
            DivisionLevel::County => self.0 == other.upper(),
            DivisionLevel::Town => self.0 == other.0,
        }
    }

    /// Whether this division is `area` or lies in it.
    #[must_use]
    pub const fn is_within(self, area: Self) -> bool {
        area.contains(self)
    }

    /// The significant digits: `51`, `5116`, `511621`, `511621001`. A stored code lies within the division if and only if
    /// it begins with these.
    #[must_use]
    pub fn prefix(self) -> String {
        match self.level() {
            DivisionLevel::Province => (self.0 / 10_000).to_string(),
            DivisionLevel::Prefecture => (self.0 / 100).to_string(),
            DivisionLevel::County | DivisionLevel::Town => self.0.to_string(),
        }
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DivisionCode({})", self.0)
    }
}

impl std::str::FromStr for DivisionCode {
    type Err = DivisionCodeError;
    fn from_str(text: &str) -> Result<Self, DivisionCodeError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for DivisionCode {
    type Error = DivisionCodeError;
    fn try_from(text: String) -> Result<Self, DivisionCodeError> {
        Self::parse(&text)
    }
}

impl From<DivisionCode> for String {
    fn from(code: DivisionCode) -> Self {
        code.to_string()
    }
}

/// The area in which an official may act: one division with everything in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Jurisdiction(DivisionCode);

impl Jurisdiction {
    /// The jurisdiction of an office that serves `division`.
    #[must_use]
    pub const fn new(division: DivisionCode) -> Self {
        Self(division)
    }

    /// The division that it covers.
    #[must_use]
    pub const fn division(self) -> DivisionCode {
        self.0
    }

    /// Whether a matter of `division` belongs to it.
    #[must_use]
    pub const fn contains(self, division: DivisionCode) -> bool {
        self.0.contains(division)
    }

    /// Whether all of `other` belongs to it: an official may pass on no more than their own area.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.0.contains(other.0)
    }

    /// The digits with which every code in it begins, for a prefix comparison in a query.
    #[must_use]
    pub fn prefix(self) -> String {
        self.0.prefix()
    }
}

impl From<DivisionCode> for Jurisdiction {
    fn from(division: DivisionCode) -> Self {
        Self(division)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> DivisionCode {
        DivisionCode::parse(text).unwrap()
    }

    #[test]
    fn levels_and_parents() {
        let town = code("511621001");
        assert_eq!(town.level(), DivisionLevel::Town);
        assert_eq!(town.county(), Some(code("511621")));
        assert_eq!(town.prefecture(), Some(code("511600")));
        assert_eq!(town.province(), code("510000"));
        assert_eq!(code("510000").prefecture(), None);
        assert_eq!((code("511600").level(), code("511600").county()), (DivisionLevel::Prefecture, None));
        assert_eq!(code("441900003").county(), Some(code("441900")));
    }

    #[test]
    fn malformed_codes() {
        for (text, error) in [
            ("51", DivisionCodeError::Form),
            ("51162a", DivisionCodeError::Form),
            ("五一一六二一", DivisionCodeError::Form),
            ("990000", DivisionCodeError::Province),
            ("510021", DivisionCodeError::Gap),
            ("510000001", DivisionCodeError::Gap),
            ("511621000", DivisionCodeError::Gap),
        ] {
            assert_eq!(DivisionCode::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_jurisdiction_holds_its_area_only() {
        let guangan = Jurisdiction::new(code("511600"));
        assert!(guangan.contains(code("511621001")) && guangan.contains(code("511600")));
        assert!(!guangan.contains(code("510000")) && !guangan.contains(code("511702")));
        assert!(Jurisdiction::new(code("510000")).covers(guangan));
        assert!(!guangan.covers(Jurisdiction::new(code("510000"))));
        assert_eq!(serde_json::to_string(&guangan).unwrap(), "\"511600\"");
    }

    proptest! {
        #[test]
        fn containing_is_having_the_prefix(a in 511600..511700_u32, b in 510000..512000_u32, town in 1..999_u32) {
            let parsed = [a.to_string(), b.to_string(), format!("{a}{town:03}")].map(|text| DivisionCode::parse(&text));
            for outer in parsed.iter().flatten() {
                for inner in parsed.iter().flatten() {
                    prop_assert_eq!(outer.contains(*inner), inner.to_string().starts_with(&outer.prefix()));
                }
            }
        }
    }
}
