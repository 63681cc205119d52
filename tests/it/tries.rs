//! Guessing: of many tries at once no more than the allowed number are looked at; nobody makes anybody else wait; many
//! networks only slow down; and hashing takes no more memory than it is given.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::people::{PASSWORD, totp};
use crate::kill::site::Site;
use crate::officials::{NEW, enrol, password};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::audit_entries;
use fugong::db::{Id, Js};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    of_many_at_once_five_are_looked_at,
    of_many_codes_by_sms_five_are_looked_at,
    a_stranger_makes_nobody_wait,
    many_networks_slow_down_and_lock_nobody,
    every_step_of_signing_in_is_counted,
);

/// What the record says of failed tries at a login: what was tried, from where.
async fn failed(app: &App, official: Id, action: &'static str) -> Vec<Value> {
    let found = app.deps.store.read(move |c| {
        Ok(audit_entries::table
            .filter(audit_entries::action.eq(action))
            .filter(audit_entries::object_id.eq(official))
            .select(audit_entries::detail)
            .load::<Js>(c)?)
    });
    found.await.unwrap().into_iter().map(|detail| detail.0).collect()
}

fn statuses(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|a| a.status.as_u16() == status).count()
}

/// Sends the bodies at the same moment, each from a client of its own.
async fn at_once(app: &App, from: [u8; 4], path: &str, bodies: &[Value]) -> Vec<Answer> {
    let sends =
        bodies.iter().map(|body| async move { app.browser_from(from).api(Method::POST, path, body).await });
    join_all(sends).await
}

async fn of_many_at_once_five_are_looked_at(app: App) {
    let staff = app.official_full(Role::Publisher, "510000").await;
    let (secret, _) = enrol(&app, &mut app.browser(), &staff.login).await;
    app.clock.advance(Duration::minutes(1));
    let sessions = "/api/v1/desk/sessions";
    let with = |password: &str, code: &str| json!({"login": staff.login, "password": password, "code": code});
    // Passwords: sixty at once, the right one among the last.
    let mut bodies = vec![with("wrong", "000000"); 59];
    bodies.push(with(NEW, "000000"));
    let answers = at_once(&app, [127, 0, 0, 3], sessions, &bodies).await;
    let looked_at = failed(&app, staff.official, "official.sign-in-failed").await;
    assert!((1..=5).contains(&looked_at.len()), "{looked_at:?}");
    assert!(statuses(&answers, 429) >= 54, "{answers:?}");
    // Codes, with the right password: none but these is compared, and the right one does not get in beside them.
    let code = totp(&secret, &app);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let mut bodies = vec![with(NEW, wrong); 40];
    bodies.push(with(NEW, &code));
    let before = looked_at.len();
    at_once(&app, [127, 0, 0, 4], sessions, &bodies).await;
    let looked_at = failed(&app, staff.official, "official.sign-in-failed").await;
    assert!(looked_at.len() - before <= 5, "{looked_at:?}");
    // A fresh second factor of somebody who is signed in.
    app.clock.advance(Duration::minutes(2));
    let body = with(NEW, &totp(&secret, &app));
    let made = app.browser_from([127, 0, 0, 5]).api(Method::POST, sessions, &body).await.expect(201).json();
    app.clock.advance(Duration::minutes(2));
    let token = made["token"].as_str().unwrap();
    let mut codes = vec![json!({"code": wrong}); 40];
    codes.push(json!({"code": totp(&secret, &app)}));
    let app_ref = &app;
    let answers = join_all(codes.iter().map(|code| async move {
        let mut program = app_ref.browser_from([127, 0, 0, 5]);
        program.bearer = Some(token.to_owned());
        program.api(Method::POST, "/api/v1/desk/step-up", code).await
    }));
    let answers = answers.await;
    assert!(statuses(&answers, 422) <= 5 && statuses(&answers, 429) >= 35, "{answers:?}");
    app.stop().await;
}

async fn of_many_codes_by_sms_five_are_looked_at(app: App) {
    let asked = json!({"phone": "13800138000"});
    let asked =
        app.browser().api(Method::POST, "/api/v1/sign-in/code-requests", &asked).await.expect(202).json();
    let code = crate::accounts::signing_in::last_code(&app).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let with = |code: &str| json!({"phone": "13800138000", "ticket": asked["ticket"], "code": code});
    let mut bodies = vec![with(wrong); 57];
    bodies.push(with(&code));
    let answers = at_once(&app, [127, 0, 0, 3], "/api/v1/sign-in/sessions", &bodies).await;
    let wrong = answers.iter().filter(|a| a.body.contains("code-wrong")).count();
    let right = statuses(&answers, 201);
    assert!(wrong <= 5 && right <= 1 && wrong + right <= 5, "{wrong} wrong, {right} right");
    app.stop().await;
}

async fn sign_in(app: &App, b: &mut Browser, login: &str, secret: &str) {
    app.clock.advance(Duration::minutes(1));
    password(b, login, NEW).await.leads_to("/desk/sign-in/totp");
    b.get("/desk/sign-in/totp").await.expect(200);
    b.post("/desk/sign-in/totp", &[("code", &totp(secret, app))]).await.leads_to("/desk");
}

async fn a_stranger_makes_nobody_wait(app: App) {
    let staff = app.official_full(Role::Publisher, "510000").await;
    let (secret, _) = enrol(&app, &mut app.browser(), &staff.login).await;
    let mut stranger = app.browser_from([127, 0, 0, 9]);
    for _ in 0..5 {
        password(&mut stranger, &staff.login, "wrong").await.expect(422).shows("用户名或密码不对");
    }
    let late = password(&mut stranger, &staff.login, NEW).await.expect(429);
    late.shows("请 1 分钟后再试").shows(&staff.login);
    // Nobody learns by that who is an official.
    for status in [422, 422, 422, 422, 422, 429] {
        password(&mut stranger, "nobody", "wrong").await.expect(status);
    }
    // The owner signs in from elsewhere meanwhile, and again from beside the stranger, by a device that is known.
    let mut owner = app.browser();
    password(&mut owner, &staff.login, NEW).await.leads_to("/desk/sign-in/totp");
    sign_in(&app, &mut owner, &staff.login, &secret).await;
    for _ in 0..5 {
        password(&mut stranger, &staff.login, "wrong").await;
    }
    let mut beside = app.browser_from([127, 0, 0, 9]);
    for (name, value) in owner.cookies() {
        beside.set_cookie(name, value);
    }
    beside.post("/desk/sign-out", &[]).await;
    sign_in(&app, &mut beside, &staff.login, &secret).await;
    // A fresh second factor does not wait for what strangers try either.
    app.clock.advance(Duration::minutes(1));
    beside.get("/desk/step-up").await.expect(200);
    beside.post("/desk/step-up", &[("code", &totp(&secret, &app))]).await.leads_to("/desk");
    // The record says from where: one name for one network, and no address.
    let from = failed(&app, staff.official, "official.sign-in-failed").await;
    assert!(from.len() >= 5 && from.iter().all(|d| d["from"] == from[0]["from"]), "{from:?}");
    assert!(!from[0].to_string().contains("127."));
    app.stop().await;
}

async fn many_networks_slow_down_and_lock_nobody(app: App) {
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut device = app.browser();
    let (secret, _) = enrol(&app, &mut device, &staff.login).await;
    device.get("/desk").await.expect(200);
    device.post("/desk/sign-out", &[]).await.expect(303);
    // Another browser of the same network makes the network known.
    sign_in(&app, &mut app.browser(), &staff.login, &secret).await;
    for n in 0..20 {
        let bodies = vec![json!({"login": staff.login, "password": "wrong", "code": "000000"}); 5];
        let answers = at_once(&app, [127, 0, 1, n], "/api/v1/desk/sessions", &bodies).await;
        assert_eq!(statuses(&answers, 422), 5, "{answers:?}");
    }
    let mut elsewhere = app.browser_from([127, 0, 2, 1]);
    password(&mut elsewhere, &staff.login, NEW).await.expect(429).shows("请 1 分钟后再试");
    let pressed = failed(&app, staff.official, "official.sign-in-pressed").await;
    assert_eq!(pressed.len(), 1, "{pressed:?}");
    let mut admin = app.official(Role::Administrator, "510000").await;
    admin.get("/admin/officials?state=locked").await.expect(200).shows(&staff.login).shows("有人在猜密码");
    // The owner's device from anywhere, and anybody's from the owner's network, do not wait.
    let mut far = app.browser_from([127, 0, 2, 2]);
    for (name, value) in device.cookies() {
        far.set_cookie(name, value);
    }
    password(&mut far, &staff.login, NEW).await.leads_to("/desk/sign-in/totp");
    password(&mut app.browser(), &staff.login, NEW).await.leads_to("/desk/sign-in/totp");
    // And whoever comes from there opens nothing for those who guess: the wide bound waits as it did.
    password(&mut app.browser_from([127, 0, 2, 3]), &staff.login, "wrong").await.expect(429);
    app.clock.advance(Duration::minutes(1));
    password(&mut elsewhere, &staff.login, NEW).await.leads_to("/desk/sign-in/totp");
    app.stop().await;
}

/// Sixty requests at once of one network, whichever of the steps they are; then one a second.
async fn every_step_of_signing_in_is_counted(app: App) {
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut inside = app.browser_from([127, 0, 3, 9]);
    let (secret, _) = enrol(&app, &mut inside, &staff.login).await;
    app.clock.advance(Duration::minutes(1));
    for (n, page) in ["totp", "enrol", "choose"].into_iter().enumerate() {
        let mut b = app.browser_from([127, 0, 3, u8::try_from(n).unwrap() + 9]);
        b.get("/desk/sign-in").await.expect(200);
        let path = format!("/desk/sign-in/{page}");
        for _ in 0..60 {
            b.post(&path, &[]).await.leads_to("/desk/sign-in");
        }
        b.post(&path, &[]).await.expect(429);
    }
    // The first of these networks is that of somebody who is signed in: a fresh factor is counted, too.
    inside.get("/desk/step-up").await.expect(200);
    inside.post("/desk/step-up", &[("code", &totp(&secret, &app))]).await.expect(429);
    app.clock.advance(Duration::minutes(1));
    inside.post("/desk/step-up", &[("code", &totp(&secret, &app))]).await.leads_to("/desk");
    app.stop().await;
}

/// Pages of memory in use by a process, in MiB.
fn resident_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Anonymous sign-ins at names that nobody has, sixty at a time, from many networks.
async fn anonymous(site: &Site, from: u32, count: u32) {
    let client = crate::harness::client().build().unwrap();
    let (client, url) = (&client, &format!("{}/api/v1/desk/sessions", site.base()));
    for group in (from..from + count).collect::<Vec<_>>().chunks(60) {
        join_all(group.iter().map(|n| async move {
            let body = json!({"login": format!("nobody{n}"), "password": PASSWORD, "code": "000000"});
            // A machine that has other work, too, may say that it is busy; whoever was told so asks again.
            loop {
                let request = client
                    .post(url)
                    .header("x-forwarded-for", format!("10.1.{}.{}", n % 7, n % 250))
                    .header("content-type", "application/json")
                    .body(body.to_string());
                match request.send().await.unwrap().status().as_u16() {
                    503 => continue,
                    other => break assert_eq!(other, 422),
                }
            }
        }))
        .await;
    }
}

#[actix_web::test]
async fn five_hundred_sign_ins_leave_no_memory_behind() {
    let mut site = Site::sqlite();
    site.start().await;
    anonymous(&site, 0, 60).await;
    let before = resident_mib(site.pid());
    anonymous(&site, 1000, 500).await;
    let after = resident_mib(site.pid());
    println!("VmRSS {before} MiB before and {after} MiB after 500 sign-ins");
    assert!(after <= before + 64, "{before} MiB before, {after} MiB after");
    site.kill();
}

/// A name that nobody has costs as much work as an official's, so the time tells nothing either.
#[actix_web::test]
async fn nobody_learns_by_the_time_who_is_an_official() {
    let app = App::sqlite().await;
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut took = [Vec::new(), Vec::new()];
    for n in 0..11 {
        for (at, login) in [staff.login.clone(), format!("nobody{n}")].into_iter().enumerate() {
            // Each from another network, so that no try waits for another.
            let mut b = app.browser_from([127, 0, 10 + u8::try_from(at).unwrap(), 1 + n]);
            let body = json!({"login": login, "password": "wrong", "code": "000000"});
            let begun = std::time::Instant::now();
            b.api(Method::POST, "/api/v1/desk/sessions", &body).await.expect(422);
            took[at].push(begun.elapsed());
        }
    }
    let [known, nobody] = took.map(|mut all| {
        all.sort();
        all[all.len() / 2]
    });
    println!("a wrong password takes {known:.1?}, a name that nobody has {nobody:.1?}");
    assert!(known < nobody * 2 && nobody < known * 2, "{known:?} and {nobody:?}");
    app.stop().await;
}
