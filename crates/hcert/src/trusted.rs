//! Which keys a verifier trusts, for whom and for what.

use super::keys::{KeyError, KeyId, VerificationKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::ext::pkix::ExtendedKeyUsage;

/// What a key may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// Health codes (-101).
    Code,
    /// Return-to-work certificates (-102).
    Certificate,
    /// Messages between servers; never a document.
    Transport,
    /// Status lists.
    Status,
    /// EU vaccination certificates.
    EuVaccination,
    /// EU test certificates.
    EuTest,
    /// EU recovery certificates.
    EuRecovery,
}

/// For whom a key speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// Documents whose `iss` is this, and no others (hcert-spec #52).
    Issuer(String),
    /// Any issuer: a single certificate that somebody chose to trust.
    Any,
}

/// A key, and how far it is trusted.
#[derive(Debug, Clone)]
pub struct TrustedKey {
    /// For whom it speaks.
    pub authority: Authority,
    /// The key.
    pub key: VerificationKey,
    /// What it may sign.
    pub usage: Vec<Usage>,
    /// Documents issued earlier are not this key's.
    pub not_before: Option<DateTime<Utc>>,
    /// From this moment on nothing of this key is accepted.
    pub not_after: Option<DateTime<Utc>>,
}

/// Where a verifier finds keys.
pub trait KeySource {
    /// **Every** key of this name: 8 bytes may collide, so one of several may be the right one
    /// (verifier-app-android #35).
    fn keys(&self, id: KeyId) -> &[TrustedKey];

    /// Whether a key that may not sign this kind of document is refused. With a single certificate it is only
    /// noted: whoever names one certificate wants to know about this document.
    fn enforces_usage(&self) -> bool {
        true
    }
}

/// Keys by name; what a trust list becomes when it is loaded.
#[derive(Debug, Clone, Default)]
pub struct KeyIndex {
    keys: HashMap<KeyId, Vec<TrustedKey>>,
}

impl KeyIndex {
    /// Add a key under a name.
    pub fn insert(&mut self, id: KeyId, key: TrustedKey) {
        self.keys.entry(id).or_default().push(key);
    }
}

impl KeySource for KeyIndex {
    fn keys(&self, id: KeyId) -> &[TrustedKey] {
        self.keys.get(&id).map_or(&[], Vec::as_slice)
    }
}

/// Why an X.509 certificate cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CertificateError {
    /// Neither DER, nor PEM, nor DER in base64.
    #[error("not an X.509 certificate")]
    Encoding,
    /// The key in it is not acceptable.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// One X.509 certificate, trusted for any issuer, under the EU rule for key names.
#[derive(Debug, Clone)]
pub struct CertificateTrust {
    id: KeyId,
    keys: [TrustedKey; 1],
}

impl CertificateTrust {
    /// Take a certificate: DER, PEM (the first one in the text) or DER in base64.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn read(bytes: &[u8]) -> Result<Self, CertificateError> {
        let der = certificate_der(bytes).ok_or(CertificateError::Encoding)?;
        let (key, usage) = eu_signing_key(&der)?;
        let key = TrustedKey { authority: Authority::Any, key, usage, not_before: None, not_after: None };
        Ok(Self { id: KeyId::of(&der), keys: [key] })
    }

    /// First 8 bytes of SHA-256 of the certificate.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }
}

impl KeySource for CertificateTrust {
    fn keys(&self, id: KeyId) -> &[TrustedKey] {
        if id == self.id { &self.keys } else { &[] }
    }

    fn enforces_usage(&self) -> bool {
        false
    }
}

/// The DER in a PEM, base64 or DER file.
fn certificate_der(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.first() == Some(&0x30) {
        return Some(bytes.to_vec());
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let body = match text.split_once("-----BEGIN CERTIFICATE-----") {
        Some((_, rest)) => rest.split_once("-----END CERTIFICATE-----")?.0,
        None => text,
    };
    let body: String = body.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    STANDARD.decode(body).ok()
}

/// Key of an EU signing certificate, with the kinds that its extended key usage names (HCERT appendix A.4); one
/// that names none may sign all. Early certificates carry the identifiers with a stray `.0`.
fn eu_signing_key(der: &[u8]) -> Result<(VerificationKey, Vec<Usage>), CertificateError> {
    let certificate = Certificate::from_der(der).map_err(|_| CertificateError::Encoding)?;
    let tbs = certificate.tbs_certificate();
    let spki =
        x509_cert::der::Encode::to_der(tbs.subject_public_key_info()).map_err(|_| KeyError::Encoding)?;
    let key = VerificationKey::from_spki(&spki)?;
    let purposes = match tbs.get_extension::<ExtendedKeyUsage>() {
        Ok(extension) => extension.map(|(_, purposes)| purposes.0).unwrap_or_default(),
        // What cannot be read cannot allow anything.
        Err(_) => return Ok((key, Vec::new())),
    };
    let mut usage: Vec<Usage> = purposes.iter().filter_map(usage_of).collect();
    if usage.is_empty() {
        usage = vec![Usage::EuVaccination, Usage::EuTest, Usage::EuRecovery];
    }
    Ok((key, usage))
}

fn usage_of(purpose: &ObjectIdentifier) -> Option<Usage> {
    let text = purpose.to_string();
    let last = ["1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1."]
        .into_iter()
        .find_map(|prefix| text.strip_prefix(prefix))?;
    match last {
        "1" => Some(Usage::EuTest),
        "2" => Some(Usage::EuVaccination),
        "3" => Some(Usage::EuRecovery),
        _ => None,
    }
}
