//! The colour of one person, with everything that led to it. The worst colour is shown and all causes are
//! listed; where the facts are missing, old, or a rule cannot be applied, there is no colour at all: a
//! wrong colour does more harm than none, and people without one are let in by other means.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::outcome::{
    Authority, Cause, Colour, Evaluation, Failure, Unknown, UnknownReason, by_weight, last_end,
};
use super::rule::{Kind, RuleColour, Until};
use super::ruleset::{CompiledRule, RuleSet};
use super::template::{Language, Scene, Words};

static NULL: Value = Value::Null;

/// Works out the colour of one person. `facts` is what [`super::Facts::to_value`] gives; `now` decides which
/// rules are in force and which causes have ended. The same input gives the same outcome.
pub fn evaluate(rules: &RuleSet, facts: &Value, now: DateTime<Utc>) -> Evaluation {
    let mut run = Run { rules, facts, now, used: BTreeMap::new(), failures: Vec::new(), unsure: None };
    let (mut causes, mut waived) = (Vec::new(), Vec::new());
    for compiled in rules.of_kind(Kind::Colour, now).filter(|c| c.rule.colour != Some(RuleColour::Green)) {
        for cause in run.causes(compiled) {
            if run.is_waived(&cause) { waived.push(cause) } else { causes.push(cause) }
        }
    }
    causes.sort_by(by_weight);
    let worst = causes.first().map(|cause| cause.colour);
    let mut green = None;
    // What makes a code yellow or red outlasts a declaration: somebody who lets it run out, or never made one, must not be
    // let through by a gate that reads "not known". Facts that are too old say nothing at all.
    let outlasts = |reason: &UnknownReason| *reason == UnknownReason::Stale || worst.is_none();
    let unknown = run.no_colour().filter(outlasts).or_else(|| {
        // A rule that failed might have given a worse colour than those that did not.
        if run.unsure.is_some_and(|unsure| worst.is_none_or(|worst| unsure > worst)) {
            return Some(UnknownReason::Undecided);
        }
        if worst.is_none() {
            green = run.green();
        }
        (worst.is_none() && green.is_none()).then_some(UnknownReason::Undecided)
    });
    let colour = match unknown {
        Some(_) => Colour::Unknown,
        None => worst.unwrap_or(Colour::Green),
    };
    let ends = causes.iter().filter_map(|cause| cause.until);
    let declared_until = run.declaration_end();
    let ahead = declared_until.filter(|end| unknown.is_some() || *end > now);
    let valid_until = ends.chain(ahead).min();
    let clears_at = last_end(&causes);
    Evaluation {
        colour,
        causes,
        green,
        unknown: unknown.map(|reason| Unknown { reason, text: run.unknown_text(reason) }),
        waived,
        valid_until,
        declared_until,
        clears_at,
        rule_set_digest: rules.digest().to_owned(),
        evaluated_at: now,
        facts_used: run.used,
        failures: run.failures,
        held: None,
    }
}

/// Finds the value of a path; `item` is the entry of the list that the rule looks at.
pub(super) fn lookup<'a>(facts: &'a Value, item: Option<&'a Value>, path: &str) -> &'a Value {
    let mut parts = path.split('.').peekable();
    let mut at = facts;
    if let (Some(item), Some(&"item")) = (item, parts.peek()) {
        parts.next();
        at = item;
    }
    for part in parts {
        let next = match at {
            Value::Object(map) => map.get(part),
            Value::Array(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
        at = next.unwrap_or(&NULL);
    }
    at
}

/// The entries a rule is tried on, with their index: those of its list, or the whole of the facts once.
pub(super) fn entries<'a>(each: Option<&str>, facts: &'a Value) -> Vec<Option<(usize, &'a Value)>> {
    match each {
        None => vec![None],
        Some(path) => {
            lookup(facts, None, path).as_array().into_iter().flatten().enumerate().map(Some).collect()
        }
    }
}

struct Run<'a> {
    rules: &'a RuleSet,
    facts: &'a Value,
    now: DateTime<Utc>,
    used: BTreeMap<String, Value>,
    failures: Vec<Failure>,
    /// The worst colour of a rule that failed.
    unsure: Option<Colour>,
}

impl<'a> Run<'a> {
    /// Why no colour can be given whatever the rules say.
    fn no_colour(&self) -> Option<UnknownReason> {
        let gathered = self.moment(lookup(self.facts, None, "gathered_at"));
        let hours = i64::from(self.rules.settings().stale_after_hours);
        if gathered.is_none_or(|at| (self.now - at).num_seconds() > hours * 3_600) {
            return Some(UnknownReason::Stale);
        }
        match self.declaration_end() {
            None => Some(UnknownReason::NoDeclaration),
            Some(end) if end <= self.now => Some(UnknownReason::DeclarationExpired),
            Some(_) => None,
        }
    }

    fn unknown_text(&self, reason: UnknownReason) -> Words {
        let texts = &self.rules.settings().unknown;
        match reason {
            UnknownReason::NoDeclaration => &texts.no_declaration,
            UnknownReason::DeclarationExpired => &texts.declaration_expired,
            UnknownReason::Stale => &texts.stale,
            UnknownReason::Undecided => &texts.undecided,
        }
        .clone()
    }

    fn declaration_end(&self) -> Option<DateTime<Utc>> {
        self.moment(lookup(self.facts, None, "declaration.valid_until"))
    }

    /// The causes that a rule gives now.
    fn causes(&mut self, compiled: &'a CompiledRule) -> Vec<Cause> {
        let entries = entries(compiled.rule.each.as_deref(), self.facts);
        entries.into_iter().filter_map(|entry| self.cause(compiled, entry)).collect()
    }

    fn green(&mut self) -> Option<Cause> {
        let rules = self.rules;
        let mut green =
            rules.of_kind(Kind::Colour, self.now).filter(|c| c.rule.colour == Some(RuleColour::Green));
        green.find_map(|compiled| self.cause(compiled, None))
    }

    fn cause(&mut self, compiled: &'a CompiledRule, entry: Option<(usize, &'a Value)>) -> Option<Cause> {
        let rule = &compiled.rule;
        let colour = rule.colour.map(Colour::from)?;
        let item = entry.map(|(_, item)| item);
        match holds(compiled, self.facts, item) {
            Ok(false) => return None,
            Ok(true) => {}
            Err(error) => {
                self.unsure = self.unsure.max(Some(colour));
                self.failures.push(Failure { rule: rule.id.clone(), version: rule.version, error });
                return None;
            }
        }
        let until = rule.until.as_ref().and_then(|until| self.end(until, item));
        if until.is_some_and(|end| end <= self.now) {
            return None;
        }
        for field in &rule.affected_fields {
            let path = match (entry, &rule.each, field.strip_prefix("item")) {
                (Some((index, _)), Some(each), Some(rest)) => format!("{each}[{index}]{rest}"),
                _ => field.clone(),
            };
            self.used.insert(path, lookup(self.facts, item, field).clone());
        }
        let find = |path: &str| lookup(self.facts, item, path);
        let scene = Scene {
            show: &rule.show,
            tables: self.rules.tables(),
            lookup: &find,
            until,
            now: self.now,
            offset: self.rules.settings().offset(),
        };
        Some(Cause {
            rule: rule.id.clone(),
            version: rule.version,
            title: rule.title.clone(),
            colour,
            reason: scene.words(&rule.reason.zh, &rule.reason.en),
            duties: rule.duties.as_ref().map(|text| scene.words(&text.zh, &text.en)),
            authority: Authority {
                name: scene.words(&rule.authority.zh, &rule.authority.en),
                phone: scene.render(&rule.authority.phone, Language::Zh),
            },
            since: rule.since.as_ref().and_then(|path| self.moment(find(path))),
            until,
            ends: rule.until.as_ref().map(|text| match (&text.open, until) {
                (Some(open), None) => scene.words(&open.zh, &open.en),
                _ => scene.words(&text.zh, &text.en),
            }),
            evidence: rule.evidence.as_ref().map(|text| scene.words(&text.zh, &text.en)),
            by_test: rule.until.as_ref().is_some_and(|until| until.by_test),
            about: self.about(rule.since.as_deref(), item),
            appealable: rule.appealable,
            legal_basis: rule.legal_basis.clone(),
        })
    }

    /// [`Cause::about`].
    fn about(&self, since: Option<&str>, item: Option<&Value>) -> String {
        let paths = ["item.place", "item.from", "item.to", "item.source"];
        let lives = since.filter(|path| path.starts_with("present.")).map(|_| "present.division");
        let paths = paths.into_iter().filter(|_| item.is_some()).chain(lives).chain(since);
        let named: Vec<String> = paths.map(|path| lookup(self.facts, item, path).to_string()).collect();
        hex::encode(Sha256::digest(named.join("\n")))
    }

    /// When the effect of a rule ends, if that is known.
    fn end(&self, until: &Until, item: Option<&Value>) -> Option<DateTime<Utc>> {
        let value = |path: &Option<String>| path.as_ref().map(|path| lookup(self.facts, item, path));
        if let Some(at) = value(&until.at).and_then(|value| self.moment(value)) {
            return Some(at);
        }
        let settings = self.rules.settings();
        let begin = self.moment(value(&until.from)?)?.with_timezone(&settings.offset()).date_naive();
        settings.end_of_day(begin.checked_add_days(Days::new(until.days?.into()))?)
    }

    /// A date-time, or the first moment of a local day.
    fn moment(&self, value: &Value) -> Option<DateTime<Utc>> {
        let text = value.as_str()?;
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(day) => {
                let offset = self.rules.settings().offset();
                day.and_time(NaiveTime::MIN).checked_sub_offset(offset).map(|utc| utc.and_utc())
            }
            Err(_) => DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc)),
        }
    }

    fn is_waived(&self, cause: &Cause) -> bool {
        let waivers = lookup(self.facts, None, "waivers").as_array();
        waivers.into_iter().flatten().any(|waiver| {
            let decided = self.moment(lookup(waiver, None, "decided_at"));
            lookup(waiver, None, "rule").as_str() == Some(&cause.rule)
                && match lookup(waiver, None, "about").as_str() {
                    Some(about) => about == cause.about,
                    None => decided.is_some_and(|decided| cause.since.is_none_or(|since| since <= decided)),
                }
        })
    }
}

/// Whether a rule's condition holds for an entry.
pub(super) fn holds(compiled: &CompiledRule, facts: &Value, item: Option<&Value>) -> Result<bool, String> {
    let value = match item {
        Some(item) => compiled.logic.eval_item(facts, item),
        None => compiled.logic.eval(facts),
    };
    let value = value.map_err(|error| error.to_string())?;
    value.truth().ok_or_else(|| "the condition is neither truthy nor falsy".to_owned())
}
