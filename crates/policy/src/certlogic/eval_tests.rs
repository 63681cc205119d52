use super::super::{compile, eval, validate};
use super::*;
use proptest::prelude::*;
use serde_json::json;

fn run(expression: Value, data: Value) -> Result<Value, EvalError> {
    eval(&compile(&expression).unwrap(), &data)
}

#[test]
fn wrong_types_are_named_errors() {
    assert_eq!(
        run(json!({"if": [{"plusTime": ["2021", 0, "day"]}, 1, 2]}), json!({})),
        Err(EvalError::NoTruth("if"))
    );
    assert_eq!(run(json!({"!": [{"var": ""}]}), json!(1.5)), Err(EvalError::NoTruth("!")));
    assert_eq!(run(json!({"<": [1, 2, {"var": "x"}]}), json!({})), Err(EvalError::NotInteger("<")));
    assert_eq!(run(json!({"<": [2, 1, {"var": "x"}]}), json!({})), Err(EvalError::NotInteger("<")));
    assert_eq!(run(json!({"in": [1, {"var": "x"}]}), json!({})), Err(EvalError::NotArray("in")));
    assert_eq!(run(json!({"+": [{"var": ""}, 1]}), json!(i64::MAX)), Err(EvalError::Overflow));
    assert_eq!(run(json!({"reduce": [1, 2, 3]}), json!({})), Err(EvalError::NotArray("reduce")));
    let nested = json!({"plusTime": [{"plusTime": ["2021-01-01", 1, "day"]}, 1, "day"]});
    assert_eq!(run(nested, json!({})), Err(EvalError::NotText("plusTime")));
    let mixed = json!({"before": [{"plusTime": ["2021", 0, "day"]}, "2022"]});
    assert_eq!(run(mixed, json!({})), Err(EvalError::NotTime("before")));
}

#[test]
fn what_is_not_needed_is_not_evaluated() {
    let bad = json!({"+": ["a", 1]});
    assert_eq!(run(json!({"if": [true, 1, bad]}), json!({})), Ok(json!(1)));
    assert_eq!(run(json!({"and": [0, bad]}), json!({})), Ok(json!(0)));
}

#[test]
fn results_are_written_as_json() {
    let dates = json!([{"plusTime": ["2021-05-04", 0, "day"]}, {"var": "x"}]);
    assert_eq!(run(dates, json!({"x": 2.5})), Ok(json!(["2021-05-04T00:00:00.000Z", 2.5])));
    let shown = json!({"reduce": [[7], {"var": ""}, 0]});
    assert_eq!(run(shown, json!({})), Ok(json!({"accumulator": 0, "current": 7})));
    assert_eq!(run(json!({"extractFromUVCI": ["URN:UVCI:a::c/#/f", 5]}), json!({})), Ok(json!("f")));
}

#[test]
fn equality_is_by_structure_and_type() {
    let same = json!({"===": [{"var": "a"}, {"var": "b"}]});
    for (a, b, equal) in [
        (json!([1, {"x": null}]), json!([1.0, {"x": null}]), true),
        (json!([1]), json!([1, 1]), false),
        (json!({"x": 1}), json!({"y": 1}), false),
        (json!(0), json!(false), false),
        (json!("1"), json!(1), false),
        (json!(null), json!(null), true),
        (json!(1.5), json!(1.5), true),
    ] {
        assert_eq!(run(same.clone(), json!({"a": a, "b": b})), Ok(json!(equal)), "{a} {b}");
    }
}

#[test]
fn an_item_is_added_without_copying_and_is_unknown_to_a_lambda() {
    let rule =
        compile(&json!([{"var": "item.n"}, {"var": "m"}, {"reduce": [[1], {"var": "item"}, 0]}])).unwrap();
    let (data, item) = (json!({"m": 2, "item": 9}), json!({"n": 1}));
    assert_eq!(rule.eval_item(&data, &item).unwrap().to_json(), Ok(json!([1, 2, null])));
    assert_eq!(rule.eval(&data).unwrap().to_json(), Ok(json!([null, 2, null])));
}

#[test]
fn work_and_depth_are_bounded() {
    let long = Value::from(vec![1; 200]);
    let doubling = json!({"reduce": [{"var": ""}, [{"var": "accumulator"}, {"var": "accumulator"}], 1]});
    assert_eq!(run(doubling.clone(), long.clone()), Err(EvalError::TooDeep));
    assert_eq!(run(doubling, Value::from(vec![1; 100])), Err(EvalError::TooMuchWork));
    let inner = json!({"reduce": [{"var": ""}, {"in": [-1, {"var": "accumulator"}]}, {"var": ""}]});
    assert!(run(inner, long).is_err());
    let heavy = json!({"reduce": [{"var": ""}, {"if": [{"in": [0, {"var": "accumulator"}]}, 0, {"var": "accumulator"}]}, {"var": ""}]});
    assert_eq!(run(heavy, Value::from(vec![1; 2_000])), Err(EvalError::TooMuchWork));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..400).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|f| json!(f)),
        "[a-c.0-2]{0,4}".prop_map(Value::from),
        prop_oneof![Just("day"), Just("year"), Just("2021-02-28"), Just("2020"), Just("accumulator")]
            .prop_map(Value::from),
    ];
    let operator = prop_oneof![
        Just("var"),
        Just("if"),
        Just("and"),
        Just("!"),
        Just("==="),
        Just("in"),
        Just("+"),
        Just("<"),
        Just(">="),
        Just("after"),
        Just("not-before"),
        Just("plusTime"),
        Just("reduce"),
        Just("extractFromUVCI"),
        Just("dccDateOfBirth"),
        Just("a"),
        Just("~/"),
    ];
    leaf.prop_recursive(6, 80, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            (operator.clone(), prop::collection::vec(inner.clone(), 0..4)).prop_map(|(k, v)| json!({k: v})),
            "[a-c.]{0,5}".prop_map(|p| json!({"var": p})),
            (operator.clone(), inner).prop_map(|(k, v)| json!({k: v})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_json_is_judged_without_a_panic(expression in any_json(), data in any_json()) {
        match compile(&expression) {
            Err(issues) => {
                prop_assert!(!issues.is_empty());
                for issue in issues {
                    prop_assert!(expression.pointer(&issue.pointer).is_some(), "{}", issue.pointer);
                }
            }
            Ok(compiled) => {
                prop_assert!(validate(&expression).is_empty());
                prop_assert_eq!(eval(&compiled, &data), eval(&compiled, &data));
            }
        }
    }
}
