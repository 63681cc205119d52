//! JSON: the calls "declare health" and "correct" of GB/T 38963, and what belongs to them.

use super::answers::{Answers, SHAPE};
use super::parse;
use super::service::{self, Desk, Outcome, Sender};
use super::store::{self, Row};
use crate::app::App;
use crate::audit::Actor;
use crate::clock::china_day;
use crate::crypto::Keyring;
use crate::error::{AppError, AppResult, FieldError};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::{Form, Valid, parse_json};
use crate::web::guard::Resident;
use crate::web::idempotency::{self, Submission};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// A division with an address.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceInput {
    /// GB/T 2260, 6 or 9 digits.
    #[validate(length(max = 12))]
    pub division: String,
    /// Street, number, room.
    #[validate(length(max = 400))]
    pub address: String,
}

/// A stay elsewhere within the last 14 days.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StayInput {
    /// Division; left out for a place abroad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    /// Country or region abroad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 200))]
    pub abroad: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// `train`, `flight`, `coach`, `car`, `ship`, `chartered`, `other`.
    #[validate(length(max = 20))]
    pub transport: String,
}

/// Where the person goes to work.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DestinationInput {
    /// GB/T 2260.
    #[validate(length(max = 12))]
    pub division: String,
    /// Employer.
    #[validate(length(max = 200))]
    pub employer: String,
    /// As of a stay.
    #[validate(length(max = 20))]
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
    pub name: String,
    /// `id_card`, `passport`, `hk_macao_permit`, `taiwan_permit`, `foreign_permanent`.
    #[validate(length(max = 30))]
    pub document_kind: String,
    /// Its number.
    #[validate(length(max = 60))]
    pub document_number: String,
    /// `male` or `female`; left out for identity cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// Left out for identity cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// Household registration.
    #[validate(nested)]
    pub household: PlaceInput,
    /// Present address.
    #[validate(nested)]
    pub present: PlaceInput,
    /// Telephone for questions.
    #[validate(length(max = 40))]
    pub phone: String,
    /// Underlying conditions; empty: none.
    #[validate(length(max = 20))]
    pub conditions: Vec<String>,
    /// Tenths of a degree Celsius.
    pub temperature_tenths: i32,
    /// Symptoms; empty: none.
    #[validate(length(max = 20))]
    pub symptoms: Vec<String>,
    /// Contact with a case in the last 14 days.
    pub contact: bool,
    /// Stays elsewhere in the last 14 days; empty: none.
    #[validate(length(max = 30), nested)]
    pub travel: Vec<StayInput>,
    /// `well`, `ill`, `alone`.
    pub coresidents: String,
    /// Whether isolation was ordered.
    pub isolation: bool,
    /// Whether the illness was diagnosed earlier.
    pub diagnosed: bool,
    /// `none`, `partial`, `full`, `booster`.
    pub vaccination: String,
    /// Result of the last test: `none`, `negative`, `positive`, `pending`.
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

/// A declaration as stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeclarationBody {
    /// Its number.
    pub number: String,
    /// Its state.
    pub state: String,
    /// Compare it when correcting or withdrawing.
    pub version: i64,
    /// When it was received.
    pub received_at: Option<DateTime<Utc>>,
    /// The answers.
    #[schema(value_type = Object)]
    pub answers: Value,
    /// The certificate's number, once issued.
    pub certificate: Option<String>,
    /// The signed receipt.
    #[schema(value_type = Object)]
    pub receipt: Value,
}

/// Which version is withdrawn.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawInput {
    /// The version that was seen.
    pub version: i64,
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
        add("employer", self.destination.employer.clone());
        add("transport", self.destination.transport.clone());
        add("travel_day", self.destination.day.to_string());
        add("truth", yes(self.truth));
        add("share", self.share.map(yes).unwrap_or_default());
        let text = serde_urlencoded::to_string(&pairs).map_err(AppError::internal)?;
        Form::parse(text.as_bytes())
    }

    /// The answers, checked by the rules of the pages; errors name the fields of this body.
    fn answers(&self, now: DateTime<Utc>) -> AppResult<Answers> {
        let mut answers = Answers { shape: SHAPE, ..Answers::default() };
        parse::all(&self.form()?, self.travel.len(), &mut answers, china_day(now))
            .map_err(|errors| AppError::Invalid(errors.into_iter().map(as_path).collect()))?;
        Ok(answers)
    }

    /// The body that would give these answers, to merge a correction into.
    fn of(a: &Answers) -> Value {
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
        "employer" | "transport" => format!("destination.{}", error.field),
        "travel_day" => "destination.day".to_owned(),
        "travelled" => "travel".to_owned(),
        other => other.replace('-', "."),
    };
    FieldError { field, ..error }
}

fn body(conn: &mut crate::db::Conn, keys: &Keyring, row: &Row) -> AppResult<DeclarationBody> {
    let answers = DeclarationInput::of(&row.answers(keys)?);
    let receipt: Option<super::Receipt> = match &row.receipt_sealed {
        Some(sealed) => Some(keys.open_json(&store::field("receipt_sealed", row.id), sealed)?),
        None => None,
    };
    Ok(DeclarationBody {
        number: row.number.clone(),
        state: row.state.clone(),
        version: row.version,
        received_at: row.submitted_at.map(|t| t.0),
        answers,
        certificate: crate::certificates::of_declaration(conn, row.id)?,
        receipt: serde_json::to_value(receipt).map_err(AppError::internal)?,
    })
}

fn key_of(req: &HttpRequest) -> AppResult<Option<Uuid>> {
    match req.headers().get("idempotency-key").map(|v| v.to_str().ok().and_then(|s| Uuid::parse_str(s).ok()))
    {
        None => Ok(None),
        Some(Some(key)) => Ok(Some(key)),
        Some(None) => Err(AppError::BadRequest("idempotency-key")),
    }
}

async fn shown(deps: &App, who: &Resident, number: String) -> AppResult<DeclarationBody> {
    let (keys, account, person) = (deps.keys.clone(), who.account_id, who.person_id);
    deps.store
        .read(move |conn| {
            let row = store::own(conn, account, person, &number)?;
            body(conn, &keys, &row)
        })
        .await
}

fn answer(status: actix_web::http::StatusCode, body: &DeclarationBody) -> HttpResponse {
    HttpResponse::build(status).insert_header(("Cache-Control", "no-store")).json(body)
}

/// Declare health: a whole declaration at once, idempotent by `Idempotency-Key`.
///
/// # Errors
/// 422 with field paths; 409 `counter` when the document is another account's, `declaration-open` when one is open.
#[utoipa::path(post, path = "/api/v1/declarations", tag = "declarations", request_body = DeclarationInput,
    responses((status = 201, body = DeclarationBody), (status = 409), (status = 422)))]
pub async fn create(
    req: HttpRequest,
    deps: App,
    who: Resident,
    input: Valid<DeclarationInput>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let answers = input.0.answers(ctx.now)?;
    let content = serde_json::to_vec(&input.0).map_err(AppError::internal)?;
    let account = who.account_id;
    let submission = key_of(&req)?.map(|key| Submission::new(account, "declarations.api", key, &content));
    let (desk, from) =
        (Desk::of(&deps, ctx.now), Sender { actor: Actor::from(&*who), account: Some(account) });
    let outcome = deps
        .store
        .write(move |tx| {
            let keys = desk.keys.clone();
            idempotency::once(tx, &keys, submission.as_ref(), desk.now, |tx| {
                let row = store::insert_draft(tx, &desk.keys, Some(account), None, &answers, "", desk.now)?;
                let outcome = service::send(tx, &desk, &from, &row, row.version, &answers)?;
                if matches!(outcome, Outcome::Counter(_)) {
                    store::delete_draft(tx, row.id)?;
                }
                Ok(outcome)
            })
        })
        .await?;
    match outcome {
        Outcome::Received(number) => {
            Ok(answer(actix_web::http::StatusCode::CREATED, &shown(&deps, &who, number).await?))
        }
        Outcome::Counter(_) => Err(AppError::conflict("document-counter")),
    }
}

/// The resident's declarations, the newest first.
///
/// # Errors
/// Not signed in; database errors.
#[utoipa::path(get, path = "/api/v1/declarations", tag = "declarations", responses((status = 200, body = [DeclarationBody])))]
pub async fn list(deps: App, who: Resident) -> AppResult<HttpResponse> {
    let (keys, account, person) = (deps.keys.clone(), who.account_id, who.person_id);
    let all: Vec<DeclarationBody> = deps
        .store
        .read(move |conn| store::mine(conn, account, person)?.iter().map(|r| body(conn, &keys, r)).collect())
        .await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(all))
}

/// One of them.
///
/// # Errors
/// 404 when it is not there or not theirs.
#[utoipa::path(get, path = "/api/v1/declarations/{number}", tag = "declarations", params(("number" = String, Path)),
    responses((status = 200, body = DeclarationBody), (status = 404)))]
pub async fn one(deps: App, who: Resident, number: web::Path<String>) -> AppResult<HttpResponse> {
    Ok(answer(actix_web::http::StatusCode::OK, &shown(&deps, &who, normalise(&number)).await?))
}

/// Correct: a JSON merge patch (RFC 7396) over the answers with the `version` that was seen, until the doctor confirms.
///
/// # Errors
/// 409 when it changed meanwhile or is locked; 422 with field paths.
#[utoipa::path(patch, path = "/api/v1/declarations/{number}", tag = "declarations", params(("number" = String, Path)),
    request_body = Object, responses((status = 200, body = DeclarationBody), (status = 409), (status = 422)))]
pub async fn correct(
    req: HttpRequest,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    sent: Valid<Patch>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let Patch { version, answers: patch } = sent.0;
    let (desk, from) =
        (Desk::of(&deps, ctx.now), Sender { actor: Actor::from(&*who), account: Some(who.account_id) });
    let (account, person, number) = (who.account_id, who.person_id, normalise(&number));
    let wanted = number.clone();
    deps.store
        .write(move |tx| {
            let row = store::own(tx.conn(), account, person, &wanted)?;
            let mut merged = DeclarationInput::of(&row.answers(&desk.keys)?);
            merge(&mut merged, patch);
            let bytes = serde_json::to_vec(&merged).map_err(AppError::internal)?;
            let answers = parse_json::<DeclarationInput>(&bytes)?.answers(desk.now)?;
            let step = format!("correct:{}:{version}", row.number);
            let draft = store::insert_draft(tx, &desk.keys, Some(account), None, &answers, &step, desk.now)?;
            service::send(tx, &desk, &from, &draft, draft.version, &answers)
        })
        .await?;
    Ok(answer(actix_web::http::StatusCode::OK, &shown(&deps, &who, number).await?))
}

/// A correction.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// The version that was seen.
    pub version: i64,
    /// The answers that change.
    #[schema(value_type = Object)]
    pub answers: Value,
}

fn merge(into: &mut Value, patch: Value) {
    match patch {
        Value::Object(patch) => {
            if !into.is_object() {
                *into = json!({});
            }
            if let Some(map) = into.as_object_mut() {
                for (key, value) in patch {
                    if value.is_null() {
                        map.remove(&key);
                    } else {
                        merge(map.entry(key).or_insert(Value::Null), value);
                    }
                }
            }
        }
        other => *into = other,
    }
}

/// Withdraw.
///
/// # Errors
/// 409 when it changed meanwhile or is decided.
#[utoipa::path(post, path = "/api/v1/declarations/{number}/withdraw", tag = "declarations", params(("number" = String, Path)),
    request_body = WithdrawInput, responses((status = 200, body = DeclarationBody), (status = 409)))]
pub async fn withdraw(
    req: HttpRequest,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    input: Valid<WithdrawInput>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (desk, from) =
        (Desk::of(&deps, ctx.now), Sender { actor: Actor::from(&*who), account: Some(who.account_id) });
    let (person, number) = (who.person_id, normalise(&number));
    let wanted = number.clone();
    deps.store.write(move |tx| service::withdraw(tx, &desk, &from, person, &wanted, input.0.version)).await?;
    Ok(answer(actix_web::http::StatusCode::OK, &shown(&deps, &who, number).await?))
}
