//! One verification: what the verdict needs, gathered, and the verdict kept with all that a page or partner may see.

use super::model::{Trust, province_of};
use super::{Exchange, fetch, own, store, trust};
use crate::audit::{self, Actor, Entry};
use crate::certificates::status::Slot;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::hcert::agreements::DocumentKind;
use crate::hcert::answer;
use crate::hcert::cose::Sign1;
use crate::hcert::status::FoundStatus;
use crate::hcert::verify::{MAX_TEXT, Verification, open, verify_message};
use crate::hcert::{Claims, StatusLookup, StatusReference, Verdict, VerifyOptions, verify};
use crate::web::ctx::Ctx;
use crate::web::i18n::Lang;
use crate::web::principal::Principal;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How a verification gets its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Lists of at most five minutes; what is stale is fetched.
    Online,
    /// Lists of at most 24 hours; nothing is fetched.
    Offline,
}

/// A verdict with what it rests on.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The verdict.
    pub verdict: Verdict,
    /// The claims, if they could be read; the issuer's words only if [`Checked::authentic`].
    pub claims: Option<Claims>,
    /// Whether the claims are proven.
    pub authentic: bool,
    /// As of when the status is known.
    pub status_as_of: Option<DateTime<Utc>>,
    /// Number of the agreement that covers it.
    pub agreement: Option<String>,
    /// Whether the issuer is our own province.
    pub home: bool,
    /// When it was verified.
    pub at: DateTime<Utc>,
    json: Value,
    own_entry: Option<(i64, u64)>,
}

impl Checked {
    /// The shape of `fugong verify --json`, with `status` beside it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut all = self.json.clone();
        if let (Some(map), true) = (all.as_object_mut(), self.authentic) {
            let state = match self.verdict {
                Verdict::Revoked => "revoked",
                Verdict::Suspended => "suspended",
                _ if self.claims.as_ref().is_some_and(|c| c.status.is_none()) => "short-lived",
                Verdict::Expired | Verdict::NotYetValid => "not-checked",
                _ if self.status_as_of.is_none() || self.verdict == Verdict::StatusUnknown => "unknown",
                _ => "not-revoked",
            };
            let as_of = self.status_as_of.map(answer::rfc3339);
            map.insert("status".into(), json!({"state": state, "as_of": as_of}));
            map.insert("checked_at".into(), answer::rfc3339(self.at).into());
        }
        all
    }

    /// `code`, `certificate` or `eu`, if the claims could be read.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        self.claims.as_ref().map(|claims| match DocumentKind::of(&claims.document) {
            DocumentKind::Code => "code",
            DocumentKind::Certificate => "certificate",
            DocumentKind::Eu => "eu",
        })
    }

    /// `iss`, proven or not.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.claims.as_ref()?.issuer.as_deref()
    }
}

/// Status of an own document as the database has it now, of others as the fetched lists have it.
struct Known<'a> {
    own: Option<FoundStatus>,
    lists: &'a fetch::Lists,
    home: &'a str,
}

impl StatusLookup for Known<'_> {
    fn lookup(&self, issuer: Option<&str>, uri: &str, index: u64) -> Option<FoundStatus> {
        if issuer == Some(self.home) { self.own } else { self.lists.lookup(issuer, uri, index) }
    }
}

/// Verifies a text (exactly, see [`super::find`]) against what this portal trusts now.
///
/// # Errors
/// Database errors; whatever is wrong with the text is a verdict.
pub async fn verify_text(deps: &Deps, text: &str, mode: Mode, now: DateTime<Utc>) -> AppResult<Checked> {
    let trust = trust::current(deps).await?;
    let message = if text.len() > MAX_TEXT { None } else { open(text).ok() };
    let Some(message) = message else {
        let answer = verify(text, trust.keys(now), None, &trust.agreements, now, &VerifyOptions::ONLINE);
        return Ok(keep(&answer, &trust, None, now));
    };
    let reference = reference(&message);
    let mut own_entry = None;
    let mut own_status = None;
    if let Some((issuer, status)) = &reference
        && *issuer == trust.home
        && let Some(list) = own::list_number(deps, &status.uri)
    {
        own_entry = Some((list, status.index));
        let found = own::entry(deps, list, status.index).await?;
        own_status = found.map(|status| FoundStatus {
            status,
            as_of: now,
            expires: now + chrono::TimeDelta::minutes(5),
        });
    }
    let options = if mode == Mode::Online { VerifyOptions::ONLINE } else { VerifyOptions::OFFLINE };
    let lists = &Exchange::of(deps)?.lists;
    let known = Known { own: own_status, lists, home: &trust.home };
    let once = || verify_message(&message, trust.keys(now), Some(&known), &trust.agreements, now, &options);
    let mut answer = once();
    if let (Mode::Online, Some((issuer, status))) = (mode, &reference)
        && *issuer != trust.home
        && wants_status(&answer)
        && !lists.is_fresh(&status.uri, now)
    {
        fetch::refresh((deps, lists), &trust, issuer, &status.uri).await;
        answer = once();
    }
    Ok(keep(&answer, &trust, own_entry, now))
}

/// Issuer and status reference as the document states them, proven or not.
fn reference(message: &[u8]) -> Option<(String, StatusReference)> {
    let signed = Sign1::read(message).ok()?;
    let claims = Claims::read(signed.payload()).ok()?;
    Some((claims.issuer?, claims.status?))
}

/// Whether a fresher list could change the verdict: only for genuine documents in their time that are not known to be
/// revoked.
fn wants_status(answer: &Verification<'_>) -> bool {
    matches!(
        answer.verdict,
        Verdict::Valid | Verdict::StatusUnknown | Verdict::Suspended | Verdict::NoAgreement
    )
}

fn keep(
    answer: &Verification<'_>,
    trust: &Arc<Trust>,
    own_entry: Option<(i64, u64)>,
    now: DateTime<Utc>,
) -> Checked {
    let home = answer.claims.as_ref().and_then(|c| c.issuer.as_deref()) == Some(trust.home.as_str());
    Checked {
        verdict: answer.verdict,
        claims: answer.claims.clone(),
        authentic: answer.is_authentic(),
        status_as_of: answer.status_as_of,
        agreement: answer.agreement.map(|a| a.reference.clone()),
        home,
        at: now,
        json: answer::to_json(answer),
        own_entry,
    }
}

/// Who looked, as the resident reads it.
#[derive(Debug, Clone)]
pub enum Onlooker {
    /// Somebody at a gate who did not sign in, or a resident: nothing is kept.
    Nobody,
    /// An official: audited, and shown to the resident by the office's name.
    Official {
        /// The official in an office.
        actor: Actor,
        /// The office's name.
        office: String,
    },
    /// Somebody who asked the exchange interface, without proving who it is.
    Exchange,
}

impl Onlooker {
    /// By the principal of a request.
    #[must_use]
    pub fn of(principal: &Principal) -> Self {
        match principal {
            Principal::Official(o) => Self::Official { actor: (&**o).into(), office: o.office.clone() },
            Principal::Anonymous | Principal::Resident(_) | Principal::Program(_) => Self::Nobody,
        }
    }
}

/// Keeps who looked at what: officials' looks in the audit log, looks at our documents where their holder sees them. The
/// network of whoever has shown a genuine document is known as one that verifies.
///
/// # Errors
/// Database errors: a look that cannot be recorded is not given.
pub async fn record(deps: &Deps, ctx: &Ctx, checked: &Checked, onlooker: Onlooker) -> AppResult<()> {
    if checked.authentic {
        deps.verifiers.note(ctx.client.network(), ctx.now);
    }
    let (actor, recipient) = match onlooker {
        Onlooker::Nobody => return Ok(()),
        Onlooker::Official { actor, office } => (actor, office),
        Onlooker::Exchange if checked.own_entry.is_none() || !checked.authentic => return Ok(()),
        Onlooker::Exchange => {
            (Actor::Anonymous, crate::web::i18n::t(Lang::ZhCn, "verify-recipient-exchange", &[]))
        }
    };
    let purpose = crate::web::i18n::t(Lang::ZhCn, "verify-purpose", &[]);
    let (now, kind) = (checked.at, checked.kind().unwrap_or("unreadable"));
    let entry = checked.own_entry.filter(|_| checked.authentic);
    let detail = json!({
        "verdict": checked.verdict.name(),
        "issuer": checked.issuer().and_then(province_of),
        "document": checked.claims.as_ref().and_then(|c| c.id.as_ref()).map(|id| hex::encode(Sha256::digest(id))),
    });
    deps.store
        .write(move |tx| {
            let person: Option<Id> = match entry.and_then(|(l, i)| Some((l, i32::try_from(i).ok()?))) {
                Some((list, index)) => holder(tx.conn(), Slot { list, index })?,
                None => None,
            };
            let kept = match person {
                Some(person) => store::disclose(tx, person, &recipient, &purpose, kind, now)?,
                None => false,
            };
            // An official's look is always in the record; of those who do not say who they are, what was kept.
            if kept || actor != Actor::Anonymous {
                let entry = Entry::new(actor, "exchange.verify", kind).subject(person).detail(detail);
                audit::append(tx, now, entry)?;
            }
            Ok(())
        })
        .await
}

/// Whose document of ours has this entry in a status list: a certificate, or a printed code.
fn holder(conn: &mut Conn, slot: Slot) -> AppResult<Option<Id>> {
    match crate::certificates::holder_of(conn, slot)? {
        Some(person) => Ok(Some(person)),
        None => crate::codes::print_holder(conn, slot),
    }
}
