//! What is wrong with a rule document, all of it at once and each fault with its place: an author mends a
//! document in one go, and no unsound rule reaches a person.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::certlogic::{Compiled, Issue, compile};
use super::fields::fields;
use super::rule::{Document, Kind, Rule, RuleColour, Settings, Until};
use super::template::{Piece, Tables, pieces};

impl Document {
    /// Reads a document: JSON where it begins with `{`, else TOML.
    ///
    /// # Errors
    /// The text is not sound TOML or JSON, or not of the shape of a document.
    pub fn read(text: &str) -> Result<Self, Issue> {
        let fault = |message: String| Issue { pointer: String::new(), message };
        if text.trim_start().starts_with('{') {
            return serde_json::from_str(text).map_err(|e| fault(e.to_string()));
        }
        toml::from_str(text).map_err(|e| {
            let line = e.span().map(|span| {
                let before = text.get(..span.start).unwrap_or_default();
                format!("line {}: ", before.matches('\n').count() + 1)
            });
            fault(format!("{}{}", line.unwrap_or_default(), e.message()))
        })
    }

    /// Everything wrong with this document by itself, apart from the tables of words it uses.
    pub fn check(&self) -> Vec<Issue> {
        self.check_with(&self.words).1
    }

    /// Checks and compiles all rules; the logic of a faulty rule is missing from the result.
    pub(super) fn check_with(&self, tables: &Tables) -> (Vec<Compiled>, Vec<Issue>) {
        let (mut compiled, mut issues) = (Vec::new(), Vec::new());
        if let Some(settings) = &self.settings {
            check_settings(settings, &mut issues);
        }
        for (index, rule) in self.rules.iter().enumerate() {
            let mut check = RuleCheck { rule, tables, base: format!("/rule/{index}"), issues: Vec::new() };
            compiled.extend(check.all());
            issues.extend(check.issues);
        }
        (compiled, issues)
    }
}

fn check_settings(settings: &Settings, issues: &mut Vec<Issue>) {
    let mut fault = |at: &str, message: &str| {
        issues.push(Issue { pointer: format!("/settings/{at}"), message: message.into() });
    };
    if !(-12..=14).contains(&settings.utc_offset_hours) {
        fault("utc_offset_hours", "an offset lies between -12 and 14 hours");
    }
    if settings.province.len() != 2 || !settings.province.bytes().all(|b| b.is_ascii_digit()) {
        fault("province", "a province is the first two digits of its division code");
    }
    if !(1..=366).contains(&settings.declaration_valid_days) {
        fault("declaration_valid_days", "a declaration is valid for 1 to 366 days");
    }
    if settings.stale_after_hours == 0 {
        fault("stale_after_hours", "at least one hour is needed");
    }
}

/// A path as the list of fields writes it: `item` is an entry of the list, indexes are `[]`.
fn normal(path: &str, each: Option<&str>) -> Option<String> {
    let (mut normal, rest) = match path.split_once('.').unwrap_or((path, "")) {
        ("item", rest) => (format!("{}[]", each?), rest),
        _ => (String::new(), path),
    };
    for part in rest.split('.').filter(|part| !part.is_empty()) {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            normal.push_str("[]");
        } else {
            if !normal.is_empty() {
                normal.push('.');
            }
            normal.push_str(part);
        }
    }
    Some(normal)
}

/// Whether a path is a field, or an object or list that has fields.
fn known(kind: Kind, path: &str) -> bool {
    fields(kind).iter().any(|field| {
        field
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
    })
}

struct RuleCheck<'a> {
    rule: &'a Rule,
    tables: &'a Tables,
    base: String,
    issues: Vec<Issue>,
}

impl RuleCheck<'_> {
    fn fault(&mut self, at: &str, message: impl Into<String>) {
        let pointer = if at.is_empty() { self.base.clone() } else { format!("{}/{at}", self.base) };
        self.issues.push(Issue { pointer, message: message.into() });
    }

    fn all(&mut self) -> Option<Compiled> {
        self.names();
        self.terms();
        self.ends();
        self.texts();
        self.placeholders();
        let compiled = self.logic();
        if let Some(compiled) = &compiled {
            self.affected_fields(compiled);
        }
        compiled
    }

    fn names(&mut self) {
        let rule = self.rule;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
        if rule.id.is_empty() || rule.id.len() > 64 || !rule.id.bytes().all(plain) {
            self.fault("id", "an id is up to 64 lower-case letters, digits, points and hyphens");
        }
        if rule.version == 0 {
            self.fault("version", "versions count from 1");
        }
        if rule.valid_to.is_some_and(|end| end <= rule.valid_from) {
            self.fault("valid_to", "a rule must end after it begins");
        }
        if rule.legal_basis.is_empty() {
            self.fault("legal_basis", "a rule rests on at least one document");
        }
        for (index, basis) in rule.legal_basis.iter().enumerate() {
            if basis.zh.trim().is_empty() || basis.en.trim().is_empty() || basis.article.trim().is_empty() {
                self.fault(&format!("legal_basis/{index}"), "title in both languages and article are needed");
            }
        }
    }

    /// The block of terms that belongs to the kind is there, and no other.
    fn terms(&mut self) {
        let rule = self.rule;
        let blocks = [
            ("colour", Kind::Colour, rule.colour.is_some()),
            ("certificate", Kind::CertificateNeeded, rule.certificate.is_some()),
            ("review", Kind::ReviewLevel, rule.review.is_some()),
            ("acceptance", Kind::Acceptance, rule.acceptance.is_some()),
            ("retention", Kind::Retention, rule.retention.is_some()),
            ("effect", Kind::CertificateEffect, rule.effect.is_some()),
        ];
        for (name, kind, present) in blocks {
            if present && kind != rule.kind {
                self.fault(name, format!("`{name}` does not belong to a rule of this kind"));
            } else if !present && kind == rule.kind {
                self.fault("", format!("a rule of this kind needs `{name}`"));
            }
        }
        if matches!(rule.colour, Some(RuleColour::Red | RuleColour::Yellow)) {
            if rule.until.is_none() {
                self.fault("", "a red or yellow rule says how its effect ends: `until`");
            }
            if rule.evidence.is_none() {
                self.fault("", "a red or yellow rule says where its evidence comes from: `evidence`");
            }
        }
    }

    fn ends(&mut self) {
        let rule = self.rule;
        if let Some(each) = &rule.each
            && !fields(rule.kind)
                .iter()
                .any(|f| f.strip_prefix(each.as_str()).is_some_and(|r| r.starts_with("[]")))
        {
            self.fault("each", "this is not a list of the facts");
        }
        if let Some(since) = &rule.since {
            self.path("since", since);
        }
        let Some(Until { zh, en, open, at, from, days, by_test: _ }) = &rule.until else { return };
        if let Some(at) = at {
            self.path("until/at", at);
        }
        if let Some(from) = from {
            self.path("until/from", from);
        }
        if from.is_some() != days.is_some() {
            self.fault("until", "`from` and `days` belong together");
        }
        if days.is_some_and(|d| d > 3_660) {
            self.fault("until/days", "at most 3660 days");
        }
        let shows_end = zh.contains("{until}") || en.contains("{until}");
        if shows_end && at.is_none() && from.is_none() {
            self.fault("until", "the texts show {until}, but neither `at` nor `from` says when");
        }
        if shows_end && open.is_none() {
            self.fault("until", "`open` must say what is shown while no end is known");
        }
        if open.as_ref().is_some_and(|o| o.zh.contains("{until}") || o.en.contains("{until}")) {
            self.fault("until/open", "{until} is not known here");
        }
    }

    fn path(&mut self, at: &str, path: &str) {
        match normal(path, self.rule.each.as_deref()) {
            None => self.fault(at, "`item` is only known with `each`"),
            Some(normal) if !known(self.rule.kind, &normal) => {
                self.fault(at, format!("`{path}` is not a field of the facts"));
            }
            Some(_) => {}
        }
    }

    fn texts(&mut self) {
        let rule = self.rule;
        let titles = [("title/zh", rule.title.zh.as_str()), ("title/en", &rule.title.en)];
        for (at, text) in titles.into_iter().chain(rule.texts()) {
            if text.trim().is_empty() {
                self.fault(at, "a text is missing");
            }
            if text.chars().count() > 1_000 {
                self.fault(at, "a text has at most 1000 characters");
            }
        }
    }

    fn placeholders(&mut self) {
        let rule = self.rule;
        let mut used = BTreeSet::new();
        for (at, text) in rule.texts() {
            let pieces = match pieces(text) {
                Ok(pieces) => pieces,
                Err(message) => {
                    self.fault(at, message);
                    continue;
                }
            };
            for piece in pieces {
                let Piece::Name(name) = piece else { continue };
                used.insert(name);
                if name == "until" && !at.starts_with("until/") {
                    self.fault(at, "{until} is shown in the texts of `until` only");
                } else if name != "until" && !rule.show.contains_key(name) {
                    self.fault(at, format!("`show` does not say what {{{name}}} is"));
                }
            }
        }
        for (name, show) in &rule.show {
            let at = format!("show/{name}");
            if !used.contains(name.as_str()) || name == "until" {
                self.fault(&at, "this placeholder is not used, or its name is taken");
            }
            if show.zh.trim().is_empty() || show.en.trim().is_empty() {
                self.fault(&at, "say in both languages what is shown where the value is missing");
            }
            if show.words.as_ref().is_some_and(|table| !self.tables.contains_key(table)) {
                self.fault(&at, "there is no such table of words");
            }
            self.path(&at, &show.path);
        }
    }

    fn logic(&mut self) -> Option<Compiled> {
        let parsed;
        let logic = match &self.rule.logic {
            Value::String(text) => match serde_json::from_str::<Value>(text) {
                Ok(value) => {
                    parsed = value;
                    &parsed
                }
                Err(error) => {
                    self.fault("logic", format!("this is not JSON: {error}"));
                    return None;
                }
            },
            other => other,
        };
        match compile(logic) {
            Ok(compiled) => Some(compiled),
            Err(issues) => {
                for issue in issues {
                    self.fault(&format!("logic{}", issue.pointer), issue.message);
                }
                None
            }
        }
    }

    /// What the logic reads and what the rule says it reads are the same.
    fn affected_fields(&mut self, compiled: &Compiled) {
        let each = self.rule.each.as_deref();
        for path in compiled.paths() {
            self.path("logic", path);
            if !self.rule.affected_fields.contains(path) {
                self.fault("affected_fields", format!("the logic also reads `{path}`"));
            }
        }
        for (index, field) in self.rule.affected_fields.iter().enumerate() {
            if !compiled.paths().contains(field) {
                let what = normal(field, each).unwrap_or_default();
                self.fault(&format!("affected_fields/{index}"), format!("the logic does not read `{what}`"));
            }
        }
    }
}

/// Faults between the rules of a set: same id and version twice, or two versions in force at once. The
/// first element of each pair is the index of the later rule.
pub(super) fn clashes(rules: &[&Rule]) -> Vec<(usize, String)> {
    let mut faults = Vec::new();
    let mut by_id: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for (index, rule) in rules.iter().enumerate() {
        let earlier = by_id.entry(&rule.id).or_default();
        for other in earlier.iter() {
            if other.version == rule.version {
                faults.push((index, format!("version {} of `{}` is there twice", rule.version, rule.id)));
            } else if other.valid_to.is_none_or(|end| rule.valid_from < end)
                && rule.valid_to.is_none_or(|end| other.valid_from < end)
            {
                let (a, b) = (other.version, rule.version);
                faults.push((index, format!("versions {a} and {b} of `{}` are in force at once", rule.id)));
            }
        }
        earlier.push(rule);
    }
    faults
}
