//! Principals beside people: the keys of other systems (clients), devices and partner provinces, which the province's
//! administrator gives, and as whom each of them is recognised. How a request is signed and proven is the web's
//! ([`crate::web::program`]); `docs/front.md` tells it to whoever signs.

mod act;
mod api;
mod described;
mod input;
mod jobs;
mod kept;
mod model;
mod own;
mod pages;
mod store;
mod views;

pub use act::{KeyMade, add};
pub use input::{KeyInput, NewKey, NewSecret, SecretInput};

use crate::access::Role;
use crate::jobs::JobKind;
use crate::role_set;
use crate::slice::{NOTHING, Slice, at, nav};
use crate::web::program::Scope;
use crate::web::route::{Routes, Who};

role_set! {
    /// Looks at keys.
    KeyView = [Administrator] province true;
    /// Gives, replaces and revokes them, with a fresh second factor.
    KeyChange = [Administrator] step_up true province true;
}

const WHO: Who = Who::Roles(&[Role::Administrator]);

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    jobs: &[JobKind::of::<jobs::Sweep>().every(300)],
    kept: &[at(81, kept::KEPT)],
    nav: &[nav(30, "/admin/keys", "nav-keys", &[Role::Administrator]).of_province()],
    acts: &[("/admin/keys", "", "stepup-for-key")],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/admin/keys", WHO, pages::list)
        .get("/admin/keys/new", WHO, pages::new_page)
        .post("/admin/keys/new", WHO, pages::new_sent)
        .get("/admin/keys/{id}", WHO, pages::one)
        .post("/admin/keys/{id}", WHO, pages::act)
        .get("/api/v1/admin/keys", WHO, api::list)
        .post("/api/v1/admin/keys", WHO, api::add)
        .get("/api/v1/admin/keys/{id}", WHO, api::one)
        .post("/api/v1/admin/keys/{id}/rotate", WHO, api::rotate)
        .post("/api/v1/admin/keys/{id}/revoke", WHO, api::revoke)
        .get("/api/v1/self", Who::Client(Scope::Own), own::client)
        .get("/device/v1/self", Who::Device, own::device)
        .get("/exchange/v1/whoami", Who::Partner, own::partner);
    r.tell(described::CALLS);
}

crate::slice::calls!(api::list, api::add, api::one, api::rotate, api::revoke, own::client);
