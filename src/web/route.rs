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
    resources: BTreeMap<&'static str, Vec<actix_web::Route>>,
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
        self.resources.entry(path).or_default().push(web::method(method.clone()).to(handler));
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

    /// Mounts everything. Fixed paths go before patterns, so that `/a/new` is not taken for `/a/{id}`. Patterns stand in
    /// a scope of what is fixed at their beginning: of a hundred expressions only the few of one scope are tried.
    pub fn mount(self, config: &mut web::ServiceConfig) {
        let mut scopes: BTreeMap<&'static str, Vec<(&'static str, Vec<actix_web::Route>)>> = BTreeMap::new();
        for (path, routes) in self.resources {
            match fixed_part(path) {
                None => _ = config.service(resource(path, path, routes)),
                Some(prefix) => scopes.entry(prefix).or_default().push((path, routes)),
            }
        }
        // The longer before the shorter: `/a/b` is not to be looked for in the scope of `/a`.
        for (prefix, patterns) in scopes.into_iter().rev() {
            let resources = patterns
                .into_iter()
                .map(|(path, routes)| resource(path, path.strip_prefix(prefix).unwrap_or(path), routes));
            config.service(resources.fold(web::scope(prefix), actix_web::Scope::service));
        }
    }
}

fn resource(whole: &'static str, path: &'static str, routes: Vec<actix_web::Route>) -> actix_web::Resource {
    let resource = web::resource(path).app_data(RoutePattern(whole));
    routes.into_iter().fold(resource, actix_web::Resource::route)
}

/// What stands before the segment with the first parameter; none without parameters.
fn fixed_part(path: &str) -> Option<&str> {
    let parameter = path.find('{')?;
    path.get(..parameter)?.rsplit_once('/').map(|(fixed, _)| fixed)
}

#[cfg(test)]
mod tests {
    use super::fixed_part;

    #[test]
    fn patterns_stand_under_what_is_fixed() {
        assert_eq!(fixed_part("/desk/declarations/{number}/receipt"), Some("/desk/declarations"));
        assert_eq!(fixed_part("/assets/{file:.*}"), Some("/assets"));
        assert_eq!(fixed_part("/code"), None);
    }
}
