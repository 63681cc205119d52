//! How long messages are kept.

use crate::kept::{Kind, Owner, PLAIN};

/// What was sent out, and what can be read in the portal.
pub const KEPT: &[Kind] = &[
    Kind { name: "outbox", table: "outbox", only: "t.state <> 'sending'", ..PLAIN },
    Kind {
        name: "message",
        table: "inbox",
        owner: Owner {
            account: Some("t.account_id"),
            person: Some("(SELECT a.person_id FROM accounts a WHERE a.id = t.account_id)"),
        },
        on_request: Some("t.read_at IS NOT NULL"),
        ..PLAIN
    },
];
