//! The administrator: staff, posts and offices. No health data is in sight here, and nobody gives themself a right.

mod acts;
mod api;
mod api_lists;
mod cascade;
mod described;
mod grave;
mod identity;
mod lists;
mod offices;
mod officials;
mod rights;
mod store;
mod store_lists;
mod views;
mod vouch;

pub use store::has_administrator;

use crate::access::Role;
use crate::role_set;
use crate::slice::{NOTHING, Slice, nav};
use crate::web::route::{Routes, Who};
use actix_web::http::Method;

role_set! {
    /// Looks at staff and offices.
    Admin = [Administrator];
    /// Changes them, with a fresh second factor.
    AdminFresh = [Administrator] step_up true;
}

const WHO: Who = Who::Roles(&[Role::Administrator]);

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    nav: &[
        nav(10, "/admin/officials", "nav-officials", &[Role::Administrator]),
        nav(20, "/admin/offices", "nav-offices", &[Role::Administrator]),
    ],
    acts: &[("/admin/officials", "", "stepup-for-official"), ("/admin/offices", "", "stepup-for-office")],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/admin/officials", WHO, officials::list)
        .get("/admin/officials/new", WHO, officials::new_page)
        .post("/admin/officials/new", WHO, officials::new_sent)
        .get("/admin/officials/{id}", WHO, officials::one)
        .post("/admin/officials/{id}", WHO, acts::act)
        .get("/admin/offices", WHO, offices::list)
        .get("/admin/offices/new", WHO, offices::new_page)
        .post("/admin/offices/new", WHO, offices::new_sent)
        .get("/admin/offices/{id}", WHO, offices::edit_page)
        .post("/admin/offices/{id}", WHO, offices::edit_sent)
        .get("/api/v1/admin/offices", WHO, api_lists::offices)
        .post("/api/v1/admin/offices", WHO, api::add)
        .get("/api/v1/admin/offices/{id}", WHO, api_lists::office)
        .add(Method::PUT, "/api/v1/admin/offices/{id}", WHO, api::change)
        .get("/api/v1/admin/officials", WHO, api_lists::officials)
        .post("/api/v1/admin/officials", WHO, api::add_official)
        .get("/api/v1/admin/officials/{id}", WHO, api_lists::official)
        .post("/api/v1/admin/officials/{id}/actions/{action}", WHO, api::act)
        .add(Method::PUT, "/api/v1/admin/officials/{id}/identity", WHO, identity::put)
        .post("/api/v1/admin/officials/{id}/assignments", WHO, api::assign)
        .post("/api/v1/admin/officials/{id}/assignments/{assignment}/end", WHO, api::end);
    r.tell(described::CALLS);
}

crate::slice::calls!(
    api_lists::offices,
    api_lists::office,
    api::add,
    api::change,
    api_lists::officials,
    api_lists::official,
    api::add_official,
    api::act,
    identity::put,
    api::assign,
    api::end
);

/// Whether a text can be a sign-in name: 3 to 40 of a-z, 0-9, dot, hyphen.
#[must_use]
pub fn is_login(text: &str) -> bool {
    (3..=40).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::is_login;

    #[test]
    fn logins_are_plain() {
        assert!(is_login("li.jing-2") && is_login("abc"));
        for bad in ["ab", "Li", "李静", "a b c", "a/b", ""] {
            assert!(!is_login(bad), "{bad}");
        }
    }
}
