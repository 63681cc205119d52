//! Residents: accounts (a phone that signs in), persons (an identity document), sign-in, sessions, and the claims that
//! are decided at the counter.
//!
//! An account acts for one person, once that person's document is claimed. Who claims a document first through the web
//! gets a person at level *self-stated*; a second phone that names the same document gets a neutral answer and goes to
//! the counter. There are no PINs: the code sent to the phone is the proof, and whoever lost the phone goes to the
//! counter with the document.

mod claim;
mod model;
mod store;

pub use claim::claim_person;
pub use model::{Claim, ClaimPerson, IdentityLevel, Person};
pub use store::{accept_notice, account_of, ensure_account, person, person_by_document, recipient};
