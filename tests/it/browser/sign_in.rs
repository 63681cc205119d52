//! A resident signs in: phone, code, notice, my things; a mistake on the way; the keyboard alone.

use crate::harness::App;
use crate::harness::chromium::{Chromium, ENTER, Look};
use crate::world::accounts::code_for;

/// From wherever the portal asked to sign in to the page that was wanted.
pub async fn sign_in(app: &App, b: &Chromium, phone: &str) {
    b.is_at("/sign-in").await;
    b.fill("phone", phone).await;
    b.submit().await;
    b.is_at("/sign-in/code").await;
    b.fill("code", &code_for(app, phone).await).await;
    b.submit().await;
    if b.path().await.starts_with("/sign-in/notice") {
        b.submit().await;
    }
}

async fn walk(look: Look) {
    let app = App::sqlite().await;
    let Some(b) = Chromium::start(&app.base, look).await else { return };
    b.open("/me/contact").await;
    b.is_at("/sign-in").await;
    b.fill("phone", "1380013800").await;
    b.submit().await;
    // What is wrong is said above and at the field; what was typed is still there; the focus is where to begin.
    let title = b.title().await;
    assert!(title.starts_with("出错：") || title.starts_with("Error:"), "{title}");
    assert_eq!(b.attribute("#phone", "value").await.as_deref(), Some("1380013800"));
    assert_eq!(b.attribute("#phone", "aria-invalid").await.as_deref(), Some("true"));
    if look.scripts {
        assert!(b.has("[data-errors]:focus").await, "the summary of errors has the focus");
    }
    b.screenshot("sign-in-refused").await;
    b.click("[data-errors] a[href='#phone']").await;
    sign_in(&app, &b, "13800138000").await;
    b.is_at("/me/contact").await;
    b.shows("138 **** 8000").await;
    b.screenshot("contact").await;
    b.open("/me").await;
    b.screenshot("me").await;
    assert_eq!(b.overflow().await, 0);
    b.click("form[action='/sign-out'] button").await;
    b.is_at("/").await;
    b.back().await;
    b.open("/me").await;
    b.is_at("/sign-in").await;
    b.close().await;
    app.stop().await;
}

#[actix_web::test]
async fn on_a_phone() {
    walk(Look::PHONE).await;
}

#[actix_web::test]
async fn on_a_phone_without_scripts() {
    walk(Look::PHONE.without_scripts()).await;
}

#[actix_web::test]
async fn on_a_desktop_in_english() {
    walk(Look::DESKTOP.english()).await;
}

#[actix_web::test]
async fn with_the_keyboard_alone() {
    let app = App::sqlite().await;
    let Some(b) = Chromium::start(&app.base, Look::DESKTOP).await else { return };
    b.open("/sign-in").await;
    b.tab_to("#phone").await;
    b.keys("13800138000").await;
    b.tab_to("main form button").await;
    b.keys(ENTER).await;
    b.is_at("/sign-in/code").await;
    b.tab_to("#code").await;
    // Enter in the field sends the form, too.
    b.keys(&code_for(&app, "13800138000").await).await;
    b.keys(ENTER).await;
    b.is_at("/sign-in/notice").await;
    b.tab_to("main form button").await;
    b.keys(ENTER).await;
    b.is_at("/me").await;
    b.close().await;
    app.stop().await;
}
