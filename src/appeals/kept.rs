//! How long appeals are kept.

use crate::kept::{Kind, Owner, PLAIN, Part};

/// From the decision.
pub const KEPT: &[Kind] = &[Kind {
    name: "appeal",
    table: "code_appeals",
    clock: "COALESCE(t.decided_at, t.created_at)",
    parts: &[
        Part { table: "case_events", column: "case_id" },
        Part { table: "case_comments", column: "case_id" },
        Part { table: "files", column: "case_id" },
    ],
    owner: Owner { account: Some("t.account_id"), person: Some("t.person_id") },
    number: Some("t.number"),
    ..PLAIN
}];
