//! How long it is kept who was given what.

use crate::kept::{Kind, Owner, PLAIN};

/// What was shown to other provinces.
pub const KEPT: &[Kind] = &[Kind {
    name: "disclosure",
    table: "disclosures",
    clock: "t.at",
    owner: Owner { account: None, person: Some("t.person_id") },
    ..PLAIN
}];
