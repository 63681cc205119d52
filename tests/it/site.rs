//! What belongs to no slice: start page, notices, language, health, headers, errors.

use crate::harness::App;
use crate::on_both;
use actix_web::body::to_bytes;
use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE};
use actix_web::test::TestRequest;
use fugong::error::AppError;
use fugong::web::ctx::Ctx;
use fugong::web::problem;
use reqwest::Method;

on_both!(
    pages_and_health,
    errors_lead_on,
    forms_need_their_token,
    every_answer_has_its_headers,
    cookies_are_for_this_host_alone,
    who_has_to_come_back_is_told_so_in_their_language,
);

async fn pages_and_health(app: App) {
    let mut b = app.browser();
    let home = b.get("/").await.expect(200).shows("复工通").shows("12345");
    let csp = home.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(csp.contains("default-src 'none'") && csp.contains("script-src 'nonce-"), "{csp}");
    for path in ["/privacy", "/accessibility", "/about"] {
        b.get(path).await.expect(200);
    }
    b.api_get("/health/live").await.expect(200);
    let ready = b.api_get("/health/ready").await.expect(200).json();
    assert_eq!(ready["parts"]["database"], "up");
    b.post("/language", &[("lang", "en"), ("next", "/privacy")]).await.leads_to("/privacy");
    b.get("/").await.shows("lang=\"en\"");
    b.post("/elder", &[("elder", "1"), ("next", "//evil.example")]).await.leads_to("/");
    b.get("/").await.shows("data-elder");
    app.stop().await;
}

async fn errors_lead_on(app: App) {
    let mut b = app.browser();
    b.get("/nothing/here").await.expect(404).shows("没有找到");
    let problem = b.api_get("/api/v1/nothing").await.expect(404);
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    assert_eq!(problem.json()["type"], "urn:fugong:problem:not-found");
    let refused = b.request(Method::DELETE, "/privacy", &[], None).await;
    assert_eq!(refused.status, 405);
    b.get("/assets/..%2f..%2fCargo.toml").await.expect(404);
    b.get("/%00").await.expect(404);
    app.stop().await;
}

async fn forms_need_their_token(app: App) {
    let mut b = app.browser();
    b.get("/").await.expect(200);
    b.post("/elder", &[("elder", "1"), ("_csrf", "wrong")]).await.expect(403);
    let headers = [
        ("accept", "text/html"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
    ];
    b.request(Method::POST, "/elder", &headers, Some(b"elder=1".to_vec())).await.expect(403);
    let plain = [("content-type", "text/plain")];
    b.request(Method::POST, "/elder", &plain, Some(b"elder=1".to_vec())).await.expect(415);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    b.request(Method::POST, "/elder", &form, Some(vec![b'a'; 300 * 1024])).await.expect(413);
    b.request(Method::POST, "/elder", &form, Some(b"elder=%FF".to_vec())).await.expect(400);
    app.stop().await;
}

/// What every answer carries, whoever makes it: a page, a program's answer, a file, a word of the server.
async fn every_answer_has_its_headers(app: App) {
    let app = app.with_settings(|config| config.public_url = "https://fugong.example".into()).await;
    let mut b = app.browser();
    let asked: [(Method, &str, u16); 10] = [
        (Method::GET, "/", 200),
        (Method::GET, "/me", 303),
        (Method::GET, "/nothing/here", 404),
        (Method::DELETE, "/privacy", 405),
        (Method::OPTIONS, "/privacy", 204),
        (Method::GET, "/assets/fugong.css", 200),
        (Method::GET, "/assets/favicon.svg", 200),
        (Method::GET, "/assets/none.svg", 404),
        (Method::GET, "/health/live", 200),
        (Method::GET, "/api/v1/permits", 200),
    ];
    for (method, path, status) in asked {
        let answer = b.request(method, path, &[("accept", "text/html")], None).await.expect(status);
        let told = |name: &str| answer.headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
        let policy = told("content-security-policy");
        for part in ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(told("strict-transport-security"), "max-age=31536000; includeSubDomains", "{path}");
        assert_eq!(told("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(told("referrer-policy"), "same-origin", "{path}");
        assert_eq!(told("access-control-allow-origin"), "", "{path}");
        let kind = told("content-type");
        let is_text = kind.starts_with("text/") || kind.contains("xml");
        assert!(!is_text || kind.contains("charset=utf-8"), "{path}: {kind}");
    }
    app.stop().await;
}

/// Every cookie is for this host alone, for no script, and goes over TLS only.
async fn cookies_are_for_this_host_alone(app: App) {
    let app = app.with_settings(|config| config.public_url = "https://fugong.example".into()).await;
    let mut b = app.browser();
    let page = b.get("/sign-in").await.expect(200);
    let form = b.post("/elder", &[("elder", "1"), ("next", "/")]).await.expect(303);
    let sent = [page.headers, form.headers]
        .map(|h| h.get_all("set-cookie").into_iter().cloned().collect::<Vec<_>>());
    let sent: Vec<_> = sent.iter().flatten().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(sent.len(), 2, "{sent:?}");
    for cookie in sent {
        assert!(cookie.starts_with("__Host-fugong-"), "{cookie}");
        for flag in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(flag), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    app.stop().await;
}

/// The page for whoever is sent away under load is made once: nothing in it is somebody else's.
async fn who_has_to_come_back_is_told_so_in_their_language(app: App) {
    let busy = AppError::Unavailable("too much is asked at once".into());
    let ask = |path: &str, lang: &str, accept: &str| {
        let request = TestRequest::get().uri(path).insert_header((ACCEPT, accept));
        let request = request.insert_header((ACCEPT_LANGUAGE, lang)).insert_header((COOKIE, "elder=1"));
        let request = request.to_srv_request();
        let mut ctx = Ctx::stranger(&request, &app.deps);
        ctx.settle(request.headers(), &app.deps);
        (problem::shed(&app.deps, &ctx, &busy), ctx)
    };
    let mut seen = Vec::new();
    for (lang, words) in [("zh-CN", "人太多"), ("en", "too busy"), ("zh-CN", "人太多")] {
        let (answer, ctx) = ask("/risks?q=a&b=%22%3E", lang, "text/html");
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers().get("retry-after").unwrap(), "2");
        let html = String::from_utf8(to_bytes(answer.into_body()).await.unwrap().to_vec()).unwrap();
        for part in [words, "href=\"/risks?q=a&amp;b=%22%3E\"", &ctx.request_id, ctx.nonce()] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("@csrf@") && !html.contains("@path@") && !html.contains("@nonce@"));
        let token = html.split("name=\"_csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        ctx.check_csrf(token).unwrap();
        seen.push(token.to_owned());
    }
    assert!(seen[0] != seen[2], "one visitor's token is not another's");
    let (answer, _) = ask("/risks?q=@csrf@@nonce@", "en", "text/html");
    let html = String::from_utf8(to_bytes(answer.into_body()).await.unwrap().to_vec()).unwrap();
    assert!(html.contains("href=\"/risks?q=@csrf@@nonce@\""), "a path takes nothing out of the page: {html}");
    let (answer, _) = ask("/api/v1/code", "en", "application/json");
    assert_eq!(
        (answer.status().as_u16(), answer.headers().get("retry-after").unwrap().as_bytes()),
        (503, &b"2"[..])
    );
    let body: serde_json::Value =
        serde_json::from_slice(&to_bytes(answer.into_body()).await.unwrap()).unwrap();
    assert_eq!(body["type"], "urn:fugong:problem:unavailable");
    app.stop().await;
}
