//! Cases: what every one of them goes through, whatever it is about.
//!
//! - [`Kind`] says once what its cases are: the workflow, the calendar, the names under which timeline, record and messages
//!   know them, and the texts of what is refused.
//! - [`step`] is the one way in which a case moves: the workflow is asked, a refusal becomes the same error for all kinds,
//!   the statutory clocks go on, the slice writes its row, and timeline and record are written beside it in one transaction.
//! - [`letters`] and [`Letter`] say which messages a transition brings, each of which is sent once.
//! - [`events`] and [`happened`] read the timeline.
//! - [`comment`] writes what officials say beside a case, to each other or to the person.
//! - [`hands`] says in whose hands a case is somebody's to do: their own, and those of colleagues for whom they stand in.
//! - [`hand_on_page`], [`hand_of_row`] and [`hand_by_call`] take a case, give it to a colleague or give it back to all.
//! - [`clock()`] shows the statutory clock: the same words for the person and for every office.
//!
//! The rows are the slices': each keeps its own table with its own columns and says how a case stands as an [`At`].
//! docs/cases.md tells what the slices had each for itself before, and what differed.

mod absence;
mod absence_pages;
mod clock;
mod comment;
mod comment_calls;
mod described;
mod event;
mod hand;
mod hand_list;
mod kind;
mod leaving;
mod step;
mod store;
mod store_absence;
mod store_hand;
mod tell;

pub use absence::{NewAbsence, colleagues, hands, substitutes};
pub use clock::{Running, clock};
pub use comment::{
    CommentBody, CommentInput, CommentView, Commented, CommentsBody, CommentsView, comments_at_desk,
    comments_copied, comments_to_person, unless_own,
};
pub use comment_calls::{Comments, comments_of_own};
pub use event::{Event, add_event, events, happened};
pub use hand::{HandBody, HandInput, HandView, hand_by_call, hand_of_row, hand_on_page, hand_view};
pub(crate) use hand_list::by_hands;
pub use hand_list::{Hands, Whose, sharing};
pub use kind::Kind;
pub use leaving::{held, release};
pub use step::{Asked, At, Moved, Written, step};
pub use store_hand::colleagues_of;
pub use tell::{Letter, letters};

use crate::access::Role;
use crate::slice::{NOTHING, Slice};
use crate::web::factor::Unasked;
use crate::web::route::{Routes, Who};
use actix_web::http::Method;

/// What this room hands over: the absences of officials. What is about a kind of case its slice mounts.
pub const SLICE: Slice = Slice { routes, openapi: Some(openapi), ..NOTHING };

/// The routes.
fn routes(r: &mut Routes) {
    let any = Who::Roles(Role::ALL);
    r.get("/desk/account/absences", any, absence_pages::show)
        .post("/desk/account/absences", any, absence_pages::enter)
        .unasked(Unasked::SharesOut)
        .post("/desk/account/absences/{id}/end", any, absence_pages::end)
        .unasked(Unasked::SharesOut)
        .get("/api/v1/desk/absences", any, absence_pages::list_json)
        .post("/api/v1/desk/absences", any, absence_pages::enter_json)
        .unasked(Unasked::SharesOut)
        .add(Method::DELETE, "/api/v1/desk/absences/{id}", any, absence_pages::end_json)
        .unasked(Unasked::SharesOut);
    r.tell(described::CALLS);
}

crate::slice::calls!(absence_pages::list_json, absence_pages::enter_json, absence_pages::end_json);

#[cfg(test)]
mod tests;
