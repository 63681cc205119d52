//! Verifying over pages and JSON, two provinces that trust each other, status lists and who looked.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{Duration, TimeDelta};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::crypto::SigningUsage;
use fugong::db::schema::{code_prints, disclosures, persons, status_chunks, status_lists};
use fugong::db::{Id, Ts};
use fugong::exchange::{self, NewAgreement};
use fugong::hcert::examples::{self, ExampleSet};
use fugong::hcert::{
    Claims, Colour, Conclusion, Document, HealthCodeClaim, Holder, ReturnCertificateClaim, StatusList,
    StatusReference, TrustStore, VerificationKey, issue,
};
use fugong::web::limits::Client;
use fugong::web::qr::Qr;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_genuine_document_makes_a_network_one_that_verifies,
    every_verdict_over_page_and_interface,
    what_people_paste_and_send,
    two_provinces,
    looks_are_kept,
    lists_for_everybody,
    the_operators_desk,
);

/// Makes a portal trust what the published examples trust.
pub async fn with_examples(app: &App) -> ExampleSet {
    let set = examples::published().unwrap();
    app.clock.advance(set.now - app.clock.now());
    let roots = set.roots.iter().map(|r| VerificationKey::from_spki(&STANDARD.decode(r).unwrap()).unwrap());
    app.deps.exchange.pin_roots(roots.collect());
    let signed = STANDARD.decode(&set.trust_list).unwrap();
    assert!(exchange::accept_list(&app.deps, signed.clone(), Actor::Console).await.unwrap());
    assert!(!exchange::accept_list(&app.deps, signed, Actor::Console).await.unwrap(), "the same list again");
    partner(app, "330000", "https://partner.example").await;
    agree(app, "330000", &["code", "certificate"]).await;
    let store = TrustStore::from_list(set.trust_list_view.clone()).unwrap();
    let list = StatusList::open(&STANDARD.decode(&set.status_list).unwrap(), &store, set.now).unwrap();
    app.deps.exchange.keep_status_list(list);
    set
}

async fn partner(app: &App, province: &str, endpoint: &str) {
    let new = exchange::NewPartner {
        province: province.into(),
        endpoint: endpoint.into(),
        phone: "0571-12345".into(),
        active: true,
    };
    exchange::put_partner(&app.deps, Actor::Console, new).await.unwrap();
}

async fn agree(app: &App, province: &str, kinds: &[&str]) {
    let new = NewAgreement {
        province: province.into(),
        kinds: kinds.iter().map(|k| (*k).to_owned()).collect(),
        direction: "both".into(),
        from: app.clock.now() - Duration::days(1),
        to: None,
        document: "川浙互认 1 号".into(),
    };
    exchange::add_agreement(&app.deps, Actor::Console, new, None).await.unwrap();
}

async fn verify(b: &mut Browser, text: &str) -> Value {
    b.api(Method::POST, "/api/v1/verify", &json!({"text": text})).await.expect(200).json()
}

async fn every_verdict_over_page_and_interface(app: App) {
    let set = with_examples(&app).await;
    let mut b = app.browser();
    let mut seen = std::collections::BTreeSet::new();
    for example in &set.examples {
        let answer = verify(&mut b, &example.text).await;
        assert_eq!(answer["verdict"], example.verdict, "{}: {answer}", example.name);
        assert_eq!(answer.get("step").and_then(Value::as_str), example.step.as_deref(), "{}", example.name);
        seen.insert(example.verdict.clone());
        b.get("/verify").await.expect(200);
        let page = b.post("/verify", &[("text", &example.text)]).await.expect(200);
        let word = match example.verdict.as_str() {
            "valid" => "有效",
            "expired" => "已过期",
            "not_yet_valid" => "还没有生效",
            "bad_signature" => "签名不对",
            "unknown_key" => "签发方不认识",
            "revoked" => "已失效",
            "suspended" => "暂停使用",
            "status_unknown" => "暂不能判定",
            "no_agreement" => "没有互认",
            _ => "读不出来",
        };
        let page = page.shows(word).shows("怎么办").hides("HC1:D").hides("verify-");
        let proven = !["bad_signature", "unknown_key", "malformed"].contains(&example.verdict.as_str());
        if proven {
            page.shows("张*").shows("002X")
        } else {
            page.hides("张*")
        };
    }
    assert_eq!(seen.len(), 10, "{seen:?}");
    b.post("/language", &[("lang", "en"), ("next", "/verify")]).await;
    let revoked = set.examples.iter().find(|e| e.name == "superseded").unwrap();
    b.get("/verify").await;
    b.post("/verify", &[("text", &revoked.text)])
        .await
        .expect(200)
        .shows("No longer valid")
        .hides("supersede");
    app.stop().await;
}

async fn a_genuine_document_makes_a_network_one_that_verifies(app: App) {
    let set = with_examples(&app).await;
    let mut b = app.browser();
    let here = Client::of("127.0.0.1".parse().unwrap()).network();
    let known = || app.deps.verifiers.knows(here, app.clock.now());
    let of = |verdict: &str| set.examples.iter().find(|e| e.verdict == verdict).unwrap().text.clone();
    for forged in ["HC1:6BF", &of("bad_signature"), &of("unknown_key")] {
        verify(&mut b, forged).await;
        assert!(!known(), "{forged}");
    }
    // Expired is genuine all the same.
    verify(&mut b, &of("expired")).await;
    assert!(known());
    app.stop().await;
}

fn multipart(csrf: &str, text: &str, image: &[u8]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in [("_csrf", csrf), ("text", text)] {
        let part = format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = "--b\r\ncontent-disposition: form-data; name=\"image\"; filename=\"../../x.png\"\r\n\
                content-type: image/png\r\n\r\n";
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(image);
    body.extend_from_slice(b"\r\n--b--\r\n");
    ("multipart/form-data; boundary=b".into(), body)
}

async fn send_picture(b: &mut Browser, image: &[u8]) -> Answer {
    let csrf = b.get("/verify").await.expect(200).input("_csrf").unwrap();
    let (kind, body) = multipart(&csrf, "", image);
    b.request(Method::POST, "/verify", &[("accept", "text/html"), ("content-type", &kind)], Some(body)).await
}

async fn what_people_paste_and_send(app: App) {
    let set = with_examples(&app).await;
    let text = &set.examples.iter().find(|e| e.name == "certificate").unwrap().text;
    let mut b = app.browser();
    b.get("/verify").await;
    let pasted = format!("你好，请核验：\n{}\n{}  谢谢", &text[..120], &text[120..]);
    b.post("/verify", &[("text", &pasted)]).await.expect(200).shows("FG-5116-0081-4427");
    b.post("/verify", &[("text", " ")]).await.expect(422).shows("请粘贴文字");
    b.post("/verify", &[("text", text), ("_csrf", "x")]).await.expect(403);
    let code = Qr::new(text).unwrap().png(4).unwrap();
    send_picture(&mut b, &code).await.expect(200).shows("FG-5116-0081-4427");
    let jpeg = [("content-type", "image/jpeg"), ("accept", "application/json")];
    let api =
        b.request(Method::POST, "/api/v1/verify/image", &jpeg, Some(code.clone())).await.expect(200).json();
    assert_eq!((&api["verdict"], api["text"].as_str()), (&json!("valid"), Some(text.as_str())));
    send_picture(&mut b, b"%PDF-1.7").await.expect(422).shows("不是 JPG 或 PNG");
    send_picture(&mut b, &code[..code.len() / 2]).await.expect(422);
    let mut bomb = code.clone();
    bomb.splice(16..24, [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let mut crc = flate2::Crc::new();
    crc.update(&bomb[12..29]);
    bomb.splice(29..33, crc.sum().to_be_bytes());
    send_picture(&mut b, &bomb).await.expect(422).shows("像素太多");
    send_picture(&mut b, &vec![0; 6 << 20]).await.expect(422).shows("5 MB");
    let large = Some(vec![0; 6 << 20]);
    b.request(Method::POST, "/api/v1/verify/image", &jpeg, large).await.expect(413);
    let plain = [("content-type", "text/plain")];
    b.request(Method::POST, "/api/v1/verify/image", &plain, Some(code)).await.expect(415);
    b.api(Method::POST, "/api/v1/verify", &json!({"text": "x", "more": 1})).await.expect(422);
    b.api(Method::POST, "/api/v1/verify", &json!({"text": ""})).await.expect(422);
    b.get("/verify/scan").await.expect(200).shows("打开摄像头");
    app.stop().await;
}

/// An own status list with one chunk, as issuing makes it.
async fn own_list(app: &App) {
    let now = Ts::from(app.clock.now());
    let made = app.deps.store.write(move |tx| {
        diesel::insert_into(status_lists::table)
            .values((
                status_lists::id.eq(7_i64),
                status_lists::usage.eq("certificate"),
                status_lists::size.eq(131_072),
                status_lists::taken.eq(2),
                status_lists::version.eq(1_i64),
                status_lists::created_at.eq(now),
            ))
            .execute(tx.conn())?;
        for chunk in 0..8 {
            let row = (
                status_chunks::list_id.eq(7_i64),
                status_chunks::chunk.eq(chunk),
                status_chunks::bits.eq(vec![0_u8; 4096]),
            );
            diesel::insert_into(status_chunks::table).values(row).execute(tx.conn())?;
        }
        Ok(())
    });
    made.await.unwrap();
}

/// Revokes entry 16,385: the second of the second chunk.
async fn revoke(app: &App) {
    let done = app.deps.store.write(|tx| {
        let mut bits = vec![0_u8; 4096];
        bits[0] = 0b0100;
        let chunk = status_chunks::table.find((7_i64, 1));
        diesel::update(chunk).set(status_chunks::bits.eq(bits)).execute(tx.conn())?;
        let list = status_lists::table.find(7_i64);
        diesel::update(list).set(status_lists::version.eq(status_lists::version + 1)).execute(tx.conn())?;
        Ok(())
    });
    done.await.unwrap();
}

const ENTRY: u64 = 16_385;

fn certificate(app: &App, issuer: &str, signer: &App) -> String {
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
fn shown_code(app: &App, index: u64) -> String {
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
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
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
    b.post(&end, &[]).await.expect(404);
    b.get("/recognition").await.expect(200).shows("现在没有生效的互认协议");
    let mut other = app.official(Role::Publisher, "510000").await;
    other.get("/desk/exchange").await.expect(404);
    app.clock.advance(Duration::minutes(20));
    b.get("/desk/exchange/agreements/new").await.leads_to("/desk/step-up");
    app.stop().await;
}
