//! A declaration as JSON, and its way into the form that pages send, so that there is one set of rules.

use super::answers::{Answers, SHAPE};
use super::parse;
use crate::clock::china_day;
use crate::error::{AppError, AppResult, FieldError};
use crate::web::form::Form;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

/// A division with an address.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceInput {
    /// GB/T 2260, 6 or 9 digits.
    #[validate(length(max = 12))]
    #[schema(max_length = 12)]
    pub division: String,
    /// Street, number, room.
    #[validate(length(max = 400))]
    #[schema(max_length = 400)]
    pub address: String,
}

/// A stay elsewhere within the last 14 days.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StayInput {
    /// Division; left out for a place abroad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 12))]
    #[schema(max_length = 12)]
    pub division: Option<String>,
    /// Country or region abroad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    pub abroad: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// `train`, `flight`, `coach`, `car`, `ship`, `chartered`, `other`.
    #[validate(length(max = 20))]
    #[schema(max_length = 20)]
    pub transport: String,
}

/// Where the person goes to work.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DestinationInput {
    /// GB/T 2260.
    #[validate(length(max = 12))]
    #[schema(max_length = 12)]
    pub division: String,
    /// `work` (with an employer), `study`, `family`, `medical`, `home`, `other`; left out with an employer it is `work`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 20))]
    #[schema(max_length = 20)]
    pub purpose: Option<String>,
    /// Employer; needed for `work`, left out otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    pub employer: Option<String>,
    /// As of a stay.
    #[validate(length(max = 20))]
    #[schema(max_length = 20)]
    pub transport: String,
    /// Day of the journey.
    pub day: NaiveDate,
}

/// A whole declaration.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclarationInput {
    /// Name as in the document.
    #[validate(length(max = 400))]
    #[schema(max_length = 400)]
    pub name: String,
    /// `id_card`, `passport`, `hk_macao_permit`, `taiwan_permit`, `foreign_permanent`.
    #[validate(length(max = 30))]
    #[schema(max_length = 30)]
    pub document_kind: String,
    /// Its number.
    #[validate(length(max = 60))]
    #[schema(max_length = 60)]
    pub document_number: String,
    /// `male` or `female`; left out for identity cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 20))]
    #[schema(max_length = 20)]
    pub sex: Option<String>,
    /// Left out for identity cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 20))]
    #[schema(max_length = 20)]
    pub nationality: Option<String>,
    /// Household registration.
    #[validate(nested)]
    pub household: PlaceInput,
    /// Present address.
    #[validate(nested)]
    pub present: PlaceInput,
    /// Telephone for questions.
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub phone: String,
    /// Underlying conditions; empty: none.
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    pub conditions: Vec<String>,
    /// Tenths of a degree Celsius.
    pub temperature_tenths: i32,
    /// Symptoms; empty: none.
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    pub symptoms: Vec<String>,
    /// Contact with a case in the last 14 days.
    pub contact: bool,
    /// Stays elsewhere in the last 14 days; empty: none.
    #[validate(length(max = 30), nested)]
    #[schema(max_items = 30)]
    pub travel: Vec<StayInput>,
    /// `well`, `ill`, `alone`.
    #[validate(length(max = 20))]
    #[schema(max_length = 20)]
    pub coresidents: String,
    /// Whether isolation was ordered.
    pub isolation: bool,
    /// Whether the illness was diagnosed earlier.
    pub diagnosed: bool,
    /// `none`, `partial`, `full`, `booster`.
    #[validate(length(max = 20))]
    #[schema(max_length = 20)]
    pub vaccination: String,
    /// Result of the last test: `none`, `negative`, `positive`, `pending`.
    #[validate(length(max = 20))]
    #[schema(max_length = 20)]
    pub test: String,
    /// Day of the last test; left out for `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_day: Option<NaiveDate>,
    /// Where to.
    #[validate(nested)]
    pub destination: DestinationInput,
    /// Commitment that everything is true.
    pub truth: bool,
    /// Separate consent to sharing with the destination province; needed when it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<bool>,
}

impl DeclarationInput {
    /// The same as a form, so that pages and programs meet one set of rules.
    fn form(&self) -> AppResult<Form> {
        let yes = |v: bool| if v { "yes".to_owned() } else { "no".to_owned() };
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: String| pairs.push((name.to_owned(), value));
        add("name", self.name.clone());
        add("document_kind", self.document_kind.clone());
        add("document_number", self.document_number.clone());
        add("sex", self.sex.clone().unwrap_or_default());
        add("nationality", self.nationality.clone().unwrap_or_default());
        for (name, place) in [("household", &self.household), ("present", &self.present)] {
            add(&format!("{name}-division"), place.division.clone());
            add(&format!("{name}-address"), place.address.clone());
        }
        add("phone", self.phone.clone());
        add("temperature", super::questions::degrees(self.temperature_tenths));
        for (name, list) in [("conditions", &self.conditions), ("symptoms", &self.symptoms)] {
            let none = vec!["none".to_owned()];
            let codes = if list.is_empty() { &none } else { list };
            codes.iter().for_each(|code| add(name, code.clone()));
        }
        add("contact", yes(self.contact));
        add("travelled", yes(!self.travel.is_empty()));
        for (i, stay) in self.travel.iter().enumerate() {
            add(&format!("travel.{i}-division"), stay.division.clone().unwrap_or_default());
            add(&format!("travel.{i}-abroad"), stay.abroad.clone().unwrap_or_default());
            add(&format!("travel.{i}-from"), stay.from.to_string());
            add(&format!("travel.{i}-to"), stay.to.to_string());
            add(&format!("travel.{i}-transport"), stay.transport.clone());
        }
        add("coresidents", self.coresidents.clone());
        add("isolation", yes(self.isolation));
        add("diagnosed", yes(self.diagnosed));
        add("vaccination", self.vaccination.clone());
        add("test", self.test.clone());
        add("test_day", self.test_day.map(|d| d.to_string()).unwrap_or_default());
        add("destination-division", self.destination.division.clone());
        add("purpose", self.destination.purpose.clone().unwrap_or_default());
        add("employer", self.destination.employer.clone().unwrap_or_default());
        add("transport", self.destination.transport.clone());
        add("travel_day", self.destination.day.to_string());
        add("truth", yes(self.truth));
        add("share", self.share.map(yes).unwrap_or_default());
        let text = serde_urlencoded::to_string(&pairs).map_err(AppError::internal)?;
        Form::parse(text.as_bytes())
    }

    /// The answers, checked by the rules of the pages; errors name the fields of this body.
    pub(super) fn answers(&self, now: DateTime<Utc>) -> AppResult<Answers> {
        let mut answers = Answers { shape: SHAPE, ..Answers::default() };
        parse::all(&self.form()?, self.travel.len(), &mut answers, china_day(now))
            .map_err(|errors| AppError::Invalid(errors.into_iter().map(as_path).collect()))?;
        Ok(answers)
    }

    /// The body that would give these answers, to merge a correction into.
    pub(super) fn of(a: &Answers) -> Value {
        let place = |p: &Option<super::answers::Place>| {
            p.as_ref().map(|p| json!({"division": p.division.to_string(), "address": p.address}))
        };
        let mut body = json!({
            "name": a.name, "document_kind": a.document_kind.map(|k| k.as_str()), "document_number": a.document_number,
            "household": place(&a.household), "present": place(&a.present), "phone": a.phone,
            "conditions": a.conditions, "temperature_tenths": a.temperature_tenths, "symptoms": a.symptoms,
            "contact": a.contact, "travel": a.travel, "coresidents": a.coresidents, "isolation": a.isolation,
            "diagnosed": a.diagnosed, "vaccination": a.vaccination, "test": a.test, "test_day": a.test_day,
            "destination": a.destination, "truth": a.truth, "share": a.share,
        });
        if let (Some(map), false) = (body.as_object_mut(), a.has_id_card()) {
            map.insert("sex".into(), json!(a.sex));
            map.insert("nationality".into(), json!(a.nationality));
        }
        body
    }
}

/// The field of the JSON body that a form field stands for.
fn as_path(error: FieldError) -> FieldError {
    let field = match error.field.as_str() {
        "temperature" => "temperature_tenths".to_owned(),
        "purpose" | "employer" | "transport" => format!("destination.{}", error.field),
        "travel_day" => "destination.day".to_owned(),
        "travelled" => "travel".to_owned(),
        other => other.replace('-', "."),
    };
    FieldError { field, ..error }
}

/// A decision. What an action does not ask for is passed over.
#[derive(Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionInput {
    /// The version that was seen.
    pub version: i64,
    /// For colleagues only.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
    /// For the applicant: needed for `return` and `reject`.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
    /// For the applicant: needed for `reject`.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub remedy: String,
    /// What is to be put right: needed for `return`; up to 2000 characters each.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub items: Vec<String>,
    /// `check`: that the changed answers were compared with what was stated before, and are accepted. Needed where the
    /// person's colour hangs on it (`present.colour_when_accepted`); 409 `declaration-compare` without it.
    #[serde(default)]
    pub accept_changes: bool,
    /// `confirm`: body temperature in tenths of a degree Celsius, 340 to 430.
    pub temperature_tenths: Option<i32>,
    /// `confirm`: `no-abnormality` or `fit-with-monitoring`.
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub conclusion: Option<String>,
}
