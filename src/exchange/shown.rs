//! A verdict in words: what it is, what was checked, what to do. Never why a document was revoked.

use super::check::Checked;
use super::model::issuer_name;
use crate::hcert::{Colour, Conclusion, Document, Step, Verdict};
use crate::identity::{DivisionCode, divisions};
use crate::web::format;
use crate::web::i18n::{Lang, t};
use serde::Serialize;
use utoipa::ToSchema;

/// A fact of the document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifiedFact)]
pub(super) struct Row {
    /// What it is called.
    label: String,
    /// What it is.
    value: String,
}

/// One thing that was checked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifiedCheck)]
pub(super) struct Check {
    /// Whether it was as it should be.
    ok: bool,
    /// What was found.
    label: String,
    /// More about it; may be empty.
    note: String,
}

/// The result as the page shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifiedDocument)]
pub(super) struct Shown {
    /// The band: `green`, `yellow`, `red` or `unknown`.
    state: &'static str,
    /// The verdict as a word.
    word: String,
    /// What it means.
    meaning: String,
    /// What to do.
    advice: String,
    /// What the document says, if it is proven.
    rows: Vec<Row>,
    /// What was checked, to the first check that failed.
    checks: Vec<Check>,
    /// When, in words.
    at: String,
}

/// Colour band and text key of a verdict.
fn face(checked: &Checked) -> (&'static str, &'static str) {
    match checked.verdict {
        Verdict::Valid => match checked.claims.as_ref().map(|c| &c.document) {
            Some(Document::HealthCode(code)) => match code.colour {
                Colour::Green => ("green", "code-green"),
                Colour::Yellow => ("yellow", "code-yellow"),
                Colour::Red => ("red", "code-red"),
            },
            Some(Document::Eu(_)) => ("green", "valid-eu"),
            _ => ("green", "valid"),
        },
        Verdict::Expired => ("yellow", "expired"),
        Verdict::NotYetValid => ("yellow", "not-yet-valid"),
        Verdict::BadSignature => ("red", "bad-signature"),
        Verdict::UnknownKey => ("unknown", "unknown-key"),
        Verdict::Revoked => ("red", "revoked"),
        Verdict::Suspended => ("yellow", "suspended"),
        Verdict::StatusUnknown => ("unknown", "status-unknown"),
        Verdict::NoAgreement => ("unknown", "no-agreement"),
        Verdict::Malformed(_) => ("unknown", "malformed"),
    }
}

/// Puts a verdict into a language.
pub(super) fn show(checked: &Checked, lang: Lang) -> Shown {
    let (state, key) = face(checked);
    let text = |what: &str| t(lang, &format!("verify-{what}-{key}"), &[]);
    Shown {
        state,
        word: text("word"),
        meaning: text("meaning"),
        advice: text("do"),
        rows: rows(checked, lang),
        checks: checks(checked, lang),
        at: format!(
            "{} {}",
            format::date(lang, crate::clock::china_day(checked.at), false),
            format::clock(checked.at)
        ),
    }
}

/// What the document says, if it is proven; otherwise only whom it names as its issuer, marked as unproven.
fn rows(checked: &Checked, lang: Lang) -> Vec<Row> {
    let Some(claims) = &checked.claims else { return Vec::new() };
    let issuer =
        claims.issuer.as_deref().map_or_else(|| t(lang, "verify-not-stated", &[]), |i| issuer_name(i, lang));
    let mut rows = Vec::new();
    let mut put = |key: &str, value: String| rows.push(Row { label: t(lang, key, &[]), value });
    if !checked.authentic {
        put("verify-row-claimed-issuer", issuer);
        return rows;
    }
    match &claims.document {
        Document::HealthCode(code) => {
            put(
                "verify-row-name",
                t(lang, "verify-compare", &[("name", code.holder.masked_name.clone().into())]),
            );
            put("verify-row-document", code.holder.document_last_four.clone());
            put("verify-row-kind", t(lang, "verify-kind-code", &[]));
            put("verify-row-issuer", issuer);
            if let Some(expires) = claims.expires {
                put("verify-row-until", format::until(lang, expires, true));
            }
        }
        Document::ReturnCertificate(certificate) => {
            let holder = &certificate.holder;
            put("verify-row-name", t(lang, "verify-compare", &[("name", holder.masked_name.clone().into())]));
            put("verify-row-document", holder.document_last_four.clone());
            put("verify-row-certificate", certificate.number.clone());
            // A finding from before the cause says nothing about the present.
            if checked.verdict != Verdict::Suspended {
                put(
                    "verify-row-conclusion",
                    conclusion(certificate.conclusion, certificate.temperature, lang),
                );
            }
            put("verify-row-issuer", issuer);
            put("verify-row-issued", format::datetime(lang, certificate.issued, true));
            put("verify-row-until", format::until(lang, certificate.expires, true));
            put("verify-row-destination", place(&certificate.destination, lang));
        }
        Document::Eu(_) => {
            put("verify-row-kind", t(lang, "verify-kind-eu", &[]));
            put("verify-row-issuer", issuer);
            if let Some(expires) = claims.expires {
                put("verify-row-until", format::until(lang, expires, true));
            }
        }
    }
    rows
}

fn conclusion(conclusion: Conclusion, temperature: Option<u16>, lang: Lang) -> String {
    let words = match conclusion {
        Conclusion::NoAbnormality => t(lang, "verify-conclusion-none", &[]),
        Conclusion::FitWithMonitoring => t(lang, "verify-conclusion-monitoring", &[]),
    };
    match temperature {
        Some(tenths) => {
            let degrees = format!("{}.{}", tenths / 10, tenths % 10);
            t(
                lang,
                "verify-conclusion-temperature",
                &[("conclusion", words.into()), ("degrees", degrees.into())],
            )
        }
        None => words,
    }
}

/// The division's full name; towns of other provinces are not in the register, so the county's then.
fn place(code: &str, lang: Lang) -> String {
    let full = |code: &str| {
        let code = DivisionCode::parse(code).ok()?;
        if lang == Lang::En { divisions().full_name_en(code) } else { divisions().full_name(code) }
    };
    full(code).or_else(|| full(code.get(..6)?)).unwrap_or_else(|| code.to_owned())
}

/// The checks in the order in which they are made, to the first that failed. A revoked document that no agreement
/// covers is revoked: what was not looked at is not listed.
fn checks(checked: &Checked, lang: Lang) -> Vec<Check> {
    let mut all = Vec::new();
    let mut put = |ok: bool, key: &str, note: String| all.push(Check { ok, label: t(lang, key, &[]), note });
    if let Verdict::Malformed(step) = checked.verdict {
        put(false, "verify-check-unreadable", t(lang, step_key(step), &[]));
        return all;
    }
    put(true, "verify-check-readable", String::new());
    let issuer = checked.issuer().map_or_else(|| t(lang, "verify-not-stated", &[]), |i| issuer_name(i, lang));
    if checked.verdict == Verdict::UnknownKey {
        put(false, "verify-check-key-unknown", t(lang, "verify-check-key-unknown-note", &[]));
        return all;
    }
    put(true, "verify-check-key", t(lang, "verify-check-key-note", &[("issuer", issuer.into())]));
    if checked.verdict == Verdict::BadSignature {
        put(false, "verify-check-forged", String::new());
        return all;
    }
    put(true, "verify-check-signature", String::new());
    match checked.verdict {
        Verdict::Expired => {
            let at = checked.claims.as_ref().and_then(|c| c.expires);
            put(
                false,
                "verify-check-expired",
                at.map_or_else(String::new, |at| format::datetime(lang, at, true)),
            );
            return all;
        }
        Verdict::NotYetValid => {
            let at = checked.claims.as_ref().and_then(|c| c.issued_at);
            put(
                false,
                "verify-check-early",
                at.map_or_else(String::new, |at| format::datetime(lang, at, true)),
            );
            return all;
        }
        _ => put(true, "verify-check-time", String::new()),
    }
    status(checked, lang, &mut put);
    match checked.verdict {
        Verdict::NoAgreement => put(false, "verify-check-no-agreement", String::new()),
        Verdict::Valid if checked.home => put(true, "verify-check-home", String::new()),
        Verdict::Valid | Verdict::StatusUnknown => {
            if let Some(number) = &checked.agreement {
                let note = t(lang, "verify-check-agreement-note", &[("number", number.clone().into())]);
                put(true, "verify-check-agreement", note);
            }
        }
        _ => {}
    }
    all
}

fn status(checked: &Checked, lang: Lang, put: &mut impl FnMut(bool, &str, String)) {
    let as_of = checked.status_as_of.map_or_else(String::new, |at| {
        t(
            lang,
            "verify-as-of",
            &[
                ("time", format::clock(at).into()),
                ("day", format::date(lang, crate::clock::china_day(at), false).into()),
            ],
        )
    });
    match checked.verdict {
        Verdict::Revoked => put(false, "verify-check-revoked", as_of),
        Verdict::Suspended => put(false, "verify-check-suspended", as_of),
        Verdict::StatusUnknown => put(false, "verify-check-status-unknown", as_of),
        _ if checked.claims.as_ref().is_some_and(|c| c.status.is_none()) => {
            put(true, "verify-check-short-lived", String::new());
        }
        // Outside every agreement the list was perhaps not asked for; then nothing is said about it.
        _ if checked.status_as_of.is_none() => {}
        _ => put(true, "verify-check-not-revoked", as_of),
    }
}

const fn step_key(step: Step) -> &'static str {
    match step {
        Step::Prefix => "verify-step-prefix",
        Step::Base45 => "verify-step-base45",
        Step::Inflate => "verify-step-inflate",
        Step::Cose => "verify-step-cose",
        Step::Cwt => "verify-step-cwt",
        Step::Schema => "verify-step-schema",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cross beside "not suspended" reads as its opposite at a gate: what failed is said, not what was looked for.
    #[test]
    fn a_check_that_failed_says_what_is_wrong() {
        for (passed, failed) in [
            ("verify-check-readable", "verify-check-unreadable"),
            ("verify-check-key", "verify-check-key-unknown"),
            ("verify-check-signature", "verify-check-forged"),
            ("verify-check-time", "verify-check-expired"),
            ("verify-check-time", "verify-check-early"),
            ("verify-check-not-revoked", "verify-check-revoked"),
            ("verify-check-not-revoked", "verify-check-suspended"),
            ("verify-check-agreement", "verify-check-no-agreement"),
        ] {
            for lang in Lang::ALL {
                assert_ne!(t(lang, passed, &[]), t(lang, failed, &[]), "{failed}");
            }
        }
        assert_eq!(t(Lang::ZhCn, "verify-check-suspended", &[]), "已被暂停");
        assert_eq!(t(Lang::En, "verify-check-suspended", &[]), "Suspended");
    }
}
