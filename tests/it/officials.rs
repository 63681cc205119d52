//! Officials: first sign-in, two factors, replay, recovery codes, lock-out, disabling; the administrator's limits.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::people::Staff;
use crate::harness::people::{PASSWORD, document, totp};
use crate::on_both;
use crate::world::{PERSONAL, World};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::{assignments, audit_entries};
use fugong::db::{Id, Ts};
use fugong::router;
use fugong::web::route::Who;
use reqwest::Method;
use serde_json::json;

on_both!(
    two_factors_each_step_once,
    wrong_passwords_lock,
    an_administrator_disables_and_sees_no_cases,
    an_official_with_two_posts_chooses_and_switches,
    a_substitute_is_dated_recorded_and_over,
    a_disabled_official_is_out_at_the_next_request,
    an_administrator_sees_no_health_data,
);

/// The choice and the reason that an act on an official takes.
pub const SURE: [(&str, &str); 3] = [("asked", "yes"), ("sure", "yes"), ("reason", "已调离本单位")];

pub const NEW: &str = "秦时明月汉时关万里长征人";

pub async fn password(b: &mut Browser, login: &str, password: &str) -> Answer {
    b.get("/desk/sign-in").await.expect(200);
    b.post("/desk/sign-in", &[("login", login), ("password", password)]).await
}

/// Enrols a login made by the harness; gives the secret and the recovery codes.
pub async fn enrol(app: &App, b: &mut Browser, login: &str) -> (String, Vec<String>) {
    password(b, login, PASSWORD).await.leads_to("/desk/sign-in/enrol");
    let page = b.get("/desk/sign-in/enrol").await.expect(200);
    let secret = page.body.split("<p class=\"ref\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let now = totp(&secret, app);
    b.post("/desk/sign-in/enrol", &[("password", "short"), ("repeat", "short"), ("code", &now)])
        .await
        .expect(422)
        .shows("12 个字");
    let fields = [("password", NEW), ("repeat", NEW), ("code", now.as_str())];
    let page = b.post("/desk/sign-in/enrol", &fields).await.expect(200).shows("备用码");
    let codes = page.body.split("<code>").skip(1).map(|s| s.split('<').next().unwrap().to_owned()).collect();
    (secret, codes)
}

async fn two_factors_each_step_once(app: App) {
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut b = app.browser();
    let (secret, codes) = enrol(&app, &mut b, &staff.login).await;
    assert_eq!(codes.len(), 10);
    b.get("/desk").await.expect(200).shows("信息发布");
    // The step used at enrolment is spent; the next one works once.
    let mut c = app.browser();
    password(&mut c, &staff.login, NEW).await.leads_to("/desk/sign-in/totp");
    c.get("/desk/sign-in/totp").await.expect(200);
    c.post("/desk/sign-in/totp", &[("code", &totp(&secret, &app))]).await.expect(422).shows("已用过");
    app.clock.advance(Duration::seconds(60));
    let fresh = totp(&secret, &app);
    c.post("/desk/sign-in/totp", &[("code", &fresh)]).await.leads_to("/desk");
    let mut d = app.browser();
    password(&mut d, &staff.login, NEW).await.leads_to("/desk/sign-in/totp");
    d.get("/desk/sign-in/totp").await.expect(200);
    d.post("/desk/sign-in/totp", &[("code", &fresh)]).await.expect(422);
    // A recovery code works once.
    d.post("/desk/sign-in/totp", &[("code", &codes[0])]).await.leads_to("/desk");
    let mut e = app.browser();
    password(&mut e, &staff.login, NEW).await.leads_to("/desk/sign-in/totp");
    e.get("/desk/sign-in/totp").await.expect(200);
    e.post("/desk/sign-in/totp", &[("code", &codes[0])]).await.expect(422);
    // Without the password's step there is no second one.
    let mut f = app.browser();
    f.get("/desk/sign-in/totp").await.leads_to("/desk/sign-in");
    d.get("/desk").await.expect(200);
    d.post("/sign-out", &[]).await.leads_to("/desk/sign-in");
    d.get("/desk").await.leads_to("/desk/sign-in");
    app.stop().await;
}

async fn wrong_passwords_lock(app: App) {
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut b = app.browser();
    let unknown = password(&mut b, "nobody", "x").await.expect(422).shows("用户名或密码不对");
    assert!(!unknown.body.contains("value=\"x\""));
    for _ in 0..5 {
        password(&mut b, &staff.login, "wrong").await.expect(422).shows("用户名或密码不对");
    }
    let late = password(&mut b, &staff.login, PASSWORD).await.expect(429).shows("请 1 分钟后再试");
    assert_eq!(late.headers["retry-after"], "60");
    app.clock.advance(Duration::minutes(1));
    password(&mut b, &staff.login, PASSWORD).await.leads_to("/desk/sign-in/enrol");
    app.stop().await;
}

async fn an_administrator_disables_and_sees_no_cases(app: App) {
    let admin = app.official_full(Role::Administrator, "510000").await;
    let (mut b, own) = (admin.browser, admin.official);
    let mut staff = app.official_full(Role::Publisher, "511621").await;
    staff.browser.get("/desk").await.expect(200);
    staff.browser.get("/admin/officials").await.expect(404);
    for path in ["/desk/declarations", "/desk/certificates", "/desk/claims", "/me"] {
        b.get(path).await.expect(404);
    }
    b.get("/admin/officials").await.expect(200).shows(&staff.login);
    let page = format!("/admin/officials/{}", staff.official);
    b.get(&page).await.expect(200).shows("信息发布");
    let asked = b.post(&page, &[("action", "disable")]).await.expect(200);
    asked.shows(&staff.login).shows("所有登录马上结束").shows("没有领取").hides(" checked");
    staff.browser.get("/desk").await.expect(200);
    let mut fields = vec![("action", "disable"), ("asked", "yes")];
    b.post(&page, &fields).await.expect(422).shows("请选择做还是不做");
    fields.push(("sure", "yes"));
    b.post(&page, &fields).await.expect(422).shows("请写理由").shows("value=\"yes\" checked");
    b.post(&page, &[("action", "disable"), ("asked", "yes"), ("sure", "no")]).await.leads_to(&page);
    staff.browser.get("/desk").await.expect(200);
    fields.push(("reason", "已<调离>本单位"));
    b.post(&page, &fields).await.leads_to(&page);
    b.get(&page).await.expect(200).shows("处理记录").shows("已<调离>本单位");
    staff.browser.get("/desk").await.leads_to("/desk/sign-in");
    b.post(&format!("/admin/officials/{own}"), &[("action", "assign"), ("role", "doctor")]).await.expect(409);
    b.get("/admin/offices/new").await.expect(200);
    let fields = [
        ("name", "苟角卫生院"),
        ("kind", "health-centre"),
        ("phone", "0826-1"),
        ("division-1", "511600"),
        ("division-2", "511621"),
    ];
    b.post("/admin/offices/new", &fields).await.leads_to("/admin/offices");
    b.get("/admin/offices").await.shows("苟角卫生院");
    b.get("/admin/officials/new").await.expect(200);
    let offices = b.get("/admin/offices").await.body;
    let office = offices.split("/admin/offices/").find(|s| s.contains("苟角")).unwrap()[..36].to_owned();
    let number = document().number().to_owned();
    let fields = [
        ("login", "li.jing"),
        ("name", "李静"),
        ("doc_number", number.as_str()),
        ("role", "doctor"),
        ("office", &office),
        ("division-1", "511600"),
    ];
    b.get("/admin/officials/new").await.expect(200);
    b.post("/admin/officials/new", &fields).await.expect(200).shows("一次性密码");
    b.post("/admin/officials/new", &fields).await.expect(422).shows("已经是工作人员");
    let other = document().number().to_owned();
    let mut twice = fields;
    twice[2].1 = other.as_str();
    b.post("/admin/officials/new", &twice).await.expect(422).shows("已有人用");
    // After a quarter of an hour a fresh one-time code is asked for.
    app.clock.advance(Duration::minutes(16));
    b.get(&page).await.leads_to("/desk/step-up");
    app.stop().await;
}

/// Gives a post in the official's own office, for the county of Yuechi.
pub async fn give(admin: &mut Browser, staff: &Staff, role: &str, more: &[(&str, &str)]) -> Answer {
    let (page, office) = (format!("/admin/officials/{}", staff.official), staff.office.to_string());
    admin.get(&page).await.expect(200);
    let mut fields = vec![
        ("action", "assign"),
        ("role", role),
        ("office", office.as_str()),
        ("division-1", "511600"),
        ("division-2", "511621"),
    ];
    fields.extend(more);
    admin.post(&page, &fields).await
}

/// The posts offered on a page, in their order.
pub fn posts(page: &Answer) -> Vec<String> {
    let values = page.body.split("name=\"assignment\"").skip(1).map(|s| s.split("value=\"").nth(1).unwrap());
    values.map(|v| v[..36].to_owned()).collect()
}

/// Signs in with both factors, a minute later than before.
pub async fn both_factors(app: &App, login: &str, secret: &str) -> (Browser, Answer) {
    let mut b = app.browser();
    app.clock.advance(Duration::minutes(1));
    password(&mut b, login, NEW).await.leads_to("/desk/sign-in/totp");
    b.get("/desk/sign-in/totp").await.expect(200);
    let answer = b.post("/desk/sign-in/totp", &[("code", &totp(secret, app))]).await;
    (b, answer)
}

async fn an_official_with_two_posts_chooses_and_switches(app: App) {
    let mut admin = app.official(Role::Administrator, "510000").await;
    let staff = app.official_full(Role::CountyDesk, "511621").await;
    give(&mut admin, &staff, "publisher", &[]).await.expect(303);
    let (secret, _) = enrol(&app, &mut app.browser(), &staff.login).await;
    let (mut b, answer) = both_factors(&app, &staff.login, &secret).await;
    answer.leads_to("/desk/sign-in/choose");
    // Both factors were right, and still nothing is open before a post is chosen.
    b.get("/desk").await.leads_to("/desk/sign-in");
    let page =
        b.get("/desk/sign-in/choose").await.expect(200).shows("专窗主办").shows("信息发布").shows("岳池县");
    let posts = posts(&page);
    assert_eq!(posts.len(), 2);
    b.post("/desk/sign-in/choose", &[("assignment", "x")]).await.expect(422).shows("请选择一个岗位");
    b.post("/desk/sign-in/choose", &[("assignment", &posts[0])]).await.leads_to("/desk/applications");
    b.get("/desk/applications").await.expect(200);
    b.get("/desk/switch").await.expect(200);
    // A post of somebody else is none of the choices.
    let other = app.official_full(Role::Auditor, "510000").await.assignment.to_string();
    b.post("/desk/switch", &[("assignment", &other)]).await.expect(422);
    b.post("/desk/switch", &[("assignment", &posts[1])]).await.leads_to("/desk");
    b.get("/desk").await.expect(200).shows("信息发布").shows("已切换岗位");
    b.get("/desk/applications").await.expect(404);
    // A program says which post it means.
    app.clock.advance(Duration::minutes(1));
    let mut program = app.browser();
    let mut body = json!({"login": staff.login, "password": NEW, "code": totp(&secret, &app)});
    program.api(Method::POST, "/api/v1/desk/sessions", &body).await.expect(422);
    app.clock.advance(Duration::minutes(1));
    body["code"] = json!(totp(&secret, &app));
    body["assignment"] = json!(posts[0]);
    let made = program.api(Method::POST, "/api/v1/desk/sessions", &body).await.expect(201).json();
    assert_eq!((made["role"].as_str(), made["division"].as_str()), (Some("county-desk"), Some("511621")));
    // The post that is ended is gone with the next request.
    let page = format!("/admin/officials/{}", staff.official);
    let mut admin = app.official(Role::Administrator, "510000").await;
    admin.get(&page).await.expect(200);
    let end = [("action", "end"), ("assignment", &*posts[1])];
    admin.post(&page, &end).await.expect(200).shows("结束岗位").shows("信息发布").hides("专窗主办");
    admin.post(&page, &[&end, &SURE[..]].concat()).await.leads_to(&page);
    b.get("/desk").await.leads_to("/desk/sign-in");
    app.stop().await;
}

async fn a_substitute_is_dated_recorded_and_over(app: App) {
    let mut admin = app.official(Role::Administrator, "510000").await;
    let staff = app.official_full(Role::Publisher, "511621").await;
    let absent = app.official_full(Role::CountyDesk, "511621").await;
    let (last, who) =
        ([("to-year", "2020"), ("to-month", "3"), ("to-day", "13")], ("substitute", &*absent.login));
    give(&mut admin, &staff, "county-desk", &[who]).await.expect(422).shows("代班要写最后一天");
    let nobody: Vec<_> = last.into_iter().chain([("substitute", "nobody")]).collect();
    give(&mut admin, &staff, "county-desk", &nobody).await.expect(422).shows("没有这个用户名");
    let own: Vec<_> = last.into_iter().chain([("substitute", &*staff.login)]).collect();
    give(&mut admin, &staff, "county-desk", &own).await.expect(422).shows("没有这个用户名");
    let before = [("to-year", "2020"), ("to-month", "3"), ("to-day", "11"), who];
    give(&mut admin, &staff, "county-desk", &before).await.expect(422).shows("最后一天不能早于开始的那天");
    let right: Vec<_> = last.into_iter().chain([who]).collect();
    give(&mut admin, &staff, "county-desk", &right).await.expect(303);
    let official = staff.official;
    let (post, absentee, until, detail) = app
        .deps
        .store
        .read(move |c| {
            let (post, absentee, until): (Id, Option<Id>, Option<Ts>) = assignments::table
                .filter(assignments::official_id.eq(official))
                .filter(assignments::role.eq("county-desk"))
                .select((assignments::id, assignments::substitute_for, assignments::valid_to))
                .first(c)?;
            let detail: fugong::db::Js = audit_entries::table
                .filter(audit_entries::action.eq("assignment.create"))
                .filter(audit_entries::object_id.eq(post))
                .select(audit_entries::detail)
                .first(c)?;
            Ok((post, absentee, until, detail))
        })
        .await
        .unwrap();
    assert_eq!(absentee, Some(absent.official));
    assert_eq!(until.unwrap().0.to_rfc3339(), "2020-03-13T16:00:00+00:00", "the last day counts");
    assert_eq!(detail.0["substitute"], true);
    let (secret, _) = enrol(&app, &mut app.browser(), &staff.login).await;
    let (mut b, answer) = both_factors(&app, &staff.login, &secret).await;
    answer.leads_to("/desk/sign-in/choose");
    b.get("/desk/sign-in/choose").await.expect(200).shows("代班");
    let post = post.to_string();
    b.post("/desk/sign-in/choose", &[("assignment", &post)]).await.leads_to("/desk/applications");
    b.get("/desk/applications").await.expect(200);
    // Whoever is at work in it when the last day ends is out at the next request.
    let end: chrono::DateTime<chrono::Utc> = "2020-03-13T16:00:00Z".parse().unwrap();
    app.clock.advance(end - app.clock.now() - Duration::minutes(10));
    let (mut late, answer) = both_factors(&app, &staff.login, &secret).await;
    answer.leads_to("/desk/sign-in/choose");
    late.get("/desk/sign-in/choose").await.expect(200);
    late.post("/desk/sign-in/choose", &[("assignment", &post)]).await.leads_to("/desk/applications");
    app.clock.advance(end - app.clock.now() - Duration::seconds(1));
    late.get("/desk/applications").await.expect(200);
    app.clock.advance(Duration::seconds(1));
    late.get("/desk/applications").await.leads_to("/desk/sign-in");
    // After the last day only the own post is left, and it is not asked for.
    app.clock.advance(Duration::days(2));
    let (_, answer) = both_factors(&app, &staff.login, &secret).await;
    answer.leads_to("/desk");
    app.stop().await;
}

async fn a_disabled_official_is_out_at_the_next_request(app: App) {
    let mut admin = app.official(Role::Administrator, "510000").await;
    let staff = app.official_full(Role::CountyDesk, "511621").await;
    let mut desk = staff.browser;
    let (secret, _) = enrol(&app, &mut app.browser(), &staff.login).await;
    desk.get("/desk/applications").await.leads_to("/desk/sign-in");
    let (mut page, answer) = both_factors(&app, &staff.login, &secret).await;
    answer.leads_to("/desk/applications");
    app.clock.advance(Duration::minutes(1));
    let mut program = app.browser();
    let both = json!({"login": staff.login, "password": NEW, "code": totp(&secret, &app)});
    let made = program.api(Method::POST, "/api/v1/desk/sessions", &both).await.expect(201).json();
    program.bearer = Some(made["token"].as_str().unwrap().to_owned());
    page.get("/desk/applications").await.expect(200);
    program.api_get("/api/v1/desk/applications").await.expect(200);
    let path = format!("/admin/officials/{}", staff.official);
    admin.get(&path).await.expect(200);
    admin.post(&path, &[&[("action", "disable")], &SURE[..]].concat()).await.leads_to(&path);
    page.get("/desk/applications").await.leads_to("/desk/sign-in");
    program.api_get("/api/v1/desk/applications").await.expect(401);
    app.clock.advance(Duration::minutes(1));
    password(&mut app.browser(), &staff.login, NEW).await.expect(422).shows("用户名或密码不对");
    admin.get(&path).await.expect(200).shows("已停用");
    admin.post(&path, &[("action", "enable")]).await.leads_to(&path);
    page.get("/desk/applications").await.leads_to("/desk/sign-in");
    let (_, answer) = both_factors(&app, &staff.login, &secret).await;
    answer.leads_to("/desk/applications");
    app.stop().await;
}

/// In a portal where people have declared, everything that an administrator can open is opened.
async fn an_administrator_sees_no_health_data(app: App) {
    let mut world = World::new(app).await;
    let (mut opened, mut shut) = (0, 0);
    for route in router::routes().table().iter().filter(|r| r.method == Method::GET.as_str()) {
        let Who::Roles(roles) = route.who else { continue };
        world.app.clock.advance(Duration::seconds(1));
        let (path, _) = world.sample(route.path);
        let path = match route.path {
            "/admin/officials/{id}" => world.fill_in("/admin/officials/{deputy}"),
            "/admin/offices/{id}" => world.fill_in("/admin/offices/{office}"),
            _ => path,
        };
        let answer = world.person("admin").get(&path).await;
        if !roles.contains(&Role::Administrator) {
            assert_eq!(answer.status, 404, "{path}");
            shut += 1;
            continue;
        }
        for word in PERSONAL.iter().chain(&["体温", "36.5", "密切接触", "发热"]) {
            assert!(!answer.body.contains(word), "{word} is on {path}");
        }
        opened += 1;
    }
    assert!(opened >= 8 && shut >= 12, "{opened} pages were open and {shut} shut");
    world.app.stop().await;
}
