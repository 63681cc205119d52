//! The receipt: proof, signed at once, that these answers were received at this moment under this number.

use super::answers::Answers;
use crate::crypto::{Keyring, SigningUsage, token};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A receipt as kept and as saved by the resident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Number of the declaration.
    pub number: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// SHA-256 of the answers as stored (JSON), base64url.
    pub digest: String,
    /// Name of the key: first 8 bytes of SHA-256 of its SubjectPublicKeyInfo, hexadecimal.
    pub kid: String,
    /// ES256 over [`Receipt::message`], base64url.
    pub signature: String,
}

impl Receipt {
    /// Signs for answers.
    ///
    /// # Errors
    /// The receipt key is missing or failed.
    pub fn sign(keys: &Keyring, number: &str, answers: &Answers, now: DateTime<Utc>) -> AppResult<Self> {
        let json = serde_json::to_vec(answers).map_err(AppError::internal)?;
        let digest = token::base64url(&Sha256::digest(json));
        let key = keys.signing_key(SigningUsage::Receipt)?;
        let kid = key.kid().iter().map(|b| format!("{b:02x}")).collect();
        let mut receipt =
            Self { number: number.to_owned(), received_at: now, digest, kid, signature: String::new() };
        receipt.signature = token::base64url(&key.sign(receipt.message().as_bytes())?);
        Ok(receipt)
    }

    /// What is signed: four lines, each ended by a line feed.
    pub fn message(&self) -> String {
        let at = self.received_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        format!("fugong-receipt-1\n{}\n{at}\n{}\n", self.number, self.digest)
    }
}
