//! The slices of the portal, a line each.

use crate::slice::Slices;
use crate::web::route::Routes;

/// What the portal is made of.
pub const SLICES: Slices = Slices(&[
    &crate::exchange::SLICE,
    &crate::site::SLICE,
    &crate::accounts::SLICE,
    &crate::pins::SLICE,
    &crate::proxies::SLICE,
    &crate::merges::SLICE,
    &crate::codes::SLICE,
    &crate::appeals::SLICE,
    &crate::officials::SLICE,
    &crate::reopening::SLICE,
    &crate::declarations::SLICE,
    &crate::certificates::SLICE,
    &crate::audit::SLICE,
    &crate::retention::SLICE,
    &crate::consent::SLICE,
    &crate::notify::SLICE,
    &crate::subscriptions::SLICE,
    &crate::tasks::SLICE,
    &crate::live::SLICE,
    &crate::files::SLICE,
    &crate::case::SLICE,
    &crate::import::SLICE,
    &crate::second::SLICE,
    &crate::slips::SLICE,
    &crate::openapi::SLICE,
    &crate::admin::SLICE,
    &crate::front::SLICE,
]);

/// Every route of the portal.
pub fn routes() -> Routes {
    SLICES.routes()
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod links;
