//! How long it is kept who asked to act, and who acted, for somebody else.

use crate::kept::{Kind, Owner, PLAIN};

const OWNER: Owner = Owner { account: Some("t.account_id"), person: Some("t.person_id") };

/// Questions to which nobody agreed, and consents with their end.
pub const KEPT: &[Kind] = &[
    Kind {
        name: "proxy-asked",
        table: "proxies",
        clock: "COALESCE(t.ended_at, t.until_at)",
        only: "t.granted_at IS NULL",
        owner: OWNER,
        number: Some("t.number"),
        ..PLAIN
    },
    Kind {
        name: "proxy",
        table: "proxies",
        clock: "COALESCE(t.ended_at, t.until_at)",
        only: "t.granted_at IS NOT NULL",
        owner: OWNER,
        number: Some("t.number"),
        ..PLAIN
    },
];
