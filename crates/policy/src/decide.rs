//! The other kinds of rule: whether a journey needs a certificate, who reviews a reopening. The facts are
//! small, and the outcome is the terms of the rule that holds, with its reason.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::evaluate::{entries, holds, lookup};
use super::facts::Risk;
use super::outcome::{Cause, Failure};
use super::rule::{CertificateEffect, CertificateTerms, Kind, ReviewTerms};
use super::ruleset::{CompiledRule, RuleSet};
use super::template::{Scene, Words};

/// A journey, by the division codes (GB/T 2260, six digits) of its ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trip {
    /// Where it begins.
    pub from: String,
    /// Where it ends.
    pub to: String,
}

impl Trip {
    /// What the rules see: `from`, `to`, and `crosses`: the highest border crossed, `none`, `county`,
    /// `prefecture` or `province`.
    pub fn to_value(&self) -> Value {
        let same = |digits: usize| {
            let (a, b) = (self.from.get(..digits), self.to.get(..digits));
            a.is_some() && a == b
        };
        let crosses = match (same(2), same(4), same(6)) {
            (false, ..) => "province",
            (_, false, _) => "prefecture",
            (_, _, false) => "county",
            _ => "none",
        };
        json!({"from": self.from, "to": self.to, "crosses": crosses})
    }
}

/// A business that wants to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Premises {
    /// `enterprise` or `individual`.
    pub applicant: String,
    /// Division code of the premises.
    pub division: String,
    /// Risk of the county; without one no rule of the first policy holds.
    pub risk: Option<Risk>,
    /// Section of the industry (GB/T 4754), a letter.
    pub industry: String,
    /// Codes of the kinds of premises, such as `cinema`.
    pub premises: Vec<String>,
}

/// A rule that holds, with its reason written out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReason {
    /// Id of the rule.
    pub rule: String,
    /// Its version.
    pub version: u32,
    /// Why, in plain words.
    pub reason: Words,
    /// Whether the outcome can be appealed.
    pub appealable: bool,
}

/// Whether a certificate is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateDecision {
    /// The terms.
    pub terms: CertificateTerms,
    /// The rule behind them.
    pub because: RuleReason,
}

/// Who reviews a reopening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewDecision {
    /// The strictest terms of the rules that hold.
    pub terms: ReviewTerms,
    /// The rules that lead to this level, in the order of the documents.
    pub because: Vec<RuleReason>,
}

/// The rules of a kind that hold for some facts, each once, with its reason written out.
///
/// # Errors
/// A rule could not be applied; nothing is decided then.
pub fn matching<'a>(
    rules: &'a RuleSet,
    kind: Kind,
    facts: &Value,
    now: DateTime<Utc>,
) -> Result<Vec<(&'a CompiledRule, RuleReason)>, Failure> {
    let mut found = Vec::new();
    for compiled in rules.of_kind(kind, now) {
        let rule = &compiled.rule;
        for entry in entries(rule.each.as_deref(), facts) {
            let item = entry.map(|(_, item)| item);
            let fail = |error| Failure { rule: rule.id.clone(), version: rule.version, error };
            if !holds(compiled, facts, item).map_err(fail)? {
                continue;
            }
            let scene = Scene {
                show: &rule.show,
                tables: rules.tables(),
                lookup: &|path| lookup(facts, item, path),
                until: None,
                now,
                offset: rules.settings().offset(),
            };
            let reason = scene.words(&rule.reason.zh, &rule.reason.en);
            let (id, version, appealable) = (rule.id.clone(), rule.version, rule.appealable);
            found.push((compiled, RuleReason { rule: id, version, reason, appealable }));
            break;
        }
    }
    Ok(found)
}

/// Whether a journey needs a certificate, by the first rule that holds; `None` where no rule speaks of it.
///
/// # Errors
/// A rule could not be applied.
pub fn certificate_needed(
    rules: &RuleSet,
    trip: &Trip,
    now: DateTime<Utc>,
) -> Result<Option<CertificateDecision>, Failure> {
    let found = matching(rules, Kind::CertificateNeeded, &trip.to_value(), now)?;
    let mut decisions = found.into_iter().filter_map(|(compiled, because)| {
        Some(CertificateDecision { terms: compiled.rule.certificate.clone()?, because })
    });
    Ok(decisions.next())
}

/// Who reviews a reopening: the strictest of the rules that hold (then the one with more offices, then the
/// longer term). `None` where no rule holds, for instance in a county without a risk class: the caller must
/// say so, and must not take it for the mildest level.
///
/// # Errors
/// A rule could not be applied.
pub fn review_level(
    rules: &RuleSet,
    premises: &Premises,
    now: DateTime<Utc>,
) -> Result<Option<ReviewDecision>, Failure> {
    let facts = json!({
        "applicant": premises.applicant,
        "division": premises.division,
        "risk": premises.risk,
        "industry": premises.industry,
        "premises": premises.premises,
    });
    let found = matching(rules, Kind::ReviewLevel, &facts, now)?;
    let strictness = |terms: &ReviewTerms| (terms.level, terms.offices.len(), terms.working_days);
    let terms = found.iter().filter_map(|(c, _)| c.rule.review.clone()).max_by_key(strictness);
    Ok(terms.map(|terms| {
        let same = |c: &CompiledRule| c.rule.review.as_ref().is_some_and(|t| t.level == terms.level);
        let because = found.into_iter().filter(|(c, _)| same(c)).map(|(_, reason)| reason).collect();
        ReviewDecision { terms, because }
    }))
}

/// What becomes of a person's certificates while these causes hold: the strictest effect of any of them. A cause of
/// which no rule speaks suspends, as does one whose rule cannot be applied: a gate must not be told that nothing is
/// amiss because a document has a gap.
pub fn certificate_effect(rules: &RuleSet, causes: &[Cause], now: DateTime<Utc>) -> CertificateEffect {
    causes.iter().map(|cause| effect_of(rules, cause, now)).max().unwrap_or(CertificateEffect::Keep)
}

fn effect_of(rules: &RuleSet, cause: &Cause, now: DateTime<Utc>) -> CertificateEffect {
    let facts = json!({"cause": {"rule": cause.rule, "colour": cause.colour}});
    match matching(rules, Kind::CertificateEffect, &facts, now) {
        Ok(found) => {
            let effects = found.iter().filter_map(|(c, _)| c.rule.effect.as_ref().map(|e| e.certificates));
            effects.max().unwrap_or(CertificateEffect::Suspend)
        }
        Err(failure) => {
            tracing::error!(rule = %failure.rule, version = failure.version, error = %failure.error, "a rule failed");
            CertificateEffect::Suspend
        }
    }
}
