//! A workflow as a value: states, actions, facts, time limits. It exists only after `check` has found nothing wrong, so the rest
//! of the program may rely on every name in it.

use super::facts::{FactKind, Guard};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A sound workflow definition ([`Definition::parse`] is the only way to one).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    pub(super) id: String,
    pub(super) version: u32,
    pub(super) initial: String,
    pub(super) roles: Vec<String>,
    pub(super) facts: BTreeMap<String, FactKind>,
    pub(super) deadlines: Vec<Deadline>,
    pub(super) states: Vec<State>,
    pub(super) actions: Vec<Action>,
}

impl Definition {
    /// The workflow's name, such as `reopening`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Grows with every change; a case keeps the version under which it runs.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The state of a new case.
    pub fn initial(&self) -> &str {
        &self.initial
    }

    /// Codes of the roles that act in it.
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// The facts that a caller has to supply, with their kinds.
    pub fn facts(&self) -> &BTreeMap<String, FactKind> {
        &self.facts
    }

    /// Time limits.
    pub fn deadlines(&self) -> &[Deadline] {
        &self.deadlines
    }

    /// States in the order of the file.
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// Actions in the order of the file.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// The state of this name.
    pub fn state(&self, name: &str) -> Option<&State> {
        self.states.iter().find(|state| state.name == name)
    }

    /// The action of this name.
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.name == name)
    }

    /// The time limit of this name.
    pub fn deadline(&self, name: &str) -> Option<&Deadline> {
        self.deadlines.iter().find(|deadline| deadline.name == name)
    }
}

/// A state of a case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct State {
    /// Its name, also the suffix of its catalogue key.
    pub name: String,
    /// What it means for people.
    pub kind: StateKind,
    /// Whether a statutory clock shows, and whether it moves.
    #[serde(default)]
    pub clock: StateClock,
    /// What entering it gives to the applicant.
    #[serde(default)]
    pub grants: Option<Grant>,
}

/// What a state means for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateKind {
    /// Only the applicant sees it.
    Draft,
    /// An office, or nobody, has to act.
    Open,
    /// The applicant has to act; no statutory clock runs meanwhile.
    WaitingForApplicant,
    /// The end.
    Final,
}

/// The statutory clock in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateClock {
    /// No limit is open.
    #[default]
    None,
    /// A limit is open and time passes.
    Running,
    /// A limit is open and waits for the applicant.
    Paused,
}

/// What a state gives to the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    /// Effective by the applicant's own statement; never by the system.
    Filing,
    /// An official's decision; never anybody else's.
    Approval,
}

/// A time limit of the authority.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Deadline {
    /// Its name.
    pub name: String,
    /// Length in working days.
    pub working_days: u16,
    /// The actions that start it: exactly those with a `clock:start…` effect on it.
    pub starts_with: Vec<String>,
    /// The system's action when it runs out; without one it is only escalated. Never one that grants anything.
    #[serde(default)]
    pub on_lapse: Option<String>,
    /// Legal basis, for the public page on time limits.
    pub law: String,
}

/// Something that may be done in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its name, also the suffix of its catalogue key.
    pub name: String,
    /// The states from which it may be done.
    pub from: Vec<String>,
    /// The state it leads to; none stays in the state it was done from.
    pub to: Option<String>,
    /// Who may do it.
    pub actors: Vec<Who>,
    /// What must come with it.
    pub requires: Vec<Requirement>,
    /// Conditions on facts; all must hold.
    pub guards: Vec<Guard>,
    /// What follows from it, in this order.
    pub effects: Vec<Effect>,
}

impl Action {
    /// The state it leads to from `state`.
    pub fn target<'a>(&'a self, state: &'a str) -> &'a str {
        self.to.as_deref().unwrap_or(state)
    }

    /// Only officials may do it.
    pub fn officials_only(&self) -> bool {
        self.actors.iter().all(|who| matches!(who, Who::Role(_)))
    }
}

/// A kind of actor in a definition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// The resident, the business, or their proxy.
    Applicant,
    /// An official in this role.
    Role(String),
    /// The program itself, by a job.
    System,
}

/// What must come with an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// A reason in words, shown to the applicant.
    Reason,
    /// What the applicant can do now.
    Remedy,
    /// The complete list of what is missing or to be put right.
    Items,
    /// The version of the case that the actor saw; a stale one is refused.
    Version,
}

/// What follows from an action.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Send this message (a directory under `templates/mail`).
    Notify(String),
    /// Issue a document.
    Issue(Issue),
    /// Move a statutory clock.
    Clock(ClockChange),
}

/// A document that an action issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Issue {
    /// Return-to-work certificate.
    Certificate,
    /// Reopening permit.
    Permit,
    /// Receipt of a filing that is effective at once.
    Filing,
}

/// A move of a statutory clock, naming its time limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ClockChange {
    /// Starts at the moment of the action.
    Start(String),
    /// Starts, looking back, at the moment of receipt (art. 32: silence is acceptance from the day of receipt).
    StartAtReceipt(String),
    /// Waits for the applicant.
    Pause(String),
    /// Goes on.
    Resume(String),
    /// Ends.
    Stop(String),
    /// Ends every clock that has not ended.
    StopAll,
}
