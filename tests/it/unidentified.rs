//! Of whom nobody has written down who they are looks, and sends nothing that decides: every route of officials is asked.

use crate::harness::App;
use crate::harness::people::document;
use crate::on_both;
use crate::world::principals::{Principal, ask, changes, client, empty_body, everybody, sign_in};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::cli::admin::{CreateArgs, IdentifyArgs, create, identified};
use fugong::db::schema::{assignments, officials};
use fugong::router;
use fugong::web::route::Who;
use std::collections::BTreeSet;

on_both!(
    every_route_that_decides_refuses_whoever_is_not_known,
    the_console_begins_and_makes_known,
    a_telephone_on_file_stays_when_none_is_given,
);

const SEARCH: &str = "looks something up; what is looked for stands in no address";
const OWN: &str = "the own account and session, nobody else's";
const VIEWS: &str = "arranges the own lists, and decides nothing about anybody";
const READS: &str = "goes through the record and changes nothing of it";

/// What is sent and decides nothing: it answers to whoever is not known, too.
const LOOKS: &[(&str, &str)] = &[
    ("POST /desk/applications", SEARCH),
    ("POST /desk/applications/views", VIEWS),
    ("POST /api/v1/desk/applications/search", SEARCH),
    ("POST /desk/appeals", SEARCH),
    ("POST /desk/appeals/views", VIEWS),
    ("POST /api/v1/desk/appeals/search", SEARCH),
    ("POST /desk/certificates", SEARCH),
    ("POST /desk/certificates/views", VIEWS),
    ("POST /api/v1/desk/certificates/search", SEARCH),
    ("POST /desk/agents", SEARCH),
    ("POST /desk/agents/views", VIEWS),
    ("POST /api/v1/desk/agents/search", SEARCH),
    ("POST /desk/claims", SEARCH),
    ("POST /desk/claims/views", VIEWS),
    ("POST /desk/holds/views", VIEWS),
    ("POST /desk/proxies", SEARCH),
    ("POST /desk/codes", SEARCH),
    ("POST /desk/declarations", SEARCH),
    ("POST /desk/declarations/views", VIEWS),
    ("POST /api/v1/desk/declarations/search", SEARCH),
    ("POST /desk/records/find", SEARCH),
    ("POST /desk/second", SEARCH),
    ("POST /desk/second/views", VIEWS),
    ("POST /api/v1/desk/second/search", SEARCH),
    ("POST /desk/tasks", SEARCH),
    ("POST /desk/tasks/views", VIEWS),
    ("POST /api/v1/desk/tasks/search", SEARCH),
    ("POST /desk/step-up", OWN),
    ("POST /api/v1/desk/step-up", OWN),
    ("POST /desk/switch", OWN),
    ("POST /desk/account/password", OWN),
    ("POST /desk/account/sessions/end-others", OWN),
    ("POST /desk/account/sessions/{id}/end", OWN),
    ("POST /audit/verify", READS),
    ("POST /api/v1/audit/verify", READS),
];

/// An identifier that nothing has in place of each parameter.
fn filled(path: &str) -> String {
    let part = |part: &str| match part.starts_with('{') {
        true => "01920000-0000-7000-8000-00000000abcd".to_owned(),
        false => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

async fn every_route_that_decides_refuses_whoever_is_not_known(app: App) {
    let mut all: Vec<Principal> =
        everybody(&app).await.into_iter().filter(|p| p.role.is_some() && p.inside).collect();
    // Some of it is work for the province as a whole.
    let whole = app.deps.store.write(|tx| {
        let set = assignments::division.eq("510000");
        diesel::update(assignments::table).set(set).execute(tx.conn())?;
        Ok(())
    });
    whole.await.unwrap();
    app.is_unknown(None).await;
    let client = client();
    let (mut faults, mut looks, mut decide) = (Vec::new(), BTreeSet::new(), 0);
    for route in router::routes().table() {
        let Who::Roles(_) = route.who else { continue };
        let (name, path) = (format!("{} {}", route.method, route.path), filled(route.path));
        app.clock.advance(Duration::seconds(3));
        sign_in(&app, &mut all).await;
        let body = changes(route).then(|| empty_body(route));
        for who in all.iter().filter(|p| p.may(route.who)) {
            let token = who.token.as_deref();
            let method = route.method.as_str();
            let answer =
                ask(&client, &app.base, method, &path, token, "application/json", body.clone()).await;
            let status = answer.status().as_u16();
            let refused = answer.text().await.unwrap().contains("official-unidentified");
            let right = match (changes(route), LOOKS.iter().any(|(look, _)| *look == name)) {
                (true, false) => status == 409 && refused,
                _ => status != 409 && status < 500 && !refused,
            };
            if !right {
                faults.push(format!("{name} as {}: {status}, refused: {refused}", who.name));
            }
            if changes(route) && !refused {
                looks.insert(name.clone());
            }
            decide += usize::from(refused);
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    let listed: BTreeSet<String> = LOOKS.iter().map(|(look, _)| (*look).to_owned()).collect();
    assert_eq!(looks, listed, "a look that is no route any more");
    assert!(decide > 40, "{decide} refusals only");
    app.stop().await;
}

/// Whoever is made at the console is known from the beginning, so an installation can begin; an administrator of before
/// is made known there.
async fn the_console_begins_and_makes_known(app: App) {
    let (store, keys, now) = (&app.deps.store, app.deps.keys.clone(), app.clock.now());
    let args = CreateArgs {
        login: "first".into(),
        name: "首任".into(),
        office: "系统管理处".into(),
        phone: "12345".into(),
        force: false,
    };
    create(&args, document(), store, keys.clone(), "510000", now).await.unwrap();
    let found = store.read(|c| {
        let known = officials::doc_sealed.is_not_null().and(officials::doc_blind.is_not_null());
        Ok(officials::table.filter(known).select(officials::login).load::<String>(c)?)
    });
    assert_eq!(found.await.unwrap(), ["first"]);

    let mut before = app.official_full(Role::Administrator, "510000").await;
    app.is_unknown(Some(before.official)).await;
    let office = [
        ("name", "岳池县苟角镇中心卫生院"),
        ("kind", "health-centre"),
        ("division-1", "511600"),
        ("division-2", "511621"),
        ("phone", "0826-5220000"),
    ];
    let new = "/admin/offices/new";
    before.browser.get(new).await.expect(200).shows("还不能办理").shows("fugong admin identify");
    before.browser.post(new, &office).await.expect(409).shows("fugong admin identify");
    let args = IdentifyArgs { login: before.login.clone() };
    identified(&args, document(), store, keys, now).await.unwrap();
    before.browser.get(new).await.expect(200).hides("还不能办理");
    before.browser.post(new, &office).await.leads_to("/admin/offices");
    app.stop().await;
}

/// By it an official is told from others: neither the console nor a page forgets it in passing.
async fn a_telephone_on_file_stays_when_none_is_given(app: App) {
    let staff = app.official_full(Role::Doctor, "511621").await;
    app.is_known(staff.official, document(), Some("13800138000")).await;
    let mut admin = app.official(Role::Administrator, "511621").await;
    let page = format!("/admin/officials/{}", staff.official);
    let masked = fugong::identity::Phone::parse("13800138000").unwrap().masked();
    admin.get(&page).await.expect(200).shows(&masked).shows("不填就保留已经登记的号码");
    let args = IdentifyArgs { login: staff.login.clone() };
    let (store, keys, now) = (&app.deps.store, app.deps.keys.clone(), app.clock.now());
    identified(&args, document(), store, keys, now).await.unwrap();
    admin.get(&page).await.expect(200).shows(&masked);
    let number = document().number().to_owned();
    let typed = [
        ("action", "identify"),
        ("doc_kind", "id_card"),
        ("doc_number", number.as_str()),
        ("reason", "证件换号"),
    ];
    admin.post(&page, &typed).await.leads_to(&page);
    admin.get(&page).await.expect(200).shows(&masked);
    let other = [&typed[..], &[("phone", "13900139000")]].concat();
    admin.post(&page, &other).await.leads_to(&page);
    admin.get(&page).await.expect(200).hides(&masked).shows("139");
    app.stop().await;
}
