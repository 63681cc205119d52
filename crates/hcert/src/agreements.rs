//! Agreements: whose documents are recognised here, since when and until when.
//!
//! Recognition is bilateral, dated and conditional, so it is data. A genuine document outside every agreement
//! is "signature valid, no agreement in force", never accepted.

use super::cwt::Document;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Kind of document that an agreement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Health code.
    Code,
    /// Return-to-work certificate.
    Certificate,
    /// EU Digital COVID Certificate.
    Eu,
}

impl DocumentKind {
    /// The kind of a document.
    #[must_use]
    pub const fn of(document: &Document) -> Self {
        match document {
            Document::HealthCode(_) => Self::Code,
            Document::ReturnCertificate(_) => Self::Certificate,
            Document::Eu(_) => Self::Eu,
        }
    }
}

/// Who recognises whose documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// We recognise the partner's.
    Inbound,
    /// The partner recognises ours.
    Outbound,
    /// Both.
    Mutual,
}

/// One agreement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// `iss` of the partner's documents.
    pub partner: String,
    /// Kinds it covers.
    pub kinds: Vec<DocumentKind>,
    /// Who recognises whose.
    pub direction: Direction,
    /// First moment.
    pub from: DateTime<Utc>,
    /// First moment after its end; none: until further notice.
    pub to: Option<DateTime<Utc>>,
    /// A policy rule that the document must meet as well; the caller evaluates it.
    #[serde(default)]
    pub conditions: Option<serde_json::Value>,
    /// Number of the document of agreement.
    pub reference: String,
}

/// All agreements of a province.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreements {
    /// Our own `iss`: our documents need no agreement.
    #[serde(default)]
    pub home: Option<String>,
    /// Agreements with others.
    #[serde(default)]
    pub agreements: Vec<Agreement>,
}

/// What the agreements say of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Recognition<'a> {
    /// Our own.
    Home,
    /// Covered by this agreement, whose conditions remain to be checked.
    By(&'a Agreement),
    /// Covered by none.
    None,
}

impl Agreements {
    /// Whether a document of `issuer` is recognised here at `now`. Of several agreements one without
    /// conditions is preferred.
    #[must_use]
    pub fn recognise(&self, issuer: Option<&str>, kind: DocumentKind, now: DateTime<Utc>) -> Recognition<'_> {
        let Some(issuer) = issuer else { return Recognition::None };
        if self.home.as_deref() == Some(issuer) {
            return Recognition::Home;
        }
        let covers = |agreement: &&Agreement| {
            agreement.partner == issuer
                && agreement.kinds.contains(&kind)
                && agreement.direction != Direction::Outbound
                && agreement.from <= now
                && agreement.to.is_none_or(|to| now < to)
        };
        let found =
            self.agreements.iter().filter(covers).min_by_key(|agreement| agreement.conditions.is_some());
        found.map_or(Recognition::None, Recognition::By)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn an_agreement_covers_its_partner_kinds_direction_and_time() {
        let agreement = Agreement {
            partner: "CN-33".into(),
            kinds: vec![DocumentKind::Code],
            direction: Direction::Mutual,
            from: at(100),
            to: Some(at(200)),
            conditions: None,
            reference: "1".into(),
        };
        let outbound =
            Agreement { partner: "CN-44".into(), direction: Direction::Outbound, ..agreement.clone() };
        let conditional = Agreement { conditions: Some(serde_json::json!(true)), ..agreement.clone() };
        let all = Agreements {
            home: Some("CN-51".into()),
            agreements: vec![conditional, agreement.clone(), outbound],
        };
        let code = DocumentKind::Code;
        assert_eq!(all.recognise(Some("CN-33"), code, at(100)), Recognition::By(&agreement));
        for (issuer, kind, now) in [
            (Some("CN-33"), code, 99),
            (Some("CN-33"), code, 200),
            (Some("CN-33"), DocumentKind::Certificate, 150),
            (Some("CN-44"), code, 150),
            (Some("CN-11"), code, 150),
            (None, code, 150),
        ] {
            assert_eq!(all.recognise(issuer, kind, at(now)), Recognition::None, "{issuer:?} {kind:?} {now}");
        }
        assert_eq!(all.recognise(Some("CN-51"), code, at(0)), Recognition::Home);
    }
}
