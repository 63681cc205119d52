//! What is known of one person: the input of the colour rules, in the words of the domain. `layout.rs`
//! turns it into what the rules read.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::template::Words;

/// The facts about one person at one moment. Times are UTC; days are local days of the province.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The moment the facts describe.
    pub now: DateTime<Utc>,
    /// When the sources were last read; if that is too long ago, no colour is given.
    pub gathered_at: DateTime<Utc>,
    /// The last submitted health declaration.
    pub declaration: Option<Declaration>,
    /// Stays elsewhere, declared or notified, of any age.
    pub travel: Vec<Travel>,
    /// Tests of any age.
    pub tests: Vec<Test>,
    /// Findings of authorities: cases, contacts, arrivals.
    pub records: Vec<Record>,
    /// Colour orders made by officials.
    pub orders: Vec<Order>,
    /// Causes set aside by an upheld appeal.
    pub waivers: Vec<Waiver>,
    /// Household division and its risk.
    pub home: Option<Area>,
    /// Present division and its risk.
    pub present: Option<Area>,
    /// The offices that answer for the person's causes, from the register of offices.
    #[serde(default)]
    pub offices: Offices,
}

/// The offices that answer for the causes of somebody, by the level that a rule asks for. Where a level has none, the
/// one above it answers; where no office is known the rule's own words stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offices {
    /// For rules that the county answers for.
    pub county: Option<Office>,
    /// For rules that the prefecture answers for.
    pub prefecture: Option<Office>,
    /// For rules that the province answers for.
    pub province: Option<Office>,
}

/// An office of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// Its name.
    pub name: Words,
    /// Its telephone.
    pub phone: String,
}

/// A health declaration, as far as rules look at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// When it was submitted.
    pub submitted_at: DateTime<Utc>,
    /// Symptom codes, such as `cough`.
    pub symptoms: Vec<String>,
    /// Body temperature in tenths of a degree Celsius.
    pub temperature_tenths: Option<i32>,
    /// Says they were in contact with a case.
    pub contact_with_case: bool,
    /// Says isolation was ordered.
    pub isolation_ordered: bool,
    /// Says someone in the household is ill.
    pub household_ill: bool,
    /// Says their last test was positive, and that it was taken in the 14 days before or on no day that they name.
    #[serde(default)]
    pub tested_positive: bool,
}

/// Risk of a division, as the health authority classes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// A stay in a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Travel {
    /// Division code (GB/T 2260), or an empty text for a place abroad.
    pub place: String,
    /// Name of the place.
    pub name: Words,
    /// Risk of the place during the stay, if it was classed.
    pub risk: Option<Risk>,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Means of transport, such as `train`.
    pub transport: Option<String>,
    /// Who says so.
    pub source: Words,
}

/// Result of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TestResult {
    /// The pathogen was found.
    Positive,
    /// It was not.
    Negative,
    /// No result yet.
    Pending,
    /// No result can be given.
    Invalid,
}

/// A laboratory test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// Kind, such as `nucleic-acid`.
    pub kind: String,
    /// When the sample was taken.
    pub sampled_at: DateTime<Utc>,
    /// Its result.
    pub result: TestResult,
    /// Who says so.
    pub source: Words,
}

/// What an authority found about a person: a closed list; nothing that is not about the epidemic can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// Confirmed case.
    Confirmed,
    /// Infected without symptoms.
    Asymptomatic,
    /// Suspected case.
    Suspected,
    /// Close contact of a case.
    CloseContact,
    /// Contact of a close contact.
    ContactOfContact,
    /// Entered the country, staying in the province.
    ArrivalFromAbroad,
    /// Entered the country, on the way to another province.
    TransitFromAbroad,
    /// In the same aircraft, coach or railway carriage as a case.
    SameTransport,
    /// In the same place at the same time as a case.
    SpaceTimeOverlap,
}

impl RecordKind {
    /// All kinds, in the order of the published table.
    pub const ALL: [Self; 9] = [
        Self::Confirmed,
        Self::Asymptomatic,
        Self::Suspected,
        Self::CloseContact,
        Self::ContactOfContact,
        Self::ArrivalFromAbroad,
        Self::TransitFromAbroad,
        Self::SameTransport,
        Self::SpaceTimeOverlap,
    ];

    /// The field of `records` that lists this kind.
    pub fn field(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Asymptomatic => "asymptomatic",
            Self::Suspected => "suspected",
            Self::CloseContact => "close_contact",
            Self::ContactOfContact => "contact_of_contact",
            Self::ArrivalFromAbroad => "arrival_from_abroad",
            Self::TransitFromAbroad => "transit_from_abroad",
            Self::SameTransport => "same_transport",
            Self::SpaceTimeOverlap => "space_time_overlap",
        }
    }
}

/// A finding of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What was found.
    pub kind: RecordKind,
    /// Since when it holds: the contact, the journey, the diagnosis.
    pub since: DateTime<Utc>,
    /// When the authority says that it ends (a suspicion excluded, an isolation lifted).
    pub until: Option<DateTime<Utc>>,
    /// Day of discharge or release.
    pub released_on: Option<NaiveDate>,
    /// Where: a place, a train and carriage.
    pub place: Option<Words>,
    /// Means of transport, such as `train`.
    pub transport: Option<String>,
    /// Who says so.
    pub source: Words,
}

/// The colour an order sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderColour {
    /// Red.
    Red,
    /// Yellow.
    Yellow,
}

/// A colour order: two officials, a legal basis, an expiry. Only orders in effect belong here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Number of the order.
    pub number: String,
    /// The colour it sets.
    pub colour: OrderColour,
    /// Code of its cause, from the closed list that the policy names.
    pub cause: String,
    /// From when it holds.
    pub since: DateTime<Utc>,
    /// When it expires.
    pub until: Option<DateTime<Utc>>,
    /// The office that made it.
    pub office: Words,
    /// Its telephone.
    pub phone: String,
}

/// An upheld appeal: the cause that it was about no longer counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Id of the rule.
    pub rule: String,
    /// When the appeal was decided.
    pub decided_at: DateTime<Utc>,
    /// What the cause was about ([`super::Cause::about`]); none in appeals decided before that was kept, which set aside
    /// all that began before the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// A division and its risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Division code (GB/T 2260).
    pub division: String,
    /// Its name.
    pub name: Words,
    /// Its risk, if it is classed.
    pub risk: Option<Risk>,
    /// Who or what is classed, and by what.
    pub classed: Option<Classed>,
}

/// The class that gives an area its risk: that of the division itself, or of one it lies in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classed {
    /// Name of the division that is classed.
    pub area: Words,
    /// Since when the level holds.
    pub since: DateTime<Utc>,
    /// When it ends by itself, if that is known.
    pub until: Option<DateTime<Utc>>,
    /// The document that says so.
    pub source: Words,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        Words::new(text, text)
    }

    /// Facts with every field filled, of an invented person.
    pub(crate) fn full_facts() -> Facts {
        let at = |text: &str| -> DateTime<Utc> { text.parse().unwrap() };
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let record = |kind| Record {
            kind,
            since: at("2020-03-04T06:10:00Z"),
            until: Some(at("2020-04-01T00:00:00Z")),
            released_on: Some(day("2020-03-10")),
            place: Some(words("3 号车厢")),
            transport: Some("train".into()),
            source: words("铁路部门"),
        };
        let test = |result, sampled: &str| Test {
            kind: "nucleic-acid".into(),
            sampled_at: at(sampled),
            result,
            source: words("县人民医院"),
        };
        let classed = Classed {
            area: words("岳池县"),
            since: at("2020-03-01T16:00:00Z"),
            until: Some(at("2020-03-15T16:00:00Z")),
            source: words("第 9 号公告"),
        };
        let area = Area {
            division: "511621".into(),
            name: words("岳池县"),
            risk: Some(Risk::Low),
            classed: Some(classed),
        };
        let office = |name: &str| Some(Office { name: words(name), phone: "0826-5220000".into() });
        Facts {
            now: at("2020-03-11T16:30:00Z"),
            gathered_at: at("2020-03-11T16:00:00Z"),
            declaration: Some(Declaration {
                submitted_at: at("2020-03-11T02:00:00Z"),
                symptoms: vec!["cough".into()],
                temperature_tenths: Some(369),
                contact_with_case: false,
                isolation_ordered: false,
                household_ill: false,
                tested_positive: false,
            }),
            travel: vec![Travel {
                place: "513326".into(),
                name: words("道孚县"),
                risk: Some(Risk::High),
                from: day("2020-02-28"),
                to: day("2020-03-01"),
                transport: Some("coach".into()),
                source: words("本人申报"),
            }],
            tests: vec![
                test(TestResult::Positive, "2020-03-02T02:00:00Z"),
                test(TestResult::Negative, "2020-03-09T02:00:00Z"),
            ],
            records: RecordKind::ALL.into_iter().map(record).collect(),
            orders: vec![Order {
                number: "R-1".into(),
                colour: OrderColour::Red,
                cause: "outbreak".into(),
                since: at("2020-03-10T00:00:00Z"),
                until: Some(at("2020-03-20T00:00:00Z")),
                office: words("指挥部"),
                phone: "12345".into(),
            }],
            waivers: vec![Waiver {
                rule: "red.close-contact".into(),
                decided_at: at("2020-03-11T00:00:00Z"),
                about: None,
            }],
            home: Some(area.clone()),
            present: Some(area),
            offices: Offices {
                county: office("岳池县疾病预防控制中心"),
                prefecture: office("广安市疾病预防控制中心"),
                province: office("四川省疾病预防控制中心"),
            },
        }
    }
}
