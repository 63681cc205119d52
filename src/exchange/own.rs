//! Our own status lists: live for our own verifications, signed and cacheable for everybody else.
//!
//! The bits are kept in memory by the list's version, which is asked for at each use: one small read, and a
//! revocation counts here at once. The published form is compressed once a version and signed again when it has
//! aged, so a list of millions of entries costs one signature a minute.

use super::Exchange;
use super::trust::status_folder;
use crate::certificates::status as kept;
use crate::crypto::{SigningKey, SigningUsage};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::hcert::status::{self, CompressedBits, StatusHeader, TTL};
use crate::hcert::{EntryStatus, StatusBits};
use chrono::{DateTime, Duration, Utc};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A signed form is replaced before its `ttl` has passed, so that whoever asks again then gets a fresh one.
const SIGN_AGAIN_AFTER: Duration = Duration::seconds(45);
/// From when on a list that was fetched must not be used at all.
const LIFE: Duration = Duration::hours(24);

/// One list at one version.
struct Own {
    version: i64,
    bits: StatusBits,
    compressed: OnceLock<CompressedBits>,
    signed: Mutex<Option<Published>>,
}

/// The published form of a list.
#[derive(Clone)]
pub(super) struct Published {
    /// COSE_Sign1.
    pub body: bytes::Bytes,
    /// Strong entity tag, with its quotes.
    pub etag: String,
    /// As of when it speaks.
    pub issued_at: DateTime<Utc>,
}

impl Published {
    /// Seconds for which caches may keep it.
    pub(super) fn max_age(&self, now: DateTime<Utc>) -> i64 {
        (self.issued_at + TTL - now).num_seconds().clamp(0, TTL.num_seconds())
    }
}

/// Our lists in memory.
pub(super) struct OwnLists(Cache<i64, Arc<Own>>);

impl OwnLists {
    pub(super) fn new() -> Self {
        Self(Cache::new(256))
    }
}

/// The number of a list of ours, if this is its address.
pub(super) fn list_number(deps: &Deps, uri: &str) -> Option<i64> {
    let number = uri.strip_prefix(&status_folder(&deps.config.public_url))?;
    number.parse().ok().filter(|n: &i64| *n >= 0 && n.to_string() == number)
}

/// What our list says of an entry at this moment; none if there is no such list or entry.
pub(super) async fn entry(deps: &Deps, list: i64, index: u64) -> AppResult<Option<EntryStatus>> {
    Ok(load(deps, list).await?.and_then(|own| own.bits.get(index)))
}

async fn load(deps: &Deps, id: i64) -> AppResult<Option<Arc<Own>>> {
    let lists = &Exchange::of(deps)?.own.0;
    let known = lists.get(&id);
    let version_known = known.as_ref().map(|own| own.version);
    let read = deps
        .store
        .read(move |conn| {
            // The version is read first: bits that are read after it are at least as new.
            let Some(version) = kept::version(conn, id)? else { return Ok(None) };
            let bits = if Some(version) == version_known { None } else { Some(kept::bits(conn, id)?) };
            Ok(Some((version, bits)))
        })
        .await?;
    Ok(match read {
        None => None,
        Some((_, None)) => known,
        Some((version, Some(bits))) => {
            let own = Arc::new(Own { version, bits, compressed: OnceLock::new(), signed: Mutex::default() });
            lists.insert(id, own.clone());
            Some(own)
        }
    })
}

/// The published form of a list; none if there is no such list. Compressing and signing are done outside the async threads.
pub(super) async fn published(deps: &Deps, id: i64) -> AppResult<Option<Published>> {
    let Some(own) = load(deps, id).await? else { return Ok(None) };
    let now = deps.clock.now();
    if let Some(signed) = fresh(&own, now) {
        return Ok(Some(signed));
    }
    let header = StatusHeader {
        issuer: super::model::issuer_of(&deps.config.province),
        uri: format!("{}{id}", status_folder(&deps.config.public_url)),
        issued_at: DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now),
        expires: now + LIFE,
    };
    let key = deps.keys.signing_key(SigningUsage::Status)?;
    let signed = tokio::task::spawn_blocking(move || sign(&own, &header, &key, now));
    Ok(Some(signed.await.map_err(AppError::internal)??))
}

fn fresh(own: &Own, now: DateTime<Utc>) -> Option<Published> {
    let signed = own.signed.lock().unwrap_or_else(PoisonError::into_inner);
    signed.clone().filter(|s| {
        let age = now - s.issued_at;
        age >= Duration::zero() && age < SIGN_AGAIN_AFTER
    })
}

fn sign(own: &Own, header: &StatusHeader, key: &SigningKey, now: DateTime<Utc>) -> AppResult<Published> {
    if let Some(signed) = fresh(own, now) {
        return Ok(signed);
    }
    let compressed = own.compressed.get_or_init(|| own.bits.compress());
    let body = status::sign(header, compressed, key).map_err(AppError::internal)?;
    let digest = Sha256::digest(&body);
    let etag = format!("\"{}\"", hex::encode(digest.get(..16).unwrap_or_default()));
    let published = Published { body: body.into(), etag, issued_at: header.issued_at };
    *own.signed.lock().unwrap_or_else(PoisonError::into_inner) = Some(published.clone());
    Ok(published)
}
