//! What every showing of a code needs, kept in memory ready to be signed: nothing is read, opened or worded for it.
//!
//! It holds as long as the person's mark ([`crate::db::Marks`]) does, which every new evaluation and every change of
//! the person moves on, and as long as the stored code itself is sound at the moment of showing.

use super::model::{CardHolder, StoredCode};
use super::show::reasons;
use super::state;
use super::words::TwoTongues;
use crate::app::App;
use crate::db::{Id, Mark};
use crate::error::{AppError, AppResult};
use crate::policy::Colour;
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Persons kept. What a million need in memory has been estimated (some 350 MiB), not measured.
const KEPT: u64 = 1_000_000;
/// Texts kept. Most persons share theirs: green since the same day, the same risk area.
const TEXTS: u64 = 50_000;

/// A stored code, ready to be shown.
#[derive(Debug)]
pub(super) struct Known {
    pub holder: CardHolder,
    pub colour: Colour,
    pub valid_until: Option<DateTime<Utc>>,
    pub reasons: Arc<RawValue>,
    pub fallback: Option<Arc<RawValue>>,
    pub version: i64,
    sound: state::Sound,
    mark: Option<Mark>,
}

/// The codes kept.
pub(super) struct KnownCodes {
    persons: Cache<Id, Arc<Known>>,
    texts: Cache<[u8; 16], Arc<RawValue>>,
}

impl Default for KnownCodes {
    fn default() -> Self {
        Self {
            persons: Cache::builder().max_capacity(KEPT).build(),
            texts: Cache::builder().max_capacity(TEXTS).build(),
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
        let (holder, row) = super::show::current(deps, person, now).await?;
        let sound = state::Sound::of(&row);
        let known = Arc::new(self.make(holder, &row.open(&deps.keys)?, sound, mark)?);
        if mark.is_some() {
            self.persons.insert(person, known.clone());
        }
        Ok(known)
    }

    /// What is known by a stored code that was read when the mark stood there.
    ///
    /// # Errors
    /// [`AppError::Internal`] when a reason has no JSON.
    pub fn make(
        &self,
        holder: CardHolder,
        code: &StoredCode,
        sound: state::Sound,
        mark: Option<Mark>,
    ) -> AppResult<Known> {
        let evaluation = &code.evaluation;
        let unknown = evaluation.unknown.as_ref().map(|u| self.shared(&TwoTongues::from(&u.text)));
        Ok(Known {
            holder,
            colour: evaluation.colour,
            valid_until: evaluation.valid_until,
            reasons: self.shared(&reasons(evaluation))?,
            fallback: unknown.transpose()?,
            version: code.version,
            sound,
            mark,
        })
    }

    /// The JSON of a value, kept once for all who have the same.
    fn shared<T: Serialize>(&self, value: &T) -> AppResult<Arc<RawValue>> {
        let text = to_raw_value(value).map_err(AppError::internal)?;
        let digest = Sha256::digest(text.get());
        let Some(key) = digest.first_chunk::<16>() else { return Ok(text.into()) };
        Ok(self.texts.get_with(*key, || text.into()))
    }
}
