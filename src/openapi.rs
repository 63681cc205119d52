//! The description of all routes, served at `/api/v1/openapi.json`: calls, pages, forms and files.
//!
//! Slices describe the calls of `/api` beside their handlers. Pages and forms are described by the table of routes, from the
//! types of their handlers and a sentence each (`web::described`). Who may, and which errors there are wherever one asks, is
//! added from the table, so that it cannot be another than what is asked. A test holds the document against the table.

mod pages;

use crate::deps::App;
use crate::error::AppResult;
use crate::slice::{NOTHING, Slice, Slices};
use crate::web::problem::{Problem, ProblemField};
use crate::web::route::{RouteInfo, Routes, Who};
use actix_web::HttpResponse;
use actix_web::http::Method;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    parts: |deps| {
        deps.keep(Document::default());
        Ok(())
    },
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/api/v1/openapi.json", Who::Public, serve);
}

crate::slice::calls!(serve);

/// The document, which is written when it is first asked for.
#[derive(Default)]
struct Document(OnceLock<String>);

/// What every call, page and form takes and answers: this document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "description", responses((status = 200, body = Object)))]
async fn serve(deps: App) -> AppResult<HttpResponse> {
    let (kept, slices) = (deps.part::<Document>()?, *deps.part::<Slices>()?);
    let text = kept.0.get_or_init(|| document(slices).to_string());
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("Cache-Control", "public, max-age=3600"))
        .body(text.clone()))
}

/// What every error is.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem, ProblemField)))]
struct Errors;

/// The longest identifier that a path can have; a longer one is not found.
const MAX_SEGMENT: usize = 200;

/// An error that many calls have.
struct Common {
    status: &'static str,
    /// Its name among the answers of the document.
    name: &'static str,
    text: &'static str,
}

const fn common(status: &'static str, name: &'static str, text: &'static str) -> Common {
    Common { status, name, text }
}

static ALWAYS: [Common; 4] = [
    common("400", "Unreadable", "the request cannot be read"),
    common("415", "OtherBody", "a body of another type, or packed"),
    common("429", "TooMany", "too many requests; `Retry-After` says when to go on"),
    common("503", "Overloaded", "overloaded, or a part is away; `Retry-After` says when to try again"),
];
static SIGNED_IN: [Common; 3] = [
    common("401", "NotSignedIn", "not signed in, or a fresh second factor is needed"),
    common(
        "403",
        "NotYet",
        "the privacy notice is not acknowledged yet, or the token against cross-site requests is missing",
    ),
    common("404", "NotYours", "not there, or not yours"),
];
static PROGRAM: [Common; 4] = [
    common("401", "NotSigned", "not signed, or not so that it counts"),
    common("403", "NoScope", "the key has not the scope"),
    common("404", "NotForProgram", "not there, or not for this kind of program"),
    common("409", "NonceUsed", "the nonce was used before"),
];
static NAMED: [Common; 1] = [common("404", "NotThere", "not there")];
static SENT: [Common; 5] = [
    common("403", "OtherSite", "sent from another site"),
    common("408", "TooSlow", "the body came too slowly"),
    common("409", "Conflict", "somebody was faster, or the state does not allow it"),
    common("413", "TooLarge", "the body is too large"),
    common("422", "Fields", "the fields to put right"),
];
static ASKED: [Common; 1] = [common("422", "Parameter", "a parameter to put right")];

/// The errors that a call can have wherever it is, beside those that its slice names: what the guards, the limits and the
/// reading of bodies answer. Of two with one status the first is meant.
fn common_errors(route: &RouteInfo) -> impl Iterator<Item = &'static Common> {
    let program = route.who.is_program();
    let (signed_in, named) = (route.who != Who::Public && !program, route.path.contains('{'));
    let sent = route.method != Method::GET;
    let when = |all: &'static [Common], holds: bool| if holds { all } else { &[] };
    ALWAYS
        .iter()
        .chain(when(&SIGNED_IN, signed_in))
        .chain(when(&PROGRAM, program))
        .chain(when(&NAMED, !signed_in && !program && named))
        .chain(when(&SENT, sent))
        .chain(when(&ASKED, !sent && (named || signed_in || program)))
}

/// What an error holds for a program; a person gets a page.
fn error_content(page: bool) -> Value {
    let mut content =
        json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
    if page && let Some(kinds) = content.as_object_mut() {
        kinds.insert("text/html".into(), json!({}));
    }
    content
}

fn complete_error(status: &str, response: &mut Map<String, Value>, page: bool) {
    response.insert("content".into(), error_content(page));
    if matches!(status, "429" | "503") {
        let seconds = json!({"description": "seconds", "schema": {"type": "integer", "minimum": 1}});
        response.insert("headers".into(), json!({"Retry-After": seconds}));
    }
}

/// Name of a common error among the document's answers.
fn answer_name(error: &Common, page: bool) -> String {
    format!("{}{}", if page { "Page" } else { "" }, error.name)
}

/// The common errors, once for all calls.
fn answers() -> Map<String, Value> {
    let all = || [&ALWAYS[..], &SIGNED_IN, &PROGRAM, &NAMED, &SENT, &ASKED].into_iter().flatten();
    let one = |(error, page): (&Common, bool)| {
        let mut answer = Map::new();
        answer.insert("description".into(), json!(error.text));
        complete_error(error.status, &mut answer, page);
        (answer_name(error, page), Value::Object(answer))
    };
    all().map(|error| (error, false)).chain(all().map(|error| (error, true))).map(one).collect()
}

/// Adds the errors of [`common_errors`], and to every error the shape that it has.
fn add_errors(operation: &mut Map<String, Value>, route: &RouteInfo, page: bool) {
    let Some(responses) = operation.entry("responses").or_insert_with(|| json!({})).as_object_mut() else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        let Some(response) = response.as_object_mut() else { continue };
        if status.starts_with(['4', '5']) {
            complete_error(status, response, page);
        }
        if !response.contains_key("$ref") {
            // The standard wants one (OpenAPI 3.1, 4.8.17), also where the shape says all.
            response.entry("description").or_insert_with(|| json!("done"));
        }
    }
    for error in common_errors(route) {
        let there = format!("#/components/responses/{}", answer_name(error, page));
        responses.entry(error.status).or_insert_with(|| json!({"$ref": there}));
    }
}

/// The document of all that these slices have.
fn document(slices: Slices) -> Value {
    let routes = slices.routes();
    let mut described = <Errors as utoipa::OpenApi>::openapi();
    for part in slices.descriptions() {
        described.merge(part);
    }
    let mut document = serde_json::to_value(&described).unwrap_or_default();
    let written = slices.written().into_iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let Some(root) = document.as_object_mut() else { return document };
    root.insert(
        "info".into(),
        json!({"title": "Fugong", "version": env!("CARGO_PKG_VERSION"), "description": INTRODUCTION}),
    );
    root.insert("servers".into(), json!([{"url": "/"}]));
    let shapes = routes.table().iter().filter_map(|route| route.shapes).flat_map(|shapes| shapes());
    add_components(root, shapes.map(|(name, shape)| (name, json!(shape))));
    if let Some(paths) = root.entry("paths").or_insert_with(|| json!({})).as_object_mut() {
        for part in written {
            if let Some(own) = part.get("paths").and_then(Value::as_object) {
                paths.extend(own.clone());
            }
        }
        routes.table().iter().for_each(|route| add(paths, route));
    }
    document
}

const INTRODUCTION: &str = "Errors are problem+json (RFC 9457). Sign in with POST /api/v1/sign-in/sessions and send the \
    token as `Authorization: Bearer`; a browser's session cookie also needs the token of `x-csrf-token`, in that header or, of \
    forms, in the field `_csrf`. POSTs that make or decide something take an `Idempotency-Key` (a UUID, plain or in double \
    quotes), forms the field `_once`; another content under the same key is 422. \
    A page answers what it shows as JSON where its description says so, with `Accept: application/json`; a form that was taken \
    leads on (303). `x-who` says who may call, `x-fresh` how fresh the second factor has to be. \
    Every limit and end (`due_at`, `valid_until`, `until`, …) is an instant in UTC and exclusive: what ends \
    at 2020-03-11T16:00:00Z counts through 11 March in China, which pages write as 3 月 11 日 24:00 前.";

fn add_components(root: &mut Map<String, Value>, shapes: impl Iterator<Item = (String, Value)>) {
    let components = root.entry("components").or_insert_with(|| json!({}));
    let Some(components) = components.as_object_mut() else { return };
    components.insert("responses".into(), Value::Object(answers()));
    let session = json!({"type": "apiKey", "in": "cookie", "name": "__Host-fugong-session"});
    let bearer = json!({"type": "http", "scheme": "bearer"});
    let signature = json!({
        "type": "apiKey", "in": "header", "name": "Signature",
        "description": "HTTP Message Signature (RFC 9421) of a program's key over the method, the target and the digest of the \
            body (RFC 9530), with created, keyid and nonce.",
    });
    let schemes = json!({"bearer": bearer, "session": session, "signature": signature});
    components.insert("securitySchemes".into(), schemes);
    if let Some(schemas) = components.entry("schemas").or_insert_with(|| json!({})).as_object_mut() {
        schemas.extend(shapes);
    }
}

/// A description that a slice has written itself, with the errors that its calls can have wherever they are.
pub fn complete(slices: Slices, written: &str) -> Value {
    let mut document: Value = serde_json::from_str(written).unwrap_or_default();
    for route in slices.routes().table() {
        let method = route.method.as_str().to_ascii_lowercase();
        let item = document.get_mut("paths").and_then(|paths| paths.get_mut(route.path));
        let operation = item.and_then(|item| item.get_mut(method)).and_then(Value::as_object_mut);
        if let Some(operation) = operation {
            add_errors(operation, route, false);
            bound_parameters(operation);
        }
    }
    if let Some(root) = document.as_object_mut() {
        root.insert("components".into(), json!(<Errors as utoipa::OpenApi>::openapi().components));
        add_components(root, std::iter::empty());
    }
    document
}

/// Adds a route: what its slice has described, or what the table of routes knows of it.
fn add(paths: &mut Map<String, Value>, route: &RouteInfo) {
    let method = route.method.as_str().to_ascii_lowercase();
    let Some(item) = paths.entry(route.path).or_insert_with(|| json!({})).as_object_mut() else { return };
    let operation = item.entry(method).or_insert_with(|| pages::operation(route));
    let Some(operation) = operation.as_object_mut() else { return };
    add_errors(
        operation,
        route,
        !route.who.is_program() && route.about.is_some_and(|about| pages::is_page(&about)),
    );
    if route.who != Who::Public {
        let security = match route.who.is_program() {
            true => json!([{"signature": []}]),
            false => json!([{"bearer": []}, {"session": []}]),
        };
        operation.insert("security".into(), security);
    }
    operation.insert("x-who".into(), who(route.who));
    if let Some(fresh) = route.fresh {
        operation.insert("x-fresh".into(), json!(format!("PT{}M", fresh.within().num_minutes())));
    }
    if !operation.contains_key("parameters") {
        operation.insert("parameters".into(), in_path(route.path).into());
    }
    bound_parameters(operation);
}

fn who(who: Who) -> Value {
    match who {
        Who::Public => json!(["anybody"]),
        Who::Resident => json!(["resident"]),
        Who::SignedIn => json!(["resident", "official"]),
        Who::Client(scope) => json!(["client", scope.code()]),
        Who::Device => json!(["device"]),
        Who::Partner => json!(["partner"]),
        Who::Roles(roles) => roles.iter().map(|role| role.code()).collect(),
    }
}

/// The parameters in a path.
fn in_path(path: &str) -> Vec<Value> {
    let names = path.split('{').skip(1).filter_map(|part| part.split('}').next());
    names
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect()
}

/// A text in the path has a length; what is longer is not found.
fn bound_parameters(operation: &mut Map<String, Value>) {
    let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { return };
    for parameter in parameters.iter_mut().filter(|p| p.get("in").is_some_and(|place| place == "path")) {
        let Some(schema) = parameter.get_mut("schema").and_then(Value::as_object_mut) else { continue };
        if schema.get("type").is_some_and(|kind| kind == "string") && !schema.contains_key("format") {
            schema.entry("minLength").or_insert_with(|| json!(1));
            schema.entry("maxLength").or_insert_with(|| json!(MAX_SEGMENT));
        }
    }
}

#[cfg(test)]
mod tests;
