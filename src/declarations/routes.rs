//! JSON: the calls "declare health" and "correct" of GB/T 38963, and what belongs to them.

use super::act::{self, Parts};
use super::input::DeclarationInput;
use super::pages::sent_by;
use super::stale;
use super::store::{self, Row};
use super::whose::Whose;
use crate::crypto::Keyring;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::{Valid, parse_json};
use crate::web::guard::Resident;
use crate::web::idempotency::{self, Submission};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

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
    /// The signed receipt; none before it was received.
    #[schema(value_type = Option<Object>)]
    pub receipt: Value,
}

/// Which version is withdrawn.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawInput {
    /// The version that was seen.
    pub version: i64,
}

/// A declaration as programs get it.
pub(super) fn body(conn: &mut crate::db::Conn, keys: &Keyring, row: &Row) -> AppResult<DeclarationBody> {
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
/// 422 with field paths; 409 `document-counter` when the document is another account's, `claims-too-many` when three
/// claims wait already, `declaration-open` when one is open; 429 after 20 documents in a day that are not one's own, and
/// `declarations-today` when the person has sent 20 declarations and corrections today.
#[utoipa::path(post, path = "/api/v1/declarations", tag = "declarations", request_body = DeclarationInput,
    responses((status = 201, body = DeclarationBody), (status = 409), (status = 422), (status = 429)))]
pub async fn create(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    input: Valid<DeclarationInput>,
) -> AppResult<HttpResponse> {
    let answers = input.0.answers(ctx.now)?;
    let content = serde_json::to_vec(&input.0).map_err(AppError::internal)?;
    let account = who.account_id;
    let submission =
        idempotency::key_of(&req)?.map(|key| Submission::new(account, "declarations.api", key, &content));
    let (desk, from) = (Parts::of(&deps, ctx.now)?, sent_by(&who));
    let outcome = deps
        .store
        .write(move |tx| {
            let keys = desk.keys.clone();
            idempotency::once(tx, &keys, submission.as_ref(), desk.now, |tx| {
                act::send_at_once(tx, &desk, &from, None, &answers)
            })
        })
        .await?;
    let number = outcome.number(|_| Err(AppError::conflict("document-counter")))?;
    Ok(answer(actix_web::http::StatusCode::CREATED, &shown(&deps, &who, number).await?))
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
        .read(move |conn| {
            store::mine(conn, account, person, store::LISTED)?.iter().map(|r| body(conn, &keys, r)).collect()
        })
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
/// 409 when it changed meanwhile or is locked, `document-counter` for a document that goes to the counter; 422 with field
/// paths; 429 `declarations-today` when the person has sent 20 declarations and corrections today.
#[utoipa::path(patch, path = "/api/v1/declarations/{number}", tag = "declarations", params(("number" = String, Path)),
    request_body = Patch,
    responses((status = 200, body = DeclarationBody), (status = 409), (status = 422), (status = 429)))]
pub async fn correct(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    sent: Valid<Patch>,
) -> AppResult<HttpResponse> {
    let Patch { version, answers: patch } = sent.0;
    let (desk, from) = (Parts::of(&deps, ctx.now)?, sent_by(&who));
    let (account, person, number) = (who.account_id, who.person_id, normalise(&number));
    let (wanted, whose) = (number.clone(), Whose::of(&who));
    let outcome = deps
        .store
        .write(move |tx| {
            let row = store::own(tx.conn(), account, person, &wanted)?;
            stale::correctable(&row)?;
            let mut merged = DeclarationInput::of(&row.answers(&desk.keys)?);
            merge(&mut merged, patch);
            let bytes = serde_json::to_vec(&merged).map_err(AppError::internal)?;
            let answers = parse_json::<DeclarationInput>(&bytes)?.answers(desk.now)?;
            let step = format!("correct:{}:{version}", row.number);
            // Never written: a draft that was begun on the pages stays as it is.
            let draft = store::new_draft(tx.conn(), &desk.keys, &whose, None, &answers, &step, desk.now)?;
            act::send(tx, &desk, &from, &draft, draft.version, &answers)
        })
        .await?;
    outcome.number(|_| Err(AppError::conflict("document-counter")))?;
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
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    input: Valid<WithdrawInput>,
) -> AppResult<HttpResponse> {
    let (desk, from) = (Parts::of(&deps, ctx.now)?, sent_by(&who));
    let (person, number) = (who.person_id, normalise(&number));
    let wanted = number.clone();
    deps.store.write(move |tx| act::withdraw(tx, &desk, &from, person, &wanted, input.0.version)).await?;
    Ok(answer(actix_web::http::StatusCode::OK, &shown(&deps, &who, number).await?))
}
