//! Small work of officials at a person or a place: call somebody, visit an address, look at a gate.
//!
//! A task is a kind of a slice ([`crate::slice::TaskKind`]), a subject, a place and a day; there is one for each of these
//! ([`make`]), however often a rule finds it. Officials of the kind's role find it in their list by place and limit, take
//! it or do it straight away: open it, choose what came of it, send. On paper each row has its number, a QR code that opens
//! it and the results with numbers, which are typed in afterwards. What a result brings about is the slice's, in the same
//! transaction; a task whose reason has gone is closed by itself.

mod act;
mod api;
mod described;
mod kept;
mod list;
mod model;
mod pages;
mod paper;
mod settle;
mod store;

pub use model::Past;

use crate::access::Role;
use crate::clock::end_of_day;
use crate::db::{Conn, Id, Tx};
use crate::error::AppResult;
use crate::jobs::JobKind;
use crate::number::{self, Numbered};
use crate::role_set;
use crate::slice::{NOTHING, Slice, TaskKind, at, nav};
use crate::urgency::Urgency;
use crate::web::factor::Unasked;
use crate::web::route::{Routes, Who};
use crate::worklist;
use chrono::{DateTime, Days, NaiveDate, Utc};

role_set! {
    /// Who does tasks: the roles of the kinds that there are.
    Worker = [VillageWorker, TownReviewer];
}

const ROLES: &[Role] = &[Role::VillageWorker, Role::TownReviewer];
const WORKER: Who = Who::Roles(ROLES);

/// The kinds that a list is filtered by, each with who does it: an address is read before the portal is asked, so they stand
/// here, too.
const KINDS: &[(&str, Role)] =
    &[("call-returned", Role::VillageWorker), ("find-returned", Role::TownReviewer)];

/// What this room hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    nav: &[nav(45, "/desk/tasks", "nav-desk-tasks", ROLES)],
    kept: &[at(35, kept::KEPT)],
    jobs: &[JobKind::of::<settle::Settle>().every(3600)],
    data: &[at(77, ("tasks", model::data))],
    acts: &[("/desk/tasks.csv", "", "stepup-for-list"), ("/desk/tasks.xlsx", "", "stepup-for-list")],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/desk/tasks/print", WORKER, paper::print)
        .urgent(Urgency::Files)
        .get("/desk/tasks/enter", WORKER, paper::form)
        .post("/desk/tasks/enter", WORKER, paper::enter)
        .unasked(Unasked::Reports)
        .get("/desk/tasks/{number}", WORKER, pages::one)
        .post("/desk/tasks/{number}", WORKER, pages::send)
        .unasked(Unasked::Reports)
        .get("/api/v1/desk/tasks", WORKER, api::list)
        .post("/api/v1/desk/tasks/search", WORKER, api::search)
        .unasked(Unasked::Looks)
        .get("/api/v1/desk/tasks/{number}", WORKER, api::one)
        .post("/api/v1/desk/tasks/{number}/actions/{action}", WORKER, api::act)
        .unasked(Unasked::Reports);
    worklist::routes::<list::Tasks>(r);
    r.tell(described::CALLS);
}

crate::slice::calls!(api::list, api::search, api::one, api::act);

/// Makes a task of a kind for a day; false where there is one for this subject and day already.
///
/// # Errors
/// Database errors.
pub fn make(
    tx: &mut Tx<'_>,
    kind: &TaskKind,
    (subject, person): (Id, Option<Id>),
    division: &str,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    if store::is_there(tx.conn(), kind.name, subject, day)? {
        return Ok(false);
    }
    let number = number::new(tx.conn(), Numbered::Task, now)?;
    let due = end_of_day(day + Days::new(kind.days));
    store::add(tx, kind, &number, (subject, person), division, (day, due), now)
}

/// The tasks of a kind that a subject has had since a moment, the first one first.
///
/// # Errors
/// Database errors.
pub fn past(conn: &mut Conn, kind: &TaskKind, subject: Id, since: DateTime<Utc>) -> AppResult<Vec<Past>> {
    store::past(conn, kind.name, subject, since)
}
