//! What is past its period is served to nobody, although the night's run has not come to it yet: by no page, interface,
//! list or copy.

use super::count;
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use crate::world::principals::OWNER;
use crate::world::{COUNTY, World};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Conn;
use fugong::db::schema::{applications, certificates, code_appeals, code_prints, declarations};
use fugong::kept::term;

on_both!(what_is_over_is_served_to_nobody, a_hold_keeps_it_served);

/// What there is to ask for: the numbers of cases of the county, by the way in which they are asked for.
struct Cases {
    own: Vec<String>,
    desk: Vec<(Role, String)>,
    open: Vec<String>,
    numbers: Vec<String>,
}

async fn cases(app: &App) -> Cases {
    let like = format!("{COUNTY}%");
    let read = app.deps.store.read(move |c| {
        let sent = declarations::table.filter(declarations::submitted_at.is_not_null());
        let sent = sent.filter(declarations::division.like(like.clone()));
        let declared: Vec<String> = sent.select(declarations::number).load(c)?;
        let issued = certificates::table.filter(certificates::division.like(like.clone()));
        let issued: Vec<String> = issued.select(certificates::number).load(c)?;
        let appealed = code_appeals::table.filter(code_appeals::division.like(like.clone()));
        let appealed: Vec<String> = appealed.select(code_appeals::number).load(c)?;
        let filed = applications::table.filter(applications::submitted_at.is_not_null());
        let filed = filed.filter(applications::division.like(like));
        let filed: Vec<(String, Option<String>)> =
            filed.select((applications::number, applications::permit_number)).load(c)?;
        let papers: i64 = code_prints::table.count().get_result(c)?;
        Ok((declared, issued, appealed, filed, papers))
    });
    let (declared, issued, appealed, filed, papers) = read.await.unwrap();
    assert!(papers > 0 && !declared.is_empty() && !issued.is_empty() && !appealed.is_empty());
    let permits: Vec<&String> = filed.iter().filter_map(|(_, permit)| permit.as_ref()).collect();
    assert!(!permits.is_empty(), "the world has a permit");
    let mut desk = Vec::new();
    for (role, path, numbers) in [
        (Role::VillageWorker, "/desk/declarations", &declared),
        (Role::VillageWorker, "/api/v1/desk/declarations", &declared),
        (Role::Doctor, "/desk/certificates", &issued),
        (Role::AppealReviewer, "/desk/appeals", &appealed),
        (Role::TownReviewer, "/desk/applications", &filed.iter().map(|f| f.0.clone()).collect()),
    ] {
        desk.extend(numbers.iter().map(|n| (role, format!("{path}/{n}"))));
    }
    Cases {
        own: declared
            .iter()
            .flat_map(|n| [format!("/declarations/{n}"), format!("/api/v1/declarations/{n}")])
            .chain(issued.iter().map(|n| format!("/certificates/{n}")))
            .collect(),
        desk,
        open: permits.iter().map(|p| format!("/permits/{p}")).collect(),
        numbers: [declared, issued, appealed, filed.iter().map(|f| f.0.clone()).collect()].concat(),
    }
}

/// Asks for everything; the addresses that are answered with 200, and the numbers that lists and copies show.
async fn asked(app: &App, cases: &Cases) -> (Vec<String>, Vec<String>) {
    let (mut found, mut shown) = (Vec::new(), Vec::new());
    let (mut owner, _) = app.resident_with(OWNER).await;
    for path in &cases.own {
        note(&mut owner, app, path, &mut found).await;
    }
    let lists = ["/declarations", "/certificates", "/me/messages", "/me/data/download", "/reopening"];
    for path in lists.iter().chain(&["/api/v1/declarations", "/api/v1/certificates", "/api/v1/me/messages"]) {
        list(&mut owner, app, path, cases, &mut shown).await;
    }
    for role in [Role::VillageWorker, Role::Doctor, Role::AppealReviewer, Role::TownReviewer] {
        let mut official = app.official(role, COUNTY).await;
        for (_, path) in cases.desk.iter().filter(|(r, _)| *r == role) {
            note(&mut official, app, path, &mut found).await;
        }
        let lists: &[&str] = match role {
            Role::VillageWorker => &["/desk/declarations", "/desk/declarations?tab=done"],
            Role::Doctor => &["/desk/certificates", "/desk/declarations?tab=checked"],
            Role::AppealReviewer => &["/desk/appeals", "/desk/appeals?tab=decided"],
            _ => &["/desk/applications?tab=all"],
        };
        for path in lists {
            list(&mut official, app, path, cases, &mut shown).await;
        }
    }
    let mut visitor = app.browser();
    for path in &cases.open {
        note(&mut visitor, app, path, &mut found).await;
    }
    let permits = visitor.get("/permits").await.expect(200);
    let public = |p: &&String| permits.body.contains(p.trim_start_matches("/permits/"));
    found.extend(cases.open.iter().filter(public).map(|p| format!("list {p}")));
    (found, shown)
}

async fn note(b: &mut Browser, app: &App, path: &str, found: &mut Vec<String>) {
    app.clock.advance(Duration::milliseconds(200));
    let answer = b.get(path).await;
    match answer.status.as_u16() {
        200 => found.push(path.to_owned()),
        404 => {}
        other => panic!("{path}: {other}"),
    }
}

async fn list(b: &mut Browser, app: &App, path: &str, cases: &Cases, shown: &mut Vec<String>) {
    app.clock.advance(Duration::milliseconds(200));
    let body = b.get(path).await.expect(200).body;
    shown.extend(cases.numbers.iter().filter(|n| body.contains(*n)).map(|n| format!("{path} {n}")));
}

fn stored(c: &mut Conn) -> fugong::error::AppResult<[i64; 6]> {
    Ok(["declarations", "certificates", "code_appeals", "applications", "inbox", "code_prints"]
        .map(|t| count(c, t)))
}

async fn what_is_over_is_served_to_nobody(app: App) {
    let world = World::new(app).await;
    let cases = cases(&world.app).await;
    let (found, shown) = asked(&world.app, &cases).await;
    for way in [
        "/declarations/",
        "/certificates/",
        "/desk/decl",
        "/api/v1/desk/decl",
        "/desk/cert",
        "/desk/applications/",
        "/desk/appeals/",
        "list ",
    ] {
        assert!(found.iter().any(|f| f.starts_with(way)), "{way} is served before: {found:?}");
    }
    for way in [
        "/declarations ",
        "/certificates ",
        "/me/data/download ",
        "/desk/declarations",
        "/desk/certificates ",
        "/desk/applications?tab=all ",
        "/desk/appeals?tab=decided ",
    ] {
        assert!(shown.iter().any(|f| f.starts_with(way)), "{way} is listed before: {shown:?}");
    }
    let before = world.app.deps.store.read(stored).await.unwrap();

    // The longest of the periods is over, and no run has begun.
    world.app.clock.advance(Duration::days(11 * 366));
    let (found, shown) = asked(&world.app, &cases).await;
    assert_eq!((found, shown), (Vec::<String>::new(), Vec::new()), "it is over");
    let (mut owner, _) = world.app.resident_with(OWNER).await;
    owner.get("/me/kept").await.expect(200).hides("k-declaration").hides("k-certificate").hides("k-message");
    owner.get("/me").await.expect(200).hides("FG20").hides("SB20");
    let after = world.app.deps.store.read(stored).await.unwrap();
    assert!(before.iter().zip(after).all(|(b, a)| a >= *b && *b > 0), "it is all there still: {after:?}");
    world.app.stop().await;
}

async fn a_hold_keeps_it_served(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = crate::declarations::declare(&mut b, "王小明", "11010519491231002X").await;

    let days = term(&app.deps.policy, "declaration", app.clock.now()).unwrap().days.unwrap();
    // A hold stands for a year at most: it is entered shortly before the end.
    app.clock.advance(Duration::days(i64::from(days)));
    let mut operator = app.official(Role::ProvinceOperator, "510000").await;
    operator.get("/desk/holds").await.expect(200);
    let hold = [
        ("number", number.as_str()),
        ("reason", "行政复议"),
        ("until-year", "2020"),
        ("until-month", "12"),
        ("until-day", "31"),
    ];
    operator.post("/desk/holds", &hold).await.leads_to("/desk/holds");
    app.clock.advance(Duration::days(2));
    let mut again = app.resident("13600008841").await;
    again.get(&format!("/declarations/{number}")).await.expect(200);
    // Nobody confirms it: after a week it has lapsed.
    app.clock.advance(Duration::days(8));
    let mut later = app.resident("13600008841").await;
    later.get(&format!("/declarations/{number}")).await.expect(404);

    app.stop().await;
}
