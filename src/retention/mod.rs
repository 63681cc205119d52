//! Retention: everything that is kept has a published period; in the night after it the record is destroyed, and a
//! signed public record says what was destroyed and by which rule.
//!
//! Each slice says in its `kept.rs` what it keeps ([`Kind`]); the policy says for how long (`policy/retention.toml`);
//! [`daily`] destroys what is due in small steps and survives being killed; a hold stops it for what it names.
//! docs/retention.md explains the proof.

mod case;
mod holds;
mod kind;
mod mine;
mod night;
mod pages;
mod record;
mod run;
mod served;
mod sql;
mod store;
mod term;
#[cfg(test)]
mod tests;

pub use kind::{Kind, Lasting, Owner, PLAIN, Part};
pub use night::daily;
pub use record::{Record, SignedRun};
pub use served::{Served, served};
pub use term::{Term, cut_off, last_day, term};

use crate::access::Role;
use crate::web::route::{Routes, Who};

/// The job that goes on with what one turn did not finish.
pub const MORE: &str = "retention.more";
/// The job that comes by the clock.
pub const DAILY: &str = "retention.daily";

/// Every kind, in the order of destruction: what rests on another record goes before it.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    [
        crate::certificates::kept::KEPT,
        crate::declarations::kept::KEPT,
        crate::appeals::kept::KEPT,
        crate::codes::kept::KEPT,
        crate::reopening::kept::KEPT,
        crate::exchange::kept::KEPT,
        crate::notify::kept::KEPT,
        crate::web::kept::KEPT,
        crate::jobs::kept::KEPT,
        OWN,
        crate::accounts::kept::KEPT,
        crate::accounts::kept::LAST,
    ]
    .into_iter()
    .flatten()
}

/// A kind by its name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    kinds().find(|k| k.name == name)
}

/// Decisions to hold something back.
const OWN: &[Kind] = &[Kind {
    name: "hold",
    table: "retention_holds",
    clock: "t.until",
    parts: &[Part { table: "hold_ends", column: "hold_id" }],
    owner: Owner { account: None, person: Some("t.person_id") },
    ..PLAIN
}];

/// Tables that no clock empties.
pub const LASTING: &[Lasting] = &[
    Lasting {
        name: "record",
        tables: &[
            "audit_lanes",
            "audit_entries",
            "audit_chunks",
            "audit_heads",
            "retention_runs",
            "search_walks",
        ],
    },
    Lasting {
        name: "office",
        tables: &["offices", "officials", "recovery_codes", "assignments", "official_acts"],
    },
    Lasting {
        name: "public",
        tables: &[
            "division_risks",
            "risk_changes",
            "partners",
            "agreements",
            "trust_lists",
            "status_lists",
            "status_chunks",
            "status_indexes",
        ],
    },
];

const OPERATOR: Who = Who::Roles(&[Role::ProvinceOperator]);

/// The routes.
pub fn routes(r: &mut Routes) {
    r.get("/retention", Who::Public, pages::list);
    r.get("/retention/{id}", Who::Public, pages::one);
    r.get("/api/v1/retention/runs", Who::Public, pages::api);
    r.get("/desk/holds", Who::Roles(&[Role::ProvinceOperator, Role::Auditor]), holds::list);
    r.post("/desk/holds", OPERATOR, holds::enter);
    r.post("/desk/holds/{id}/confirm", OPERATOR, holds::confirm);
    r.post("/desk/holds/{id}/end", OPERATOR, holds::end);
    r.get("/me/kept", Who::Resident, mine::list);
    r.get("/me/kept/delete", Who::Resident, mine::ask);
    r.post("/me/kept/delete", Who::Resident, mine::delete);
}

crate::openapi::calls!(pages::api);
