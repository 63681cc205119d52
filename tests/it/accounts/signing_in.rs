//! Signing in with a phone code: the happy path, wrong and old codes, limits, nothing that tells whether a phone is known.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use chrono::Duration;
use reqwest::Method;
use serde_json::json;

on_both!(
    a_phone_and_its_code_sign_in,
    five_wrong_codes_void_a_code,
    an_old_code_is_refused,
    codes_are_limited,
    a_known_phone_is_answered_like_an_unknown_one,
    a_session_is_new_and_ends_for_good,
    programs_sign_in_too,
    a_double_click_sends_one_code,
    a_repeated_request_for_a_code_is_one,
);

/// The code in the last SMS.
pub async fn last_code(app: &App) -> String {
    app.drain().await;
    let text = app.deps.sms.sent().last().expect("an SMS").text.clone();
    assert!(text.starts_with("【四川复工通】"), "{text}");
    assert!(text.encode_utf16().count() <= 70, "one part: {text}");
    text.chars().skip_while(|c| !c.is_ascii_digit()).take(6).collect()
}

async fn ask(b: &mut Browser, phone: &str, next: &str) -> Answer {
    b.get("/sign-in").await.expect(200);
    b.post("/sign-in", &[("phone", phone), ("next", next)]).await
}

pub async fn sign_in(app: &App, b: &mut Browser, phone: &str) {
    ask(b, phone, "/me").await.leads_to("/sign-in/code");
    b.get("/sign-in/code").await.expect(200);
    let code = last_code(app).await;
    b.post("/sign-in/code", &[("code", &code)]).await.expect(303);
    b.get("/sign-in/notice").await.expect(200);
    b.post("/sign-in/notice", &[]).await.leads_to("/me");
}

fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

async fn a_phone_and_its_code_sign_in(app: App) {
    let mut b = app.browser();
    b.get("/me").await.leads_to("/sign-in?next=%2Fme");
    b.get("/sign-in?next=%2Fme%2Fsessions").await.shows("value=\"/me/sessions\"");
    b.post("/sign-in", &[("phone", "1380013800")]).await.expect(422).shows("出错：").shows("1380013800");
    ask(&mut b, "１３８ 0013-8000", "/me/sessions").await.leads_to("/sign-in/code");
    b.get("/sign-in/code").await.expect(200).shows("138 **** 8000").hides("13800138000");
    let code = last_code(&app).await;
    b.post("/sign-in/code", &[("code", &code)]).await.leads_to("/sign-in/notice?next=%2Fme%2Fsessions");
    b.get("/me").await.leads_to("/sign-in/notice");
    b.get("/sign-in/notice?next=%2Fme%2Fsessions").await.expect(200).shows("应对疫情应急指挥部");
    b.post("/sign-in/notice", &[("next", "/me/sessions")]).await.leads_to("/me/sessions");
    b.get("/me").await.expect(200).shows("138 **** 8000");
    // The second time the notice is not shown again, and no other site is led to.
    let mut c = app.browser();
    app.clock.advance(Duration::minutes(2));
    ask(&mut c, "13800138000", "//evil.example").await.leads_to("/sign-in/code");
    let code = last_code(&app).await;
    c.get("/sign-in/code").await.expect(200);
    let used = c.post("/sign-in/code", &[("code", &code)]).await;
    assert_eq!(used.location(), "/me");
    // A code works once.
    let mut d = app.browser();
    d.get("/sign-in/code").await.leads_to("/sign-in");
    app.stop().await;
}

async fn five_wrong_codes_void_a_code(app: App) {
    let mut b = app.browser();
    ask(&mut b, "13800138000", "/me").await.leads_to("/sign-in/code");
    let code = last_code(&app).await;
    b.get("/sign-in/code").await.expect(200);
    for _ in 0..4 {
        b.post("/sign-in/code", &[("code", &other(&code))]).await.expect(422).shows("验证码不对");
    }
    b.post("/sign-in/code", &[("code", &other(&code))]).await.expect(422).shows("已作废");
    b.post("/sign-in/code", &[("code", &code)]).await.expect(422).shows("已作废");
    // Opened again the page does not say that a code is good for ten minutes.
    b.get("/sign-in/code").await.expect(200).shows("已作废、过期或用过").hides("10 分钟内有效");
    app.clock.advance(Duration::minutes(2));
    b.post("/sign-in/code", &[("again", "1")]).await.leads_to("/sign-in/code");
    b.get("/sign-in/code").await.expect(200).shows("10 分钟内有效");
    let code = last_code(&app).await;
    b.post("/sign-in/code", &[("code", &code)]).await.leads_to("/sign-in/notice");
    app.stop().await;
}

async fn an_old_code_is_refused(app: App) {
    let mut b = app.browser();
    ask(&mut b, "13800138000", "/me").await.leads_to("/sign-in/code");
    let code = last_code(&app).await;
    b.get("/sign-in/code").await.expect(200);
    app.clock.advance(Duration::minutes(10));
    b.post("/sign-in/code", &[("code", &code)]).await.expect(422).shows("过期");
    app.clock.advance(Duration::minutes(1));
    app.tick().await;
    b.post("/sign-in/code", &[("code", &code)]).await.expect(422).shows("过期");
    app.stop().await;
}

async fn codes_are_limited(app: App) {
    let mut b = app.browser();
    ask(&mut b, "13800138000", "/me").await.leads_to("/sign-in/code");
    let soon = ask(&mut b, "13800138000", "/me").await.expect(429).shows("请 1 分钟后再试");
    assert_eq!(soon.headers["retry-after"], "60");
    assert!(soon.shows("13800138000").body.contains("sign-in"), "what was typed stays");
    ask(&mut b, "13800138001", "/me").await.leads_to("/sign-in/code");
    for _ in 0..4 {
        app.clock.advance(Duration::minutes(2));
        ask(&mut b, "13800138000", "/me").await.leads_to("/sign-in/code");
    }
    app.clock.advance(Duration::minutes(2));
    ask(&mut b, "13800138000", "/me").await.expect(429);
    app.clock.advance(Duration::hours(1));
    for _ in 0..5 {
        app.clock.advance(Duration::minutes(2));
        ask(&mut b, "13800138000", "/me").await.leads_to("/sign-in/code");
    }
    app.clock.advance(Duration::hours(1));
    ask(&mut b, "13800138000", "/me").await.expect(429);
    app.stop().await;
}

async fn a_known_phone_is_answered_like_an_unknown_one(app: App) {
    app.resident("13800138000").await;
    let mut pages = Vec::new();
    for phone in ["13800138000", "13900139000"] {
        let mut b = app.browser();
        let sent = ask(&mut b, phone, "/me").await.leads_to("/sign-in/code");
        let page = b.get("/sign-in/code").await.expect(200);
        let code = last_code(&app).await;
        let wrong = b.post("/sign-in/code", &[("code", &other(&code))]).await.expect(422);
        pages.push((sent.body, shape(&page.body), shape(&wrong.body)));
    }
    assert_eq!(pages[0], pages[1]);
    app.stop().await;
}

/// A page without what differs on every page: tokens and the masked number.
fn shape(html: &str) -> String {
    let mut out = String::new();
    for (index, part) in html.split('"').enumerate() {
        let token = index % 2 == 1
            && part.len() >= 22
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_=".contains(c));
        out.push_str(if token { "…" } else { part });
    }
    out.replace('\u{a0}', " ").replace("138 **** 8000", "…").replace("139 **** 9000", "…")
}

async fn a_session_is_new_and_ends_for_good(app: App) {
    let name = fugong::web::cookies::CookieNames::of(&app.deps.config).session;
    let mut b = app.browser();
    b.set_cookie(&name, &"A".repeat(43));
    sign_in(&app, &mut b, "13800138000").await;
    let first = b.cookies()[&name].clone();
    assert_ne!(first, "A".repeat(43), "a planted token is not taken over");
    app.clock.advance(Duration::minutes(2));
    b.post("/sign-out", &[("_csrf", "wrong")]).await.expect(403);
    b.get("/me/sessions").await.expect(200);
    b.post("/sign-out", &[]).await.leads_to("/");
    assert!(!b.cookies().contains_key(&name));
    b.set_cookie(&name, &first);
    b.get("/me").await.leads_to("/sign-in");
    // Signing in over a session ends that one.
    let mut c = app.resident("13800138000").await;
    let before = c.cookies()[&name].clone();
    c.get("/sign-in/code").await.leads_to("/sign-in");
    c.get("/me/sessions").await.expect(200);
    c.post("/sign-in", &[("phone", "13800138009")]).await.leads_to("/sign-in/code");
    let code = last_code(&app).await;
    c.get("/sign-in/code").await.expect(200);
    c.post("/sign-in/code", &[("code", &code)]).await.expect(303);
    c.set_cookie(&name, &before);
    c.get("/me").await.leads_to("/sign-in");
    app.stop().await;
}

async fn programs_sign_in_too(app: App) {
    let mut b = app.browser();
    let codes = "/api/v1/sign-in/code-requests";
    b.api(Method::POST, codes, &json!({"phone": "12"})).await.expect(422);
    b.api(Method::POST, codes, &json!({"phone": "13800138000", "x": 1})).await.expect(422);
    let asked = b.api(Method::POST, codes, &json!({"phone": "13800138000"})).await.expect(202).json();
    let early = b.api(Method::POST, codes, &json!({"phone": "13800138000"})).await.expect(429);
    assert!(early.headers.contains_key("retry-after"));
    let code = last_code(&app).await;
    let sessions = "/api/v1/sign-in/sessions";
    // Whoever did not ask for the code cannot try it, nor make it void.
    let mine = json!({"phone": "13900139000"});
    let mine = app.browser().api(Method::POST, codes, &mine).await.expect(202).json()["ticket"].clone();
    for ticket in [mine, json!("x")] {
        let foreign = json!({"phone": "13800138000", "ticket": ticket, "code": code});
        let foreign = b.api(Method::POST, sessions, &foreign).await.expect(422).json();
        assert_eq!(foreign["errors"][0]["code"], "step-over");
    }
    let wrong = json!({"phone": "13800138000", "ticket": asked["ticket"], "code": other(&code)});
    let wrong = b.api(Method::POST, sessions, &wrong).await.expect(422).json();
    assert_eq!(wrong["errors"][0]["code"], "code-wrong");
    let right = json!({"phone": "13800138000", "ticket": asked["ticket"], "code": code, "notice_read": true});
    let made = b.api(Method::POST, sessions, &right).await.expect(201).json();
    let again = app.browser().api(Method::POST, sessions, &right).await.expect(422).json();
    assert_eq!(again["errors"][0]["code"], "step-over", "a ticket opens one session");
    assert_eq!(made["notice_required"], false);
    b.api(Method::DELETE, "/api/v1/sessions/current", &json!({})).await.expect(401);
    b.bearer = Some(made["token"].as_str().unwrap().to_owned());
    b.get("/me").await.expect(200);
    b.api(Method::DELETE, "/api/v1/sessions/current", &json!({})).await.expect(204);
    b.get("/me").await.leads_to("/sign-in");
    app.stop().await;
}

/// A program that has lost the answer asks again under the same key, however it writes it.
async fn a_repeated_request_for_a_code_is_one(app: App) {
    let mut b = app.browser();
    let key = "0190a1b2-0000-7000-8000-000000000001";
    let body = || Some(br#"{"phone": "13800138000"}"#.to_vec());
    let codes = "/api/v1/sign-in/code-requests";
    for written in [format!("\"{key}\""), key.to_owned()] {
        let headers = [("content-type", "application/json"), ("idempotency-key", written.as_str())];
        b.request(Method::POST, codes, &headers, body()).await.expect(202);
    }
    app.drain().await;
    assert_eq!(app.deps.sms.sent().len(), 1);
    let broken = [("content-type", "application/json"), ("idempotency-key", "x")];
    assert_eq!(
        b.request(Method::POST, codes, &broken, body()).await.expect(400).problem(),
        "idempotency-key"
    );
    app.stop().await;
}

async fn a_double_click_sends_one_code(app: App) {
    let mut b = app.browser();
    let page = b.get("/sign-in").await;
    let once = page.input("_once").unwrap();
    for _ in 0..2 {
        b.post("/sign-in", &[("phone", "13800138000"), ("_once", &once)]).await.leads_to("/sign-in/code");
    }
    app.drain().await;
    assert_eq!(app.deps.sms.sent().len(), 1);
    app.stop().await;
}
