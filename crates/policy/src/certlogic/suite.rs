//! The published test suite, read from `../shared/vectors/certlogic` beside the repository where it is
//! present. It is outside data, so it is not kept here; without it the test says that it is skipped.
//! `FUGONG_CERTLOGIC_SUITE` names another folder, for a run over the whole published suite.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{compile, eval};

/// The folder that the variable names, else the default. A missing folder is printed as a skip, and is a
/// failure when `FUGONG_NO_SKIP=1`; without a default the test runs only when it is asked for.
fn folder(variable: &str, default: Option<&str>) -> Option<PathBuf> {
    let asked = std::env::var_os(variable).map(PathBuf::from);
    let path = asked.or_else(|| default.map(|d| Path::new(env!("CARGO_MANIFEST_DIR")).join(d)));
    let Some(path) = path else {
        println!("not asked for: {variable} is not set");
        return None;
    };
    if !path.is_dir() {
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        println!("SKIPPED {test}: there is no folder {}", path.display());
        assert!(std::env::var("FUGONG_NO_SKIP").as_deref() != Ok("1"), "skipping is not allowed here");
        return None;
    }
    Some(path)
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "json"));
    files.sort();
    files
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn skipped(value: &Value) -> bool {
    value["directive"] == "skip"
}

/// Numbers are compared as numbers: `1` and `1.0` are the same.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same(x, y)),
        _ => a == b,
    }
}

#[test]
fn published_suite() {
    let Some(folder) = folder("FUGONG_CERTLOGIC_SUITE", Some("../../../shared/vectors/certlogic")) else {
        return;
    };
    let (mut held, mut failed) = (0, Vec::new());
    for file in json_files(&folder) {
        let suite = read(&file);
        if skipped(&suite) {
            continue;
        }
        for case in suite["cases"].as_array().unwrap().iter().filter(|c| !skipped(c)) {
            for assertion in case["assertions"].as_array().unwrap().iter().filter(|a| !skipped(a)) {
                let expression = assertion.get("certLogicExpression").unwrap_or(&case["certLogicExpression"]);
                let value = compile(expression).map(|compiled| eval(&compiled, &assertion["data"]));
                match value {
                    Ok(Ok(value)) if same(&value, &assertion["expected"]) => held += 1,
                    other => failed.push(format!(
                        "{} {}: {assertion} gave {other:?}",
                        file.display(),
                        case["name"]
                    )),
                }
            }
        }
    }
    println!("{held} assertions hold");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(held > 0);
}

/// Rules and tests in the layout `<country>/<rule>/{rule.json, tests/*.json}` of the published country rules.
#[test]
fn published_country_rules() {
    let Some(folder) = folder("FUGONG_CERTLOGIC_COUNTRIES", None) else { return };
    let (mut held, mut failed) = (0, Vec::new());
    let folders = |p: &Path| std::fs::read_dir(p).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir());
    for rule in folders(&folder).flat_map(|country| folders(&country).collect::<Vec<_>>()) {
        if !rule.join("rule.json").is_file() {
            continue;
        }
        let compiled = compile(&read(&rule.join("rule.json"))["Logic"]).unwrap();
        for file in json_files(&rule.join("tests")) {
            let test = read(&file);
            let data = serde_json::json!({"payload": test["payload"], "external": test["external"]});
            match eval(&compiled, &data) {
                Ok(value) if value == test["expected"] => held += 1,
                other => failed.push(format!("{}: {other:?}", file.display())),
            }
        }
    }
    println!("{held} country tests hold");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(held > 0);
}

/// The validation suite: faults are found at the expressions where the reference finds them.
#[test]
fn published_validation_suite() {
    let Some(folder) = folder("FUGONG_CERTLOGIC_VALIDATION", None) else { return };
    for file in json_files(&folder) {
        for case in read(&file)["cases"].as_array().unwrap() {
            let expression = &case["certLogicExpression"];
            let found: Vec<_> = super::validate(expression)
                .iter()
                .map(|i| expression.pointer(&i.pointer).unwrap().clone())
                .collect();
            let expected: Vec<_> =
                case["issues"].as_array().unwrap().iter().map(|i| i["expr"].clone()).collect();
            assert_eq!(found, expected, "{expression}");
        }
    }
}
