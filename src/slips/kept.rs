//! How long receipts on paper can be opened again.

use crate::kept::{Kind, Owner, PLAIN};

/// From when it was given. The act itself is kept by its slice, and for good in the record.
pub const KEPT: &[Kind] = &[Kind {
    name: "slip",
    table: "slips",
    owner: Owner { account: None, person: Some("t.person_id") },
    number: Some("t.number"),
    ..PLAIN
}];
