//! Verifies Fugong's documents without any of Fugong's code: an example for partner provinces, gates and employers.
//!
//! ```sh
//! cargo run --example verifier -- PORTAL ROOTS [--status-list FILE] [--now SECONDS] [TEXT ...]
//! ```
//! Only public libraries are used (`coset`, `ring`, `flate2`), so that it can be copied into another program. What is
//! fetched, answered and left out is the same as in `verifier.py`; `docs/hcert.md` describes formats and verdicts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use clap::Parser;
use coset::cbor::value::Value;
use coset::{CoseSign, CoseSign1, TaggedCborSerializable};
use layers::{base45, cbor, get, inflate, integer, is_es256, is_signed_by, key_id, keys_within, text, typ};
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::path::PathBuf;

mod layers;

type Problem = Box<dyn Error + Send + Sync>;

const TRUST_LIST: &str = "application/fugong-trust-list+cbor";
const STATUS_LIST: &str = "application/statuslist+cwt";
const CODE: i64 = -101;
const CERTIFICATE: i64 = -102;
/// Seconds that another clock may be ahead.
const SKEW: i64 = 60;
/// Seconds after which a status list proves nothing.
const MAX_AGE: i64 = 300;
const MAX_TEXT: usize = 16 * 1024;
const MAX_DOCUMENT: u64 = 64 * 1024;
const MAX_LIST: u64 = 32 * 1024 * 1024;
/// What is asked.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// Address of the portal of your own province, such as http://127.0.0.1:8080
    pub portal: String,
    /// File with the pinned root keys of the trust list, one a line: SubjectPublicKeyInfo in base64
    pub roots: PathBuf,
    /// A status list that was fetched before
    #[arg(long)]
    pub status_list: Option<PathBuf>,
    /// Another moment than the present, in seconds since 1970
    #[arg(long)]
    pub now: Option<i64>,
    /// What QR codes hold, "HC1:..."; without one, the lines of standard input
    pub texts: Vec<String>,
}

/// Why a document is not valid, and what it says if it is genuine.
struct Refusal(String, Option<String>);

fn malformed(step: &str) -> Refusal {
    Refusal(format!("malformed {step}"), None)
}

/// One key of the trust list.
struct Key {
    issuer: String,
    kid: Vec<u8>,
    spki: Vec<u8>,
    usage: Vec<i64>,
    from: i64,
    end: i64,
    status_folders: Vec<String>,
}

// Trust list: signed by two of the pinned roots.

fn open_trust_list(bytes: &[u8], roots: &[Vec<u8>], now: i64) -> Result<Vec<Key>, Problem> {
    let message = CoseSign::from_tagged_slice(bytes).map_err(|e| format!("trust list: {e}"))?;
    if typ(&message.protected.header) != Some(TRUST_LIST) || message.signatures.len() > 16 {
        return Err("this is not a trust list".into());
    }
    let has_signed = |root: &&Vec<u8>| {
        let of = message.signatures.iter().filter(|s| s.protected.header.key_id == key_id(root));
        of.filter(|s| is_es256(&s.protected.header))
            .any(|s| is_signed_by(root, &s.signature, &message.tbs_data(&[], s)))
    };
    let signers: HashSet<_> = roots.iter().filter(has_signed).collect();
    if signers.len() < 2 {
        return Err("fewer than two of the pinned roots have signed the trust list".into());
    }
    let content = message.payload.as_deref().and_then(cbor).ok_or("the trust list is empty")?;
    let time = (integer(&content, 3).ok_or("no issuedAt")?, integer(&content, 4).ok_or("no nextUpdate")?);
    if integer(&content, 1) != Some(1) || time.0 > now + SKEW || now >= time.1 {
        return Err("the trust list is not of this time".into());
    }
    // Beyond this example: keep the sequence (2) and refuse a list with a lower one.
    let entries = get(&content, 5).and_then(Value::as_array).ok_or("no entries")?;
    entries
        .iter()
        .filter(|e| integer(e, 5) == Some(-7))
        .map(|e| read_key(e).ok_or("a broken entry".into()))
        .collect()
}

fn read_key(entry: &Value) -> Option<Key> {
    let usage =
        get(entry, 6)?.as_array()?.iter().filter_map(|u| i64::try_from(u.as_integer()?).ok()).collect();
    let folders = get(entry, 9)?.as_array()?.iter().filter_map(|f| f.as_text().map(str::to_owned)).collect();
    Some(Key {
        issuer: text(entry, 1)?.to_owned(),
        kid: get(entry, 3)?.as_bytes()?.clone(),
        spki: get(entry, 4)?.as_bytes()?.clone(),
        usage,
        from: integer(entry, 7)?,
        end: integer(entry, 8)?,
        status_folders: folders,
    })
}

// Documents.

/// The claims of a document of ours.
struct Claims {
    issuer: String,
    issued: i64,
    expires: i64,
    kind: i64,
    status: Option<(u64, String)>,
    says: String,
}

fn read_claims(payload: &[u8]) -> Result<Claims, &'static str> {
    let claims = cbor(payload).ok_or("cwt")?;
    let hcert = get(&claims, -260).and_then(Value::as_map).ok_or("cwt")?;
    if keys_within(&claims, &[1, 4, 6, 7, 65535, -260]) != Some(true) {
        return Err("cwt");
    }
    let [(kind, document)] = hcert.as_slice() else { return Err("schema") };
    let kind = kind.as_integer().and_then(|k| i64::try_from(k).ok()).ok_or("schema")?;
    let (what, first, last) = read_document(kind, document).ok_or("schema")?;
    let issuer = text(&claims, 1).filter(|t| t.len() == 5 && t.starts_with("CN-")).ok_or("cwt")?.to_owned();
    let (issued, expires) = (integer(&claims, 6).ok_or("cwt")?, integer(&claims, 4).ok_or("cwt")?);
    let has_id = get(&claims, 7).and_then(Value::as_bytes).is_some_and(|id| id.len() == 16);
    if first.is_some_and(|first| first > issued) {
        return Err("schema");
    }
    if !has_id || issued < 0 || issued >= expires || expires > last {
        return Err("cwt");
    }
    let status = match get(&claims, 65535) {
        Some(claim) => Some(read_status(claim).ok_or("cwt")?),
        None if kind == CERTIFICATE || expires - issued > MAX_AGE => return Err("cwt"),
        None => None,
    };
    let says = format!("{issuer} {what}");
    Ok(Claims { issuer, issued, expires, kind, status, says })
}

/// What a document says, and from when and until when its content holds.
fn read_document(kind: i64, document: &Value) -> Option<(String, Option<i64>, i64)> {
    let name = text(document, 1).filter(|n| n.contains('*') && n.chars().count() <= 100)?;
    let capital = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    let four = text(document, 2).filter(|f| f.len() == 4 && f.bytes().all(capital))?;
    if name.chars().any(char::is_control) {
        return None;
    }
    if kind == CODE && keys_within(document, &[1, 2, 3, 4])? {
        let colour = match integer(document, 3)? {
            1 => "green",
            2 => "yellow",
            3 => "red",
            _ => return None,
        };
        return Some((format!("{colour} code, {name} {four}"), None, integer(document, 4)?));
    }
    if kind != CERTIFICATE || !keys_within(document, &[1, 2, 3, 4, 5, 6, 7, 8])? {
        return None;
    }
    let number = text(document, 3)?;
    let right = (1..=32).contains(&number.len()) && number.bytes().all(|b| capital(b) || b == b'-');
    let place = integer(document, 7)?;
    let right =
        right && ((100_000..1_000_000).contains(&place) || (100_000_000..1_000_000_000).contains(&place));
    let degrees = get(document, 8).is_none() || (300..=450).contains(&integer(document, 8)?);
    let (from, to) = (integer(document, 5)?, integer(document, 6)?);
    let right = right && degrees && matches!(integer(document, 4)?, 1 | 2) && 0 <= from && from < to;
    right.then(|| (format!("certificate {number}, {name} {four}"), Some(from), to))
}

fn read_status(claim: &Value) -> Option<(u64, String)> {
    let entry = get(claim, "status_list")?;
    let index = u64::try_from(get(entry, "idx")?.as_integer()?).ok()?;
    let uri = get(entry, "uri")?.as_text()?;
    let right = uri.starts_with("http") && uri.len() <= 200 && uri.bytes().all(|b| b.is_ascii_graphic());
    right.then(|| (index, uri.to_owned()))
}

// Verifying.

/// What a province accepts; more than this is told.
#[derive(serde::Deserialize)]
struct Rules {
    issuer: String,
    accepted: Vec<Rule>,
}

#[derive(serde::Deserialize)]
struct Rule {
    issuer: String,
    kinds: Vec<String>,
    from: String,
    to: Option<String>,
}

struct Verifier {
    http: reqwest::Client,
    keys: Vec<Key>,
    rules: Rules,
    /// By issuer and address: as of when, and two bits an entry.
    lists: HashMap<(String, String), (i64, Vec<u8>)>,
    now: i64,
}

impl Verifier {
    async fn new(given: &Arguments, now: i64) -> Result<Self, Problem> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(10)).build()?;
        let roots = std::fs::read_to_string(&given.roots)?;
        let roots: Vec<_> = roots.split_whitespace().map(|r| STANDARD.decode(r)).collect::<Result<_, _>>()?;
        let portal = given.portal.trim_end_matches('/');
        let list = fetch(&http, &format!("{portal}/exchange/v1/trust-list")).await?;
        let keys = open_trust_list(&list, &roots, now)?;
        let rules = serde_json::from_slice(&fetch(&http, &format!("{portal}/exchange/v1/rules")).await?)?;
        let mut verifier = Self { http, keys, rules, lists: HashMap::new(), now };
        if let Some(file) = &given.status_list {
            verifier.keep(&std::fs::read(file)?).ok_or("the status list is not signed by a key that may")?;
        }
        Ok(verifier)
    }

    /// The keys that may have signed something for this issuer and purpose.
    fn keys(&self, kid: &[u8], issuer: &str, usage: i64) -> impl Iterator<Item = &Key> {
        let now = self.now;
        self.keys
            .iter()
            .filter(move |k| k.kid == kid && k.issuer == issuer && k.usage.contains(&usage) && now < k.end)
    }

    fn keep(&mut self, bytes: &[u8]) -> Option<()> {
        let message = CoseSign1::from_tagged_slice(bytes).ok()?;
        let header = &message.protected.header;
        let claims = cbor(message.payload.as_deref()?)?;
        let (issuer, uri) = (text(&claims, 1)?, text(&claims, 2)?);
        let (expires, issued) = (integer(&claims, 4)?, integer(&claims, 6)?);
        let signed = message.tbs_data(&[]);
        let genuine = self
            .keys(&header.key_id, issuer, 4)
            .any(|k| k.from <= issued + SKEW && is_signed_by(&k.spki, &message.signature, &signed));
        let in_time = issued <= self.now + SKEW && self.now < expires;
        if typ(header) != Some(STATUS_LIST) || !is_es256(header) || !genuine || !in_time {
            return None;
        }
        let list = get(&claims, 65533).filter(|l| get(l, "bits") == Some(&Value::from(2)))?;
        let bits = inflate(get(list, "lst")?.as_bytes()?, MAX_LIST)?;
        self.lists.insert((issuer.to_owned(), uri.to_owned()), (issued, bits));
        Some(())
    }

    /// The entry of a document. Only addresses that the trust list names for this issuer are fetched, so that a forged
    /// document makes us call nobody.
    async fn status(&mut self, issuer: &str, index: u64, uri: &str) -> Option<(i64, u8)> {
        let place = (issuer.to_owned(), uri.to_owned());
        let number = |rest: &str| (1..20).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit());
        let folders = self.keys.iter().filter(|k| k.issuer == issuer && k.usage.contains(&4));
        let named =
            folders.flat_map(|k| &k.status_folders).any(|f| uri.strip_prefix(f.as_str()).is_some_and(number));
        if named && !self.lists.contains_key(&place) {
            // A list that cannot be had is no list.
            if let Ok(bytes) = fetch(&self.http, uri).await {
                self.keep(&bytes);
            }
        }
        let (as_of, bits) = self.lists.get(&place)?;
        let byte = bits.get(usize::try_from(index / 4).ok()?)?;
        Some((*as_of, byte >> (index % 4 * 2) & 3))
    }

    async fn status_verdict(&mut self, claims: &Claims) -> Option<&'static str> {
        let (index, uri) = claims.status.as_ref()?;
        match self.status(&claims.issuer, *index, uri).await {
            // Revoked and superseded are for ever, so an old list is believed, too.
            Some((_, 1 | 3)) => Some("revoked"),
            Some((as_of, entry)) if self.now - as_of <= MAX_AGE => (entry == 2).then_some("suspended"),
            _ => Some("status_unknown"),
        }
    }

    fn accepts(&self, issuer: &str, kind: i64) -> bool {
        let name = if kind == CODE { "code" } else { "certificate" };
        let moment = |text: &str| DateTime::parse_from_rfc3339(text).map(|t| t.timestamp());
        let covers = |rule: &Rule| {
            rule.issuer == issuer
                && rule.kinds.iter().any(|k| k == name)
                && moment(&rule.from).is_ok_and(|from| from <= self.now)
                && rule.to.as_ref().is_none_or(|to| moment(to).is_ok_and(|to| self.now < to))
        };
        self.rules.issuer == issuer || self.rules.accepted.iter().any(covers)
    }

    /// What a valid document says.
    async fn verify(&mut self, text: &str) -> Result<String, Refusal> {
        let body = text.strip_prefix("HC1:").ok_or_else(|| malformed("prefix"))?;
        let packed = base45(body).filter(|_| text.len() <= MAX_TEXT).ok_or_else(|| malformed("base45"))?;
        let bytes = inflate(&packed, MAX_DOCUMENT).ok_or_else(|| malformed("inflate"))?;
        let message = CoseSign1::from_tagged_slice(&bytes).map_err(|_| malformed("cose"))?;
        let header = &message.protected.header;
        let payload =
            message.payload.as_deref().filter(|_| is_es256(header)).ok_or_else(|| malformed("cose"))?;
        let claims = read_claims(payload).map_err(malformed)?;
        let usage = if claims.kind == CODE { 1 } else { 2 };
        let of_time = |k: &&Key| k.from <= claims.issued + SKEW && claims.issued < k.end;
        let keys: Vec<&Key> = self.keys(&header.key_id, &claims.issuer, usage).filter(of_time).collect();
        let signed = message.tbs_data(&[]);
        match keys.iter().any(|k| is_signed_by(&k.spki, &message.signature, &signed)) {
            false if keys.is_empty() => return Err(Refusal("unknown_key".into(), None)),
            false => return Err(Refusal("bad_signature".into(), None)),
            true => {}
        }
        let refusal = self.judge(&claims).await;
        refusal.map_or(Ok(claims.says.clone()), |why| Err(Refusal(why.into(), Some(claims.says))))
    }

    /// Why a genuine document is not valid: the first reason in the order of the verdicts.
    async fn judge(&mut self, claims: &Claims) -> Option<&'static str> {
        if claims.issued > self.now + SKEW {
            return Some("not_yet_valid");
        }
        if claims.expires <= self.now {
            return Some("expired");
        }
        let status = self.status_verdict(claims).await;
        if status.is_none_or(|s| s == "status_unknown") && !self.accepts(&claims.issuer, claims.kind) {
            return Some("no_agreement");
        }
        status
    }
}

async fn fetch(http: &reqwest::Client, address: &str) -> Result<Vec<u8>, Problem> {
    let accept = format!("application/cose, {STATUS_LIST}, */*");
    let mut answer = http.get(address).header("accept", accept).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await? {
        bytes.extend_from_slice(&part);
        if u64::try_from(bytes.len())? > MAX_LIST {
            return Err("the answer is too long".into());
        }
    }
    Ok(bytes)
}

/// One line for each text, and whether all are valid.
pub async fn run(given: &Arguments, now: i64) -> Result<(Vec<String>, bool), Problem> {
    let mut verifier = Verifier::new(given, given.now.unwrap_or(now)).await?;
    let (mut lines, mut all_valid) = (Vec::new(), true);
    for text in &given.texts {
        lines.push(match verifier.verify(text).await {
            Ok(says) => format!("valid\t{says}"),
            Err(Refusal(why, says)) => {
                all_valid = false;
                says.map_or_else(|| why.clone(), |says| format!("{why}\t{says}"))
            }
        });
    }
    Ok((lines, all_valid))
}

#[tokio::main(flavor = "current_thread")]
#[allow(clippy::disallowed_methods, reason = "a program of its own, which has no other clock")]
async fn main() -> Result<std::process::ExitCode, Problem> {
    let mut given = Arguments::parse();
    if given.texts.is_empty() {
        given.texts = std::io::stdin().lines().collect::<Result<_, _>>()?;
    }
    let (lines, all_valid) = run(&given, chrono::Utc::now().timestamp()).await?;
    lines.iter().for_each(|line| println!("{line}"));
    Ok(if all_valid { 0 } else { 1 }.into())
}
