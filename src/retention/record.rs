//! The public record of a run: a text, and the signature of the audit key over exactly that text.

use super::run::Run;
use crate::audit::PublicKeys;
use crate::audit::tree::Hash;
use crate::crypto::{Keyring, SigningUsage};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a record says. Its JSON is what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// `fugong-retention-run-1`.
    pub format: String,
    /// Division code of the province.
    pub province: String,
    /// Kind of record.
    pub kind: String,
    /// Local day of the run.
    pub day: String,
    /// The rule by which it was destroyed.
    pub rule: String,
    /// The rule's version.
    pub rule_version: i32,
    /// What started its clock before this was due.
    pub cut_off: DateTime<Utc>,
    /// Records destroyed.
    pub count: i64,
    /// When the oldest of them started its clock; `null` where none of them began at a moment.
    pub oldest: Option<DateTime<Utc>>,
    /// When the newest of them did.
    pub newest: Option<DateTime<Utc>>,
    /// Begun.
    pub started_at: DateTime<Utc>,
    /// Ended; what was destroyed has been overwritten or vacuumed by then.
    pub finished_at: DateTime<Utc>,
    /// 16 random bytes before each identifier, hexadecimal.
    pub salt: String,
    /// Root of the RFC 9162 tree whose leaves are salt and identifier (hexadecimal digits), in the order of identifiers.
    pub root: String,
    /// SHA-256 of the text of this kind's record before; `null` for the first.
    pub previous: Option<String>,
}

impl Record {
    pub(super) fn new(
        run: &Run,
        province: &str,
        rule: &str,
        root: &Hash,
        before: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            format: "fugong-retention-run-1".into(),
            province: province.into(),
            kind: run.kind.clone(),
            day: run.day.clone(),
            rule: rule.into(),
            rule_version: run.rule_version,
            cut_off: run.cut_off.0,
            count: run.count,
            oldest: run.oldest.map(|t| t.0),
            newest: run.newest.map(|t| t.0),
            started_at: run.started_at.0,
            finished_at: crate::clock::to_micros(now),
            salt: hex::encode(&run.salt),
            root: hex::encode(root),
            previous: before.map(digest),
        }
    }
}

/// SHA-256 of a record's text, hexadecimal.
pub(super) fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// Signs a record's text: key id and ES256.
pub(super) fn sign(keys: &Keyring, text: &str) -> AppResult<(Vec<u8>, Vec<u8>)> {
    let key = keys.signing_key(SigningUsage::Audit)?;
    Ok((key.kid().to_vec(), key.sign(text.as_bytes())?.to_vec()))
}

/// A record with its signature.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignedRun {
    /// Identifier of the run.
    pub id: String,
    /// The record as text: these bytes are signed, and their SHA-256 is `previous` of the next record.
    pub text: String,
    /// Id of the audit key that signed, hexadecimal.
    pub kid: String,
    /// ES256 (r ‖ s) over the text, hexadecimal.
    pub signature: String,
    /// What the text says.
    pub record: Record,
}

impl SignedRun {
    pub(super) fn of(run: &Run) -> AppResult<Self> {
        let text = run.record.clone().ok_or_else(|| AppError::internal("a run without a record"))?;
        Ok(Self {
            id: run.id.to_string(),
            record: serde_json::from_str(&text).map_err(AppError::internal)?,
            text,
            kid: hex::encode(run.kid.as_deref().unwrap_or_default()),
            signature: hex::encode(run.signature.as_deref().unwrap_or_default()),
        })
    }

    /// Whether one of the audit keys has signed the text.
    pub fn is_signed(&self, keys: &PublicKeys) -> bool {
        let bytes = |text: &str| hex::decode(text).unwrap_or_default();
        keys.verify(&bytes(&self.kid), self.text.as_bytes(), &bytes(&self.signature))
    }
}
