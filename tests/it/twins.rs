//! The page and the program see the same at one address: every GET is asked for as a page and as JSON, by whoever may. The
//! answers have one status; JSON is what the description of all calls says of it, and holds nothing personal that the page
//! does not show, and nothing sealed.

use crate::harness::App;
use crate::on_both;
use crate::world::objects::Objects;
use crate::world::principals::{ask, client, everybody, of_the_province, sign_in};
use crate::world::{PERSONAL, World};
use fugong::access::Role;
use fugong::router;
use fugong::web::route::RouteInfo;
use reqwest::{Method, Response};
use serde_json::Value;
use std::collections::BTreeSet;

on_both!(a_form_can_be_sent_by_a_program);

/// Keys of what nobody is shown.
const NEVER: [&str; 6] = ["csrf", "password", "password_hash", "totp_secret", "token_hash", "nonce"];

/// What an answer came to; that somebody has to sign in is said to a program by 401 and to a browser by the way there.
fn outcome(response: &Response) -> String {
    let status = response.status().as_u16();
    let to = response.headers().get("location").map_or("", |v| v.to_str().unwrap());
    match (status, to.split('?').next().unwrap_or_default()) {
        (401, _) | (303, "/sign-in" | "/desk/sign-in" | "/desk/step-up" | "/sign-in/notice") => {
            "has to sign in".into()
        }
        _ => status.to_string(),
    }
}

/// What stands here, or where a reference leads.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(there) => resolved(document, document.pointer(there.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

/// Names of the properties of an object, also of the parts of which it is put together.
fn properties(document: &Value, schema: &Value) -> BTreeSet<String> {
    let schema = resolved(document, schema);
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
    let parts = schema["allOf"].as_array().into_iter().flatten();
    own.chain(parts.flat_map(|part| properties(document, part))).collect()
}

fn has_type(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        _ => value.is_object(),
    }
}

/// What of a value is not as its schema says.
fn misfits(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    let mut wrong = Vec::new();
    if let Some(ways) = schema["oneOf"].as_array() {
        if !ways.iter().any(|way| misfits(document, way, value, at).is_empty()) {
            wrong.push(format!("{at} fits no way"));
        }
        return wrong;
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        wrong.extend(misfits(document, part, value, at));
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| has_type(kind, value)) {
        wrong.push(format!("{at} is no {kinds:?}"));
        return wrong;
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            wrong.push(format!("{at}.{name} is missing"));
        }
    }
    for (name, property) in value.as_object().into_iter().flatten() {
        let more = schema.get("additionalProperties").filter(|more| more.is_object());
        if let Some(schema) = schema["properties"].get(name).or(more) {
            wrong.extend(misfits(document, schema, property, &format!("{at}.{name}")));
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if schema["items"].is_object() {
            wrong.extend(misfits(document, &schema["items"], item, &format!("{at}[{index}]")));
        }
    }
    wrong
}

/// Every key under a value.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, below) in map {
                found.insert(name.clone());
                keys(below, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|below| keys(below, found)),
        _ => {}
    }
}

/// What is wrong with the JSON of a page: its shape, keys that nobody is shown, and people's own words that the page has not.
fn faults(document: &Value, path: &str, page: &str, json: &str) -> Vec<String> {
    let Ok(value) = serde_json::from_str::<Value>(json) else { return vec!["no JSON".into()] };
    let schema = &document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    let mut wrong = misfits(document, schema, &value, "");
    let known = properties(document, schema);
    let strange = value.as_object().into_iter().flatten().filter(|(name, _)| !known.contains(*name));
    wrong.extend(strange.map(|(name, _)| format!("{name} is not described")));
    let mut names = BTreeSet::new();
    keys(&value, &mut names);
    let sealed = |name: &&String| {
        NEVER.contains(&name.as_str()) || name.ends_with("_sealed") || name.ends_with("_blind")
    };
    wrong.extend(names.iter().filter(sealed).map(|name| format!("{name} is shown to nobody")));
    let told = PERSONAL.iter().filter(|words| json.contains(**words) && !page.contains(**words));
    wrong.extend(told.map(|words| format!("{words} is not on the page")));
    wrong
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[actix_web::test]
async fn a_page_and_a_program_see_the_same() {
    let world = World::new(App::sqlite().await).await;
    let (client, base) = (client(), world.app.base.clone());
    let mut all = everybody(&world.app).await;
    all.push(of_the_province(&world.app, Role::Administrator).await);
    let mut objects = Objects::new(&world).await;
    let description =
        ask(&client, &base, "GET", "/api/v1/openapi.json", None, "application/json", None).await;
    let document: Value = description.json().await.unwrap();
    let (mut wrong, mut twins) = (Vec::new(), BTreeSet::new());
    // What programs with keys ask for has no page.
    let asked = |route: &&RouteInfo| route.method == "GET" && !route.who.is_program();
    for route in router::routes().table().iter().filter(asked) {
        sign_in(&world.app, &mut all).await;
        objects.sign_in(&world.app).await;
        let sample = objects.sample(&world, route).await;
        world.app.clock.advance(chrono::Duration::seconds(3));
        let people = all.iter().filter(|who| who.key.is_none() && (who.inside || who.role.is_none()));
        for who in people.filter(|who| who.may(route.who)) {
            let as_type =
                |accept| ask(&client, &base, "GET", &sample.path, who.token.as_deref(), accept, None);
            let (page, json) = (as_type("text/html").await, as_type("application/json").await);
            let place = format!("{} as {}", route.path, who.name);
            let (seen, told) = (outcome(&page), outcome(&json));
            if seen != told {
                wrong.push(format!("{place}: {seen} as a page, {told} as JSON"));
            }
            if route.shapes.is_none() || seen != "200" || told != "200" {
                continue;
            }
            twins.insert(route.path);
            let kind = header(&json, "content-type");
            if kind != "application/json" || !header(&page, "content-type").starts_with("text/html") {
                wrong.push(format!("{place}: JSON is {kind}"));
            }
            for answer in [&page, &json] {
                if !header(answer, "vary").to_lowercase().contains("accept") {
                    wrong.push(format!("{place}: a cache may take one for the other"));
                }
                if header(answer, "cache-control") != "no-store" {
                    wrong.push(format!("{place}: it may be kept"));
                }
            }
            let (page, json) = (page.text().await.unwrap(), json.text().await.unwrap());
            let found = faults(&document, route.path, &page, &json);
            wrong.extend(found.into_iter().map(|fault| format!("{place}: {fault}")));
        }
    }
    world.app.stop().await;
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
    for path in [
        "/",
        "/me",
        "/me/access",
        "/certificates/{number}",
        "/code",
        "/code/why",
        "/declarations",
        "/verify",
        "/desk/codes",
        "/desk/appeals/{number}",
        "/desk/account",
        "/audit",
        "/admin/offices",
        "/risks",
        "/rules",
        "/rules/try",
        "/me/for",
        "/me/subscriptions",
        "/subscriptions",
        "/reopening",
        "/desk/records",
        "/desk/records/new",
        "/desk/risks",
        "/desk/proxies",
        "/desk/merges",
        "/desk/pins",
        "/desk/declarations/new",
        "/desk/tasks/enter",
        "/desk/account/absences",
        "/admin/keys",
    ] {
        assert!(twins.contains(path), "nobody has met the JSON of {path}: {twins:?}");
    }
}

/// A program without a bearer token gets what a form needs with the JSON of its page, and is told what is wrong with a form
/// as everywhere else.
async fn a_form_can_be_sent_by_a_program(app: App) {
    let mut b = app.browser();
    let json = [("accept", "application/json")];
    let page = b.request(Method::GET, "/sign-in?next=/code", &json, None).await.expect(200);
    assert_eq!(page.json()["next"], "/code");
    let token = page.headers["x-csrf-token"].to_str().unwrap().to_owned();
    let form = [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
    let body = |phone: &str, token: &str| {
        Some(serde_urlencoded::to_string([("phone", phone), ("_csrf", token)]).unwrap().into_bytes())
    };
    assert_eq!(b.request(Method::POST, "/sign-in", &form, body("13800138000", "")).await.problem(), "csrf");
    let refused = b.request(Method::POST, "/sign-in", &form, body("12", &token)).await.expect(422);
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    let told = refused.json();
    assert_eq!(told["type"], "urn:fugong:problem:invalid");
    assert_eq!((&told["errors"][0]["field"], told["errors"].as_array().unwrap().len()), (&"phone".into(), 1));
    assert!(told["errors"][0]["message"].as_str().is_some_and(|text| !text.is_empty()));
    assert_ne!(told["errors"][0]["code"], "invalid", "the code says what is wrong");
    b.request(Method::POST, "/sign-in", &form, body("13800138000", &token)).await.leads_to("/sign-in/code");
    let waits = b.request(Method::GET, "/sign-in/code", &json, None).await.expect(200).json();
    assert_eq!((&waits["live"], waits["form"]["errors"].as_array().unwrap().len()), (&true.into(), 0));
    assert!(!waits["phone"].as_str().unwrap().contains("0013800"), "the telephone is masked");
    // Whoever is signed in nowhere is told so, not led to a page.
    b.request(Method::GET, "/me", &json, None).await.expect(401);
    // A browser, which takes anything, gets the page.
    let accept = "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8";
    let answer = b.request(Method::GET, "/sign-in", &[("accept", accept)], None).await.expect(200);
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    app.stop().await;
}

#[test]
fn the_search_finds_what_does_not_fit() {
    let document = serde_json::json!({
        "paths": {"/a": {"get": {"responses": {"200": {"content": {"application/json": {"schema":
            {"$ref": "#/components/schemas/A"}}}}}}}},
        "components": {"schemas": {"A": {"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"}, "of": {"type": ["string", "null"]},
            "rows": {"type": "array", "items": {"type": "integer"}}}}}},
    });
    let told = |json: &str| faults(&document, "/a", "a page", json);
    assert!(told(r#"{"name": "a", "of": null, "rows": [1]}"#).is_empty());
    for wrong in [
        r#"{"of": "b"}"#,
        r#"{"name": 1}"#,
        r#"{"name": "a", "rows": ["x"]}"#,
        r#"{"name": "a", "more": 1}"#,
        r#"{"name": "a", "phone_sealed": 1}"#,
        "<html>",
    ] {
        assert!(!told(wrong).is_empty(), "{wrong}");
    }
    let own = format!(r#"{{"name": "{}"}}"#, PERSONAL[0]);
    assert_eq!(told(&own), [format!("{} is not on the page", PERSONAL[0])]);
}
