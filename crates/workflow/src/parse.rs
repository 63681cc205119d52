//! From TOML to a [`Definition`]: the shape of the file, its small languages (`clock:start:decision`), then the checks.

use super::check;
use super::definition::{Action, ClockChange, Deadline, Definition, Effect, Issue, Requirement, State, Who};
use super::facts::{Fact, FactKind, Guard, Test};
use super::flaw::{DefinitionError, Flaw};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    version: u32,
    initial: String,
    roles: Vec<String>,
    #[serde(default)]
    facts: BTreeMap<String, FactShape>,
    #[serde(default, rename = "deadline")]
    deadlines: Vec<Deadline>,
    #[serde(rename = "state")]
    states: Vec<State>,
    #[serde(rename = "action")]
    actions: Vec<ActionShape>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FactShape {
    Named(Named),
    Words(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Named {
    Bool,
    Int,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionShape {
    name: String,
    from: Vec<String>,
    to: Option<String>,
    actors: Vec<String>,
    #[serde(default)]
    requires: Vec<Requirement>,
    #[serde(default)]
    guards: Vec<GuardShape>,
    #[serde(default)]
    effects: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct GuardShape {
    fact: String,
    is: Option<Fact>,
    one_of: Option<Vec<String>>,
    at_most: Option<i64>,
    at_least: Option<i64>,
}

impl Definition {
    /// Reads and checks a definition; the format is described in `docs/workflow.md`.
    ///
    /// # Errors
    /// [`DefinitionError::Toml`] for the shape, [`DefinitionError::Unsound`] with every flaw otherwise.
    pub fn parse(text: &str) -> Result<Self, DefinitionError> {
        let file: File = toml::from_str(text).map_err(|e| DefinitionError::Toml(e.to_string()))?;
        let mut flaws = Vec::new();
        let actions = file.actions.into_iter().map(|shape| action(shape, &mut flaws)).collect();
        let facts = file.facts.into_iter().map(|(name, shape)| (name, shape.kind())).collect();
        let definition = Self {
            id: file.id,
            version: file.version,
            initial: file.initial,
            roles: file.roles,
            facts,
            deadlines: file.deadlines,
            states: file.states,
            actions,
        };
        flaws.extend(check::flaws(&definition));
        if flaws.is_empty() {
            Ok(definition)
        } else {
            Err(DefinitionError::Unsound { id: definition.id, flaws })
        }
    }
}

impl FactShape {
    fn kind(self) -> FactKind {
        match self {
            Self::Named(Named::Bool) => FactKind::Bool,
            Self::Named(Named::Int) => FactKind::Int,
            Self::Words(words) => FactKind::OneOf(words),
        }
    }
}

fn action(shape: ActionShape, flaws: &mut Vec<Flaw>) -> Action {
    let at = &shape.name;
    let mut guards = Vec::new();
    for guard in shape.guards {
        let fact = guard.fact.clone();
        match guard.guard() {
            Some(guard) => guards.push(guard),
            None => flaws.push(Flaw::Guard { at: at.clone(), fact }),
        }
    }
    let mut effects = Vec::new();
    for text in shape.effects {
        match effect(&text) {
            Some(effect) => effects.push(effect),
            None => flaws.push(Flaw::UnknownEffect { at: at.clone(), effect: text }),
        }
    }
    let actors = shape.actors.into_iter().map(who).collect();
    Action {
        name: shape.name,
        from: shape.from,
        to: shape.to,
        actors,
        requires: shape.requires,
        guards,
        effects,
    }
}

impl GuardShape {
    /// None unless exactly one comparison is given.
    fn guard(self) -> Option<Guard> {
        let mut tests = [
            self.is.map(Test::Is),
            self.one_of.map(Test::OneOf),
            self.at_most.map(Test::AtMost),
            self.at_least.map(Test::AtLeast),
        ]
        .into_iter()
        .flatten();
        match (tests.next(), tests.next()) {
            (Some(test), None) => Some(Guard { fact: self.fact, test }),
            _ => None,
        }
    }
}

fn who(text: String) -> Who {
    match text.as_str() {
        "applicant" => Who::Applicant,
        "system" => Who::System,
        _ => Who::Role(text),
    }
}

fn effect(text: &str) -> Option<Effect> {
    let parts: Vec<&str> = text.split(':').collect();
    let clock = |change: fn(String) -> ClockChange, name: &str| Some(Effect::Clock(change(name.to_owned())));
    match parts.as_slice() {
        ["notify", message] if check::is_name(message) => Some(Effect::Notify((*message).to_owned())),
        ["issue", "certificate"] => Some(Effect::Issue(Issue::Certificate)),
        ["issue", "permit"] => Some(Effect::Issue(Issue::Permit)),
        ["issue", "filing"] => Some(Effect::Issue(Issue::Filing)),
        ["clock", "start", name] => clock(ClockChange::Start, name),
        ["clock", "start-at-receipt", name] => clock(ClockChange::StartAtReceipt, name),
        ["clock", "pause", name] => clock(ClockChange::Pause, name),
        ["clock", "resume", name] => clock(ClockChange::Resume, name),
        ["clock", "stop", name] => clock(ClockChange::Stop, name),
        ["clock", "stop-all"] => Some(Effect::Clock(ClockChange::StopAll)),
        _ => None,
    }
}
