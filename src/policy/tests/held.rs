//! Statements that nobody has accepted yet, beside those that they would replace.

use super::*;

fn red() -> Facts {
    with(|f| f.travel.push(stay("420100", Risk::High, 3)))
}

fn feverish(temperature: i32) -> Facts {
    declared(|d| d.temperature_tenths = Some(temperature))
}

fn undeclared() -> Facts {
    Facts { declaration: None, travel: vec![], ..healthy() }
}

/// The outcome of somebody who said 20 days ago that they live in a place; it has been of high risk for so many days.
fn lived(risk_days: i64) -> Evaluation {
    judge(&with(|f| {
        let classed = Classed {
            area: Words::new("武昌区", "Wuchang District"),
            since: days_ago(risk_days),
            until: None,
            source: Words::new("公告", "notice"),
        };
        f.declaration.as_mut().unwrap().submitted_at = days_ago(20);
        f.present = Some(Area {
            division: "420106".into(),
            name: Words::new("武昌区", "Wuchang District"),
            risk: Some(Risk::High),
            classed: Some(classed),
        });
    }))
}

fn rules(outcome: &Evaluation) -> Vec<&str> {
    outcome.causes.iter().map(|c| c.rule.as_str()).collect()
}

#[test]
fn a_statement_does_not_lighten_what_was_stated_before_it_is_accepted() {
    let outcome = with_held(judge(&healthy()), vec![judge(&red())], true);
    assert_eq!(outcome.colour, Colour::Red);
    assert_eq!(rules(&outcome), ["red.risk-area-elsewhere"], "and says why");
    assert_eq!(outcome.held, Some(Held { then: Colour::Green, waits: true }));
    assert!(outcome.green.is_none() && outcome.unknown.is_none());
    assert!(
        outcome.facts_used.keys().any(|path| path.starts_with("held.travel")),
        "{:?}",
        outcome.facts_used
    );
    assert_eq!(outcome.clears_at, judge(&red()).clears_at);
}

#[test]
fn it_worsens_at_once_and_nothing_hangs_on_what_was_green() {
    let outcome = with_held(judge(&red()), vec![judge(&healthy())], true);
    assert_eq!(outcome, judge(&red()));
    assert_eq!(with_held(judge(&healthy()), vec![], false), judge(&healthy()));
    assert_eq!(with_held(judge(&healthy()), vec![judge(&healthy())], true), judge(&healthy()));
}

#[test]
fn the_causes_of_all_are_listed_once_the_worst_first() {
    let both = with_held(judge(&feverish(376)), vec![judge(&red()), judge(&red())], true);
    assert_eq!(both.colour, Colour::Red);
    let found = rules(&both);
    assert_eq!(found.first(), Some(&"red.risk-area-elsewhere"), "{found:?}");
    assert_eq!(found.iter().filter(|r| **r == "red.risk-area-elsewhere").count(), 1, "{found:?}");
    assert_eq!(both.held.map(|h| h.then), Some(judge(&feverish(376)).colour));
    assert_eq!(found.len(), judge(&feverish(376)).causes.len() + 1);
}

#[test]
fn withdrawing_leaves_what_was_stated_until_it_runs_out() {
    let withdrawn = with_held(judge(&undeclared()), vec![judge(&red())], false);
    assert_eq!((withdrawn.colour, withdrawn.unknown), (Colour::Red, None));
    assert_eq!(withdrawn.held, Some(Held { then: Colour::Unknown, waits: false }));
    let healthy_before = with_held(judge(&undeclared()), vec![judge(&healthy())], false);
    assert_eq!(healthy_before.colour, Colour::Unknown, "without a declaration nobody is green");
    let mut old = red();
    old.declaration.as_mut().unwrap().submitted_at = days_ago(60);
    old.travel.iter_mut().for_each(|stay| (stay.from, stay.to) = (day(63), day(61)));
    assert_eq!(judge(&old).colour, Colour::Unknown);
    assert_eq!(with_held(judge(&healthy()), vec![judge(&old)], true).colour, Colour::Green, "it has run out");
    assert_eq!(with_held(judge(&old), vec![judge(&old)], false).colour, Colour::Unknown);
}

#[test]
fn facts_that_are_too_old_give_no_colour_whatever_was_stated() {
    let stale = with(|f| f.gathered_at = days_ago(30));
    assert_eq!(with_held(judge(&stale), vec![judge(&red())], true).colour, Colour::Unknown);
}

#[test]
fn a_replaced_statement_keeps_the_causes_that_had_begun_and_gets_no_new_ones() {
    // Its own days ended six days ago.
    let counts = |risk_days, replaced_days| {
        let held = until_replaced(lived(risk_days), Some(days_ago(replaced_days)));
        with_held(judge(&healthy()), vec![held], true).colour
    };
    assert_eq!(counts(25, 3), Colour::Red, "red when the newer one was sent");
    assert_eq!(counts(4, 3), Colour::Red, "so, too, where that began after its days");
    assert_eq!(
        counts(2, 3),
        Colour::Green,
        "the newer one said otherwise before the place became one of high risk"
    );
    assert_eq!(counts(8, 15), Colour::Red, "within its own days it counts in any case");
    assert_eq!(counts(4, 15), Colour::Green);
    assert_eq!(until_replaced(lived(25), None), lived(25));
    let fresh = judge(&red());
    assert_eq!(until_replaced(fresh.clone(), Some(days_ago(1))), fresh, "its days are not over");
}
