//! What is kept of whom and for how long: each slice says in its `kept.rs` which records it has ([`Kind`]), the policy says
//! for how long ([`term`]), and a query asks for what is not past its period ([`served`]). The night's destruction is the
//! slice `retention`.

mod hold;
mod kind;
mod served;
mod term;

pub use hold::{HELD, UNCONFIRMED, held};
pub use kind::{Kind, Lasting, Owner, PLAIN, Part};
pub use served::{Served, Wall, served};
pub use term::{Term, cut_of, cut_off, days_of, last_day, term};
