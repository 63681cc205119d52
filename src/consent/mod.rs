//! What residents have agreed to, in all slices, and taking it back at any time: PIPL art. 15, the withdrawal does not undo
//! what was done before, and art. 16, nobody is refused anything else for it.

mod described;
mod given;
mod pages;

pub use given::{all, data};
pub use pages::{ConsentsView, views};

use crate::slice::{NOTHING, Slice, at};
use crate::web::route::{Routes, Who};

/// What this slice hands over.
pub const SLICE: Slice = Slice { routes, data: &[at(80, ("consents", data))], ..NOTHING };

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/me/consents/{consent}", Who::Resident, pages::ask);
    r.post("/me/consents/{consent}", Who::Resident, pages::withdraw);
    r.tell(described::CALLS);
}
