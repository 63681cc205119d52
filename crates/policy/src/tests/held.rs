//! Statements that nobody has accepted yet, beside those that they would replace.

use super::super::held::telling;
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

/// Fixed dice: the same histories each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides).unwrap()
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(u64::try_from(all.len()).unwrap())].clone()
    }
}

/// What somebody may say of themselves.
fn sayings() -> Vec<Facts> {
    let mut lives = healthy();
    lives.present.as_mut().unwrap().risk = Some(Risk::High);
    let ordered = declared(|d| d.isolation_ordered = true);
    vec![healthy(), feverish(376), feverish(379), red(), lives, ordered]
}

/// A person with findings and tests of any hour, and all that they have said, the newest first, so many seconds apart.
fn history(dice: &mut Dice, apart: &[i64], set_aside: bool) -> (Facts, Vec<Facts>, bool) {
    let mut common = healthy();
    for _ in 0..dice.roll(3) {
        let sampled_at = now() - TimeDelta::minutes(30 * i64::try_from(dice.roll(500)).unwrap());
        let result = dice.of(&[TestResult::Negative, TestResult::Positive, TestResult::Negative]);
        common.tests.push(Test { sampled_at, ..test(result, 0) });
    }
    if dice.roll(4) == 0 {
        common.records.push(record(RecordKind::CloseContact, 20));
    }
    if set_aside {
        let rule = "yellow.self-report".into();
        common.waivers.push(Waiver { rule, decided_at: now() - TimeDelta::hours(9), about: None });
    }
    let mut at = now() - TimeDelta::seconds(2_360);
    let mut said: Vec<Facts> = (0..=dice.roll(12))
        .map(|_| {
            at -= TimeDelta::seconds(dice.of(apart));
            let mut facts = dice.of(&sayings());
            facts.declaration.iter_mut().for_each(|d| d.submitted_at = at);
            let Facts { tests, records, waivers, .. } = common.clone();
            Facts { tests, records, waivers, ..facts }
        })
        .collect();
    // Mostly the newest stands; sometimes it was withdrawn and an older one does, or none.
    let current = match dice.roll(5) {
        0 => Facts { declaration: None, ..common },
        1 if said.len() > 1 => said.remove(1),
        _ => said.remove(0),
    };
    (current, said, dice.roll(2) == 0)
}

/// As if every statement were judged.
fn each_by_itself(current: &Facts, beside: &[Facts], waits: bool) -> Evaluation {
    let sent = |facts: &Facts| facts.declaration.as_ref().map(|d| d.submitted_at);
    let newer = std::iter::once(sent(current)).chain(beside.iter().map(sent));
    let before = beside.iter().zip(newer).map(|(facts, at)| until_replaced(judge(facts), at));
    with_held(judge(current), before.collect(), waits)
}

fn together(current: &Facts, beside: &[Facts], waits: bool) -> Evaluation {
    evaluate_all(&first_policy().unwrap(), current, beside, waits)
}

#[test]
fn what_says_the_same_within_a_minute_is_judged_once_and_nothing_else_comes_of_it() {
    let mut spared = 0;
    for seed in 0..400 {
        let (current, beside, waits) = history(&mut Dice(seed), &[0, 1, 2], seed % 5 == 0);
        let outcome = together(&current, &beside, waits);
        assert_eq!(outcome, each_by_itself(&current, &beside, waits), "seed {seed}");
        spared += beside.len() - telling(&first_policy().unwrap(), &current, &beside).len();
    }
    assert!(spared > 500, "{spared}");
}

/// What a cause is beside the hour that its text may name, which is that of the statement: `你 3 月 12 日 09:52 申报：…`.
fn but_for_the_hour(causes: &[Cause]) -> std::collections::BTreeSet<String> {
    let day = |c: &Cause| c.reason.zh.split(' ').filter(|word| !word.contains(':')).collect::<String>();
    causes.iter().map(|c| format!("{} {:?} {:?} {}", c.rule, c.colour, c.until, day(c))).collect()
}

#[test]
fn what_says_the_same_on_one_day_brings_no_other_cause_colour_or_end() {
    let (hours, mut spared) = ([60, 3_600, 15_000, 40_000, 90_000, 600_000], 0);
    for seed in 1_000..1_400 {
        let (current, beside, waits) = history(&mut Dice(seed), &hours, seed % 5 == 0);
        let (few, all) = (together(&current, &beside, waits), each_by_itself(&current, &beside, waits));
        let shape =
            |e: &Evaluation| (e.colour, e.unknown.clone(), e.green.clone(), e.valid_until, e.clears_at);
        assert_eq!(shape(&few), shape(&all), "seed {seed}");
        assert_eq!(but_for_the_hour(&few.causes), but_for_the_hour(&all.causes), "seed {seed}");
        assert!(few.causes.iter().all(|c| all.causes.contains(c)), "seed {seed}");
        match few.held {
            Some(held) => assert_eq!(Some(held), all.held, "seed {seed}"),
            // What hung on nothing but the same said earlier that day hangs on nothing.
            None => assert!(all.held.is_none_or(|held| held.then == few.colour), "seed {seed}"),
        }
        spared += all.causes.len() - few.causes.len();
    }
    assert!(spared > 20, "the same cause is listed once: {spared}");
}

#[test]
fn a_thousand_of_one_day_are_one_and_each_day_has_its_own() {
    let policy = first_policy().unwrap();
    let said = |hours: i64| declared(|d| d.submitted_at = now() - TimeDelta::hours(hours));
    let (current, of_today) = (said(0), vec![said(1); 1_000]);
    assert!(telling(&policy, &current, &of_today).is_empty());
    let of_week: Vec<Facts> = (0..168).map(said).collect();
    assert_eq!(telling(&policy, &current, &of_week).len(), 7);
    // A negative test since makes two of a day.
    let mut tested = (current, of_today);
    for facts in std::iter::once(&mut tested.0).chain(&mut tested.1) {
        let sampled_at = now() - TimeDelta::minutes(30);
        facts.tests.push(Test { sampled_at, ..test(TestResult::Negative, 0) });
    }
    assert_eq!(telling(&policy, &tested.0, &tested.1).len(), 1);
    // What was set aside was a cause of one of them.
    tested.0.waivers.push(Waiver { rule: "x".into(), decided_at: now(), about: None });
    assert_eq!(telling(&policy, &tested.0, &tested.1).len(), 1_000);
}
