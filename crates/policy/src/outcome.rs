//! What comes of an evaluation: a colour with its causes, or why there is none. A record that explains itself, which is
//! stored as it is.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::held::Held;
use super::rule::{LegalBasis, RuleColour};
use super::template::Words;

/// What a health code shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// No colour can be given; this is a state, never shown as a colour.
    Unknown,
    /// Green.
    Green,
    /// Yellow.
    Yellow,
    /// Red.
    Red,
}

impl Colour {
    /// Its code for programs and catalogue keys: `green`, `yellow`, `red` or `unknown`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }
}

impl From<RuleColour> for Colour {
    fn from(colour: RuleColour) -> Self {
        match colour {
            RuleColour::Green => Self::Green,
            RuleColour::Yellow => Self::Yellow,
            RuleColour::Red => Self::Red,
        }
    }
}

/// The office that answers for a cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// Its name.
    pub name: Words,
    /// Its telephone.
    pub phone: String,
}

/// One reason for a colour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Id of the rule.
    pub rule: String,
    /// Its version.
    pub version: u32,
    /// Its short name.
    pub title: Words,
    /// The colour it gives.
    pub colour: Colour,
    /// Why, in plain words.
    pub reason: Words,
    /// What the person has to do while it lasts, and may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duties: Option<Words>,
    /// Who answers for it.
    pub authority: Authority,
    /// Since when it holds.
    pub since: Option<DateTime<Utc>>,
    /// When it ends, if that is known.
    pub until: Option<DateTime<Utc>>,
    /// What ends it, in plain words; absent for a green rule without an end.
    pub ends: Option<Words>,
    /// Where the evidence comes from.
    pub evidence: Option<Words>,
    /// Whether a negative test ends it.
    #[serde(default)]
    pub by_test: bool,
    /// Digest of what it is about: its beginning, and the place and days of a stay or finding. Another stay of the same
    /// rule has another.
    #[serde(default)]
    pub about: String,
    /// Whether the person can appeal.
    pub appealable: bool,
    /// On what the rule rests.
    pub legal_basis: Vec<LegalBasis>,
}

impl Cause {
    /// Whether another one is about the same: of the same rule, and of the same place and days as far as both say what
    /// they are about.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let unnamed = self.about.is_empty() || other.about.is_empty();
        self.rule == other.rule && (unnamed || self.about == other.about)
    }

    /// Its name among the causes of one person: the rule, and what it is about.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.rule, self.about)
    }
}

/// Why there is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownReason {
    /// No declaration was made.
    NoDeclaration,
    /// The last declaration is too old.
    DeclarationExpired,
    /// The facts are too old.
    Stale,
    /// A rule could not be applied, or none gives a reason for green.
    Undecided,
}

/// No colour, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// Why.
    pub reason: UnknownReason,
    /// The same for the person.
    pub text: Words,
}

/// A rule that could not be applied to these facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Id of the rule.
    pub rule: String,
    /// Its version.
    pub version: u32,
    /// What went wrong; holds no personal data.
    pub error: String,
}

/// The outcome for one person: a record that explains itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The colour to show.
    pub colour: Colour,
    /// All red and yellow causes, worst first, oldest first. They are listed also where the colour is
    /// unknown, so that the person sees what is to come; pages then show them without colour.
    pub causes: Vec<Cause>,
    /// The plain reason, where the colour is green.
    pub green: Option<Cause>,
    /// Why there is no colour, where there is none.
    pub unknown: Option<Unknown>,
    /// Causes set aside by an upheld appeal.
    pub waived: Vec<Cause>,
    /// The outcome may change without new facts from this moment on: the first end of a cause, or the end
    /// of the declaration.
    pub valid_until: Option<DateTime<Utc>>,
    /// When the declaration stops counting; without one that counts there is no green.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_until: Option<DateTime<Utc>>,
    /// When the last of the causes ends, if every end is known.
    pub clears_at: Option<DateTime<Utc>>,
    /// Digest of the rules ([`super::RuleSet::digest`]).
    pub rule_set_digest: String,
    /// When it was worked out.
    pub evaluated_at: DateTime<Utc>,
    /// The facts that the rules behind this outcome read, by path.
    pub facts_used: BTreeMap<String, Value>,
    /// Rules that could not be applied; to be looked at by the policy's authors.
    pub failures: Vec<Failure>,
    /// Whether it rests on statements that newer ones would replace ([`super::with_held`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

/// The order of causes: the worst first, then the oldest.
pub(super) fn by_weight(a: &Cause, b: &Cause) -> std::cmp::Ordering {
    b.colour.cmp(&a.colour).then(a.since.cmp(&b.since))
}

/// When the last of the causes ends, if every end is known.
pub(super) fn last_end(causes: &[Cause]) -> Option<DateTime<Utc>> {
    causes.iter().map(|cause| cause.until).collect::<Option<Vec<_>>>().and_then(|e| e.into_iter().max())
}
