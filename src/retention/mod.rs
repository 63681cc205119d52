//! Retention: everything that is kept has a published period; in the night after it the record is destroyed, and a
//! signed public record says what was destroyed and by which rule.
//!
//! Each slice says in its `kept.rs` what it keeps ([`crate::kept`]); the policy says for how long (`policy/retention.toml`);
//! [`Daily`] destroys what is due in small steps and survives being killed; a hold stops it for what it names.
//! docs/retention.md explains the proof.

mod case;
mod described;
mod holds;
mod holds_list;
mod mine;
mod night;
mod pages;
mod record;
mod run;
mod settle;
mod sql;
mod store;
mod store_holds;
#[cfg(test)]
mod tests;

pub use night::{Daily, More};
pub use record::{Record, SignedRun};

use crate::access::Role;
use crate::jobs::JobKind;
use crate::kept::{Kind, Lasting, Owner, PLAIN, Part};
use crate::slice::{NOTHING, Slice, at, nav};
use crate::web::route::{Routes, Who};
use crate::worklist;

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
        tables: &[
            "offices",
            "officials",
            "recovery_codes",
            "assignments",
            "official_absences",
            "official_acts",
            "saved_views",
            "program_keys",
            "program_secrets",
        ],
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

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    kept: &[at(90, crate::jobs::kept::KEPT), at(100, OWN)],
    jobs: &[
        JobKind::of::<Daily>().every(3600).at_start(),
        JobKind::of::<More>(),
        // What these removed has its own kinds of retention now; a portal of before may have left them in the queue.
        JobKind::of::<More>().once_named("accounts.sweep"),
        JobKind::of::<More>().once_named("sweep"),
    ],
    nav: &[nav(50, "/desk/holds", "nav-desk-holds", &[Role::ProvinceOperator, Role::Auditor]).of_province()],
    acts: &[
        ("/desk/holds/", "confirm", "stepup-for-hold-confirm"),
        ("/desk/holds/", "end", "stepup-for-hold-end"),
        ("/desk/holds.csv", "", "stepup-for-list"),
        ("/desk/holds.xlsx", "", "stepup-for-list"),
        ("/desk/holds", "", "stepup-for-hold"),
    ],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/retention", Who::Public, pages::list);
    r.get("/retention/{id}", Who::Public, pages::one);
    r.get("/api/v1/retention/runs", Who::Public, pages::api);
    worklist::routes::<holds_list::Holds>(r);
    r.post("/desk/holds", OPERATOR, holds::enter);
    r.get("/desk/holds/{id}", Who::Roles(&[Role::ProvinceOperator, Role::Auditor]), holds::one);
    r.post("/desk/holds/{id}/confirm", OPERATOR, holds::confirm);
    r.post("/desk/holds/{id}/end", OPERATOR, holds::end);
    r.get("/me/kept", Who::Resident, mine::list);
    r.get("/me/kept/delete", Who::Resident, mine::ask);
    r.post("/me/kept/delete", Who::Resident, mine::delete);
    r.tell(described::CALLS);
}

crate::slice::calls!(pages::api);
