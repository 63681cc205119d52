//! Health declarations: what a resident states, what the village worker checks, what the doctor confirms.
//!
//! The answers are one sealed document. A draft is saved at every step and can be resumed on any device with the same
//! phone; a correction is a draft too, and takes effect at once when it is sent, until the doctor confirms.

mod act;
mod answers;
mod begin;
mod calls;
mod cards;
mod comments;
mod compare;
mod consents;
mod daily;
mod days;
mod days_figures;
mod decide;
mod decided;
mod decision;
mod described;
mod desk;
mod desk_api;
mod entry;
mod expiry;
mod hand;
mod held;
mod input;
mod kept;
mod last;
mod list;
mod mine;
mod pace;
mod pages;
mod parse;
mod parse_travel;
mod present;
mod questions;
mod receipt;
mod routes;
mod stale;
mod store;
mod store_days;
mod store_hand;
mod store_offices;
mod store_versions;
mod store_worklist;
mod summary;
mod timeline;
mod views;
mod whose;

pub use answers::{Answers, Destination, Place, Stay};
pub use calls::Calls;
pub use cards::cards;
pub use consents::{consents, consents_with, withdraw_consent, withdraw_share};
use expiry::Expire;
pub use held::facts;
pub use input::{DeclarationInput, StayInput};
pub use receipt::Receipt;
pub use routes::DeclarationBody;
pub use store::hand_over;
pub use store_versions::stated_since;

use crate::access::Role;
use crate::colour::Stated;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::jobs::JobKind;
use crate::slice::{NOTHING, Slice, at, nav};
use crate::web::factor::Unasked;
use crate::web::route::{Routes, Who};
use crate::worklist;
use actix_web::http::Method;

const OFFICIALS: Who = Who::Roles(&[Role::VillageWorker, Role::Doctor]);

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    kept: &[at(20, kept::KEPT)],
    jobs: &[JobKind::of::<Expire>(), JobKind::of::<Calls>().every(3600)],
    tasks: calls::KINDS,
    nav: &[
        nav(10, "/desk/declarations", "nav-desk-declarations", &[Role::VillageWorker, Role::Doctor]),
        nav(60, "/desk/declarations/days", "nav-desk-days", days::COUNTING),
    ],
    mine: Some(at(10, ("/declarations", "declarations-title"))),
    cards: Some(at(40, cards)),
    parts: |deps| {
        deps.keep(Stated { facts: held::facts, last: last::last, awaited: held::awaited });
        Ok(())
    },
    data: &[at(20, ("declarations", data))],
    hand_over: Some(store::hand_over),
    taken: &[&hand::TAKEN],
    acts: &[
        ("/desk/declarations/new", "", "stepup-for-entry"),
        ("/desk/declarations/", "", "stepup-for-declaration"),
        ("/desk/declarations.csv", "", "stepup-for-list"),
        ("/desk/declarations.xlsx", "", "stepup-for-list"),
    ],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    for_residents(r);
    at_desk(r);
    for_programs(r);
    worklist::routes::<list::Declarations>(r);
    r.tell(described::CALLS);
}

fn for_residents(r: &mut Routes) {
    let one = Who::Resident;
    r.get("/declare", one, begin::start)
        .for_others()
        .post("/declare/discard", one, begin::discard)
        .for_others()
        .post("/declare/renew", one, begin::renew)
        .for_others()
        .get("/declare/check", one, pages::check)
        .for_others()
        .post("/declare/submit", one, pages::submit)
        .for_others()
        .get("/declare/counter", one, begin::counter)
        .get("/declare/{step}", one, pages::step)
        .for_others()
        .post("/declare/{step}", one, pages::save)
        .for_others()
        .get("/declarations", one, mine::list)
        .for_others()
        .get("/declarations/{number}", one, mine::one)
        .for_others()
        .get("/declarations/{number}/receipt", one, mine::receipt)
        .for_others()
        .post("/declarations/{number}/correct", one, mine::correct)
        .for_others()
        .post("/declarations/{number}/withdraw", one, mine::withdraw);
}

fn at_desk(r: &mut Routes) {
    r.post("/desk/declarations/check", Who::Roles(&[Role::VillageWorker]), desk::bulk)
        .post("/desk/declarations/bulk", OFFICIALS, hand::bulk)
        .unasked(Unasked::SharesOut)
        .get("/desk/declarations/days", Who::Roles(days::COUNTING), days::show)
        .get("/desk/declarations/days.csv", Who::Roles(days::COUNTING), days::csv)
        .get("/desk/declarations/days.json", Who::Roles(days::COUNTING), days::json)
        .get("/desk/declarations/new", OFFICIALS, entry::form)
        .post("/desk/declarations/new", OFFICIALS, entry::send)
        .get("/desk/declarations/{number}", OFFICIALS, decide::case)
        .post("/desk/declarations/{number}", OFFICIALS, decide::decide)
        .post("/desk/declarations/{number}/comments", OFFICIALS, comments::comment)
        .post("/desk/declarations/{number}/assign", OFFICIALS, hand::hand)
        .unasked(Unasked::SharesOut)
        .post("/api/v1/desk/declarations/{number}/assign", OFFICIALS, hand::hand_json)
        .unasked(Unasked::SharesOut)
        .get("/desk/declarations/{number}/receipt", OFFICIALS, entry::receipt)
        .get("/api/v1/desk/declarations", OFFICIALS, desk_api::list)
        .post("/api/v1/desk/declarations/search", OFFICIALS, desk_api::search)
        .unasked(Unasked::Looks)
        .get("/api/v1/desk/declarations/{number}", OFFICIALS, desk_api::one)
        .post("/api/v1/desk/declarations/{number}/actions/{action}", OFFICIALS, desk_api::act)
        .get("/api/v1/desk/declarations/{number}/comments", OFFICIALS, comments::list_json)
        .post("/api/v1/desk/declarations/{number}/comments", OFFICIALS, comments::comment_json);
}

fn for_programs(r: &mut Routes) {
    let one = Who::Resident;
    r.get("/api/v1/declarations/{number}/comments", one, comments::mine_json)
        .get("/api/v1/declarations", one, routes::list)
        .for_others()
        .post("/api/v1/declarations", one, routes::create)
        .for_others()
        .get("/api/v1/declarations/{number}", one, routes::one)
        .for_others()
        .add(Method::PATCH, "/api/v1/declarations/{number}", one, routes::correct)
        .for_others()
        .post("/api/v1/declarations/{number}/withdraw", one, routes::withdraw);
}

/// What an account has declared, and what it has begun, for the copy of one's data.
///
/// # Errors
/// Database errors.
pub fn data(conn: &mut Conn, deps: &Deps, account: Id, person: Option<Id>) -> AppResult<serde_json::Value> {
    let keys = &*deps.keys;
    let sent: Vec<DeclarationBody> = store::mine(conn, account, person, i64::MAX)?
        .iter()
        .map(|row| routes::body(conn, keys, row))
        .collect::<AppResult<_>>()?;
    let draft = store::draft(conn, account)?.map(|row| row.answers(keys)).transpose()?;
    let (mut earlier, mut said) = (Vec::new(), Vec::new());
    for row in store::mine(conn, account, person, i64::MAX)? {
        for comment in crate::case::comments_copied(conn, keys, row.id)? {
            said.push(serde_json::json!({"number": row.number, "comment": comment}));
        }
        for was in store_versions::earlier(conn, row.id)? {
            earlier.push(serde_json::json!({
                "number": row.number, "version": was.version, "received_at": was.submitted_at,
                "answers": DeclarationInput::of(&was.answers(keys)?),
            }));
        }
    }
    Ok(serde_json::json!({"sent": sent, "earlier": earlier, "comments": said, "draft": draft}))
}

crate::slice::calls!(
    routes::create,
    routes::list,
    routes::one,
    routes::correct,
    routes::withdraw,
    desk_api::list,
    desk_api::search,
    desk_api::one,
    desk_api::act,
    hand::hand_json,
    comments::mine_json,
    comments::list_json,
    comments::comment_json
);
