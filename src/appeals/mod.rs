//! The human review of a colour (Personal Information Protection Law, article 24). A resident contests one cause of a
//! yellow or red code in their own words; a reviewer who had no part in the evidence upholds it or sets it aside, with
//! reasons, within the time of `workflow/appeal.toml`. The reviewer is of the county that found what the cause rests on,
//! not of one that the resident chooses (`codes::ground`). A cause that comes from a declaration no longer counts from
//! then on (`codes::set_aside`). What two officers found is not ended by one reviewer: an officer who had no part in it
//! confirms it, or a second reviewer decides ([`crate::codes::Appeals`]).

mod act;
mod cards;
mod comments;
mod decide;
mod described;
mod desk;
mod evidence;
mod hand;
pub mod kept;
mod list;
mod model;
mod pages;
mod store;
mod store_hand;
mod store_worklist;
mod views;

pub use cards::cards;

use crate::access::Role;
use crate::codes::Appeals;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::role_set;
use crate::slice::{Handed, NOTHING, Slice, at, nav};
use crate::urgency::Urgency;
use crate::web::factor::Unasked;
use crate::web::route::{Routes, Who};
use crate::worklist;
use actix_web::http::Method;
use serde_json::{Value, json};

role_set! {
    /// Who decides appeals.
    Reviewer = [AppealReviewer];
    /// The same with a fresh second factor: a decision can end a cause of a colour.
    ReviewerFresh = [AppealReviewer] step_up true;
}

const REVIEWER: Who = Who::Roles(&[Role::AppealReviewer]);

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    nav: &[nav(10, "/desk/appeals", "nav-desk-appeals", &[Role::AppealReviewer])],
    kept: &[at(30, kept::KEPT)],
    parts: |deps| {
        deps.keep(Appeals {
            waiting_for: store::waiting_for,
            open: store::open,
            all_confirming: store::all_confirming,
            hold: store::hold,
            second_word: act::second_word,
        });
        Ok(())
    },
    cards: Some(at(50, cards)),
    data: &[at(50, ("appeals", data))],
    hand_over: Some(store::hand_over),
    taken: &[&hand::TAKEN],
    handed: &[Handed { purpose: "evidence", case: evidence::case_of }],
    acts: &[
        ("/desk/appeals/", "", "stepup-for-appeal"),
        ("/desk/appeals.csv", "", "stepup-for-list"),
        ("/desk/appeals.xlsx", "", "stepup-for-list"),
    ],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/code/appeal", Who::Resident, pages::form)
        .for_others()
        .post("/code/appeal", Who::Resident, pages::send)
        .for_others()
        .get("/code/appeals/{number}", Who::Resident, pages::one)
        .for_others()
        .post("/code/appeals/{number}/withdraw", Who::Resident, pages::withdraw)
        .post("/code/appeals/{number}/files", Who::Resident, evidence::add)
        .get("/code/appeals/{number}/files/{file}", Who::Resident, evidence::one)
        .for_others()
        .urgent(Urgency::Files)
        .post("/code/appeals/{number}/files/{file}/remove", Who::Resident, evidence::remove)
        .post("/desk/appeals/bulk", REVIEWER, hand::bulk)
        .unasked(Unasked::SharesOut)
        .get("/desk/appeals/{number}", REVIEWER, desk::one)
        .post("/desk/appeals/{number}", REVIEWER, decide::decide)
        .post("/desk/appeals/{number}/comments", REVIEWER, comments::comment)
        .post("/desk/appeals/{number}/assign", REVIEWER, hand::hand)
        .unasked(Unasked::SharesOut)
        .post("/api/v1/desk/appeals/{number}/assign", REVIEWER, hand::hand_json)
        .unasked(Unasked::SharesOut)
        .get("/api/v1/appeals/{number}/comments", Who::Resident, comments::mine_json)
        .get("/api/v1/desk/appeals/{number}/comments", REVIEWER, comments::list_json)
        .post("/api/v1/desk/appeals/{number}/comments", REVIEWER, comments::comment_json)
        .get("/desk/appeals/{number}/files/{file}", REVIEWER, evidence::at_desk)
        .get("/api/v1/appeals/{number}/files", Who::Resident, evidence::list_json)
        .for_others()
        .post("/api/v1/appeals/{number}/files", Who::Resident, evidence::add_json)
        .get("/api/v1/appeals/{number}/files/{file}", Who::Resident, evidence::one_json)
        .for_others()
        .add(Method::DELETE, "/api/v1/appeals/{number}/files/{file}", Who::Resident, evidence::remove_json)
        .get("/api/v1/desk/appeals/{number}/files", REVIEWER, evidence::desk_list_json)
        .get("/api/v1/desk/appeals/{number}/files/{file}", REVIEWER, evidence::desk_one_json)
        .get("/api/v1/desk/appeals", REVIEWER, list::api)
        .post("/api/v1/desk/appeals/search", REVIEWER, list::api_search)
        .unasked(Unasked::Looks);
    worklist::routes::<list::Appeals>(r);
    r.tell(described::CALLS);
}

/// The part of the copy of a resident's data: every appeal with what was said and decided.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub fn data(conn: &mut Conn, deps: &Deps, _: Id, person: Option<Id>) -> AppResult<Value> {
    let keys = &*deps.keys;
    let Some(person) = person else { return Ok(Value::Null) };
    let rows = store::of_person(conn, person)?;
    let mut one = |row: &model::Row| -> AppResult<Value> {
        Ok(json!({
            "number": row.number, "state": row.state, "sent_at": row.created_at, "due_at": row.due_at,
            "due_provisional": row.due_at.is_some_and(|due| !crate::workflow::is_announced(due.0)),
            "decided_at": row.decided_at, "statement": row.statement(keys)?, "decision": row.told(keys)?,
            "files": evidence::copied(conn, deps, row)?,
            "comments": crate::case::comments_copied(conn, keys, row.id)?,
        }))
    };
    rows.iter().map(&mut one).collect()
}

crate::slice::calls!(
    list::api,
    list::api_search,
    hand::hand_json,
    comments::mine_json,
    comments::list_json,
    comments::comment_json,
    evidence::list_json,
    evidence::add_json,
    evidence::one_json,
    evidence::remove_json,
    evidence::desk_list_json,
    evidence::desk_one_json
);
