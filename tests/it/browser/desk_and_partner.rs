//! The second and third journeys: the village worker checks, the doctor confirms, the certificate is opened and
//! printed; at a gate in the other province it is pasted, sent as a photo and held before the camera.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::chromium::{Chromium, Look, PATIENCE};
use crate::harness::scratch;
use fugong::access::Role;
use fugong::exchange;
use fugong::web::qr::Qr;
use image::imageops::{FilterType, overlay, resize};
use image::{GrayImage, Luma};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;

const PHONE: &str = "13600008841";

/// A resident has declared; gives the number.
async fn declared(app: &App) -> String {
    let mut resident = app.resident(PHONE).await;
    resident.get("/declare").await;
    let body = json!({
        "name": "阿依古丽·买买提", "document_kind": "id_card", "document_number": "360426199101010071",
        "household": {"division": "511621", "address": "九龙街道 1 号"},
        "present": {"division": crate::world::declarations::town(), "address": "东外街 118 号"},
        "phone": PHONE, "conditions": [], "temperature_tenths": 365, "symptoms": [], "contact": false, "travel": [],
        "coresidents": "well", "isolation": false, "diagnosed": false, "vaccination": "none", "test": "none",
        "destination": {"division": "440306", "employer": "深圳市宝安区某某电子有限公司", "transport": "train",
            "day": "2020-03-15"},
        "truth": true, "share": true,
    });
    let made = resident.api(Method::POST, "/api/v1/declarations", &body).await.expect(201).json();
    made["number"].as_str().unwrap().to_owned()
}

/// The worker finds the case in the worklist, reads it and marks it as checked.
async fn check(b: &Chromium, worker: &Browser, number: &str) {
    b.become_(Some(worker)).await;
    b.open("/desk/declarations").await;
    b.screenshot("journey-2/worklist").await;
    b.click(&format!("a[href='/desk/declarations/{number}']")).await;
    // Nothing chosen: the page says so and stays.
    b.click("#decide button.btn:not(.alt)").await;
    assert!(b.has("[data-errors]").await);
    b.choose("action", "check").await;
    b.fill("note", "电话核对过，地址无误").await;
    b.screenshot("journey-2/case-check").await;
    b.click("#decide button.btn:not(.alt)").await;
    b.is_at(&format!("/desk/declarations/{number}")).await;
    assert!(b.has("[role=status]").await, "the page says what was done");
    b.open("/desk/declarations").await;
    assert!(!b.has(&format!("a[href='/desk/declarations/{number}']")).await, "nothing is left to check");
    b.screenshot("journey-2/worklist-empty").await;
}

/// The doctor types a temperature that cannot be, then confirms.
async fn confirm(b: &Chromium, doctor: &Browser, number: &str) {
    b.become_(Some(doctor)).await;
    b.open("/desk/declarations").await;
    b.click(&format!("a[href='/desk/declarations/{number}']")).await;
    b.choose("action", "confirm").await;
    b.fill("temperature", "366").await;
    b.choose("conclusion", "no-abnormality").await;
    b.click("#decide button.btn:not(.alt)").await;
    assert_eq!(b.attribute("#temperature", "aria-invalid").await.as_deref(), Some("true"));
    assert_eq!(b.attribute("#temperature", "value").await.as_deref(), Some("366"));
    b.screenshot("journey-2/case-confirm-refused").await;
    b.fill("temperature", "36.6").await;
    b.click("button[name=preview]").await;
    b.shows("复工通】").await;
    b.screenshot("journey-2/case-confirm").await;
    b.click("#decide button.btn:not(.alt)").await;
    assert!(b.has("[role=status]").await);
    b.screenshot("journey-2/case-confirmed").await;
    b.click("a[href^='/desk/certificates/']").await;
    b.is_at("/desk/certificates/FG").await;
    b.screenshot("journey-2/desk-certificate").await;
}

/// The officials' part at the desk, the resident's on a phone. Gives the certificate as programs get it.
async fn second_journey(app: &App, desk: Look) -> Option<Value> {
    let number = declared(app).await;
    let worker = app.official(Role::VillageWorker, "511621").await;
    let doctor = app.official(Role::Doctor, "511621").await;
    let b = Chromium::start(&app.base, desk).await?;
    check(&b, &worker, &number).await;
    confirm(&b, &doctor, &number).await;
    b.close().await;
    app.drain().await;
    assert!(app.deps.sms.sent().iter().any(|m| m.text.contains("FG200312")), "the resident is told by SMS");

    let mut resident = app.resident(PHONE).await;
    let certificate = resident.api_get("/api/v1/certificates").await.expect(200).json()[0].clone();
    let page = format!("/certificates/{}", certificate["number"].as_str().unwrap());
    let b = Chromium::start(&app.base, Look { lang: desk.lang, ..Look::PHONE }).await?;
    b.become_(Some(&resident)).await;
    b.open("/me").await;
    b.screenshot("journey-2/me").await;
    b.open(&page).await;
    assert!(b.has("svg.qr").await, "the code is on the page");
    b.screenshot("journey-2/certificate").await;
    b.screenshot_in_the_dark("journey-2/certificate-dark").await;
    b.click(&format!("a[href='{page}/print']")).await;
    b.is_at(&format!("{page}/print")).await;
    b.screenshot("journey-2/print").await;
    b.screenshot_on_paper("journey-2/print-on-paper").await;
    b.is_silent().await;
    b.close().await;
    Some(certificate)
}

/// A photo of the code on a telephone: turned a little, grey, not quite sharp.
fn photo(text: &str) -> GrayImage {
    let code = image::load_from_memory(&Qr::new(text).unwrap().png(5).unwrap()).unwrap().to_luma8();
    let (edge, angle) = (900_u32, 0.05_f32);
    let code = resize(&code, 640, 640, FilterType::Triangle);
    let mut flat = GrayImage::from_pixel(edge, edge, Luma([150]));
    overlay(&mut flat, &code, 130, 130);
    let middle = 450.0_f32;
    let turned = GrayImage::from_fn(edge, edge, |x, y| {
        let (dx, dy) = (x as f32 - middle, y as f32 - middle);
        let (sx, sy) = (dx * angle.cos() - dy * angle.sin(), dx * angle.sin() + dy * angle.cos());
        let (sx, sy) = ((sx + middle).round(), (sy + middle).round());
        let inside = sx >= 0.0 && sy >= 0.0 && sx < edge as f32 && sy < edge as f32;
        if inside { *flat.get_pixel(sx as u32, sy as u32) } else { Luma([150]) }
    });
    image::imageops::blur(&turned, 0.8)
}

/// A film of one picture, in which the camera sees the code.
fn film(picture: &GrayImage) -> PathBuf {
    let (width, height) = (1280_u32, 960_u32);
    let mut frame = GrayImage::from_pixel(width, height, Luma([90]));
    overlay(&mut frame, &resize(picture, 960, 960, FilterType::Triangle), 160, 0);
    let mut bytes = format!("YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n").into_bytes();
    for _ in 0..4 {
        bytes.extend_from_slice(b"FRAME\n");
        bytes.extend_from_slice(frame.as_raw());
        bytes.extend(std::iter::repeat_n(128_u8, (width * height / 2) as usize));
    }
    let file = scratch("camera.y4m");
    std::fs::write(&file, bytes).unwrap();
    file
}

/// The gate in the other province.
async fn third_journey(other: &App, look: Look, text: &str, number: &str) {
    let picture = photo(text);
    let jpeg = scratch("photo.jpg");
    picture.save(&jpeg).unwrap();
    let film = film(&picture);
    let Some(b) = Chromium::start_with(&other.base, look, Some(&film)).await else { return };
    b.open("/verify").await;
    b.screenshot("journey-3/verify").await;
    b.submit().await;
    assert!(b.has("[data-errors]").await, "nothing was sent");
    b.screenshot("journey-3/verify-nothing").await;
    b.fill("text", text).await;
    b.submit().await;
    recognised(&b, number).await;
    b.screenshot("journey-3/verdict").await;
    b.screenshot_in_the_dark("journey-3/verdict-dark").await;
    b.open("/verify").await;
    b.attach("image", &jpeg).await;
    b.submit().await;
    recognised(&b, number).await;
    b.screenshot("journey-3/verdict-of-photo").await;
    // One letter of the text is another: the signature does not fit.
    let mut forged = text.to_owned();
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'B' } else { 'A' });
    b.open("/verify").await;
    b.fill("text", &forged).await;
    b.submit().await;
    assert!(!b.has(".verdict.is-green").await, "what was changed is not recognised");
    b.screenshot("journey-3/verdict-changed").await;
    b.open("/verify/scan").await;
    assert_eq!(b.overflow().await, 0);
    b.screenshot("journey-3/scan").await;
    b.click("[data-scan-go]").await;
    let started = std::time::Instant::now();
    while !b.has(".verdict").await {
        let said = b.text("main").await;
        assert!(started.elapsed() < PATIENCE, "{said}\n{:?}", b.console().await);
        actix_web::rt::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    recognised(&b, number).await;
    b.screenshot("journey-3/verdict-of-camera").await;
    b.open("/recognition").await;
    b.screenshot("journey-3/recognition").await;
    b.is_silent().await;
    b.close().await;
}

async fn recognised(b: &Chromium, number: &str) {
    b.is_at("/verify").await;
    assert!(b.has(".verdict.is-green").await, "{}", b.text("main").await);
    b.shows(number).await;
    b.shows("HR-44-51-1").await;
    assert_eq!(b.overflow().await, 0);
}

/// The gate's portal has the status list of the other province. It waits two seconds for it and says "unknown" then,
/// which a busy machine may make it do; the journey is that of a gate that has it.
async fn status_is_there(home: &App, other: &App, text: &str) {
    let mut last = Value::Null;
    for _ in 0..20 {
        let asked = json!({ "text": text });
        last = other.browser().api(Method::POST, "/api/v1/verify", &asked).await.expect(200).json();
        if last["verdict"] == "valid" {
            return;
        }
        // Whoever did not answer is left alone for a while.
        home.clock.advance(chrono::Duration::seconds(61));
        other.clock.advance(chrono::Duration::seconds(61));
    }
    panic!("{last}");
}

/// The exchange desk before anything was entered, then with the partner.
async fn exchange_desk(app: &App, look: Look, name: &str) {
    let operator = app.official(Role::ExchangeOperator, &app.deps.config.province).await;
    let Some(b) = Chromium::start(&app.base, look).await else { return };
    b.become_(Some(&operator)).await;
    b.open("/desk/exchange").await;
    b.screenshot(&format!("journey-3/{name}")).await;
    if let Some(axe) = super::tools::axe() {
        let mut faults = b.axe(&axe).await;
        faults.extend(b.axe_in_the_dark(&axe).await);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
    assert_eq!(b.overflow().await, 0);
    b.close().await;
}

async fn walk(desk: Look) {
    let home = App::sqlite().await;
    let other = App::sqlite_for("440000").await;
    exchange_desk(&other, desk, "exchange-empty").await;
    exchange::trust_in_process(&home.deps, &other.deps).await.unwrap();
    exchange_desk(&other, desk, "exchange").await;
    if let Some(certificate) = second_journey(&home, desk).await {
        let text = certificate["token"].as_str().unwrap();
        let number = certificate["number"].as_str().unwrap();
        status_is_there(&home, &other, text).await;
        third_journey(&other, Look { lang: desk.lang, ..Look::PHONE }, text, number).await;
    }
    home.stop().await;
    other.stop().await;
}

#[actix_web::test]
async fn in_chinese() {
    walk(Look::DESKTOP).await;
}

#[actix_web::test]
async fn in_english() {
    walk(Look::DESKTOP.english()).await;
}
