//! The first journey: a resident signs in by phone code and declares health, one thing a page, with a mistake on the
//! way; checks the answers, gets a receipt, corrects.

use super::sign_in::sign_in;
use crate::harness::App;
use crate::harness::chromium::{Chromium, ENTER, Look};

/// Words that the journey looks for, by language.
struct Words {
    wrong_digit: &'static str,
    received: &'static str,
    corrected: &'static str,
}

const CHINESE: Words =
    Words {
        wrong_digit: "身份证号码有一位不对", received: "已收到你的申报", corrected: "已更改，重新提交"
    };
const ENGLISH: Words = Words {
    wrong_digit: "One digit of the identity number",
    received: "We have your declaration",
    corrected: "Corrected and sent again",
};

fn words(look: Look) -> &'static Words {
    if look.lang == "en" { &ENGLISH } else { &CHINESE }
}

/// The button that saves: without scripts another one asks for the next level of a division before it.
async fn save(b: &Chromium) {
    b.click("main form p.act:last-of-type button.btn:not(.alt)").await;
}

/// A page is looked at, is not wider than the window, and is left by its main button.
async fn go_on(b: &Chromium, from: &str, to: &str) {
    b.is_at(&format!("/declare/{from}")).await;
    assert_eq!(b.overflow().await, 0, "/declare/{from} is wider than the window");
    b.screenshot(&format!("journey-1/{from}")).await;
    save(b).await;
    b.is_at(&format!("/declare/{to}")).await;
}

async fn wrong_document_number(b: &Chromium, look: Look) {
    b.fill("name", "阿依古丽·买买提").await;
    b.choose("document_kind", "id_card").await;
    b.fill("document_number", "360426199101010072").await;
    b.submit().await;
    b.shows(words(look).wrong_digit).await;
    let title = b.title().await;
    assert!(title.starts_with("出错：") || title.starts_with("Error:"), "{title}");
    assert_eq!(b.attribute("#document_number", "value").await.as_deref(), Some("360426199101010072"));
    assert_eq!(b.attribute("#name", "value").await.as_deref(), Some("阿依古丽·买买提"));
    b.screenshot("journey-1/identity-refused").await;
    // What people type is accepted: spaces and full width.
    b.fill("document_number", "３６０４２６ 19910101 0071").await;
}

async fn who_and_where(b: &Chromium, look: Look) {
    b.screenshot("journey-1/start").await;
    b.click("main p.act a.btn").await;
    b.is_at("/declare/identity").await;
    wrong_document_number(b, look).await;
    go_on(b, "identity", "address").await;
    b.pick_division("household-division", &["510000", "511600", "511621"]).await;
    b.fill("household-address", "九龙街道 1 号").await;
    let town = crate::world::declarations::town();
    b.pick_division("present-division", &["510000", "511600", "511621", &town]).await;
    b.fill("present-address", "东外街 118 号").await;
    b.screenshot("journey-1/address").await;
    // Enter in a field saves the page, too, with scripts and without.
    b.keys(ENTER).await;
    b.is_at("/declare/reach").await;
    b.fill("phone", "136 0000 8841").await;
    b.choose("conditions", "diabetes").await;
    go_on(b, "reach", "today").await;
}

async fn health(b: &Chromium) {
    b.fill("temperature", "36.5").await;
    b.choose("symptoms", "none").await;
    go_on(b, "today", "exposure").await;
    b.choose("contact", "no").await;
    b.choose("coresidents", "well").await;
    b.choose("isolation", "no").await;
    b.choose("diagnosed", "no").await;
    go_on(b, "exposure", "travel").await;
    b.choose("travelled", "yes").await;
    go_on(b, "travel", "places").await;
    b.pick_division("stay-division", &["420000", "420100", "420102"]).await;
    for (name, day) in [("stay-from", "1"), ("stay-to", "3")] {
        for (part, value) in [("year", "2020"), ("month", "3"), ("day", day)] {
            b.fill(&format!("{name}-{part}"), value).await;
        }
    }
    b.pick("stay-transport", "train").await;
    b.click("button[name=do]").await;
    b.is_at("/declare/places").await;
    assert!(b.has("button[name=remove]").await, "the stay is on the page");
    go_on(b, "places", "protection").await;
    b.choose("vaccination", "none").await;
    b.choose("test", "none").await;
    go_on(b, "protection", "destination").await;
}

async fn destination(b: &Chromium) {
    b.pick_division("destination-division", &["440000", "440300", "440306"]).await;
    b.choose("purpose", "work").await;
    b.fill("employer", "深圳市宝安区某某电子有限公司").await;
    b.pick("transport", "train").await;
    for (part, value) in [("year", "2020"), ("month", "3"), ("day", "15")] {
        b.fill(&format!("travel_day-{part}"), value).await;
    }
    go_on(b, "destination", "check").await;
}

/// What is promised and agreed to after checking.
async fn promise(b: &Chromium) {
    b.choose("share", "yes").await;
    b.choose("truth", "yes").await;
}

async fn walk(look: Look) {
    let app = App::sqlite().await;
    let Some(b) = Chromium::start(&app.base, look).await else { return };
    b.open("/declare").await;
    sign_in(&app, &b, "13800138000").await;
    b.is_at("/declare").await;
    who_and_where(&b, look).await;
    // Another day, another phone: the draft goes on where it was left.
    b.open("/declare").await;
    b.screenshot("journey-1/resume").await;
    b.click("main p.act a.btn").await;
    b.is_at("/declare/today").await;
    health(&b).await;
    destination(&b).await;
    b.screenshot("journey-1/check").await;
    assert_eq!(b.overflow().await, 0);
    b.click("a[href='/declare/today?change=1']").await;
    b.fill("temperature", "３６．８").await;
    b.submit().await;
    b.is_at("/declare/check").await;
    b.shows("36.8").await;
    promise(&b).await;
    b.submit().await;
    b.is_at("/declarations/SB").await;
    b.shows(words(look).received).await;
    b.screenshot("journey-1/receipt").await;
    assert_eq!(b.overflow().await, 0);
    let page = b.path().await;
    correct(&b, look, &page).await;
    b.is_silent().await;
    b.close().await;
    app.drain().await;
    let told = app.deps.sms.sent().iter().filter(|m| m.text.contains("SB200312")).count();
    assert_eq!(told, 2, "told of the declaration and of the correction");
    app.stop().await;
}

/// Until the doctor confirms everything can be changed; the page survives being opened again.
async fn correct(b: &Chromium, look: Look, page: &str) {
    b.open(page).await;
    b.shows(words(look).received).await;
    b.click("form[action$='/correct'] button").await;
    b.is_at("/declare/check").await;
    b.click("a[href='/declare/address?change=1']").await;
    b.fill("present-address", "东外街 118 号 2 单元").await;
    save(b).await;
    b.is_at("/declare/check").await;
    b.screenshot("journey-1/check-correction").await;
    promise(b).await;
    b.submit().await;
    b.is_at(page).await;
    b.shows(words(look).corrected).await;
    b.shows("2 单元").await;
    b.screenshot("journey-1/corrected").await;
    b.screenshot_in_the_dark("journey-1/corrected-dark").await;
    b.click("form[action='/elder'] button").await;
    b.screenshot("journey-1/corrected-elder").await;
    assert_eq!(b.overflow().await, 0, "elder mode is wider than the window");
}

#[actix_web::test]
async fn on_a_phone_in_chinese() {
    walk(Look::PHONE).await;
}

#[actix_web::test]
async fn on_a_phone_in_english() {
    walk(Look::PHONE.english()).await;
}

#[actix_web::test]
async fn on_a_phone_without_scripts() {
    walk(Look::PHONE.without_scripts()).await;
}
