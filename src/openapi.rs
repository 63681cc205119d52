//! The description of the JSON interface, served at `/api/v1/openapi.json`.
//!
//! Slices describe their calls beside the handlers; what a slice has not described in detail still appears, made from
//! the table of routes, so that the document never leaves a call out.

use crate::error::AppResult;
use crate::web::route::{RouteInfo, Routes, Who};
use actix_web::HttpResponse;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Writes a slice's `openapi()`: the calls that it describes, as paths of their handlers.
macro_rules! calls {
    ($($path:tt)+) => {
        /// The slice's calls, for the OpenAPI document.
        pub fn openapi() -> utoipa::openapi::OpenApi {
            use utoipa::OpenApi;

            #[derive(OpenApi)]
            #[openapi(paths($($path)+))]
            struct Calls;

            Calls::openapi()
        }
    };
}
pub(crate) use calls;

/// The routes.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/openapi.json", Who::Public, serve);
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| document(crate::router::routes().table()).to_string());

async fn serve() -> AppResult<HttpResponse> {
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("Cache-Control", "public, max-age=3600"))
        .body(DOCUMENT.as_str()))
}

/// The document for a table of routes.
fn document(table: &[RouteInfo]) -> Value {
    let mut described = utoipa::openapi::OpenApi::default();
    for part in crate::router::descriptions() {
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
        components.insert("securitySchemes".into(), json!({"bearer": {"type": "http", "scheme": "bearer"}}));
    }
    if let Some(paths) = root.entry("paths").or_insert_with(|| json!({})).as_object_mut() {
        for route in table.iter().filter(|r| r.path.starts_with("/api/v1/")) {
            add(paths, route);
        }
    }
    document
}

fn add(paths: &mut Map<String, Value>, route: &RouteInfo) {
    let method = route.method.as_str().to_ascii_lowercase();
    let item = paths.entry(route.path).or_insert_with(|| json!({}));
    let Some(item) = item.as_object_mut() else { return };
    let operation = item.entry(method).or_insert_with(|| {
        json!({"responses": {
            "200": {"description": "done"},
            "422": {"description": "problem+json with the fields to put right"},
        }})
    });
    let Some(operation) = operation.as_object_mut() else { return };
    if route.who != Who::Public {
        operation.insert("security".into(), json!([{"bearer": []}]));
    }
    if !operation.contains_key("parameters") {
        let names = route.path.split('{').skip(1).filter_map(|part| part.split('}').next());
        let parameters: Vec<Value> = names
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        operation.insert("parameters".into(), parameters.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_in_the_document() {
        let routes = crate::router::routes();
        let document = document(routes.table());
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
