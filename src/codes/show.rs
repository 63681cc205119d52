//! Showing a code: the path that a province walks hundreds of millions of times a day.
//!
//! First time in a token's life: one look at the stored code and its holder, one signature. Again within its life:
//! the answer kept in memory, whose version is compared with the stored one every [`CHECK_EVERY`], so that a change
//! made by any process is seen within that time. Where no sound code can be had the answer is "unknown", which tells
//! the gate to let the person in by the fallback; it is never an old colour.

use super::model::{CardHolder, StateRow, StoredCode, code_of};
use super::words::{CauseView, TwoTongues};
use super::{state, store, token};
use crate::app::App;
use crate::db::Id;
use crate::error::{AppError, AppResult};
use crate::policy::{Colour, Evaluation};
use actix_web::web::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Life of a token that is shown on a phone.
pub const TOKEN_LIFE: TimeDelta = TimeDelta::seconds(120);
/// A token is given again while it is this young: whoever gets it has at least a minute to show it.
pub const REUSE_FOR: TimeDelta = TimeDelta::seconds(60);
/// How long a kept answer is trusted without looking at the stored version.
pub const CHECK_EVERY: TimeDelta = TimeDelta::seconds(15);
/// Bytes of kept answers.
const CACHE_BYTES: u64 = 256 * 1024 * 1024;

/// A code as it is shown now.
#[derive(Debug)]
pub struct Shown {
    /// The state.
    pub state: Colour,
    /// `HC1:…`; none where the state is unknown.
    pub token: Option<String>,
    /// When this answer was made.
    pub issued_at: DateTime<Utc>,
    /// When the token ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Changes with every token.
    pub etag: String,
    /// The JSON answer ([`CodeAnswer`]), written once.
    pub body: Bytes,
    version: i64,
    checked: AtomicI64,
}

impl Shown {
    fn is_young(&self, now: DateTime<Utc>) -> bool {
        let ends_soon = self.expires_at.is_some_and(|end| end - now <= TOKEN_LIFE - REUSE_FOR);
        self.issued_at <= now && now - self.issued_at < REUSE_FOR && !ends_soon
    }

    fn was_checked(&self, now: DateTime<Utc>) -> bool {
        let age = now.timestamp_micros() - self.checked.load(Ordering::Relaxed);
        CHECK_EVERY.num_microseconds().is_some_and(|limit| (0..limit).contains(&age))
    }
}

/// Answers kept in memory, bounded in bytes.
pub struct ShownCache(Cache<Id, Arc<Shown>>);

impl Default for ShownCache {
    fn default() -> Self {
        let weigh = |_: &Id, shown: &Arc<Shown>| {
            let texts = shown.body.len() + shown.token.as_ref().map_or(0, String::len) + shown.etag.len();
            u32::try_from(texts + 256).unwrap_or(u32::MAX)
        };
        Self(
            Cache::builder()
                .weigher(weigh)
                .max_capacity(CACHE_BYTES)
                .time_to_live(std::time::Duration::from_secs(90))
                .build(),
        )
    }
}

impl ShownCache {
    /// Forgets what was kept of a person, after a new evaluation in this process.
    pub fn forget(&self, person: Id) {
        self.0.invalidate(&person);
    }
}

/// The JSON answer of "make code".
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CodeAnswer<'a> {
    /// `green`, `yellow`, `red` or `unknown`.
    pub state: &'static str,
    /// `HC1:…`, for the QR picture; absent where the state is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<&'a str>,
    /// When the token ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Until when the colour holds unless something changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<DateTime<Utc>>,
    /// Masked name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// Masked number of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<&'a str>,
    /// Every reason, the worst first.
    pub reasons: Vec<CauseView<'a>>,
    /// For "unknown": why, and that the person is to be let in by the fallback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<TwoTongues<'a>>,
}

/// The code of a person as it is to be shown now.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such person. An overloaded or missing database is no error but the state
/// "unknown".
pub async fn show(deps: &App, person: Id, now: DateTime<Utc>) -> AppResult<Arc<Shown>> {
    if let Some(kept) = deps.codes.0.get(&person).filter(|k| k.is_young(now)) {
        if kept.was_checked(now) {
            return Ok(kept);
        }
        if let Ok(Some(version)) = deps.store.read(move |conn| store::version(conn, person)).await
            && version == kept.version
        {
            kept.checked.store(now.timestamp_micros(), Ordering::Relaxed);
            return Ok(kept);
        }
    }
    Ok(in_full(deps, person, now).await?.1)
}

/// As [`show`], with what a page tells beside the picture; none of that where the state is unknown for want of data.
///
/// # Errors
/// As [`show`].
pub(super) async fn in_full(
    deps: &App,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<(Option<(CardHolder, StoredCode)>, Arc<Shown>)> {
    match current(deps, person, now).await {
        Ok((holder, row)) => {
            let code = row.open(&deps.keys)?;
            let kept = deps.codes.0.get(&person).filter(|k| k.is_young(now) && k.version == code.version);
            let shown = match kept {
                Some(kept) => kept,
                None => {
                    let shown = Arc::new(made(deps, &holder, &code, now)?);
                    deps.codes.0.insert(person, shown.clone());
                    shown
                }
            };
            Ok((Some((holder, code)), shown))
        }
        Err(AppError::NotFound) => Err(AppError::NotFound),
        Err(e) => {
            tracing::warn!(error = %e, "a code is shown as unknown");
            Ok((None, Arc::new(without_data(deps, now)?)))
        }
    }
}

/// The stored code with its holder, worked out anew where it is missing or no longer sound.
pub(super) async fn current(deps: &App, person: Id, now: DateTime<Utc>) -> AppResult<(CardHolder, StateRow)> {
    let (who, row) = deps.store.read(move |conn| store::code_and_person(conn, person)).await?;
    let holder = who.holder(&deps.keys)?;
    match row.filter(|row| state::is_current(row, &deps.policy, now)) {
        Some(row) => Ok((holder, row)),
        None => {
            let parts = deps.clone();
            let row = deps
                .store
                .write(move |tx| {
                    state::evaluate_person(tx, &parts, person, now)?;
                    store::state(tx.conn(), person)?.ok_or(AppError::NotFound)
                })
                .await?;
            Ok((holder, row))
        }
    }
}

fn made(deps: &App, holder: &CardHolder, code: &StoredCode, now: DateTime<Utc>) -> AppResult<Shown> {
    let evaluation = &code.evaluation;
    let signed = token::sign_code(
        &deps.keys,
        token::Statement {
            province: &deps.config.province,
            holder,
            colour: evaluation.colour,
            valid_until: evaluation.valid_until.unwrap_or(now + TOKEN_LIFE),
            issued: now,
            life: TOKEN_LIFE,
            status: None,
        },
    )?;
    let (token, expires_at) = signed.map(|s| (s.text, s.expires)).unzip();
    let answer = CodeAnswer {
        state: code_of(evaluation.colour),
        token: token.as_deref(),
        expires_at,
        valid_until: evaluation.valid_until,
        name: Some(&holder.name),
        document: Some(&holder.document),
        reasons: reasons(evaluation),
        fallback: evaluation.unknown.as_ref().map(|u| TwoTongues::from(&u.text)),
    };
    finish(&answer, evaluation.colour, now, code.version)
}

/// Every reason of an outcome: the causes, or the plain reason for green.
pub(super) fn reasons(evaluation: &Evaluation) -> Vec<CauseView<'_>> {
    evaluation.causes.iter().chain(evaluation.green.as_ref()).map(CauseView::from).collect()
}

/// No data can be had: nothing is known but that the person is to be let in.
fn without_data(deps: &App, now: DateTime<Utc>) -> AppResult<Shown> {
    let answer = CodeAnswer {
        state: "unknown",
        token: None,
        expires_at: None,
        valid_until: None,
        name: None,
        document: None,
        reasons: Vec::new(),
        fallback: Some(TwoTongues::from(&deps.policy.settings().unknown.stale)),
    };
    finish(&answer, Colour::Unknown, now, 0)
}

fn finish(answer: &CodeAnswer<'_>, state: Colour, now: DateTime<Utc>, version: i64) -> AppResult<Shown> {
    let body = serde_json::to_vec(answer).map_err(AppError::internal)?;
    let digest = Sha256::digest(&body);
    Ok(Shown {
        state,
        token: answer.token.map(str::to_owned),
        issued_at: now,
        expires_at: answer.expires_at,
        etag: format!("\"{}\"", hex::encode(digest.get(..12).unwrap_or_default())),
        body: body.into(),
        version,
        checked: AtomicI64::new(now.timestamp_micros()),
    })
}
