//! Partners' status lists: fetched over HTTP when a document asks for one, kept in memory for their `ttl`.
//!
//! A verdict never waits long for a partner: one request a list at a time, two seconds in all, a bounded answer, and
//! after three failures the partner is left alone for half a minute. What cannot be fetched ages, and from five
//! minutes on the verdict is "status unknown", never "valid".

use super::model::Trust;
use crate::deps::Deps;
use crate::hcert::status::{FoundStatus, TTL};
use crate::hcert::{StatusList, StatusLookup};
use chrono::{DateTime, Duration, Utc};
use moka::sync::Cache;
use reqwest::header::{ACCEPT, ETAG, IF_NONE_MATCH};
use reqwest::{Client, StatusCode};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration as Wait;

/// How long a verdict waits for a partner.
const PATIENCE: Wait = Wait::from_secs(2);
/// Largest answer: some thirty million random entries compressed; a list of the least size has 32 KiB.
const MAX_ANSWER: usize = 8 << 20;
/// Memory for fetched lists.
const MAX_KEPT: u64 = 128 << 20;
/// Failures in a row after which a partner is left alone, and for how long.
const TRIES: u32 = 3;
const REST: Duration = Duration::seconds(30);
/// A list is not asked for again sooner than this, whatever came of it.
const PAUSE: Duration = Duration::seconds(5);

/// A list with what its server calls it.
#[derive(Clone)]
struct Kept {
    list: Arc<StatusList>,
    etag: Option<String>,
}

#[derive(Clone, Copy, Default)]
struct Circuit {
    failures: u32,
    open_until: Option<DateTime<Utc>>,
}

/// How a partner's lists stand, for the operator.
#[derive(Debug, Clone, serde::Serialize)]
pub struct PartnerState {
    /// As of when the oldest of the lists in use speaks.
    pub oldest: Option<DateTime<Utc>>,
    /// How many lists are in memory.
    pub lists: usize,
    /// Failures in a row.
    pub failures: u32,
    /// Until when the partner is not asked.
    pub resting_until: Option<DateTime<Utc>>,
}

/// Fetched lists, and who answers.
pub(super) struct Lists {
    client: Client,
    kept: Cache<String, Kept>,
    asking: Cache<String, Arc<tokio::sync::Mutex<Option<DateTime<Utc>>>>>,
    circuits: Mutex<HashMap<String, Circuit>>,
}

impl Lists {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        crate::tls::install();
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Wait::from_secs(1))
            .timeout(PATIENCE)
            .pool_max_idle_per_host(0)
            .no_proxy()
            .user_agent("fugong")
            .build()?;
        let weight =
            |_: &String, kept: &Kept| u32::try_from(kept.list.bits.as_bytes().len()).unwrap_or(u32::MAX);
        Ok(Self {
            client,
            kept: Cache::builder().weigher(weight).max_capacity(MAX_KEPT).build(),
            asking: Cache::new(10_000),
            circuits: Mutex::default(),
        })
    }

    /// Takes a list that came by another way; an older one never replaces a newer.
    pub(super) fn keep(&self, list: StatusList) {
        self.keep_with(list, None);
    }

    fn keep_with(&self, list: StatusList, etag: Option<String>) {
        let uri = list.header.uri.clone();
        if self.kept.get(&uri).is_none_or(|k| k.list.header.issued_at < list.header.issued_at) {
            self.kept.insert(uri, Kept { list: Arc::new(list), etag });
        }
    }

    /// Whether the list at hand may be used without asking again.
    pub(super) fn is_fresh(&self, uri: &str, now: DateTime<Utc>) -> bool {
        self.kept.get(uri).is_some_and(|kept| {
            let age = now - kept.list.header.issued_at;
            age < kept.list.ttl.clamp(Duration::seconds(1), TTL)
        })
    }

    fn circuit(&self, issuer: &str) -> Circuit {
        let circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        circuits.get(issuer).copied().unwrap_or_default()
    }

    fn note(&self, issuer: &str, good: bool, now: DateTime<Utc>) {
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        let circuit = circuits.entry(issuer.to_owned()).or_default();
        if good {
            *circuit = Circuit::default();
            return;
        }
        circuit.failures = circuit.failures.saturating_add(1);
        if circuit.failures >= TRIES {
            circuit.open_until = Some(now + REST);
        }
    }

    /// How a partner's lists stand.
    pub(super) fn state(&self, issuer: &str) -> PartnerState {
        let circuit = self.circuit(issuer);
        let of: Vec<_> = self
            .kept
            .iter()
            .filter(|(_, kept)| kept.list.header.issuer == issuer)
            .map(|(_, kept)| kept.list.header.issued_at)
            .collect();
        PartnerState {
            oldest: of.iter().min().copied(),
            lists: of.len(),
            failures: circuit.failures,
            resting_until: circuit.open_until,
        }
    }
}

impl StatusLookup for Lists {
    fn lookup(&self, issuer: Option<&str>, uri: &str, index: u64) -> Option<FoundStatus> {
        let list = self.kept.get(uri)?.list;
        if Some(list.header.issuer.as_str()) != issuer {
            return None;
        }
        let status = list.bits.get(index)?;
        Some(FoundStatus { status, as_of: list.header.issued_at, expires: list.header.expires })
    }
}

/// Makes sure that the list is as fresh as can be had within [`PATIENCE`]. Only addresses that the trust list names
/// for this issuer are asked, so a forged document makes us call nobody.
pub(super) async fn refresh((deps, lists): (&Deps, &Lists), trust: &Arc<Trust>, issuer: &str, uri: &str) {
    if lists.is_fresh(uri, deps.clock.now()) || !trust.may_fetch(issuer, uri) {
        return;
    }
    if tokio::time::timeout(PATIENCE, ask((deps, lists), trust, issuer, uri)).await.is_err() {
        lists.note(issuer, false, deps.clock.now());
        tracing::info!(issuer, "a partner's status list took too long");
    }
}

async fn ask((deps, lists): (&Deps, &Lists), trust: &Arc<Trust>, issuer: &str, uri: &str) {
    let turn = lists.asking.get_with(uri.to_owned(), Arc::default);
    let mut asked_at = turn.lock().await;
    let now = deps.clock.now();
    let resting = lists.circuit(issuer).open_until.is_some_and(|until| now < until);
    let too_soon = asked_at.is_some_and(|at| now >= at && now - at < PAUSE);
    if lists.is_fresh(uri, now) || resting || too_soon {
        return;
    }
    *asked_at = Some(now);
    match download((deps, lists), trust, issuer, uri).await {
        Ok(()) => lists.note(issuer, true, now),
        Err(why) => {
            lists.note(issuer, false, now);
            tracing::info!(issuer, why, "a partner's status list could not be had");
        }
    }
}

async fn download(
    (deps, lists): (&Deps, &Lists),
    trust: &Arc<Trust>,
    issuer: &str,
    uri: &str,
) -> Result<(), &'static str> {
    let mut request = lists.client.get(uri).header(ACCEPT, crate::hcert::status::TYPE);
    if let Some(etag) = lists.kept.get(uri).and_then(|kept| kept.etag) {
        request = request.header(IF_NONE_MATCH, etag);
    }
    let mut answer = request.send().await.map_err(|_| "no connection")?;
    if answer.status() == StatusCode::NOT_MODIFIED {
        return Ok(());
    }
    if answer.status() != StatusCode::OK {
        return Err("no list there");
    }
    let etag = answer.headers().get(ETAG).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|_| "broken off")? {
        if body.len() + part.len() > MAX_ANSWER {
            return Err("too large");
        }
        body.extend_from_slice(&part);
    }
    let (trust, now) = (trust.clone(), deps.clock.now());
    // Inflating and checking may take milliseconds, so not on an async thread.
    let opened = tokio::task::spawn_blocking(move || StatusList::open(&body, trust.keys(now), now));
    let list = opened.await.map_err(|_| "not read")?.map_err(|_| "not a list of a trusted key")?;
    if list.header.uri != uri || list.header.issuer != issuer {
        return Err("another list");
    }
    lists.keep_with(list, etag);
    Ok(())
}
