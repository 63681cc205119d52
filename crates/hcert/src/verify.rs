//! Verifying: `HC1:` text → verdict.
//!
//! Exactly one verdict is given, the first that applies in this order:
//!
//! 1. **malformed**, with the step that failed: prefix, base45, inflate, cose, cwt, schema;
//! 2. **unknown key**: no key of that name is trusted for this issuer, this kind of document and this time;
//! 3. **bad signature**: none of those keys made it. From here on the claims are the issuer's own words;
//! 4. **not yet valid**, then 5. **expired**: a document outside its time is worth nothing, whatever its status;
//! 6. **revoked** (superseded counts as revoked, with a mark), **suspended**: a known refusal is the hardest fact;
//! 7. **no agreement**: the document is genuine but not recognised here;
//! 8. **status unknown**: the list is missing, of another issuer, or too old to trust;
//! 9. **valid**.
//!
//! The claims are given whenever they could be read, so that a gate can show *what* it refused; only from
//! "not yet valid" on are they proven to be the issuer's.

use super::agreements::{Agreement, Agreements, DocumentKind, Recognition};
use super::cose::Sign1;
use super::cwt::{Claims, CwtError, Document};
use super::eu::EuKind;
use super::issue::PREFIX;
use super::keys::KeyId;
use super::status::{EntryStatus, StatusLookup};
use super::trusted::{Authority, KeySource, TrustedKey, Usage};
use super::{base45, zlib};
use chrono::{DateTime, TimeDelta, Utc};

/// Longest text that is looked at: about four times what a QR symbol can hold (4,296 characters).
pub const MAX_TEXT: usize = 16 * 1024;

/// The step at which a text turned out not to be a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// It does not begin with `HC1:`.
    Prefix,
    /// RFC 9285.
    Base45,
    /// RFC 1950, or more than 64 KiB.
    Inflate,
    /// RFC 9052.
    Cose,
    /// RFC 8392.
    Cwt,
    /// The document in the claims.
    Schema,
}

impl Step {
    /// Its name in interfaces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Base45 => "base45",
            Self::Inflate => "inflate",
            Self::Cose => "cose",
            Self::Cwt => "cwt",
            Self::Schema => "schema",
        }
    }
}

/// What a verifier says of a document. Never a bare "invalid".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Genuine, in its time, not revoked, recognised.
    Valid,
    /// `exp` has passed.
    Expired,
    /// `iat` (or `nbf`) lies in the future.
    NotYetValid,
    /// Not made by the key it names.
    BadSignature,
    /// No trusted key of that name for this issuer, kind and time.
    UnknownKey,
    /// Revoked or superseded.
    Revoked,
    /// Suspended.
    Suspended,
    /// Nobody can say whether it was revoked.
    StatusUnknown,
    /// Genuine, but outside every agreement.
    NoAgreement,
    /// Not a document.
    Malformed(Step),
}

impl Verdict {
    /// Its name in interfaces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::BadSignature => "bad_signature",
            Self::UnknownKey => "unknown_key",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::StatusUnknown => "status_unknown",
            Self::NoAgreement => "no_agreement",
            Self::Malformed(_) => "malformed",
        }
    }

    /// The step that failed, of a malformed document.
    #[must_use]
    pub const fn step(self) -> Option<Step> {
        if let Self::Malformed(step) = self { Some(step) } else { None }
    }
}

/// How strictly to verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyOptions {
    /// Age from which on a status list proves nothing any more.
    pub status_max_age: TimeDelta,
    /// How far ahead of our clock an own document's `iat` may be.
    pub skew: TimeDelta,
    /// Whether a document needs an agreement. A person who checks one document against one certificate does not ask.
    pub agreement_required: bool,
}

impl VerifyOptions {
    /// A verifier with a network: status lists of at most 5 minutes.
    pub const ONLINE: Self = Self {
        status_max_age: TimeDelta::minutes(5),
        skew: TimeDelta::seconds(60),
        agreement_required: true,
    };
    /// A verifier without one: status lists of at most 24 hours, which the page says.
    pub const OFFLINE: Self = Self { status_max_age: TimeDelta::hours(24), ..Self::ONLINE };
}

/// The answer about a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification<'a> {
    /// The verdict.
    pub verdict: Verdict,
    /// The claims, if they could be read; proven only if [`Verification::is_authentic`].
    pub claims: Option<Claims>,
    /// Key id in the document, if it has 8 bytes.
    pub key_id: Option<KeyId>,
    /// Time of the status list that was consulted: "status as of".
    pub status_as_of: Option<DateTime<Utc>>,
    /// Revoked because a newer document replaced it.
    pub superseded: bool,
    /// The agreement that covers it; its conditions are the caller's to evaluate.
    pub agreement: Option<&'a Agreement>,
    /// The key's certificate does not allow this kind of document (single certificates only).
    pub usage_mismatch: bool,
}

impl Verification<'_> {
    const fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            claims: None,
            key_id: None,
            status_as_of: None,
            superseded: false,
            agreement: None,
            usage_mismatch: false,
        }
    }

    /// Whether the claims are proven to be the issuer's.
    #[must_use]
    pub const fn is_authentic(&self) -> bool {
        !matches!(self.verdict, Verdict::Malformed(_) | Verdict::UnknownKey | Verdict::BadSignature)
    }
}

/// Verify a text at a moment. Pure: no clock, no network. Never panics, whatever the text.
#[must_use]
pub fn verify<'a>(
    text: &str,
    keys: &dyn KeySource,
    status: Option<&dyn StatusLookup>,
    agreements: &'a Agreements,
    now: DateTime<Utc>,
    options: &VerifyOptions,
) -> Verification<'a> {
    match open(text) {
        Ok(message) => verify_message(&message, keys, status, agreements, now, options),
        Err(step) => Verification::of(Verdict::Malformed(step)),
    }
}

/// The bytes of the COSE message in a text.
///
/// # Errors
/// The step that failed: prefix, base45 or inflate.
pub fn open(text: &str) -> Result<Vec<u8>, Step> {
    let body = text.strip_prefix(PREFIX).ok_or(Step::Prefix)?;
    if text.len() > MAX_TEXT {
        return Err(Step::Base45);
    }
    let compressed = base45::decode(body.as_bytes()).map_err(|_| Step::Base45)?;
    zlib::inflate(&compressed, zlib::MAX_DOCUMENT).map_err(|_| Step::Inflate)
}

/// As [`verify`], for a message that came without the optical encoding.
#[must_use]
pub fn verify_message<'a>(
    message: &[u8],
    keys: &dyn KeySource,
    status: Option<&dyn StatusLookup>,
    agreements: &'a Agreements,
    now: DateTime<Utc>,
    options: &VerifyOptions,
) -> Verification<'a> {
    let Ok(signed) = Sign1::read(message) else {
        return Verification::of(Verdict::Malformed(Step::Cose));
    };
    let claims = match Claims::read(signed.payload()) {
        Ok(claims) => claims,
        Err(CwtError::Schema(_)) => return Verification::of(Verdict::Malformed(Step::Schema)),
        Err(_) => return Verification::of(Verdict::Malformed(Step::Cwt)),
    };
    let mut answer = Verification::of(Verdict::UnknownKey);
    answer.key_id = signed.kid.as_deref().and_then(KeyId::from_slice);
    answer.verdict = match check_signature(&signed, &claims, answer.key_id, keys, now, options) {
        Ok(usage_mismatch) => {
            answer.usage_mismatch = usage_mismatch;
            judge(&claims, status, agreements, now, options, &mut answer)
        }
        Err(verdict) => verdict,
    };
    answer.claims = Some(claims);
    answer
}

/// Find a key that may and did sign; gives whether its usage was overlooked.
fn check_signature(
    signed: &Sign1<'_>,
    claims: &Claims,
    id: Option<KeyId>,
    keys: &dyn KeySource,
    now: DateTime<Utc>,
    options: &VerifyOptions,
) -> Result<bool, Verdict> {
    let mut candidates =
        id.map_or(&[][..], |id| keys.keys(id)).iter().filter(|key| may_sign(key, claims, now, options));
    let enforced = keys.enforces_usage();
    let has_usage = |key: &TrustedKey| usages(&claims.document).iter().all(|usage| key.usage.contains(usage));
    let mut candidates = candidates.by_ref().filter(|key| !enforced || has_usage(key)).peekable();
    if candidates.peek().is_none() {
        return Err(Verdict::UnknownKey);
    }
    let to_be_signed = signed.to_be_signed();
    let signer = candidates.find(|key| signed.verifies(&key.key, &to_be_signed));
    signer.map(|key| !has_usage(key)).ok_or(Verdict::BadSignature)
}

/// Whether a key speaks for the issuer at that time.
fn may_sign(key: &TrustedKey, claims: &Claims, now: DateTime<Utc>, options: &VerifyOptions) -> bool {
    let speaks = match (&key.authority, &claims.issuer) {
        (Authority::Any, _) => true,
        (Authority::Issuer(authority), Some(issuer)) => authority == issuer,
        // `iss` is optional in EU documents (HCERT §3.3.4); in own ones the frame demands it.
        (Authority::Issuer(_), None) => matches!(claims.document, Document::Eu(_)),
    };
    let issued = claims.issued_at.unwrap_or(now);
    speaks
        && key.not_before.is_none_or(|from| from <= issued + options.skew)
        && key.not_after.is_none_or(|end| issued < end && now < end)
}

fn usages(document: &Document) -> Vec<Usage> {
    match document {
        Document::HealthCode(_) => vec![Usage::Code],
        Document::ReturnCertificate(_) => vec![Usage::Certificate],
        Document::Eu(certificate) => certificate.kinds.iter().map(|kind| eu_usage(*kind)).collect(),
    }
}

const fn eu_usage(kind: EuKind) -> Usage {
    match kind {
        EuKind::Vaccination => Usage::EuVaccination,
        EuKind::Test => Usage::EuTest,
        EuKind::Recovery => Usage::EuRecovery,
    }
}

/// The verdict on a genuine document.
fn judge<'a>(
    claims: &Claims,
    status: Option<&dyn StatusLookup>,
    agreements: &'a Agreements,
    now: DateTime<Utc>,
    options: &VerifyOptions,
    answer: &mut Verification<'a>,
) -> Verdict {
    if let Err(outside) = check_time(claims, now, options) {
        return outside;
    }
    let fresh = check_status(claims, status, now, options, answer);
    if let Err(refusal @ (Verdict::Revoked | Verdict::Suspended)) = fresh {
        return refusal;
    }
    if options.agreement_required {
        let kind = DocumentKind::of(&claims.document);
        match agreements.recognise(claims.issuer.as_deref(), kind, now) {
            Recognition::Home => {}
            Recognition::By(agreement) => answer.agreement = Some(agreement),
            Recognition::None => return Verdict::NoAgreement,
        }
    }
    fresh.err().unwrap_or(Verdict::Valid)
}

/// Own documents: `iat` − skew ≤ now < `exp` (RFC 8392). EU documents live for months, so their clocks get no
/// grace at the start, and they are good **until** `exp`, "after which" they are refused (HCERT §3.3.5).
fn check_time(claims: &Claims, now: DateTime<Utc>, options: &VerifyOptions) -> Result<(), Verdict> {
    let foreign = matches!(claims.document, Document::Eu(_));
    let skew = if foreign { TimeDelta::zero() } else { options.skew };
    if claims.issued_at.max(claims.not_before).is_some_and(|starts| starts > now + skew) {
        return Err(Verdict::NotYetValid);
    }
    let ended = |expires| if foreign { expires < now } else { expires <= now };
    if claims.expires.is_none_or(ended) { Err(Verdict::Expired) } else { Ok(()) }
}

fn check_status(
    claims: &Claims,
    status: Option<&dyn StatusLookup>,
    now: DateTime<Utc>,
    options: &VerifyOptions,
    answer: &mut Verification<'_>,
) -> Result<(), Verdict> {
    let Some(reference) = &claims.status else { return Ok(()) };
    let found =
        status.and_then(|status| status.lookup(claims.issuer.as_deref(), &reference.uri, reference.index));
    let found = found.ok_or(Verdict::StatusUnknown)?;
    answer.status_as_of = Some(found.as_of);
    match found.status {
        // An old list may be wrong about "valid", never about "revoked": revocation has no way back.
        EntryStatus::Revoked => Err(Verdict::Revoked),
        EntryStatus::Superseded => {
            answer.superseded = true;
            Err(Verdict::Revoked)
        }
        _ if !found.is_current(now, options) => Err(Verdict::StatusUnknown),
        EntryStatus::Suspended => Err(Verdict::Suspended),
        EntryStatus::Valid => Ok(()),
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
