//! PINs of people without a telephone: what they know instead of what they hold.
//!
//! A counter that has seen the document gives one, on the receipt that the person takes home; it is shown there once. With it a
//! relative can be allowed to act without another way to a counter ([`crate::proxies`]), and staff can recognise whoever calls
//! and cannot show a document ([`crate::declarations`]). It opens nothing by itself: there is no page on which a PIN signs in.
//! `docs/counter.md` says why.
//!
//! Five wrong tries in a row lock it until a counter gives another; it holds for a year, and only as long as no telephone
//! stands for the person. It is kept as a keyed hash.

mod act;
mod described;
mod kept;
mod pages;
mod store;

pub use act::{TRIES, tried};

use crate::access::Role;
use crate::slice::{NOTHING, Slice, at, nav};
use crate::web::route::{Routes, Who};

const COUNTER: &[Role] = &[Role::VillageWorker, Role::Doctor, Role::TownReviewer];

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    kept: &[at(113, kept::KEPT)],
    nav: &[nav(43, "/desk/pins", "nav-desk-pins", COUNTER)],
    hand_over: Some(store::hand_over),
    acts: &[("/desk/pins", "", "stepup-for-pin")],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    const DESK: Who = Who::Roles(COUNTER);
    r.get("/desk/pins", DESK, pages::start).post("/desk/pins", DESK, pages::send).tell(described::CALLS);
}
