//! The clocks of a definition, checked by walking every position a case can be in: a clock never runs while the applicant
//! corrects, never starts twice, is never left open at the end, and what a state says of it is true on every path.

use super::definition::{ClockChange, Definition, Effect, State, StateClock, StateKind, Who};
use super::flaw::Flaw;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The time limit that a change names; none for all of them.
pub(super) fn deadline_of(change: &ClockChange) -> Option<&str> {
    match change {
        ClockChange::Start(name)
        | ClockChange::StartAtReceipt(name)
        | ClockChange::Pause(name)
        | ClockChange::Resume(name)
        | ClockChange::Stop(name) => Some(name),
        ClockChange::StopAll => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Running,
    Paused,
    Stopped,
}

/// Clocks that have been started, by time limit.
type Phases<'a> = BTreeMap<&'a str, Phase>;

pub(super) fn flaws(definition: &Definition) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for state in &definition.states {
        if !suits(state) {
            flaws.push(Flaw::ClockOfKind(state.name.clone()));
        }
    }
    for deadline in &definition.deadlines {
        let starts: BTreeSet<&str> = definition
            .actions
            .iter()
            .filter(|action| action.effects.iter().any(|effect| starts(effect, &deadline.name)))
            .map(|action| action.name.as_str())
            .collect();
        let declared: BTreeSet<&str> = deadline.starts_with.iter().map(String::as_str).collect();
        if deadline.working_days == 0 || starts.is_empty() || starts != declared {
            flaws.push(Flaw::Deadline(deadline.name.clone()));
        }
    }
    flaws.extend(walk(definition));
    flaws
}

/// Art. 32 and 45: the authority's time does not run while the applicant has to act, and stands still only then.
fn suits(state: &State) -> bool {
    match state.clock {
        StateClock::None => true,
        StateClock::Running => state.kind == StateKind::Open,
        StateClock::Paused => state.kind == StateKind::WaitingForApplicant,
    }
}

fn starts(effect: &Effect, deadline: &str) -> bool {
    match effect {
        Effect::Clock(ClockChange::Start(name) | ClockChange::StartAtReceipt(name)) => name == deadline,
        _ => false,
    }
}

fn walk(definition: &Definition) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<(&str, Phases)> = vec![(definition.initial.as_str(), Phases::new())];
    while let Some((from, phases)) = open.pop() {
        if !seen.insert((from, phases.clone())) {
            continue;
        }
        flaws.extend(lapses(definition, from, &phases));
        for action in definition.actions.iter().filter(|action| action.from.iter().any(|state| state == from))
        {
            let to = action.target(from);
            match moved(&phases, &action.effects) {
                Err(deadline) => flaws.push(Flaw::ClockMove {
                    action: action.name.clone(),
                    deadline: deadline.to_owned(),
                    state: from.to_owned(),
                }),
                Ok(next) if definition.state(to).is_some_and(|state| state.clock == shown(&next)) => {
                    open.push((to, next));
                }
                Ok(_) => {
                    flaws.push(Flaw::ClockOfState { action: action.name.clone(), state: to.to_owned() });
                }
            }
        }
    }
    flaws
}

/// What a case with these clocks shows.
fn shown(phases: &Phases) -> StateClock {
    if phases.values().any(|phase| *phase == Phase::Running) {
        StateClock::Running
    } else if phases.values().any(|phase| *phase == Phase::Paused) {
        StateClock::Paused
    } else {
        StateClock::None
    }
}

fn moved<'a>(phases: &Phases<'a>, effects: &'a [Effect]) -> Result<Phases<'a>, &'a str> {
    let mut next = phases.clone();
    for effect in effects {
        let Effect::Clock(change) = effect else { continue };
        let Some(name) = deadline_of(change) else {
            next.values_mut().for_each(|phase| *phase = Phase::Stopped);
            continue;
        };
        let phase = match (change, next.get(name)) {
            (ClockChange::Start(_) | ClockChange::StartAtReceipt(_), None) => Phase::Running,
            (ClockChange::Pause(_), Some(Phase::Running)) => Phase::Paused,
            (ClockChange::Resume(_), Some(Phase::Paused)) => Phase::Running,
            (ClockChange::Stop(_), Some(Phase::Running | Phase::Paused)) => Phase::Stopped,
            _ => return Err(name),
        };
        next.insert(name, phase);
    }
    Ok(next)
}

/// Wherever a limit with a lapse action may run out, the system must be able to take that action.
fn lapses(definition: &Definition, state: &str, phases: &Phases) -> Vec<Flaw> {
    let running = definition
        .deadlines
        .iter()
        .filter(|deadline| phases.get(deadline.name.as_str()) == Some(&Phase::Running));
    let mut flaws = Vec::new();
    for deadline in running {
        let Some(name) = &deadline.on_lapse else { continue };
        let possible = definition.action(name).is_some_and(|action| {
            action.actors == [Who::System] && action.from.iter().any(|from| from == state)
        });
        if !possible {
            flaws.push(Flaw::Lapse {
                deadline: deadline.name.clone(),
                action: name.clone(),
                state: state.to_owned(),
            });
        }
    }
    flaws
}
