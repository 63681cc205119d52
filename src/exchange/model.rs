//! Partners, agreements and what a running portal trusts at a moment.

use crate::db::{Id, Ts};
use crate::hcert::{
    Agreement, Agreements, Direction, DocumentKind, KeyIndex, KeySource, TrustList, TrustedKey, Usage,
};
use crate::identity::{DivisionCode, divisions};
use crate::web::i18n::Lang;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

/// The issuer name of a province: `CN-` and the first two digits of its division code (exchange protocol §1).
#[must_use]
pub fn issuer_of(province: &str) -> String {
    format!("CN-{}", province.get(..2).unwrap_or_default())
}

/// The division code of an issuer of the form `CN-44`.
#[must_use]
pub fn province_of(issuer: &str) -> Option<String> {
    crate::hcert::cwt::is_province(issuer).then(|| format!("{}0000", issuer.trim_start_matches("CN-")))
}

/// The name of an issuer for people: the province's, or the issuer's own text where there is none.
#[must_use]
pub fn issuer_name(issuer: &str, lang: Lang) -> String {
    let found = province_of(issuer)
        .and_then(|code| DivisionCode::parse(&code).ok())
        .and_then(|code| divisions().get(code));
    match found {
        Some(division) if lang == Lang::En => division.name_en.to_owned(),
        Some(division) => division.name.to_owned(),
        // Unproven text may contain anything.
        None => issuer.chars().filter(|c| !c.is_control()).take(20).collect(),
    }
}

/// A province with which we exchange documents.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = crate::db::schema::partners)]
pub struct Partner {
    /// Division code, such as `440000`.
    pub province: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Base address of its portal, without a trailing slash.
    pub endpoint: String,
    /// Telephone of its exchange desk.
    pub phone: String,
    /// Whether its documents are looked at; false suspends every agreement with it.
    pub active: bool,
    /// When it was entered.
    pub created_at: Ts,
}

impl Partner {
    /// `iss` of its documents.
    #[must_use]
    pub fn issuer(&self) -> String {
        issuer_of(&self.province)
    }

    /// Its name in a language.
    #[must_use]
    pub fn name_in(&self, lang: Lang) -> &str {
        if lang == Lang::En { &self.name_en } else { &self.name }
    }
}

/// One agreement as stored: one kind of document, one direction, a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = crate::db::schema::agreements)]
pub struct AgreementRow {
    /// Identifier.
    pub id: Id,
    /// The partner's division code.
    pub province: String,
    /// `code` or `certificate`.
    pub kind: String,
    /// Whose documents are recognised by the other side: `ours`, `theirs` or `both`.
    pub direction: String,
    /// First moment.
    pub valid_from: Ts,
    /// First moment after its end; none: until further notice.
    pub valid_to: Option<Ts>,
    /// Number of the document of agreement.
    pub document: String,
}

impl AgreementRow {
    /// Whether it is in force.
    #[must_use]
    pub fn in_force(&self, now: DateTime<Utc>) -> bool {
        self.valid_from.0 <= now && !self.is_over(now)
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.valid_to.is_some_and(|to| to.0 <= now)
    }

    /// Whether the partner recognises our documents by it.
    #[must_use]
    pub fn covers_ours(&self) -> bool {
        self.direction != "theirs"
    }

    fn to_agreement(&self) -> Option<Agreement> {
        let kind = match self.kind.as_str() {
            "code" => DocumentKind::Code,
            "certificate" => DocumentKind::Certificate,
            _ => return None,
        };
        let direction = match self.direction.as_str() {
            "ours" => Direction::Outbound,
            "theirs" => Direction::Inbound,
            "both" => Direction::Mutual,
            _ => return None,
        };
        Some(Agreement {
            partner: issuer_of(&self.province),
            kinds: vec![kind],
            direction,
            from: self.valid_from.0,
            to: self.valid_to.map(|to| to.0),
            conditions: None,
            reference: self.document.clone(),
        })
    }
}

/// The rows as the verifier takes them. Agreements with a partner that is switched off are left out.
pub(super) fn agreements(home: &str, partners: &[Partner], rows: &[AgreementRow]) -> Agreements {
    let active = |row: &&AgreementRow| partners.iter().any(|p| p.active && p.province == row.province);
    Agreements {
        home: Some(home.to_owned()),
        agreements: rows.iter().filter(active).filter_map(AgreementRow::to_agreement).collect(),
    }
}

/// A trust list that was accepted.
#[derive(Debug, Clone)]
pub struct AcceptedList {
    /// Its content.
    pub list: TrustList,
    /// The signed file.
    pub signed: Vec<u8>,
    /// When we accepted it.
    pub accepted_at: DateTime<Utc>,
}

/// What is trusted: own keys, the accepted trust list, agreements. Replaced as a whole.
#[derive(Debug, Clone)]
pub struct Trust {
    /// When it was read.
    pub loaded_at: DateTime<Utc>,
    /// Our own `iss`.
    pub home: String,
    /// The list in force, if any; past its `nextUpdate` its keys are no longer used.
    pub list: Option<AcceptedList>,
    /// Agreements for the verifier.
    pub agreements: Agreements,
    /// Agreements as stored, also those that have ended.
    pub rows: Vec<AgreementRow>,
    /// Partners, by province.
    pub partners: Vec<Partner>,
    /// Ids of our keys that signed when this was read.
    pub(super) signing: Vec<Vec<u8>>,
    pub(super) own: KeyIndex,
    pub(super) all: KeyIndex,
}

impl Trust {
    /// The keys that count at `now`.
    #[must_use]
    pub fn keys(&self, now: DateTime<Utc>) -> &dyn KeySource {
        if self.list.as_ref().is_some_and(|l| now < l.list.next_update) { &self.all } else { &self.own }
    }

    /// Whether the list says that this issuer serves status lists under this address: nothing else is ever fetched.
    #[must_use]
    pub fn may_fetch(&self, issuer: &str, uri: &str) -> bool {
        let entries = self.list.iter().flat_map(|l| &l.list.entries);
        entries
            .filter(|entry| entry.province == issuer && entry.usage.contains(&Usage::Status))
            .flat_map(|entry| &entry.status_endpoints)
            .any(|endpoint| endpoint == uri || (endpoint.ends_with('/') && below(endpoint, uri)))
    }

    /// The partner with this `iss`.
    #[must_use]
    pub fn partner(&self, issuer: &str) -> Option<&Partner> {
        self.partners.iter().find(|partner| partner.issuer() == issuer)
    }

    /// Provinces that recognise our documents of a kind at `now`.
    #[must_use]
    pub fn recognising(&self, kind: DocumentKind, now: DateTime<Utc>) -> Vec<&Partner> {
        let kind = match kind {
            DocumentKind::Code => "code",
            DocumentKind::Certificate => "certificate",
            DocumentKind::Eu => return Vec::new(),
        };
        let by = |partner: &&Partner| {
            let covers = |row: &AgreementRow| row.kind == kind && row.covers_ours() && row.in_force(now);
            partner.active && self.rows.iter().any(|row| row.province == partner.province && covers(row))
        };
        self.partners.iter().filter(by).collect()
    }
}

/// One number below a folder address; no query, no dots that climb.
fn below(folder: &str, uri: &str) -> bool {
    uri.strip_prefix(folder)
        .is_some_and(|rest| (1..=19).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit()))
}

impl KeySource for Trust {
    fn keys(&self, id: crate::hcert::KeyId) -> &[TrustedKey] {
        self.all.keys(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_provinces() {
        assert_eq!(issuer_of("510000"), "CN-51");
        assert_eq!(province_of("CN-44").as_deref(), Some("440000"));
        assert_eq!(province_of("DE"), None);
        assert_eq!(issuer_name("CN-44", Lang::ZhCn), "广东省");
        assert_eq!(issuer_name("D\u{1b}E", Lang::ZhCn), "DE");
    }

    #[test]
    fn only_numbers_lie_below_a_folder_of_lists() {
        let folder = "https://a.example/exchange/v1/status-lists/";
        assert!(below(folder, "https://a.example/exchange/v1/status-lists/12"));
        for uri in ["", "/../x", "1?x=1", "1/2", "%2e"] {
            assert!(!below(folder, &format!("{folder}{uri}")), "{uri}");
        }
        assert!(!below(folder, "https://b.example/exchange/v1/status-lists/1"));
    }
}
