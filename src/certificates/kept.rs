//! How long certificates are kept.

use crate::kept::{Kind, Owner, PLAIN, Part};

/// From the end of its validity: until then a verifier must be able to learn what became of it.
pub const KEPT: &[Kind] = &[Kind {
    name: "certificate",
    table: "certificates",
    clock: "t.expires_at",
    parts: &[Part { table: "case_events", column: "case_id" }],
    owner: Owner { account: Some("t.account_id"), person: Some("t.person_id") },
    number: Some("t.number"),
    ..PLAIN
}];
