//! The shape of a rule document, as it is written in TOML or JSON (`docs/policy.md` describes it for
//! authors). Unknown members are refused: a misspelt `valid_to` must not become a rule without an end.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::template::Words;

/// One file of rules.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What all colour rules share; exactly one document of a set has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    /// Tables of codes and their words in both languages, by table name, for use in texts.
    #[serde(default)]
    pub words: BTreeMap<String, BTreeMap<String, Words>>,
    /// The rules.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

/// What all colour rules of a province share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Offset of local time from UTC, in hours; days begin and end by it.
    pub utc_offset_hours: i32,
    /// First digits of the province's division code (GB/T 2260), such as `51`.
    pub province: String,
    /// A colour is shown until the end of this many days after the day of the declaration.
    pub declaration_valid_days: u32,
    /// Facts gathered longer ago than this many hours give no colour.
    pub stale_after_hours: u32,
    /// What is said when no colour can be given.
    pub unknown: UnknownTexts,
}

/// The plain words for each way of having no colour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnknownTexts {
    /// There is no declaration.
    pub no_declaration: Words,
    /// The last declaration is too old.
    pub declaration_expired: Words,
    /// The facts are too old.
    pub stale: Words,
    /// A rule could not be applied, or none gives a reason for green.
    pub undecided: Words,
}

/// What a rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The colour of a health code.
    Colour,
    /// Whether a document from elsewhere is accepted.
    Acceptance,
    /// Whether a journey needs a certificate.
    CertificateNeeded,
    /// Who reviews a reopening.
    ReviewLevel,
    /// How long a record is kept.
    Retention,
    /// What becomes of certificates while a cause of a colour holds.
    CertificateEffect,
}

/// The colour a rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleColour {
    /// Gives the plain reason for green; counts only where no other colour rule holds.
    Green,
    /// Yellow.
    Yellow,
    /// Red.
    Red,
}

/// One version of one rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable name, lower case with hyphens and points, such as `red.close-contact`.
    pub id: String,
    /// Counts up with each change; (id, version) is unique.
    pub version: u32,
    /// What the rule decides.
    pub kind: Kind,
    /// Short name for the public register.
    pub title: Words,
    /// Plain-words reason for the person; may hold `{placeholders}` declared in `show`.
    pub reason: Words,
    /// The colour, for rules of kind colour and for no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<RuleColour>,
    /// What the person has to do while it lasts, and may do; placeholders allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duties: Option<Words>,
    /// The office that answers for the outcome; placeholders allowed.
    pub authority: AuthorityText,
    /// Where the evidence comes from; placeholders allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Words>,
    /// In force from this moment.
    pub valid_from: DateTime<Utc>,
    /// In force before this moment; absent = until replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<DateTime<Utc>>,
    /// Path of a list: the rule is tried on each entry, which its paths call `item`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// Path of the date or date-time since when the cause holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// How the effect ends; every red or yellow rule has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
    /// Whether a person can appeal against it.
    pub appealable: bool,
    /// On what the rule rests.
    pub legal_basis: Vec<LegalBasis>,
    /// The facts that the logic reads.
    pub affected_fields: Vec<String>,
    /// The placeholders of the texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub show: BTreeMap<String, Show>,
    /// The condition, as CertLogic: an expression, or the same as JSON in a string.
    pub logic: Value,
    /// Terms of a rule of kind certificate-needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateTerms>,
    /// Terms of a rule of kind review-level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewTerms>,
    /// Terms of a rule of kind acceptance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<AcceptanceTerms>,
    /// Terms of a rule of kind retention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<RetentionTerms>,
    /// Terms of a rule of kind certificate-effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<EffectTerms>,
}

/// The responsible office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityText {
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// Telephone number as it is dialled or spoken.
    pub phone: String,
}

/// How the effect of a rule ends. The first end that is known counts: `at`, else `days` after `from`, else
/// none. A cause whose end has passed is no longer a cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Until {
    /// What ends it, in Chinese; `{until}` shows the moment.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// What is said while no end is known; needed where the texts use `{until}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Words>,
    /// Path of a date-time at which it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Path of a date or date-time from whose local day the days count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Ends at the end of the local day this many days after that of `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Whether a negative test of the person ends it before that. The condition sees to it; pages then tell people to be
    /// tested.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_test: bool,
}

/// A document on which a rule rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Title in Chinese.
    pub zh: String,
    /// Title in English.
    pub en: String,
    /// Article, row or section.
    pub article: String,
}

/// A placeholder of the texts of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Show {
    /// Path of the value.
    pub path: String,
    /// Table of words in which the value (a code, a list of codes, a yes or no) is looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// The value is an integer in tenths: 365 is shown as 36.5.
    #[serde(default)]
    pub tenths: bool,
    /// What is said where the value is missing, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// Terms of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateTerms {
    /// Whether one is needed.
    pub needed: bool,
    /// Days it is valid, counted from the day of issue.
    pub valid_days: u32,
}

/// Terms of a review. Where several rules hold, the strictest level counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewTerms {
    /// Name of the level: `filing`, `permit` or `shut`.
    pub level: ReviewLevel,
    /// Offices that decide, in order, by name of their level (`town`, `county`, `prefecture`).
    pub offices: Vec<String>,
    /// Working days in which the decision falls due; 0 = at once.
    pub working_days: u32,
}

/// The levels of review, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewLevel {
    /// A filing that takes effect at once; no approval may be required.
    Filing,
    /// A permit after review.
    Permit,
    /// The premises stay shut.
    Shut,
}

/// Terms of acceptance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceTerms {
    /// Whether the document is accepted.
    pub accepted: bool,
}

/// Terms of retention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionTerms {
    /// Whole local days that a record is kept after the day on which its clock starts; absent = no clock destroys
    /// it, and the reason says why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// Terms of an effect of a cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectTerms {
    /// What becomes of the person's certificates.
    pub certificates: CertificateEffect,
}

/// What becomes of a person's certificates while a cause holds, mildest first. New ones are issued only under `keep`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CertificateEffect {
    /// They stay as they are.
    Keep,
    /// They cannot be used while the cause holds, and come back by themselves.
    Suspend,
    /// They end for good.
    Revoke,
}

impl Rule {
    /// Whether the rule is in force at a moment: from `valid_from` on, before `valid_to`.
    pub fn in_force(&self, at: DateTime<Utc>) -> bool {
        self.valid_from <= at && self.valid_to.is_none_or(|end| at < end)
    }

    /// The template texts, each with its place in the document.
    pub(super) fn texts(&self) -> Vec<(&'static str, &str)> {
        let mut texts = vec![
            ("reason/zh", self.reason.zh.as_str()),
            ("reason/en", &self.reason.en),
            ("authority/zh", &self.authority.zh),
            ("authority/en", &self.authority.en),
            ("authority/phone", &self.authority.phone),
        ];
        if let Some(evidence) = &self.evidence {
            texts.extend([("evidence/zh", evidence.zh.as_str()), ("evidence/en", &evidence.en)]);
        }
        if let Some(duties) = &self.duties {
            texts.extend([("duties/zh", duties.zh.as_str()), ("duties/en", &duties.en)]);
        }
        if let Some(until) = &self.until {
            texts.extend([("until/zh", until.zh.as_str()), ("until/en", &until.en)]);
            if let Some(open) = &until.open {
                texts.extend([("until/open/zh", open.zh.as_str()), ("until/open/en", &open.en)]);
            }
        }
        texts
    }
}
