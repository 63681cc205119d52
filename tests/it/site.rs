//! What belongs to no slice: start page, notices, language, health, headers, errors.

use crate::harness::App;
use crate::on_both;
use reqwest::Method;

on_both!(pages_and_health, errors_lead_on, forms_need_their_token);

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
