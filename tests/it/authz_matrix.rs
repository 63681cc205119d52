//! Every route × everybody who can ask, generated from the router's own table.
//!
//! What comes out has to agree with what the table says (`Who`): who may not gets the sign-in page or 404, never 403,
//! never a page; what is not yours is 404. The whole matrix is a snapshot: a new route shows up there, and whoever adds
//! it looks at who gets what before accepting it (`INSTA_UPDATE=always cargo test --test it authz_matrix`).

use crate::harness::App;
use crate::world::World;
use crate::world::objects::{Objects, Sample};
use crate::world::principals::{Principal, ask_as, changes, client, everybody, is_api, sign_in};
use fugong::router;
use fugong::web::route::{RouteInfo, Who};
use futures_util::{StreamExt, stream};
use reqwest::{Client, Response};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What a principal met, such as `200`, `404`, `303 sign-in`, `303`.
fn outcome(response: &Response) -> String {
    let status = response.status().as_u16();
    let to = response.headers().get("location").map_or("", |v| v.to_str().unwrap());
    let page = to.split('?').next().unwrap_or_default();
    match (status, page) {
        (303, "/sign-in" | "/desk/sign-in" | "/desk/step-up") => format!("303 {page}"),
        (401, _) => "401".into(),
        _ => status.to_string(),
    }
}

fn is_sign_in(outcome: &str) -> bool {
    outcome == "401" || outcome.starts_with("303 /")
}

/// What is wrong with an outcome, by the table's word; `None` if nothing.
fn fault(route: &RouteInfo, who: &Principal, owned: bool, outcome: &str) -> Option<String> {
    let wrong =
        |what: &str| Some(format!("{} {} as {}: {outcome}, {what}", route.method, route.path, who.name));
    match outcome {
        // A visitor has no page's token here; that a form needs one is no secret.
        "403" if who.anonymous() && route.who == Who::Public && changes(route) => return None,
        // What calls programs have is public: a key that lacks a scope is told so.
        "403" if matches!(route.who, Who::Client(_)) && who.key.is_some() && !who.may(route.who) => {
            return None;
        }
        "403" => return wrong("403 tells that there is something; not allowed is 404"),
        "429" => return wrong("the test ran into a rate limit"),
        o if o.starts_with('5') && o != "503" => return wrong("our fault"),
        _ => {}
    }
    let may = who.may(route.who);
    // A signature is nothing where people are asked for, and a session nothing where a signature is.
    let visitor = if route.who.is_program() { who.key.is_none() } else { who.anonymous() };
    if !may && visitor && !is_sign_in(outcome) {
        return wrong("a visitor has to be led to the sign-in page");
    }
    if !may && !visitor && outcome != "404" {
        return wrong("who may not has to meet 404");
    }
    if may && is_sign_in(outcome) && route.who != Who::Public {
        return wrong("who may is sent to sign in");
    }
    // Whoever names the exact number of a right to act that waits is served at every counter of the province.
    let at_every_counter = route.path.contains("/desk/agents/{number}") && matches!(outcome, "200" | "409");
    let others = may && owned && !who.inside && route.who != Who::Public;
    if others && outcome != "404" && !at_every_counter {
        return wrong("what is another's has to be 404");
    }
    None
}

/// Whether those to whom an object belongs have met it: else it is not there, and the 404 of the others says nothing.
fn is_met(route: &RouteInfo, asked: &[&Principal], met: &BTreeMap<&str, String>) -> bool {
    let mut insiders = asked.iter().filter(|p| p.may(route.who) && (p.inside || route.who == Who::Public));
    insiders.any(|p| met[p.name.as_str()] != "404")
}

async fn meet(client: &Client, app: &App, route: &RouteInfo, sample: &Sample, who: &Principal) -> String {
    let accept = if who.anonymous() && !is_api(route.path) { "text/html" } else { "application/json" };
    let body = changes(route).then(|| sample.body.clone());
    outcome(&ask_as(client, app, route, &sample.path, who, accept, body).await)
}

/// Asks for every route as everybody; gives the matrix and what is wrong with it.
async fn matrix(app: App, only: impl Fn(&RouteInfo, &Principal) -> bool) -> (String, Vec<String>) {
    let world = World::new(app.with_doors().await).await;
    let client = client();
    let mut all = everybody(&world.app).await;
    let mut objects = Objects::new(&world).await;
    let (mut text, mut faults) = (String::new(), Vec::new());
    let mut anew = true;
    for route in router::routes().table() {
        if anew || changes(route) {
            sign_in(&world.app, &mut all).await;
            objects.sign_in(&world.app).await;
        }
        // Somebody may sign out by this one.
        anew = changes(route);
        let sample = objects.sample(&world, route).await;
        // All of them ask from one network, which may send so many forms of signing in within a minute.
        let signs_in =
            ["sign-in", "step-up", "/desk/sessions", "/enrolments"].iter().any(|p| route.path.contains(p));
        let pause = if signs_in { 60 } else { 3 };
        world.app.clock.advance(chrono::Duration::seconds(pause));
        let asked: Vec<&Principal> = all.iter().filter(|p| only(route, p)).collect();
        // Whoever may change something goes alone and in order, so that the outcome is always the same: those to
        // whom the object is another's before those who may use it up.
        let (mut alone, together): (Vec<&Principal>, Vec<&Principal>) =
            asked.iter().copied().partition(|p| changes(route) && p.may(route.who));
        alone.sort_by_key(|p| p.inside);
        let mut met: BTreeMap<&str, String> = stream::iter(together)
            .map(|p| async { (p.name.as_str(), meet(&client, &world.app, route, &sample, p).await) })
            .buffer_unordered(8)
            .collect()
            .await;
        for p in alone {
            met.insert(&p.name, meet(&client, &world.app, route, &sample, p).await);
        }
        let owned = sample.object.is_some();
        faults.extend(asked.iter().filter_map(|p| fault(route, p, owned, &met[p.name.as_str()])));
        if owned && !is_met(route, &asked, &met) {
            faults.push(format!("{} {}: nobody has met {}", route.method, route.path, sample.path));
        }
        if let Some(object) = sample.object.filter(|_| changes(route)) {
            objects.used_up(object);
        }
        describe(&mut text, route, owned, &asked, &met);
    }
    world.app.stop().await;
    (text, faults)
}

/// A route of the matrix: outcomes, and who met them, the most frequent one as "everybody else".
fn describe(
    text: &mut String,
    route: &RouteInfo,
    owned: bool,
    asked: &[&Principal],
    met: &BTreeMap<&str, String>,
) {
    let mut by_outcome: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for p in asked {
        by_outcome.entry(&met[p.name.as_str()]).or_default().push(&p.name);
    }
    let object = if owned { ", the owner's" } else { "" };
    writeln!(text, "{} {} ({}{object})", route.method, route.path, rule(route.who)).unwrap();
    let most = by_outcome.iter().max_by_key(|(_, names)| names.len()).map(|(o, _)| *o);
    for (outcome, names) in &by_outcome {
        let who = if Some(*outcome) == most { "everybody else".to_owned() } else { names.join(", ") };
        writeln!(text, "    {outcome}: {who}").unwrap();
    }
}

fn rule(who: Who) -> String {
    match who {
        Who::Public => "public".into(),
        Who::Resident => "resident".into(),
        Who::SignedIn => "signed in".into(),
        Who::Client(scope) => format!("client {scope}"),
        Who::Device => "device".into(),
        Who::Partner => "partner".into(),
        Who::Roles(roles) => roles.iter().map(|r| r.code()).collect::<Vec<_>>().join(" "),
    }
}

#[actix_web::test]
async fn everybody_meets_what_the_table_says() {
    let (text, faults) = matrix(App::sqlite().await, |_, _| true).await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    insta::assert_snapshot!("authz_matrix", text);
}

/// The queries' conditions differ by database, so those who may or nearly may are asked on PostgreSQL, too: the owner
/// and another resident, the right role here and elsewhere.
#[actix_web::test]
async fn jurisdiction_holds_on_postgres() {
    let Some(app) = App::postgres().await else { return };
    let nearly = |route: &RouteInfo, p: &Principal| p.may(route.who);
    let (_, faults) = matrix(app, nearly).await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn no_route_is_said_twice_or_for_nobody() {
    let mut seen = BTreeSet::new();
    for route in router::routes().table() {
        assert!(
            seen.insert((route.method.to_string(), route.path)),
            "{} {} is twice",
            route.method,
            route.path
        );
        assert!(route.who != Who::Roles(&[]), "nobody may use {}", route.path);
    }
    assert!(seen.len() >= 9);
}
