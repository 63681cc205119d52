//! The record that cannot be changed unseen: hash chains by writer lane, Merkle tree, signed heads.
//!
//! Every mutation, and every look of an official at personal data, appends an [`Entry`] in its own transaction
//! ([`append`]). Details are codes, identifiers and digests; never names, numbers or health data.

mod acts;
mod api;
mod chain;
mod copies;
mod described;
mod finding;
mod head;
mod leaves;
mod list;
mod named;
mod pages;
mod receipt;
mod receipts;
pub mod tree;
mod verify;
mod words;

pub use acts::{Done, done_to};
pub use chain::{Position, append, entry_hash};
pub use copies::{FILE as HEADS_FILE, lost, set_aside};
pub use finding::{Finding, Summary};
pub use head::{Head, LanePart, PublicKeys, Signing, by_number, latest};
pub use leaves::{Proof, is_beginning, prove, proves};
pub use receipt::{Receipt, Standing, entry_of, read_receipt, sign_receipt, standing};
pub use verify::{verify, verify_recent};

use crate::access::Role;
use crate::db::Id;
use crate::jobs::JobKind;
use crate::slice::{NOTHING, Slice, nav};
use crate::urgency::Urgency;
use crate::web::factor::Unasked;
use crate::web::principal::{OfficialPrincipal, Principal, ResidentPrincipal};
use crate::web::route::{Routes, Who};
use serde_json::Value;

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    jobs: &[JobKind::of::<Signing>().every(60)],
    nav: &[nav(10, "/audit", "nav-audit", &[Role::Auditor])],
    acts: &[("/audit/export.csv", "", "stepup-for-export")],
    ..NOTHING
};

/// The routes: the auditor's pages, and receipts for everybody.
fn routes(r: &mut Routes) {
    const AUDITOR: Who = Who::Roles(&[Role::Auditor]);
    r.get("/audit", AUDITOR, pages::list)
        .get("/audit/export.csv", AUDITOR, pages::export)
        .urgent(Urgency::Files)
        .get("/audit/entries/{lane}/{seq}", AUDITOR, pages::entry)
        .post("/audit/verify", AUDITOR, pages::verify)
        .unasked(Unasked::Looks)
        .get("/api/v1/audit/entries", AUDITOR, api::list)
        .get("/api/v1/audit/entries/{lane}/{seq}", AUDITOR, api::one)
        .post("/api/v1/audit/verify", AUDITOR, api::verify)
        .unasked(Unasked::Looks)
        .get("/receipts/check", Who::Public, receipts::page)
        .post("/receipts/check", Who::Public, receipts::check)
        .post("/api/v1/receipts/verify", Who::Public, receipts::verify);
    r.tell(described::CALLS);
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The portal itself, such as a job.
    System,
    /// Somebody who has not signed in.
    Anonymous,
    /// An account.
    Resident(Id),
    /// An account that acts for somebody else, who has agreed to it.
    Proxy {
        /// The account.
        account: Id,
        /// The person for whom it acts.
        person: Id,
    },
    /// An official in an office.
    Official {
        /// The official.
        id: Id,
        /// The office acted in.
        office: Id,
    },
    /// A command on the server's console.
    Console,
    /// A partner province; its code goes into the detail.
    Partner,
    /// Another system, a device or a partner, by its key.
    Program(Id),
}

impl Actor {
    /// The stored kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Anonymous => "anonymous",
            Self::Resident(_) => "resident",
            Self::Proxy { .. } => "proxy",
            Self::Official { .. } => "official",
            Self::Console => "console",
            Self::Partner => "partner",
            Self::Program(_) => "program",
        }
    }

    /// The stored identifier.
    pub fn id(&self) -> Option<Id> {
        match self {
            Self::Resident(id)
            | Self::Proxy { account: id, .. }
            | Self::Program(id)
            | Self::Official { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The stored office.
    pub fn office(&self) -> Option<Id> {
        match self {
            Self::Official { office, .. } => Some(*office),
            _ => None,
        }
    }
}

impl From<&OfficialPrincipal> for Actor {
    fn from(o: &OfficialPrincipal) -> Self {
        Self::Official { id: o.official_id, office: o.office_id }
    }
}

impl From<&ResidentPrincipal> for Actor {
    fn from(r: &ResidentPrincipal) -> Self {
        match (r.seated_by, r.person_id) {
            (Some(account), Some(person)) => Self::Proxy { account, person },
            _ => Self::Resident(r.account_id),
        }
    }
}

impl From<&Principal> for Actor {
    fn from(p: &Principal) -> Self {
        match p {
            Principal::Anonymous => Self::Anonymous,
            Principal::Resident(r) => (&**r).into(),
            Principal::Official(o) => (&**o).into(),
            Principal::Program(p) => Self::Program(p.id),
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Who.
    pub actor: Actor,
    /// What: `declaration.submit`, `worklist.view` …
    pub action: &'static str,
    /// Kind of the object.
    pub object_kind: &'static str,
    /// The object.
    pub object: Option<Id>,
    /// The person whose data it is: the resident sees these rows.
    pub subject: Option<Id>,
    /// Codes, counts and digests.
    pub detail: Value,
}

impl Entry {
    /// An entry without object, subject or detail. What is done for somebody else is that person's, whatever it is.
    pub fn new(actor: impl Into<Actor>, action: &'static str, object_kind: &'static str) -> Self {
        let actor = actor.into();
        let subject = match actor {
            Actor::Proxy { person, .. } => Some(person),
            _ => None,
        };
        Self { actor, action, object_kind, object: None, subject, detail: Value::Null }
    }

    /// Names the object.
    #[must_use]
    pub fn object(mut self, id: Id) -> Self {
        self.object = Some(id);
        self
    }

    /// Names the person whose data it is.
    #[must_use]
    pub fn subject(mut self, person: Option<Id>) -> Self {
        self.subject = person.or(self.subject);
        self
    }

    /// Adds codes, counts and digests.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

crate::slice::calls!(api::list, api::one, api::verify, receipts::verify);
