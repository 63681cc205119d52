//! Invented persons and what the first policy says of them.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;

#[test]
fn the_first_policy_is_sound_and_has_the_published_causes() {
    let policy = first_policy().unwrap_or_else(|issues| panic!("{issues:#?}"));
    let count = |colour| policy.rules().iter().filter(|c| c.rule.colour == Some(colour)).count();
    assert_eq!((count(RuleColour::Red), count(RuleColour::Yellow)), (13, 6));
    assert_eq!(policy.digest().len(), 64);
    assert_eq!(policy.in_force(at("2019-12-31T00:00:00Z")).count(), 0);
}

#[test]
fn invented_persons_get_the_colour_of_the_published_table() {
    use Colour::{Green, Red, Unknown, Yellow};
    use RecordKind::*;
    let recorded = |kind, days| with(|f| f.records.push(record(kind, days)));
    let persons: Vec<(&str, Facts, Colour, &[&str])> = vec![
        ("healthy", healthy(), Green, &[]),
        ("confirmed, in hospital", recorded(Confirmed, 40), Red, &["red.confirmed"]),
        (
            "discharged 28 days ago",
            with(|f| f.records.push(Record { released_on: Some(day(28)), ..record(Confirmed, 50) })),
            Red,
            &["red.confirmed"],
        ),
        (
            "discharged 29 days ago",
            with(|f| f.records.push(Record { released_on: Some(day(29)), ..record(Confirmed, 50) })),
            Green,
            &[],
        ),
        ("asymptomatic", recorded(Asymptomatic, 3), Red, &["red.asymptomatic"]),
        ("suspected", recorded(Suspected, 90), Red, &["red.suspected"]),
        (
            "suspicion excluded",
            with(|f| f.records.push(Record { until: Some(days_ago(1)), ..record(Suspected, 5) })),
            Green,
            &[],
        ),
        ("close contact, day 21", recorded(CloseContact, 21), Red, &["red.close-contact"]),
        ("close contact, day 22", recorded(CloseContact, 22), Green, &[]),
        ("contact of contact, day 7", recorded(ContactOfContact, 7), Red, &["red.contact-of-contact"]),
        ("contact of contact, day 8", recorded(ContactOfContact, 8), Green, &[]),
        ("from abroad, day 20", recorded(ArrivalFromAbroad, 20), Red, &["red.arrival-from-abroad"]),
        ("from abroad, on the way", recorded(TransitFromAbroad, 30), Red, &["red.transit-from-abroad"]),
        ("same carriage", recorded(SameTransport, 8), Red, &["red.same-transport"]),
        ("positive test", with(|f| f.tests.push(test(TestResult::Positive, 2))), Red, &["red.positive-test"]),
        ("negative test", with(|f| f.tests.push(test(TestResult::Negative, 2))), Green, &[]),
        (
            "high risk elsewhere, day 14",
            with(|f| f.travel.push(stay("420100", Risk::High, 14))),
            Red,
            &["red.risk-area-elsewhere"],
        ),
        ("lives in a high-risk area", with(|f| live(f, Risk::High)), Red, &["red.lives-in-high-risk-area"]),
        (
            "lives in a medium-risk area",
            with(|f| live(f, Risk::Medium)),
            Yellow,
            &["yellow.lives-in-medium-risk-area"],
        ),
        ("lives in a low-risk area", with(|f| live(f, Risk::Low)), Green, &[]),
        ("high risk elsewhere, day 15", with(|f| f.travel.push(stay("420100", Risk::High, 15))), Green, &[]),
        (
            "medium risk in the province",
            with(|f| f.travel.push(stay("513326", Risk::Medium, 3))),
            Red,
            &["red.risk-area-province"],
        ),
        ("low risk", with(|f| f.travel.push(stay("420100", Risk::Low, 1))), Green, &[]),
        ("same place and time", recorded(SpaceTimeOverlap, 2), Yellow, &["yellow.space-time-overlap"]),
        ("cough", declared(|d| d.symptoms.push("cough".into())), Yellow, &["yellow.self-report"]),
        ("37.3 degrees", declared(|d| d.temperature_tenths = Some(373)), Yellow, &["yellow.self-report"]),
        ("37.2 degrees", declared(|d| d.temperature_tenths = Some(372)), Green, &[]),
        ("temperature not given", declared(|d| d.temperature_tenths = None), Green, &[]),
        (
            "says contact with a case",
            declared(|d| d.contact_with_case = true),
            Yellow,
            &["yellow.self-report"],
        ),
        (
            "cough, then a negative test",
            with(|f| {
                f.declaration.as_mut().unwrap().symptoms.push("cough".into());
                f.tests.push(Test {
                    sampled_at: now() - TimeDelta::minutes(20),
                    ..test(TestResult::Negative, 0)
                });
            }),
            Green,
            &[],
        ),
        (
            "emergency red",
            with(|f| f.orders.push(order(OrderColour::Red, 1, Some(-3)))),
            Red,
            &["red.emergency"],
        ),
        ("emergency red, expired", with(|f| f.orders.push(order(OrderColour::Red, 5, Some(1)))), Green, &[]),
        (
            "emergency yellow",
            with(|f| f.orders.push(order(OrderColour::Yellow, 14, None))),
            Yellow,
            &["yellow.emergency"],
        ),
        (
            "two causes",
            with(|f| {
                f.records.push(record(SameTransport, 8));
                f.travel.push(stay("513326", Risk::High, 11));
                f.declaration.as_mut().unwrap().symptoms.push("cough".into());
            }),
            Red,
            &["red.risk-area-province", "red.same-transport", "yellow.self-report"],
        ),
        ("no declaration", with(|f| f.declaration = None), Unknown, &[]),
        ("declared 14 days ago", declared(|d| d.submitted_at = days_ago(14)), Green, &[]),
        ("declared 15 days ago", declared(|d| d.submitted_at = days_ago(15)), Unknown, &[]),
        (
            "a close contact who let the declaration run out",
            with(|f| {
                f.declaration.as_mut().unwrap().submitted_at = days_ago(15);
                f.records.push(record(CloseContact, 3));
            }),
            Red,
            &["red.close-contact"],
        ),
        (
            "a close contact who never declared",
            with(|f| {
                f.declaration = None;
                f.records.push(record(CloseContact, 3));
            }),
            Red,
            &["red.close-contact"],
        ),
        (
            "declared a positive test",
            declared(|d| d.tested_positive = true),
            Yellow,
            &["yellow.declared-positive"],
        ),
        (
            "declared a positive test, negative since",
            with(|f| {
                f.declaration.as_mut().unwrap().tested_positive = true;
                f.tests.push(Test { sampled_at: now(), ..test(TestResult::Negative, 0) });
            }),
            Green,
            &[],
        ),
        (
            "declared that isolation was ordered",
            declared(|d| d.isolation_ordered = true),
            Yellow,
            &["yellow.declared-isolation"],
        ),
        ("stale facts", with(|f| f.gathered_at = days_ago(2)), Unknown, &[]),
        (
            "upheld appeal",
            with(|f| {
                f.records.push(record(CloseContact, 3));
                f.waivers.push(Waiver {
                    rule: "red.close-contact".into(),
                    decided_at: days_ago(1),
                    about: None,
                });
            }),
            Green,
            &[],
        ),
        (
            "new contact after the appeal",
            with(|f| {
                f.records.push(record(CloseContact, 1));
                f.waivers.push(Waiver {
                    rule: "red.close-contact".into(),
                    decided_at: days_ago(2),
                    about: None,
                });
            }),
            Red,
            &["red.close-contact"],
        ),
    ];
    for (name, facts, colour, causes) in persons {
        let evaluation = judge(&facts);
        let found: Vec<_> = evaluation.causes.iter().map(|c| c.rule.as_str()).collect();
        assert_eq!((evaluation.colour, found.as_slice()), (colour, causes), "{name}");
        assert_eq!(evaluation.failures, [], "{name}");
        assert_eq!(evaluation.green.is_some(), colour == Green, "{name}");
        assert_eq!(evaluation.unknown.is_some(), colour == Unknown, "{name}");
    }
}

fn live(facts: &mut Facts, risk: Risk) {
    facts.present.as_mut().unwrap().risk = Some(risk);
}

#[test]
fn who_lives_in_a_risk_area_is_told_so_and_until_when() {
    let facts = with(|f| live(f, Risk::Medium));
    let [cause] = judge(&facts).causes.try_into().unwrap();
    assert_eq!(cause.reason.zh, "你申报的现住地在岳池县，该地从 3 月 2 日起为中风险地区。");
    assert_eq!(
        cause.ends.unwrap().zh,
        "该地的中风险到 3 月 15 日 24:00 结束，提前降级就提前结束；不用申请。"
    );
    assert_eq!(cause.until, Some(at("2020-03-15T16:00:00Z")));
    assert!(cause.duties.unwrap().zh.starts_with("在岳池县可以按当地安排上班和生活"));
    assert_eq!(cause.evidence.unwrap().zh, "第 9 号公告；本人申报的现住地");
    let mut open = facts;
    open.present.as_mut().unwrap().classed.as_mut().unwrap().until = None;
    let [cause] = judge(&open).causes.try_into().unwrap();
    assert_eq!((cause.until, cause.ends.unwrap().zh.as_str()), (None, "该地降级时马上结束，不用申请。"));
}

#[test]
fn the_office_that_answers_is_one_of_the_register_or_the_words_of_the_rule() {
    let mut facts = with(|f| f.records.push(record(RecordKind::CloseContact, 1)));
    let authority = |facts: &Facts| judge(facts).causes.swap_remove(0).authority;
    assert_eq!(authority(&facts).name.zh, "岳池县疾病预防控制中心");
    assert_eq!(authority(&facts).phone, "0826-5220000");
    facts.present.as_mut().unwrap().name = Words::new("思蒙镇", "Simeng");
    assert_eq!(authority(&facts).name.zh, "岳池县疾病预防控制中心");
    facts.offices = Offices::default();
    let words = authority(&facts);
    assert!(words.name.zh.contains("12345") && words.phone == "12345", "{words:?}");
}

#[test]
fn a_cause_says_everything_the_person_needs() {
    let facts = with(|f| {
        f.records.push(Record { since: at("2020-03-04T06:10:00Z"), ..record(RecordKind::SameTransport, 0) });
        f.travel.push(Travel { name: Words::new("道孚县", "Daofu"), ..stay("513326", Risk::High, 11) });
    });
    let evaluation = judge(&facts);
    let [travel, train] = evaluation.causes.as_slice() else { panic!("{:?}", evaluation.causes) };
    assert_eq!(train.reason.zh, "3 月 4 日你和一名感染者同乘火车（3 号车厢）。");
    assert_eq!(train.ends.as_ref().unwrap().zh, "乘坐后 21 天，到 3 月 25 日 24:00。");
    assert_eq!(train.until, Some(at("2020-03-25T16:00:00Z")));
    assert_eq!(train.since, Some(at("2020-03-04T06:10:00Z")));
    assert_eq!(train.authority.name.zh, "岳池县疾病预防控制中心");
    assert_eq!(train.evidence.as_ref().unwrap().zh, "铁路部门");
    assert_eq!(travel.reason.en, "From 28 February to 1 March you were in Daofu, then of high risk.");
    assert_eq!(travel.until, Some(at("2020-03-15T16:00:00Z")));
    assert!(travel.appealable);
    // The first end changes the outcome; the last one clears it.
    assert_eq!(evaluation.valid_until, travel.until);
    assert_eq!(evaluation.clears_at, train.until);
    assert_eq!(evaluation.facts_used["travel[0].risk"], json!("high"));
}

#[test]
fn green_says_why_and_how_long() {
    let evaluation = judge(&healthy());
    let green = evaluation.green.unwrap();
    assert!(green.reason.zh.starts_with("你 3 月 12 日申报无症状"));
    assert_eq!(evaluation.valid_until, Some(at("2020-03-26T16:00:00Z")));
}

#[test]
fn a_rule_that_cannot_be_applied_gives_no_colour_unless_a_worse_one_is_certain() {
    let broken = DOCUMENTS[0].1.replace(
        r#"{"!": [{"var": "item.negative_since"}]}"#,
        r#"{">": [{"var": "item.negative_since"}, 1]}"#,
    );
    let policy = RuleSet::parse(&[("colour.toml", &broken)]).unwrap();
    let run = |facts: &Facts| evaluate(&policy, &facts.to_value(policy.settings()), facts.now);
    let mut facts = with(|f| f.records.push(record(RecordKind::SpaceTimeOverlap, 1)));
    let unsure = run(&facts);
    assert_eq!(unsure.colour, Colour::Unknown);
    assert_eq!(unsure.unknown.unwrap().reason, UnknownReason::Undecided);
    assert_eq!(unsure.failures[0].rule, "yellow.space-time-overlap");
    facts.records.push(record(RecordKind::CloseContact, 1));
    assert_eq!(run(&facts).colour, Colour::Red);
}

#[test]
fn every_text_is_shown_in_both_languages_even_where_facts_are_missing() {
    let policy = first_policy().unwrap();
    let full = full_facts();
    let mut bare = full.clone();
    (bare.home, bare.present) = (None, None);
    bare.records
        .iter_mut()
        .for_each(|r| (r.place, r.transport, r.until, r.released_on) = (None, None, None, None));
    let mut seen = BTreeSet::new();
    let mut yellow = with(|f| {
        f.orders.push(order(OrderColour::Yellow, 1, None));
        f.travel.push(stay("420100", Risk::High, 1));
        f.declaration.as_mut().unwrap().contact_with_case = true;
    });
    yellow.records.push(record(RecordKind::SpaceTimeOverlap, 1));
    let told = yellow.declaration.as_mut().unwrap();
    (told.tested_positive, told.isolation_ordered) = (true, true);
    let otherwise = with(|f| {
        f.declaration.as_mut().unwrap().contact_with_case = true;
        f.waivers.push(Waiver { rule: "yellow.self-report".into(), decided_at: now(), about: None });
    });
    let tested = with(|f| {
        f.declaration.as_mut().unwrap().contact_with_case = true;
        f.tests.push(Test { sampled_at: now(), ..test(TestResult::Negative, 0) });
    });
    let (high, medium) = (with(|f| live(f, Risk::High)), with(|f| live(f, Risk::Medium)));
    for facts in [full, bare, yellow, otherwise, tested, healthy(), high, medium] {
        let outcome = evaluate(&policy, &facts.to_value(policy.settings()), facts.now);
        for cause in outcome.causes.iter().chain(&outcome.green).chain(&outcome.waived) {
            seen.insert(cause.rule.clone());
            let texts = [
                Some(&cause.reason),
                cause.ends.as_ref(),
                cause.evidence.as_ref(),
                Some(&cause.authority.name),
            ];
            for text in texts.into_iter().flatten().flat_map(|w| [&w.zh, &w.en]) {
                assert!(!text.trim().is_empty() && !text.contains(['{', '}']), "{}: {text}", cause.rule);
            }
        }
    }
    let all: BTreeSet<_> = policy.of_kind(Kind::Colour, now()).map(|c| c.rule.id.clone()).collect();
    assert_eq!(seen, all);
}

#[test]
fn a_cause_set_aside_is_that_one_and_no_other_of_its_rule() {
    let first = with(|f| f.travel.push(stay("513326", Risk::Medium, 3)));
    let cause = judge(&first).causes.remove(0);
    let set_aside = |mut facts: Facts| {
        let about = Some(cause.about.clone());
        facts.waivers.push(Waiver { rule: cause.rule.clone(), decided_at: now(), about });
        judge(&facts)
    };
    let outcome = set_aside(first.clone());
    assert_eq!((outcome.colour, outcome.waived.len()), (Colour::Green, 1));
    // Declared again, the same stay stays set aside.
    let mut again = first.clone();
    again.declaration.as_mut().unwrap().submitted_at = now();
    assert_eq!(set_aside(again).colour, Colour::Green);
    // Another place in the same days, and other days in the same place, count.
    for other in [stay("510304", Risk::Medium, 3), stay("513326", Risk::Medium, 2)] {
        let mut facts = first.clone();
        facts.travel.push(other);
        let outcome = set_aside(facts);
        assert_eq!((outcome.colour, outcome.causes.len()), (Colour::Red, 1));
    }
}

#[test]
fn a_declaration_that_ends_before_its_causes_is_told() {
    let outcome = judge(&with(|f| {
        f.declaration.as_mut().unwrap().submitted_at = days_ago(15);
        f.records.push(record(RecordKind::CloseContact, 3));
    }));
    assert!(outcome.declared_until.unwrap() < now());
    assert!(outcome.valid_until.unwrap() > now(), "what is over is no next moment");
}
