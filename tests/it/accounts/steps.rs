//! A step of a sign-in is used once, in the browser where it began, and a code is its step's alone.

use super::signing_in::{last_code, sign_in};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use chrono::Duration;
use fugong::web::cookies::CookieNames;
use reqwest::Method;

on_both!(
    a_step_is_used_once_and_in_its_browser,
    a_stranger_neither_tries_nor_voids_a_code,
    a_change_is_made_once,
    a_key_is_its_senders,
    strangers_use_up_no_codes_of_a_browser_that_is_known,
    a_number_that_has_an_account_leads_back_to_the_question,
    an_address_gets_nothing_before_its_code,
);

const PHONE: &str = "13800138000";

async fn ask(b: &mut Browser, phone: &str) {
    b.get("/sign-in").await.expect(200);
    b.post("/sign-in", &[("phone", phone)]).await.leads_to("/sign-in/code");
    b.get("/sign-in/code").await.expect(200);
}

/// The step that a browser holds, as an intruder would copy it.
fn step(app: &App, b: &Browser) -> (String, String) {
    let name = CookieNames::of(&app.deps.config).pending;
    (name.clone(), b.cookies()[&name].clone())
}

async fn a_step_is_used_once_and_in_its_browser(app: App) {
    let mut b = app.browser();
    ask(&mut b, PHONE).await;
    let (name, copied) = step(&app, &b);
    let code = last_code(&app).await;
    // Another browser has the step and even the code.
    let mut thief = app.browser();
    thief.get("/sign-in").await.expect(200);
    thief.set_cookie(&name, &copied);
    thief.get("/sign-in/code").await.leads_to("/sign-in");
    thief.get("/sign-in").await.expect(200).shows("请从头再来");
    thief.post("/sign-in/code", &[("code", &code)]).await.leads_to("/sign-in");
    b.post("/sign-in/code", &[("code", &code)]).await.leads_to("/sign-in/notice");
    b.get("/sign-in/notice").await.expect(200);
    b.post("/sign-in/notice", &[]).await.leads_to("/me");
    b.post("/sign-out", &[]).await.leads_to("/");
    // Signed out, the same browser brings the same step once more.
    b.set_cookie(&name, &copied);
    b.get("/sign-in/code").await.leads_to("/sign-in");
    b.get("/sign-in").await.expect(200).shows("请从头再来");
    b.post("/sign-in/code", &[("code", &code)]).await.leads_to("/sign-in");
    b.post("/sign-in/code", &[("again", "1")]).await.leads_to("/sign-in");
    app.stop().await;
}

async fn a_stranger_neither_tries_nor_voids_a_code(app: App) {
    let (mut owner, mut stranger) = (app.browser(), app.browser());
    ask(&mut owner, PHONE).await;
    let code = last_code(&app).await;
    app.clock.advance(Duration::minutes(2));
    ask(&mut stranger, PHONE).await;
    let theirs = last_code(&app).await;
    // Neither the tries of somebody else nor the code that they asked for touch the owner's.
    for _ in 0..6 {
        let answer = stranger.post("/sign-in/code", &[("code", &code)]).await;
        answer.expect(if code == theirs { 303 } else { 422 });
    }
    stranger.post("/sign-in/code", &[("code", &theirs)]).await.expect(422).shows("已作废");
    owner.post("/sign-in/code", &[("code", &code)]).await.leads_to("/sign-in/notice");
    app.stop().await;
}

/// Changes the phone with the codes that come to both; gives these and the step that was used.
pub async fn change_phone(
    app: &App,
    b: &mut Browser,
    from: &str,
    to: &str,
) -> ([String; 2], (String, String)) {
    b.get("/me/contact").await.expect(200);
    b.post("/me/contact/new-phone", &[("phone", to)]).await.leads_to("/me/contact/phone");
    let used = step(app, b);
    app.drain().await;
    let codes = [from, to].map(|phone| {
        let sent = app.deps.sms.sent();
        let text = sent.iter().rev().find(|s| s.to.contains(phone)).expect("an SMS").text.clone();
        text.chars().skip_while(|c| !c.is_ascii_digit()).take(6).collect::<String>()
    });
    b.get("/me/contact/phone").await.expect(200);
    let both = [("old", codes[0].as_str()), ("new", &codes[1])];
    b.post("/me/contact/phone", &both).await.leads_to("/me/contact");
    (codes, used)
}

async fn strangers_use_up_no_codes_of_a_browser_that_is_known(app: App) {
    let (mut owner, mut other) = (app.browser(), app.browser());
    sign_in(&app, &mut owner, PHONE).await;
    sign_in(&app, &mut other, "13900139000").await;
    owner.post("/sign-out", &[]).await.leads_to("/");
    other.post("/sign-out", &[]).await.leads_to("/");
    for _ in 0..9 {
        app.clock.advance(Duration::minutes(13));
        ask(&mut app.browser(), PHONE).await;
        app.drain().await;
    }
    app.clock.advance(Duration::minutes(13));
    // Nor does one that has signed in with another number only, which is told when to come back.
    for stranger in [&mut app.browser(), &mut other] {
        stranger.get("/sign-in").await.expect(200);
        stranger.post("/sign-in", &[("phone", PHONE)]).await.expect(429).shows(PHONE);
    }
    ask(&mut owner, PHONE).await;
    let code = last_code(&app).await;
    owner.post("/sign-in/code", &[("code", &code)]).await.leads_to("/me");
    app.stop().await;
}

/// A key that somebody else has come by gives no part in the first one's step.
async fn a_key_is_its_senders(app: App) {
    let app =
        app.with_settings(|config| config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()]).await;
    let key = uuid::Uuid::now_v7().to_string();
    let mut b = app.browser();
    let ask = |from: &'static str| {
        let headers =
            [("content-type", "application/json"), ("idempotency-key", &*key), ("x-forwarded-for", from)];
        let body = format!(r#"{{"phone": "{PHONE}"}}"#).into_bytes();
        let mut b = app.browser();
        let headers = headers.map(|(name, value)| (name, value.to_owned()));
        async move {
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            b.request(Method::POST, "/api/v1/sign-in/code-requests", &headers, Some(body)).await
        }
    };
    let ticket = ask("198.51.100.7").await.expect(202).json()["ticket"].clone();
    let code = last_code(&app).await;
    ask("198.51.100.7").await.expect(202);
    // From elsewhere it is another request, and too soon.
    ask("203.0.113.9").await.expect(429);
    let body = serde_json::json!({"phone": PHONE, "ticket": ticket, "code": code, "notice_read": true});
    b.api(Method::POST, "/api/v1/sign-in/sessions", &body).await.expect(201);
    app.stop().await;
}

async fn a_change_is_made_once(app: App) {
    let mut b = app.resident(PHONE).await;
    let ([old, new], (name, copied)) = change_phone(&app, &mut b, PHONE, "13900139000").await;
    b.set_cookie(&name, &copied);
    b.get("/me/contact/phone").await.leads_to("/me/contact");
    b.post("/me/contact/phone", &[("old", &old), ("new", &new)]).await.leads_to("/me/contact");
    b.get("/me/contact").await.expect(200).shows("请从头再来").shows("139 **** 9000");
    app.stop().await;
}

async fn an_address_gets_nothing_before_its_code(app: App) {
    let mut b = app.resident(PHONE).await;
    crate::world::accounts::name_email(&app, &mut b, "first@example.cn").await;
    b.get("/me/contact").await.expect(200).shows("first@example.cn");
    // Another one that is not proved changes nothing, and only the code comes to it.
    b.post("/me/contact", &[("email", "other@example.cn")]).await.leads_to("/me/contact/email");
    let (name, copied) = step(&app, &b);
    let code = crate::world::accounts::code_mailed(&app, "other@example.cn").await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    b.get("/me/contact/email").await.expect(200).shows("other@example.cn");
    b.post("/me/contact/email", &[("code", wrong)]).await.expect(422).shows("验证码不对");
    b.get("/me/contact").await.expect(200).shows("first@example.cn").hides("other@example.cn");
    // Another code of the same step makes the first one void; five an hour.
    b.get("/me/contact/email").await.expect(200).shows("10 分钟内有效").shows("再发一次");
    let again = b.post("/me/contact/email", &[("again", "1")]).await;
    assert_eq!(again.expect(303).location(), "/me/contact/email");
    b.post("/me/contact/email", &[("code", &code)]).await.expect(422).shows("验证码不对");
    b.get("/me/contact/email").await.expect(200);
    for _ in 0..2 {
        b.post("/me/contact/email", &[("again", "1")]).await.expect(303);
        app.drain().await;
    }
    let late = b.post("/me/contact/email", &[("again", "1")]).await.expect(429);
    assert!(late.headers.contains_key("retry-after"));
    let code = crate::world::accounts::code_mailed(&app, "other@example.cn").await;
    b.post("/me/contact/email", &[("code", &code)]).await.leads_to("/me/contact");
    b.get("/me/contact").await.expect(200).shows("other@example.cn");
    app.drain().await;
    let sent = app.deps.mail.sent();
    let told = sent.iter().find(|m| m.to == "first@example.cn" && m.message == "email-changed");
    assert!(told.expect("the old address hears of it").text.contains("登记的电子邮箱已更换"));
    // The step is used up: taken away, the address does not come back by it.
    b.post("/me/contact", &[("email", "")]).await.leads_to("/me/contact");
    b.set_cookie(&name, &copied);
    b.post("/me/contact/email", &[("code", &code)]).await.leads_to("/me/contact");
    b.get("/me/contact").await.expect(200).hides("other@example.cn");
    app.stop().await;
}

/// Both codes are used up by then: another number can be named at once, and nobody else's number was told before its code.
async fn a_number_that_has_an_account_leads_back_to_the_question(app: App) {
    app.resident("13900139000").await;
    let mut b = app.resident(PHONE).await;
    b.get("/me/contact").await.expect(200);
    b.post("/me/contact/new-phone", &[("phone", "13900139000")]).await.leads_to("/me/contact/phone");
    app.drain().await;
    let code = |to: &str| {
        let sent = app.deps.sms.sent();
        let text = sent.iter().rev().find(|s| s.to.contains(to)).expect("an SMS").text.clone();
        text.chars().skip_while(|c| !c.is_ascii_digit()).take(6).collect::<String>()
    };
    let (old, new) = (code(PHONE), code("13900139000"));
    b.get("/me/contact/phone").await.expect(200);
    let page = b.post("/me/contact/phone", &[("old", &old), ("new", &new)]).await.expect(422);
    page.shows("这个号码已经有账号").shows("action=\"/me/contact/new-phone\"").shows("value=\"13900139000\"");
    app.clock.advance(Duration::minutes(2));
    change_phone(&app, &mut b, PHONE, "13700137000").await;
    b.get("/me/contact").await.expect(200).shows("137 **** 7000");
    app.stop().await;
}
