//! The answers of a health declaration, as sealed in one document, and what follows from them.
//!
//! Every answer is optional, because a draft is saved at every step; [the steps](super::questions::STEPS) and
//! [`super::parse::whole`] say what a submission still needs.

use crate::clock::china_day;
use crate::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName, Phone, Sex};
use crate::policy;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Version of the shape; old documents are read by their own.
pub const SHAPE: u32 = 1;
/// Temperature from which a declaration is marked for attention, in tenths of a degree; the colour itself is decided by
/// the policy's rules.
pub const FEVER_TENTHS: i32 = 373;

/// Underlying conditions that can be ticked; catalogue keys `declare-condition-<code>`.
pub const CONDITIONS: [&str; 8] =
    ["hypertension", "diabetes", "heart", "lung", "cancer", "immune", "pregnancy", "other"];
/// Symptoms that can be ticked, the codes of the policy; catalogue keys `declare-symptom-<code>`.
pub const SYMPTOMS: [&str; 10] = [
    "fever",
    "cough",
    "fatigue",
    "short-breath",
    "sore-throat",
    "runny-nose",
    "diarrhoea",
    "loss-of-smell",
    "muscle-pain",
    "other",
];
/// Means of transport; catalogue keys `declare-transport-<code>`.
pub const TRANSPORTS: [&str; 7] = ["train", "flight", "coach", "car", "ship", "chartered", "other"];
/// Health of co-residents; catalogue keys `declare-coresidents-<code>`.
pub const CORESIDENTS: [&str; 3] = ["well", "ill", "alone"];
/// Vaccination; catalogue keys `declare-vaccination-<code>`.
pub const VACCINATIONS: [&str; 4] = ["none", "partial", "full", "booster"];
/// Results of the last test; catalogue keys `declare-test-<code>`.
pub const TESTS: [&str; 4] = ["none", "negative", "positive", "pending"];
/// What the journey is for; catalogue keys `declare-purpose-<code>`. Only [`WORK`] has an employer.
pub const PURPOSES: [&str; 6] = ["work", "study", "family", "medical", "home", "other"];
/// The purpose that asks for an employer.
pub const WORK: &str = "work";
/// Journeys that one declaration can list.
pub const MAX_TRAVEL: usize = 30;

/// A division with an address in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// County, or town where the register has towns.
    pub division: DivisionCode,
    /// Street, number, room; 1 to 200 characters.
    pub address: String,
}

/// A stay elsewhere in the last 14 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// Division; none for a place abroad.
    pub division: Option<DivisionCode>,
    /// Country or region abroad; up to 100 characters.
    pub abroad: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// One of [`TRANSPORTS`].
    pub transport: String,
}

/// Where the person goes to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// County, or town.
    pub division: DivisionCode,
    /// One of [`PURPOSES`]; none in documents of before it was asked, which all have an employer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Employer, 1 to 100 characters; empty where the journey is not for work.
    #[serde(default)]
    pub employer: String,
    /// One of [`TRANSPORTS`].
    pub transport: String,
    /// Day of the journey.
    pub day: NaiveDate,
}

/// All answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    /// Version of this shape.
    pub shape: u32,
    /// Name as in the document.
    pub name: Option<PersonName>,
    /// Kind of identity document.
    pub document_kind: Option<DocumentKind>,
    /// Its number, canonical.
    pub document_number: Option<String>,
    /// `male` or `female`; for identity cards the number decides.
    pub sex: Option<String>,
    /// Nationality as written by the person; `中国` for identity cards.
    pub nationality: Option<String>,
    /// Household registration.
    pub household: Option<Place>,
    /// Where the person lives now; its division decides which office is responsible.
    pub present: Option<Place>,
    /// Telephone for questions.
    pub phone: Option<Phone>,
    /// Says that there is no telephone; only staff enter that.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_phone: bool,
    /// Whether this draft began with what was declared before; it then asks only for what can have changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub renews: bool,
    /// Codes of [`CONDITIONS`]; empty: none.
    pub conditions: Option<Vec<String>>,
    /// Body temperature in tenths of a degree Celsius.
    pub temperature_tenths: Option<i32>,
    /// Codes of [`SYMPTOMS`]; empty: none.
    pub symptoms: Option<Vec<String>>,
    /// Contact with a case in the last 14 days.
    pub contact: Option<bool>,
    /// Whether the person was elsewhere in the last 14 days.
    pub travelled: Option<bool>,
    /// Where.
    pub travel: Vec<Stay>,
    /// One of [`CORESIDENTS`].
    pub coresidents: Option<String>,
    /// Whether isolation was ordered.
    pub isolation: Option<bool>,
    /// Whether the illness was diagnosed earlier.
    pub diagnosed: Option<bool>,
    /// One of [`VACCINATIONS`].
    pub vaccination: Option<String>,
    /// One of [`TESTS`].
    pub test: Option<String>,
    /// Day of the last test.
    pub test_day: Option<NaiveDate>,
    /// Where to.
    pub destination: Option<Destination>,
    /// Commitment that everything is true.
    pub truth: bool,
    /// Separate consent to sharing with the destination province (PIPL art. 23); asked only when it is another one.
    pub share: Option<bool>,
}

impl Answers {
    /// The document, if its two answers are there and fit.
    pub fn document(&self) -> Option<DocumentNumber> {
        DocumentNumber::parse_stored(self.document_kind?, self.document_number.as_deref()?).ok()
    }

    /// The sex as a type.
    pub fn sex(&self) -> Option<Sex> {
        [Sex::Male, Sex::Female].into_iter().find(|s| self.sex.as_deref() == Some(s.as_str()))
    }

    /// Whether the document says sex and nationality by itself.
    pub fn has_id_card(&self) -> bool {
        self.document_kind == Some(DocumentKind::IdCard)
    }

    /// The beginning of the next declaration: who and where somebody is, what was said of vaccination and the last test,
    /// and where they go; how they are and where they were is asked anew, and nothing is promised beforehand.
    pub fn renewed(&self) -> Self {
        Self {
            renews: true,
            temperature_tenths: None,
            symptoms: None,
            contact: None,
            travelled: None,
            travel: Vec::new(),
            coresidents: None,
            isolation: None,
            diagnosed: None,
            truth: false,
            share: None,
            ..self.clone()
        }
    }

    /// Whether the way leads to another province, whose authorities get the certificate only with consent.
    pub fn leaves_province(&self) -> bool {
        match (&self.present, &self.destination) {
            (Some(p), Some(d)) => p.division.province() != d.division.province(),
            _ => false,
        }
    }

    /// Codes of what a checker should look at first; catalogue keys `declare-concern-<code>`.
    pub fn concerns(&self) -> Vec<&'static str> {
        let list = |given: &Option<Vec<String>>| given.as_ref().is_some_and(|l| !l.is_empty());
        let found = [
            (self.temperature_tenths.is_some_and(|t| t >= FEVER_TENTHS), "temperature"),
            (list(&self.symptoms), "symptoms"),
            (self.contact == Some(true), "contact"),
            (self.isolation == Some(true), "isolation"),
            (self.diagnosed == Some(true), "diagnosed"),
            (self.coresidents.as_deref() == Some("ill"), "coresidents"),
            (self.test.as_deref() == Some("positive"), "test"),
            (self.travel.iter().any(|s| s.abroad.is_some()), "abroad"),
        ];
        found.into_iter().filter(|(holds, _)| *holds).map(|(_, code)| code).collect()
    }

    /// A positive test of the two weeks before, or of no stated day.
    fn tested_positive(&self, submitted_at: DateTime<Utc>) -> bool {
        let first = china_day(submitted_at).checked_sub_days(Days::new(14));
        self.test.as_deref() == Some("positive")
            && self.test_day.is_none_or(|day| first.is_none_or(|first| day >= first))
    }

    /// What the colour rules look at.
    pub fn facts(&self, submitted_at: DateTime<Utc>) -> policy::Declaration {
        policy::Declaration {
            submitted_at,
            symptoms: self.symptoms.clone().unwrap_or_default(),
            temperature_tenths: self.temperature_tenths,
            contact_with_case: self.contact == Some(true),
            isolation_ordered: self.isolation == Some(true),
            household_ill: self.coresidents.as_deref() == Some("ill"),
            tested_positive: self.tested_positive(submitted_at),
        }
    }
}
