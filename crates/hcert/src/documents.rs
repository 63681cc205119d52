//! The two documents that a province issues: health code (-101) and return-to-work certificate (-102).
//!
//! Their contents are what a stranger's scanner may see and no more (exchange design §6): a masked name and
//! the last four characters of the document number, to be compared with the card in the hand. The schema is
//! strict on issue **and** on receipt: unknown keys, wrong types, lengths and ranges are refused, so nothing
//! can travel in a document that this module does not name. CDDL (RFC 8610):
//!
//! ```text
//! health-code = {
//!   holder,
//!   3 => 1 / 2 / 3,                 ; colour: green, yellow, red
//!   4 => uint,                      ; valid until, NumericDate
//! }
//! return-certificate = {
//!   holder,
//!   3 => tstr .regexp "[0-9A-Z-]{1,32}",  ; number
//!   4 => 1 / 2,                     ; conclusion: no abnormality, fit with monitoring
//!   5 => uint,                      ; issued, NumericDate
//!   6 => uint,                      ; expires, NumericDate
//!   7 => uint,                      ; destination division (GB/T 2260), 6 or 9 digits
//!   ? 8 => 300..450,                ; body temperature in tenths of a degree Celsius
//! }
//! holder = (
//!   1 => tstr,                      ; masked name, 1 to 100 characters, at least one "*"
//!   2 => tstr .regexp "[0-9A-Z]{4}",; last four characters of the document number
//! )
//! ```

use super::cbor::{Value, Writer};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The field that breaks the schema of a document. Never carries the value, which may be personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SchemaError {
    /// Not a map, a repeated key, or a key that the schema does not know.
    #[error("the document has fields that its schema does not know")]
    Shape,
    /// A field is missing.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field has the wrong type, length or range.
    #[error("the field {0} is not acceptable")]
    Field(&'static str),
}

/// Who the document is about, as far as a stranger may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// Name with at least one character replaced by `*`; 1 to 100 characters of any script.
    pub masked_name: String,
    /// Last four characters of the identity document's number, digits and capital letters.
    pub document_last_four: String,
}

impl Holder {
    fn check(&self) -> Result<(), SchemaError> {
        let name = &self.masked_name;
        let length = name.chars().count();
        if !(1..=100).contains(&length) || !name.contains('*') || name.chars().any(char::is_control) {
            return Err(SchemaError::Field("masked_name"));
        }
        let four = self.document_last_four.as_bytes();
        if four.len() != 4 || !four.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
            return Err(SchemaError::Field("document_last_four"));
        }
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        writer.integer(1).text(&self.masked_name).integer(2).text(&self.document_last_four);
    }

    fn read(map: &Value<'_>) -> Result<Self, SchemaError> {
        Ok(Self {
            masked_name: text(map, 1, "masked_name")?,
            document_last_four: text(map, 2, "document_last_four")?,
        })
    }
}

/// Colour of a health code. "Unknown" is no colour and is never signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// 绿码
    Green,
    /// 黄码
    Yellow,
    /// 红码
    Red,
}

impl Colour {
    const fn number(self) -> i64 {
        match self {
            Self::Green => 1,
            Self::Yellow => 2,
            Self::Red => 3,
        }
    }
}

/// Sub-claim -101: the health code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthCodeClaim {
    /// Whose code it is.
    pub holder: Holder,
    /// The colour shown.
    pub colour: Colour,
    /// Until when the colour holds unless something changes; whole seconds. The token expires no later.
    pub valid_until: DateTime<Utc>,
}

impl HealthCodeClaim {
    /// Check the schema.
    ///
    /// # Errors
    /// The first field that breaks it.
    pub fn check(&self) -> Result<(), SchemaError> {
        self.holder.check()?;
        check_time(self.valid_until, "valid_until")
    }

    /// Write the sub-claim's value.
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.map(4);
        self.holder.write(writer);
        writer.integer(3).integer(self.colour.number());
        writer.integer(4).integer(self.valid_until.timestamp());
    }

    /// Read the sub-claim's value, strictly.
    pub(super) fn read(map: &Value<'_>) -> Result<Self, SchemaError> {
        check_shape(map, 1..=4)?;
        let colour = match integer(map, 3, "colour")? {
            1 => Colour::Green,
            2 => Colour::Yellow,
            3 => Colour::Red,
            _ => return Err(SchemaError::Field("colour")),
        };
        let claim = Self { holder: Holder::read(map)?, colour, valid_until: time(map, 4, "valid_until")? };
        claim.check()?;
        Ok(claim)
    }
}

/// What the doctor concluded. A closed list: free text could carry a diagnosis to a stranger's scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// 未见异常
    NoAbnormality,
    /// 可返岗，需健康监测
    FitWithMonitoring,
}

impl Conclusion {
    const fn number(self) -> i64 {
        match self {
            Self::NoAbnormality => 1,
            Self::FitWithMonitoring => 2,
        }
    }
}

/// Sub-claim -102: the return-to-work certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnCertificateClaim {
    /// Who may return.
    pub holder: Holder,
    /// The certificate's number: 1 to 32 digits, capital letters and hyphens.
    pub number: String,
    /// What the doctor concluded.
    pub conclusion: Conclusion,
    /// When it was issued; whole seconds. A later copy of the same certificate keeps this time.
    pub issued: DateTime<Utc>,
    /// When it ends; whole seconds.
    pub expires: DateTime<Utc>,
    /// Division of destination, 6 or 9 digits (GB/T 2260).
    pub destination: String,
    /// Body temperature in tenths of a degree Celsius, 300 to 450, if one was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<u16>,
}

impl ReturnCertificateClaim {
    /// Check the schema.
    ///
    /// # Errors
    /// The first field that breaks it.
    pub fn check(&self) -> Result<(), SchemaError> {
        self.holder.check()?;
        let allowed = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'-';
        if !(1..=32).contains(&self.number.len()) || !self.number.bytes().all(allowed) {
            return Err(SchemaError::Field("number"));
        }
        check_time(self.issued, "issued")?;
        check_time(self.expires, "expires")?;
        if self.issued >= self.expires {
            return Err(SchemaError::Field("expires"));
        }
        division(&self.destination)?;
        if self.temperature.is_some_and(|tenths| !(300..=450).contains(&tenths)) {
            return Err(SchemaError::Field("temperature"));
        }
        Ok(())
    }

    /// Write the sub-claim's value; a claim that passed [`Self::check`] reads back as it was.
    pub(super) fn write(&self, writer: &mut Writer) -> Result<(), SchemaError> {
        writer.map(if self.temperature.is_some() { 8 } else { 7 });
        self.holder.write(writer);
        writer.integer(3).text(&self.number).integer(4).integer(self.conclusion.number());
        writer.integer(5).integer(self.issued.timestamp()).integer(6).integer(self.expires.timestamp());
        writer.integer(7).integer(division(&self.destination)?);
        if let Some(tenths) = self.temperature {
            writer.integer(8).integer(i64::from(tenths));
        }
        Ok(())
    }

    /// Read the sub-claim's value, strictly.
    pub(super) fn read(map: &Value<'_>) -> Result<Self, SchemaError> {
        check_shape(map, 1..=8)?;
        let conclusion = match integer(map, 4, "conclusion")? {
            1 => Conclusion::NoAbnormality,
            2 => Conclusion::FitWithMonitoring,
            _ => return Err(SchemaError::Field("conclusion")),
        };
        let temperature = match map.get(8) {
            None => None,
            Some(value) => {
                let tenths = value.integer().and_then(|tenths| u16::try_from(tenths).ok());
                Some(tenths.ok_or(SchemaError::Field("temperature"))?)
            }
        };
        let claim = Self {
            holder: Holder::read(map)?,
            number: text(map, 3, "number")?,
            conclusion,
            issued: time(map, 5, "issued")?,
            expires: time(map, 6, "expires")?,
            destination: integer(map, 7, "destination")?.to_string(),
            temperature,
        };
        claim.check()?;
        Ok(claim)
    }
}

/// The number of a division code of 6 or 9 digits. No code begins with 0, so no digit is lost in the number.
fn division(code: &str) -> Result<i64, SchemaError> {
    let right = matches!(code.len(), 6 | 9) && code.bytes().all(|byte| byte.is_ascii_digit());
    if !right || code.starts_with('0') {
        return Err(SchemaError::Field("destination"));
    }
    code.parse().map_err(|_| SchemaError::Field("destination"))
}

/// Times are sent as whole seconds; anything finer would not come back unchanged.
fn check_time(time: DateTime<Utc>, field: &'static str) -> Result<(), SchemaError> {
    let whole = time.timestamp_subsec_nanos() == 0 && time.timestamp() >= 0;
    if whole { Ok(()) } else { Err(SchemaError::Field(field)) }
}

fn check_shape(map: &Value<'_>, keys: std::ops::RangeInclusive<i64>) -> Result<(), SchemaError> {
    let entries = map.entries().ok_or(SchemaError::Shape)?;
    let known = entries.iter().all(|(key, _)| key.integer().is_some_and(|key| keys.contains(&key)));
    if entries.len() > 8 || !known || map.has_duplicate_keys() { Err(SchemaError::Shape) } else { Ok(()) }
}

fn text(map: &Value<'_>, key: i64, field: &'static str) -> Result<String, SchemaError> {
    let value = map.get(key).ok_or(SchemaError::Missing(field))?;
    value.text().map(str::to_owned).ok_or(SchemaError::Field(field))
}

fn integer(map: &Value<'_>, key: i64, field: &'static str) -> Result<i64, SchemaError> {
    map.get(key).ok_or(SchemaError::Missing(field))?.integer().ok_or(SchemaError::Field(field))
}

fn time(map: &Value<'_>, key: i64, field: &'static str) -> Result<DateTime<Utc>, SchemaError> {
    DateTime::from_timestamp(integer(map, key, field)?, 0).ok_or(SchemaError::Field(field))
}

#[cfg(test)]
#[path = "documents_tests.rs"]
mod tests;
