use super::*;
use crate::router::SLICES;
use std::collections::BTreeSet;

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
            for (name, property) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
                found.push((name.clone(), property));
            }
            map.values().for_each(|value| schemas(root, value, seen, found));
        }
        Value::Array(list) => list.iter().for_each(|value| schemas(root, value, seen, found)),
        _ => {}
    }
}

/// What stands here, or where a reference leads.
fn resolved<'a>(root: &'a Value, at: &'a Value) -> &'a Value {
    let there = at["$ref"].as_str().map(|name| root.pointer(name.trim_start_matches('#')));
    there.map_or(at, |found| found.unwrap_or_else(|| panic!("{at} leads nowhere")))
}

/// A call of the document by method and path.
fn calls(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let methods = item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()));
        methods.collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn every_route_is_described() {
    let routes = SLICES.routes();
    let document = document(SLICES);
    let table: BTreeSet<(String, String)> =
        routes.table().iter().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    let told = calls(&document);
    assert_eq!(told.symmetric_difference(&table).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
    assert_eq!(routes.astray(), [""; 0], "described, but no route, or described twice");
    let mut missing = Vec::new();
    for route in routes.table() {
        let call = format!("{} {}", route.method, route.path);
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        if operation["summary"].as_str().is_none_or(str::is_empty) {
            missing.push(format!("{call}: what it does"));
        }
        let responses = operation["responses"].as_object().unwrap();
        if !responses.keys().any(|status| status.starts_with(['2', '3'])) {
            missing.push(format!("{call}: what it gives"));
        }
        for answer in responses.values() {
            assert!(resolved(&document, answer)["description"].is_string(), "{call}: {answer}");
        }
        let named = operation["parameters"].as_array().unwrap().iter().filter(|p| p["in"] == "path");
        let named: BTreeSet<&str> = named.map(|p| p["name"].as_str().unwrap()).collect();
        let in_path: Vec<Value> = in_path(route.path);
        let in_path: BTreeSet<&str> = in_path.iter().map(|p| p["name"].as_str().unwrap()).collect();
        assert_eq!(named, in_path, "{call}");
        assert!(operation["x-who"].as_array().is_some_and(|who| !who.is_empty()), "{call}");
        assert_eq!(operation["security"].is_array(), route.who != Who::Public, "{call}");
    }
    assert!(missing.is_empty(), "{} are not described:\n{}", missing.len(), missing.join("\n"));
}

/// Pages that answer as pages only, and why: a path is where a program gets or does the same.
const PAGES_ONLY: [(&str, &str); 19] = [
    ("/about", "a text"),
    ("/accessibility", "a text"),
    ("/privacy", "a text"),
    ("/me/data", "/me/data/download"),
    ("/code/card", "/code"),
    ("/verify/scan", "/api/v1/verify"),
    ("/permits", "/api/v1/permits"),
    ("/desk/sign-in", "/api/v1/desk/sessions"),
    ("/desk/sign-in/totp", "/api/v1/desk/sessions"),
    ("/desk/sign-in/choose", "/api/v1/desk/sessions"),
    ("/desk/sign-in/enrol", "/api/v1/desk/enrolments"),
    ("/desk/step-up", "/api/v1/desk/step-up"),
    ("/desk/applications/{number}", "/api/v1/desk/applications/{number}"),
    ("/desk/declarations/{number}", "/api/v1/desk/declarations/{number}"),
    ("/desk/declarations/days", "/desk/declarations/days.json"),
    ("/desk/records/{id}/decide", "/api/v1/desk/second/{id}"),
    ("/desk/record-ends/{id}/decide", "/api/v1/desk/second/{id}"),
    ("/desk/risks/{id}/decide", "/api/v1/desk/second/{id}"),
    ("/desk/merges/{id}/decide", "/api/v1/desk/second/{id}"),
];

#[test]
fn a_page_answers_a_program_or_it_is_said_what_does() {
    let routes = SLICES.routes();
    let is_page = |route: &&RouteInfo| {
        let shown = route.about.is_some_and(|about| about.gives == crate::web::described::Gives::Page);
        shown && route.method == Method::GET && !route.who.is_program()
    };
    let pages = routes.table().iter().filter(is_page);
    let only: BTreeSet<&str> = pages.filter(|route| route.shapes.is_none()).map(|route| route.path).collect();
    let named: BTreeSet<&str> = PAGES_ONLY.iter().map(|(path, _)| *path).collect();
    let differing: Vec<_> = only.symmetric_difference(&named).collect();
    assert!(differing.is_empty(), "no JSON and not named, or named and not so: {differing:?}");
    for (page, instead) in PAGES_ONLY.iter().filter(|(_, instead)| instead.starts_with('/')) {
        let there = routes.table().iter().any(|route| route.path == *instead);
        assert!(there, "{page}: there is no {instead}");
    }
}

#[test]
fn a_form_names_its_fields_and_a_page_its_query() {
    let document = document(SLICES);
    let form = |path: &str, kind: &str| {
        let body = &document["paths"][path]["post"]["requestBody"]["content"][kind]["schema"];
        {
            let sorted: BTreeSet<String> =
                body["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
            sorted.into_iter().collect::<Vec<_>>()
        }
    };
    let plain = "application/x-www-form-urlencoded";
    assert_eq!(form("/sign-in", plain), ["_csrf", "_once", "next", "phone"]);
    assert_eq!(form("/me/sessions/end-all", plain), ["_csrf", "_once"]);
    assert_eq!(form("/reopening/{number}/files", "multipart/form-data"), ["_csrf", "_once", "file"]);
    assert!(form("/reopening/{number}/files", plain).is_empty(), "a file is sent in parts");
    assert_eq!(form("/verify", plain), form("/verify", "multipart/form-data"));
    let hold = form("/desk/holds", plain);
    assert!(hold.contains(&"until-year".to_owned()) && hold.contains(&"until-day".to_owned()), "{hold:?}");
    let asked = |path: &str| -> Vec<String> {
        let all = document["paths"][path]["get"]["parameters"].as_array().unwrap().iter();
        all.filter(|p| p["in"] == "query").map(|p| p["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(asked("/me/access"), ["after"]);
    assert_eq!(asked("/sign-in"), ["next"]);
    assert!(asked("/desk/declarations").contains(&"tab".to_owned()));
    assert!(asked("/audit").contains(&"office_name".to_owned()));
}

#[test]
fn the_document_stays_small_and_leads_nowhere_else() {
    let document = document(SLICES);
    let text = document.to_string();
    assert!(text.len() < 1_000_000, "{} bytes", text.len());
    for name in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(name).is_some(), "{name} is nowhere");
    }
}

#[test]
fn every_call_names_its_errors_and_the_lengths_of_what_it_takes() {
    let routes = SLICES.routes();
    let partners = complete(SLICES, include_str!("../exchange/openapi.json"));
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
            let answer = resolved(document, &operation["responses"][status]);
            let content = &answer["content"]["application/problem+json"];
            if content["schema"]["$ref"] != "#/components/schemas/Problem" {
                missing.push(format!("{call}: {status}"));
            }
        }
        let mut found = Vec::new();
        schemas(document, &operation["requestBody"], &mut Vec::new(), &mut found);
        let mut texts: Vec<(String, &Value)> = found;
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        texts.extend(parameters.filter(|p| p["in"] == "path").map(|p| (p["name"].to_string(), &p["schema"])));
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
    for route in routes.table() {
        for (name, shape) in route.shapes.map(|shapes| shapes()).unwrap_or_default() {
            let shape = serde_json::to_value(&shape).unwrap();
            if shapes.insert(name.clone(), shape.clone()).is_some_and(|other| other != shape) {
                missing.push(format!("{name} is two shapes"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn what_a_slice_has_described_is_there_in_detail() {
    let document = document(SLICES);
    let declare = &document["paths"]["/api/v1/declarations"]["post"];
    assert!(declare["requestBody"].is_object(), "{declare}");
    assert!(document["components"]["schemas"]["DeclarationInput"].is_object());
    // The calls of partners have a document of their own, too.
    let rules = &document["paths"]["/exchange/v1/rules"]["get"];
    assert!(rules["responses"]["200"].is_object(), "{rules}");
}
