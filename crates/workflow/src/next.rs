//! The one transition function. Pages, bulk actions, jobs and imports all ask it; nothing else changes a case's state.

use super::definition::{Action, ClockChange, Definition, Effect, Requirement, Who};
use super::facts::Facts;
use chrono::{DateTime, Utc};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor<'a> {
    /// The resident, the business, or their proxy.
    Applicant,
    /// An official in one role (the code, such as `county-desk`); whether the role is really theirs, and the case in
    /// their jurisdiction, has been checked before.
    Official {
        /// Code of the role.
        role: &'a str,
        /// They filed this case, for themselves or for someone else, or are a party to it.
        own_case: bool,
    },
    /// The program itself, by a job.
    System,
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseAt<'a> {
    /// Name of its state.
    pub state: &'a str,
    /// Its version, which grows with every change.
    pub version: i64,
}

/// What somebody wants to do, with what they wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Request<'a> {
    /// Name of the action.
    pub action: &'a str,
    /// Why, in words for the applicant.
    pub reason: Option<&'a str>,
    /// What the applicant can do now.
    pub remedy: Option<&'a str>,
    /// What is missing or to be put right, complete.
    pub items: &'a [String],
    /// The version of the case that the actor saw.
    pub version: Option<i64>,
}

/// The outcome of an action that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The action.
    pub action: String,
    /// The state it was done from.
    pub from: String,
    /// The state it leads to; may be the same.
    pub to: String,
    /// Messages and documents, in the definition's order.
    pub effects: Vec<Effect>,
    /// Moves of the statutory clocks, for [`crate::CaseClocks::applied`].
    pub clock: Vec<ClockChange>,
    /// The moment.
    pub at: DateTime<Utc>,
}

/// Why an action is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The case is in a state that the definition does not know: its version of the definition is not this one.
    #[error("unknown state")]
    UnknownState,
    /// No such action.
    #[error("unknown action")]
    UnknownAction,
    /// Not from this state.
    #[error("not from this state")]
    NotFromState,
    /// Not for this actor.
    #[error("not for this actor")]
    RoleMayNot,
    /// An official in a case they filed or are a party to.
    #[error("nobody decides their own case")]
    SelfDecision,
    /// The page did not say which version it showed.
    #[error("the version is missing")]
    VersionMissing,
    /// The case has changed since it was shown.
    #[error("the case has changed")]
    VersionStale,
    /// A condition of the definition does not hold.
    #[error("the condition on {fact} does not hold for {action}")]
    Guard {
        /// The action.
        action: String,
        /// The fact.
        fact: String,
    },
    /// The caller did not supply a fact that the definition asks for.
    #[error("the fact {fact} is not known")]
    FactUnknown {
        /// The fact.
        fact: String,
    },
    /// A reason is required.
    #[error("a reason is required")]
    ReasonMissing,
    /// A remedy is required.
    #[error("a remedy is required")]
    RemedyMissing,
    /// The list of what is missing is empty or has an empty line.
    #[error("the list of items is required")]
    ItemsMissing,
}

impl Refusal {
    /// A stable code, the suffix of the catalogue key `workflow-refused-…`. Guards have two: `guard-<action>-<fact>` here,
    /// and [`Refusal::general_code`] for what has no text of its own.
    pub fn code(&self) -> String {
        match self {
            Self::Guard { action, fact } => format!("guard-{action}-{fact}"),
            _ => self.general_code().to_owned(),
        }
    }

    /// The code without names from the definition; every one of them has a text.
    pub fn general_code(&self) -> &'static str {
        match self {
            Self::UnknownState => "unknown-state",
            Self::UnknownAction => "unknown-action",
            Self::NotFromState => "not-from-state",
            Self::RoleMayNot => "role-may-not",
            Self::SelfDecision => "self-decision",
            Self::VersionMissing => "version-missing",
            Self::VersionStale => "version-stale",
            Self::Guard { .. } => "guard",
            Self::FactUnknown { .. } => "fact-unknown",
            Self::ReasonMissing => "reason-missing",
            Self::RemedyMissing => "remedy-missing",
            Self::ItemsMissing => "items-missing",
        }
    }
}

/// An action as a page offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionInfo {
    /// Its name.
    pub name: String,
    /// The state it leads to.
    pub to: String,
    /// What the form has to ask for.
    pub requires: Vec<Requirement>,
    /// Why it cannot be done now; none if it can.
    pub refusal: Option<Refusal>,
}

/// Decides whether `actor` may do what they ask, and what follows. Pure: the same arguments give the same answer.
///
/// # Errors
/// The first [`Refusal`] in this order: state and action known, from this state, by this actor, not their own case, the version,
/// the facts, then what they had to write.
pub fn next(
    definition: &Definition,
    case: CaseAt<'_>,
    request: &Request<'_>,
    actor: Actor<'_>,
    facts: &Facts,
    now: DateTime<Utc>,
) -> Result<Transition, Refusal> {
    definition.state(case.state).ok_or(Refusal::UnknownState)?;
    let action = definition.action(request.action).ok_or(Refusal::UnknownAction)?;
    if !action.from.iter().any(|state| state == case.state) {
        return Err(Refusal::NotFromState);
    }
    may(action, actor)?;
    version(action, case, request)?;
    guards(action, facts)?;
    written(action, request)?;
    let (mut effects, mut clock) = (Vec::new(), Vec::new());
    for effect in &action.effects {
        match effect {
            Effect::Clock(change) => clock.push(change.clone()),
            other => effects.push(other.clone()),
        }
    }
    Ok(Transition {
        action: action.name.clone(),
        from: case.state.to_owned(),
        to: action.target(case.state).to_owned(),
        effects,
        clock,
        at: now,
    })
}

/// What this actor can do in this state now, in the definition's order.
pub fn allowed(definition: &Definition, state: &str, actor: Actor<'_>, facts: &Facts) -> Vec<ActionInfo> {
    let mut infos = choices(definition, state, actor, facts);
    infos.retain(|info| info.refusal.is_none());
    infos
}

/// What this actor's role has to do with in this state, with the reason where it cannot be done yet ("two departments are still
/// to answer"): a page shows such an action with its reason instead of hiding it.
pub fn choices(definition: &Definition, state: &str, actor: Actor<'_>, facts: &Facts) -> Vec<ActionInfo> {
    let here = definition.actions.iter().filter(|action| action.from.iter().any(|from| from == state));
    let mut infos = Vec::new();
    for action in here {
        let refusal = match may(action, actor) {
            Err(Refusal::RoleMayNot) => continue,
            Err(refusal) => Some(refusal),
            Ok(()) => guards(action, facts).err(),
        };
        infos.push(ActionInfo {
            name: action.name.clone(),
            to: action.target(state).to_owned(),
            requires: action.requires.clone(),
            refusal,
        });
    }
    infos
}

/// The right to act. Nobody acts as an official in their own case, whatever the action: no self-approval, and no
/// self-inspection either.
fn may(action: &Action, actor: Actor<'_>) -> Result<(), Refusal> {
    let named = action.actors.iter().any(|who| match (who, actor) {
        (Who::Applicant, Actor::Applicant) | (Who::System, Actor::System) => true,
        (Who::Role(wanted), Actor::Official { role, .. }) => wanted == role,
        _ => false,
    });
    match actor {
        _ if !named => Err(Refusal::RoleMayNot),
        Actor::Official { own_case: true, .. } => Err(Refusal::SelfDecision),
        _ => Ok(()),
    }
}

fn version(action: &Action, case: CaseAt<'_>, request: &Request<'_>) -> Result<(), Refusal> {
    match request.version {
        None if action.requires.contains(&Requirement::Version) => Err(Refusal::VersionMissing),
        Some(seen) if seen != case.version => Err(Refusal::VersionStale),
        _ => Ok(()),
    }
}

fn guards(action: &Action, facts: &Facts) -> Result<(), Refusal> {
    for guard in &action.guards {
        match guard.holds(facts) {
            Some(true) => {}
            Some(false) => {
                return Err(Refusal::Guard { action: action.name.clone(), fact: guard.fact.clone() });
            }
            None => return Err(Refusal::FactUnknown { fact: guard.fact.clone() }),
        }
    }
    Ok(())
}

fn written(action: &Action, request: &Request<'_>) -> Result<(), Refusal> {
    let blank = |text: Option<&str>| text.is_none_or(|text| text.trim().is_empty());
    let items_blank = request.items.is_empty() || request.items.iter().any(|item| blank(Some(item)));
    for requirement in &action.requires {
        match requirement {
            Requirement::Reason if blank(request.reason) => return Err(Refusal::ReasonMissing),
            Requirement::Remedy if blank(request.remedy) => return Err(Refusal::RemedyMissing),
            Requirement::Items if items_blank => return Err(Refusal::ItemsMissing),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "next_tests.rs"]
mod tests;
