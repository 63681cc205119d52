//! The administrator's pages of keys: a secret is seen once, replacing overlaps, revoking is told to whoever comes second.

use super::{ask_self, problem, refused};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::keys::{Signer, TestKey};
use crate::on_both;
use crate::world::front::{KEY, key_of};
use chrono::Duration;
use fugong::access::Role;
use fugong::web::program::{Kind, Scope};
use reqwest::Method;
use serde_json::json;

on_both!(
    a_secret_is_shown_once,
    replacing_overlaps,
    a_double_click_gives_one_key,
    who_comes_second_is_told,
    what_is_wrong_is_told_and_nothing_is_lost,
    only_the_provinces_administrator_sees_them,
    by_program_it_is_the_same,
);

/// The key and the secret on a page that shows it.
fn shown(page: &Answer) -> TestKey {
    let after =
        |mark: &str| page.body.split(mark).nth(1).unwrap_or_else(|| panic!("{}", page.body)).to_owned();
    let secret = after("class=\"ref\">").split('<').next().unwrap().to_owned();
    let keyid = format!("client-{}", after("<p>client-").split('<').next().unwrap());
    let signer = Signer::Secret(secret);
    TestKey { id: key_of(page), keyid, kind: Kind::Client, scopes: vec![Scope::Register], signer }
}

async fn admin(app: &App) -> Browser {
    let mut admin = app.official(Role::Administrator, "510000").await;
    admin.get("/admin/keys").await.expect(200);
    admin
}

async fn given(app: &App, admin: &mut Browser) -> TestKey {
    admin.get("/admin/keys/new").await.expect(200);
    let key = shown(&admin.post("/admin/keys/new", KEY).await.expect(200).shows("只显示这一次"));
    assert_eq!(ask_self(app, &key).await.status(), 200);
    key
}

async fn a_secret_is_shown_once(app: App) {
    let mut admin = admin(&app).await;
    let key = given(&app, &mut admin).await;
    let Signer::Secret(secret) = &key.signer else { panic!("a secret was made") };
    let page = admin.get(&format!("/admin/keys/{}", key.id)).await.expect(200);
    let page = page
        .shows(&key.keyid)
        .shows("一次查许多许可和备案编号")
        .shows("每分钟最多 60 次")
        .shows("有效")
        .hides(secret);
    assert!(page.body.contains("共享密钥"));
    admin.get("/admin/keys").await.expect(200).shows("岳池用工系统").shows("今天").hides(secret);
    let told =
        admin.api_get(&format!("/api/v1/admin/keys/{}", key.id)).await.expect(200).hides(secret).json();
    assert_eq!((&told["state"], &told["version"]), (&json!("active"), &json!(1)));
    assert_eq!(told["seen_at"], json!(app.clock.now()));
    app.stop().await;
}

async fn replacing_overlaps(app: App) {
    let mut admin = admin(&app).await;
    let key = given(&app, &mut admin).await;
    let path = format!("/admin/keys/{}", key.id);
    admin.get(&path).await.expect(200);
    let fields = [("action", "rotate"), ("version", "1"), ("overlap", "24")];
    let next = shown(&admin.post(&path, &fields).await.expect(200));
    assert_eq!(next.keyid, key.keyid);
    for _ in 0..2 {
        assert_eq!(ask_self(&app, &key).await.status(), 200, "the one before counts on");
        assert_eq!(ask_self(&app, &next).await.status(), 200);
        app.clock.advance(Duration::hours(24) - Duration::seconds(1));
    }
    app.clock.advance(Duration::seconds(2));
    refused(problem(ask_self(&app, &key).await).await, 401, "signature-refused");
    assert_eq!(ask_self(&app, &next).await.status(), 200);
    // A key pair in its place, at once.
    let signer = Signer::p256();
    let mut admin = self::admin(&app).await;
    admin.get(&path).await.expect(200);
    let public = signer.public().unwrap();
    let fields = [("action", "rotate"), ("version", "2"), ("overlap", "0"), ("public_key", public.as_str())];
    admin.post(&path, &fields).await.leads_to(&path);
    refused(problem(ask_self(&app, &next).await).await, 401, "signature-refused");
    assert_eq!(ask_self(&app, &TestKey { signer, ..next }).await.status(), 200);
    admin.get(&path).await.expect(200).shows("公钥（ECDSA P-256）").shows("已结束");
    app.stop().await;
}

async fn a_double_click_gives_one_key(app: App) {
    let mut admin = admin(&app).await;
    admin.get("/admin/keys/new").await.expect(200);
    let once = [KEY, &[("_once", "01920000-0000-4000-8000-0000000000aa")]].concat();
    let (one, other) =
        (admin.post("/admin/keys/new", &once).await, admin.post("/admin/keys/new", &once).await);
    assert_eq!(shown(&one.expect(200)).keyid, shown(&other.expect(200)).keyid);
    let listed = admin.api_get("/api/v1/admin/keys").await.expect(200).json();
    assert_eq!(listed["keys"].as_array().unwrap().len(), 1);
    app.stop().await;
}

async fn who_comes_second_is_told(app: App) {
    let (mut first, mut second) = (admin(&app).await, admin(&app).await);
    let key = given(&app, &mut first).await;
    let path = format!("/admin/keys/{}", key.id);
    for b in [&mut first, &mut second] {
        b.get(&path).await.expect(200);
    }
    let revoke = [("action", "revoke"), ("version", "1"), ("reason", "密钥泄露")];
    first.post(&path, &revoke).await.leads_to(&path);
    first.get(&path).await.expect(200).shows("已吊销").shows("密钥泄露");
    let late = second.post(&path, &[("action", "rotate"), ("version", "1"), ("overlap", "24")]).await;
    late.expect(409).shows("吊销接入密钥").shows("李经办");
    refused(problem(ask_self(&app, &key).await).await, 401, "key-revoked");
    app.stop().await;
}

async fn what_is_wrong_is_told_and_nothing_is_lost(app: App) {
    let mut admin = admin(&app).await;
    admin.get("/admin/keys/new").await.expect(200);
    let wrong = [
        ("kind", "partner"),
        ("name", "广东省平台"),
        ("owner", ""),
        ("per_minute", "0"),
        ("per_day", "ten"),
        ("until-year", "2030"),
        ("until-month", "1"),
        ("until-day", "1"),
        ("public_key", "-----BEGIN PUBLIC KEY-----"),
        ("certificate", "abc"),
    ];
    let page = admin.post("/admin/keys/new", &wrong).await.expect(422);
    let page = page.shows("由谁负责").shows("请选合作省份").shows("1 到 60000").shows("三年以内");
    page.shows("这不是 PEM 格式的公钥").shows("64 位十六进制").shows("广东省平台");
    let key = given(&app, &mut admin).await;
    let path = format!("/admin/keys/{}", key.id);
    admin.get(&path).await.expect(200);
    admin.post(&path, &[("action", "revoke"), ("version", "1"), ("reason", " ")]).await.expect(422);
    admin
        .post(&path, &[("action", "rotate"), ("version", "1"), ("overlap", "5")])
        .await
        .expect(422)
        .shows("继续有效多久");
    admin.post(&path, &[("action", "burn"), ("version", "1")]).await.expect(400);
    assert_eq!(ask_self(&app, &key).await.status(), 200);
    app.stop().await;
}

async fn only_the_provinces_administrator_sees_them(app: App) {
    let mut county = app.official(Role::Administrator, "511621").await;
    county.get("/admin/offices").await.expect(200).hides("/admin/keys");
    county.get("/admin/keys").await.expect(404);
    county.get("/admin/keys/new").await.expect(404);
    let mut auditor = app.official(Role::Auditor, "510000").await;
    auditor.get("/admin/keys").await.expect(404);
    app.stop().await;
}

async fn by_program_it_is_the_same(app: App) {
    let mut admin = admin(&app).await;
    let body = json!({
        "kind": "partner", "name": "广东省平台", "owner": "广东省政务服务数据管理局", "province": "440000",
        "per_minute": 600, "per_day": 100000, "until": "2021-03-11",
        "proof": {"public_key": Signer::ed25519().public(), "certificate": "00".repeat(32)},
    });
    let made = admin.api(Method::POST, "/api/v1/admin/keys", &body).await.expect(201).json();
    assert_eq!(made["secret"], json!(null), "whoever has a key pair gets no secret");
    let mut wrong = body.clone();
    wrong["proof"] = json!({"certificate": "x"});
    let told = admin.api(Method::POST, "/api/v1/admin/keys", &wrong).await.expect(422).json();
    let fields: Vec<&str> =
        told["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["proof.public_key", "proof.certificate"]);
    let path = format!("/api/v1/admin/keys/{}", made["id"].as_str().unwrap());
    let one = admin.api_get(&path).await.expect(200).json();
    assert_eq!((&one["province"], &one["proofs"][0]["algorithm"]), (&json!("440000"), &json!("ed25519")));
    let rotate = json!({"version": 1, "overlap_hours": 5});
    let told = admin.api(Method::POST, &format!("{path}/rotate"), &rotate).await.expect(422).json();
    let fields: Vec<&str> =
        told["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["proof.public_key", "proof.certificate", "overlap_hours"]);
    let revoke = json!({"version": 1, "reason": "协议终止"});
    admin.api(Method::POST, &format!("{path}/revoke"), &revoke).await.expect(204);
    let told =
        admin.api(Method::POST, &format!("{path}/revoke"), &json!({"version": 1, "reason": "又一次"})).await;
    assert_eq!(told.expect(409).problem(), "changed-meanwhile");
    app.stop().await;
}
