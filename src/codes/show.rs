//! Showing a code: the path that a province walks hundreds of millions of times a day.
//!
//! First time in a token's life: what is known of the code ([`super::known`]) and one signature. Again within its
//! life: the answer kept in memory, as long as nothing has changed of the person, which is noticed at once
//! ([`crate::db::Marks`]). Where no sound code can be had the answer is "unknown", which tells
//! the gate to let the person in by the fallback; it is never an old colour.

use super::answers::Answers;
use super::known::{Known, KnownCodes};
use super::model::{CardHolder, StateRow, StoredCode};
use super::words::TwoTongues;
use super::{state, store, token};
use crate::db::Id;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::policy::Colour;
use actix_web::web::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Life of a token that is shown on a phone.
pub const TOKEN_LIFE: TimeDelta = TimeDelta::seconds(120);
/// A token is given again while it is this young: whoever gets it has at least a minute to show it.
pub const REUSE_FOR: TimeDelta = TimeDelta::seconds(60);

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
    holder: Option<CardHolder>,
}

impl Shown {
    fn is_young(&self, now: DateTime<Utc>) -> bool {
        let ends_soon = self.expires_at.is_some_and(|end| end - now <= TOKEN_LIFE - REUSE_FOR);
        self.issued_at <= now && now - self.issued_at < REUSE_FOR && !ends_soon
    }

    /// Whether it says what is known now.
    fn says(&self, version: i64, holder: &CardHolder) -> bool {
        self.version == version && self.holder.as_ref() == Some(holder)
    }
}

/// What is kept in memory for showing codes.
#[derive(Default)]
pub struct ShownCache {
    answers: Answers,
    known: KnownCodes,
}

impl ShownCache {
    /// That of a portal.
    fn of(deps: &Deps) -> AppResult<&Self> {
        deps.part()
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
    #[schema(value_type = Vec<super::words::CauseView<'a>>)]
    pub reasons: &'a RawValue,
    /// For "unknown": why, and that the person is to be let in by the fallback.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<TwoTongues<'a>>)]
    pub fallback: Option<&'a RawValue>,
    /// The colour rests on statements that newer answers, which nobody has accepted yet, would replace: the state without
    /// them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when_accepted: Option<&'static str>,
}

/// The code of a person as it is to be shown now.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such person. An overloaded or missing database is no error but the state
/// "unknown".
pub async fn show(deps: &App, person: Id, now: DateTime<Utc>) -> AppResult<Arc<Shown>> {
    Ok(in_full(deps, person, now).await?.1)
}

/// The kept answer while its token is young, else a new one.
fn answer(deps: &App, person: Id, known: &Known, now: DateTime<Utc>) -> AppResult<Arc<Shown>> {
    let answers = &ShownCache::of(deps)?.answers;
    let kept = answers.get(person);
    if let Some(kept) = kept.filter(|k| k.is_young(now) && k.says(known.version, &known.holder)) {
        return Ok(kept);
    }
    let shown = Arc::new(made(deps, known, now)?);
    answers.put(person, shown.clone());
    Ok(shown)
}

fn unavailable(deps: &App, e: &AppError, now: DateTime<Utc>) -> AppResult<Arc<Shown>> {
    tracing::warn!(error = %e, "a code is shown as unknown");
    without_data(deps, now).map(Arc::new)
}

/// As [`show`], with what a page tells beside the picture; none of that where the state is unknown for want of data.
///
/// # Errors
/// As [`show`].
pub(super) async fn in_full(
    deps: &App,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<(Option<Arc<Known>>, Arc<Shown>)> {
    match ShownCache::of(deps)?.known.of(deps, person, now).await {
        Ok(known) => {
            let shown = answer(deps, person, &known, now)?;
            Ok((Some(known), shown))
        }
        Err(AppError::NotFound) => Err(AppError::NotFound),
        Err(e) => Ok((None, unavailable(deps, &e, now)?)),
    }
}

/// Works the code of a person out anew where what is stored no longer holds, so that what reads it next finds it. A page
/// that only names the colour is not refused when that fails.
pub async fn refresh(deps: &App, person: Id, now: DateTime<Utc>) {
    let known = async { ShownCache::of(deps)?.known.of(deps, person, now).await };
    if let Err(e) = known.await {
        tracing::warn!(error = %e, "a code could not be worked out for a status card");
    }
}

/// The stored code of a person, worked out anew where it is missing or no longer sound.
///
/// # Errors
/// Database errors; [`AppError::NotFound`] when there is no such person.
pub async fn present(deps: &App, person: Id, now: DateTime<Utc>) -> AppResult<StoredCode> {
    current(deps, person, now).await?.1.open(&deps.keys)
}

/// The stored code with its holder, worked out anew where it is missing or no longer sound.
pub(super) async fn current(deps: &App, person: Id, now: DateTime<Utc>) -> AppResult<(CardHolder, StateRow)> {
    Ok(match stored(deps, person, now).await? {
        (holder, Some(row)) => (holder, row),
        (holder, None) => (holder, work_out(deps, person, now).await?),
    })
}

/// The holder, and the stored code if it is sound.
pub(super) async fn stored(
    deps: &App,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<(CardHolder, Option<StateRow>)> {
    let (who, row) = deps.store.read(move |conn| store::code_and_person(conn, person)).await?;
    let row = row.filter(|row| state::is_current(row, &deps.policy, now));
    Ok((CardHolder::of(&who, &deps.keys)?, row))
}

/// Works the code out and stores it; once more when somebody else has changed what hangs on it at the same moment.
pub(super) async fn work_out(deps: &App, person: Id, now: DateTime<Utc>) -> AppResult<StateRow> {
    match state::renew(deps, person, now).await {
        Err(AppError::Conflict(_)) => state::renew(deps, person, now).await,
        outcome => outcome,
    }
}

fn made(deps: &App, known: &Known, now: DateTime<Utc>) -> AppResult<Shown> {
    let signed = token::sign_code(
        &deps.keys,
        token::Statement {
            province: &deps.config.province,
            holder: &known.holder,
            colour: known.colour,
            valid_until: known.valid_until.unwrap_or(now + TOKEN_LIFE),
            issued: now,
            life: TOKEN_LIFE,
            status: None,
        },
    )?;
    let (token, expires_at) = signed.map(|s| (s.text, s.expires)).unzip();
    let answer = CodeAnswer {
        state: known.colour.code(),
        token: token.as_deref(),
        expires_at,
        valid_until: known.valid_until,
        name: Some(&known.holder.name),
        document: Some(&known.holder.document),
        reasons: &known.words.reasons,
        fallback: known.words.fallback.as_deref(),
        when_accepted: known.held.map(|held| held.then.code()),
    };
    let shown = finish(&answer, known.colour, now)?;
    Ok(Shown { version: known.version, holder: Some(known.holder.clone()), ..shown })
}

/// No data can be had: nothing is known but that the person is to be let in.
fn without_data(deps: &App, now: DateTime<Utc>) -> AppResult<Shown> {
    let stale = TwoTongues::from(&deps.policy.settings().unknown.stale);
    let (none, fallback) = (to_raw_value::<[(); 0]>(&[]), to_raw_value(&stale));
    let answer = CodeAnswer {
        state: "unknown",
        token: None,
        expires_at: None,
        valid_until: None,
        name: None,
        document: None,
        reasons: &none.map_err(AppError::internal)?,
        fallback: Some(&*fallback.map_err(AppError::internal)?),
        when_accepted: None,
    };
    finish(&answer, Colour::Unknown, now)
}

fn finish(answer: &CodeAnswer<'_>, state: Colour, now: DateTime<Utc>) -> AppResult<Shown> {
    let body = serde_json::to_vec(answer).map_err(AppError::internal)?;
    // A token carries a random number, so its digest tells answers apart as well as that of the whole.
    let digest = Sha256::digest(answer.token.map_or(body.as_slice(), str::as_bytes));
    Ok(Shown {
        state,
        token: answer.token.map(str::to_owned),
        issued_at: now,
        expires_at: answer.expires_at,
        etag: format!("\"{}\"", hex::encode(digest.get(..12).unwrap_or_default())),
        body: body.into(),
        version: 0,
        holder: None,
    })
}
