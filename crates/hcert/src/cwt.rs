//! CWT claims (RFC 8392): the frame around a document, and its reading and writing.
//!
//! Own documents are held to one exact frame. Foreign ones are read with the tolerance that the EU's test
//! data asks for: times may have fractions or tags, `iss` and `iat` may be missing.

use super::cbor::{self, CborError, Value, Writer};
use super::documents::{HealthCodeClaim, ReturnCertificateClaim, SchemaError};
use super::eu::EuCertificate;
use super::json;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value as Json};
use thiserror::Error;

const ISS: i64 = 1;
const EXP: i64 = 4;
const NBF: i64 = 5;
const IAT: i64 = 6;
const CTI: i64 = 7;
const STATUS: i64 = 65535;
const HCERT: i64 = -260;
const EU: i64 = 1;
const HEALTH_CODE: i64 = -101;
const RETURN_CERTIFICATE: i64 = -102;

/// Longest address of a status list, in bytes.
pub const MAX_URI: usize = 200;

/// A document without a status reference cannot be revoked, so it may live no longer than an online verifier
/// would trust a status list: 5 minutes.
pub const MAX_LIFE_WITHOUT_STATUS: TimeDelta = TimeDelta::minutes(5);

/// Why a payload is not an acceptable set of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CwtError {
    /// The CBOR is broken.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Not a map, too many claims, or a claim twice.
    #[error("the claims are not a map without repetition")]
    Shape,
    /// A claim of the frame is missing.
    #[error("the claim {0} is missing")]
    Missing(&'static str),
    /// A claim of the frame has the wrong type or range, or does not fit the others.
    #[error("the claim {0} is not acceptable")]
    Claim(&'static str),
    /// A claim that an own document does not have.
    #[error("an unknown claim")]
    Unknown,
    /// The document inside breaks its schema.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// Where to look up whether a document was revoked (Token Status List, `status_list` reference).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReference {
    /// Position in the list.
    pub index: u64,
    /// Address of the list, which is also its name.
    pub uri: String,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// Sub-claim -101.
    HealthCode(HealthCodeClaim),
    /// Sub-claim -102.
    ReturnCertificate(ReturnCertificateClaim),
    /// Sub-claim 1, from abroad.
    Eu(EuCertificate),
}

/// The claims of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// `iss`: `CN-51` and the like; for EU documents the country, if stated.
    pub issuer: Option<String>,
    /// `iat`.
    pub issued_at: Option<DateTime<Utc>>,
    /// `nbf`, foreign documents only.
    pub not_before: Option<DateTime<Utc>>,
    /// `exp`.
    pub expires: Option<DateTime<Utc>>,
    /// `cti`: 16 random bytes in own documents.
    pub id: Option<Vec<u8>>,
    /// Status reference; required where [`MAX_LIFE_WITHOUT_STATUS`] is exceeded.
    pub status: Option<StatusReference>,
    /// The document.
    pub document: Document,
}

/// Whether this is the name of a province as an issuer: `CN-` and the two digits of GB/T 2260.
#[must_use]
pub fn is_province(issuer: &str) -> bool {
    issuer
        .strip_prefix("CN-")
        .is_some_and(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Claims {
    /// Read a payload.
    ///
    /// # Errors
    /// [`CwtError`]; [`CwtError::Schema`] when the frame is right and the document is not.
    pub fn read(payload: &[u8]) -> Result<Self, CwtError> {
        let claims = match cbor::read(payload)? {
            Value::Tag(super::cose::TAG_CWT, claims) => *claims,
            claims => claims,
        };
        let entries = claims.entries().ok_or(CwtError::Shape)?;
        if entries.len() > 32 || claims.has_duplicate_keys() {
            return Err(CwtError::Shape);
        }
        let hcert = claims.get(HCERT).ok_or(CwtError::Missing("hcert"))?;
        let documents = hcert.entries().ok_or(CwtError::Claim("hcert"))?;
        if documents.len() > 32 || hcert.has_duplicate_keys() {
            return Err(CwtError::Claim("hcert"));
        }
        let own = hcert.get(HEALTH_CODE).is_some() || hcert.get(RETURN_CERTIFICATE).is_some();
        let parsed =
            if own { Self::read_own(&claims, hcert) } else { Self::read_eu(&claims, hcert, payload) }?;
        if own {
            parsed.check()?;
        }
        Ok(parsed)
    }

    fn read_eu(claims: &Value<'_>, hcert: &Value<'_>, payload: &[u8]) -> Result<Self, CwtError> {
        let certificate = hcert.get(EU).ok_or(SchemaError::Missing("hcert.1"))?;
        let time = |key, name| match claims.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => json::moment(value).map(Some).ok_or(CwtError::Claim(name)),
        };
        Ok(Self {
            issuer: claims.get(ISS).and_then(Value::text).map(str::to_owned),
            issued_at: time(IAT, "iat")?,
            not_before: time(NBF, "nbf")?,
            expires: Some(time(EXP, "exp")?.ok_or(CwtError::Missing("exp"))?),
            id: claims.get(CTI).and_then(Value::bytes).map(<[u8]>::to_vec),
            status: claims.get(STATUS).map(read_status).transpose()?,
            document: Document::Eu(EuCertificate::read(certificate, payload)?),
        })
    }

    fn read_own(claims: &Value<'_>, hcert: &Value<'_>) -> Result<Self, CwtError> {
        let known = |key: &Value<'_>| matches!(key.integer(), Some(ISS | EXP | IAT | CTI | STATUS | HCERT));
        if !claims.entries().unwrap_or_default().iter().all(|(key, _)| known(key)) {
            return Err(CwtError::Unknown);
        }
        let required = |key, name| claims.get(key).ok_or(CwtError::Missing(name));
        let time = |key, name| {
            let seconds = required(key, name)?.integer().ok_or(CwtError::Claim(name))?;
            DateTime::from_timestamp(seconds, 0).ok_or(CwtError::Claim(name))
        };
        let document = match hcert.entries().unwrap_or_default() {
            [(Value::Integer(HEALTH_CODE), map)] => Document::HealthCode(HealthCodeClaim::read(map)?),
            [(Value::Integer(RETURN_CERTIFICATE), map)] => {
                Document::ReturnCertificate(ReturnCertificateClaim::read(map)?)
            }
            _ => return Err(SchemaError::Shape.into()),
        };
        Ok(Self {
            issuer: Some(required(ISS, "iss")?.text().ok_or(CwtError::Claim("iss"))?.to_owned()),
            issued_at: Some(time(IAT, "iat")?),
            not_before: None,
            expires: Some(time(EXP, "exp")?),
            id: Some(required(CTI, "cti")?.bytes().ok_or(CwtError::Claim("cti"))?.to_vec()),
            status: claims.get(STATUS).map(read_status).transpose()?,
            document,
        })
    }

    /// Check the frame of an own document: the same rules on issue and on receipt.
    ///
    /// # Errors
    /// The first claim that breaks them.
    pub fn check(&self) -> Result<(), CwtError> {
        let issuer = self.issuer.as_deref().ok_or(CwtError::Missing("iss"))?;
        if !is_province(issuer) {
            return Err(CwtError::Claim("iss"));
        }
        if self.not_before.is_some() {
            return Err(CwtError::Unknown);
        }
        if self.id.as_ref().ok_or(CwtError::Missing("cti"))?.len() != 16 {
            return Err(CwtError::Claim("cti"));
        }
        let issued = self.issued_at.ok_or(CwtError::Missing("iat"))?;
        let expires = self.expires.ok_or(CwtError::Missing("exp"))?;
        if issued.timestamp() < 0 || issued.timestamp_subsec_nanos() != 0 {
            return Err(CwtError::Claim("iat"));
        }
        if issued >= expires || expires.timestamp_subsec_nanos() != 0 {
            return Err(CwtError::Claim("exp"));
        }
        if self.status.as_ref().is_some_and(|status| !is_acceptable_uri(&status.uri)) {
            return Err(CwtError::Claim("status"));
        }
        let lifelong = expires - issued > MAX_LIFE_WITHOUT_STATUS;
        let (ends, always) = match &self.document {
            Document::HealthCode(code) => {
                code.check()?;
                (code.valid_until, false)
            }
            Document::ReturnCertificate(certificate) => {
                certificate.check()?;
                if certificate.issued > issued {
                    return Err(SchemaError::Field("issued").into());
                }
                (certificate.expires, true)
            }
            Document::Eu(_) => return Err(SchemaError::Shape.into()),
        };
        // A token that outlived what it states would state something false.
        if expires > ends {
            return Err(CwtError::Claim("exp"));
        }
        if self.status.is_none() && (always || lifelong) { Err(CwtError::Missing("status")) } else { Ok(()) }
    }

    /// The payload of an own document, in the deterministic form of RFC 8949 §4.2.
    ///
    /// # Errors
    /// As [`Claims::check`].
    pub fn to_payload(&self) -> Result<Vec<u8>, CwtError> {
        self.check()?;
        let mut writer = Writer::with_capacity(256);
        writer.map(if self.status.is_some() { 6 } else { 5 });
        writer.integer(ISS).text(self.issuer.as_deref().unwrap_or_default());
        writer.integer(EXP).integer(self.expires.map_or(0, |time| time.timestamp()));
        writer.integer(IAT).integer(self.issued_at.map_or(0, |time| time.timestamp()));
        writer.integer(CTI).bytes(self.id.as_deref().unwrap_or_default());
        if let Some(status) = &self.status {
            let index = i64::try_from(status.index).map_err(|_| CwtError::Claim("status"))?;
            writer.integer(STATUS).map(1).text("status_list").map(2);
            writer.text("idx").integer(index).text("uri").text(&status.uri);
        }
        writer.integer(HCERT).map(1);
        match &self.document {
            Document::HealthCode(code) => code.write(writer.integer(HEALTH_CODE)),
            Document::ReturnCertificate(certificate) => {
                certificate.write(writer.integer(RETURN_CERTIFICATE))?
            }
            Document::Eu(_) => return Err(SchemaError::Shape.into()),
        }
        Ok(writer.finish())
    }

    /// The claims as JSON, under the names of the CWT registry; times are seconds since 1970 as they were signed.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut map = Map::new();
        let mut put = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                map.insert(name.to_owned(), value);
            }
        };
        put("iss", self.issuer.clone().map(Json::from));
        put("iat", self.issued_at.map(seconds));
        put("nbf", self.not_before.map(seconds));
        put("exp", self.expires.map(seconds));
        put("cti", self.id.as_ref().map(|id| Json::from(hex::encode(id))));
        let status = self.status.as_ref();
        put(
            "status",
            status.map(|status| serde_json::json!({"status_list": {"idx": status.index, "uri": status.uri}})),
        );
        let named = |key: i64, document: Result<Json, serde_json::Error>| {
            Json::Object(Map::from_iter([(key.to_string(), document.unwrap_or(Json::Null))]))
        };
        let hcert = match &self.document {
            Document::HealthCode(code) => named(HEALTH_CODE, serde_json::to_value(code)),
            Document::ReturnCertificate(certificate) => {
                named(RETURN_CERTIFICATE, serde_json::to_value(certificate))
            }
            Document::Eu(certificate) => {
                for (name, value) in certificate.other_claims(&[ISS, IAT, NBF, EXP, CTI, STATUS, HCERT]) {
                    put(&name, Some(value));
                }
                certificate.to_json()
            }
        };
        put("hcert", Some(hcert));
        Json::Object(map)
    }
}

fn seconds(time: DateTime<Utc>) -> Json {
    if time.timestamp_subsec_micros() == 0 {
        return Json::from(time.timestamp());
    }
    let text = format!("{}.{:06}", time.timestamp(), time.timestamp_subsec_micros());
    text.parse::<f64>().map_or(Json::Null, Json::from)
}

/// `https` (or `http`, for a province's inner network) and printable ASCII without spaces.
fn is_acceptable_uri(uri: &str) -> bool {
    let scheme = uri.starts_with("https://") || uri.starts_with("http://");
    scheme && uri.len() <= MAX_URI && uri.bytes().all(|byte| byte.is_ascii_graphic())
}

fn read_status(value: &Value<'_>) -> Result<StatusReference, CwtError> {
    let wrong = CwtError::Claim("status");
    let list = value.get_text("status_list").ok_or(wrong)?;
    let index = list.get_text("idx").and_then(Value::integer).and_then(|index| u64::try_from(index).ok());
    let uri = list.get_text("uri").and_then(Value::text).ok_or(wrong)?;
    Ok(StatusReference { index: index.ok_or(wrong)?, uri: uri.to_owned() })
}

#[cfg(test)]
#[path = "cwt_tests.rs"]
mod tests;
