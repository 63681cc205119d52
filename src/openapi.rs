//! The description of the JSON interface, served at `/api/v1/openapi.json`.
//!
//! Slices describe their calls beside the handlers; what a slice has not described in detail still appears, made from
//! the table of routes, so that the document never leaves a call out.

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

/// This document.
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

/// The errors that a call can have wherever it is, beside those that its slice names: what the guards, the limits and the
/// reading of bodies answer.
fn common_errors(route: &RouteInfo) -> Vec<(&'static str, &'static str)> {
    let mut errors = vec![
        ("400", "the request cannot be read"),
        ("415", "a body of another type, or packed"),
        ("429", "too many requests; `Retry-After` says when to go on"),
        ("503", "overloaded, or a part is away; `Retry-After` says when to try again"),
    ];
    if route.who.is_program() {
        errors.push(("401", "not signed, or not so that it counts"));
        errors.push(("403", "the key has not the scope"));
        errors.push(("404", "not there, or not for this kind of program"));
        errors.push(("409", "the nonce was used before"));
    } else if route.who != Who::Public {
        errors.push(("401", "not signed in, or a fresh second factor is needed"));
        errors.push((
            "403",
            "the privacy notice is not acknowledged yet, or the token against cross-site requests is missing",
        ));
        errors.push(("404", "not there, or not yours"));
    } else if route.path.contains('{') {
        errors.push(("404", "not there"));
    }
    if route.method != Method::GET {
        errors.push(("403", "sent from another site"));
        errors.push(("408", "the body came too slowly"));
        errors.push(("409", "somebody was faster, or the state does not allow it"));
        errors.push(("413", "the body is too large"));
        errors.push(("422", "the fields to put right"));
    } else if route.path.contains('{') || route.who != Who::Public {
        errors.push(("422", "a parameter to put right"));
    }
    errors
}

/// Adds the errors of [`common_errors`], and to every error the shape that it has.
fn add_errors(operation: &mut Map<String, Value>, route: &RouteInfo) {
    let Some(responses) = operation.entry("responses").or_insert_with(|| json!({})).as_object_mut() else {
        return;
    };
    for (status, text) in common_errors(route) {
        responses.entry(status).or_insert_with(|| json!({"description": text}));
    }
    for (status, response) in responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5'])) {
        let Some(response) = response.as_object_mut() else { continue };
        response.insert(
            "content".into(),
            json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}),
        );
        if matches!(status.as_str(), "429" | "503") {
            let seconds = json!({"description": "seconds", "schema": {"type": "integer", "minimum": 1}});
            response.insert("headers".into(), json!({"Retry-After": seconds}));
        }
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
    let Some(root) = document.as_object_mut() else { return document };
    root.insert(
        "info".into(),
        json!({
            "title": "Fugong", "version": env!("CARGO_PKG_VERSION"),
            "description": "Errors are problem+json (RFC 9457). Sign in with POST /api/v1/sign-in/sessions and send the \
                token as `Authorization: Bearer`. POSTs that make or decide something take an \
                `Idempotency-Key` (a UUID, plain or in double quotes); another content under the same key is 422. \
                Every limit and end (`due_at`, `valid_until`, `until`, …) is an instant in UTC and exclusive: what ends \
                at 2020-03-11T16:00:00Z counts through 11 March in China, which pages write as 3 月 11 日 24:00 前.",
        }),
    );
    root.insert("servers".into(), json!([{"url": "/"}]));
    if let Some(components) = root.entry("components").or_insert_with(|| json!({})).as_object_mut() {
        components.insert("securitySchemes".into(), json!({
            "bearer": {"type": "http", "scheme": "bearer"},
            "signature": {
                "type": "apiKey", "in": "header", "name": "Signature",
                "description": "HTTP Message Signature (RFC 9421) of a program's key over the method, the target and the digest \
                    of the body (RFC 9530), with created, keyid and nonce.",
            },
        }));
    }
    if let Some(paths) = root.entry("paths").or_insert_with(|| json!({})).as_object_mut() {
        for route in routes.table().iter().filter(|r| r.path.starts_with("/api/v1/")) {
            add(paths, route);
        }
    }
    document
}

/// A description that a slice has written itself, with the errors that its calls can have wherever they are.
pub fn complete(slices: Slices, written: &str) -> Value {
    let mut document: Value = serde_json::from_str(written).unwrap_or_default();
    for route in slices.routes().table() {
        let method = route.method.as_str().to_ascii_lowercase();
        let item = document.get_mut("paths").and_then(|paths| paths.get_mut(route.path));
        let operation = item.and_then(|item| item.get_mut(method)).and_then(Value::as_object_mut);
        if let Some(operation) = operation {
            add_errors(operation, route);
            bound_parameters(operation);
        }
    }
    if let Some(root) = document.as_object_mut() {
        root.insert("components".into(), json!(<Errors as utoipa::OpenApi>::openapi().components));
    }
    document
}

fn add(paths: &mut Map<String, Value>, route: &RouteInfo) {
    let method = route.method.as_str().to_ascii_lowercase();
    let item = paths.entry(route.path).or_insert_with(|| json!({}));
    let Some(item) = item.as_object_mut() else { return };
    let operation = item.entry(method).or_insert_with(
        || json!({"responses": {"200": {"description": "done"}, "204": {"description": "done"}}}),
    );
    let Some(operation) = operation.as_object_mut() else { return };
    add_errors(operation, route);
    if route.who != Who::Public {
        let scheme = if route.who.is_program() { "signature" } else { "bearer" };
        operation.insert("security".into(), json!([{scheme: []}]));
    }
    if !operation.contains_key("parameters") {
        let names = route.path.split('{').skip(1).filter_map(|part| part.split('}').next());
        let parameters: Vec<Value> = names
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        operation.insert("parameters".into(), parameters.into());
    }
    bound_parameters(operation);
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
mod tests {
    use super::*;
    use crate::router::SLICES;

    /// Every schema under a value, also behind references.
    fn schemas<'a>(
        root: &'a Value,
        at: &'a Value,
        seen: &mut Vec<&'a str>,
        found: &mut Vec<(String, &'a Value)>,
    ) {
        match at {
            Value::Object(map) => {
                if let Some(name) = map.get("$ref").and_then(Value::as_str)
                    && !seen.contains(&name)
                {
                    seen.push(name);
                    let target = root.pointer(name.trim_start_matches('#'));
                    schemas(root, target.unwrap_or_else(|| panic!("{name} is nowhere")), seen, found);
                }
                for (name, property) in map.get("properties").and_then(Value::as_object).into_iter().flatten()
                {
                    found.push((name.clone(), property));
                }
                map.values().for_each(|value| schemas(root, value, seen, found));
            }
            Value::Array(list) => list.iter().for_each(|value| schemas(root, value, seen, found)),
            _ => {}
        }
    }

    #[test]
    fn every_call_names_its_errors_and_the_lengths_of_what_it_takes() {
        let routes = SLICES.routes();
        let partners = complete(SLICES, include_str!("exchange/openapi.json"));
        let document = document(SLICES);
        let mut missing = Vec::new();
        for route in routes.table() {
            let document = match route.path.split('/').nth(1) {
                Some("api") => &document,
                Some("exchange") => &partners,
                _ => continue,
            };
            let method = route.method.as_str().to_ascii_lowercase();
            let operation = &document["paths"][route.path][&method];
            let call = format!("{method} {}", route.path);
            let mut statuses = vec!["400", "415", "429", "503"];
            if route.who != Who::Public {
                statuses.extend(["401", "404"]);
            }
            for status in statuses {
                let content = &operation["responses"][status]["content"]["application/problem+json"];
                if content["schema"]["$ref"] != "#/components/schemas/Problem" {
                    missing.push(format!("{call}: {status}"));
                }
            }
            let mut found = Vec::new();
            schemas(document, &operation["requestBody"], &mut Vec::new(), &mut found);
            let mut texts: Vec<(String, &Value)> = found;
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            texts.extend(
                parameters.filter(|p| p["in"] == "path").map(|p| (p["name"].to_string(), &p["schema"])),
            );
            for (name, schema) in texts {
                let is = |kind: &str| {
                    schema["type"] == kind
                        || schema["type"].as_array().is_some_and(|all| all.iter().any(|t| t == kind))
                };
                let known = schema["format"].is_string() || schema["enum"].is_array();
                if is("string") && !known && !schema["maxLength"].is_number() {
                    missing.push(format!("{call}: length of {name}"));
                }
                if is("array") && !schema["maxItems"].is_number() {
                    missing.push(format!("{call}: items of {name}"));
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
        assert!(document["components"]["schemas"]["ProblemField"].is_object());
        let text = &document["components"]["schemas"]["VerifyRequest"]["properties"]["text"];
        assert_eq!((&text["minLength"], &text["maxLength"]), (&json!(1), &json!(32768)));
    }

    /// Calls that change something and are sent nothing but their address.
    const WITHOUT_BODY: [&str; 4] = [
        "/api/v1/me/notice",
        "/api/v1/me/messages/{id}/read",
        "/api/v1/code/application",
        "/api/v1/audit/verify",
    ];

    #[test]
    fn every_call_says_what_it_takes_and_answers_and_no_two_shapes_share_a_name() {
        let routes = SLICES.routes();
        let document = document(SLICES);
        let mut missing = Vec::new();
        for route in routes.table().iter().filter(|r| r.path.starts_with("/api/v1/")) {
            let method = route.method.as_str().to_ascii_lowercase();
            let operation = &document["paths"][route.path][&method];
            let answers = operation["responses"].as_object().unwrap();
            let good: Vec<_> = answers.iter().filter(|(status, _)| status.starts_with('2')).collect();
            let told = |(status, answer): &(&String, &Value)| {
                // A file that was handed in is sent as it is.
                let bytes = &answer["content"]["application/octet-stream"]["schema"];
                *status == "204"
                    || answer["content"]["application/json"]["schema"].is_object()
                    || bytes.is_object()
            };
            let takes = !matches!(route.method, Method::GET | Method::DELETE);
            let body = takes && !WITHOUT_BODY.contains(&route.path);
            if good.is_empty() || !good.iter().all(told) || operation["summary"].as_str().is_none() {
                missing.push(format!("{method} {}: what it answers", route.path));
            }
            if body != operation["requestBody"].is_object() {
                missing.push(format!("{method} {}: what it takes", route.path));
            }
        }
        let mut shapes = std::collections::BTreeMap::new();
        for part in SLICES.descriptions() {
            let part = serde_json::to_value(&part).unwrap();
            for (name, shape) in part["components"]["schemas"].as_object().into_iter().flatten() {
                if shapes.insert(name.clone(), shape.clone()).is_some_and(|other| other != *shape) {
                    missing.push(format!("{name} is two shapes"));
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn every_call_is_in_the_document() {
        let routes = SLICES.routes();
        let document = document(SLICES);
        let mut calls = 0;
        for route in routes.table().iter().filter(|r| r.path.starts_with("/api/v1/")) {
            let method = route.method.as_str().to_ascii_lowercase();
            let operation = &document["paths"][route.path][&method];
            assert!(operation["responses"].is_object(), "{method} {} is not described", route.path);
            assert_eq!(operation["security"].is_array(), route.who != Who::Public, "{}", route.path);
            calls += 1;
        }
        assert!(calls > 3);
        // What a slice has described is there in detail.
        let declare = &document["paths"]["/api/v1/declarations"]["post"];
        assert!(declare["requestBody"].is_object(), "{declare}");
        assert!(document["components"]["schemas"]["DeclarationInput"].is_object());
    }
}
