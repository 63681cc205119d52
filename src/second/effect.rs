//! What the second official sees of a thing: what was given, and what a confirmation brings about.

use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A fact of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fact {
    /// What it is, in the reader's language.
    pub label: String,
    /// Exactly what was given.
    pub value: String,
    /// Whether it is a number that must not be broken over lines.
    pub number: bool,
}

/// A fact under a label, a key of texts.
pub fn fact(lang: Lang, label: &str, value: impl Into<String>) -> Fact {
    Fact { label: t(lang, label, &[]), value: value.into(), number: false }
}

/// So many persons of a place change from a colour to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Move {
    /// The place, in the reader's language.
    pub place: String,
    /// How many persons.
    pub count: u64,
    /// The present colour: `green`, `yellow`, `red` or `unknown`.
    pub from: String,
    /// Its word in the reader's language.
    pub from_word: String,
    /// The colour afterwards.
    pub to: String,
    /// Its word.
    pub to_word: String,
}

/// What a confirmation brings about, worked out from what is known at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "whose", rename_all = "kebab-case")]
pub enum Effect {
    /// It is about one person, whose colour may change.
    Person {
        /// The present colour: `green`, `yellow`, `red` or `unknown`.
        from: String,
        /// Its word in the reader's language.
        from_word: String,
        /// The colour afterwards.
        to: String,
        /// Its word.
        to_word: String,
        /// Until when that lasts, in words; empty where nobody knows.
        until: String,
        /// What becomes of the person's certificates, in words.
        certificates: String,
    },
    /// It is about everybody of a place.
    Many {
        /// How many change, by place and colours.
        rows: Vec<Move>,
        /// How many change in all.
        total: u64,
        /// How many persons with a code were looked at.
        looked: i64,
        /// How many persons of the place have no code; they are not counted.
        uncoded: i64,
        /// Whether they are still being counted; it cannot be decided before.
        counting: bool,
        /// For which moment.
        at: DateTime<Utc>,
    },
    /// What a sentence says best; whether colours change stands in them.
    Words {
        /// What it brings about, a sentence each.
        lines: Vec<String>,
    },
}

impl Effect {
    /// Whether it is not known yet.
    #[must_use]
    pub fn is_counting(&self) -> bool {
        matches!(self, Self::Many { counting: true, .. })
    }
}

/// What a kind shows of a thing.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Exactly what was given, whom it is about in full.
    pub facts: Vec<Fact>,
    /// What a confirmation brings about.
    pub effect: Effect,
    /// That something has changed since it was entered, in words.
    pub changed: Option<String>,
    /// What whoever refuses is told about the reason, a key of texts.
    pub reason_hint: &'static str,
}

impl Shown {
    /// These facts with this effect.
    pub fn of(facts: Vec<Fact>, effect: Effect) -> Self {
        Self { facts, effect, changed: None, reason_hint: "decide-reason-hint" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, to_value};

    #[test]
    fn programs_and_pages_tell_the_effects_apart() {
        let words = Effect::Words { lines: vec!["三天的物资记入库存".into()] };
        assert_eq!(to_value(&words).unwrap(), json!({"whose": "words", "lines": ["三天的物资记入库存"]}));
        let mut many = Effect::Many {
            rows: Vec::new(),
            total: 0,
            looked: 0,
            uncoded: 0,
            counting: true,
            at: DateTime::UNIX_EPOCH,
        };
        assert_eq!(to_value(&many).unwrap()["whose"], "many");
        assert!(many.is_counting() && !words.is_counting());
        if let Effect::Many { counting, .. } = &mut many {
            *counting = false;
        }
        assert!(!many.is_counting());
    }
}
