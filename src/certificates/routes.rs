//! JSON: the holder's certificates.

use super::model::{Because, Row, State};
use super::store;
use crate::crypto::Keyring;
use crate::deps::App;
use crate::error::AppResult;
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::guard::Resident;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// A certificate of the signed-in resident.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CertificateBody {
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub state: State,
    /// `no-abnormality` or `fit-with-monitoring`.
    pub conclusion: String,
    /// Body temperature in tenths of a degree Celsius.
    pub temperature_tenths: i32,
    /// Division of destination (GB/T 2260).
    pub destination_division: Option<String>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends; the first moment at which it is not valid any more.
    pub expires_at: DateTime<Utc>,
    /// The signed text (`HC1:…`), only while it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Since when it is suspended; it comes back by itself when the causes end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<DateTime<Utc>>,
    /// When the holder took the consent to it back, which revoked it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// The causes of the holder's colour for which it is suspended or was revoked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Because>,
}

fn body(keys: &Keyring, row: &Row, now: DateTime<Utc>) -> AppResult<CertificateBody> {
    let state = store::state(row, now);
    let token = if state == State::Valid { Some(store::token(keys, row)?) } else { None };
    Ok(CertificateBody {
        number: row.number.clone(),
        state,
        conclusion: row.conclusion.clone(),
        temperature_tenths: row.temperature_tenths,
        destination_division: row.destination_division.clone(),
        issued_at: row.issued_at.0,
        expires_at: row.expires_at.0,
        token,
        suspended_at: row.suspended_at.filter(|_| state == State::Suspended).map(|t| t.0),
        withdrawn_at: row.withdrawn_at.map(|t| t.0),
        causes: store::causes(keys, row)?,
    })
}

/// The resident's certificates, the newest first.
///
/// # Errors
/// Not signed in; database errors.
#[utoipa::path(get, path = "/api/v1/certificates", tag = "certificates", responses((status = 200, body = [CertificateBody])))]
pub async fn list(ctx: Ctx, deps: App, who: Resident) -> AppResult<HttpResponse> {
    let now = ctx.now;
    let (keys, account, person) = (deps.keys.clone(), who.account_id, who.person_id);
    let all: Vec<CertificateBody> = deps
        .store
        .read(move |conn| {
            store::mine(conn, account, person, store::LISTED)?.iter().map(|r| body(&keys, r, now)).collect()
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(all))
}

/// One certificate of the resident.
///
/// # Errors
/// Not signed in; not there or not theirs (404).
#[utoipa::path(get, path = "/api/v1/certificates/{number}", tag = "certificates", params(("number" = String, Path)),
    responses((status = 200, body = CertificateBody), (status = 404)))]
pub async fn one(ctx: Ctx, deps: App, who: Resident, number: web::Path<String>) -> AppResult<HttpResponse> {
    let now = ctx.now;
    let (keys, account, person) = (deps.keys.clone(), who.account_id, who.person_id);
    let number = normalise(&number);
    let found =
        deps.store.read(move |conn| body(&keys, &store::own(conn, account, person, &number)?, now)).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(found))
}
