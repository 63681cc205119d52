//! Everybody follows every link: what a page shows leads somewhere for whoever sees it, and a form is sent to a route
//! that takes forms, with no field that the description of all calls does not have. The pages that the layouts promise
//! are there for visitors, residents and officials.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::world::World;
use crate::world::principals::{everybody, sign_in};
use reqwest::Method;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Addresses of one route that are opened; a list of a thousand cases has one page behind it.
const OF_ONE_ROUTE: usize = 3;

/// Values of an attribute in the order of the page.
fn values(html: &str, name: &str) -> Vec<String> {
    let open = format!(" {name}=\"");
    let found = html.split(open.as_str()).skip(1).filter_map(|rest| rest.split('"').next());
    found.map(|v| v.replace("&amp;", "&").replace("&#x2F;", "/")).collect()
}

/// Addresses to which the forms of a page are sent.
fn sent_to(html: &str) -> Vec<String> {
    let forms = html.split("<form").skip(1).filter_map(|f| f.split('>').next());
    forms.filter(|f| f.contains("method=\"post\"")).flat_map(|f| values(&format!(" {f}"), "action")).collect()
}

/// Where each form of a page is sent, and the names of its fields.
fn fields_of(html: &str) -> Vec<(String, BTreeSet<String>)> {
    let forms = html.split("<form").skip(1).filter_map(|form| form.split("</form>").next());
    let sent = forms.filter(|form| form.split('>').next().is_some_and(|tag| tag.contains("method=\"post\"")));
    sent.filter_map(|form| {
        let tag = format!(" {}", form.split('>').next()?);
        let names = values(form, "name").into_iter().collect();
        Some((values(&tag, "action").into_iter().next()?, names))
    })
    .collect()
}

/// Fields that the description of all calls has of a form; none where it has nothing of it.
fn described(document: &Value, route: &str) -> BTreeSet<String> {
    let path = route.trim_start_matches("POST ");
    let kinds = document["paths"][path]["post"]["requestBody"]["content"].as_object();
    let all = kinds.into_iter().flatten().filter_map(|(_, body)| body["schema"]["properties"].as_object());
    all.flatten().map(|(name, _)| name.clone()).collect()
}

/// Whether a page is for residents and nobody else; `GET /me` is such a route.
fn residents_only(route: &str) -> bool {
    let table = fugong::router::routes();
    table
        .table()
        .iter()
        .any(|r| format!("GET {}", r.path) == route && r.who == fugong::web::route::Who::Resident)
}

/// Walks from `/` (and where a role starts) over all links; gives the routes that were opened and what is wrong.
async fn walk(
    world: &World,
    (name, official): (&str, bool),
    b: &mut Browser,
    start: &[&str],
    document: &Value,
) -> (BTreeSet<String>, Vec<String>) {
    let mut queue: VecDeque<(String, String)> =
        start.iter().map(|s| ((*s).to_owned(), "start".to_owned())).collect();
    let (mut seen, mut opened) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    let mut faults = Vec::new();
    while let Some((link, from)) = queue.pop_front() {
        let path = link.split(['?', '#']).next().unwrap_or_default().to_owned();
        let Some(route) = world.pattern(&Method::GET, &path) else {
            faults.push(format!("{name} on {from}: {link} is no route"));
            continue;
        };
        let count = opened.entry(route.clone()).or_default();
        // Pictures and saved files are no pages.
        if path.ends_with("/png") || *count >= OF_ONE_ROUTE || !seen.insert(link.clone()) {
            continue;
        }
        *count += 1;
        world.app.clock.advance(chrono::Duration::milliseconds(200));
        let answer = b.get(&link).await;
        match answer.status.as_u16() {
            200 => {}
            303 => queue.push_back((answer.location().to_owned(), link.clone())),
            // Public texts speak to residents; an official who follows them into their pages finds none.
            404 if official && residents_only(&route) => {}
            other => faults.push(format!("{name} on {from}: {link} gives {other}")),
        }
        let is_page =
            answer.headers.get("content-type").is_some_and(|t| t.to_str().unwrap().contains("html"));
        if answer.status != 200 || !is_page {
            continue;
        }
        for to in values(&answer.body, "href").into_iter().filter(|h| h.starts_with('/')) {
            queue.push_back((to, link.clone()));
        }
        for to in sent_to(&answer.body) {
            let path = to.split('?').next().unwrap_or_default();
            if world.pattern(&Method::POST, path).is_none() {
                faults.push(format!("{name} on {link}: a form is sent to {to}, which takes none"));
            }
        }
        for (to, names) in fields_of(&answer.body) {
            let path = to.split('?').next().unwrap_or_default();
            let Some(route) = world.pattern(&Method::POST, path) else { continue };
            let known = described(document, &route);
            for field in names.iter().filter(|field| !known.contains(*field)) {
                faults.push(format!("{name} on {link}: {route} is not described with {field}"));
            }
        }
    }
    (opened.into_keys().collect(), faults)
}

#[actix_web::test]
async fn every_link_leads_somewhere_for_whoever_sees_it() {
    let world = World::new(App::sqlite().await).await;
    let mut all = everybody(&world.app).await;
    sign_in(&world.app, &mut all).await;
    let document = world.app.browser().get("/api/v1/openapi.json").await.expect(200).json();
    let mut faults = Vec::new();
    for who in all.iter().filter(|p| p.inside || p.role.is_none()) {
        let mut b = world.app.browser();
        b.bearer = who.token.clone();
        let start: &[&str] = if who.role.is_some() { &["/", "/desk"] } else { &["/", "/sign-in"] };
        let (opened, wrong) = walk(&world, (&who.name, who.role.is_some()), &mut b, start, &document).await;
        faults.extend(wrong);
        let promised: &[&str] = match (&who.role, who.anonymous()) {
            (Some(_), _) => &["/", "/office", "/desk/account", "/rules", "/accessibility"],
            (None, true) => &["/", "/sign-in", "/verify", "/rules", "/about", "/privacy", "/accessibility"],
            (None, false) => &[
                "/",
                "/code",
                "/me",
                "/verify",
                "/me/access",
                "/rules",
                "/about",
                "/privacy",
                "/accessibility",
            ],
        };
        for path in promised.iter().filter(|p| !opened.contains(&format!("GET {p}"))) {
            faults.push(format!("{}: no link leads to {path}", who.name));
        }
    }
    world.app.stop().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
