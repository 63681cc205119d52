//! How long it is shown that something has ended because nobody decided it in time.

use crate::kept::{Kind, Owner, PLAIN};

/// What waits still is open. The thing itself is kept by its slice; with a record about a person it goes, too.
pub const KEPT: &[Kind] = &[Kind {
    name: "second-wait",
    table: "second_waits",
    clock: "t.ended_at",
    only: "t.state = 'expired'",
    owner: Owner { account: None, person: Some("t.person_id") },
    ..PLAIN
}];
