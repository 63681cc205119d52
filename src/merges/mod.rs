//! Two records of one person become one: a passport and an identity card, say, that were declared with apart.
//!
//! An official of a counter who has both documents in hand proposes it, a second one looks at what rests on each and confirms
//! ([`crate::second`]). Then one record leads and the other points to it: everything that rests on the other is written over to
//! the leading one, row by row, and each row is noted, so that it can be taken back for half a year, again by two. Whoever asks
//! "of this person" finds all of it, by either document; the colour is worked out anew in the same transaction.
//!
//! Rows are rewritten and no query follows pointers: so no query can forget to. [`PLACES`] has every column that names a person,
//! which a test compares with the schema. `docs/merges.md` says what becomes of what.

mod act;
mod described;
mod kept;
mod model;
mod pages;
mod places;
mod second;
mod store;
mod store_rows;
mod wanted;

pub use act::Settle;
pub use places::{LEFT, PLACES};
pub use store::waiting;

use crate::access::Role;
use crate::jobs::JobKind;
use crate::role_set;
use crate::second as two;
use crate::slice::{NOTHING, Slice, at, nav};
use crate::web::factor::Grave;
use crate::web::route::{Routes, Who};
use model::Merge;

role_set! {
    /// Who sees documents at a counter, and proposes.
    Proposer = [VillageWorker, Doctor, TownReviewer];
    /// Who looks at what was proposed.
    Decider = [TownReviewer];
}
/// The same with a fresh second factor.
type Deciding = Grave<Decider>;

const COUNTER: &[Role] = &[Role::VillageWorker, Role::Doctor, Role::TownReviewer];

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    kept: &[at(114, kept::KEPT)],
    jobs: &[JobKind::of::<Settle>()],
    nav: &[nav(44, "/desk/merges", "nav-desk-merges", COUNTER)],
    parties: &[("merge", kept::is_party)],
    second: &[two::kind::<Merge>()],
    acts: &[("/desk/merges", "", "stepup-for-merge")],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    const DESK: Who = Who::Roles(COUNTER);
    two::routes::<Merge>(r);
    r.get("/desk/merges", DESK, pages::start)
        .post("/desk/merges", DESK, pages::send)
        .post("/desk/merges/undo", DESK, pages::undo)
        .tell(described::CALLS);
}
