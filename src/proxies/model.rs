//! A question and a consent as stored.

use super::rules::Relation;
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::proxies;
use crate::db::{Id, Ts};
use crate::error::{AppError, AppResult};
use crate::identity::{DocumentNumber, PersonName};
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A row of `proxies`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = proxies)]
pub(super) struct Row {
    pub id: Id,
    pub number: String,
    /// Who acts or asks to act.
    pub account_id: Id,
    /// Whom the account stood for when it asked: nobody else acts by it, whoever the account stands for later.
    pub actor_id: Id,
    /// For whom, once that is known.
    pub person_id: Option<Id>,
    pub ward_sealed: Vec<u8>,
    pub relation: String,
    /// `own` for a consent by the person's own telephone, `counter`.
    pub way: String,
    /// `asked`, `granted`, `refused`, `ended`.
    pub state: String,
    pub version: i64,
    /// Version of the text that is agreed to.
    pub consent_text: String,
    pub created_at: Ts,
    /// Until when the question waits, or the consent holds.
    pub until_at: Ts,
    pub granted_at: Option<Ts>,
    /// The official at the counter; none where the person agreed by their own telephone.
    pub granted_by: Option<Id>,
    pub ended_at: Option<Ts>,
    /// `proxy`, `person`, `counter`, `time` or `age`.
    pub ended_by: Option<String>,
    pub ended_official: Option<Id>,
    /// Whether the person agreed with a PIN, on the telephone of whoever acts.
    pub by_pin: bool,
}

/// For whom somebody asks to act, as they named them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Ward {
    pub name: PersonName,
    pub document: DocumentNumber,
}

/// Two maps as one.
pub(super) fn with(mut one: Value, more: Value) -> Value {
    if let (Value::Object(one), Value::Object(more)) = (&mut one, more) {
        one.extend(more);
    }
    one
}

pub(super) fn ward_field(id: Id) -> FieldContext<'static> {
    FieldContext::new("proxies", "ward_sealed", id.0)
}

impl Row {
    /// For whom it was asked.
    pub(super) fn ward(&self, keys: &Keyring) -> AppResult<Ward> {
        Ok(keys.open_json(&ward_field(self.id), &self.ward_sealed)?)
    }

    /// The relation.
    pub(super) fn relation(&self) -> AppResult<Relation> {
        Relation::of(&self.relation).ok_or_else(|| AppError::internal("an unknown relation"))
    }

    /// Whether it waits for an answer.
    pub(super) fn waits(&self, now: DateTime<Utc>) -> bool {
        self.state == "asked" && now < self.until_at.0
    }

    /// Whether the consent holds.
    pub(super) fn holds(&self, now: DateTime<Utc>) -> bool {
        self.state == "granted" && now < self.until_at.0
    }

    /// Whether it can still be ended by somebody.
    pub(super) fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.waits(now) || self.holds(now)
    }

    /// The code of its state at a moment: what has run out is over, also before the portal has written that down.
    pub(super) fn state_at(&self, now: DateTime<Utc>) -> &str {
        if matches!(self.state.as_str(), "asked" | "granted") && !self.is_open(now) {
            "ended"
        } else {
            &self.state
        }
    }

    /// Its state in words.
    pub(super) fn word(&self, lang: Lang, now: DateTime<Utc>) -> String {
        t(lang, &format!("proxy-state-{}", self.state_at(now)), &[])
    }

    /// The tag that shows it.
    pub(super) fn tag(&self, now: DateTime<Utc>) -> &'static str {
        match self.state_at(now) {
            "granted" => "ok",
            "asked" => "warn",
            _ => "idle",
        }
    }
}
