//! Issuing: claims of an own document → `HC1:` text.

use super::cose;
use super::cwt::{Claims, CwtError};
use super::keys::{Signer, SigningError};
use super::{base45, zlib};
use thiserror::Error;

/// Context identifier of HCERT version 1 (HCERT §4.2.2).
pub const PREFIX: &str = "HC1:";

/// Why a document was not issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IssueError {
    /// The claims break the frame or the schema.
    #[error(transparent)]
    Claims(#[from] CwtError),
    /// The signer failed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// Sign `claims` and give the text that goes into a QR symbol (alphanumeric mode, level Q).
///
/// # Errors
/// [`IssueError`]: nothing is signed that the own verifier would refuse as malformed.
pub fn issue(claims: &Claims, signer: &dyn Signer) -> Result<String, IssueError> {
    let message = cose::sign1(&claims.to_payload()?, None, signer)?;
    Ok(to_text(&message))
}

/// Messages up to this length (bytes) are stored, not deflated. A shown code has some 150 bytes, 64 of them a signature:
/// deflating saves two bytes of it and takes as long as signing. A certificate has 270 and gets ten bytes smaller.
const STORED_UP_TO: usize = 200;

/// The text of any signed message: zlib, base45, prefix.
#[must_use]
pub fn to_text(message: &[u8]) -> String {
    let stored = if message.len() <= STORED_UP_TO { zlib::store(message) } else { None };
    let mut text = String::from(PREFIX);
    text.push_str(&base45::encode(&stored.unwrap_or_else(|| zlib::deflate(message))));
    text
}
