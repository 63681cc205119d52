//! Facts and guards: what a definition may ask about a case, and nothing else. The slice works the facts out (risk of the
//! place, whether every department agrees); the workflow compares them. A fact that is not known never opens a guard.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One fact about a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// Yes or no.
    Bool(bool),
    /// A count.
    Int(i64),
    /// One of the words that the definition declares.
    Word(String),
}

impl From<bool> for Fact {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Fact {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Fact {
    fn from(value: &str) -> Self {
        Self::Word(value.to_owned())
    }
}

/// What a declared fact may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactKind {
    /// Yes or no.
    Bool,
    /// A count.
    Int,
    /// One of these words.
    OneOf(Vec<String>),
}

impl FactKind {
    /// Whether this value is of the declared kind.
    pub fn admits(&self, fact: &Fact) -> bool {
        match (self, fact) {
            (Self::Bool, Fact::Bool(_)) | (Self::Int, Fact::Int(_)) => true,
            (Self::OneOf(words), Fact::Word(word)) => words.contains(word),
            _ => false,
        }
    }
}

/// The facts of one case at one moment, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, Fact>);

impl Facts {
    /// No facts: every guard stays shut.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Fact>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The fact of this name, if it is known.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.0.get(name)
    }
}

/// A condition on one fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The fact's name.
    pub fact: String,
    /// The comparison.
    pub test: Test,
}

/// How a guard compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Equal.
    Is(Fact),
    /// One of several words.
    OneOf(Vec<String>),
    /// A count not above this.
    AtMost(i64),
    /// A count not below this.
    AtLeast(i64),
}

impl Guard {
    /// Whether the facts open this guard; none if the fact is missing.
    pub fn holds(&self, facts: &Facts) -> Option<bool> {
        let fact = facts.get(&self.fact)?;
        Some(match (&self.test, fact) {
            (Test::Is(value), fact) => value == fact,
            (Test::OneOf(words), Fact::Word(word)) => words.contains(word),
            (Test::AtMost(limit), Fact::Int(n)) => n <= limit,
            (Test::AtLeast(limit), Fact::Int(n)) => n >= limit,
            _ => false,
        })
    }

    /// Whether the comparison makes sense for a fact of this kind.
    pub(super) fn fits(&self, kind: &FactKind) -> bool {
        match &self.test {
            Test::Is(value) => kind.admits(value),
            Test::OneOf(words) => {
                !words.is_empty() && words.iter().all(|word| kind.admits(&Fact::Word(word.clone())))
            }
            Test::AtMost(_) | Test::AtLeast(_) => *kind == FactKind::Int,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_compare_and_fail_closed() {
        let facts = Facts::new().with("risk", "low").with("pending", 2).with("agree", true);
        let guard = |fact: &str, test| Guard { fact: fact.into(), test };
        assert_eq!(guard("risk", Test::Is("low".into())).holds(&facts), Some(true));
        assert_eq!(guard("risk", Test::OneOf(vec!["high".into()])).holds(&facts), Some(false));
        assert_eq!(guard("pending", Test::AtMost(2)).holds(&facts), Some(true));
        assert_eq!(guard("pending", Test::AtLeast(3)).holds(&facts), Some(false));
        assert_eq!(guard("agree", Test::AtMost(1)).holds(&facts), Some(false));
        assert_eq!(guard("agree", Test::Is(Fact::Int(1))).holds(&facts), Some(false));
        assert_eq!(guard("unknown", Test::Is(false.into())).holds(&facts), None);
    }

    #[test]
    fn guards_fit_their_facts() {
        let words = FactKind::OneOf(vec!["low".into(), "high".into()]);
        let guard = |test| Guard { fact: "f".into(), test };
        assert!(guard(Test::Is("low".into())).fits(&words));
        assert!(!guard(Test::Is("middle".into())).fits(&words));
        assert!(!guard(Test::OneOf(vec![])).fits(&words));
        assert!(!guard(Test::AtMost(1)).fits(&FactKind::Bool));
        assert!(guard(Test::AtLeast(1)).fits(&FactKind::Int));
    }
}
