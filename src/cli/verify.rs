//! `fugong verify`: verdicts on `HC1:` texts, offline.
//!
//! One text a line in, one answer a line out. Nothing is fetched: keys, status lists and agreements come from
//! files that the caller names.

use super::text;
use crate::hcert::answer::{notes, rfc3339, to_json};
use crate::hcert::trusted::CertificateError;
use crate::hcert::verify::{MAX_TEXT, Verification};
use crate::hcert::{
    Agreements, CertificateTrust, Document, KeyIndex, KeySource, Roots, StatusList, StatusLookup, StatusView,
    TrustList, TrustStore, Verdict, VerificationKey, VerifyOptions, verify,
};
use chrono::{DateTime, Utc};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Arguments of `fugong verify`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct VerifyArgs {
    /// Print one JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// Trust this one X.509 certificate (DER, PEM or base64) for any issuer; no agreement is demanded.
    #[arg(long, value_name = "FILE", conflicts_with = "trust_list")]
    pub certificate: Option<PathBuf>,
    /// Trust list: the signed file (with --root), or a JSON view that you vouch for.
    #[arg(long, value_name = "FILE")]
    pub trust_list: Option<PathBuf>,
    /// Public key of a root of the trust list (SubjectPublicKeyInfo: DER, PEM or base64); repeat for each.
    #[arg(long = "root", value_name = "FILE", requires = "trust_list")]
    pub roots: Vec<PathBuf>,
    /// Signed status list; repeat for several.
    #[arg(long, value_name = "FILE")]
    pub status_list: Vec<PathBuf>,
    /// Agreements (JSON) of the verifying province; without it no issuer of the trust list is recognised.
    #[arg(long, value_name = "FILE")]
    pub agreements: Option<PathBuf>,
    /// Accept status lists of up to 24 hours instead of 5 minutes.
    #[arg(long)]
    pub offline: bool,
    /// Verify as of this time (RFC 3339; without an offset: UTC) instead of now.
    #[arg(long, value_name = "TIME", value_parser = super::time::parse)]
    pub now: Option<DateTime<Utc>>,
    /// File with one text a line, "-" for standard input, or the text itself.
    #[arg(value_name = "FILE|-|HC1:…")]
    pub document: String,
}

/// Why nothing could be verified.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// A file could not be read.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is not what its option needs.
    #[error("{}: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The input or output broke.
    #[error(transparent)]
    Stream(#[from] io::Error),
    /// The input holds no line at all.
    #[error("there is no document in the input")]
    Empty,
}

/// Most bytes that are read from a file of keys, lists or agreements.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// Everything that a verdict depends on, loaded once.
struct Setting {
    keys: Box<dyn KeySource>,
    status: StatusView,
    agreements: Agreements,
    options: VerifyOptions,
    now: DateTime<Utc>,
    json: bool,
    /// Neither trust list nor certificate was named.
    keyless: bool,
}

/// What a person may do whose document came from nobody known.
const NO_TRUST_LIST: &str = "; no trust list was given: name one with --trust-list. Portals serve theirs, such as the \
    demonstration: curl -H 'accept: application/json' -o trust.json http://127.0.0.1:8080/exchange/v1/trust-list";

/// Run the command; `now` is the clock's time. True if every document is valid: exit code 0, otherwise 1, and 2
/// for an error.
///
/// # Errors
/// [`VerifyError`] when a file, the input or the output cannot be used.
pub fn run(
    args: &VerifyArgs,
    now: DateTime<Utc>,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<bool, VerifyError> {
    let setting = Setting::load(args, args.now.unwrap_or(now))?;
    let typed = text::clean(&args.document);
    if typed.starts_with("HC1:") {
        let valid = setting.answer(Some(&typed), out)?;
        out.flush()?;
        return Ok(valid);
    }
    if args.document == "-" {
        return setting.answer_all(input, out);
    }
    let path = PathBuf::from(&args.document);
    let file = File::open(&path).map_err(|error| {
        // A text with a wrong prefix lands here; it is a person's document and must not come back in an error.
        let shown = if args.document.len() > 255 { PathBuf::from("(the argument)") } else { path };
        VerifyError::File { path: shown, error }
    })?;
    setting.answer_all(&mut BufReader::new(file), out)
}

impl Setting {
    fn load(args: &VerifyArgs, now: DateTime<Utc>) -> Result<Self, VerifyError> {
        let keys = load_keys(args, now)?;
        let mut status = StatusView::default();
        for path in &args.status_list {
            let list = StatusList::open(&read_file(path)?, keys.as_ref(), now);
            status.insert(list.map_err(|error| content(path, error))?);
        }
        let agreements = match &args.agreements {
            Some(path) => serde_json::from_slice(&read_file(path)?).map_err(|error| content(path, error))?,
            None => Agreements::default(),
        };
        let keyless = args.certificate.is_none() && args.trust_list.is_none();
        let base = if args.offline { VerifyOptions::OFFLINE } else { VerifyOptions::ONLINE };
        let options = VerifyOptions { agreement_required: args.certificate.is_none(), ..base };
        Ok(Self { keys, status, agreements, options, now, json: args.json, keyless })
    }

    /// One answer for each line; a last line without any character is none.
    fn answer_all(&self, input: &mut dyn BufRead, out: &mut dyn Write) -> Result<bool, VerifyError> {
        let (mut all_valid, mut lines, mut blank) = (true, 0_u64, false);
        let mut input = text::plain(input, MAX_FILE)?;
        while let Some(line) = read_whole(input.as_mut())? {
            if blank {
                all_valid &= self.answer(Some(""), out)?;
            }
            blank = line.is_empty();
            if !blank {
                all_valid &= self.answer(std::str::from_utf8(&line).ok(), out)?;
            }
            lines += 1;
        }
        out.flush()?;
        if lines == 0 || (lines == 1 && blank) { Err(VerifyError::Empty) } else { Ok(all_valid) }
    }

    /// Verify one text (none: not even text) and print the answer.
    fn answer(&self, text: Option<&str>, out: &mut dyn Write) -> io::Result<bool> {
        let status: &dyn StatusLookup = &self.status;
        let text = text::clean(text.unwrap_or_default());
        let answer =
            verify(&text, self.keys.as_ref(), Some(status), &self.agreements, self.now, &self.options);
        if self.json {
            writeln!(out, "{}", to_json(&answer))?
        } else {
            let hint = if self.keyless && answer.claims.is_some() { NO_TRUST_LIST } else { "" };
            writeln!(out, "{}{hint}", to_line(&answer))?
        }
        Ok(answer.verdict == Verdict::Valid)
    }
}

fn load_keys(args: &VerifyArgs, now: DateTime<Utc>) -> Result<Box<dyn KeySource>, VerifyError> {
    if let Some(path) = &args.certificate {
        let trust = CertificateTrust::read(&read_file(path)?);
        return Ok(Box::new(trust.map_err(|error: CertificateError| content(path, error))?));
    }
    let Some(path) = &args.trust_list else { return Ok(Box::new(KeyIndex::default())) };
    let bytes = read_file(path)?;
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        let list: TrustList = serde_json::from_slice(&bytes).map_err(|error| content(path, error))?;
        let store = TrustStore::from_list(list).map_err(|error| content(path, error))?;
        if !store.is_current(now) {
            return Err(content(path, "the trust list is past its nextUpdate"));
        }
        return Ok(Box::new(store));
    }
    let keys = args.roots.iter().map(|root| load_root(root)).collect::<Result<Vec<_>, _>>()?;
    let store = TrustStore::open(&bytes, &Roots { keys, threshold: 2 }, None, now);
    Ok(Box::new(store.map_err(|error| content(path, error))?))
}

fn load_root(path: &Path) -> Result<VerificationKey, VerifyError> {
    VerificationKey::from_file(&read_file(path)?).map_err(|error| content(path, error))
}

fn content(path: &Path, reason: impl ToString) -> VerifyError {
    VerifyError::Content { path: path.to_owned(), reason: reason.to_string() }
}

fn read_file(path: &Path) -> Result<Vec<u8>, VerifyError> {
    let failed = |error| VerifyError::File { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE) {
        return Err(content(path, "larger than 64 MiB"));
    }
    let plain = crate::plain::without_mark(&bytes).map_err(|error| content(path, error))?;
    Ok(plain.into_owned())
}

/// The next line with those that a mail program folded it into.
fn read_whole(input: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let Some(mut line) = read_line(input)? else { return Ok(None) };
    while text::goes_on(&line) {
        line.pop();
        let Some(next) = read_line(input)? else { break };
        line.extend(next.iter().take((MAX_TEXT + 2).saturating_sub(line.len())));
    }
    Ok(Some(line))
}

/// The next line without its end. Of a longer line than any document only the beginning is kept, enough to be
/// refused as too long.
fn read_line(input: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let (mut line, mut any) = (Vec::new(), false);
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(any.then(|| without_return(line)));
        }
        any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let (part, used) = match end {
            Some(end) => (buffer.get(..end).unwrap_or_default(), end + 1),
            None => (buffer, buffer.len()),
        };
        // Two bytes more than allowed, so that a carriage return cannot make a long line look short.
        let room = (MAX_TEXT + 2).saturating_sub(line.len());
        line.extend(part.iter().take(room));
        input.consume(used);
        if end.is_some() {
            return Ok(Some(without_return(line)));
        }
    }
}

fn without_return(mut line: Vec<u8>) -> Vec<u8> {
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    line
}

/// One line for a person: verdict, kind, issuer, time.
fn to_line(answer: &Verification<'_>) -> String {
    let mut line = answer.verdict.name().replace('_', " ");
    if let Some(step) = answer.verdict.step() {
        line.push_str(&format!(" ({})", step.name()));
    }
    if answer.superseded {
        line.push_str(" (superseded)");
    }
    let Some(claims) = &answer.claims else { return line };
    let kind = match &claims.document {
        Document::HealthCode(code) => format!("health code, {:?}", code.colour).to_lowercase(),
        Document::ReturnCertificate(certificate) => {
            format!("return-to-work certificate {}", certificate.number)
        }
        Document::Eu(certificate) => {
            let kinds: Vec<_> =
                certificate.kinds.iter().map(|kind| format!("{kind:?}").to_lowercase()).collect();
            format!("EU certificate, {}", kinds.join(" + "))
        }
    };
    line.push_str(&format!(
        ": {kind}, issuer {}",
        printable(claims.issuer.as_deref().unwrap_or("not stated"))
    ));
    if let Some(expires) = claims.expires {
        line.push_str(&format!(", expires {}", rfc3339(expires)));
    }
    for note in notes(answer) {
        line.push_str(&format!("; note {note}"));
    }
    line
}

/// An issuer's name as it is safe on a terminal: unproven text may contain control sequences.
fn printable(text: &str) -> String {
    text.chars().take(20).filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
