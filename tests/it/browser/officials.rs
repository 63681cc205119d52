//! The administrator makes an office and somebody who works there; the new colleague sets a password, connects the
//! authenticator, keeps the recovery codes, and starts working. Nothing about anybody's health is on the way.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::chromium::{Chromium, Look};
use crate::harness::people::{document, totp};
use crate::world::officials::CHOSEN;
use chrono::Duration;
use fugong::access::Role;

async fn go(b: &Chromium) {
    b.click("main form .act button").await;
}

async fn make_office(b: &Chromium, look: Look) {
    b.open("/admin/offices").await;
    b.screenshot("admin-offices").await;
    b.click("main a[href='/admin/offices/new']").await;
    go(b).await;
    assert!(b.has("[data-errors]").await, "an office without a name is refused");
    b.screenshot("admin-office-refused").await;
    for (name, text) in [
        ("name", "岳池县市场监督管理局"),
        ("name_en", "Yuechi County Market Supervision Bureau"),
        ("phone", "0826-5222315"),
    ] {
        b.fill(name, text).await;
    }
    b.pick("kind", "county").await;
    b.pick_division("division", &["511600", "511621"]).await;
    go(b).await;
    b.is_at("/admin/offices").await;
    let name = if look.lang == "en" {
        "Yuechi County Market Supervision Bureau"
    } else {
        "岳池县市场监督管理局"
    };
    b.shows(name).await;
    b.screenshot("admin-office-made").await;
}

/// Makes the official; gives the first password as it is shown once.
async fn make_official(b: &Chromium) -> String {
    b.open("/admin/officials/new").await;
    b.fill("login", "luo.min").await;
    b.fill("name", "罗敏").await;
    b.fill("doc_number", document().number()).await;
    b.pick("role", "market-reviewer").await;
    let office = "select[name='office'] option:last-child";
    let office = b.attribute(office, "value").await.unwrap();
    b.pick("office", &office).await;
    b.pick_division("division", &["511600", "511621"]).await;
    b.screenshot("admin-official-new").await;
    b.click("main form p.row button[name=preview]").await;
    b.screenshot("admin-official-foreseen").await;
    b.click("main form p.row button:not([name])").await;
    b.screenshot("admin-password").await;
    b.text(".panel .ref").await
}

async fn enrol(app: &App, b: &Chromium, first: &str) -> String {
    b.become_(None).await;
    b.open("/desk").await;
    b.is_at("/desk/sign-in").await;
    b.fill("login", "luo.min").await;
    b.fill("password", first).await;
    b.screenshot("desk-sign-in").await;
    go(b).await;
    b.is_at("/desk/sign-in/enrol").await;
    b.screenshot("desk-enrol").await;
    let secret = b.text("p.ref").await;
    b.fill("password", "short").await;
    b.fill("repeat", "short").await;
    b.fill("code", "000000").await;
    go(b).await;
    assert!(b.has("#password-e").await && b.has("#code-e").await, "both are named at once");
    b.fill("password", CHOSEN).await;
    b.fill("repeat", CHOSEN).await;
    b.fill("code", &totp(&secret, app)).await;
    go(b).await;
    assert_eq!(
        b.script("return document.querySelectorAll('.secrets code').length", serde_json::json!([])).await,
        10
    );
    b.screenshot("desk-recovery").await;
    b.click("main .act a").await;
    b.is_at("/desk").await;
    secret
}

async fn walk(look: Look) {
    let app = App::sqlite().await;
    let Some(b) = Chromium::start(&app.base, look).await else { return };
    let admin: Browser = app.official(Role::Administrator, "510000").await;
    b.become_(Some(&admin)).await;
    make_office(&b, look).await;
    let first = make_official(&b).await;
    // No way from here leads to anybody's health or case.
    b.open("/admin/officials").await;
    b.screenshot("admin-officials").await;
    let links =
        "return [...document.querySelectorAll('header nav a')].map(a => a.getAttribute('href')).join(' ')";
    let links = b.script(links, serde_json::json!([])).await;
    assert_eq!(links, "/admin/officials /admin/offices /admin/keys");
    for path in
        ["/desk/declarations", "/desk/codes", "/desk/certificates", "/desk/applications", "/desk/records"]
    {
        b.open(path).await;
        assert!(b.has("main a[href='/office']").await && !b.has("main form").await, "{path} is not there");
    }
    let secret = enrol(&app, &b, &first).await;
    b.screenshot("desk-home").await;
    b.click("main .act a").await;
    b.is_at("/desk/applications").await;
    b.screenshot("desk-first-day").await;
    // The next day both are asked for.
    b.click("form[action='/sign-out'] button").await;
    app.clock.advance(Duration::days(1));
    b.open("/desk").await;
    b.fill("login", "luo.min").await;
    b.fill("password", CHOSEN).await;
    go(&b).await;
    b.is_at("/desk/sign-in/totp").await;
    b.screenshot("desk-totp").await;
    b.fill("code", &totp(&secret, &app)).await;
    go(&b).await;
    b.is_at("/desk").await;
    b.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn from_the_administrator_to_the_first_day() {
    walk(Look::DESKTOP).await;
}

#[actix_web::test]
async fn from_the_administrator_to_the_first_day_in_english() {
    walk(Look::DESKTOP.english()).await;
}
