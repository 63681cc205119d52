//! How long sessions, counters and stored answers are kept.

use crate::kept::{Kind, Owner, PLAIN};

/// What signing in and sending twice leave behind.
pub const KEPT: &[Kind] = &[
    Kind {
        name: "session",
        table: "sessions",
        clock: "t.expires_at",
        owner: Owner { account: Some("t.subject"), person: None },
        ..PLAIN
    },
    Kind {
        name: "counter",
        table: "rate_counters",
        key: &["bucket", "window_start"],
        clock: "t.window_start",
        ..PLAIN
    },
    Kind {
        name: "try",
        table: "sign_in_tries",
        key: &["bucket"],
        clock: "COALESCE(t.known_until, t.tried_at)",
        ..PLAIN
    },
    Kind { name: "step", table: "spent_steps", clock: "t.expires_at", ..PLAIN },
    Kind { name: "answer", table: "idempotency_keys", key: &["scope", "key"], ..PLAIN },
];
