//! The colour of a person whose newest statement nobody has accepted yet: the worse of what it gives and of what the
//! statements before it give. A statement may worsen a colour at once; it lightens it only when it is accepted.

use super::outcome::{Cause, Colour, Evaluation, UnknownReason, by_weight, last_end};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// That a colour rests on statements which newer ones, not accepted yet, would replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The colour without them.
    pub then: Colour,
    /// Whether newer answers wait to be accepted; otherwise the statement was withdrawn or rejected, and counts to its end.
    pub waits: bool,
}

/// What a statement weighs beside the newer one that was sent at `replaced`: a newer statement lightens nothing, so every
/// cause that had begun by then, or by the end of the statement's own days, stays. What begins later is none of it: who
/// said long ago that they live in a place has said otherwise since.
pub fn until_replaced(statement: Evaluation, replaced: Option<DateTime<Utc>>) -> Evaluation {
    let Some(last) = statement.declared_until.max(replaced).filter(|last| *last <= statement.evaluated_at)
    else {
        return statement;
    };
    let mut left = statement;
    left.causes.retain(|cause| cause.since.is_none_or(|since| since < last));
    if matches!(left.colour, Colour::Red | Colour::Yellow) {
        left.colour = left.causes.first().map_or(Colour::Green, |worst| worst.colour);
    }
    left.valid_until = left.causes.iter().filter_map(|cause| cause.until).min();
    left.clears_at = last_end(&left.causes);
    left
}

/// Puts the outcome of the statements before beside that of the current one. The worst colour is shown with the causes of
/// all; [`Evaluation::held`] says so where anything hangs on the statements before. One of them that has run out, or that
/// is no worse, changes nothing.
pub fn with_held(current: Evaluation, before: Vec<Evaluation>, waits: bool) -> Evaluation {
    let reason = |e: &Evaluation| e.unknown.as_ref().map(|u| u.reason);
    if reason(&current) == Some(UnknownReason::Stale) {
        return current;
    }
    let then = current.colour;
    let mut all = current;
    let mut hangs = false;
    for held in before {
        let undecided = reason(&held) == Some(UnknownReason::Undecided);
        if held.colour == Colour::Green || (held.colour == Colour::Unknown && !undecided) {
            continue;
        }
        hangs |= add(&mut all, held);
    }
    if hangs {
        all.held = Some(Held { then, waits });
    }
    all
}

/// Adds an outcome that is yellow, red or undecided; whether it changed anything.
fn add(all: &mut Evaluation, held: Evaluation) -> bool {
    let is_new = |cause: &Cause| !all.causes.iter().any(|c| c.rule == cause.rule && c.reason == cause.reason);
    let causes: Vec<Cause> = held.causes.into_iter().filter(is_new).collect();
    let colour = together(all, held.colour);
    if causes.is_empty() && colour == all.colour {
        return false;
    }
    all.causes.extend(causes);
    all.causes.sort_by(by_weight);
    if colour != all.colour {
        all.unknown = if colour == Colour::Unknown { held.unknown } else { None };
        (all.colour, all.green) = (colour, None);
    }
    all.valid_until = [all.valid_until, held.valid_until].into_iter().flatten().min();
    all.clears_at = last_end(&all.causes);
    all.waived
        .extend(held.waived.into_iter().filter(|cause| !all.waived.contains(cause)).collect::<Vec<_>>());
    for (path, value) in held.facts_used {
        if all.facts_used.get(&path) != Some(&value) {
            all.facts_used.entry(format!("held.{path}")).or_insert(value);
        }
    }
    all.failures.extend(held.failures);
    true
}

/// The worse of two colours. That nothing is declared (any more) is lighter than yellow; that a rule could not be applied
/// weighs more, since that rule might have given red.
fn together(all: &Evaluation, held: Colour) -> Colour {
    let undecided = all.unknown.as_ref().is_some_and(|u| u.reason == UnknownReason::Undecided);
    let weight = |colour: Colour, undecided: bool| match colour {
        Colour::Green => 0,
        Colour::Unknown if !undecided => 1,
        Colour::Yellow => 2,
        Colour::Unknown => 3,
        Colour::Red => 4,
    };
    if weight(held, true) > weight(all.colour, undecided) { held } else { all.colour }
}
