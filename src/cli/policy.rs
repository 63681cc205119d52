//! `fugong policy`: evaluates expressions line by line, checks rule documents, lists the rules in force.
//! Authors of rules and outside test suites work with it without a server or a database.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::sync::Arc;

use super::text;
use crate::plain;
use crate::policy::certlogic::{compile, eval};
use crate::policy::{Document, Issue, RuleSet, SourceIssue, first_policy};

/// Longest line that `eval` reads, in bytes; a longer one is answered by an error and skipped.
pub const MAX_LINE: u64 = 4 * 1024 * 1024;
/// Largest rule document that is read, in bytes.
pub const MAX_DOCUMENT: u64 = 16 * 1024 * 1024;

/// Arguments of `fugong policy`.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// The subcommands of `fugong policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Evaluate CertLogic: each line {"expression": …, "data": …} is answered by a line {"value": …} or {"error": …}
    Eval {
        /// File to read; `-` is standard input
        #[arg(default_value = "-")]
        file: PathBuf,
    },
    /// Check a rule document (TOML or JSON) and print what is wrong with it; exit code 1 if anything is
    Check {
        /// File to check; `-` is standard input
        file: PathBuf,
    },
    /// List the rules in force: of the first policy, or of the documents given
    Show {
        /// Rule documents that together make a policy
        files: Vec<PathBuf>,
        /// Moment to ask for, such as 2020-03-12T10:00:00+08:00; the present one if left out
        #[arg(long)]
        at: Option<DateTime<Utc>>,
        /// Print the rules in full, one JSON object a line
        #[arg(long)]
        json: bool,
    },
}

/// Why the command could not do its work at all.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file cannot be opened or read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// A document is too large.
    #[error("{0}: larger than {MAX_DOCUMENT} bytes")]
    TooLarge(String),
    /// The answer cannot be written.
    #[error("cannot write the answer: {0}")]
    Write(#[from] io::Error),
}

/// Runs the command. `now` is the present moment, for `show`. The result says whether all was sound: the
/// exit code is then 0, else 1. `eval` answers every line and is always sound.
///
/// # Errors
/// A file cannot be read, or the answer cannot be written (exit code 2).
pub fn run(
    args: &PolicyArgs,
    now: DateTime<Utc>,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> Result<bool, PolicyError> {
    match &args.command {
        PolicyCommand::Eval { file } if is_stdin(file) => {
            eval_lines(&mut text::plain(input, MAX_DOCUMENT)?, output).map(|()| true)
        }
        PolicyCommand::Eval { file } => {
            let mut reader = BufReader::new(File::open(file).map_err(|e| at_file(file, e))?);
            eval_lines(&mut text::plain(&mut reader, MAX_DOCUMENT)?, output).map(|()| true)
        }
        PolicyCommand::Check { file } => {
            let text = if is_stdin(file) { read(input, file)? } else { read(&mut open(file)?, file)? };
            check(&text, output)
        }
        PolicyCommand::Show { files, at, json } => show(files, at.unwrap_or(now), *json, output),
    }
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn at_file(path: &Path, source: io::Error) -> PolicyError {
    PolicyError::File { path: path.display().to_string(), source }
}

fn open(path: &Path) -> Result<File, PolicyError> {
    File::open(path).map_err(|e| at_file(path, e))
}

fn read(reader: &mut impl Read, path: &Path) -> Result<String, PolicyError> {
    let mut bytes = Vec::new();
    reader.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes).map_err(|e| at_file(path, e))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_DOCUMENT) {
        return Err(PolicyError::TooLarge(path.display().to_string()));
    }
    plain::text(&bytes).map_err(|e| at_file(path, io::Error::new(io::ErrorKind::InvalidData, e)))
}

/// Answers every line, in order, so that the n-th answer is that of the n-th line.
fn eval_lines(input: &mut impl BufRead, output: &mut impl Write) -> Result<(), PolicyError> {
    let mut output = io::BufWriter::new(output);
    let mut line = Vec::new();
    loop {
        line.clear();
        // An unreadable input ends the run; what was answered so far stays.
        if input.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let complete = line.last() == Some(&b'\n');
        if complete {
            line.pop();
        }
        let answer = if u64::try_from(line.len()).is_ok_and(|length| length <= MAX_LINE) {
            answer(&line)
        } else {
            if !complete {
                input.skip_until(b'\n')?;
            }
            Err(format!("the line is longer than {MAX_LINE} bytes"))
        };
        let answer = match answer {
            Ok(value) => json!({"value": value}),
            Err(error) => json!({"error": error}),
        };
        writeln!(output, "{answer}")?;
        // A partner on a pipe waits for each answer.
        output.flush()?;
    }
    Ok(())
}

fn answer(line: &[u8]) -> Result<Value, String> {
    let request: Value = serde_json::from_slice(line).map_err(|e| format!("the line is not JSON: {e}"))?;
    let Value::Object(request) = &request else { return Err("the line is not a JSON object".into()) };
    let expression = request.get("expression").ok_or("the line has no `expression`")?;
    let compiled = compile(expression).map_err(|issues| list(&issues))?;
    eval(&compiled, request.get("data").unwrap_or(&Value::Null)).map_err(|e| e.to_string())
}

fn list(issues: &[Issue]) -> String {
    let shown: Vec<_> =
        issues.iter().take(10).map(|i| format!("at \"{}\": {}", i.pointer, i.message)).collect();
    shown.join("; ")
}

/// Checks one document by itself.
fn check(text: &str, output: &mut impl Write) -> Result<bool, PolicyError> {
    let document = Document::read(text);
    let issues = match &document {
        Ok(document) => document.check(),
        Err(issue) => vec![issue.clone()],
    };
    for issue in &issues {
        let pointer = if issue.pointer.is_empty() { "(document)" } else { &issue.pointer };
        writeln!(output, "{pointer}: {}", issue.message)?;
    }
    if let (Ok(document), []) = (&document, issues.as_slice()) {
        writeln!(output, "sound: {} rule(s)", document.rules.len())?;
    }
    Ok(issues.is_empty())
}

fn show(
    files: &[PathBuf],
    at: DateTime<Utc>,
    json: bool,
    output: &mut impl Write,
) -> Result<bool, PolicyError> {
    let rules = match load(files)? {
        Ok(rules) => rules,
        Err(issues) => {
            for SourceIssue { source, issue } in issues {
                writeln!(output, "{source}: {}: {}", issue.pointer, issue.message)?;
            }
            return Ok(false);
        }
    };
    if !json {
        let moment = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        writeln!(output, "rules in force at {moment}; digest {}", rules.digest())?;
    }
    for compiled in rules.in_force(at) {
        let rule = &compiled.rule;
        if json {
            writeln!(output, "{}", serde_json::to_string(rule).map_err(io::Error::from)?)?;
        } else {
            let (id, version) = (&rule.id, rule.version);
            writeln!(output, "{id:<32} v{version:<3} {} / {}", rule.title.zh, rule.title.en)?;
        }
    }
    Ok(true)
}

fn load(files: &[PathBuf]) -> Result<Result<Arc<RuleSet>, Vec<SourceIssue>>, PolicyError> {
    if files.is_empty() {
        return Ok(first_policy());
    }
    let mut sources = Vec::new();
    for file in files {
        sources.push((file.display().to_string(), read(&mut open(file)?, file)?));
    }
    let sources: Vec<_> = sources.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Ok(RuleSet::parse(&sources).map(Arc::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(command: PolicyCommand, input: &[u8]) -> (bool, String) {
        let mut output = Vec::new();
        let now = "2020-03-12T02:00:00Z".parse().unwrap();
        let sound = run(&PolicyArgs { command }, now, &mut &*input, &mut output).unwrap();
        (sound, String::from_utf8(output).unwrap())
    }

    fn stdin() -> PathBuf {
        PathBuf::from("-")
    }

    #[test]
    fn each_line_is_answered_by_one_line() {
        let lines = concat!(
            r#"{"expression": {"plusTime": [{"var": "d"}, 0, "day"]}, "data": {"d": "2021-05-04"}}"#,
            "\n",
            r#"{"expression": {"var": ""}}"#,
            "\r\n",
            "\n",
            "{oops\n",
            "[]\n",
            r#"{"data": 1}"#,
            "\n",
            r#"{"expression": {"+": [1, "a"]}, "data": null}"#,
            "\n",
            r#"{"expression": {"if": [1]}, "data": null}"#,
        );
        let (_, answers) = policy(PolicyCommand::Eval { file: stdin() }, lines.as_bytes());
        let answers: Vec<Value> = answers.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(answers.len(), 8);
        assert_eq!(answers[0], json!({"value": "2021-05-04T00:00:00.000Z"}));
        assert_eq!(answers[1], json!({"value": null}));
        for answer in &answers[2..] {
            assert!(answer["error"].is_string(), "{answer}");
        }
    }

    #[test]
    fn hostile_lines_are_answered_too() {
        let mut input = vec![b'x'; usize::try_from(MAX_LINE).unwrap() + 7];
        input.extend(b"\n\xff\xfe\n");
        input.extend("[".repeat(100_000).bytes());
        input.extend(b"\n{\"expression\": true}\n");
        let (_, answers) = policy(PolicyCommand::Eval { file: stdin() }, &input);
        let answers: Vec<_> = answers.lines().collect();
        assert_eq!(answers.len(), 4);
        assert!(answers[0].contains("longer than"));
        assert_eq!(answers[3], r#"{"value":true}"#);
    }

    #[test]
    fn marks_and_utf_16_change_nothing() {
        let wide = |text: &str| -> Vec<u8> {
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        };
        let (line, document) = ("{\"expression\": \"县\"}\r\n", crate::policy::DOCUMENTS[1].1);
        let windows = document.replace('\n', "\r\n");
        for input in [line.as_bytes().to_vec(), format!("\u{feff}{line}").into_bytes(), wide(line)] {
            let (_, answer) = policy(PolicyCommand::Eval { file: stdin() }, &input);
            assert_eq!(answer, "{\"value\":\"县\"}\n");
        }
        for input in [format!("\u{feff}{windows}").into_bytes(), wide(&windows), windows.clone().into_bytes()]
        {
            let (sound, said) = policy(PolicyCommand::Check { file: stdin() }, &input);
            assert_eq!((sound, said.as_str()), (true, "sound: 2 rule(s)\n"));
        }
        let command = PolicyCommand::Check { file: stdin() };
        let mut output = Vec::new();
        let gb = &b"title = \"\xcf\xd8\""[..];
        let error = run(&PolicyArgs { command }, DateTime::UNIX_EPOCH, &mut &*gb, &mut output).unwrap_err();
        assert!(error.to_string().contains("save it as UTF-8"), "{error}");
    }

    #[test]
    fn documents_are_checked_with_pointers() {
        let text = crate::policy::DOCUMENTS[1].1;
        let check = |text: &str| policy(PolicyCommand::Check { file: stdin() }, text.as_bytes());
        assert_eq!(check(text), (true, "sound: 2 rule(s)\n".into()));
        let (sound, issues) = check(&text.replacen("version = 1", "version = 0", 1));
        assert!(!sound);
        assert_eq!(issues, "/rule/0/version: versions count from 1\n");
        let (sound, issues) = check("rule = 7");
        assert!(!sound && issues.starts_with("(document): line 1: "), "{issues}");
    }

    #[test]
    fn the_rules_in_force_are_listed() {
        let show = |at: Option<&str>, json| {
            let at = at.map(|at| at.parse().unwrap());
            policy(PolicyCommand::Show { files: vec![], at, json }, b"").1
        };
        assert!(show(None, false).contains("red.close-contact"));
        assert_eq!(show(Some("2019-01-01T00:00:00Z"), false).lines().count(), 1);
        let first = show(None, true);
        let first: Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
        assert_eq!(first["id"], "red.positive-test");
    }
}
