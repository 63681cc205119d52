//! A fresh second factor: one table says for which acts of officials it is asked and why not for the others, every route
//! does what the table says, and a form that has to wait for the code arrives as it was typed.

use crate::declarations::{pages, promise};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::people::{Staff, totp};
use crate::officials::enrol;
use crate::on_both;
use crate::reopening::{filed, risk, state};
use crate::world::principals::{ask, changes, client, empty_body};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Ts;
use fugong::db::schema::sessions;
use fugong::router;
use fugong::web::factor::{Fresh, Unasked};
use fugong::web::route::{RouteInfo, Who};
use fugong::web::session::{self, SessionKind};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write;

on_both!(
    every_route_asks_as_the_table_says,
    an_entry_from_paper_is_carried_through_the_code,
    counters_and_worklists_ask_in_their_time,
    a_permit_is_revoked_with_a_fresh_factor_only,
);

/// What an official may send or take away there, by the table; nothing for a page that only shows.
fn asked(route: &RouteInfo) -> Option<String> {
    let said = match (route.fresh, route.unasked) {
        (Some(Fresh::Minutes15), None) => "15 minutes".to_owned(),
        (Some(Fresh::Hours4), None) if route.grave.is_empty() => "4 hours".to_owned(),
        (Some(Fresh::Hours4), None) => format!("4 hours, {} 15 minutes", route.grave.join(" ")),
        (None, Some(Unasked::Looks)) => "not asked: it looks".to_owned(),
        (None, Some(Unasked::OwnSession)) => "not asked: the own session".to_owned(),
        (None, Some(Unasked::SharesOut)) => "not asked: it shares out work".to_owned(),
        (None, Some(Unasked::Reports)) => "not asked: it reports what happened".to_owned(),
        (None, Some(Unasked::Arranges)) => "not asked: it arranges the own lists".to_owned(),
        (None, None) if !changes(route) => return None,
        _ => panic!("{} {} asks for a fresh factor or says why not", route.method, route.path),
    };
    Some(said)
}

#[test]
fn what_asks_for_a_fresh_factor_is_one_table() {
    let mut by_answer: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for route in router::routes().table() {
        if !matches!(route.who, Who::Roles(_)) {
            assert_eq!((route.fresh, route.unasked), (None, None), "{} is not for officials", route.path);
        } else if let Some(said) = asked(route) {
            by_answer.entry(said).or_default().push(format!("{} {}", route.method, route.path));
        }
    }
    let mut text = String::new();
    for (said, mut routes) in by_answer {
        routes.sort();
        writeln!(text, "{said}\n    {}", routes.join("\n    ")).unwrap();
    }
    insta::assert_snapshot!("fresh", text);
}

/// A session whose second factor is so old.
async fn session(app: &App, staff: &Staff, age: Duration) -> String {
    let (official, assignment, now) = (staff.official, staff.assignment, app.clock.now());
    let made = app.deps.store.write(move |tx| {
        let kind = SessionKind::Official;
        let (token, session) = session::start(tx, kind, official, Some(assignment), "Test", now)?;
        diesel::update(sessions::table.find(session.id))
            .set(sessions::stepped_up_at.eq(Some(Ts::from(now - age))))
            .execute(tx.conn())?;
        Ok(token)
    });
    made.await.unwrap()
}

/// The path with something in its gaps that nothing is called.
fn nowhere(pattern: &str) -> String {
    let mut path = pattern.to_owned();
    while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
        path.replace_range(from..=to, "01920000-0000-7000-8000-00000000abcd");
    }
    path
}

async fn every_route_asks_as_the_table_says(app: App) {
    let client = client();
    let mut staff: BTreeMap<Role, Staff> = BTreeMap::new();
    let table = router::routes();
    for route in table.table() {
        let Who::Roles(roles) = route.who else { continue };
        if asked(route).is_none() {
            continue;
        }
        if let Entry::Vacant(nobody) = staff.entry(roles[0]) {
            nobody.insert(app.official_full(roles[0], "510000").await);
        }
        let minute = Duration::minutes(1);
        let ages = match route.fresh {
            Some(fresh) => vec![(fresh.within() - minute, false), (fresh.within(), true)],
            None => vec![(Duration::hours(11), false)],
        };
        for (age, refused) in ages {
            app.clock.advance(Duration::seconds(3));
            let token = session(&app, &staff[&roles[0]], age).await;
            let (method, path) = (route.method.as_str(), nowhere(route.path));
            let body = changes(route).then(|| empty_body(route));
            let answer = ask(&client, &app.base, method, &path, Some(&token), "application/json", body).await;
            let status = answer.status().as_u16();
            let asks = status == 401 && answer.text().await.unwrap().contains("problem:step-up");
            assert_eq!(asks, refused, "{method} {path} with a factor of {age}: {status}");
            assert!(asks || status != 401, "{method} {path}: {status}");
        }
    }
    app.stop().await;
}

/// An official at a desk, with a secret for codes.
pub async fn at_a_desk(app: &App, role: Role) -> (Browser, String) {
    let staff = app.official_full(role, "511621").await;
    let mut b = app.browser();
    let (secret, _) = enrol(app, &mut b, &staff.login).await;
    (b, secret)
}

/// Four hours at a desk that is used all the time.
async fn half_a_day(app: &App, desks: &mut [&mut Browser]) {
    for _ in 0..5 {
        app.clock.advance(Duration::minutes(49));
        for b in desks.iter_mut() {
            b.get("/desk/account").await.expect(200);
        }
    }
}

/// Sends a form that is asked for a code first, types the code, and sends what the browser then sends on by itself.
pub async fn with_a_code(
    app: &App,
    b: &mut Browser,
    secret: &str,
    path: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let asked = b.post(path, fields).await.expect(401).shows("你填的内容都保留着");
    assert_eq!(asked.input("fresh-to").as_deref(), Some(path));
    let mut all: Vec<(&str, String)> = Vec::new();
    for (name, value) in fields {
        // What is sent on is what the page holds, not what the test knows.
        let carried = asked.input(name).unwrap_or_else(|| panic!("{name} is lost"));
        all.push((*name, carried));
        assert_eq!(all.last().unwrap().1, *value, "{name}");
    }
    all.push(("fresh-to", path.to_owned()));
    all.push(("fresh-code", totp(secret, app)));
    let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let on = b.post("/desk/step-up", &all).await.expect(307);
    assert_eq!(on.location(), path);
    b.post(path, &all).await
}

async fn an_entry_from_paper_is_carried_through_the_code(app: App) {
    let (mut worker, secret) = at_a_desk(&app, Role::VillageWorker).await;
    let mut typed: Vec<(&'static str, String)> =
        pages("吴九", "360426199101010071").into_iter().flat_map(|(_, fields)| fields).collect();
    typed.extend(promise());
    typed.retain(|(name, _)| *name != "phone");
    let fields: Vec<(&str, &str)> = typed.iter().map(|(n, v)| (*n, v.as_str())).collect();
    worker.get("/desk/declarations/new").await.expect(200);
    half_a_day(&app, &mut [&mut worker]).await;
    let page = "/desk/declarations/new";
    let sent = with_a_code(&app, &mut worker, &secret, page, &fields).await.leads_to("/desk/receipts/HZ");
    worker.get(sent.location()).await.expect(200).shows("吴*").hides("吴九");
    app.stop().await;
}

async fn counters_and_worklists_ask_in_their_time(app: App) {
    let (mut worker, secret) = at_a_desk(&app, Role::VillageWorker).await;
    let mut county = app.official(Role::CountyDesk, "511621").await;
    for b in [&mut worker, &mut county] {
        b.get("/desk/account").await.expect(200);
    }
    let why = [("reason", "写好的理由"), ("version", "1"), ("action", "reject")];
    app.clock.advance(Duration::minutes(16));
    for (b, path) in
        [(&mut worker, "/desk/claims/RL200312-7K3M9QX2"), (&mut county, "/desk/agents/DL200312-7K3M9QX2")]
    {
        b.post(path, &why).await.expect(401).shows("写好的理由").shows("你填的内容都保留着");
    }
    // Whoever decides case after case types no code each quarter of an hour.
    worker.post("/desk/declarations/SB200312-7K3M9QX2", &why).await.expect(404);
    county.post("/desk/applications/FG200312-7K3M9QX2", &why).await.expect(404);
    half_a_day(&app, &mut [&mut worker, &mut county]).await;
    for path in ["/desk/declarations/SB200312-7K3M9QX2", "/desk/declarations/check"] {
        worker.post(path, &why).await.expect(401).shows("写好的理由");
    }
    county.post("/desk/applications/FG200312-7K3M9QX2", &why).await.expect(401).shows("写好的理由");
    // One code after noon, and it goes on.
    let path = "/desk/declarations/SB200312-7K3M9QX2";
    with_a_code(&app, &mut worker, &secret, path, &why).await.expect(404);
    worker.post(path, &why).await.expect(404);
    app.stop().await;
}

async fn a_permit_is_revoked_with_a_fresh_factor_only(app: App) {
    risk(&app, "low").await;
    let mut owner = app.resident("13800138000").await;
    let number = filed(&app, &mut owner, 41, "岳池县东外街理发店（陈记）").await;
    let (mut county, secret) = at_a_desk(&app, Role::CountyDesk).await;
    let page = format!("/desk/applications/{number}");
    county.get(&page).await.expect(200);
    app.clock.advance(Duration::minutes(16));
    let version = county.get(&page).await.expect(200).input("version").unwrap();
    let why = [
        ("version", version.as_str()),
        ("action", "revoke"),
        ("reason", "查明材料虚假"),
        ("remedy", "重新申请"),
    ];
    let body = json!({"version": version.parse::<i64>().unwrap(), "reason": "x", "remedy": "y", "items": []});
    let api = format!("/api/v1/desk/applications/{number}/actions/revoke");
    assert_eq!(county.api(Method::POST, &api, &body).await.expect(401).problem(), "step-up");
    assert_eq!(state(&mut owner, &number).await["state"], "filed");
    with_a_code(&app, &mut county, &secret, &page, &why).await.leads_to(&page);
    assert_eq!(state(&mut owner, &number).await["state"], "revoked");
    app.stop().await;
}
