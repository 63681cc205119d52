//! What belongs to no slice: start page, notices, language, health, headers, errors.

use crate::harness::App;
use crate::on_both;
use actix_web::body::to_bytes;
use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE};
use actix_web::test::TestRequest;
use fugong::error::AppError;
use fugong::web::ctx::Ctx;
use fugong::web::form::Form;
use fugong::web::problem;
use reqwest::Method;

on_both!(
    pages_and_health,
    errors_lead_on,
    forms_need_their_token,
    every_answer_has_its_headers,
    cookies_are_for_this_host_alone,
    who_has_to_come_back_is_told_so_in_their_language,
    what_could_not_be_done_is_kept_to_be_sent_again,
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
    assert_eq!(problem.json()["title"], "这个地址没有内容");
    let refused = b.request(Method::DELETE, "/privacy", &[], None).await;
    assert_eq!(refused.status, 405);
    b.get("/assets/..%2f..%2fCargo.toml").await.expect(404);
    b.get("/%00").await.expect(404);
    app.stop().await;
}

async fn forms_need_their_token(app: App) {
    let mut b = app.browser();
    b.get("/").await.expect(200);
    let late = b.post("/elder", &[("elder", "1"), ("_csrf", "wrong")]).await.expect(403);
    late.shows("<h1>没有收下这次提交</h1>").shows("打开太久").shows("回到刚才的页面").hides("没有找到");
    let headers = [
        ("accept", "text/html"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "cross-site"),
    ];
    b.request(Method::POST, "/elder", &headers, Some(b"elder=1".to_vec())).await.expect(403);
    let plain = [("content-type", "text/plain"), ("accept", "text/html"), ("referer", "http://x/sign-in")];
    let other = b.request(Method::POST, "/elder", &plain, Some(b"elder=1".to_vec())).await.expect(415);
    other.shows("这种格式收不了").shows("<a href=\"/sign-in\">回到刚才的页面</a>");
    let form = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
    let large = b.request(Method::POST, "/elder", &form, Some(vec![b'a'; 300 * 1024])).await.expect(413);
    large.shows("发来的内容太大").hides("文件太大").shows("<a href=\"/\">回到刚才的页面</a>");
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
    let (zh, en) = (["现在暂时办不了", "出示身份证或纸质码"], ["Not possible just now", "a paper code"]);
    for (lang, words) in [("zh-CN", zh), ("en", en), ("zh-CN", zh)] {
        let (answer, ctx) = ask("/risks?q=a&b=%22%3E", lang, "text/html");
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers().get("retry-after").unwrap(), "2");
        let html = String::from_utf8(to_bytes(answer.into_body()).await.unwrap().to_vec()).unwrap();
        assert_eq!(html.matches("href=\"/risks?q=a").count(), 1, "one way to try again: {html}");
        assert!(html.contains(if lang == "en" { "in 2 seconds" } else { "2 秒后可以再试" }), "{html}");
        for part in [words[0], words[1], "href=\"/risks?q=a&amp;b=%22%3E\"", &ctx.request_id, ctx.nonce()] {
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
    // Of a form nothing was read: loading the page anew sends it once more, and nothing else on the page leads away.
    let sent = TestRequest::post().uri("/declare/submit").insert_header((ACCEPT, "text/html"));
    let sent = sent.insert_header((ACCEPT_LANGUAGE, "zh-CN")).to_srv_request();
    let answer = problem::shed(&app.deps, &Ctx::stranger(&sent, &app.deps), &busy);
    let html = String::from_utf8(to_bytes(answer.into_body()).await.unwrap().to_vec()).unwrap();
    assert!(
        html.contains("刷新这一页") && html.contains("<a href=\"/declare\">回到刚才的页面</a>"),
        "{html}"
    );
    assert!(!html.contains("action=\"/language\"") && !html.contains("再试一次"), "{html}");
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

/// What cannot be done at this moment is not typed again: the page has the form, with its key, and one true sentence about
/// the time; a form with a secret is sent again by the browser.
async fn what_could_not_be_done_is_kept_to_be_sent_again(app: App) {
    let app = app.with_settings(|config| config.sms_per_hour = 0).await;
    let mut b = app.browser();
    b.get("/sign-in").await.expect(200);
    let typed =
        [("phone", "13800138000"), ("next", "/code"), ("_once", "0190e4c1-0000-7000-8000-000000000001")];
    let asked = b.post("/sign-in", &typed).await.expect(503);
    assert_eq!(asked.headers["retry-after"], "2");
    for (name, value) in typed {
        assert_eq!(asked.input(name).as_deref(), Some(value), "{}", asked.body);
    }
    assert_eq!(
        asked.body.matches("name=\"_once\"").count(),
        1,
        "the key of before: what was done is not done twice"
    );
    let asked =
        asked.shows("<form method=\"post\" action=\"/sign-in\"").shows("不用再填").shows("2 秒后可以再试");
    let asked =
        asked.shows("出示身份证或纸质码").hides("分钟后").hides("action=\"/language\"").hides("再试一次");
    asked.shows("<a href=\"/sign-in\">回到刚才的页面</a>");
    // Sent again from there it is the same form.
    b.post("/sign-in", &typed).await.expect(503);
    let request = TestRequest::post().uri("/desk/account/password").insert_header((ACCEPT, "text/html"));
    let request = request.insert_header((ACCEPT_LANGUAGE, "zh-CN")).to_srv_request();
    let ctx = Ctx::stranger(&request, &app.deps);
    ctx.hold(Form::of(&[("old", "secret-of-before"), ("password", "secret-of-then")]));
    let page = problem::render(&app.deps, &ctx, &AppError::TooMany(61));
    let html = String::from_utf8(to_bytes(page.into_body()).await.unwrap().to_vec()).unwrap();
    assert!(!html.contains("secret-of") && html.contains("刷新这一页"), "{html}");
    assert!(html.contains("2 分钟后可以再试") && html.contains("<a href=\"/desk/account\">"), "{html}");
    app.stop().await;
}
