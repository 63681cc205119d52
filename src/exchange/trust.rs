//! What a running portal trusts: read from the keyring and the database, kept in memory, read again each minute and
//! at once after a change of ours.

use super::model::{AcceptedList, Trust, agreements, issuer_of};
use super::{Exchange, store};
use crate::audit::{self, Actor, Entry};
use crate::crypto::{Keyring, SigningUsage};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::hcert::trust::TrustListError;
use crate::hcert::trusted::Authority;
use crate::hcert::{KeyIndex, Roots, TrustEntry, TrustList, TrustStore, TrustedKey, Usage, VerificationKey};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// How old the snapshot may get: other processes learn of a change within this time.
const RELOAD_AFTER: Duration = Duration::seconds(60);
/// How many roots must sign a list (exchange protocol §2).
pub const THRESHOLD: usize = 2;

/// Uses of our keys that partners have to know, with the slot that holds them.
pub(super) const PUBLISHED: [(Usage, SigningUsage); 4] = [
    (Usage::Code, SigningUsage::Code),
    (Usage::Certificate, SigningUsage::Certificate),
    (Usage::Status, SigningUsage::Status),
    (Usage::Transport, SigningUsage::Transport),
];

/// The snapshot and the pinned roots.
pub(super) struct Holder {
    present: RwLock<Option<Arc<Trust>>>,
    roots: RwLock<Roots>,
    tried_at: Mutex<Option<DateTime<Utc>>>,
}

impl Holder {
    pub(super) fn new(keys: Vec<VerificationKey>) -> Self {
        let roots = Roots { keys, threshold: THRESHOLD };
        Self { present: RwLock::default(), roots: RwLock::new(roots), tried_at: Mutex::default() }
    }

    /// The pinned roots.
    pub(super) fn roots(&self) -> Roots {
        self.roots.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Pins other roots: the demonstration makes its own.
    pub(super) fn pin(&self, keys: Vec<VerificationKey>) {
        *self.roots.write().unwrap_or_else(PoisonError::into_inner) = Roots { keys, threshold: THRESHOLD };
    }

    fn present(&self) -> Option<Arc<Trust>> {
        self.present.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, trust: Arc<Trust>) {
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = Some(trust);
    }

    /// Whether it is this caller's turn to read again: one a second at most, so that a database that is away is
    /// not asked by every verification.
    fn claim_turn(&self, now: DateTime<Utc>) -> bool {
        let mut tried = self.tried_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due = tried.is_none_or(|at| now - at >= Duration::seconds(1) || now < at);
        if due {
            *tried = Some(now);
        }
        due
    }
}

/// The snapshot, read again when it is older than a minute. If that fails the old one stays in use: the trust
/// list has its own end.
///
/// # Errors
/// Database errors, as long as nothing was read yet.
pub async fn current(deps: &Deps) -> AppResult<Arc<Trust>> {
    let (holder, now) = (&Exchange::of(deps)?.trust, deps.clock.now());
    let Some(trust) = holder.present() else { return reload(deps).await };
    let age = now - trust.loaded_at;
    let young = age < RELOAD_AFTER && age >= Duration::zero();
    // A key that signs from now on is known from now on.
    if trust.signing == signing(&deps.keys) && (young || !holder.claim_turn(now)) {
        return Ok(trust);
    }
    match reload(deps).await {
        Ok(fresh) => Ok(fresh),
        Err(e) => {
            tracing::warn!(error = %e, "partners and agreements could not be read again");
            Ok(trust)
        }
    }
}

/// Ids of our keys that sign at this moment.
fn signing(keys: &Keyring) -> Vec<Vec<u8>> {
    let current = PUBLISHED.iter().filter_map(|(_, usage)| keys.signing_key(*usage).ok());
    current.map(|key| key.kid().to_vec()).collect()
}

/// Reads everything again.
///
/// # Errors
/// Database errors.
pub async fn reload(deps: &Deps) -> AppResult<Arc<Trust>> {
    let (holder, now) = (&Exchange::of(deps)?.trust, deps.clock.now());
    let (partners, rows, newest) = deps
        .store
        .read(|conn| Ok((store::partners(conn)?, store::agreements(conn)?, store::newest_list(conn)?)))
        .await?;
    let (home, signing) = (issuer_of(&deps.config.province), signing(&deps.keys));
    let list = newest.and_then(|(signed, at)| reopen(holder, signed, at.0));
    let (own, all) = indexes(&deps.keys, &home, list.as_ref().map(|l| &l.list));
    let agreements = agreements(&home, &partners, &rows);
    let trust = Arc::new(Trust { loaded_at: now, home, list, agreements, rows, partners, signing, own, all });
    holder.replace(trust.clone());
    Ok(trust)
}

/// A stored list counts only with the signatures of the roots that are pinned now: who can write the database
/// cannot make a key trusted. Whether it has ended is decided at each use.
fn reopen(holder: &Holder, signed: Vec<u8>, accepted_at: DateTime<Utc>) -> Option<AcceptedList> {
    match TrustStore::open(&signed, &holder.roots(), None, accepted_at) {
        Ok(store) => Some(AcceptedList { list: store.list().clone(), signed, accepted_at }),
        Err(e) => {
            tracing::warn!(error = %e, "the stored trust list is not used");
            None
        }
    }
}

/// Own keys alone, and with the list's. An own key with a tombstone and without an entry is trusted no more.
fn indexes(keys: &Keyring, home: &str, list: Option<&TrustList>) -> (KeyIndex, KeyIndex) {
    let mut own = KeyIndex::default();
    let mut all = list.and_then(|list| list.index().ok()).unwrap_or_default();
    for (usage, slot) in PUBLISHED.into_iter().filter(|(usage, _)| *usage != Usage::Transport) {
        for pair in keys.signing_keys(slot) {
            let id = pair.kid().into();
            let listed = list.is_some_and(|l| l.entries.iter().any(|e| e.kid == id && e.province == home));
            let removed =
                list.is_some_and(|l| l.tombstones.iter().any(|t| t.kid == id && t.province == home));
            let Ok(key) = VerificationKey::from_spki(pair.spki_der()) else { continue };
            let trusted = TrustedKey {
                authority: Authority::Issuer(home.to_owned()),
                key,
                usage: vec![usage],
                not_before: None,
                not_after: None,
            };
            if listed || !removed {
                own.insert(id, trusted.clone());
            }
            if !listed && !removed {
                all.insert(id, trusted);
            }
        }
    }
    (own, all)
}

/// Lists carry whole seconds.
pub(super) fn whole_seconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}

/// Our own public entries for the trust list: every key that partners have to know, also those to come. The span is
/// from when (at the latest) and until when partners may trust them.
///
/// # Errors
/// [`AppError::Internal`] when a key of the ring is not usable.
pub fn own_entries(
    keys: &Keyring,
    province: &str,
    name: &str,
    public_url: &str,
    (from, not_after): (DateTime<Utc>, DateTime<Utc>),
) -> AppResult<Vec<TrustEntry>> {
    let mut entries = Vec::new();
    for (usage, slot) in PUBLISHED {
        for pair in keys.signing_keys(slot) {
            entries.push(TrustEntry {
                province: issuer_of(province),
                name: name.to_owned(),
                kid: pair.kid().into(),
                spki: pair.spki_der().to_vec(),
                alg: crate::hcert::Algorithm::Es256.cose(),
                usage: vec![usage],
                not_before: whole_seconds(pair.created().min(from)),
                not_after: whole_seconds(not_after),
                status_endpoints: vec![status_folder(public_url)],
                exchange_endpoint: Some(format!("{public_url}/exchange/v1")),
            });
        }
    }
    Ok(entries)
}

/// The address below which our status lists are served, with its slash.
#[must_use]
pub fn status_folder(public_url: &str) -> String {
    format!("{public_url}/exchange/v1/status-lists/")
}

/// Accepts a signed list: enough pinned roots, in its time, and not before the list at hand. False if it is at
/// hand already.
///
/// # Errors
/// [`AppError::Conflict`] `trust-list-sequence`, or [`AppError::Invalid`] on `list` with what is wrong.
pub async fn accept_list(deps: &Deps, signed: Vec<u8>, actor: Actor) -> AppResult<bool> {
    let (now, known) = (deps.clock.now(), current(deps).await?);
    let known = known.list.as_ref().map(|l| &l.list);
    let opened =
        TrustStore::open(&signed, &Exchange::of(deps)?.trust.roots(), known, now).map_err(refusal)?;
    let list = opened.list().clone();
    let added = deps
        .store
        .write(move |tx| {
            let added = store::put_list(tx, &list, &signed, now)?;
            if added {
                let detail = json!({"sequence": list.sequence, "entries": list.entries.len()});
                audit::append(
                    tx,
                    now,
                    Entry::new(actor, "exchange.trust-list", "trust-list").detail(detail),
                )?;
            }
            Ok(added)
        })
        .await?;
    reload(deps).await?;
    Ok(added)
}

fn refusal(error: TrustListError) -> AppError {
    let code = match error {
        TrustListError::TooFewSignatures { .. } => "trust-list-signatures",
        TrustListError::Sequence { .. } => return AppError::conflict("trust-list-sequence"),
        TrustListError::Time => "trust-list-time",
        _ => "trust-list-malformed",
    };
    AppError::field("list", code)
}
