//! The colour of a person whose newest statement nobody has accepted yet: the worse of what it gives and of what the
//! statements before it give. A statement may worsen a colour at once; it lightens it only when it is accepted.

use super::evaluate::evaluate;
use super::facts::{Declaration, Facts};
use super::outcome::{Cause, Colour, Evaluation, UnknownReason, by_weight, last_end};
use super::rule::{Kind, Settings};
use super::ruleset::RuleSet;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Says that a colour rests on statements which newer ones, not accepted yet, would replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The colour without them.
    pub then: Colour,
    /// Whether newer answers wait to be accepted; otherwise the statement was withdrawn or rejected, and counts to its end.
    pub waits: bool,
}

/// The colour of a person from all that counts of what they stated: with the current statement, and with each of those
/// beside it, the newest first.
pub fn evaluate_all(rules: &RuleSet, current: &Facts, beside: &[Facts], waits: bool) -> Evaluation {
    let of = |facts: &Facts| evaluate(rules, &facts.to_value(rules.settings()), facts.now);
    let before = telling(rules, current, beside);
    let before = before.into_iter().map(|(facts, replaced)| until_replaced(of(facts), replaced));
    with_held(of(current), before.collect(), waits)
}

/// The statements beside the current one that can tell something, each with when a newer one was sent. One that was sent on
/// the same day as another that says the same is left out, and the newer of the two stays: the rules give the same causes
/// for both, with the same ends, and what the newer one is replaced by came later. However often somebody sends the same,
/// it is judged once a day.
///
/// All are judged where a rule looks at the hour of a statement, or where something was set aside for the person: that was
/// one cause of one statement.
pub(super) fn telling<'a>(
    rules: &RuleSet,
    current: &'a Facts,
    beside: &'a [Facts],
) -> Vec<(&'a Facts, Option<DateTime<Utc>>)> {
    let sent = |facts: &Facts| facts.declaration.as_ref().map(|d| d.submitted_at);
    let newer = std::iter::once(sent(current)).chain(beside.iter().map(sent));
    let whole = !current.waivers.is_empty() || looks_at_the_hour(rules, current.now);
    let mut known = vec![current];
    let mut kept = Vec::new();
    for (facts, replaced) in beside.iter().zip(newer) {
        if whole || !known.iter().any(|k| say_the_same(k, facts, rules.settings())) {
            known.push(facts);
            kept.push((facts, replaced));
        }
    }
    kept
}

fn looks_at_the_hour(rules: &RuleSet, now: DateTime<Utc>) -> bool {
    let mut fields = rules.of_kind(Kind::Colour, now).flat_map(|c| &c.rule.affected_fields);
    fields.any(|field| field == "declaration.submitted_at")
}

/// Whether rules read the same of two statements of one person but for the hour at which they were sent.
fn say_the_same(a: &Facts, b: &Facts, settings: &Settings) -> bool {
    let (Some(x), Some(y)) = (&a.declaration, &b.declaration) else { return false };
    let day = |d: &Declaration| d.submitted_at.with_timezone(&settings.offset()).date_naive();
    day(x) == day(y)
        && a.negative_since(x.submitted_at) == b.negative_since(y.submitted_at)
        && (&a.travel, &a.home, &a.present, &a.offices) == (&b.travel, &b.home, &b.present, &b.offices)
        && *x == Declaration { submitted_at: x.submitted_at, ..y.clone() }
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
/// all; [`Evaluation::held`] says so where anything depends on the earlier statements. One of them that has run out, or that
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
