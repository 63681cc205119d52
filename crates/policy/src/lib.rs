//! CertLogic and rule documents: colours, acceptance and conditions as data. No SQL, no HTTP.
//!
//! Why: a colour that nobody can explain is worth nothing. A rule is a versioned document that the public
//! can read; a small pure function runs it; every outcome carries the rule that caused it. The days,
//! limits and texts are in the documents (`policy/*.toml`), none in this code.
//!
//! [`RuleSet::parse`] reads documents, [`Facts::to_value`] lays out what is known of a person,
//! [`evaluate`] gives the colour with all its causes, [`decide`] answers the other kinds of rule.

pub mod certlogic;
mod check;
mod decide;
mod evaluate;
mod facts;
mod fields;
mod first;
mod held;
mod layout;
mod outcome;
mod rule;
mod ruleset;
mod template;
#[cfg(test)]
mod tests;

pub use certlogic::Issue;
pub use decide::{
    CertificateDecision, Premises, ReviewDecision, RuleReason, Trip, certificate_effect, certificate_needed,
    matching, review_level,
};
pub use evaluate::evaluate;
pub use facts::{
    Area, Classed, Declaration, Facts, Office, Offices, Order, OrderColour, Record, RecordKind, Risk, Test,
    TestResult, Travel, Waiver,
};
pub use fields::fields;
pub use first::{DOCUMENTS, first_policy};
pub use held::{Held, evaluate_all, until_replaced, with_held};
pub use outcome::{Authority, Cause, Colour, Evaluation, Failure, Unknown, UnknownReason};
pub use rule::{
    AcceptanceTerms, AuthorityText, CertificateEffect, CertificateTerms, Document, EffectTerms, Kind,
    LegalBasis, RetentionTerms, ReviewLevel, ReviewTerms, Rule, RuleColour, Settings, Show, UnknownTexts,
    Until,
};
pub use ruleset::{CompiledRule, RuleSet, SourceIssue};
pub use template::Words;
