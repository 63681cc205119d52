//! Officials: first sign-in, two factors, replay, recovery codes, lock-out, disabling; the administrator's limits.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::people::{PASSWORD, totp};
use crate::on_both;
use chrono::Duration;
use fugong::access::Role;

on_both!(two_factors_each_step_once, wrong_passwords_lock, an_administrator_disables_and_sees_no_cases);

const NEW: &str = "秦时明月汉时关万里长征人";

async fn password(b: &mut Browser, login: &str, password: &str) -> Answer {
    b.get("/desk/sign-in").await.expect(200);
    b.post("/desk/sign-in", &[("login", login), ("password", password)]).await
}

/// Enrols a login made by the harness; gives the secret and the recovery codes.
async fn enrol(app: &App, b: &mut Browser, login: &str) -> (String, Vec<String>) {
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
    password(&mut b, &staff.login, PASSWORD).await.expect(422).shows("用户名或密码不对");
    app.clock.advance(Duration::minutes(16));
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
    b.post(&page, &[("action", "disable")]).await.leads_to(&page);
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
    let fields = [
        ("login", "li.jing"),
        ("name", "李静"),
        ("role", "doctor"),
        ("office", &office),
        ("division-1", "511600"),
    ];
    b.get("/admin/officials/new").await.expect(200);
    b.post("/admin/officials/new", &fields).await.expect(200).shows("一次性密码");
    b.post("/admin/officials/new", &fields).await.expect(422).shows("已有人用");
    // After a quarter of an hour a fresh one-time code is asked for.
    app.clock.advance(Duration::minutes(16));
    b.get(&page).await.leads_to("/desk/step-up");
    app.stop().await;
}
