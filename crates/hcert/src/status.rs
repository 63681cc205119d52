//! Status lists (IETF Token Status List, CWT form): whether documents were revoked, two bits each.
//!
//! A list is named by its address; its signer must speak for the same issuer as the document that points to
//! it, or one province could revoke, or vouch for, another's documents. Wire form: COSE_Sign1 with `typ`
//! `application/statuslist+cwt`, claims 2 sub (the address), 6 iat, 4 exp, 65534 ttl, 65533 status_list
//! {bits: 2, lst: zlib}; we add 1 iss.

use super::cbor::{self, Value, Writer};
use super::cose::{self, Sign1};
use super::keys::{KeyId, Signer, SigningError};
use super::trusted::{Authority, KeySource, Usage};
use super::verify::VerifyOptions;
use super::zlib;
use chrono::{DateTime, TimeDelta, Utc};
use flate2::Compression;
use std::collections::HashMap;
use std::sync::Arc;
use thiserror::Error;

/// Fewest entries of a list that we publish, so that an index tells nothing about a person (2^17).
pub const MIN_ENTRIES: usize = 131_072;
/// Most entries that are read from outside: 2^27, 32 MiB of bits.
pub const MAX_ENTRIES: usize = 134_217_728;
/// How long a cache may keep a list.
pub const TTL: TimeDelta = TimeDelta::seconds(60);
/// `typ` of a status list (draft-ietf-oauth-status-list §5.2).
pub const TYPE: &str = "application/statuslist+cwt";

const ISS: i64 = 1;
const SUB: i64 = 2;
const EXP: i64 = 4;
const IAT: i64 = 6;
const STATUS_LIST: i64 = 65533;
const TTL_CLAIM: i64 = 65534;

/// What a list says of one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryStatus {
    /// 0
    Valid,
    /// 1
    Revoked,
    /// 2
    Suspended,
    /// 3, application specific: replaced by a newer document.
    Superseded,
}

impl EntryStatus {
    const fn bits(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Revoked => 1,
            Self::Suspended => 2,
            Self::Superseded => 3,
        }
    }

    const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Valid,
            1 => Self::Revoked,
            2 => Self::Suspended,
            _ => Self::Superseded,
        }
    }
}

/// Why a status list is not accepted or could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StatusError {
    /// Not a signed status list of two bits an entry.
    #[error("not a status list of two bits an entry")]
    Malformed,
    /// No trusted key for status lists signed it.
    #[error("no trusted key has signed the status list")]
    Signature,
    /// Dated in the future, or past its end.
    #[error("the status list is not of this time")]
    Time,
    /// An index beyond the list's end.
    #[error("the list has no such entry")]
    Index,
    /// The signer failed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// The entries of a list: four a byte, the first in the lowest bits (draft §4.1). Setting and getting one costs
/// the same whatever the length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusBits {
    bytes: Vec<u8>,
}

impl StatusBits {
    /// A list of at least `entries` and at least [`MIN_ENTRIES`], all valid.
    #[must_use]
    pub fn new(entries: usize) -> Self {
        Self { bytes: vec![0; entries.max(MIN_ENTRIES).div_ceil(4)] }
    }

    /// Take raw bytes, four entries each.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of entries.
    #[must_use]
    pub const fn entries(&self) -> usize {
        self.bytes.len() * 4
    }

    /// The status at an index; none beyond the end.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<EntryStatus> {
        let byte = self.bytes.get(usize::try_from(index / 4).ok()?)?;
        Some(EntryStatus::from_bits(byte >> (index % 4 * 2)))
    }

    /// Change the status at an index.
    ///
    /// # Errors
    /// [`StatusError::Index`] beyond the end.
    pub fn set(&mut self, index: u64, status: EntryStatus) -> Result<(), StatusError> {
        let at = usize::try_from(index / 4).map_err(|_| StatusError::Index)?;
        let byte = self.bytes.get_mut(at).ok_or(StatusError::Index)?;
        let shift = index % 4 * 2;
        *byte = *byte & !(3 << shift) | status.bits() << shift;
        Ok(())
    }

    /// The compressed form: costly for millions of entries, so it is made apart from signing and kept until an
    /// entry changes.
    #[must_use]
    pub fn compress(&self) -> CompressedBits {
        let level = if self.bytes.len() > 1 << 20 { Compression::fast() } else { Compression::default() };
        CompressedBits(zlib::deflate_at(&self.bytes, level))
    }
}

/// Entries in the form in which they are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompressedBits(Vec<u8>);

/// What a signed list states beside its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusHeader {
    /// `iss` of the documents it is about.
    pub issuer: String,
    /// Its address, as in the documents' status reference.
    pub uri: String,
    /// As of when it speaks.
    pub issued_at: DateTime<Utc>,
    /// From when on it must not be used at all.
    pub expires: DateTime<Utc>,
}

/// Sign a list over entries that were compressed before.
///
/// # Errors
/// [`StatusError::Signing`].
pub fn sign(
    header: &StatusHeader,
    bits: &CompressedBits,
    signer: &dyn Signer,
) -> Result<Vec<u8>, StatusError> {
    let mut writer = Writer::with_capacity(bits.0.len() + 256);
    writer.map(6);
    writer.integer(ISS).text(&header.issuer).integer(SUB).text(&header.uri);
    writer.integer(EXP).integer(header.expires.timestamp());
    writer.integer(IAT).integer(header.issued_at.timestamp());
    writer.integer(STATUS_LIST).map(2).text("lst").bytes(&bits.0).text("bits").integer(2);
    writer.integer(TTL_CLAIM).integer(TTL.num_seconds());
    Ok(cose::sign1(&writer.finish(), Some(TYPE), signer)?)
}

/// A list whose signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusList {
    /// What it states.
    pub header: StatusHeader,
    /// How long it may be cached; [`TTL`] unless it says otherwise.
    pub ttl: TimeDelta,
    /// Its entries; shared, since a list may have tens of megabytes.
    pub bits: Arc<StatusBits>,
}

impl StatusList {
    /// Read and check a list at `now`: signed by a key for status lists of the issuer that it names, not from the
    /// future (beyond 60 s) and not past its end.
    ///
    /// # Errors
    /// [`StatusError`].
    pub fn open(bytes: &[u8], keys: &dyn KeySource, now: DateTime<Utc>) -> Result<Self, StatusError> {
        let signed = Sign1::read(bytes).map_err(|_| StatusError::Malformed)?;
        if signed.typ.as_deref() != Some(TYPE) {
            return Err(StatusError::Malformed);
        }
        let claims = cbor::read(signed.payload()).map_err(|_| StatusError::Malformed)?;
        let header = read_header(&claims).ok_or(StatusError::Malformed)?;
        check_signature(&signed, &header, keys, now)?;
        if header.issued_at > now + TimeDelta::seconds(60) || header.expires <= now {
            return Err(StatusError::Time);
        }
        let list = claims.get(STATUS_LIST).ok_or(StatusError::Malformed)?;
        let compressed = list.get_text("lst").and_then(Value::bytes).ok_or(StatusError::Malformed)?;
        if list.get_text("bits").and_then(Value::integer) != Some(2) {
            return Err(StatusError::Malformed);
        }
        let bytes = zlib::inflate(compressed, MAX_ENTRIES / 4).map_err(|_| StatusError::Malformed)?;
        let ttl =
            claims.get(TTL_CLAIM).and_then(Value::integer).and_then(TimeDelta::try_seconds).unwrap_or(TTL);
        Ok(Self { header, ttl, bits: Arc::new(StatusBits::from_bytes(bytes)) })
    }
}

fn read_header(claims: &Value<'_>) -> Option<StatusHeader> {
    if claims.entries()?.len() > 32 || claims.has_duplicate_keys() {
        return None;
    }
    let time = |key| DateTime::from_timestamp(claims.get(key)?.integer()?, 0);
    Some(StatusHeader {
        issuer: claims.get(ISS)?.text()?.to_owned(),
        uri: claims.get(SUB)?.text()?.to_owned(),
        issued_at: time(IAT)?,
        expires: time(EXP)?,
    })
}

fn check_signature(
    signed: &Sign1<'_>,
    header: &StatusHeader,
    keys: &dyn KeySource,
    now: DateTime<Utc>,
) -> Result<(), StatusError> {
    let id = signed.kid.as_deref().and_then(KeyId::from_slice).ok_or(StatusError::Signature)?;
    let message = signed.to_be_signed();
    let signed_by_one = keys.keys(id).iter().any(|key| {
        let speaks = match &key.authority {
            Authority::Any => true,
            Authority::Issuer(issuer) => *issuer == header.issuer,
        };
        speaks
            && (!keys.enforces_usage() || key.usage.contains(&Usage::Status))
            && key.not_before.is_none_or(|from| from <= header.issued_at + TimeDelta::seconds(60))
            && key.not_after.is_none_or(|end| now < end)
            && signed.verifies(&key.key, &message)
    });
    if signed_by_one { Ok(()) } else { Err(StatusError::Signature) }
}

/// The answer about one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundStatus {
    /// What the list says.
    pub status: EntryStatus,
    /// As of when.
    pub as_of: DateTime<Utc>,
    /// From when on the list must not be used.
    pub expires: DateTime<Utc>,
}

impl FoundStatus {
    /// Whether "valid" may still be concluded from it.
    #[must_use]
    pub fn is_current(&self, now: DateTime<Utc>, options: &VerifyOptions) -> bool {
        self.as_of <= now + options.skew && now - self.as_of <= options.status_max_age && now < self.expires
    }
}

/// Where a verifier looks up status. The home server answers from its live entries, others from fetched lists.
pub trait StatusLookup {
    /// The entry of a document of `issuer`; none if the list is not at hand, is another issuer's, or ends before
    /// the index.
    fn lookup(&self, issuer: Option<&str>, uri: &str, index: u64) -> Option<FoundStatus>;
}

/// Fetched lists by address; a newer one replaces an older, never the reverse.
#[derive(Debug, Clone, Default)]
pub struct StatusView {
    lists: HashMap<String, StatusList>,
}

impl StatusView {
    /// Add a list; false if one at least as new is there already.
    pub fn insert(&mut self, list: StatusList) -> bool {
        let known = self.lists.get(&list.header.uri);
        if known.is_some_and(|known| known.header.issued_at >= list.header.issued_at) {
            return false;
        }
        self.lists.insert(list.header.uri.clone(), list);
        true
    }
}

impl StatusLookup for StatusView {
    fn lookup(&self, issuer: Option<&str>, uri: &str, index: u64) -> Option<FoundStatus> {
        let list = self.lists.get(uri).filter(|list| Some(list.header.issuer.as_str()) == issuer)?;
        let status = list.bits.get(index)?;
        Some(FoundStatus { status, as_of: list.header.issued_at, expires: list.header.expires })
    }
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
