//! Health declarations: what a resident states, what the village worker checks, what the doctor confirms.
//!
//! The answers are one sealed document. A draft is saved at every step and can be resumed on any device with the same
//! phone; a correction is a draft too, and takes effect at once when it is sent, until the doctor confirms.

mod answers;
mod decide;
mod decision;
mod desk;
mod desk_api;
mod entry;
mod expiry;
mod input;
mod mine;
mod pages;
mod parse;
mod parse_travel;
mod present;
mod questions;
mod receipt;
mod routes;
mod service;
mod store;
mod store_events;
mod store_worklist;
mod summary;

pub use answers::{Answers, Destination, Place, Stay};
pub use expiry::expire;
pub use input::{DeclarationInput, StayInput};
pub use receipt::Receipt;
pub use routes::DeclarationBody;

use crate::access::Role;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::policy;
use crate::web::division::full_name;
use crate::web::i18n::Lang;
use crate::web::route::{Routes, Who};
use actix_web::http::Method;
use chrono::{DateTime, Utc};

const OFFICIALS: Who = Who::Roles(&[Role::VillageWorker, Role::Doctor]);

/// The routes.
pub fn routes(r: &mut Routes) {
    let one = Who::Resident;
    r.get("/declare", one, pages::start)
        .post("/declare/discard", one, pages::discard)
        .get("/declare/check", one, pages::check)
        .post("/declare/submit", one, pages::submit)
        .get("/declare/counter", one, pages::counter)
        .get("/declare/{step}", one, pages::step)
        .post("/declare/{step}", one, pages::save)
        .get("/declarations", one, mine::list)
        .get("/declarations/{number}", one, mine::one)
        .get("/declarations/{number}/receipt", one, mine::receipt)
        .post("/declarations/{number}/correct", one, mine::correct)
        .post("/declarations/{number}/withdraw", one, mine::withdraw)
        .get("/desk/declarations", OFFICIALS, desk::list)
        .post("/desk/declarations", OFFICIALS, desk::search)
        .post("/desk/declarations/check", Who::Roles(&[Role::VillageWorker]), desk::bulk)
        .get("/desk/declarations/new", OFFICIALS, entry::form)
        .post("/desk/declarations/new", OFFICIALS, entry::send)
        .get("/desk/declarations/{number}", OFFICIALS, decide::case)
        .post("/desk/declarations/{number}", OFFICIALS, decide::decide)
        .get("/desk/declarations/{number}/receipt", OFFICIALS, entry::receipt)
        .get("/api/v1/desk/declarations", OFFICIALS, desk_api::list)
        .post("/api/v1/desk/declarations/search", OFFICIALS, desk_api::search)
        .get("/api/v1/desk/declarations/{number}", OFFICIALS, desk_api::one)
        .post("/api/v1/desk/declarations/{number}/actions/{action}", OFFICIALS, desk_api::act)
        .get("/api/v1/declarations", one, routes::list)
        .post("/api/v1/declarations", one, routes::create)
        .get("/api/v1/declarations/{number}", one, routes::one)
        .add(Method::PATCH, "/api/v1/declarations/{number}", one, routes::correct)
        .post("/api/v1/declarations/{number}/withdraw", one, routes::withdraw);
}

/// What the colour rules know from a person's last declaration: the declaration itself, the stays it lists, the test it
/// states and where the person lives.
#[derive(Debug, Clone)]
pub struct DeclaredFacts {
    /// The declaration.
    pub declaration: policy::Declaration,
    /// Stays of the last 14 days; their risk is for the caller to fill in.
    pub travel: Vec<policy::Travel>,
    /// Division of household registration.
    pub home: Option<String>,
    /// Division of the present address.
    pub present: Option<String>,
}

/// The facts of a person's last declaration that was neither withdrawn nor rejected; `None` without one.
///
/// # Errors
/// Database errors.
pub fn facts(
    conn: &mut Conn,
    keys: &Keyring,
    person: Id,
    _now: DateTime<Utc>,
) -> AppResult<Option<DeclaredFacts>> {
    let Some(row) = store::latest(conn, person)? else { return Ok(None) };
    let Some(submitted) = row.submitted_at else { return Ok(None) };
    let answers = row.answers(keys)?;
    let travel = answers.travel.iter().map(|stay| {
        let place = stay.division.map(|d| d.to_string()).unwrap_or_default();
        let name = match &stay.abroad {
            Some(abroad) => policy::Words::new(abroad, abroad),
            None => policy::Words::new(full_name(Lang::ZhCn, &place), full_name(Lang::En, &place)),
        };
        policy::Travel {
            place,
            name,
            risk: None,
            near_risk_area: false,
            from: stay.from,
            to: stay.to,
            transport: Some(stay.transport.clone()),
            source: policy::Words::new("本人申报", "own declaration"),
        }
    });
    Ok(Some(DeclaredFacts {
        declaration: answers.facts(submitted.0),
        travel: travel.collect(),
        home: answers.household.as_ref().map(|p| p.division.to_string()),
        present: answers.present.as_ref().map(|p| p.division.to_string()),
    }))
}

/// What an account has declared, and what it has begun, for the copy of one's data.
///
/// # Errors
/// Database errors.
pub fn data(
    conn: &mut Conn,
    keys: &Keyring,
    account: Id,
    person: Option<Id>,
) -> AppResult<serde_json::Value> {
    let sent: Vec<DeclarationBody> = store::mine(conn, account, person)?
        .iter()
        .map(|row| routes::body(conn, keys, row))
        .collect::<AppResult<_>>()?;
    let draft = store::draft(conn, account)?.map(|row| row.answers(keys)).transpose()?;
    Ok(serde_json::json!({"sent": sent, "draft": draft}))
}

crate::openapi::calls!(
    routes::create,
    routes::list,
    routes::one,
    routes::correct,
    routes::withdraw,
    desk_api::list,
    desk_api::search,
    desk_api::one,
    desk_api::act
);
