//! A verdict as JSON: the one shape that the command, the portal's interface and partners see.

use super::cwt::Document;
use super::verify::Verification;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

/// `{verdict, step?, kid?, superseded?, status_as_of?, agreement?, notes?, claims?}`. Claims are given whenever they
/// could be read; only from "not yet valid" on are they proven to be the issuer's.
#[must_use]
pub fn to_json(answer: &Verification<'_>) -> Value {
    let mut map = Map::new();
    map.insert("verdict".into(), answer.verdict.name().into());
    if let Some(step) = answer.verdict.step() {
        map.insert("step".into(), step.name().into());
    }
    if let Some(key_id) = answer.key_id {
        map.insert("kid".into(), key_id.to_string().into());
    }
    if answer.superseded {
        map.insert("superseded".into(), true.into());
    }
    if let Some(as_of) = answer.status_as_of {
        map.insert("status_as_of".into(), rfc3339(as_of).into());
    }
    if let Some(agreement) = answer.agreement {
        map.insert("agreement".into(), agreement.reference.as_str().into());
    }
    let notes = notes(answer);
    if !notes.is_empty() {
        map.insert("notes".into(), notes.into());
    }
    if let Some(claims) = &answer.claims {
        map.insert("claims".into(), claims.to_json());
    }
    Value::Object(map)
}

/// What is odd about a document without deciding its verdict.
#[must_use]
pub fn notes(answer: &Verification<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if answer.usage_mismatch {
        notes.push("key_usage".to_owned());
    }
    if let Some(Document::Eu(certificate)) = answer.claims.as_ref().map(|claims| &claims.document) {
        notes.extend(certificate.notes.iter().map(|path| format!("schema:{path}")));
    }
    notes
}

/// A moment as interfaces write it (RFC 3339, UTC).
#[must_use]
pub fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
