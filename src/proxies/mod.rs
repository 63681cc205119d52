//! Acting for somebody else of the family: asked for by name and document, agreed to by the person's own telephone or at a
//! counter, or declared by a guardian; told to both, ended by either at once, and by itself after a year or on a birthday.
//!
//! Whoever acts does so in a mode of the session that every page shows. In it the session sits in the person's seat
//! ([`ResidentPrincipal::seated`](crate::web::principal::ResidentPrincipal::seated)): only routes that say so serve it, what
//! is bound to either account is out of reach, and the record names both.

mod act;
mod asked;
mod described;
mod desk;
mod ends;
mod kept;
mod merging;
mod mine;
mod model;
mod rules;
mod store;
mod tell;
mod verdict;
mod views;

pub use merging::{act_for_each_other, acting, too_many_act};
pub use tell::{Did, acted, reach};

use crate::access::Role;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::jobs::JobKind;
use crate::slice::{NOTHING, Slice, at, nav};
use crate::web::factor::Unasked;
use crate::web::route::{Routes, Who};
use model::{Row, with};
use serde_json::{Value, json};

const COUNTER: &[Role] = &[Role::VillageWorker, Role::Doctor, Role::TownReviewer];

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    jobs: &[JobKind::of::<ends::End>().every(3_600).at_start()],
    kept: &[at(112, kept::KEPT)],
    nav: &[nav(42, "/desk/proxies", "nav-desk-proxies", COUNTER)],
    mine: Some(at(60, ("/me/for", "proxies-title"))),
    cards: Some(at(15, asked::cards)),
    data: &[at(85, ("proxies", data))],
    hand_over: Some(ends::hand_over),
    acts: &[("/desk/proxies/", "", "stepup-for-proxy")],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    const DESK: Who = Who::Roles(COUNTER);
    r.get("/me/for", Who::Resident, mine::list)
        .get("/me/for/new", Who::Resident, mine::form)
        .post("/me/for/new", Who::Resident, mine::send)
        .post("/me/for/leave", Who::Resident, mine::leave)
        .post("/me/for/{number}/begin", Who::Resident, mine::begin)
        .post("/me/for/{number}/end", Who::Resident, mine::end)
        .get("/me/for/asked/{number}", Who::Resident, asked::one)
        .post("/me/for/asked/{number}", Who::Resident, asked::answer)
        .post("/me/for/asked/{number}/code", Who::Resident, asked::code)
        .get("/desk/proxies", DESK, desk::start)
        .post("/desk/proxies", DESK, desk::search)
        .unasked(Unasked::Looks)
        .get("/desk/proxies/{number}", DESK, desk::one)
        .post("/desk/proxies/{number}", DESK, desk::decide)
        .tell(described::CALLS);
}

/// For whom somebody acts, has acted or asked to act, and who does for them, for the copy of one's data.
///
/// # Errors
/// Database errors; [`crate::error::AppError::Internal`] when a column cannot be opened.
pub fn data(conn: &mut Conn, deps: &Deps, account: Id, person: Option<Id>) -> AppResult<Value> {
    let keys: &Keyring = &deps.keys;
    let told = |row: &Row| {
        json!({
            "number": row.number, "relation": row.relation, "way": row.way, "state": row.state,
            "text": row.consent_text, "asked_at": row.created_at, "granted_at": row.granted_at,
            "at_counter": row.granted_by.is_some(), "by_pin": row.by_pin, "until": row.until_at,
            "ended_at": row.ended_at, "ended_by": row.ended_by,
        })
    };
    let mut for_others = Vec::new();
    for row in store::of_account(conn, account, i64::MAX)? {
        let ward = row.ward(keys)?;
        let whom = json!({"name": ward.name.as_str(), "document_number": ward.document.number()});
        for_others.push(with(told(&row), whom));
    }
    let rows = person.map(|person| store::of_person(conn, person, i64::MAX)).transpose()?.unwrap_or_default();
    let mut for_me = Vec::new();
    for row in &rows {
        let who = json!({"who": crate::accounts::called(conn, keys, row.account_id)?});
        for_me.push(with(told(row), who));
    }
    Ok(json!({"for_others": for_others, "for_me": for_me}))
}
