//! The EU's test data for the Digital COVID Certificate, as far as it is at hand: the folder of outside vectors
//! beside the project, or another one named by FUGONG_DGC_VECTORS.

use super::*;
use crate::hcert::{base45, cbor, json, verify as chain, zlib};
use chrono::SecondsFormat;
use serde_json::Map;
use std::collections::BTreeMap;

struct Vector {
    name: String,
    json: Value,
}

impl Vector {
    fn text(&self, key: &str) -> Option<&str> {
        self.json.get(key)?.as_str()
    }

    fn expected(&self, key: &str) -> Option<bool> {
        self.json["EXPECTEDRESULTS"].get(key)?.as_bool()
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

/// All vectors, or none when the folder is absent.
fn vectors() -> Option<Vec<Vector>> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/vectors/dgc"));
    let root = std::env::var_os("FUGONG_DGC_VECTORS").map_or_else(beside, PathBuf::from);
    if !root.is_dir() {
        assert!(std::env::var_os("FUGONG_NO_SKIP").is_none(), "the outside vectors are absent");
        eprintln!("skipped: dgc_vectors (no folder {})", root.display());
        return None;
    }
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let json: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        json.get("TESTCTX").is_some().then_some(Vector { name, json })
    };
    Some(paths.iter().filter_map(read).collect())
}

/// The six expectations and EXPECTEDVALIDJSON, by what the chain and the command make of a vector. None: not tested.
fn outcomes(vector: &Vector, folder: &Folder) -> BTreeMap<&'static str, bool> {
    let mut found = BTreeMap::new();
    let unhex = |key: &str| vector.text(key).and_then(|text| hex::decode(text.trim()).ok());
    if let (Some(prefix), Some(base45)) = (vector.text("PREFIX"), vector.text("BASE45")) {
        found.insert("EXPECTEDUNPREFIX", prefix.strip_prefix("HC1:") == Some(base45));
    }
    if let (Some(text), Some(compressed)) = (vector.text("BASE45"), unhex("COMPRESSED")) {
        found.insert("EXPECTEDB45DECODE", base45::decode(text.as_bytes()).ok() == Some(compressed));
    }
    if let (Some(cose), Some(compressed)) = (unhex("COSE"), unhex("COMPRESSED")) {
        found
            .insert("EXPECTEDCOMPRESSION", zlib::inflate(&compressed, zlib::MAX_DOCUMENT).ok() == Some(cose));
    }
    // The part under test is the COSE message; where a vector has none, its whole text.
    let text = match unhex("COSE") {
        Some(message) => crate::hcert::issue::to_text(&message),
        None => vector.text("PREFIX").unwrap_or_default().to_owned(),
    };
    let context = &vector.json["TESTCTX"];
    let args = VerifyArgs {
        certificate: Some(folder.file("certificate", context["CERTIFICATE"].as_str().unwrap())),
        now: Some(crate::cli::time::parse(context["VALIDATIONCLOCK"].as_str().unwrap()).unwrap()),
        document: "-".into(),
        ..VerifyArgs::default()
    };
    let (answers, _) = answers(&args, DateTime::UNIX_EPOCH, format!("{text}\n").as_bytes()).unwrap();
    let verdict = answers[0]["verdict"].as_str().unwrap().to_owned();
    let authentic = !matches!(verdict.as_str(), "malformed" | "unknown_key" | "bad_signature");
    found.insert("EXPECTEDVERIFY", authentic);
    // A forged document in its time has not expired either.
    found.insert(
        "EXPECTEDEXPIRATIONCHECK",
        !matches!(verdict.as_str(), "malformed" | "expired" | "not_yet_valid"),
    );
    let decoded = normal(&answers[0]["claims"]["hcert"]["1"]);
    if let Some(cbor) = unhex("CBOR") {
        found
            .insert("EXPECTEDDECODE", !decoded.is_null() && certificate_in(&cbor).as_ref() == Some(&decoded));
    } else if let Some(json) = vector.json.get("JSON") {
        found.insert("EXPECTEDDECODE", normal(json) == decoded);
    }
    // Three vectors have JSON that is not what was signed; their CBOR is.
    let careless =
        ["FR/2DCode/raw/test_pcr_ok.json", "PL/1.3.0/2DCode/raw/1.json", "PL/1.3.0/2DCode/raw/5.json"];
    if let Some(json) = vector.json.get("JSON")
        && !careless.contains(&vector.name.as_str())
    {
        found.insert("EXPECTEDVALIDJSON", normal(json) == decoded);
    }
    found
}

/// The certificate in a CBOR field, which holds it bare or inside its claims.
fn certificate_in(bytes: &[u8]) -> Option<Value> {
    let value = cbor::read(bytes).ok()?;
    let bare = value.get(-260).and_then(|hcert| hcert.get(1)).unwrap_or(&value);
    Some(normal(&json::from_cbor(bare)))
}

/// JSON in which times that mean the same moment are the same text, as the EU's own test compares.
fn normal(value: &Value) -> Value {
    match value {
        Value::String(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(time) => time.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Secs, true).into(),
            Err(_) => value.clone(),
        },
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), normal(value))).collect::<Map<_, _>>().into()
        }
        _ => value.clone(),
    }
}

#[test]
fn all_vectors_meet_all_expectations() {
    let Some(vectors) = vectors() else { return };
    assert!(vectors.len() >= 27, "only {} vectors", vectors.len());
    let folder = Folder::new();
    let mut wrong = Vec::new();
    let mut checked = 0;
    for vector in &vectors {
        for (check, outcome) in outcomes(vector, &folder) {
            if let Some(expected) = vector.expected(check) {
                checked += 1;
                if expected != outcome {
                    wrong.push(format!("{}: {check} should be {expected}", vector.name));
                }
            }
        }
    }
    assert!(checked > vectors.len(), "only {checked} checks");
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
}

/// The texts as they are, through the command: what is expected to hold holds, and the step that fails is named.
#[test]
fn texts_as_they_are_get_the_right_verdict() {
    let Some(vectors) = vectors() else { return };
    let folder = Folder::new();
    let mut wrong = Vec::new();
    for vector in &vectors {
        let Some(text) = vector.text("PREFIX") else { continue };
        let message = chain::open(text);
        let expected_step = |check| vector.expected(check) == Some(false);
        let step = message.as_ref().err().map(|step| step.name());
        let right = match step {
            Some("prefix") => expected_step("EXPECTEDUNPREFIX"),
            Some("base45") => expected_step("EXPECTEDB45DECODE"),
            Some("inflate") => expected_step("EXPECTEDCOMPRESSION"),
            _ => !expected_step("EXPECTEDUNPREFIX") && !expected_step("EXPECTEDB45DECODE"),
        };
        if !right {
            wrong.push(format!("{}: {step:?}", vector.name));
        }
    }
    drop(folder);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
