//! Two provinces, what both publish for everybody, looks that are kept, the desk of the operators.

use super::{ENTRY, agree, own_list, revoke, verify};
use crate::harness::App;
use crate::on_both;
use chrono::{Duration, TimeDelta};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::crypto::SigningUsage;
use fugong::db::schema::{code_prints, disclosures, persons};
use fugong::db::{Id, Ts};
use fugong::exchange;
use fugong::hcert::{
    Claims, Colour, Conclusion, Document, HealthCodeClaim, Holder, ReturnCertificateClaim, StatusList,
    StatusReference, issue,
};
use reqwest::Method;
use serde_json::json;

on_both!(two_provinces, looks_are_kept, lists_for_everybody, the_operators_desk,);

pub(super) fn certificate(app: &App, issuer: &str, signer: &App) -> String {
    certificate_of(app, issuer, signer, app.clock.now())
}

fn certificate_of(app: &App, issuer: &str, signer: &App, now: chrono::DateTime<chrono::Utc>) -> String {
    let issued = now - TimeDelta::nanoseconds(i64::from(now.timestamp_subsec_nanos()));
    let claims = Claims {
        issuer: Some(issuer.into()),
        issued_at: Some(issued),
        not_before: None,
        expires: Some(issued + Duration::days(7)),
        id: Some(vec![7; 16]),
        status: Some(StatusReference {
            index: ENTRY,
            uri: format!("{}7", exchange::status_folder(&app.deps.config.public_url)),
        }),
        document: Document::ReturnCertificate(ReturnCertificateClaim {
            holder: Holder { masked_name: "欧***".into(), document_last_four: "1836".into() },
            number: "SB200312-00000000".into(),
            conclusion: Conclusion::NoAbnormality,
            issued,
            expires: issued + Duration::days(7),
            destination: "440300".into(),
            temperature: Some(365),
        }),
    };
    issue(&claims, &*signer.deps.keys.signing_key(SigningUsage::Certificate).unwrap()).unwrap()
}

async fn two_provinces(home: App) {
    let other = App::sqlite_for("440000").await;
    own_list(&home).await;
    let text = certificate(&home, "CN-51", &home);
    let mut b = other.browser();
    assert_eq!(verify(&mut b, &text).await["verdict"], "unknown_key");
    exchange::trust_in_process(&home.deps, &other.deps).await.unwrap();
    let valid = verify(&mut b, &text).await;
    assert_eq!((&valid["verdict"], &valid["agreement"]), (&json!("valid"), &json!("HR-44-51-1")), "{valid}");
    assert_eq!(verify(&mut home.browser(), &text).await["verdict"], "valid", "at home");
    // The demonstration fills its provinces with what was signed in the weeks before it starts.
    let seeded = certificate_of(&home, "CN-51", &home, home.clock.now() - Duration::days(5));
    for portal in [&home, &other] {
        assert_eq!(verify(&mut portal.browser(), &seeded).await["verdict"], "valid", "of five days ago");
    }

    revoke(&home).await;
    assert_eq!(verify(&mut home.browser(), &text).await["verdict"], "revoked", "at home at once");
    for clock in [&home.clock, &other.clock] {
        clock.advance(Duration::seconds(61));
    }
    assert_eq!(verify(&mut b, &text).await["verdict"], "revoked", "elsewhere within the ttl");

    // Another province's key under our name, and our key under theirs.
    let forged = certificate(&home, "CN-51", &other);
    assert_eq!(verify(&mut b, &forged).await["verdict"], "unknown_key");
    let forged = certificate(&home, "CN-44", &home);
    assert_eq!(verify(&mut b, &forged).await["verdict"], "unknown_key");

    // Without an agreement for certificates a revoked one is still revoked, and another one is not recognised.
    let trust = exchange::current(&other.deps).await.unwrap();
    let row = trust.rows.iter().find(|r| r.kind == "certificate").unwrap();
    exchange::end_agreement(&other.deps, Actor::Console, row.id).await.unwrap();
    assert_eq!(verify(&mut b, &text).await["verdict"], "revoked");
    agree(&other, "510000", &["certificate"]).await;

    // The partner goes away: what was known ages.
    let code = shown_code(&home, ENTRY + 1);
    assert_eq!(verify(&mut b, &code).await["verdict"], "valid");
    home.stop().await;
    other.clock.advance(Duration::minutes(6));
    let unknown = verify(&mut b, &code).await;
    assert_eq!(unknown["verdict"], "status_unknown", "{unknown}");
    let offline = json!({"text": code, "online": false});
    let offline = b.api(Method::POST, "/api/v1/verify", &offline).await.expect(200).json();
    assert_eq!(offline["verdict"], "valid", "{offline}");
    b.get("/recognition").await.expect(200).shows("四川省").shows("HR-44-51-1").shows("互相承认");
    other.stop().await;
}

/// A printed health code.
pub(super) fn shown_code(app: &App, index: u64) -> String {
    let issued = app.clock.now();
    let claims = Claims {
        issuer: Some("CN-51".into()),
        issued_at: Some(issued),
        not_before: None,
        expires: Some(issued + Duration::days(7)),
        id: Some(vec![9; 16]),
        status: Some(StatusReference {
            index,
            uri: format!("{}7", exchange::status_folder(&app.deps.config.public_url)),
        }),
        document: Document::HealthCode(HealthCodeClaim {
            holder: Holder { masked_name: "欧***".into(), document_last_four: "1836".into() },
            colour: Colour::Red,
            valid_until: issued + Duration::days(14),
        }),
    };
    issue(&claims, &*app.deps.keys.signing_key(SigningUsage::Code).unwrap()).unwrap()
}

async fn looks_are_kept(app: App) {
    own_list(&app).await;
    let (person, now) = (Id::new(), Ts::from(app.clock.now()));
    let made = app.deps.store.write(move |tx| {
        let row = (
            persons::id.eq(person),
            persons::doc_kind.eq("id-card"),
            persons::doc_sealed.eq(vec![1_u8]),
            persons::doc_blind.eq(vec![1_u8]),
            persons::name_sealed.eq(vec![1_u8]),
            persons::name_blind.eq(vec![1_u8]),
            persons::level.eq("seen"),
            persons::version.eq(1_i64),
            persons::created_at.eq(now),
            persons::updated_at.eq(now),
        );
        diesel::insert_into(persons::table).values(row).execute(tx.conn())?;
        let row = (
            code_prints::id.eq(Id::new()),
            code_prints::person_id.eq(person),
            code_prints::colour.eq("red"),
            code_prints::status_list.eq(7_i64),
            code_prints::status_index.eq(5),
            code_prints::issued_at.eq(now),
            code_prints::expires_at.eq(now),
        );
        diesel::insert_into(code_prints::table).values(row).execute(tx.conn())?;
        Ok(())
    });
    made.await.unwrap();
    let code = shown_code(&app, 5);
    let rows = || async {
        app.deps
            .store
            .read(move |conn| {
                let of = disclosures::table.filter(disclosures::person_id.eq(person)).order(disclosures::at);
                Ok(of.select((disclosures::recipient, disclosures::kind)).load::<(String, String)>(conn)?)
            })
            .await
            .unwrap()
    };
    let mut visitor = app.browser();
    visitor.get("/verify").await;
    visitor.post("/verify", &[("text", &code)]).await.expect(200).shows("红码").shows("保持距离");
    assert!(rows().await.is_empty(), "a gate without a session leaves no trace");
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    worker.get("/verify").await.expect(200);
    for _ in 0..2 {
        worker.post("/verify", &[("text", &code)]).await.expect(200).shows("红码");
    }
    assert_eq!(rows().await.len(), 1, "twice within a minute is one look");
    assert!(rows().await[0].0.contains("测试单位") && rows().await[0].1 == "code");
    app.clock.advance(Duration::seconds(61));
    let asked = json!({"text": code});
    visitor.api(Method::POST, "/exchange/v1/verify", &asked).await.expect(200);
    assert_eq!(rows().await.len(), 2);
    app.stop().await;
}

async fn lists_for_everybody(app: App) {
    own_list(&app).await;
    let mut b = app.browser();
    b.api_get("/exchange/v1/trust-list").await.expect(404);
    let other = App::sqlite_for("440000").await;
    exchange::trust_in_process(&app.deps, &other.deps).await.unwrap();
    let view = b.api_get("/exchange/v1/trust-list").await.expect(200).json();
    assert_eq!(view["sequence"], 1);
    assert_eq!(view["entries"].as_array().unwrap().len(), 8);
    let client = crate::harness::client().build().unwrap();
    let get = async |path: &str, etag: &str| {
        let request = client.get(format!("{}{path}", app.base)).header("if-none-match", etag);
        request.send().await.unwrap()
    };
    let signed = get("/exchange/v1/trust-list", "").await;
    assert_eq!(signed.headers()["content-type"], "application/cose; cose-type=\"cose-sign\"");
    let etag = signed.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(get("/exchange/v1/trust-list", &etag).await.status(), 304);

    let path = "/exchange/v1/status-lists/7";
    let list = get(path, "").await;
    assert_eq!(list.headers()["cache-control"], "public, max-age=60");
    assert_eq!(list.headers()["content-type"], "application/statuslist+cwt");
    let etag = list.headers()["etag"].to_str().unwrap().to_owned();
    let trust = exchange::current(&app.deps).await.unwrap();
    let opened = StatusList::open(&list.bytes().await.unwrap(), trust.keys(app.clock.now()), app.clock.now());
    assert_eq!(opened.unwrap().header.uri, format!("{}{path}", app.base));
    app.clock.advance(Duration::seconds(20));
    let same = get(path, &etag).await;
    assert_eq!(
        (same.status().as_u16(), &same.headers()["cache-control"]),
        (304, &"public, max-age=40".parse().unwrap())
    );
    revoke(&app).await;
    assert_eq!(get(path, &etag).await.status(), 200, "a revocation is published at once");
    for wrong in ["8", "-7", "07", "x", "99999999999999999999"] {
        assert_eq!(get(&format!("/exchange/v1/status-lists/{wrong}"), "").await.status(), 404, "{wrong}");
    }
    let rules = b.api_get("/exchange/v1/rules").await.expect(200).json();
    assert_eq!(rules["accepted"][0]["issuer"], "CN-44");
    let kit = b.api_get("/exchange/v1/examples").await.expect(200).json();
    assert!(kit["examples"].as_array().unwrap().len() > 20);
    let api = b.api_get("/exchange/v1/openapi.json").await.expect(200).json();
    let described: Vec<&String> = api["paths"].as_object().unwrap().keys().collect();
    let routes = fugong::router::routes();
    let mut public: Vec<&str> =
        routes.table().iter().map(|r| r.path).filter(|p| p.starts_with("/exchange/")).collect();
    public.sort_unstable();
    public.dedup();
    assert_eq!(
        described.iter().map(|p| p.as_str()).collect::<std::collections::BTreeSet<_>>(),
        public.into_iter().collect()
    );
    other.stop().await;
    app.stop().await;
}

async fn the_operators_desk(app: App) {
    let mut b = app.official(Role::ExchangeOperator, "510000").await;
    b.get("/desk/exchange").await.expect(200).shows("还没有接受任何互信名单").shows("还没有互认省份");
    b.get("/desk/exchange/partners/new").await.expect(200).shows("广东省").hides("value=\"510000\"");
    let sent = [("province", "440000"), ("endpoint", "ftp://x"), ("phone", "x"), ("active", "yes")];
    b.post("/desk/exchange/partners/new", &sent).await.expect(422).shows("https://").shows("请填写电话");
    let sent = [
        ("province", "440000"),
        ("endpoint", "https://gd.example/"),
        ("phone", "020-12345"),
        ("active", "yes"),
    ];
    b.post("/desk/exchange/partners/new", &sent).await.leads_to("/desk/exchange");
    b.get("/desk/exchange").await.shows("https://gd.example").shows("不在名单上");
    b.get("/desk/exchange/agreements/new").await.expect(200).shows("2020");
    let day = [("from-year", "2020"), ("from-month", "3"), ("from-day", "1")];
    let bad = [&day[..], &[("province", "330000"), ("to-year", "2020")]].concat();
    b.post("/desk/exchange/agreements/new", &bad).await.expect(422).shows("请把年、月、日都填上");
    let good = [
        &day[..],
        &[("province", "440000"), ("kinds", "code"), ("direction", "theirs"), ("document", "粤川 1")],
    ]
    .concat();
    b.post("/desk/exchange/agreements/new", &good).await.leads_to("/desk/exchange");
    let page = b.get("/desk/exchange").await.expect(200).shows("粤川 1").shows("我们认对方的");
    b.get("/recognition").await.expect(200).shows("广东省");
    let at = page.body.find("/desk/exchange/agreements/0").unwrap();
    let end = page.body[at..].split('"').next().unwrap().to_owned();
    b.get(&end).await.expect(200).shows("立即生效");
    b.post(&end, &[]).await.leads_to("/desk/exchange");
    b.post(&end, &[]).await.expect(409);
    b.get("/recognition").await.expect(200).shows("现在没有生效的互认协议");
    let mut other = app.official(Role::Publisher, "510000").await;
    other.get("/desk/exchange").await.expect(404);
    app.clock.advance(Duration::minutes(20));
    b.get("/desk/exchange/agreements/new").await.leads_to("/desk/step-up");
    app.stop().await;
}
