//! One real object for every route with a parameter: it belongs to the owner ([`super::principals::OWNER`]) or lies
//! in [`super::COUNTY`], and whoever may use the route can do something with it. Made when it is asked for, by the portal's
//! own interfaces, and anew once it has been used up.

mod made;
pub(super) use made::retention_run;

use super::World;
use super::principals::{Body, OWNER, is_api};
use crate::harness::App;
use crate::harness::browser::Browser;
use diesel::prelude::*;
use fugong::db::Id;
use fugong::db::schema::accounts;
use fugong::web::route::RouteInfo;
use made::program;
use serde_json::json;
use std::collections::BTreeMap;

const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data; boundary=b";

/// Beginnings of patterns, and the object whose name is their first parameter. The first that fits counts; `=` is a
/// value that is nobody's.
const OBJECTS: &[(&str, &str)] = &[
    ("/exchange/v1/status-lists/{", "=1"),
    ("/desk/exchange/agreements/{", "agreement"),
    ("/assets/{", "=favicon.svg"),
    ("/retention/{", "retention-run"),
    ("/desk/holds/{", "=01920000-0000-7000-8000-00000000abcd"),
    ("/desk/account/sessions/{", "=01920000-0000-7000-8000-00000000abcd"),
    ("/me/sessions/{", "session"),
    ("/me/consents/{", "consent"),
    ("/desk/claims/{", "claim"),
    ("/me/for/asked/{", "proxy-asked"),
    ("/me/for/{", "proxy"),
    ("/desk/proxies/{", "=JR200312-00000000"),
    ("/desk/receipts/{", "slip"),
    ("/desk/merges/{", "merge"),
    ("/code/print/{", "paper"),
    ("/desk/codes/print/{", "paper"),
    ("/desk/records/{id}/end", "counting-record"),
    ("/desk/records/{", "record"),
    ("/desk/record-ends/{", "record-end"),
    ("/desk/risks/{", "risk"),
    ("/code/appeals/{number}/files/{", "appeal-file"),
    ("/desk/appeals/{number}/files/{", "appeal-file"),
    ("/api/v1/appeals/{number}/files/{", "appeal-file"),
    ("/api/v1/desk/appeals/{number}/files/{", "appeal-file"),
    ("/subscriptions/confirm/{", "=01920000-0000-7000-8000-00000000abcd"),
    ("/subscriptions/stop/{", "=01920000-0000-7000-8000-00000000abcd"),
    ("/me/subscriptions/{", "subscription"),
    ("/desk/tasks/{", "task"),
    ("/api/v1/desk/tasks/{", "task"),
    ("/api/v1/me/subscriptions/{", "subscription"),
    ("/code/appeals/{", "appeal"),
    ("/api/v1/appeals/{", "appeal"),
    ("/api/v1/desk/appeals/{", "appeal"),
    ("/desk/appeals/{", "appeal"),
    ("/rules/{", "=red.close-contact"),
    ("/reopening/agents/{", "agent"),
    ("/desk/agents/{", "agent"),
    ("/reopening/{number}/receipt", "application"),
    ("/reopening/{number}/actions", "application"),
    ("/reopening/{number}/print", "filing"),
    ("/reopening/{number}/shut", "shut"),
    ("/reopening/{number}/imports/{", "draft-import"),
    ("/reopening/{number}/files/{", "draft-file"),
    ("/reopening/{", "draft"),
    ("/permits/{", "permit"),
    ("/api/v1/permits/{", "permit"),
    ("/desk/applications/{number}/files/{", "application-file"),
    ("/desk/applications/{", "application"),
    ("/api/v1/applications/{number}/submit", "draft"),
    ("/api/v1/applications/{number}/imports/{", "draft-import"),
    ("/api/v1/applications/{number}/imports", "draft"),
    ("/api/v1/applications/{number}/files/{", "draft-file"),
    ("/api/v1/applications/{number}/files", "draft"),
    ("/api/v1/applications/{", "application"),
    ("/api/v1/desk/applications/{number}/files/{", "application-file"),
    ("/api/v1/desk/applications/{", "application"),
    ("/api/v1/desk/agents/{", "agent"),
    ("/api/v1/desk/claims/{", "claim"),
    ("/api/v1/desk/declarations/{", "declaration"),
    ("/api/v1/admin/officials/{id}/assignments/{assignment}/end", "right"),
    ("/api/v1/admin/officials/{", "official"),
    ("/api/v1/admin/offices/{", "office"),
    ("/api/v1/audit/entries/{", "entry"),
    ("/api/v1/me/sessions/{", "session"),
    ("/api/v1/me/messages/{", "message"),
    ("/declare/{", "=identity"),
    ("/declarations/{", "declaration"),
    ("/desk/declarations/{", "declaration"),
    ("/api/v1/declarations/{", "declaration"),
    ("/certificates/{", "certificate"),
    ("/desk/certificates/{", "certificate"),
    ("/api/v1/certificates/{", "certificate"),
    ("/audit/entries/{", "entry"),
    ("/me/messages/{", "message"),
    ("/admin/officials/{", "official"),
    ("/admin/offices/{", "office"),
    ("/admin/keys/{", "=01920000-0000-7000-8000-00000000abcd"),
    ("/desk/second/{", "record"),
    ("/api/v1/desk/second/{", "record"),
    ("/desk/account/absences/{", "=01920000-0000-7000-8000-00000000abcd"),
    ("/api/v1/desk/absences/{", "=01920000-0000-7000-8000-00000000abcd"),
    ("/api/v1/admin/keys/{", "=01920000-0000-7000-8000-00000000abcd"),
];

/// Values of further parameters.
const REST: &[(&str, &str)] = &[
    ("/reopening/{number}/actions/{action}", "withdraw"),
    ("/reopening/{number}/{step}", "operator"),
    ("/api/v1/desk/applications/{number}/actions/{action}", "accept"),
    ("/api/v1/desk/agents/{number}/actions/{action}", "reject"),
    ("/api/v1/desk/claims/{number}/actions/{action}", "reject"),
    ("/api/v1/desk/declarations/{number}/actions/{action}", "check"),
    ("/api/v1/admin/officials/{id}/actions/{action}", "enable"),
    ("/api/v1/desk/tasks/{number}/actions/{action}", "take"),
];

/// Bodies that can be read, so that the object is looked for. Most name a version that is over, or leave out what is
/// needed, so that those who may are refused and the object stays.
const BODIES: &[(&str, &str, &str)] = &[
    ("/desk/claims/{number}", FORM, "do=reject&version=0&reason=invalid"),
    ("/desk/proxies/{number}", FORM, "do=end&version=0&asked=yes"),
    ("/reopening/{number}/submit", FORM, "version=0&commitment=yes"),
    (
        "/reopening/{number}/staff/upload",
        PARTS,
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nx\r\n--b--\r\n",
    ),
    ("/reopening/{number}/actions/{action}", FORM, "version=0"),
    ("/desk/applications/{number}", FORM, "action=accept&version=0"),
    ("/desk/applications/{number}/assign", FORM, "do=take"),
    ("/api/v1/desk/applications/{number}/assign", "application/json", "{\"do\":\"take\"}"),
    ("/desk/applications/{number}/remind", FORM, "do=remind"),
    ("/api/v1/desk/applications/{number}/remind", "application/json", "{}"),
    ("/desk/agents/{number}", FORM, "do=confirm&proof=owner&version=0"),
    ("/api/v1/applications/{number}/submit", "application/json", "{\"version\":0,\"commitment\":true}"),
    ("/api/v1/applications/{number}/resubmit", "application/json", "{\"version\":0,\"commitment\":true}"),
    ("/api/v1/applications/{number}/withdraw", "application/json", "{\"version\":0}"),
    ("/api/v1/desk/applications/{number}/actions/{action}", "application/json", "{\"version\":0}"),
    ("/api/v1/desk/agents/{number}/actions/{action}", "application/json", "{\"version\":0}"),
    (
        "/api/v1/desk/claims/{number}/actions/{action}",
        "application/json",
        "{\"version\":0,\"reason\":\"invalid\"}",
    ),
    ("/api/v1/desk/declarations/{number}/actions/{action}", "application/json", "{\"version\":0}"),
    ("/api/v1/admin/offices/{id}", "application/json", OFFICE),
    ("/api/v1/admin/officials/{id}/assignments", "application/json", RIGHT),
    ("/api/v1/admin/officials/{id}/actions/{action}", "application/json", "{}"),
    ("/api/v1/admin/officials/{id}/assignments/{assignment}/end", "application/json", "{}"),
    ("/desk/tasks/{number}", FORM, "do=take&version=0"),
    ("/api/v1/desk/tasks/{number}/actions/{action}", "application/json", "{\"version\":0}"),
    ("/declarations/{number}/withdraw", FORM, "version=0"),
    ("/desk/declarations/{number}", FORM, "action=check&version=0"),
    ("/desk/declarations/{number}/assign", FORM, "do=take"),
    ("/api/v1/desk/declarations/{number}/assign", "application/json", "{\"do\":\"take\"}"),
    ("/desk/appeals/{number}/assign", FORM, "do=take"),
    ("/api/v1/desk/appeals/{number}/assign", "application/json", "{\"do\":\"take\"}"),
    ("/api/v1/declarations/{number}/withdraw", "application/json", "{\"version\":0}"),
    ("/desk/certificates/{number}/revoke", FORM, "version=0&reason=x&remedy=y"),
    ("/admin/officials/{id}", FORM, "action=assign"),
    ("/desk/codes/print", FORM, "person={person}"),
    ("/code/appeals/{number}/withdraw", FORM, "version=0"),
    ("/reopening/{number}/imports/{import}", FORM, "do=stop"),
    ("/api/v1/applications/{number}/imports", PARTS, NO_FILE),
    ("/api/v1/applications/{number}/imports/{import}", "application/json", "{\"do\":\"stop\"}"),
    ("/reopening/{number}/files", PARTS, NO_FILE),
    ("/api/v1/applications/{number}/files", PARTS, NO_FILE),
    ("/code/appeals/{number}/files", PARTS, NO_FILE),
    ("/api/v1/appeals/{number}/files", PARTS, NO_FILE),
    ("/desk/appeals/{number}", FORM, "action=overturn&reason=x&version=0"),
    (
        "/api/v1/desk/appeals/{number}/comments",
        "application/json",
        "{\"audience\":\"internal\",\"text\":\"x\"}",
    ),
    (
        "/api/v1/desk/applications/{number}/comments",
        "application/json",
        "{\"audience\":\"internal\",\"text\":\"x\"}",
    ),
    (
        "/api/v1/desk/declarations/{number}/comments",
        "application/json",
        "{\"audience\":\"internal\",\"text\":\"x\"}",
    ),
];

/// A form with a file that is none.
const NO_FILE: &str =
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\nx\r\n--b--\r\n";

/// An office and a right that can be read, and are refused.
const OFFICE: &str = r#"{"name":"x","kind":"town","division":"511621","phone":"1","version":0}"#;
const RIGHT: &str = r#"{"role":"doctor","office":"x","division":"511621"}"#;

/// What is asked for.
pub struct Sample {
    pub path: String,
    pub body: Body,
    /// The object, if it is somebody's.
    pub object: Option<&'static str>,
}

/// Objects that are there, by name.
pub struct Objects {
    owner: Browser,
    account: Id,
    person: Id,
    there: BTreeMap<&'static str, String>,
    seed: u64,
}

impl Objects {
    pub async fn new(world: &World) -> Self {
        let (browser, account) = world.app.resident_with(OWNER).await;
        let owner = program(&world.app, &browser);
        let person = world.app.deps.store.read(move |c| {
            Ok(accounts::table.find(account).select(accounts::person_id).first::<Option<Id>>(c)?)
        });
        let person = person.await.unwrap().expect("the owner has a document");
        Self { owner, account, person, there: BTreeMap::new(), seed: 100 }
    }

    /// Signs the owner in anew: a route may have ended every session.
    pub async fn sign_in(&mut self, app: &App) {
        let (browser, _) = app.resident_with(OWNER).await;
        self.owner = program(app, &browser);
    }

    /// The path and body with which a route is asked for.
    pub async fn sample(&mut self, world: &World, route: &RouteInfo) -> Sample {
        let mut path = route.path.to_owned();
        let mut object = None;
        if path.contains('{') {
            let fits = OBJECTS.iter().find(|(p, _)| route.path.starts_with(p));
            let (_, name) = fits.unwrap_or_else(|| panic!("OBJECTS says nothing of {}", route.path));
            let first = match name.strip_prefix('=') {
                Some(value) => value.to_owned(),
                None => {
                    object = Some(*name);
                    self.get(world, name).await
                }
            };
            put(&mut path, &first);
        }
        while path.contains('{') {
            let rest = REST.iter().find(|(p, _)| *p == route.path);
            put(&mut path, rest.unwrap_or_else(|| panic!("REST says nothing of {}", route.path)).1);
        }
        let body = BODIES.iter().find(|(p, ..)| *p == route.path);
        let body = match body {
            Some((_, kind, text)) => {
                let text = text.replace("{person}", &self.person.to_string());
                if text.contains("person=") {
                    object = Some("person");
                }
                Body { kind, bytes: text.into_bytes() }
            }
            None if is_api(route.path) => {
                Body { kind: "application/json", bytes: patch(route.path).into_bytes() }
            }
            None => Body { kind: FORM, bytes: Vec::new() },
        };
        Sample { path, body, object }
    }

    /// Whoever may has perhaps changed something: the object may not be there any more.
    pub fn used_up(&mut self, object: &str) {
        // One appeal against a cause waits at a time, and those who may are refused here.
        if object != "appeal" {
            self.there.remove(object);
        }
    }

    async fn get(&mut self, world: &World, name: &'static str) -> String {
        if let Some(value) = self.there.get(name) {
            return value.clone();
        }
        // Making one takes many requests, and one address may ask a hundred times a second.
        world.app.clock.advance(chrono::Duration::seconds(6));
        let value = self.make(world, name).await;
        self.there.insert(name, value.clone());
        value
    }
}

fn put(path: &mut String, value: &str) {
    let (from, to) = (path.find('{').unwrap(), path.find('}').unwrap());
    // A value with a slash is two parameters.
    let to = if value.contains('/') { path.rfind('}').unwrap() } else { to };
    path.replace_range(from..=to, value);
}

/// The least that changes something of a declaration.
fn patch(path: &str) -> String {
    if path == "/api/v1/declarations/{number}" {
        json!({"version": 0, "answers": {"vaccination": "none"}}).to_string()
    } else {
        "{}".into()
    }
}
