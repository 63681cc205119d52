//! The examples of a partner's verifier, in Rust, in Python and with curl, say of every document what the portal says.

use super::provinces::{certificate, shown_code};
use super::{ENTRY, own_list, revoke, with_examples};
use crate::harness::{App, scratch, skipped};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use fugong::exchange;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "../../../examples/verifier/main.rs"]
#[allow(dead_code, reason = "its main is for whoever starts it by hand")]
mod verifier;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// A program that makes no proxy of this machine a part of the test, and writes nothing beside the example.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.env("NO_PROXY", "*").env("no_proxy", "*").env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// A Python that has signatures on P-256.
fn python() -> Option<&'static str> {
    let has_library = |python: &&str| {
        program(python).args(["-c", "import cryptography"]).output().is_ok_and(|o| o.status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has_library);
    if found.is_none() {
        skipped(
            "python3 or its cryptography (Debian: python3-cryptography) is not installed: a verifier in Python",
        );
    }
    found
}

/// A shell script needs both.
fn has_curl_and_jq() -> bool {
    let found = ["curl", "jq"].iter().all(|p| program(p).arg("--version").output().is_ok());
    if !found {
        skipped("curl or jq is not installed: a verifier with curl");
    }
    found
}

/// Runs a program beside the server; its exit code, lines and errors.
async fn ended(mut command: Command) -> (Option<i32>, Vec<String>, String) {
    let output: Output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout).lines().map(str::to_owned).collect(), text(&output.stderr))
}

/// What verifiers are told: the portal they ask, and the roots that they have pinned.
struct Asked<'a> {
    portal: &'a App,
    roots: PathBuf,
    status_list: Option<PathBuf>,
}

impl Asked<'_> {
    /// The lines that every example answers, one for each text; they may differ in nothing.
    async fn verify(&self, texts: &[String]) -> Vec<String> {
        let now = self.portal.clock.now().timestamp();
        let given = verifier::Arguments {
            portal: self.portal.base.clone(),
            roots: self.roots.clone(),
            status_list: self.status_list.clone(),
            now: Some(now),
            texts: texts.to_vec(),
        };
        let (lines, all_valid) = verifier::run(&given, now).await.unwrap();
        let code = Some(if all_valid { 0 } else { 1 });
        if let Some(python) = python() {
            let mut command = program(python);
            command.arg(example("verifier.py")).arg(&self.portal.base).arg(&self.roots);
            command.args(["--now", &now.to_string()]);
            if let Some(list) = &self.status_list {
                command.arg("--status-list").arg(list);
            }
            assert_eq!(ended_with(command, texts).await, (code, lines.clone(), String::new()), "Python");
        }
        if has_curl_and_jq() {
            let mut command = program("sh");
            command.arg(example("verify.sh")).arg(&self.portal.base);
            assert_eq!(ended_with(command, texts).await, (code, lines.clone(), String::new()), "curl");
        }
        lines
    }
}

async fn ended_with(mut command: Command, texts: &[String]) -> (Option<i32>, Vec<String>, String) {
    command.args(texts);
    ended(command).await
}

/// A file with the pinned roots, as the examples read it.
fn roots_file(roots: &[String]) -> PathBuf {
    let path = scratch("roots");
    std::fs::write(&path, roots.join("\n")).unwrap();
    path
}

fn verdict(line: &str) -> &str {
    line.split('\t').next().unwrap()
}

#[actix_web::test]
async fn examples_give_every_published_verdict() {
    let app = App::sqlite().await;
    let set = with_examples(&app).await;
    let list = scratch("status-list");
    std::fs::write(&list, STANDARD.decode(&set.status_list).unwrap()).unwrap();
    let asked = Asked { portal: &app, roots: roots_file(&set.roots), status_list: Some(list) };
    let texts: Vec<String> = set.examples.iter().map(|e| e.text.clone()).collect();
    let lines = asked.verify(&texts).await;
    assert_eq!(lines.len(), set.examples.len());
    for (example, line) in set.examples.iter().zip(&lines) {
        let step = example.step.as_ref().map(|step| format!(" {step}")).unwrap_or_default();
        assert_eq!(verdict(line), format!("{}{step}", example.verdict), "{}", example.name);
    }
    app.stop().await;
}

/// The same document with another signature.
fn altered(text: &str) -> String {
    let mut message = fugong::hcert::verify::open(text).unwrap();
    *message.last_mut().unwrap() ^= 1;
    fugong::hcert::issue::to_text(&message)
}

#[actix_web::test]
async fn examples_judge_a_partners_documents_as_its_portal_does() {
    let (home, other) = (App::sqlite().await, App::sqlite_for("440000").await);
    own_list(&home).await;
    let roots = exchange::trust_in_process(&home.deps, &other.deps).await.unwrap();
    let roots: Vec<String> = roots.iter().map(|root| STANDARD.encode(root.spki())).collect();
    let asked = Asked { portal: &other, roots: roots_file(&roots), status_list: None };
    let genuine = certificate(&home, "CN-51", &home);
    let texts = [
        genuine.clone(),
        shown_code(&home, ENTRY + 1),
        altered(&genuine),
        certificate(&home, "CN-51", &other),
        certificate(&home, "CN-44", &home),
    ];
    let lines = asked.verify(&texts).await;
    assert_eq!(lines[0], "valid\tCN-51 certificate SB200312-00000000, 欧*** 1836");
    assert_eq!(lines[1], "valid\tCN-51 red code, 欧*** 1836");
    assert_eq!(lines[2..], ["bad_signature", "unknown_key", "unknown_key"]);

    revoke(&home).await;
    for clock in [&home.clock, &other.clock] {
        clock.advance(Duration::seconds(61));
    }
    let lines = asked.verify(&texts[..2]).await;
    assert_eq!((verdict(&lines[0]), verdict(&lines[1])), ("revoked", "valid"));
    for clock in [&home.clock, &other.clock] {
        clock.advance(Duration::days(8));
    }
    let lines = asked.verify(&texts[..2]).await;
    assert_eq!((verdict(&lines[0]), verdict(&lines[1])), ("expired", "expired"));
    home.stop().await;
    other.stop().await;
}

#[actix_web::test]
async fn examples_say_what_is_missing() {
    let app = App::sqlite().await;
    let roots = roots_file(&[]);
    let given = |now| verifier::Arguments {
        portal: app.base.clone(),
        roots: roots.clone(),
        status_list: None,
        now,
        texts: vec!["HC1:".into()],
    };
    let why = verifier::run(&given(None), 0).await.err().unwrap().to_string();
    assert!(why.contains("404"), "no trust list was accepted yet: {why}");
    if let Some(python) = python() {
        // Without the packages of this machine there is no library for signatures.
        let mut command = program(python);
        command.env_remove("PYTHONPATH").arg("-S").arg(example("verifier.py")).arg(&app.base).arg(&roots);
        let (code, lines, errors) = ended(command).await;
        assert_eq!((code, lines), (Some(2), Vec::new()));
        assert!(errors.contains("python3-cryptography"), "{errors}");
        let mut command = program(python);
        command.arg(example("verifier.py")).arg(&app.base).arg(&roots).arg("HC1:");
        let (code, _, errors) = ended(command).await;
        assert_eq!(code, Some(2));
        assert!(errors.contains("404"), "{errors}");
    }
    if has_curl_and_jq() {
        let mut command = program("sh");
        command.arg(example("verify.sh")).arg("http://127.0.0.1:1").arg("HC1:");
        let (code, lines, errors) = ended(command).await;
        assert_eq!((code, lines), (Some(2), Vec::new()));
        assert!(errors.contains("no answer from http://127.0.0.1:1"), "{errors}");
    }
    app.stop().await;
}
