//! The trust list: which keys of which provinces are trusted, signed by several offline root keys.
//!
//! One static, public file. A verifier accepts it with signatures of 2 of n pinned roots (two officers), keeps
//! the last good list until its `nextUpdate` and refuses a lower sequence, or another content under the same
//! one. A tombstone tells why a key was removed; a key may come back after that (dgc-gateway #172), so entries
//! decide and tombstones explain.

use super::cose::{CoseError, Sign};
use super::keys::{Algorithm, KeyError, KeyId, Signer, SigningError, VerificationKey};
use super::trust_codec;
use super::trusted::{Authority, KeyIndex, KeySource, TrustedKey, Usage};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// `typ` of a trust list, so that no other signature of a root can pass for one.
pub const TYPE: &str = "application/fugong-trust-list+cbor";

/// One key of one province.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TrustEntry {
    /// The only `iss` this key may speak for.
    pub province: String,
    /// Name of the province or its office, for people; 1 to 100 characters.
    pub name: String,
    /// Key id, 16 hexadecimal digits in JSON.
    #[serde(with = "trust_codec::hex_id")]
    pub kid: KeyId,
    /// SubjectPublicKeyInfo (DER), base64 in JSON.
    #[serde(with = "trust_codec::base64_bytes")]
    pub spki: Vec<u8>,
    /// COSE number of the algorithm.
    pub alg: i64,
    /// What it may sign.
    pub usage: Vec<Usage>,
    /// From when its signatures count.
    pub not_before: DateTime<Utc>,
    /// From when on nothing that it signed counts any more.
    pub not_after: DateTime<Utc>,
    /// Addresses under which its status lists are served.
    pub status_endpoints: Vec<String>,
    /// Address of its exchange interface.
    pub exchange_endpoint: Option<String>,
}

/// A key that was taken off the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tombstone {
    /// Whose key it was.
    pub province: String,
    /// The key.
    #[serde(with = "trust_codec::hex_id")]
    pub kid: KeyId,
    /// When it was removed.
    pub removed_at: DateTime<Utc>,
    /// Why, in words; 1 to 200 characters.
    pub reason: String,
}

/// The content of a trust list; its JSON form is the public view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TrustList {
    /// Grows by at least one with every edition.
    pub sequence: u64,
    /// When it was made; whole seconds.
    pub issued_at: DateTime<Utc>,
    /// By when its successor comes; from then on it is no longer used.
    pub next_update: DateTime<Utc>,
    /// Keys.
    pub entries: Vec<TrustEntry>,
    /// Keys that were removed.
    pub tombstones: Vec<Tombstone>,
}

/// Why a trust list is not accepted or could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TrustListError {
    /// Not COSE_Sign.
    #[error(transparent)]
    Cose(#[from] CoseError),
    /// Signed for another purpose, or its content is not a trust list.
    #[error("not a trust list")]
    Malformed,
    /// The entry at this position is not acceptable.
    #[error("entry {0} is not acceptable")]
    Entry(usize),
    /// The key of the entry at this position is not acceptable.
    #[error("the key of entry {0} is not acceptable: {1}")]
    Key(usize, KeyError),
    /// Fewer root keys have signed than needed.
    #[error("signed by {found} of the {needed} root keys that are needed")]
    TooFewSignatures {
        /// Different pinned roots that have signed.
        found: usize,
        /// Threshold.
        needed: usize,
    },
    /// An edition before the one at hand, or another content under the same sequence.
    #[error("sequence {found} does not follow {known}")]
    Sequence {
        /// Of this list.
        found: u64,
        /// Of the list at hand.
        known: u64,
    },
    /// Dated in the future, or past its `nextUpdate`.
    #[error("the trust list is not of this time")]
    Time,
    /// A signer failed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

impl TrustList {
    /// Check everything that does not depend on time: order, names, keys, key ids.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), TrustListError> {
        self.index().map(drop)
    }

    /// The message to be signed; roots add their signatures with [`Sign::add_signature`], one after the other.
    ///
    /// # Errors
    /// As [`TrustList::check`].
    pub fn to_message(&self) -> Result<Sign, TrustListError> {
        self.check()?;
        Ok(Sign::new(trust_codec::write(self), TYPE))
    }

    /// Sign with all of `signers` at once.
    ///
    /// # Errors
    /// As [`TrustList::check`], or a signer's failure.
    pub fn sign(&self, signers: &[&dyn Signer]) -> Result<Vec<u8>, TrustListError> {
        let mut message = self.to_message()?;
        for signer in signers {
            message.add_signature(*signer)?;
        }
        Ok(message.to_bytes())
    }

    /// The keys of the list, ready for use.
    ///
    /// # Errors
    /// As [`TrustList::check`].
    pub fn index(&self) -> Result<KeyIndex, TrustListError> {
        if self.sequence == 0 || i64::try_from(self.sequence).is_err() || self.issued_at >= self.next_update {
            return Err(TrustListError::Malformed);
        }
        let mut index = KeyIndex::default();
        for (position, entry) in self.entries.iter().enumerate() {
            index.insert(entry.kid, entry.to_key(position)?);
        }
        let right = |grave: &Tombstone| is_text(&grave.province, 20) && is_text(&grave.reason, 200);
        if self.tombstones.iter().all(right) { Ok(index) } else { Err(TrustListError::Malformed) }
    }
}

impl TrustEntry {
    fn to_key(&self, position: usize) -> Result<TrustedKey, TrustListError> {
        let key =
            VerificationKey::from_spki(&self.spki).map_err(|error| TrustListError::Key(position, error))?;
        // A province's key is named by itself; a foreign one by its certificate, which is not in the list.
        let named = !self.province.starts_with("CN-") || key.key_id() == self.kid;
        let right = named
            && Algorithm::from_cose(self.alg) == Some(key.algorithm())
            && is_text(&self.province, 20)
            && is_text(&self.name, 100)
            && !self.usage.is_empty()
            && self.not_before < self.not_after
            && self.status_endpoints.iter().chain(&self.exchange_endpoint).all(|uri| is_text(uri, 200));
        if !right {
            return Err(TrustListError::Entry(position));
        }
        Ok(TrustedKey {
            authority: Authority::Issuer(self.province.clone()),
            key,
            usage: self.usage.clone(),
            not_before: Some(self.not_before),
            not_after: Some(self.not_after),
        })
    }
}

fn is_text(text: &str, most: usize) -> bool {
    let length = text.chars().count();
    (1..=most).contains(&length) && !text.chars().any(char::is_control)
}

/// The pinned offline roots.
#[derive(Debug, Clone)]
pub struct Roots {
    /// Public keys of the officers.
    pub keys: Vec<VerificationKey>,
    /// How many different ones must sign; 2 in production.
    pub threshold: usize,
}

/// A list that was accepted, with its keys ready for use.
#[derive(Debug, Clone)]
pub struct TrustStore {
    list: TrustList,
    index: KeyIndex,
}

impl TrustStore {
    /// Accept a signed list at `now`, as successor of `known` if there is one.
    ///
    /// # Errors
    /// [`TrustListError`]; the caller then keeps the list at hand until its `nextUpdate`.
    pub fn open(
        bytes: &[u8],
        roots: &Roots,
        known: Option<&TrustList>,
        now: DateTime<Utc>,
    ) -> Result<Self, TrustListError> {
        let message = Sign::read(bytes)?;
        if message.typ.as_deref() != Some(TYPE) {
            return Err(TrustListError::Malformed);
        }
        // A threshold of 0 would accept anybody's list.
        let needed = roots.threshold.max(1);
        let found = message.signers_among(&roots.keys);
        if found < needed {
            return Err(TrustListError::TooFewSignatures { found, needed });
        }
        let store = Self::from_list(trust_codec::read(message.payload())?)?;
        let list = &store.list;
        if let Some(known) = known
            && (list.sequence < known.sequence || (list.sequence == known.sequence && list != known))
        {
            return Err(TrustListError::Sequence { found: list.sequence, known: known.sequence });
        }
        if list.issued_at > now + TimeDelta::seconds(60) || !store.is_current(now) {
            return Err(TrustListError::Time);
        }
        Ok(store)
    }

    /// Take a list that came from a trusted source, such as a file that an operator names.
    ///
    /// # Errors
    /// As [`TrustList::check`].
    pub fn from_list(list: TrustList) -> Result<Self, TrustListError> {
        let index = list.index()?;
        Ok(Self { list, index })
    }

    /// The content.
    #[must_use]
    pub const fn list(&self) -> &TrustList {
        &self.list
    }

    /// Whether the list may still be used.
    #[must_use]
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        now < self.list.next_update
    }
}

impl KeySource for TrustStore {
    fn keys(&self, id: KeyId) -> &[TrustedKey] {
        self.index.keys(id)
    }
}

#[cfg(test)]
#[path = "trust_tests.rs"]
mod tests;
