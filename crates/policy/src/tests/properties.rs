//! What holds for any facts.

use chrono::Days;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn any_record() -> impl Strategy<Value = Record> {
    let kind = prop::sample::select(RecordKind::ALL.to_vec());
    (kind, -2_i64..60, prop::option::of(-30_i64..30))
        .prop_map(|(kind, since, until)| Record { until: until.map(days_ago), ..record(kind, since) })
}

fn any_stay() -> impl Strategy<Value = Travel> {
    let place = prop::sample::select(vec!["420100", "513326", ""]);
    let risk = prop::sample::select(vec![Risk::Low, Risk::Medium, Risk::High]);
    (place, risk, -3_i64..40).prop_map(|(place, risk, left)| stay(place, risk, left))
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
