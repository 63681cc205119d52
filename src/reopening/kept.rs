//! How long applications, staff lists, agents and businesses are kept.

use crate::kept::{Kind, Owner, PLAIN, Part};

const PARTS: &[Part] = &[
    Part { table: "application_reviews", column: "application_id" },
    Part { table: "case_events", column: "case_id" },
    Part { table: "case_comments", column: "case_id" },
    Part { table: "files", column: "case_id" },
    Part { table: "import_rows", column: "subject_id" },
    Part { table: "imports", column: "subject_id" },
];
const NAMES: &[Part] = &[Part { table: "business_names", column: "business_id" }];
const OWNER: Owner = Owner { account: Some("t.account_id"), person: None };

/// The files of a licence, and what is only needed for working on one.
pub const KEPT: &[Kind] = &[
    Kind {
        name: "application-draft",
        table: "applications",
        clock: "t.updated_at",
        only: "t.state = 'draft'",
        parts: PARTS,
        owner: OWNER,
        on_request: Some("t.state = 'draft'"),
        ..PLAIN
    },
    Kind {
        name: "application",
        table: "applications",
        clock: "COALESCE(t.decided_at, t.updated_at)",
        only: "t.state <> 'draft'",
        unless: "t.permit_until IS NOT NULL AND t.permit_until >= :cut",
        parts: PARTS,
        owner: OWNER,
        number: Some("t.number"),
        ..PLAIN
    },
    Kind {
        name: "staff-list",
        table: "business_staff",
        unless: "EXISTS (SELECT 1 FROM applications a WHERE a.business_id = t.business_id \
               AND (a.updated_at >= :cut OR a.permit_until >= :cut))",
        ..PLAIN
    },
    Kind {
        name: "agent",
        table: "business_agents",
        clock: "COALESCE(t.confirmed_at, t.created_at)",
        only: "t.state <> 'confirmed'",
        owner: OWNER,
        on_request: Some("t.state IN ('pending', 'rejected', 'ended')"),
        ..PLAIN
    },
    Kind {
        name: "business",
        table: "businesses",
        unless: "EXISTS (SELECT 1 FROM applications a WHERE a.business_id = t.id) \
               OR EXISTS (SELECT 1 FROM business_agents g WHERE g.business_id = t.id) \
               OR EXISTS (SELECT 1 FROM business_staff s WHERE s.business_id = t.id)",
        parts: NAMES,
        ..PLAIN
    },
];
