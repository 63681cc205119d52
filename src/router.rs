//! Mounts each slice's table of routes.

use crate::web::route::Routes;

/// Every route of the portal.
pub fn routes() -> Routes {
    let mut r = Routes::default();
    crate::exchange::routes(&mut r);
    crate::web::site::routes(&mut r);
    crate::accounts::routes(&mut r);
    crate::codes::routes(&mut r);
    crate::appeals::routes(&mut r);
    crate::officials::routes(&mut r);
    crate::reopening::routes(&mut r);
    crate::web::division::routes(&mut r);
    crate::declarations::routes(&mut r);
    crate::certificates::routes(&mut r);
    crate::audit::routes(&mut r);
    crate::retention::routes(&mut r);
    crate::consent::routes(&mut r);
    crate::notify::routes(&mut r);
    crate::openapi::routes(&mut r);
    crate::admin::routes(&mut r);
    r
}

/// What the slices say about their calls, for the OpenAPI document.
pub fn descriptions() -> Vec<utoipa::openapi::OpenApi> {
    vec![
        crate::accounts::openapi(),
        crate::admin::openapi(),
        crate::audit::openapi(),
        crate::certificates::openapi(),
        crate::codes::openapi(),
        crate::declarations::openapi(),
        crate::exchange::openapi(),
        crate::notify::openapi(),
        crate::openapi::openapi(),
        crate::officials::openapi(),
        crate::reopening::openapi(),
        crate::retention::openapi(),
    ]
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod links;
