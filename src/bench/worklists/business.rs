//! Businesses, and the rights to act for them.

use super::fill::Rows;
use super::lists::{COUNTY, List, Typed, by_arrival, waiting};
use crate::access::Role;

/// Businesses, each with up to ten applications and one right to act for it.
pub const BUSINESSES: Rows = Rows {
    table: "businesses",
    columns: &[
        ("id", "r.id"),
        ("uscc", "'BENCH' || r.i"),
        ("name", "'岳池县第' || r.i || '号面馆'"),
        ("kind", "'enterprise'"),
        ("division", "'511621100'"),
        ("version", "1"),
        ("created_at", "r.at"),
    ],
    parent: None,
    seal: None,
};

/// Rights to act.
pub const AGENTS: List = List {
    name: "rights to act",
    path: "/desk/agents",
    role: Role::CountyDesk,
    area: COUNTY,
    rows: Rows {
        table: "business_agents",
        columns: &[
            ("id", "r.id"),
            ("business_id", "r.parent"),
            ("account_id", ":account"),
            ("number", "'DB-BENCH' || r.i"),
            ("state", "CASE :half WHEN 0 THEN 'pending' ELSE 'ended' END"),
            ("created_at", "r.at"),
            ("version", "1"),
            ("claimed_name", "'岳池县第' || r.i || '号面馆'"),
            ("claimed_division", ":place"),
        ],
        parent: Some((BUSINESSES.table, 1)),
        seal: None,
    },
    filter: "place=:town&kind=enterprise",
    search: Some(Typed::Business),
    newest: false,
    shown: waiting,
    place: by_arrival,
};
