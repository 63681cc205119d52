//! A person's identity document: the pair of kind and number that identifies a resident.
//!
//! Not everybody has an identity number: residents of Hong Kong, Macao and Taiwan and foreigners show a permit
//! or a passport. The formats below are those printed on the documents; where issuers vary the check is wide.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::id_number::{IdNumber, IdNumberError};
use super::text::{compact, head, tail};

/// The kinds of identity document that the portal accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Resident identity card, or residence permit for residents of Hong Kong, Macao and Taiwan (same number form).
    IdCard,
    /// Passport of any country: 5-15 letters and digits, at least one digit (ICAO 9303 has nine, some states print more).
    Passport,
    /// Mainland travel permit for Hong Kong and Macao residents: H or M and 8 digits; older booklets 10.
    HkMacaoPermit,
    /// Mainland travel permit for Taiwan residents: 8 digits; older booklets 10 and an issuer's letter.
    TaiwanPermit,
    /// Foreigner's permanent residence card: 3 letters and 12 digits, or since 2023 a 9 and 17 characters.
    ForeignPermanent,
}

impl DocumentKind {
    /// Every kind, in the order in which forms offer them.
    pub const ALL: [Self; 5] =
        [Self::IdCard, Self::Passport, Self::HkMacaoPermit, Self::TaiwanPermit, Self::ForeignPermanent];

    /// Stable code, as stored, as used in message ids and in the canonical form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdCard => "id_card",
            Self::Passport => "passport",
            Self::HkMacaoPermit => "hk_macao_permit",
            Self::TaiwanPermit => "taiwan_permit",
            Self::ForeignPermanent => "foreign_permanent",
        }
    }

    /// The kind with this code, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is not the number of a document of the chosen kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DocumentNumberError {
    /// Nothing was given.
    #[error("the document number is empty")]
    Empty,
    /// The identity number breaks a rule of GB 11643.
    #[error(transparent)]
    IdCard(IdNumberError),
    /// Not the form of a passport number.
    #[error("the text is not a passport number")]
    Passport,
    /// Not the form of a Hong Kong or Macao permit's number.
    #[error("the text is not the number of a Hong Kong or Macao permit")]
    HkMacaoPermit,
    /// Not the form of a Taiwan permit's number.
    #[error("the text is not the number of a Taiwan permit")]
    TaiwanPermit,
    /// Not the form of a permanent residence card's number.
    #[error("the text is not the number of a permanent residence card")]
    ForeignPermanent,
    /// The kind of document is not known (only from stored or received values).
    #[error("the kind of document is not known")]
    Kind,
}

impl DocumentNumberError {
    /// The codes of this type beside those of [`IdNumberError`].
    pub const CODES: &'static [&'static str] = &[
        "document-empty",
        "document-passport",
        "document-hk-macao-permit",
        "document-taiwan-permit",
        "document-foreign-permanent",
        "document-kind",
    ];

    /// Stable code, unique in the program, usable as the suffix of a Fluent message id.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "document-empty",
            Self::IdCard(error) => error.code(),
            Self::Passport => "document-passport",
            Self::HkMacaoPermit => "document-hk-macao-permit",
            Self::TaiwanPermit => "document-taiwan-permit",
            Self::ForeignPermanent => "document-foreign-permanent",
            Self::Kind => "document-kind",
        }
    }
}

/// A valid document number with its kind. Serialised as `kind:number`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentNumber {
    kind: DocumentKind,
    number: String,
}

impl DocumentNumber {
    /// Parses what a person typed for a chosen kind; `today` is the date in the portal's time zone.
    ///
    /// # Errors
    /// The kind's format error; for identity cards the rule of GB 11643 that is broken.
    pub fn parse(kind: DocumentKind, input: &str, today: NaiveDate) -> Result<Self, DocumentNumberError> {
        if kind == DocumentKind::IdCard {
            IdNumber::parse(input, today).map(Self::from).map_err(id_error)
        } else {
            Self::parse_stored(kind, input)
        }
    }

    /// Parses a number accepted earlier: all rules but that of a birth date in the future.
    ///
    /// # Errors
    /// As [`DocumentNumber::parse`].
    pub fn parse_stored(kind: DocumentKind, input: &str) -> Result<Self, DocumentNumberError> {
        let number = compact(input).to_ascii_uppercase();
        if number.is_empty() {
            return Err(DocumentNumberError::Empty);
        }
        let number = match kind {
            DocumentKind::IdCard => return IdNumber::parse_stored(&number).map(Self::from).map_err(id_error),
            DocumentKind::Passport => passport(number).ok_or(DocumentNumberError::Passport)?,
            DocumentKind::HkMacaoPermit => hk_macao(number).ok_or(DocumentNumberError::HkMacaoPermit)?,
            DocumentKind::TaiwanPermit => taiwan(number).ok_or(DocumentNumberError::TaiwanPermit)?,
            DocumentKind::ForeignPermanent => foreign(number).ok_or(DocumentNumberError::ForeignPermanent)?,
        };
        Ok(Self { kind, number })
    }

    /// The kind of document.
    #[must_use]
    pub const fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The number as printed, without grouping, upper case.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The identity number, when the document is an identity card.
    #[must_use]
    pub fn id_number(&self) -> Option<IdNumber> {
        (self.kind == DocumentKind::IdCard).then(|| IdNumber::parse_stored(&self.number).ok()).flatten()
    }

    /// `kind:number`, the text that the blind index is computed on.
    ///
    /// Of the two travel permits it holds the part that a person keeps for life; the two digits after it count
    /// the reissues, and a renewed permit is still the same person.
    #[must_use]
    pub fn canonical(&self) -> String {
        let number = match self.kind {
            DocumentKind::HkMacaoPermit => head(&self.number, 9),
            DocumentKind::TaiwanPermit => head(&self.number, 8),
            _ => &self.number,
        };
        format!("{}:{number}", self.kind)
    }

    /// Identity card `6531 **** **** 0024`; others one character, the stars, and no more than the last four.
    #[must_use]
    pub fn masked(&self) -> String {
        match self.id_number() {
            Some(id) => id.masked(),
            None if self.number.len() < 8 => {
                format!("{}****{}", head(&self.number, 1), tail(&self.number, 2))
            }
            None => format!("{}****{}", head(&self.number, 1), self.last_four()),
        }
    }

    /// The last four characters, which documents carry and the gate compares.
    #[must_use]
    pub fn last_four(&self) -> &str {
        tail(&self.number, 4)
    }
}

impl From<IdNumber> for DocumentNumber {
    fn from(number: IdNumber) -> Self {
        Self { kind: DocumentKind::IdCard, number: number.into() }
    }
}

impl TryFrom<String> for DocumentNumber {
    type Error = DocumentNumberError;
    fn try_from(text: String) -> Result<Self, DocumentNumberError> {
        let (kind, number) = text.split_once(':').ok_or(DocumentNumberError::Kind)?;
        let kind = DocumentKind::from_code(kind).ok_or(DocumentNumberError::Kind)?;
        Self::parse_stored(kind, number)
    }
}

impl From<DocumentNumber> for String {
    fn from(document: DocumentNumber) -> Self {
        format!("{}:{}", document.kind, document.number)
    }
}

impl fmt::Debug for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentNumber({}:{})", self.kind, self.masked())
    }
}

fn id_error(error: IdNumberError) -> DocumentNumberError {
    match error {
        IdNumberError::Empty => DocumentNumberError::Empty,
        other => DocumentNumberError::IdCard(other),
    }
}

fn is_digits(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

fn passport(number: String) -> Option<String> {
    let plain = number.chars().all(|c| c.is_ascii_alphanumeric());
    let digit = number.chars().any(|c| c.is_ascii_digit());
    (plain && digit && (5..=15).contains(&number.len())).then_some(number)
}

fn hk_macao(number: String) -> Option<String> {
    let digits = number.strip_prefix('H').or_else(|| number.strip_prefix('M'))?;
    (is_digits(digits) && matches!(digits.len(), 8 | 10)).then_some(number)
}

/// The booklet's letter names the issuer, may be printed in brackets, and is not part of the number.
fn taiwan(number: String) -> Option<String> {
    let plain: String = number.chars().filter(|c| !matches!(c, '(' | ')')).collect();
    let letterless = plain.strip_suffix(|c: char| c.is_ascii_uppercase());
    let digits = letterless.filter(|rest| rest.len() == 10).unwrap_or(&plain);
    (is_digits(digits) && matches!(digits.len(), 8 | 10)).then(|| digits.to_owned())
}

fn foreign(number: String) -> Option<String> {
    let old = number.len() == 15
        && head(&number, 3).chars().all(|c| c.is_ascii_uppercase())
        && is_digits(tail(&number, 12));
    let body = number.strip_suffix('X').unwrap_or(&number);
    let new = number.len() == 18 && number.starts_with('9') && is_digits(body);
    (old || new).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(kind: DocumentKind, text: &str) -> Result<DocumentNumber, DocumentNumberError> {
        DocumentNumber::parse(kind, text, NaiveDate::from_ymd_opt(2020, 3, 12).unwrap())
    }

    #[test]
    fn each_kind_has_its_format() {
        let good = [
            (DocumentKind::IdCard, "11010519491231002x", "id_card:11010519491231002X", "1101 **** **** 002X"),
            (DocumentKind::Passport, "e1234 5678", "passport:E12345678", "E****5678"),
            (DocumentKind::Passport, "AB123", "passport:AB123", "A****23"),
            (DocumentKind::HkMacaoPermit, "Ｈ12345678", "hk_macao_permit:H12345678", "H****5678"),
            (DocumentKind::HkMacaoPermit, "H1234567802", "hk_macao_permit:H12345678", "H****7802"),
            (DocumentKind::TaiwanPermit, "12345678", "taiwan_permit:12345678", "1****5678"),
            (DocumentKind::TaiwanPermit, "1234567801(B)", "taiwan_permit:12345678", "1****7801"),
            (
                DocumentKind::ForeignPermanent,
                "USA110012345678",
                "foreign_permanent:USA110012345678",
                "U****5678",
            ),
            (
                DocumentKind::ForeignPermanent,
                "911840198001010013",
                "foreign_permanent:911840198001010013",
                "9****0013",
            ),
        ];
        for (kind, text, canonical, masked) in good {
            let document = parse(kind, text).unwrap();
            assert_eq!((document.canonical().as_str(), document.masked().as_str()), (canonical, masked));
        }
    }

    #[test]
    fn wrong_formats_have_their_error() {
        let bad = [
            (DocumentKind::IdCard, " ", DocumentNumberError::Empty),
            (
                DocumentKind::IdCard,
                "360426199101010072",
                DocumentNumberError::IdCard(IdNumberError::CheckDigit),
            ),
            (DocumentKind::Passport, "ABCDEF", DocumentNumberError::Passport),
            (DocumentKind::Passport, "E1234:678", DocumentNumberError::Passport),
            (DocumentKind::Passport, "E１２３４５６７８９０１２３４５６", DocumentNumberError::Passport),
            (DocumentKind::HkMacaoPermit, "12345678", DocumentNumberError::HkMacaoPermit),
            (DocumentKind::HkMacaoPermit, "H123456789", DocumentNumberError::HkMacaoPermit),
            (DocumentKind::TaiwanPermit, "12345678A", DocumentNumberError::TaiwanPermit),
            (DocumentKind::ForeignPermanent, "US1100123456780", DocumentNumberError::ForeignPermanent),
            (DocumentKind::ForeignPermanent, "811840198001010013", DocumentNumberError::ForeignPermanent),
        ];
        for (kind, text, error) in bad {
            assert_eq!(parse(kind, text), Err(error), "{text}");
        }
    }

    #[test]
    fn serde_and_debug() {
        let document = parse(DocumentKind::TaiwanPermit, "1234567801(B)").unwrap();
        let json = serde_json::to_string(&document).unwrap();
        assert_eq!(json, "\"taiwan_permit:1234567801\"");
        assert_eq!(serde_json::from_str::<DocumentNumber>(&json).unwrap(), document);
        assert_eq!(format!("{document:?}"), "DocumentNumber(taiwan_permit:1****7801)");
        assert!(serde_json::from_str::<DocumentNumber>("\"card:123\"").is_err());
    }

    proptest! {
        #[test]
        fn no_input_panics(text in "\\PC{0,40}", kind in 0..5_usize) {
            if let Ok(document) = parse(DocumentKind::ALL[kind], &text) {
                let _ = (document.masked(), document.last_four(), document.canonical());
            }
        }
    }
}
