//! Tests of the command: the published examples, and the outside vectors.

use super::*;
use crate::hcert::examples::{self, ExampleSet};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::path::PathBuf;

#[path = "dgc_vectors_tests.rs"]
mod dgc_vectors;

/// A folder of its own for a test's files, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("fugong-verify-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Run with an input; the answers as JSON, and whether all are valid.
fn answers(args: &VerifyArgs, now: DateTime<Utc>, input: &[u8]) -> Result<(Vec<Value>, bool), VerifyError> {
    let mut out = Vec::new();
    let args = VerifyArgs { json: true, ..args.clone() };
    let valid = run(&args, now, &mut &*input, &mut out)?;
    let lines = String::from_utf8(out).unwrap();
    Ok((lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), valid))
}

fn decode(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

/// Arguments that give the command all files of an example set.
fn args_for(set: &ExampleSet, folder: &Folder) -> VerifyArgs {
    let root = |index: usize| folder.file(&format!("root{index}"), decode(&set.roots[index]));
    VerifyArgs {
        trust_list: Some(folder.file("trust-list", decode(&set.trust_list))),
        roots: vec![root(0), root(1)],
        status_list: vec![folder.file("status-list", decode(&set.status_list))],
        agreements: Some(folder.file("agreements", serde_json::to_vec(&set.agreements).unwrap())),
        document: "-".into(),
        ..VerifyArgs::default()
    }
}

#[test]
fn published_examples_through_the_command() {
    let (set, folder) = (examples::published().unwrap(), Folder::new());
    let args = args_for(&set, &folder);
    let input: String = set.examples.iter().map(|example| format!("{}\n", example.text)).collect();
    let (found, valid) = answers(&args, set.now, input.as_bytes()).unwrap();
    assert!(!valid);
    assert_eq!(found.len(), set.examples.len());
    for (answer, example) in found.iter().zip(&set.examples) {
        assert_eq!(answer["verdict"], example.verdict, "{}", example.name);
        assert_eq!(answer.get("step").and_then(Value::as_str), example.step.as_deref(), "{}", example.name);
    }
    assert_eq!(found[0]["claims"]["hcert"]["-101"]["colour"], "green");
    assert_eq!(found[0]["claims"]["iss"], "CN-33");
    assert_eq!(found[0]["agreement"], "example");
    let first = &set.examples[0].text;
    let view = folder.file("view.json", serde_json::to_vec(&set.trust_list_view).unwrap());
    let by_view = VerifyArgs { trust_list: Some(view), roots: Vec::new(), document: first.clone(), ..args };
    assert!(answers(&by_view, set.now, b"").unwrap().1, "the JSON view serves as well");
    let unrecognised = VerifyArgs { agreements: None, ..by_view.clone() };
    assert_eq!(answers(&unrecognised, set.now, b"").unwrap().0[0]["verdict"], "no_agreement");
    let listless = VerifyArgs { status_list: Vec::new(), ..by_view };
    assert_eq!(answers(&listless, set.now, b"").unwrap().0[0]["verdict"], "status_unknown");
}

#[test]
fn a_status_list_ages() {
    let (set, folder) = (examples::published().unwrap(), Folder::new());
    let args = VerifyArgs { document: set.examples[0].text.clone(), ..args_for(&set, &folder) };
    let verdict = |offline, seconds| {
        let args =
            VerifyArgs { offline, now: Some(set.now + chrono::TimeDelta::seconds(seconds)), ..args.clone() };
        answers(&args, set.now, b"").unwrap().0[0]["verdict"].clone()
    };
    // The example list is 30 s old at the set's moment.
    assert_eq!(verdict(false, 270), "valid");
    assert_eq!(verdict(false, 271), "status_unknown");
    assert_eq!(verdict(true, 271), "valid");
    assert_eq!(verdict(true, 86_370), "valid");
}

#[test]
fn lines_become_answers_one_to_one() {
    let now = DateTime::UNIX_EPOCH;
    let args = VerifyArgs { document: "-".into(), ..VerifyArgs::default() };
    let steps = |input: &[u8]| -> Vec<String> {
        let (found, valid) = answers(&args, now, input).unwrap();
        assert!(!valid);
        found.iter().map(|answer| answer["step"].as_str().unwrap_or("-").to_owned()).collect()
    };
    assert_eq!(steps(b"x\n\nHC1:a\r\nHC1:\xff\n"), ["prefix", "prefix", "base45", "prefix"]);
    assert_eq!(steps(b"x\n\n"), ["prefix"], "an empty last line is none");
    assert_eq!(steps(b"x"), ["prefix"]);
    let long = [b"HC1:".as_slice(), &[b'0'; 1_000_000], b"\nx\n"].concat();
    assert_eq!(steps(&long), ["base45", "prefix"]);
    for empty in [b"".as_slice(), b"\n"] {
        assert!(matches!(answers(&args, now, empty), Err(VerifyError::Empty)));
    }
}

#[test]
fn people_get_a_line_and_errors_name_the_file() {
    let (set, folder) = (examples::published().unwrap(), Folder::new());
    let args = args_for(&set, &folder);
    let mut out = Vec::new();
    let one = VerifyArgs { document: set.examples[0].text.clone(), ..args.clone() };
    assert!(run(&one, set.now, &mut &b""[..], &mut out).unwrap());
    assert!(
        String::from_utf8(out).unwrap().starts_with("valid: health code, green, issuer CN-33, expires 20")
    );
    let missing = VerifyArgs { document: "/nonexistent".into(), ..args.clone() };
    assert!(matches!(answers(&missing, set.now, b""), Err(VerifyError::File { .. })));
    let mistaken = VerifyArgs { document: "HC2:".repeat(100), ..args.clone() };
    assert!(
        !answers(&mistaken, set.now, b"").unwrap_err().to_string().contains("HC2"),
        "no document in errors"
    );
    let forged = folder.file("forged", b"nonsense");
    let bad = VerifyArgs { trust_list: Some(forged.clone()), ..args.clone() };
    assert!(matches!(answers(&bad, set.now, b""), Err(VerifyError::Content { path, .. }) if path == forged));
    let unsigned = VerifyArgs { roots: Vec::new(), ..args };
    assert!(matches!(answers(&unsigned, set.now, b""), Err(VerifyError::Content { .. })));
}

#[test]
fn texts_come_by_mail_by_copying_and_in_utf_16() {
    let (set, folder) = (examples::published().unwrap(), Folder::new());
    let args = args_for(&set, &folder);
    let text = &set.examples[0].text;
    let (head, tail) = text.split_at(70);
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let line = format!("\u{feff}{text}\r\n");
        line.encode_utf16().flat_map(order).collect()
    };
    for input in [
        format!("\u{feff}{text}\r\n").into_bytes(),
        format!("{head}=\r\n{tail}\r\n").into_bytes(),
        format!("  \u{200b}{head}\u{200b}{tail}\u{202c}\n").into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ] {
        let (found, valid) = answers(&args, set.now, &input).unwrap();
        assert!(valid && found.len() == 1, "{:?}: {found:?}", String::from_utf8_lossy(&input));
    }
    let typed = VerifyArgs { document: format!("\u{feff}{text}\n"), ..args };
    assert!(answers(&typed, set.now, b"").unwrap().1);
}

#[test]
fn without_a_trust_list_a_line_says_where_one_is() {
    let set = examples::published().unwrap();
    let mut out = Vec::new();
    let args = VerifyArgs { document: set.examples[0].text.clone(), ..VerifyArgs::default() };
    assert!(!run(&args, set.now, &mut &b""[..], &mut out).unwrap());
    let line = String::from_utf8(out).unwrap();
    assert!(line.contains("--trust-list") && line.contains("/exchange/v1/trust-list"), "{line}");
    assert_eq!(line.lines().count(), 1, "one answer, one line");
}
