//! What every decision of an official goes through, whatever it is about.
//!
//! - [`Reading`] reads it: version, choice, texts and items have one limit and one error each; nothing is cut.
//! - [`Act::done`] does it once: a double click or a second sending of the same gets the first answer, the same key with
//!   something else is told so, and whoever comes after somebody else learns what that one did, when, and how it stands now.
//! - [`Act::foreseen`] shows beforehand what people will read: the very work is done, listened to, and taken back, so that
//!   what is shown cannot differ from what is sent.
//!
//! What is decided, by whom it may be and what follows from it is the slice's; it gives the work and a [`Standing`].

mod act;
mod preview;
mod read;
mod standing;
mod store;

pub use act::{Act, Sent};
pub use preview::{Foreseen, previews};
pub use read::{ITEMS, Reading, TEXT};
pub use standing::{Happened, Standing};
