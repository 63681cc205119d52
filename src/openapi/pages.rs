//! Pages, forms and files as operations, from the table of routes.

use super::in_path;
use crate::web::described::{About, Field, Gives, Kind, Takes};
use crate::web::route::RouteInfo;
use actix_web::http::Method;
use serde_json::{Map, Value, json};

/// Whether people are told of an error by a page.
pub(super) fn is_page(about: &About) -> bool {
    !matches!(about.gives, Gives::Events)
}

/// The operation of a route that its slice has not described as a call of `/api`.
pub(super) fn operation(route: &RouteInfo) -> Value {
    let mut parameters = in_path(route.path);
    parameters.extend((route.query)().iter().map(|asked| json!(asked)));
    let Some(about) = route.about else {
        return json!({"parameters": parameters, "responses": {}});
    };
    let mut fields: Vec<Field> = about.fields.to_vec();
    fields.extend((about.more)());
    let mut operation = Map::new();
    operation.insert("summary".into(), json!(about.summary));
    operation.insert("tags".into(), json!([tag(&about)]));
    if route.method == Method::GET {
        parameters.extend(fields.iter().flat_map(in_query));
    } else if let Some(body) = body(route.takes, &fields) {
        operation.insert("requestBody".into(), json!({"required": true, "content": body}));
    }
    operation.insert("parameters".into(), parameters.into());
    operation.insert("responses".into(), responses(route, &about));
    Value::Object(operation)
}

fn tag(about: &About) -> &'static str {
    match about.gives {
        Gives::Page => "pages",
        Gives::Leads | Gives::Either => "forms",
        Gives::File(_) | Gives::Events => "files",
    }
}

fn in_query(field: &Field) -> Vec<Value> {
    let one = |(name, schema): (String, Value)| json!({"name": name, "in": "query", "required": field.needed, "schema": schema});
    field.named().into_iter().map(one).collect()
}

/// The fields of a form by the type in which it is sent. With a cookie it needs the token of the page.
fn body(takes: Takes, fields: &[Field]) -> Option<Value> {
    let mut properties = Map::new();
    properties.insert("_csrf".into(), json!({"type": "string", "maxLength": 200}));
    properties.insert("_once".into(), json!({"type": "string", "format": "uuid"}));
    let cascades = fields.iter().filter(|field| matches!(field.kind, Kind::Division(_)));
    let cascades: Vec<&str> = cascades.map(|field| field.name).collect();
    if !cascades.is_empty() {
        properties.insert("cascade".into(), json!({"type": "string", "enum": cascades}));
    }
    properties.extend(fields.iter().flat_map(Field::named));
    let needed = fields.iter().filter(|field| field.needed);
    let needed: Vec<String> = needed.flat_map(Field::named).map(|(name, _)| name).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if let (Some(schema), false) = (schema.as_object_mut(), needed.is_empty()) {
        schema.insert("required".into(), json!(needed));
    }
    let (plain, parts) = ("application/x-www-form-urlencoded", "multipart/form-data");
    let file_needed = fields.iter().any(|field| matches!(field.kind, Kind::File) && field.needed);
    match takes {
        Takes::Nothing => None,
        Takes::Json => Some(json!({"application/json": {"schema": schema}})),
        Takes::Form => Some(json!({plain: {"schema": schema}})),
        Takes::Bytes if file_needed => Some(json!({parts: {"schema": schema}})),
        Takes::Bytes => Some(json!({plain: {"schema": schema}, parts: {"schema": schema}})),
    }
}

fn responses(route: &RouteInfo, about: &About) -> Value {
    let mut all = Map::new();
    let shown = match about.gives {
        Gives::Page | Gives::Either => Some(shown(route)),
        Gives::Leads => None,
        Gives::File(kinds) => Some(kinds.iter().map(|kind| ((*kind).to_owned(), binary())).collect()),
        Gives::Events => Some(json!({"text/event-stream": {"schema": {"type": "string"}}})),
    };
    if let Some(content) = shown {
        all.insert("200".into(), json!({"description": "it is shown", "content": content}));
    }
    // A page leads on where something has to be done first, such as to sign in.
    if !matches!(about.gives, Gives::File(_) | Gives::Events) {
        let there = json!({"description": "a path of the portal", "schema": {"type": "string"}});
        all.insert("303".into(), json!({"description": "it leads on", "headers": {"Location": there}}));
    }
    Value::Object(all)
}

fn binary() -> Value {
    json!({"schema": {"type": "string", "format": "binary"}})
}

/// A page, and the same as JSON where its handler shows a view.
fn shown(route: &RouteInfo) -> Value {
    let mut content = Map::new();
    content.insert("text/html".into(), json!({"schema": {"type": "string"}}));
    if let Some((name, _)) = route.shapes.and_then(|shapes| shapes().into_iter().next()) {
        let there = format!("#/components/schemas/{name}");
        content.insert("application/json".into(), json!({"schema": {"$ref": there}}));
    }
    Value::Object(content)
}
