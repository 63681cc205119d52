//! A slice's routes as a table that is read in one screen: method, path, who may, handler.
//!
//! The table is also what the authorisation matrix and the start-up check read: a route cannot be mounted without
//! saying who may use it.

use crate::access::Role;
use crate::telemetry::RoutePattern;
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Responder, web};
use std::collections::BTreeMap;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody.
    Public,
    /// A signed-in resident; the query limits it to what is theirs.
    Resident,
    /// Officials in these roles; the query limits it to their jurisdiction.
    Roles(&'static [Role]),
    /// A resident or an official.
    SignedIn,
}

/// One row of the table, for the matrix.
#[derive(Debug, Clone)]
pub struct RouteInfo {
    /// GET or POST …
    pub method: Method,
    /// Path pattern.
    pub path: &'static str,
    /// Who may.
    pub who: Who,
}

/// Collects routes: mounts them on actix and remembers what was said about them.
#[derive(Default)]
pub struct Routes {
    resources: BTreeMap<&'static str, actix_web::Resource>,
    table: Vec<RouteInfo>,
}

impl Routes {
    /// Adds a route.
    pub fn add<F, Args>(&mut self, method: Method, path: &'static str, who: Who, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let resource =
            self.resources.remove(path).unwrap_or_else(|| web::resource(path).app_data(RoutePattern(path)));
        self.resources.insert(path, resource.route(web::method(method.clone()).to(handler)));
        self.table.push(RouteInfo { method, path, who });
        self
    }

    /// Adds a GET route.
    pub fn get<F, Args>(&mut self, path: &'static str, who: Who, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, who, handler)
    }

    /// Adds a POST route.
    pub fn post<F, Args>(&mut self, path: &'static str, who: Who, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::POST, path, who, handler)
    }

    /// The table, in the order in which routes were added.
    pub fn table(&self) -> &[RouteInfo] {
        &self.table
    }

    /// Mounts everything. Fixed paths go before patterns, so that `/a/new` is not taken for `/a/{id}`.
    pub fn mount(self, config: &mut web::ServiceConfig) {
        let (patterns, fixed): (Vec<_>, Vec<_>) =
            self.resources.into_iter().partition(|(p, _)| p.contains('{'));
        for (_, resource) in fixed.into_iter().chain(patterns) {
            config.service(resource);
        }
    }
}
