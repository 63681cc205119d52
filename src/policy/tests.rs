//! The first policy on invented persons, and what must hold for any policy: more causes never make a
//! colour better, the same facts give the same outcome, every text can be shown in both languages.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::json;

use super::facts::tests::full_facts;
use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// 12 March 2020, 10:32 in Sichuan.
fn now() -> DateTime<Utc> {
    at("2020-03-12T02:32:15Z")
}

fn days_ago(days: i64) -> DateTime<Utc> {
    now() - TimeDelta::days(days)
}

fn day(days: i64) -> NaiveDate {
    days_ago(days).date_naive()
}

/// Someone who declared this morning that all is well.
fn healthy() -> Facts {
    let full = full_facts();
    let declaration = Declaration {
        submitted_at: now() - TimeDelta::hours(1),
        symptoms: vec![],
        temperature_tenths: Some(365),
        contact_with_case: false,
        isolation_ordered: false,
        household_ill: false,
    };
    Facts {
        now: now(),
        gathered_at: now() - TimeDelta::minutes(5),
        declaration: Some(declaration),
        travel: vec![],
        tests: vec![],
        records: vec![],
        orders: vec![],
        waivers: vec![],
        ..full
    }
}

fn record(kind: RecordKind, days: i64) -> Record {
    let model = full_facts().records.into_iter().next().unwrap();
    Record { kind, since: days_ago(days), until: None, released_on: None, ..model }
}

fn stay(place: &str, risk: Risk, left: i64) -> Travel {
    let model = full_facts().travel.into_iter().next().unwrap();
    Travel {
        place: place.into(),
        risk: Some(risk),
        near_risk_area: false,
        from: day(left + 2),
        to: day(left),
        ..model
    }
}

fn test(result: TestResult, days: i64) -> Test {
    let model = full_facts().tests.into_iter().next().unwrap();
    Test { result, sampled_at: days_ago(days), ..model }
}

fn order(colour: OrderColour, days: i64, until: Option<i64>) -> Order {
    let model = full_facts().orders.into_iter().next().unwrap();
    Order { colour, since: days_ago(days), until: until.map(days_ago), ..model }
}

fn judge(facts: &Facts) -> Evaluation {
    let policy = first_policy().unwrap();
    evaluate(&policy, &facts.to_value(policy.settings()), facts.now)
}

fn with(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = healthy();
    change(&mut facts);
    facts
}

fn declared(change: impl FnOnce(&mut Declaration)) -> Facts {
    with(|f| change(f.declaration.as_mut().unwrap()))
}

#[test]
fn the_first_policy_is_sound_and_has_the_published_causes() {
    let policy = first_policy().unwrap_or_else(|issues| panic!("{issues:#?}"));
    let count = |colour| policy.rules().iter().filter(|c| c.rule.colour == Some(colour)).count();
    assert_eq!((count(RuleColour::Red), count(RuleColour::Yellow)), (12, 4));
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
        ("high risk elsewhere, day 15", with(|f| f.travel.push(stay("420100", Risk::High, 15))), Green, &[]),
        (
            "medium risk in the province",
            with(|f| f.travel.push(stay("513326", Risk::Medium, 3))),
            Red,
            &["red.risk-area-province"],
        ),
        ("low risk", with(|f| f.travel.push(stay("420100", Risk::Low, 1))), Green, &[]),
        (
            "near a risk area",
            with(|f| f.travel.push(Travel { near_risk_area: true, ..stay("420100", Risk::Low, 5) })),
            Yellow,
            &["yellow.risk-area-surroundings"],
        ),
        (
            "near a risk area, tested",
            with(|f| {
                f.travel.push(Travel { near_risk_area: true, ..stay("420100", Risk::Low, 5) });
                f.tests.push(test(TestResult::Negative, 2));
            }),
            Green,
            &[],
        ),
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
        ("stale facts", with(|f| f.gathered_at = days_ago(2)), Unknown, &[]),
        (
            "upheld appeal",
            with(|f| {
                f.records.push(record(CloseContact, 3));
                f.waivers.push(Waiver { rule: "red.close-contact".into(), decided_at: days_ago(1) });
            }),
            Green,
            &[],
        ),
        (
            "new contact after the appeal",
            with(|f| {
                f.records.push(record(CloseContact, 1));
                f.waivers.push(Waiver { rule: "red.close-contact".into(), decided_at: days_ago(2) });
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

#[test]
fn a_cause_says_everything_the_person_needs() {
    let facts = with(|f| {
        f.records.push(Record { since: at("2020-03-04T06:10:00Z"), ..record(RecordKind::SameTransport, 0) });
        f.travel.push(Travel { name: Words::new("道孚县", "Daofu"), ..stay("513326", Risk::High, 11) });
    });
    let evaluation = judge(&facts);
    let [travel, train] = evaluation.causes.as_slice() else { panic!("{:?}", evaluation.causes) };
    assert_eq!(train.reason.zh, "3月4日你和一名感染者同乘火车（3 号车厢）。");
    assert_eq!(train.ends.as_ref().unwrap().zh, "乘坐后 21 天，到3月25日 24:00。");
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
    assert!(green.reason.zh.starts_with("你3月12日申报无症状"));
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
        f.travel.push(Travel { near_risk_area: true, ..stay("420100", Risk::High, 1) });
        f.declaration.as_mut().unwrap().contact_with_case = true;
    });
    yellow.records.push(record(RecordKind::SpaceTimeOverlap, 1));
    let otherwise = with(|f| {
        f.declaration.as_mut().unwrap().contact_with_case = true;
        f.waivers.push(Waiver { rule: "yellow.self-report".into(), decided_at: now() });
    });
    let tested = with(|f| {
        f.declaration.as_mut().unwrap().contact_with_case = true;
        f.tests.push(Test { sampled_at: now(), ..test(TestResult::Negative, 0) });
    });
    for facts in [full, bare, yellow, otherwise, tested, healthy()] {
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
fn journeys_and_reopenings_are_decided_by_the_documents() {
    let policy = first_policy().unwrap();
    let needed = |from: &str, to: &str| {
        let trip = Trip { from: from.into(), to: to.into() };
        certificate_needed(&policy, &trip, now()).unwrap().map(|d| (d.terms.needed, d.terms.valid_days))
    };
    assert_eq!(needed("511621", "511621"), Some((false, 14)));
    for to in ["511622", "510104", "440300"] {
        assert_eq!(needed("511621", to), Some((true, 14)), "{to}");
    }
    let review = |risk: Option<Risk>, kinds: &[&str]| {
        let premises = Premises {
            applicant: "enterprise".into(),
            division: "511621".into(),
            risk,
            industry: "C".into(),
            premises: kinds.iter().map(|k| (*k).to_owned()).collect(),
        };
        review_level(&policy, &premises, now()).unwrap()
    };
    let terms = |risk| review(Some(risk), &["shop"]).unwrap().terms;
    assert_eq!(terms(Risk::Low).level, ReviewLevel::Filing);
    assert_eq!(
        (terms(Risk::Medium).offices, terms(Risk::Medium).working_days),
        (vec!["county".to_owned()], 2)
    );
    assert_eq!(terms(Risk::High).offices, ["county", "prefecture"]);
    let shut = review(Some(Risk::Low), &["shop", "karaoke"]).unwrap();
    assert_eq!(shut.terms.level, ReviewLevel::Shut);
    assert_eq!(shut.because.len(), 1);
    assert!(shut.because[0].reason.zh.starts_with("歌厅"));
    assert_eq!(review(None, &["shop"]), None);
}

fn faults(change: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let changed = change(DOCUMENTS[0].1);
    assert_ne!(changed, DOCUMENTS[0].1, "the change must change something");
    let issues = RuleSet::parse(&[("colour.toml", &changed)]).unwrap_err();
    issues.into_iter().map(|i| (i.issue.pointer, i.issue.message)).collect()
}

#[test]
fn unsound_documents_are_refused_with_the_place_of_each_fault() {
    let first = |from: &str, to: &str| faults(|text| text.replacen(from, to, 1));
    for (from, to, pointer, message) in [
        ("version = 1\n", "version = 1\nsurprise = 1\n", "", "surprise"),
        ("version = 1\n", "version = 0\n", "/rule/0/version", "count from 1"),
        ("red.confirmed", "red.positive-test", "/rule/1", "there twice"),
        ("last_positive.sampled_at", "last_positive.sampled", "/rule/0/since", "not a field"),
        ("days = 28\n", "", "/rule/0/until", "belong together"),
        ("你{date}采样", "你{day}采样", "/rule/0/reason/zh", "{day}"),
        ("你{date}采样", "你{date采样", "/rule/0/reason/zh", "brace"),
        (r#"{"var": "last_positive"}"#, r#"{"and": [{"var": "last_positive"}]}"#, "/rule/0/logic", "operand"),
        (
            r#"{"var": "last_positive"}"#,
            r#"{"if": [{"var": "today"}, 1, {"x": []}]}"#,
            "/rule/0/logic/if/2",
            "no operator",
        ),
        (r#"{"var": "last_positive"}"#, r#"{"var": "today"}"#, "/rule/0/affected_fields", "also reads"),
        ("colour = \"red\"\n", "", "/rule/0", "needs `colour`"),
        ("each = \"records.confirmed\"\n", "", "/rule/1/since", "`each`"),
        ("each = \"records.confirmed\"\n", "each = \"declaration\"\n", "/rule/1/each", "not a list"),
        ("words = \"transport\"", "words = \"vehicle\"", "/rule/8/show/transport", "no such table"),
        ("utc_offset_hours = 8", "utc_offset_hours = 80", "/settings/utc_offset_hours", "14 hours"),
    ] {
        let found = first(from, to);
        assert!(found.iter().any(|(p, m)| p == pointer && m.contains(message)), "{from} -> {to}: {found:?}");
    }
    assert!(RuleSet::parse(&[]).is_err());
}

#[test]
fn versions_follow_each_other_and_the_digest_names_the_content() {
    let text = DOCUMENTS[0].1;
    let policy = first_policy().unwrap();
    let reformatted = format!("# a comment\n{}", text.replace("version = 1\n", "version   =   1\n"));
    let alone = RuleSet::parse(&[("colour.toml", text)]).unwrap();
    assert_eq!(RuleSet::parse(&[("colour.toml", &reformatted)]).unwrap().digest(), alone.digest());
    assert_ne!(policy.digest(), alone.digest());

    let mut document = Document::read(text).unwrap();
    let mut next = document.rules[0].clone();
    next.version = 2;
    next.valid_from = at("2020-04-01T00:00:00Z");
    document.rules.push(next.clone());
    let build = |document: &Document| RuleSet::build(vec![("d".into(), document.clone())]);
    assert!(build(&document).unwrap_err()[0].issue.message.contains("in force at once"));
    document.rules[0].valid_to = Some(next.valid_from);
    let both = build(&document).unwrap();
    let version = |when: &str| both.in_force(at(when)).find(|c| c.rule.id == next.id).map(|c| c.rule.version);
    assert_eq!(version("2020-03-31T23:59:59Z"), Some(1));
    assert_eq!(version("2020-04-01T00:00:00Z"), Some(2));
    let as_json = serde_json::to_string(&document).unwrap();
    assert_eq!(RuleSet::parse(&[("d", &as_json)]).unwrap().digest(), both.digest());
}

fn any_record() -> impl Strategy<Value = Record> {
    let kind = prop::sample::select(RecordKind::ALL.to_vec());
    (kind, -2_i64..60, prop::option::of(-30_i64..30))
        .prop_map(|(kind, since, until)| Record { until: until.map(days_ago), ..record(kind, since) })
}

fn any_stay() -> impl Strategy<Value = Travel> {
    let place = prop::sample::select(vec!["420100", "513326", ""]);
    let risk = prop::sample::select(vec![Risk::Low, Risk::Medium, Risk::High]);
    (place, risk, -3_i64..40, any::<bool>())
        .prop_map(|(place, risk, left, near)| Travel { near_risk_area: near, ..stay(place, risk, left) })
}

fn any_order() -> impl Strategy<Value = Order> {
    let colour = prop::sample::select(vec![OrderColour::Red, OrderColour::Yellow]);
    (colour, -2_i64..30, prop::option::of(-10_i64..10))
        .prop_map(|(colour, since, until)| order(colour, since, until))
}

prop_compose! {
    fn any_facts()(
        records in prop::collection::vec(any_record(), 0..4),
        travel in prop::collection::vec(any_stay(), 0..4),
        orders in prop::collection::vec(any_order(), 0..3),
        tests in prop::collection::vec((any::<bool>(), -1_i64..40), 0..3),
        declared in prop::option::of(0_i64..20),
        symptoms in any::<bool>(),
        temperature in prop::option::of(340_i32..420),
    ) -> Facts {
        let mut facts = healthy();
        let result = |positive| if positive { TestResult::Positive } else { TestResult::Negative };
        facts.tests = tests.into_iter().map(|(positive, days)| test(result(positive), days)).collect();
        (facts.records, facts.travel, facts.orders) = (records, travel, orders);
        facts.declaration = facts.declaration.zip(declared).map(|(d, days)| Declaration {
            submitted_at: days_ago(days),
            symptoms: if symptoms { vec!["cough".into()] } else { vec![] },
            temperature_tenths: temperature,
            ..d
        });
        facts
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn another_cause_never_improves_the_colour(
        facts in any_facts(), record in any_record(), stay in any_stay(), order in any_order(), positive in 0_i64..40,
    ) {
        let before = judge(&facts);
        let changes: [&dyn Fn(&mut Facts); 5] = [
            &|f| f.records.push(record.clone()),
            &|f| f.travel.push(stay.clone()),
            &|f| f.orders.push(order.clone()),
            &|f| f.tests.push(test(TestResult::Positive, positive)),
            &|f| f.declaration.iter_mut().for_each(|d| d.symptoms.push("fever".into())),
        ];
        for change in changes {
            let mut more = facts.clone();
            change(&mut more);
            let after = judge(&more);
            prop_assert!(after.colour >= before.colour, "{:?} -> {:?}", before.colour, after.colour);
            prop_assert!(after.causes.len() >= before.causes.len());
        }
    }

    #[test]
    fn the_same_facts_give_the_same_outcome_and_it_can_be_stored(facts in any_facts()) {
        let outcome = judge(&facts);
        prop_assert_eq!(&outcome, &judge(&facts));
        let stored = serde_json::to_string(&outcome).unwrap();
        prop_assert_eq!(outcome, serde_json::from_str::<Evaluation>(&stored).unwrap());
    }

    #[test]
    fn an_outcome_holds_until_it_says(facts in any_facts()) {
        let before = judge(&facts);
        if let Some(end) = before.valid_until.filter(|end| *end > facts.now) {
            // Only the passing of time counts here, so the sources are read again and nothing begins.
            let mut later = facts.clone();
            later.records.retain(|r| r.since <= facts.now);
            later.orders.retain(|o| o.since <= facts.now);
            later.tests.retain(|t| t.sampled_at <= facts.now);
            later.travel.retain(|t| t.to <= day(0));
            let reference = judge(&later);
            later.now = end.min(before.valid_until.unwrap_or(end)) - TimeDelta::milliseconds(1);
            later.gathered_at = later.now;
            if reference.valid_until == before.valid_until {
                prop_assert_eq!(judge(&later).colour, reference.colour);
            }
        }
    }

    #[test]
    fn any_json_as_facts_is_judged_without_a_panic(text in "[a-z{}\\[\\]\":,0-9]{0,40}", hours in 0_u64..9) {
        let policy = first_policy().unwrap();
        let value = serde_json::from_str(&text).unwrap_or_else(|_| json!({
            "records": {"close_contact": [text, {"since": text}, 3]}, "travel": {"a": text}, "orders": [[text]],
            "gathered_at": "2020-03-12", "declaration": {"valid_until": "9999-12-31"},
        }));
        let when = now() + Days::new(hours);
        prop_assert!(evaluate(&policy, &value, when).rule_set_digest.len() == 64);
    }
}
