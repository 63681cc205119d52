//! Residents: accounts, persons and claims; sign-in; my things.

mod cards;
mod claiming;
mod counter;
mod mine;
mod notice;
mod reindex;
pub mod signing_in;
pub mod steps;
