//! Every verdict, and what people paste and send.

use super::{verify, with_examples};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use fugong::web::limits::Client;
use fugong::web::qr::Qr;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_genuine_document_makes_a_network_one_that_verifies,
    every_verdict_over_page_and_interface,
    the_form_tells_a_program_what_its_page_shows,
    what_people_paste_and_send,
);

async fn the_form_tells_a_program_what_its_page_shows(app: App) {
    let set = with_examples(&app).await;
    let valid = set.examples.iter().find(|example| example.verdict == "valid").unwrap();
    let mut b = app.browser();
    let empty = b.api_get("/verify").await.expect(200);
    assert_eq!(empty.json()["form"]["errors"], json!([]));
    let token = empty.headers["x-csrf-token"].to_str().unwrap().to_owned();
    let form = [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
    let body = |text: &str, token: &str| {
        Some(serde_urlencoded::to_string([("text", text), ("_csrf", token)]).unwrap().into_bytes())
    };
    let told = b.request(Method::POST, "/verify", &form, body(&valid.text, &token)).await.expect(200).json();
    b.get("/verify").await.expect(200);
    let page = b.post("/verify", &[("text", &valid.text)]).await.expect(200);
    let result = &told["result"];
    assert_eq!(result["state"], "green");
    let rows = result["rows"].as_array().unwrap().iter().map(|row| &row["value"]);
    let checks = result["checks"].as_array().unwrap().iter().map(|check| &check["label"]);
    let words = [&result["word"], &result["meaning"], &result["advice"]].into_iter();
    for text in words.chain(rows).chain(checks).map(|text| text.as_str().unwrap()) {
        assert!(!text.is_empty() && page.body.contains(text), "{text} is not on the page");
    }
    let refused = b.request(Method::POST, "/verify", &form, body(" ", &token)).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "text");
    b.request(Method::POST, "/verify", &form, body(&valid.text, "")).await.expect(403);
    app.stop().await;
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
