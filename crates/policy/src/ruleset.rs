//! All rules of a province, checked, compiled and named by one digest, so that a colour given months ago
//! can be traced to the exact texts that gave it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::certlogic::{Compiled, Issue};
use super::check::clashes;
use super::rule::{Document, Kind, Rule, RuleColour, Settings};
use super::template::Tables;

/// A fault of one of several documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceIssue {
    /// Name of the document, as the caller gave it.
    pub source: String,
    /// What and where.
    #[serde(flatten)]
    pub issue: Issue,
}

/// A rule with its logic ready to run.
#[derive(Debug)]
pub struct CompiledRule {
    /// The rule as written.
    pub rule: Rule,
    /// Its logic.
    pub logic: Compiled,
}

/// A checked set of rules. It never changes; a new policy is a new set.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<CompiledRule>,
    settings: Settings,
    tables: Tables,
    digest: String,
}

impl RuleSet {
    /// Reads, checks and compiles documents, given as (name, text).
    ///
    /// # Errors
    /// Every fault of every document, and those between them: ids and versions that clash, `settings` that
    /// are missing or there twice, no green rule.
    pub fn parse(sources: &[(&str, &str)]) -> Result<Self, Vec<SourceIssue>> {
        let (mut documents, mut issues) = (Vec::new(), Vec::new());
        for (name, text) in sources {
            match Document::read(text) {
                Ok(document) => documents.push(((*name).to_owned(), document)),
                Err(issue) => issues.push(SourceIssue { source: (*name).to_owned(), issue }),
            }
        }
        if issues.is_empty() { Self::build(documents) } else { Err(issues) }
    }

    /// Checks and compiles documents that were read already, given as (name, document).
    ///
    /// # Errors
    /// As [`RuleSet::parse`].
    pub fn build(documents: Vec<(String, Document)>) -> Result<Self, Vec<SourceIssue>> {
        let digest = digest(&documents);
        let mut issues = Vec::new();
        let mut report = |source: &str, pointer: String, message: String| {
            issues.push(SourceIssue { source: source.into(), issue: Issue { pointer, message } });
        };
        let mut tables = Tables::new();
        for (name, document) in &documents {
            for (table, words) in &document.words {
                if tables.insert(table.clone(), words.clone()).is_some() {
                    report(name, format!("/words/{table}"), "this table of words is there twice".into());
                }
            }
        }
        let places: Vec<_> = documents
            .iter()
            .flat_map(|(name, d)| d.rules.iter().enumerate().map(move |(index, rule)| (name, index, rule)))
            .collect();
        let all: Vec<&Rule> = places.iter().map(|(_, _, rule)| *rule).collect();
        for (index, message) in clashes(&all) {
            if let Some((name, index, _)) = places.get(index) {
                report(name, format!("/rule/{index}"), message);
            }
        }
        let settings: Vec<_> = documents.iter().filter_map(|(n, d)| Some((n, d.settings.clone()?))).collect();
        for (name, _) in settings.iter().skip(1) {
            report(name, "/settings".into(), "`settings` are there twice".into());
        }
        let first = documents.first().map(|(name, _)| name.as_str()).unwrap_or_default();
        if settings.is_empty() {
            report(first, String::new(), "no document has `settings`".into());
        }
        if !all.iter().any(|rule| rule.colour == Some(RuleColour::Green)) {
            report(first, String::new(), "no rule gives a reason for green".into());
        }
        let settings = settings.into_iter().next().map(|(_, settings)| settings);
        let mut rules = Vec::new();
        for (name, document) in documents {
            let (logics, found) = document.check_with(&tables);
            issues.extend(found.into_iter().map(|issue| SourceIssue { source: name.clone(), issue }));
            rules.extend(
                document.rules.into_iter().zip(logics).map(|(rule, logic)| CompiledRule { rule, logic }),
            );
        }
        match settings {
            Some(settings) if issues.is_empty() => Ok(Self { rules, settings, tables, digest }),
            _ => Err(issues),
        }
    }

    /// SHA-256 of the content of all documents, in hexadecimal; layout and comments do not count.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What all colour rules share.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// All rules, past and future ones too, in the order of the documents.
    pub fn rules(&self) -> &[CompiledRule] {
        &self.rules
    }

    /// The rules in force at a moment.
    pub fn in_force(&self, at: DateTime<Utc>) -> impl Iterator<Item = &CompiledRule> {
        self.rules.iter().filter(move |compiled| compiled.rule.in_force(at))
    }

    /// The rules of one kind in force at a moment.
    pub fn of_kind(&self, kind: Kind, at: DateTime<Utc>) -> impl Iterator<Item = &CompiledRule> {
        self.in_force(at).filter(move |compiled| compiled.rule.kind == kind)
    }

    /// One version of a rule.
    pub fn rule(&self, id: &str, version: u32) -> Option<&CompiledRule> {
        self.rules.iter().find(|compiled| compiled.rule.id == id && compiled.rule.version == version)
    }
}

/// The digest is over one canonical form: JSON of the documents with their members in the order of the
/// types, sorted by name of the document.
fn digest(documents: &[(String, Document)]) -> String {
    let mut sorted: Vec<_> = documents.iter().collect();
    sorted.sort_by_key(|(name, _)| name);
    // A document is plain data, so it can always be written as JSON.
    hex::encode(Sha256::digest(serde_json::to_vec(&sorted).unwrap_or_default()))
}
