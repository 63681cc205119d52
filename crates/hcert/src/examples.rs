//! Documents for every verdict, for the conformance kit and for whoever writes a verifier.
//!
//! [`build`] makes them: the same claims every time, only the signatures differ (ES256 is randomised).
//! [`published`] gives the one edition that is kept in the repository, so that everybody tests against the
//! same bytes. Its private keys no longer exist.

use super::agreements::{Agreement, Agreements, Direction, DocumentKind};
use super::cbor::Writer;
use super::cose;
use super::cwt::{Claims, Document, StatusReference};
use super::documents::{Colour, Conclusion, HealthCodeClaim, Holder, ReturnCertificateClaim};
use super::issue::{IssueError, issue, to_text};
use super::keys::{Es256Signer, KeyId, Signer, SigningError};
use super::status::{self, EntryStatus, StatusBits, StatusError, StatusHeader};
use super::trust::{TrustEntry, TrustList, TrustListError};
use super::trusted::Usage;
use super::verify::{Step, Verdict};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Address of the example status list.
pub const STATUS_URI: &str = "https://partner.example/exchange/v1/status-lists/1";

/// One document and what a right verifier says of it at the set's moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What is special about it, as a stable identifier.
    pub name: String,
    /// Name of the verdict.
    pub verdict: String,
    /// Name of the step, of malformed documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The document.
    pub text: String,
}

/// All that is needed to verify the examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ExampleSet {
    /// The moment at which the verdicts hold.
    pub now: DateTime<Utc>,
    /// Root keys: SubjectPublicKeyInfo, base64; both must have signed the trust list.
    pub roots: Vec<String>,
    /// Trust list: COSE_Sign, base64.
    pub trust_list: String,
    /// Its JSON view.
    pub trust_list_view: TrustList,
    /// Status list under [`STATUS_URI`]: COSE_Sign1, base64.
    pub status_list: String,
    /// Agreements of the verifying province.
    pub agreements: Agreements,
    /// The documents.
    pub examples: Vec<Example>,
}

/// Private keys of an example set.
#[derive(Debug)]
pub struct ExampleKeys {
    /// Of the partner, CN-33.
    pub partner: Es256Signer,
    /// Of a province without an agreement, CN-44.
    pub outsider: Es256Signer,
    /// Of nobody on the trust list.
    pub stranger: Es256Signer,
    /// Of the two officers.
    pub roots: [Es256Signer; 2],
}

impl ExampleKeys {
    /// Fresh keys.
    ///
    /// # Errors
    /// [`SigningError::Device`] when the system has no randomness.
    pub fn generate() -> Result<Self, SigningError> {
        let key = || Es256Signer::from_pkcs8(&Es256Signer::generate()?);
        Ok(Self { partner: key()?, outsider: key()?, stranger: key()?, roots: [key()?, key()?] })
    }
}

/// Why the examples could not be made or read.
#[derive(Debug, Error)]
pub enum ExampleError {
    /// A document was refused.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The trust list was refused.
    #[error(transparent)]
    Trust(#[from] TrustListError),
    /// The status list was refused.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// A signer failed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The stored edition is damaged.
    #[error("the stored examples are damaged")]
    Stored(#[from] serde_json::Error),
}

/// The edition in the repository.
///
/// # Errors
/// [`ExampleError::Stored`] if somebody damaged the file before the build.
pub fn published() -> Result<ExampleSet, ExampleError> {
    Ok(serde_json::from_str(include_str!("examples.json"))?)
}

/// Make all examples for the moment `now` (whole seconds).
///
/// # Errors
/// [`ExampleError`].
pub fn build(keys: &ExampleKeys, now: DateTime<Utc>) -> Result<ExampleSet, ExampleError> {
    let list = trust_list(keys, now);
    let [first, second] = &keys.roots;
    let signed = list.sign(&[first, second])?;
    let mut examples = genuine(keys, now)?;
    examples.extend(forged(keys, now)?);
    examples.extend(malformed(keys, now)?);
    Ok(ExampleSet {
        now,
        roots: keys.roots.iter().map(|root| STANDARD.encode(root.public().spki())).collect(),
        trust_list: STANDARD.encode(signed),
        trust_list_view: list,
        status_list: STANDARD.encode(status_list(&keys.partner, now)?),
        agreements: agreements(now),
        examples,
    })
}

fn trust_list(keys: &ExampleKeys, now: DateTime<Utc>) -> TrustList {
    let entry = |province: &str, name: &str, signer: &Es256Signer| TrustEntry {
        province: province.to_owned(),
        name: name.to_owned(),
        kid: signer.key_id(),
        spki: signer.public().spki().to_vec(),
        alg: signer.algorithm().cose(),
        usage: vec![Usage::Code, Usage::Certificate, Usage::Status],
        not_before: now - TimeDelta::days(30),
        not_after: now + TimeDelta::days(700),
        status_endpoints: vec![STATUS_URI.to_owned()],
        exchange_endpoint: None,
    };
    TrustList {
        sequence: 1,
        issued_at: now - TimeDelta::days(1),
        next_update: now + TimeDelta::days(6),
        entries: vec![entry("CN-33", "浙江省", &keys.partner), entry("CN-44", "广东省", &keys.outsider)],
        tombstones: Vec::new(),
    }
}

fn status_list(signer: &Es256Signer, now: DateTime<Utc>) -> Result<Vec<u8>, StatusError> {
    let mut bits = StatusBits::new(0);
    bits.set(1, EntryStatus::Revoked)?;
    bits.set(2, EntryStatus::Suspended)?;
    bits.set(3, EntryStatus::Superseded)?;
    let header = StatusHeader {
        issuer: "CN-33".to_owned(),
        uri: STATUS_URI.to_owned(),
        issued_at: now - TimeDelta::seconds(30),
        expires: now + TimeDelta::days(1),
    };
    status::sign(&header, &bits.compress(), signer)
}

fn agreements(now: DateTime<Utc>) -> Agreements {
    let agreement = Agreement {
        partner: "CN-33".to_owned(),
        kinds: vec![DocumentKind::Code, DocumentKind::Certificate],
        direction: Direction::Mutual,
        from: now - TimeDelta::days(30),
        to: None,
        conditions: None,
        reference: "example".to_owned(),
    };
    Agreements { home: Some("CN-51".to_owned()), agreements: vec![agreement] }
}

/// A health code as on paper: seven days, with a status reference. `name` makes its id.
fn printed_code(name: &str, now: DateTime<Utc>, index: u64) -> Claims {
    let issued = now - TimeDelta::days(1);
    let expires = issued + TimeDelta::days(7);
    let digest: [u8; 32] = Sha256::digest(name).into();
    Claims {
        issuer: Some("CN-33".to_owned()),
        issued_at: Some(issued),
        not_before: None,
        expires: Some(expires),
        id: Some(digest.iter().copied().take(16).collect()),
        status: Some(StatusReference { index, uri: STATUS_URI.to_owned() }),
        document: Document::HealthCode(HealthCodeClaim {
            holder: holder(),
            colour: Colour::Green,
            valid_until: issued + TimeDelta::days(14),
        }),
    }
}

fn holder() -> Holder {
    Holder { masked_name: "张*".to_owned(), document_last_four: "002X".to_owned() }
}

fn certificate(name: &str, now: DateTime<Utc>) -> Claims {
    let code = printed_code(name, now, 4);
    let issued = now - TimeDelta::days(1);
    let expires = issued + TimeDelta::days(7);
    Claims {
        document: Document::ReturnCertificate(ReturnCertificateClaim {
            holder: holder(),
            number: "FG-5116-0081-4427".to_owned(),
            conclusion: Conclusion::NoAbnormality,
            issued,
            expires,
            destination: "510100".to_owned(),
            temperature: Some(365),
        }),
        ..code
    }
}

fn example(name: &str, verdict: Verdict, text: String) -> Example {
    let step = verdict.step().map(|step| step.name().to_owned());
    Example { name: name.to_owned(), verdict: verdict.name().to_owned(), step, text }
}

fn genuine(keys: &ExampleKeys, now: DateTime<Utc>) -> Result<Vec<Example>, ExampleError> {
    let code = |name: &str, index| printed_code(name, now, index);
    let shown = |claims: Claims, from: i64, to: i64| Claims {
        issued_at: Some(now + TimeDelta::seconds(from)),
        expires: Some(now + TimeDelta::seconds(to)),
        status: None,
        ..claims
    };
    let elsewhere = |claims: Claims, uri: &str| Claims {
        status: Some(StatusReference { index: 0, uri: uri.to_owned() }),
        ..claims
    };
    let cases = [
        ("code-printed", Verdict::Valid, code("code-printed", 0)),
        ("code-shown", Verdict::Valid, shown(code("code-shown", 0), -30, 90)),
        ("code-clock-ahead", Verdict::Valid, shown(code("code-clock-ahead", 0), 60, 180)),
        ("certificate", Verdict::Valid, certificate("certificate", now)),
        ("expired", Verdict::Expired, shown(code("expired", 0), -120, 0)),
        ("not-yet-valid", Verdict::NotYetValid, shown(code("not-yet-valid", 0), 61, 181)),
        ("revoked", Verdict::Revoked, code("revoked", 1)),
        ("suspended", Verdict::Suspended, code("suspended", 2)),
        ("superseded", Verdict::Revoked, code("superseded", 3)),
        ("status-list-unknown", Verdict::StatusUnknown, {
            elsewhere(code("status-list-unknown", 0), "https://partner.example/exchange/v1/status-lists/2")
        }),
        ("status-index-beyond", Verdict::StatusUnknown, code("status-index-beyond", 10_000_000)),
    ];
    let mut examples = Vec::new();
    for (name, verdict, claims) in cases {
        examples.push(example(name, verdict, issue(&claims, &keys.partner)?));
    }
    let outside = Claims { issuer: Some("CN-44".to_owned()), ..shown(code("no-agreement", 0), -30, 90) };
    examples.push(example("no-agreement", Verdict::NoAgreement, issue(&outside, &keys.outsider)?));
    Ok(examples)
}

fn forged(keys: &ExampleKeys, now: DateTime<Utc>) -> Result<Vec<Example>, ExampleError> {
    let claims = |name: &str| printed_code(name, now, 0);
    let mut message =
        cose::sign1(&claims("altered").to_payload().map_err(IssueError::from)?, None, &keys.partner)?;
    // The last byte belongs to the signature.
    if let Some(last) = message.last_mut() {
        *last ^= 1;
    }
    let foreign = Claims { issuer: Some("CN-33".to_owned()), ..claims("wrong-province") };
    let impostor = Impostor { name: keys.partner.key_id(), key: &keys.stranger };
    Ok(vec![
        example("altered", Verdict::BadSignature, to_text(&message)),
        example("stolen-key-name", Verdict::BadSignature, issue(&claims("stolen-key-name"), &impostor)?),
        example("stranger", Verdict::UnknownKey, issue(&claims("stranger"), &keys.stranger)?),
        example("wrong-province", Verdict::UnknownKey, issue(&foreign, &keys.outsider)?),
    ])
}

/// Signs under another key's name.
struct Impostor<'a> {
    name: KeyId,
    key: &'a Es256Signer,
}

impl Signer for Impostor<'_> {
    fn algorithm(&self) -> super::keys::Algorithm {
        self.key.algorithm()
    }

    fn key_id(&self) -> KeyId {
        self.name
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.key.sign(message)
    }
}

fn malformed(keys: &ExampleKeys, now: DateTime<Utc>) -> Result<Vec<Example>, ExampleError> {
    let good = issue(&printed_code("malformed", now, 0), &keys.partner)?;
    let body = good.trim_start_matches(super::issue::PREFIX);
    let plain = format!("HC1:{}", super::base45::encode(b"not compressed"));
    let mut not_cose = Writer::default();
    not_cose.text("not COSE");
    let mut no_claims = Writer::default();
    no_claims.map(1).integer(1).text("CN-33");
    let mut odd = Writer::default();
    odd.map(5).integer(1).text("CN-33").integer(4).integer(now.timestamp() + 60);
    odd.integer(6).integer(now.timestamp()).integer(7).bytes(&[0; 16]);
    odd.integer(-260).map(1).integer(-101).map(1).integer(3).integer(9);
    let signed = |payload: Writer| -> Result<String, SigningError> {
        Ok(to_text(&cose::sign1(&payload.finish(), None, &keys.partner)?))
    };
    let cases = [
        ("other-prefix", Step::Prefix, format!("HC2:{body}")),
        ("no-prefix", Step::Prefix, body.to_owned()),
        ("lower-case", Step::Base45, format!("HC1:{}", body.to_lowercase())),
        ("not-compressed", Step::Inflate, plain),
        ("bomb", Step::Inflate, to_text(&vec![0; super::zlib::MAX_DOCUMENT + 1])),
        ("not-cose", Step::Cose, to_text(&not_cose.finish())),
        ("claims-missing", Step::Cwt, signed(no_claims)?),
        ("unknown-colour", Step::Schema, signed(odd)?),
    ];
    Ok(cases.into_iter().map(|(name, step, text)| example(name, Verdict::Malformed(step), text)).collect())
}

#[cfg(test)]
#[path = "examples_tests.rs"]
mod tests;
