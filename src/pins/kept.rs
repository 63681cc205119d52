//! How long PINs are kept.

use crate::kept::{Kind, Owner, PLAIN};

/// From when it has run out: of no use then. One that is taken back or replaced is gone at once.
pub const KEPT: &[Kind] = &[Kind {
    name: "pin",
    table: "person_pins",
    key: &["person_id"],
    clock: "t.until_at",
    owner: Owner { account: None, person: Some("t.person_id") },
    ..PLAIN
}];
