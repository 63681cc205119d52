//! Officials: offices, staff, dated assignments, and their sign-in with two factors.
//!
//! A right is an assignment: role × jurisdiction, in an office, from a day to a day. A substitute is an assignment that
//! names whom it stands in for.

mod model;
mod store;

pub use model::{NewAssignment, NewOffice, NewOfficial, OfficeKind};
pub use store::{add_office, add_official, assign};
