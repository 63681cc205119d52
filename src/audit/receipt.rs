//! Receipts: the portal's signed word that a submission has arrived, given at once; that it is in the record follows
//! with the next head.
//!
//! A receipt is a compact JWS (RFC 7515) with ES256 by the receipt key, so that anybody with the public key can check
//! it without us.

use super::chain::Position;
use super::head::{Head, PublicKeys};
use super::leaves::{Proof, prove};
use crate::crypto::{Keyring, SigningUsage, token};
use crate::db::schema::audit_entries;
use crate::db::{Conn, Id, Ts};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// No receipt of ours is longer.
const MAX_TEXT: usize = 2000;
/// How much of what was pasted is searched for a receipt.
const MAX_PASTED: usize = 64 * 1024;
/// How every receipt of ours begins: the header's first two members, encoded.
const BEGINNING: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6";

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The submission's number, such as `SB200312-7K3M9QX2`.
    pub number: String,
    /// What was submitted: `declaration`, `application` …
    pub kind: String,
    /// SHA-256 of what was submitted, hexadecimal.
    pub digest: String,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// Lane of its entry in the record.
    pub lane: i32,
    /// Place in the lane.
    pub seq: i64,
    /// The entry's hash, hexadecimal.
    pub entry: String,
}

impl Receipt {
    /// The receipt of a submission, with the position that [`super::append`] gave for its entry.
    pub fn new(number: &str, kind: &str, content: &[u8], at: DateTime<Utc>, position: &Position) -> Self {
        Self {
            number: number.to_owned(),
            kind: kind.to_owned(),
            digest: hex::encode(Sha256::digest(content)),
            at: crate::clock::to_micros(at),
            lane: position.lane,
            seq: position.seq,
            entry: hex::encode(position.hash),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

const TYPE: &str = "fugong-receipt+jws";

/// Signs a receipt.
///
/// # Errors
/// No random numbers from the system.
pub fn sign_receipt(keys: &Keyring, receipt: &Receipt) -> AppResult<String> {
    let key = keys.signing_key(SigningUsage::Receipt)?;
    let header = Header { alg: "ES256".into(), typ: TYPE.into(), kid: hex::encode(key.kid()) };
    let part = |bytes: Result<Vec<u8>, serde_json::Error>| {
        bytes.map(|b| token::base64url(&b)).map_err(AppError::internal)
    };
    let input = format!("{}.{}", part(serde_json::to_vec(&header))?, part(serde_json::to_vec(receipt))?);
    let signature = key.sign(input.as_bytes())?;
    Ok(format!("{input}.{}", token::base64url(&signature)))
}

/// Reads a receipt that this portal has signed; spaces and line breaks from copying do not matter, nor does what
/// stands before it, such as the rest of a saved file. `None` for everything else.
pub fn read_receipt(keys: &Keyring, text: &str) -> Option<Receipt> {
    let text: String = text.chars().take(MAX_PASTED).filter(|c| !c.is_whitespace()).collect();
    let text = text.get(text.rfind(BEGINNING)?..)?;
    if text.len() > MAX_TEXT {
        return None;
    }
    let (input, signature) = text.rsplit_once('.')?;
    let (header, payload) = input.split_once('.')?;
    let header: Header = serde_json::from_slice(&token::from_base64url(header)?).ok()?;
    if header.alg != "ES256" || header.typ != TYPE {
        return None;
    }
    let keys = PublicKeys::of(keys, SigningUsage::Receipt);
    let kid = hex::decode(header.kid).ok()?;
    if !keys.verify(&kid, input.as_bytes(), &token::from_base64url(signature)?) {
        return None;
    }
    serde_json::from_slice(&token::from_base64url(payload)?).ok()
}

/// Whether the record still has what a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// In the tree of a signed head, by this proof.
    Included(Box<(Proof, Head)>),
    /// In the record; no head has been signed since.
    Waiting,
    /// The record does not have it: it was altered or removed.
    Missing,
}

/// Looks a receipt's entry up.
///
/// # Errors
/// Database errors.
pub fn standing(conn: &mut Conn, receipt: &Receipt) -> AppResult<Standing> {
    let stored: Option<Vec<u8>> = audit_entries::table
        .find((receipt.lane, receipt.seq))
        .select(audit_entries::hash)
        .first(conn)
        .optional()?;
    let same = stored.is_some_and(|hash| hex::encode(hash) == receipt.entry);
    if !same || hex::encode(super::entry_hash(conn, receipt.lane, receipt.seq)?) != receipt.entry {
        return Ok(Standing::Missing);
    }
    Ok(match prove(conn, receipt.lane, receipt.seq)? {
        Some(found) => Standing::Included(Box::new(found)),
        None => Standing::Waiting,
    })
}

/// The entry of an object's first record of an action, for proofs on a case's page: lane and place.
///
/// # Errors
/// Database errors.
pub fn entry_of(conn: &mut Conn, object: Id, action: &str) -> AppResult<Option<(i32, i64, DateTime<Utc>)>> {
    let found: Option<(i32, i64, Ts)> = audit_entries::table
        .filter(audit_entries::object_id.eq(Some(object)))
        .filter(audit_entries::action.eq(action))
        .order(audit_entries::at)
        .select((audit_entries::lane, audit_entries::seq, audit_entries::at))
        .first(conn)
        .optional()?;
    Ok(found.map(|(lane, seq, at)| (lane, seq, at.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_read_as_copied_and_not_when_changed() {
        let keys = Keyring::ephemeral().unwrap();
        let at = "2020-03-12T02:32:00Z".parse().unwrap();
        let position = Position { lane: 3, seq: 41, hash: [7; 32] };
        let receipt = Receipt::new("SB200312-7K3M9QX2", "declaration", b"content", at, &position);
        let text = sign_receipt(&keys, &receipt).unwrap();
        assert_eq!(read_receipt(&keys, &text), Some(receipt.clone()));
        let copied = format!("  {}\r\n{}\n", &text[..80], &text[80..]);
        assert_eq!(read_receipt(&keys, &copied), Some(receipt.clone()));
        let file = format!("健康申报回执\n编号: SB200312-7K3M9QX2\n\n{text}\n");
        assert_eq!(read_receipt(&keys, &file), Some(receipt));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(read_receipt(&keys, &String::from_utf8(bytes).unwrap()), None, "character {at}");
        }
        assert_eq!(read_receipt(&Keyring::ephemeral().unwrap(), &text), None, "another portal's key");
        assert_eq!(read_receipt(&keys, &"a.".repeat(2000)), None);
        assert_eq!(read_receipt(&keys, ""), None);
    }
}
