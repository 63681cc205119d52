//! Return-to-work certificates: issued by a health centre on a confirmed declaration, signed, verifiable offline, with a
//! status that can be changed within a minute.

mod cards;
mod described;
mod desk;
mod issue;
mod kept;
mod list;
mod model;
mod pages;
mod revoke;
mod routes;
pub mod status;
mod store;
mod store_worklist;
mod suspend;
mod withdraw;

pub use cards::cards;
pub use issue::{Ended, Issued, NewCertificate, issue, revoke};
pub(crate) use issue::{Issuer, issue_for};
pub use model::{CertificateState, State, conclusion_code, conclusion_of};
pub use routes::{CertificateBody, list as api_list, one as api_one};
pub use store::hand_over;
pub use suspend::{follow, in_use};
pub use withdraw::{consent_to, consents, rested_on, withdraw, withdraw_resting};

use crate::access::Role;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::identity::DocumentNumber;
use crate::kept::served;
use crate::slice::{NOTHING, Slice, at, nav};
use crate::web::factor::Unasked;
use crate::web::route::{Routes, Who};
use crate::worklist;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

const OFFICIALS: Who = Who::Roles(&[Role::VillageWorker, Role::Doctor]);
const DOCTORS: Who = Who::Roles(&[Role::Doctor]);

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    kept: &[at(10, kept::KEPT)],
    nav: &[nav(20, "/desk/certificates", "nav-desk-certificates", &[Role::VillageWorker, Role::Doctor])],
    mine: Some(at(20, ("/certificates", "certificates-title"))),
    cards: Some(at(30, cards)),
    data: &[at(30, ("certificates", data))],
    hand_over: Some(store::hand_over),
    acts: &[
        ("/desk/certificates/", "revoke", "stepup-for-revoke"),
        ("/desk/certificates.csv", "", "stepup-for-list"),
        ("/desk/certificates.xlsx", "", "stepup-for-list"),
    ],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/certificates", Who::Resident, pages::list)
        .for_others()
        .get("/certificates/{number}", Who::Resident, pages::one)
        .for_others()
        .get("/certificates/{number}/print", Who::Resident, pages::print)
        .for_others()
        .get("/certificates/{number}/text", Who::Resident, pages::text)
        .for_others()
        .get("/certificates/{number}/png", Who::Resident, pages::png)
        .for_others()
        .get("/desk/certificates/{number}", OFFICIALS, desk::one)
        .get("/desk/certificates/{number}/print", OFFICIALS, desk::print)
        .post("/desk/certificates/{number}/revoke", DOCTORS, revoke::revoke)
        .get("/api/v1/certificates", Who::Resident, routes::list)
        .for_others()
        .get("/api/v1/certificates/{number}", Who::Resident, routes::one)
        .for_others()
        .get("/api/v1/desk/certificates", OFFICIALS, list::api)
        .post("/api/v1/desk/certificates/search", OFFICIALS, list::api_search)
        .unasked(Unasked::Looks);
    worklist::routes::<list::Certificates>(r);
    r.tell(described::CALLS);
}

/// The best certificate of each document, in the order asked for; `None` where there is none. One that is valid, or
/// suspended for now, counts before any other, then the newest.
///
/// # Errors
/// Database errors.
pub fn states_of(
    conn: &mut Conn,
    keys: &Keyring,
    documents: &[DocumentNumber],
    now: DateTime<Utc>,
) -> AppResult<Vec<Option<CertificateState>>> {
    let mut found = Vec::with_capacity(documents.len());
    for part in documents.chunks(200) {
        let blind: Vec<Vec<Vec<u8>>> = part
            .iter()
            .map(|d| {
                let candidates = keys.blind_candidates("document", &d.canonical());
                candidates.into_iter().map(|b| b.to_vec()).collect()
            })
            .collect();
        let persons: HashMap<Vec<u8>, Id> =
            store::persons_by_blind(conn, &blind.concat())?.into_iter().collect();
        let ids: Vec<Id> = persons.values().copied().collect();
        let mut best: HashMap<Id, CertificateState> = HashMap::new();
        for (person, number, stored, suspended, expires) in store::of_persons(conn, &ids)? {
            let state = State::of(&stored, suspended.is_some(), expires.0, now);
            let kept = best.get(&person).is_some_and(|b| b.state.counts()) && !state.counts();
            if !kept {
                best.insert(person, CertificateState { number, state, expires_at: expires.0 });
            }
        }
        found.extend(blind.iter().map(|candidates| {
            let person = candidates.iter().find_map(|b| persons.get(b))?;
            best.get(person).cloned()
        }));
    }
    Ok(found)
}

/// The certificate's number that a declaration led to, if it did.
///
/// # Errors
/// Database errors.
pub fn of_declaration(conn: &mut Conn, declaration: Id) -> AppResult<Option<String>> {
    use crate::db::schema::certificates;
    use diesel::prelude::*;
    Ok(certificates::table
        .filter(served("certificates"))
        .filter(certificates::declaration_id.eq(declaration))
        .select(certificates::number)
        .first(conn)
        .optional()?)
}

/// Whose certificate has this entry in a status list.
///
/// # Errors
/// Database errors.
pub fn holder_of(conn: &mut Conn, slot: status::Slot) -> AppResult<Option<Id>> {
    store::holder_of(conn, slot.list, slot.index)
}

/// The certificates of an account, for the copy of one's data.
///
/// # Errors
/// Database errors.
pub fn data(conn: &mut Conn, deps: &Deps, account: Id, person: Option<Id>) -> AppResult<serde_json::Value> {
    let keys = &*deps.keys;
    let rows = store::mine(conn, account, person, i64::MAX)?;
    rows.iter().map(|row| store::copy(keys, row)).collect::<AppResult<Vec<_>>>().map(serde_json::Value::Array)
}

crate::slice::calls!(routes::list, routes::one, list::api, list::api_search);
