//! Everybody follows every link: what a page shows leads somewhere for whoever sees it, and a form is sent to a route
//! that takes forms. The pages that the layouts promise are there for visitors, residents and officials.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::world::World;
use crate::world::principals::{everybody, sign_in};
use reqwest::Method;
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
    }
    (opened.into_keys().collect(), faults)
}

#[actix_web::test]
async fn every_link_leads_somewhere_for_whoever_sees_it() {
    let world = World::new(App::sqlite().await).await;
    let mut all = everybody(&world.app).await;
    sign_in(&world.app, &mut all).await;
    let mut faults = Vec::new();
    for who in all.iter().filter(|p| p.inside || p.role.is_none()) {
        let mut b = world.app.browser();
        b.bearer = who.token.clone();
        let start: &[&str] = if who.role.is_some() { &["/", "/desk"] } else { &["/", "/sign-in"] };
        let (opened, wrong) = walk(&world, (&who.name, who.role.is_some()), &mut b, start).await;
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
