//! What a definition must not say. The promises of the portal are checked here, once, so that no edit of a workflow file can
//! break them: no approval by time-out or by the applicant, no dead ends, every update compares its version.

use super::check_clock;
use super::definition::{Action, Definition, Effect, Grant, Issue, Requirement, StateKind, Who};
use super::flaw::Flaw;
use std::collections::BTreeSet;
use std::hash::Hash;

/// Everything that is wrong with a definition. Checks that follow references run only when all references are good.
pub(super) fn flaws(definition: &Definition) -> Vec<Flaw> {
    let mut flaws = names(definition);
    flaws.extend(definition.actions.iter().flat_map(|action| references(definition, action)));
    flaws.extend(deadline_references(definition));
    if !flaws.is_empty() {
        return flaws;
    }
    flaws.extend(definition.actions.iter().flat_map(|action| authority(definition, action)));
    flaws.extend(same_transitions(definition));
    flaws.extend(graph(definition));
    if flaws.is_empty() {
        flaws.extend(check_clock::flaws(definition));
    }
    flaws
}

/// Lower-case letters, digits, hyphens, beginning with a letter: what a catalogue key may hold.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn names(definition: &Definition) -> Vec<Flaw> {
    let states = definition.states.iter().map(|state| &state.name);
    let actions = definition.actions.iter().map(|action| &action.name);
    let deadlines = definition.deadlines.iter().map(|deadline| &deadline.name);
    let all = std::iter::once(&definition.id)
        .chain(&definition.roles)
        .chain(definition.facts.keys())
        .chain(states.clone())
        .chain(actions.clone())
        .chain(deadlines.clone());
    let mut flaws: Vec<Flaw> =
        all.filter(|name| !is_name(name)).map(|name| Flaw::Name(name.clone())).collect();
    let reserved = |role: &&String| matches!(role.as_str(), "applicant" | "system");
    flaws.extend(definition.roles.iter().filter(reserved).map(|role| Flaw::Name(role.clone())));
    let lists: [Vec<&String>; 4] =
        [states.collect(), actions.collect(), deadlines.collect(), definition.roles.iter().collect()];
    for list in lists {
        flaws.extend(repeated(list).into_iter().map(|name| Flaw::Twice(name.clone())));
    }
    let initial = definition.state(&definition.initial);
    if !initial.is_some_and(|state| state.kind == StateKind::Draft && state.grants.is_none()) {
        flaws.push(Flaw::Initial);
    }
    flaws
}

fn repeated<T: Ord + Copy>(list: Vec<T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    list.into_iter().filter(|item| !seen.insert(*item)).collect()
}

fn has_repeats<T: Eq + Hash>(list: &[T]) -> bool {
    list.iter().enumerate().any(|(n, item)| list.iter().skip(n + 1).any(|other| other == item))
}

fn references(definition: &Definition, action: &Action) -> Vec<Flaw> {
    let at = || action.name.clone();
    let mut flaws = Vec::new();
    for state in action.from.iter().chain(&action.to) {
        if definition.state(state).is_none() {
            flaws.push(Flaw::UnknownState { at: at(), state: state.clone() });
        }
    }
    for who in &action.actors {
        if let Who::Role(role) = who
            && !definition.roles.contains(role)
        {
            flaws.push(Flaw::UnknownRole { at: at(), role: role.clone() });
        }
    }
    for guard in &action.guards {
        if !definition.facts.get(&guard.fact).is_some_and(|kind| guard.fits(kind)) {
            flaws.push(Flaw::Guard { at: at(), fact: guard.fact.clone() });
        }
    }
    for effect in &action.effects {
        if let Effect::Clock(change) = effect
            && let Some(name) = check_clock::deadline_of(change)
            && definition.deadline(name).is_none()
        {
            flaws.push(Flaw::UnknownEffect { at: at(), effect: format!("clock of {name}") });
        }
    }
    if action.from.is_empty() || action.actors.is_empty() {
        flaws.push(Flaw::Idle(at()));
    }
    let repeats = has_repeats(&action.from)
        || has_repeats(&action.actors)
        || has_repeats(&action.requires)
        || has_repeats(&action.effects);
    if repeats {
        flaws.push(Flaw::Twice(at()));
    }
    let system_alone = action.actors.iter().all(|who| *who == Who::System);
    if !system_alone && !action.requires.contains(&Requirement::Version) {
        flaws.push(Flaw::NoVersion(at()));
    }
    flaws
}

fn deadline_references(definition: &Definition) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for deadline in &definition.deadlines {
        for action in deadline.starts_with.iter().chain(&deadline.on_lapse) {
            if definition.action(action).is_none() {
                flaws.push(Flaw::UnknownAction { at: deadline.name.clone(), action: action.clone() });
            }
        }
    }
    flaws
}

/// Who may give what: an approval is an official's, a filing never the system's, a document comes with its state.
fn authority(definition: &Definition, action: &Action) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let entered = action.to.as_deref().and_then(|to| definition.state(to)).and_then(|state| state.grants);
    let by_system = action.actors.contains(&Who::System);
    if by_system && entered.is_some() {
        flaws.push(Flaw::SystemGrants(action.name.clone()));
    }
    if action.actors.contains(&Who::Applicant) && entered == Some(Grant::Approval) {
        flaws.push(Flaw::ApplicantApproves(action.name.clone()));
    }
    for effect in &action.effects {
        let Effect::Issue(issue) = effect else { continue };
        let needs = match issue {
            Issue::Certificate | Issue::Permit => Grant::Approval,
            Issue::Filing => Grant::Filing,
        };
        if entered != Some(needs) {
            flaws.push(Flaw::IssueWithoutGrant(action.name.clone()));
        }
    }
    flaws
}

fn same_transitions(definition: &Definition) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for (n, a) in definition.actions.iter().enumerate() {
        for b in definition.actions.iter().skip(n + 1) {
            let shared = a.from.iter().any(|state| b.from.contains(state));
            // Two that stay where they are may record different things (agree, object).
            if shared && a.to.is_some() && a.to == b.to && a.actors == b.actors && a.guards == b.guards {
                flaws.push(Flaw::SameTransition(a.name.clone(), b.name.clone()));
            }
        }
    }
    flaws
}

fn graph(definition: &Definition) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let forward = closure(
        BTreeSet::from([definition.initial.as_str()]),
        |known, from, to| known.contains(from).then_some(to),
        definition,
    );
    let ends: BTreeSet<&str> = definition
        .states
        .iter()
        .filter(|state| state.kind == StateKind::Final)
        .map(|state| state.name.as_str())
        .collect();
    let backward = closure(ends.clone(), |known, from, to| known.contains(to).then_some(from), definition);
    for state in &definition.states {
        if !forward.contains(state.name.as_str()) {
            flaws.push(Flaw::Unreachable(state.name.clone()));
        }
        if !backward.contains(state.name.as_str()) {
            flaws.push(Flaw::DeadEnd(state.name.clone()));
        }
    }
    for action in &definition.actions {
        for state in action.from.iter().filter(|state| ends.contains(state.as_str())) {
            flaws.push(Flaw::LeavesFinal { action: action.name.clone(), state: state.clone() });
        }
    }
    flaws
}

/// Grows a set of states along the transitions until nothing is added.
fn closure<'a>(
    mut known: BTreeSet<&'a str>,
    step: impl Fn(&BTreeSet<&'a str>, &'a str, &'a str) -> Option<&'a str>,
    definition: &'a Definition,
) -> BTreeSet<&'a str> {
    loop {
        let before = known.len();
        for action in &definition.actions {
            for from in &action.from {
                known.extend(step(&known, from, action.target(from)));
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
