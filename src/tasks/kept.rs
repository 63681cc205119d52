//! How long tasks are kept.

use crate::kept::{Kind, Owner, PLAIN};

/// From when it was done, or was to be.
pub const KEPT: &[Kind] = &[Kind {
    name: "task",
    table: "tasks",
    clock: "COALESCE(t.done_at, t.due_at)",
    owner: Owner { account: None, person: Some("t.person_id") },
    ..PLAIN
}];
