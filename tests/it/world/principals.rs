//! Everybody who can ask: a visitor, the resident to whom things belong, another resident, and every role inside and
//! outside the jurisdiction; and asking as them, over a bearer token, so that no cookie or form token is in the way.

use super::{COUNTY, ELSEWHERE};
use crate::harness::App;
use crate::harness::doors::client_with;
use crate::harness::keys::{Message, TestKey};
use fugong::access::Role;
use fugong::db::Id;
use fugong::web::program::{Kind, Scope};
use fugong::web::route::{RouteInfo, Who};
use fugong::web::session::{self, SessionKind};
use reqwest::{Client, Method, Response};

/// Whose things the sample objects are.
pub const OWNER: &str = "13800138000";

/// Somebody who can ask.
#[derive(Debug, Clone)]
pub struct Principal {
    pub name: String,
    pub role: Option<Role>,
    /// For officials: whether the sample objects are in their jurisdiction. For residents: whether they own them.
    pub inside: bool,
    session: Option<(SessionKind, Id, Option<Id>)>,
    pub token: Option<String>,
    /// Of programs: what they sign with.
    pub key: Option<TestKey>,
}

impl Principal {
    /// Whether the table says that this one may use the route at all.
    pub fn may(&self, who: Who) -> bool {
        match who {
            Who::Public => true,
            Who::Resident => self.session.is_some() && self.role.is_none(),
            Who::Roles(roles) => self.role.is_some_and(|r| roles.contains(&r)),
            Who::SignedIn => self.session.is_some(),
            Who::Client(scope) => self.key.as_ref().is_some_and(|key| {
                key.kind == Kind::Client && (scope == Scope::Own || key.scopes.contains(&scope))
            }),
            Who::Device => self.key.as_ref().is_some_and(|key| key.kind == Kind::Device),
            Who::Partner => self.key.as_ref().is_some_and(|key| key.kind == Kind::Partner),
        }
    }

    pub fn anonymous(&self) -> bool {
        self.session.is_none()
    }
}

/// Everybody; nobody is signed in yet.
pub async fn everybody(app: &App) -> Vec<Principal> {
    let nobody = |name: &str| Principal {
        name: name.into(),
        role: None,
        inside: false,
        session: None,
        token: None,
        key: None,
    };
    let visitor = nobody("visitor");
    let mut all = vec![visitor];
    for (name, phone, inside) in [("owner", OWNER, true), ("other-resident", "13800138999", false)] {
        let (_, account) = app.resident_with(phone).await;
        let session = Some((SessionKind::Resident, account, None));
        all.push(Principal { inside, session, ..nobody(name) });
    }
    for (place, division, inside) in [("here", COUNTY, true), ("elsewhere", ELSEWHERE, false)] {
        for role in Role::ALL {
            // What is the whole province's is "here" for its own officials only.
            let division = if inside && role.is_provincial() { "510000" } else { division };
            let staff = app.official_full(*role, division).await;
            let session = Some((SessionKind::Official, staff.official, Some(staff.assignment)));
            all.push(Principal { role: Some(*role), inside, session, ..nobody(&format!("{role}-{place}")) });
        }
    }
    let keys = [
        ("client-register", app.client_key(&[Scope::Register]).await),
        ("client-bare", app.client_key(&[]).await),
        ("device", app.device_key().await),
        ("partner", app.partner_key().await),
    ];
    for (name, key) in keys {
        all.push(Principal { key: Some(key), inside: true, ..nobody(name) });
    }
    all
}

/// An official of the whole province in a role that counties have, too.
pub async fn of_the_province(app: &App, role: Role) -> Principal {
    let staff = app.official_full(role, "510000").await;
    let session = Some((SessionKind::Official, staff.official, Some(staff.assignment)));
    let name = format!("{role}-of-the-province");
    Principal { name, role: Some(role), inside: true, session, token: None, key: None }
}

/// Signs everybody in anew, with a fresh second factor.
pub async fn sign_in(app: &App, all: &mut [Principal]) {
    let wanted: Vec<_> = all.iter().map(|p| p.session).collect();
    let now = app.clock.now();
    let made = app.deps.store.write(move |tx| {
        let mut tokens = Vec::new();
        for (kind, subject, assignment) in wanted.into_iter().flatten() {
            let (first, session) = session::start(tx, kind, subject, assignment, "Test", now)?;
            let fresh = kind == SessionKind::Official;
            tokens.push(if fresh { session::step_up(tx, &session.id, now)? } else { first });
        }
        Ok(tokens)
    });
    let mut tokens = made.await.unwrap().into_iter();
    for principal in all.iter_mut().filter(|p| p.session.is_some()) {
        principal.token = tokens.next();
    }
}

/// A client that follows nothing; at the partners' door it shows a partner's certificate.
pub fn client() -> Client {
    client_with(Some("partner"))
}

/// Asks as a principal, at the door at which the route answers; a program signs.
pub async fn ask_as(
    client: &Client,
    app: &App,
    route: &RouteInfo,
    path: &str,
    who: &Principal,
    accept: &str,
    body: Option<Body>,
) -> Response {
    let base = app.base_of(route);
    let method = route.method.as_str();
    let Some(key) = &who.key else {
        return ask(client, &base, method, path, who.token.as_deref(), accept, body).await;
    };
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let bytes = body.as_ref().map(|body| body.bytes.as_slice());
    let message = Message::new(app, method.clone(), format!("{base}{path}"), bytes);
    let mut request = client.request(method, &message.target).header("accept", accept);
    for (name, value) in message.signed(&key.keyid, &key.signer) {
        request = request.header(name, value);
    }
    if let Some(body) = body {
        request = request.header("content-type", body.kind).body(body.bytes);
    }
    request.send().await.unwrap_or_else(|e| panic!("{} {path}: {e}", route.method))
}

/// A body and its type.
#[derive(Debug, Clone)]
pub struct Body {
    pub kind: &'static str,
    pub bytes: Vec<u8>,
}

/// Asks as a principal.
pub async fn ask(
    client: &Client,
    base: &str,
    method: &str,
    path: &str,
    token: Option<&str>,
    accept: &str,
    body: Option<Body>,
) -> Response {
    let mut request = client
        .request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{base}{path}"))
        .header("accept", accept);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if let Some(body) = body {
        request = request.header("content-type", body.kind).body(body.bytes);
    }
    request.send().await.unwrap_or_else(|e| panic!("{method} {path}: {e}"))
}

/// The body of a form or of JSON in which nothing was filled in.
pub fn empty_body(route: &RouteInfo) -> Body {
    if is_api(route.path) {
        Body { kind: "application/json", bytes: b"{}".to_vec() }
    } else {
        Body { kind: "application/x-www-form-urlencoded", bytes: Vec::new() }
    }
}

/// Whether the route is for programs.
pub fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/exchange/") || path.starts_with("/device/")
}

/// Whether the route changes something.
pub fn changes(route: &RouteInfo) -> bool {
    !matches!(route.method.as_str(), "GET" | "HEAD")
}
