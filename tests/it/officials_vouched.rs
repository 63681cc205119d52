//! One administrator is not two officers: a login that was made or reset does nothing that is hard to take back for a day,
//! unless another administrator vouches for it.

use crate::codes::{DOCUMENT, declared_resident};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::people::{Staff, document, totp};
use crate::officials::{NEW, password};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::cli::admin::{CreateArgs, create};
use fugong::db::schema::{audit_entries, health_records, officials};
use fugong::db::{Id, Ts};
use fugong::web::cookies::CookieNames;
use fugong::web::session::{self, SessionKind};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    one_administrator_is_not_two_officers,
    a_second_administrator_vouches,
    a_day_later_it_acts,
    the_day_begins_with_the_first_use,
    who_is_hired_waits_and_does_daily_work,
    the_console_is_not_held_up,
);

const COUNTY: &str = "511621";
/// Until when a login of Thursday 10:32 waits, as pages write it.
const UNTIL: &str = "2020 年 3 月 13 日 10:32";

const FINDING: [(&str, &str); 6] = [
    ("doc_kind", "id_card"),
    ("doc_number", DOCUMENT),
    ("kind", "close_contact"),
    ("at-year", "2020"),
    ("at-month", "3"),
    ("at-day", "10"),
];

fn finding() -> Vec<(&'static str, &'static str)> {
    [&FINDING[..], &[("source", "县疾控中心流调报告")]].concat()
}

/// A program with the session of a browser.
fn as_program(app: &App, browser: &Browser) -> Browser {
    let mut program = app.browser();
    let session = CookieNames::of(&app.deps.config).session;
    program.bearer = browser.cookies().get(&session).cloned();
    program
}

async fn administrator(app: &App) -> Staff {
    app.official_full(Role::Administrator, "510000").await
}

/// Resets a login by program; gives the first password.
async fn reset(admin: &mut Browser, official: Id) -> String {
    let path = format!("/api/v1/admin/officials/{official}/actions/reset");
    let first = admin.api(Method::POST, &path, &json!({"reason": "忘记密码"})).await.expect(200).json();
    first["password"].as_str().unwrap().to_owned()
}

/// Whoever has the first password enrols, and is in.
async fn enrolled(app: &App, login: &str, first: &str) -> Browser {
    let mut b = app.browser();
    password(&mut b, login, first).await.leads_to("/desk/sign-in/enrol");
    let page = b.get("/desk/sign-in/enrol").await.expect(200);
    let secret = page.body.split("<p class=\"ref\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let code = totp(&secret, app);
    let fields = [("password", NEW), ("repeat", NEW), ("code", code.as_str())];
    b.post("/desk/sign-in/enrol", &fields).await.expect(200);
    b
}

/// A new session of an official, with a fresh second factor.
async fn signed_in(app: &App, staff: &Staff) -> Browser {
    let (official, post, now) = (staff.official, staff.assignment, app.clock.now());
    let made = app
        .deps
        .store
        .write(move |tx| Ok(session::start(tx, SessionKind::Official, official, Some(post), "Test", now)?.0));
    app.with_session(&made.await.unwrap())
}

async fn findings(app: &App) -> i64 {
    app.deps.store.read(|c| Ok(health_records::table.count().get_result(c)?)).await.unwrap()
}

/// The abuse: an administrator resets two officers, enrols with both first passwords and is both.
async fn one_administrator_is_not_two_officers(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut admin = as_program(&app, &administrator(&app).await.browser);
    let mut taken = Vec::new();
    for phone in ["13900139001", "13900139002"] {
        let officer = app.official_full(Role::ColourOfficer, COUNTY).await;
        app.is_known(officer.official, document(), Some(phone)).await;
        let first = reset(&mut admin, officer.official).await;
        taken.push((enrolled(&app, &officer.login, &first).await, officer));
    }
    let (officer, _) = &mut taken[0];
    officer.get("/desk/records/new").await.expect(200).shows("账号刚开通或重置").shows(UNTIL);
    let refused = officer.post("/desk/records/new", &finding()).await.expect(409);
    refused.shows(UNTIL).shows("另一名系统管理员").shows("不能顶两个人");
    assert_eq!(findings(&app).await, 0);
    let mut program = as_program(&app, officer);
    let said = program.api(Method::POST, "/desk/records/new", &json!({})).await.expect(409);
    assert_eq!(said.problem(), "official-not-yet");
    // Another one enters it: neither of the two confirms it.
    let mut other = app.official(Role::ColourOfficer, COUNTY).await;
    other.get("/desk/records/new").await.expect(200).hides("账号刚开通或重置");
    other.post("/desk/records/new", &finding()).await.leads_to("/desk/records/new");
    let (second, staff) = &mut taken[1];
    let list = second.get("/desk/records").await.expect(200);
    let path = format!("{}/decide", crate::codes::ends::action(&list.body, "/desk/records"));
    second.get(&path).await.expect(200);
    second.post(&path, crate::codes::ends::YES).await.expect(409).shows(UNTIL);
    // The same administrator does not vouch.
    let vouch = format!("/api/v1/admin/officials/{}/actions/vouch", staff.official);
    assert_eq!(admin.api(Method::POST, &vouch, &json!({})).await.expect(409).problem(), "vouch-own");
    app.drain().await;
    let told = app.deps.sms.sent();
    let told: Vec<_> =
        told.iter().filter(|m| m.message == "official-changed").map(|m| m.to.clone()).collect();
    assert_eq!(told.len(), 2, "both owners hear of it: {told:?}");
    app.stop().await;
}

async fn a_second_administrator_vouches(app: App) {
    declared_resident(&app, "13800000001").await;
    let (first, second) = (administrator(&app).await, administrator(&app).await);
    let officer = app.official_full(Role::ColourOfficer, COUNTY).await;
    app.is_known(officer.official, document(), Some("13900139001")).await;
    let mut admin = as_program(&app, &first.browser);
    let one_time = reset(&mut admin, officer.official).await;
    let detail =
        admin.api_get(&format!("/api/v1/admin/officials/{}", officer.official)).await.expect(200).json();
    assert_eq!(detail["grave_from"], "2020-03-13T02:32:00Z");
    let mut b = enrolled(&app, &officer.login, &one_time).await;
    let page = format!("/admin/officials/{}", officer.official);
    let mut own = first.browser;
    own.get(&page)
        .await
        .expect(200)
        .shows(UNTIL)
        .shows("开通或重置的那一名、自己的账号也在等待的不行")
        .hides("value=\"vouch\"");
    own.post(&page, &[("action", "vouch")]).await.expect(409).shows("另一名系统管理员担保");
    // One of a county that is not the official's is not within reach.
    let mut elsewhere = app.official(Role::Administrator, "510107").await;
    elsewhere.get("/admin/officials").await.expect(200);
    elsewhere.post(&page, &[("action", "vouch")]).await.expect(404);
    let first = [("action", "vouch"), ("preview", "1")];
    own.post(&page, &first).await.expect(409).shows("另一名系统管理员担保");
    let mut other = second.browser;
    other.get(&page).await.expect(200).shows(UNTIL).shows("value=\"vouch\"").hides("对方将收到");
    // What the owner is told is shown first; nothing is done by that.
    let seen = other.post(&page, &first).await.expect(200).shows("对方将收到");
    seen.shows("已由另一名管理员担保，可以办理全部事项").shows(UNTIL);
    other.post(&page, &[("action", "vouch")]).await.leads_to(&page);
    other.get(&page).await.expect(200).hides(UNTIL);
    other.post(&page, &[("action", "vouch")]).await.expect(409).shows("不需要担保");
    b.get("/desk/records/new").await.expect(200).hides("账号刚开通或重置");
    b.post("/desk/records/new", &finding()).await.leads_to("/desk/records/new");
    app.drain().await;
    let told = app.deps.sms.sent();
    let told = told.iter().filter(|m| m.to == "+8613900139001" && m.text.contains("担保"));
    assert_eq!(told.count(), 1, "by the act, and not by its preview");
    let official = officer.official;
    let noted = app.deps.store.read(move |c| {
        let entries = audit_entries::table.filter(audit_entries::action.eq("official.vouch"));
        Ok(entries.select(audit_entries::object_id).load::<Option<Id>>(c)?)
    });
    assert_eq!(noted.await.unwrap(), [Some(official)]);
    // Reset once more it waits once more.
    let path = format!("/api/v1/admin/officials/{official}/actions/vouch");
    reset(&mut admin, official).await;
    as_program(&app, &other).api(Method::POST, &path, &json!({})).await.expect(204);
    app.stop().await;
}

async fn a_day_later_it_acts(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut admin = as_program(&app, &administrator(&app).await.browser);
    let officer = app.official_full(Role::ColourOfficer, COUNTY).await;
    reset(&mut admin, officer.official).await;
    app.clock.advance(Duration::hours(24) - Duration::minutes(1));
    let mut b = signed_in(&app, &officer).await;
    b.get("/desk/records/new").await.expect(200);
    b.post("/desk/records/new", &finding()).await.expect(409);
    app.clock.advance(Duration::minutes(1));
    b.post("/desk/records/new", &finding()).await.leads_to("/desk/records/new");
    app.stop().await;
}

/// A login that lies in a drawer for a week is new when it is first used.
async fn the_day_begins_with_the_first_use(app: App) {
    declared_resident(&app, "13800000001").await;
    let by = administrator(&app).await;
    let mut admin = as_program(&app, &by.browser);
    let right = json!({"role": "colour-officer", "office": by.office, "division": COUNTY});
    let new = json!({"login": "luo.min", "name": "罗敏", "phone": "13900139002", "document_number": document().number(),
        "right": right});
    let made = admin.api(Method::POST, "/api/v1/admin/officials", &new).await.expect(201).json();
    app.drain().await;
    assert!(app.deps.sms.sent().iter().any(|m| m.to == "+8613900139002" && m.text.contains("已开通")));
    app.clock.advance(Duration::days(7));
    let mut b = enrolled(&app, "luo.min", made["password"].as_str().unwrap()).await;
    b.get("/desk/records/new").await.expect(200).shows("账号刚开通或重置");
    b.post("/desk/records/new", &finding()).await.expect(409).shows("2020 年 3 月 20 日 10:32");
    app.stop().await;
}

async fn who_is_hired_waits_and_does_daily_work(app: App) {
    let by = administrator(&app).await;
    let mut admin = as_program(&app, &by.browser);
    let hire = |login: &str, role: &str| -> Value {
        let right = json!({"role": role, "office": by.office, "division": COUNTY});
        json!({"login": login, "name": "罗敏", "document_number": document().number(), "right": right})
    };
    let path = "/api/v1/admin/officials";
    let made = admin.api(Method::POST, path, &hire("luo.min", "doctor")).await.expect(201).json();
    let mut doctor = enrolled(&app, "luo.min", made["password"].as_str().unwrap()).await;
    // What is decided by the hundred goes on, with its own error; what is hard to take back does not.
    doctor.get("/desk/declarations").await.expect(200).shows(UNTIL);
    let nothing = "/desk/declarations/SB200312-7K3M9QX2";
    doctor.post(nothing, &[("action", "confirm"), ("version", "1")]).await.expect(404);
    doctor.post("/desk/declarations", &[("q", "王小明")]).await.expect(200);
    doctor
        .post("/desk/certificates/FG200312-7K3M9QX2/revoke", &[("reason", "x")])
        .await
        .expect(409)
        .shows(UNTIL);
    // The own account is one's own at once.
    let password = [("old", "x"), ("password", "x"), ("repeat", "x")];
    doctor.post("/desk/account/password", &password).await.expect(422);
    // By the page it is the same.
    let office = by.office.to_string();
    let number = document().number().to_owned();
    let fields = [
        ("login", "tang.yong"),
        ("name", "唐勇"),
        ("doc_kind", "id_card"),
        ("doc_number", number.as_str()),
        ("role", "colour-officer"),
        ("office", office.as_str()),
        ("division-1", "511600"),
        ("division-2", "511621"),
    ];
    let mut page = by.browser;
    page.get("/admin/officials/new").await.expect(200).hides("对方将收到");
    is_shown_first(&app, &mut page, &fields).await;
    let made = page.post("/admin/officials/new", &fields).await.expect(200);
    made.shows("一次性密码").hides("先看对方会收到什么");
    let waits = app.deps.store.read(|c| {
        let held = officials::table.filter(officials::grave_from.is_not_null());
        Ok(held.order(officials::login).select(officials::login).load::<String>(c)?)
    });
    assert_eq!(waits.await.unwrap(), ["luo.min", "tang.yong"]);
    app.stop().await;
}

/// What whoever is hired is told is shown first: nobody is hired by that, or told anything. Who cannot be
/// reached is told nothing, and a login that is taken is said at once.
async fn is_shown_first(app: &App, page: &mut Browser, fields: &[(&str, &str)]) {
    let path = "/admin/officials/new";
    let before = app.deps.sms.sent().len();
    let sent = [fields, &[("phone", "13900139007"), ("preview", "1")]].concat();
    let seen = page.post(path, &sent).await.expect(200).shows("对方将收到");
    seen.shows("先看对方会收到什么").shows("你的复工通工作账号已开通").shows("value=\"tang.yong\"");
    let unreached = [fields, &[("preview", "1")]].concat();
    page.post(path, &unreached).await.expect(200).shows("不会给任何人发消息");
    let taken = [("login", "luo.min"), ("name", "唐勇"), ("preview", "1")];
    let taken = [&taken[..], &fields[2..]].concat();
    page.post(path, &taken).await.expect(422).hides("对方将收到");
    app.drain().await;
    assert_eq!(app.deps.sms.sent().len(), before);
    let hired = app.deps.store.read(|c| {
        Ok(officials::table.filter(officials::login.eq("tang.yong")).count().get_result::<i64>(c)?)
    });
    assert_eq!(hired.await.unwrap(), 0);
}

async fn the_console_is_not_held_up(app: App) {
    let (store, keys, now) = (&app.deps.store, app.deps.keys.clone(), app.clock.now());
    let args = CreateArgs {
        login: "first".into(),
        name: "首任".into(),
        office: "系统管理处".into(),
        phone: "12345".into(),
        force: false,
    };
    let first = create(&args, document(), store, keys, "510000", now).await.unwrap();
    let waits = store.read(|c| Ok(officials::table.select(officials::grave_from).load::<Option<Ts>>(c)?));
    assert_eq!(waits.await.unwrap(), [None]);
    let mut admin = enrolled(&app, "first", &first).await;
    let office = [
        ("name", "岳池县苟角镇中心卫生院"),
        ("kind", "health-centre"),
        ("phone", "0826-1"),
        ("division-1", "511600"),
        ("division-2", "511621"),
    ];
    admin.get("/admin/offices/new").await.expect(200);
    admin.post("/admin/offices/new", &office).await.leads_to("/admin/offices");
    app.stop().await;
}
