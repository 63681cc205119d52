//! How long findings, codes and their changes are kept.

use crate::kept::{Kind, Owner, PLAIN, Part};

const OWNER: Owner = Owner { account: None, person: Some("t.person_id") };

/// Nothing goes while the person is red or yellow: what goes could be the cause, and a colour must not end by
/// forgetting. A cause that was set aside stays so as long as there is anything it could come from.
pub const KEPT: &[Kind] = &[
    Kind {
        name: "finding",
        table: "health_records",
        clock: "COALESCE(t.ended_at, t.until, t.at)",
        unless: "EXISTS (SELECT 1 FROM code_states c WHERE c.person_id = t.person_id \
               AND c.colour IN ('red', 'yellow'))",
        parts: &[
            Part { table: "record_ends", column: "record_id" },
            Part { table: "second_waits", column: "holder_id" },
        ],
        owner: OWNER,
        ..PLAIN
    },
    Kind {
        name: "waiver",
        table: "code_waivers",
        clock: "t.decided_at",
        unless: "EXISTS (SELECT 1 FROM health_records h WHERE h.person_id = t.person_id) OR EXISTS \
               (SELECT 1 FROM declarations d WHERE d.person_id = t.person_id AND d.created_at <= t.decided_at)",
        owner: OWNER,
        ..PLAIN
    },
    Kind { name: "code-change", table: "code_changes", clock: "t.at", owner: OWNER, ..PLAIN },
    Kind { name: "preview", table: "risk_previews", clock: "t.started_at", ..PLAIN },
    Kind { name: "code-print", table: "code_prints", clock: "t.expires_at", owner: OWNER, ..PLAIN },
    Kind {
        name: "code",
        table: "code_states",
        key: &["person_id"],
        clock: "t.evaluated_at",
        unless: "t.colour IN ('red', 'yellow')",
        owner: OWNER,
        forgets: Some("t.person_id"),
        ..PLAIN
    },
];
