//! How long declarations are kept.

use crate::kept::{Kind, Owner, PLAIN, Part};

const PARTS: &[Part] = &[
    Part { table: "case_events", column: "case_id" },
    Part { table: "case_comments", column: "case_id" },
    Part { table: "declaration_versions", column: "declaration_id" },
];
const OWNER: Owner = Owner { account: Some("t.account_id"), person: Some("t.person_id") };

/// Drafts, and what was sent in. A declaration on which a certificate rests goes after the certificate; one that was
/// withdrawn can go at once, unless the person's colour may still rest on what it said.
pub const KEPT: &[Kind] = &[
    Kind {
        name: "draft",
        table: "declarations",
        clock: "t.updated_at",
        only: "t.state = 'draft'",
        parts: PARTS,
        owner: OWNER,
        on_request: Some("t.state = 'draft'"),
        ..PLAIN
    },
    Kind {
        name: "declaration",
        table: "declarations",
        clock: "t.updated_at",
        only: "t.state <> 'draft'",
        unless: "EXISTS (SELECT 1 FROM certificates c WHERE c.declaration_id = t.id)",
        // Both are kept equally long (a test compares them).
        served_unless: Some(
            "EXISTS (SELECT 1 FROM certificates c WHERE c.declaration_id = t.id AND c.expires_at >= :cut)",
        ),
        parts: PARTS,
        owner: OWNER,
        on_request: Some(
            "t.state = 'withdrawn' AND NOT EXISTS (SELECT 1 FROM code_states c WHERE c.person_id = t.person_id \
             AND c.colour IN ('red', 'yellow'))",
        ),
        number: Some("t.number"),
        ..PLAIN
    },
];
