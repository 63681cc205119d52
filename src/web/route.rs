//! A slice's routes as a table that is read in one screen: method, path, who may, handler.
//!
//! The table is also what the authorisation matrix and the start-up check read: a route cannot be mounted without
//! saying who may use it.

use super::described::{About, Answers, Call, Shapes, Takes};
use super::door::Door;
use super::factor::{Fresh, Parameters, Unasked};
pub use super::opens::Pages;
use super::program::{Kind, Scope};
use crate::access::Role;
use crate::error::{AppError, AppResult};
use crate::urgency::Urgency;
use actix_web::guard::fn_guard;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, Handler, HttpResponse, Responder, web};
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
    /// Another system whose key has this scope, by a signature.
    Client(Scope),
    /// A device, by a signature.
    Device,
    /// A partner province, by a client certificate and a signature.
    Partner,
}

impl Who {
    /// Which kind of program, where it is one.
    #[must_use]
    pub const fn kind(self) -> Option<Kind> {
        match self {
            Self::Client(_) => Some(Kind::Client),
            Self::Device => Some(Kind::Device),
            Self::Partner => Some(Kind::Partner),
            Self::Public | Self::Resident | Self::Roles(_) | Self::SignedIn => None,
        }
    }

    /// Whether it is a program, and not a person.
    #[must_use]
    pub const fn is_program(self) -> bool {
        self.kind().is_some()
    }

    /// The door through which they come.
    const fn doors(self) -> &'static [Door] {
        match self {
            Self::Device => &[Door::Device],
            Self::Partner => &[Door::Partner],
            _ => &[Door::Portal],
        }
    }
}

/// That what the table says of programs is what the handlers ask for, and that each of their routes is at their own door only.
///
/// # Errors
/// [`AppError::Internal`] with the route that says one thing and asks for another.
pub fn check(table: &[RouteInfo]) -> AppResult<()> {
    for row in table {
        let said = Some(row.who).filter(|who| who.is_program());
        let at_own_door = !row.who.is_program() || row.doors == row.who.doors();
        if said != row.programs || !at_own_door {
            return Err(AppError::Internal(format!("{} {} says {:?}", row.method, row.path, row.who)));
        }
    }
    Ok(())
}

/// The pattern of a route, kept with its resource so that nobody has to look for it again.
#[derive(Debug, Clone, Copy)]
pub struct RoutePattern(pub &'static str);

/// The methods of a route at which a resident may act for somebody else, kept with its resource.
#[derive(Debug, Clone)]
pub struct ForOthers(Vec<Method>);

impl ForOthers {
    /// Whether one of them is the method; a HEAD is a GET.
    #[must_use]
    pub fn has(&self, method: &Method) -> bool {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        self.0.contains(method)
    }
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
    /// How urgent it is, where that does not follow from who does what.
    pub urgency: Option<Urgency>,
    /// How fresh the second factor has to be, as the handler's guard asks.
    pub fresh: Option<Fresh>,
    /// Why it has not to be, of what officials send.
    pub unasked: Option<Unasked>,
    /// Which programs its handler asks for, if any.
    pub programs: Option<Who>,
    /// At which doors it answers.
    pub doors: &'static [Door],
    /// Actions at this path that are hard to take back, where the others are not: [`Fresh::Minutes15`] for them.
    pub grave: &'static [&'static str],
    /// Whether a resident may do it for somebody else who has agreed to that.
    pub for_others: bool,
    /// What is said of it, for the description of all calls; calls of `/api` are described beside their handlers.
    pub about: Option<About>,
    /// What kind of body its handler reads.
    pub takes: Takes,
    /// What its handler reads of the query.
    pub query: fn() -> Vec<utoipa::openapi::path::Parameter>,
    /// The shapes of the view that its handler shows.
    pub shapes: Option<Shapes>,
}

type Mounted = (Method, actix_web::Route);

/// Collects routes: mounts them on actix and remembers what was said about them.
#[derive(Default)]
pub struct Routes {
    resources: BTreeMap<&'static str, Vec<Mounted>>,
    table: Vec<RouteInfo>,
    /// What was said of routes that are not there.
    astray: Vec<&'static str>,
}

impl Routes {
    /// Adds a route.
    pub fn add<F, Args>(&mut self, method: Method, path: &'static str, who: Who, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Parameters + 'static,
        F::Output: Responder + Answers + 'static,
    {
        let row = RouteInfo {
            method,
            path,
            who,
            urgency: None,
            fresh: Args::fresh(),
            unasked: None,
            programs: Args::programs(),
            doors: who.doors(),
            grave: &[],
            for_others: false,
            about: None,
            takes: Args::takes(),
            query: Args::query,
            shapes: F::Output::shapes(),
        };
        self.put(row, web::route().to(handler));
        self
    }

    /// Mounts a route; whatever its handler is, this is compiled once.
    fn put(&mut self, row: RouteInfo, route: actix_web::Route) {
        let route = match row.method {
            // A HEAD is answered as the GET would be; the server leaves the body out (RFC 9110, 9.3.2).
            Method::GET => route.guard(fn_guard(|c| matches!(c.head().method, Method::GET | Method::HEAD))),
            _ => route.method(row.method.clone()),
        };
        self.resources.entry(row.path).or_default().push((row.method.clone(), route));
        self.table.push(row);
    }

    /// Says of the route added last that a resident may do it for somebody else: its handler uses account and person of the
    /// guard for what is bound to the person, and names who acts in the record.
    pub fn for_others(&mut self) -> &mut Self {
        if let Some(last) = self.table.last_mut() {
            last.for_others = true;
        }
        self
    }

    /// Says of the route added last what it does.
    pub fn about(&mut self, about: About) -> &mut Self {
        if let Some(last) = self.table.last_mut() {
            last.about = Some(about);
        }
        self
    }

    /// Says of routes that were added what they do.
    pub fn tell(&mut self, calls: &[Call]) -> &mut Self {
        for call in calls {
            let method = if call.get { Method::GET } else { Method::POST };
            match self.table.iter_mut().find(|row| row.path == call.path && row.method == method) {
                Some(row) if row.about.is_none() => row.about = Some(call.about),
                _ => self.astray.push(call.path),
            }
        }
        self
    }

    /// Paths of which something was said although there is no such route, or something was said before.
    pub fn astray(&self) -> &[&'static str] {
        &self.astray
    }

    /// Says of the path added last how urgent it is, whatever is done there.
    pub fn urgent(&mut self, urgency: Urgency) -> &mut Self {
        if let Some(last) = self.table.last_mut() {
            last.urgency = Some(urgency);
        }
        self
    }

    /// Says at which doors the route added last answers, where that is not the one of whoever may use it.
    pub fn at(&mut self, doors: &'static [Door]) -> &mut Self {
        if let Some(last) = self.table.last_mut() {
            last.doors = doors;
        }
        self
    }

    /// Says of the route added last why it asks for no fresh second factor.
    pub fn unasked(&mut self, why: Unasked) -> &mut Self {
        if let Some(last) = self.table.last_mut() {
            last.unasked = Some(why);
        }
        self
    }

    /// Says which actions at the path added last are hard to take back.
    pub fn grave(&mut self, actions: &'static [&'static str]) -> &mut Self {
        if let Some(last) = self.table.last_mut() {
            last.grave = actions;
        }
        self
    }

    /// Adds a GET route.
    pub fn get<F, Args>(&mut self, path: &'static str, who: Who, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Parameters + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::GET, path, who, handler)
    }

    /// Adds a POST route.
    pub fn post<F, Args>(&mut self, path: &'static str, who: Who, handler: F) -> &mut Self
    where
        F: Handler<Args>,
        Args: FromRequest + Parameters + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.add(Method::POST, path, who, handler)
    }

    /// The table, in the order in which routes were added.
    pub fn table(&self) -> &[RouteInfo] {
        &self.table
    }

    /// Mounts what answers at a door. Fixed paths go before patterns, so that `/a/new` is not taken for `/a/{id}`. Patterns stand in
    /// a scope of what is fixed at their beginning: of a hundred expressions only the few of one scope are tried.
    pub fn mount(self, door: Door, config: &mut web::ServiceConfig) {
        let mut scopes: BTreeMap<&'static str, Vec<(&'static str, Vec<Mounted>)>> = BTreeMap::new();
        let table = &self.table;
        let served = |path: &str| {
            let rows = table.iter().filter(|row| row.path == path && row.for_others);
            ForOthers(rows.map(|row| row.method.clone()).collect())
        };
        let here = |method: &Method, path: &str| {
            table.iter().any(|row| row.path == path && row.method == *method && row.doors.contains(&door))
        };
        for (path, mut routes) in self.resources {
            routes.retain(|(method, _)| here(method, path));
            if routes.is_empty() {
                continue;
            }
            match fixed_part(path) {
                None => _ = config.service(resource(path, path, routes).app_data(served(path))),
                Some(prefix) => scopes.entry(prefix).or_default().push((path, routes)),
            }
        }
        // The longer before the shorter: `/a/b` is not to be looked for in the scope of `/a`.
        for (prefix, patterns) in scopes.into_iter().rev() {
            let resources = patterns.into_iter().map(|(path, routes)| {
                resource(path, path.strip_prefix(prefix).unwrap_or(path), routes).app_data(served(path))
            });
            config.service(resources.fold(web::scope(prefix), actix_web::Scope::service));
        }
    }
}

/// What a path answers: its own methods, HEAD beside GET, and OPTIONS with the list of them. Any other method is told
/// the list, too (RFC 9110, 15.5.6).
fn resource(whole: &'static str, path: &'static str, routes: Vec<Mounted>) -> actix_web::Resource {
    let allowed = allow(routes.iter().map(|(method, _)| method));
    let refused = allowed.clone();
    let resource = web::resource(path)
        .app_data(RoutePattern(whole))
        .route(web::method(Method::OPTIONS).to(move || {
            let allowed = allowed.clone();
            async move { HttpResponse::NoContent().insert_header((header::ALLOW, allowed)).finish() }
        }))
        .default_service(web::to(move || {
            let refused = refused.clone();
            async move { HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, refused)).finish() }
        }));
    routes.into_iter().fold(resource, |resource, (_, route)| resource.route(route))
}

fn allow<'a>(methods: impl Iterator<Item = &'a Method>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for method in methods {
        names.push(method.as_str());
        if *method == Method::GET {
            names.push("HEAD");
        }
    }
    names.push("OPTIONS");
    names.dedup();
    names.join(", ")
}

/// What stands before the segment with the first parameter; none without parameters.
fn fixed_part(path: &str) -> Option<&str> {
    let parameter = path.find('{')?;
    path.get(..parameter)?.rsplit_once('/').map(|(fixed, _)| fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn head_is_a_get_and_options_and_405_say_what_is_allowed() {
        use actix_web::test::{TestRequest, call_service, init_service};
        let mut routes = Routes::default();
        routes.get("/a", Who::Public, || async { "text" }).post("/a", Who::Public, || async { "made" });
        routes.get("/a/{id}", Who::Public, || async { "one" });
        let app = init_service(actix_web::App::new().configure(|c| routes.mount(Door::Portal, c))).await;
        for (method, path, status, allowed) in [
            (Method::GET, "/a", 200, ""),
            (Method::HEAD, "/a", 200, ""),
            (Method::HEAD, "/a/1", 200, ""),
            (Method::OPTIONS, "/a", 204, "GET, HEAD, POST, OPTIONS"),
            (Method::DELETE, "/a", 405, "GET, HEAD, POST, OPTIONS"),
            (Method::POST, "/a/1", 405, "GET, HEAD, OPTIONS"),
        ] {
            let request = TestRequest::default().method(method.clone()).uri(path).to_request();
            let answer = call_service(&app, request).await;
            let told = answer.headers().get(header::ALLOW).map_or("", |v| v.to_str().unwrap());
            assert_eq!((answer.status().as_u16(), told), (status, allowed), "{method} {path}");
        }
    }

    #[test]
    fn a_table_that_says_another_than_its_handler_asks_for_is_refused() {
        use crate::web::program::{Asks, Caller};
        enum Gates {}
        impl Asks for Gates {
            const WHO: Who = Who::Device;
        }
        async fn gate(_: Caller<Gates>) -> &'static str {
            "open"
        }
        let stands = |who: Who, add: fn(&mut Routes, Who)| {
            let mut routes = Routes::default();
            add(&mut routes, who);
            check(routes.table()).is_ok()
        };
        let signed = |r: &mut Routes, who: Who| _ = r.get("/a", who, gate);
        assert!(stands(Who::Device, signed));
        assert!(!stands(Who::Partner, signed) && !stands(Who::Public, signed));
        assert!(
            !stands(Who::Device, |r, who| _ = r.get("/a", who, || async { "open" })),
            "nobody asks who it is"
        );
        assert!(!stands(Who::Device, |r, who| _ = r.get("/a", who, gate).at(&Door::ALL)), "another's door");
        assert!(stands(Who::Public, |r, who| _ = r.get("/a", who, || async { "list" }).at(&Door::ALL)));
        assert!(check(crate::router::routes().table()).is_ok());
    }

    #[test]
    fn patterns_stand_under_what_is_fixed() {
        assert_eq!(fixed_part("/desk/declarations/{number}/receipt"), Some("/desk/declarations"));
        assert_eq!(fixed_part("/assets/{file:.*}"), Some("/assets"));
        assert_eq!(fixed_part("/code"), None);
    }
}
