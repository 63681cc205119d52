//! What every showing of a code needs, kept in memory ready to be signed: nothing is read, opened or worded for it.
//!
//! It holds as long as the person's mark ([`crate::db::Marks`]) does, which every new evaluation and every change of
//! the person moves on, and as long as the stored code itself is sound at the moment of showing.

use super::model::{CardHolder, Told};
use super::words::{CauseView, TwoTongues};
use super::{show, state};
use crate::db::{Id, Mark, Ts};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::policy::{Cause, Colour, Held, Unknown};
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// Persons kept.
const KEPT: u64 = 1_000_000;
/// Reasons kept. Most persons share theirs: green since the same day, the same risk area.
const WORDS: u64 = 50_000;

/// What nobody has asked for so long is read again: nothing of a person stays in memory longer than it is used.
const KEPT_FOR: Duration = Duration::from_secs(600);

/// A stored code, ready to be shown.
#[derive(Debug)]
pub(super) struct Known {
    pub holder: CardHolder,
    pub colour: Colour,
    pub valid_until: Option<DateTime<Utc>>,
    pub words: Arc<Reasons>,
    pub version: i64,
    since: Ts,
    clears_at: Option<DateTime<Utc>>,
    declared_until: Option<DateTime<Utc>>,
    pub held: Option<Held>,
    sound: state::Sound,
    mark: Option<Mark>,
}

impl Known {
    /// What pages tell of it.
    pub fn told(&self) -> Told<'_> {
        Told {
            colour: self.colour,
            since: self.since,
            valid_until: self.valid_until,
            clears_at: self.clears_at,
            declared_until: self.declared_until,
            causes: &self.words.causes,
            green: self.words.green.as_ref(),
            unknown: self.words.unknown.as_ref(),
            held: self.held,
        }
    }
}

/// Why a code is as it is, with the same as JSON.
#[derive(Debug)]
pub(super) struct Reasons {
    causes: Vec<Cause>,
    green: Option<Cause>,
    unknown: Option<Unknown>,
    /// A list of [`CauseView`].
    pub reasons: Box<RawValue>,
    /// [`TwoTongues`].
    pub fallback: Option<Box<RawValue>>,
}

/// The codes kept.
pub(super) struct KnownCodes {
    persons: Cache<Id, Arc<Known>>,
    words: Cache<[u8; 32], Arc<Reasons>>,
}

impl Default for KnownCodes {
    fn default() -> Self {
        Self {
            persons: Cache::builder().max_capacity(KEPT).time_to_idle(KEPT_FOR).build(),
            words: Cache::builder().max_capacity(WORDS).time_to_idle(KEPT_FOR).build(),
        }
    }
}

impl KnownCodes {
    /// The code of a person, read and worked out anew only where what is kept no longer holds.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such person; database errors.
    pub async fn of(&self, deps: &App, person: Id, now: DateTime<Utc>) -> AppResult<Arc<Known>> {
        let mark = deps.store.marks().of(person);
        let kept = self.persons.get(&person).filter(|k| k.mark == mark && mark.is_some());
        if let Some(kept) = kept.filter(|k| k.sound.at(&deps.policy, now)) {
            return Ok(kept);
        }
        let (mark, (holder, row)) = match show::stored(deps, person, now).await? {
            (holder, Some(row)) => (mark, (holder, row)),
            (_, None) => {
                // Working it out moves the person's mark on, so what is to be kept is read once more after it.
                show::work_out(deps, person, now).await?;
                (deps.store.marks().of(person), show::current(deps, person, now).await?)
            }
        };
        let sound = state::Sound::of(&row);
        let code = row.open(&deps.keys)?;
        let told = code.told();
        let known = Arc::new(Known {
            holder,
            colour: told.colour,
            valid_until: told.valid_until,
            words: self.shared(&told)?,
            version: code.version,
            since: told.since,
            clears_at: told.clears_at,
            declared_until: told.declared_until,
            held: told.held,
            sound,
            mark,
        });
        if mark.is_some() {
            self.persons.insert(person, known.clone());
        }
        Ok(known)
    }

    /// The reasons, kept once for all who have the same.
    fn shared(&self, told: &Told<'_>) -> AppResult<Arc<Reasons>> {
        let all = serde_json::to_vec(&(told.causes, told.green, told.unknown)).map_err(AppError::internal)?;
        let key = Sha256::digest(&all).into();
        if let Some(kept) = self.words.get(&key) {
            return Ok(kept);
        }
        let views: Vec<CauseView<'_>> = told.reasons().map(CauseView::from).collect();
        let fallback = told.unknown.map(|u| to_raw_value(&TwoTongues::from(&u.text)));
        let reasons = Arc::new(Reasons {
            causes: told.causes.to_vec(),
            green: told.green.cloned(),
            unknown: told.unknown.cloned(),
            reasons: to_raw_value(&views).map_err(AppError::internal)?,
            fallback: fallback.transpose().map_err(AppError::internal)?,
        });
        self.words.insert(key, reasons.clone());
        Ok(reasons)
    }
}
