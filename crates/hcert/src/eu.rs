//! The EU Digital COVID Certificate (sub-claim 1): read from arrivals, never issued.
//!
//! Some thirty countries wrote it with a dozen programs, so reading is tolerant: what is missing or odd
//! beside the schema (eu-dcc-schema 1.0.0 to 1.3.0) is **noted**, and only what cannot be shown at all is
//! refused. Value sets (vaccines, laboratories, countries) are the business of acceptance rules, not of this
//! module.

use super::cbor::{self, Value};
use super::documents::SchemaError;
use super::json;

/// What the certificate attests; each has an object identifier that a signing certificate may be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EuKind {
    /// `v`
    Vaccination,
    /// `t`
    Test,
    /// `r`
    Recovery,
}

impl EuKind {
    const ALL: [Self; 3] = [Self::Vaccination, Self::Test, Self::Recovery];

    /// The key in the certificate.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Vaccination => "v",
            Self::Test => "t",
            Self::Recovery => "r",
        }
    }

    /// Fields that each entry must have, all of them text unless they are doses.
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Vaccination => &["tg", "vp", "mp", "ma", "dn", "sd", "dt", "co", "is", "ci"],
            Self::Test => &["tg", "tt", "sc", "tr", "co", "is", "ci"],
            Self::Recovery => &["tg", "fr", "co", "is", "df", "du", "ci"],
        }
    }
}

/// A certificate as it was signed, with what is odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EuCertificate {
    /// The kinds of entries it has; the schema allows one.
    pub kinds: Vec<EuKind>,
    /// Paths that deviate from the schema, such as `t[0].sc`. No values.
    pub notes: Vec<String>,
    raw: Vec<u8>,
}

impl EuCertificate {
    /// Read the value of sub-claim 1; `raw` is the payload it is part of.
    pub(super) fn read(map: &Value<'_>, raw: &[u8]) -> Result<Self, SchemaError> {
        map.entries().ok_or(SchemaError::Shape)?;
        let kinds: Vec<EuKind> = EuKind::ALL
            .into_iter()
            .filter(|kind| map.get_text(kind.key()).is_some_and(|value| *value != Value::Null))
            .collect();
        if kinds.is_empty() {
            return Err(SchemaError::Missing("v, t or r"));
        }
        let mut notes = Vec::new();
        if kinds.len() > 1 {
            notes.push("v, t, r".to_owned());
        }
        if map.has_duplicate_keys() {
            return Err(SchemaError::Shape);
        }
        for field in ["ver", "dob"] {
            if map.get_text(field).and_then(Value::text).is_none() {
                notes.push(field.to_owned());
            }
        }
        let name = map.get_text("nam").ok_or(SchemaError::Missing("nam"))?;
        if name.get_text("fnt").and_then(Value::text).is_none() {
            notes.push("nam.fnt".to_owned());
        }
        for kind in &kinds {
            note_entries(*kind, map, &mut notes)?;
        }
        Ok(Self { kinds, notes, raw: raw.to_vec() })
    }

    /// `hcert` as JSON, field by field as it was signed, with whatever stands beside the certificate.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let payload = cbor::read(&self.raw).ok();
        payload.as_ref().and_then(|claims| claims.get(-260)).map_or(serde_json::Value::Null, json::from_cbor)
    }

    /// Claims of the frame that this project has no name for, under their numbers.
    #[must_use]
    pub fn other_claims(&self, known: &[i64]) -> Vec<(String, serde_json::Value)> {
        let payload = cbor::read(&self.raw).ok();
        let entries = payload.as_ref().and_then(Value::entries).unwrap_or_default();
        let other = entries.iter().filter(|(key, _)| key.integer().is_none_or(|key| !known.contains(&key)));
        other.map(|(key, value)| (json::key_text(key), json::from_cbor(value))).collect()
    }
}

fn note_entries(kind: EuKind, map: &Value<'_>, notes: &mut Vec<String>) -> Result<(), SchemaError> {
    let entries = map.get_text(kind.key()).and_then(Value::elements);
    let entries = entries.ok_or(SchemaError::Field(kind.key()))?;
    if entries.len() != 1 {
        notes.push(kind.key().to_owned());
    }
    // One entry is the schema's limit; a few more are looked at, so that notes stay short.
    for (index, entry) in entries.iter().take(4).enumerate() {
        for field in kind.fields() {
            let right = match entry.get_text(field) {
                Some(Value::Integer(_)) => matches!(*field, "dn" | "sd"),
                Some(Value::Text(_) | Value::Tag(..)) => true,
                _ => false,
            };
            if !right {
                notes.push(format!("{}[{index}].{field}", kind.key()));
            }
        }
    }
    Ok(())
}
