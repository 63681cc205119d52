//! The receipt: proof, signed at once, that these answers were received at this moment under this number. It is the
//! portal's common receipt ([`crate::audit::Receipt`]), so that anybody can check it at `/receipts/check`.

use super::answers::Answers;
use crate::audit;
use crate::crypto::Keyring;
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A receipt as kept and as saved by the resident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Number of the declaration.
    pub number: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// SHA-256 of the answers as stored (JSON), hexadecimal.
    pub digest: String,
    /// The signed receipt, a compact JWS; empty in receipts of earlier versions, which were signed in another form.
    #[serde(default)]
    pub signed: String,
}

impl Receipt {
    /// Signs for answers whose submission has this place in the record.
    ///
    /// # Errors
    /// The receipt key is missing or failed.
    pub fn sign(
        keys: &Keyring,
        number: &str,
        answers: &Answers,
        place: &audit::Position,
        now: DateTime<Utc>,
    ) -> AppResult<Self> {
        let json = serde_json::to_vec(answers).map_err(AppError::internal)?;
        let receipt = audit::Receipt::new(number, "declaration", &json, now, place);
        let signed = audit::sign_receipt(keys, &receipt)?;
        Ok(Self { number: receipt.number, received_at: receipt.at, digest: receipt.digest, signed })
    }
}
