//! What every visitor meets: start page, language and type size, errors that lead on; with scripts and without.

use crate::harness::App;
use crate::harness::chromium::{Chromium, Look};

async fn walk(look: Look) {
    let app = App::sqlite().await;
    let Some(b) = Chromium::start(&app.base, look).await else { return };
    b.open("/").await;
    assert_eq!(b.attribute("html", "lang").await.as_deref(), Some("zh-CN"));
    b.shows("复工通").await;
    b.screenshot("home").await;
    // The page's own script runs exactly where scripts are on.
    let class = b.attribute("html", "class").await.unwrap_or_default();
    assert_eq!(class.contains("js"), look.scripts, "class of <html> is {class:?}");
    b.press("English").await;
    b.is_at("/").await;
    assert_eq!(b.attribute("html", "lang").await.as_deref(), Some("en"));
    b.screenshot("home-in-english").await;
    assert!(!b.has("html[data-elder]").await);
    b.click("form[action='/elder'] button").await;
    assert!(b.has("html[data-elder]").await, "elder mode is on after one press");
    b.screenshot("home-elder").await;
    b.click("form[action='/elder'] button").await;
    assert!(!b.has("html[data-elder]").await);
    for path in ["/about", "/privacy", "/accessibility"] {
        b.click(&format!("footer a[href='{path}']")).await;
        b.is_at(path).await;
        assert_eq!(b.overflow().await, 0, "{path} is wider than the window");
    }
    b.open("/nothing/here").await;
    b.screenshot("not-found").await;
    b.click("main a[href='/']").await;
    b.is_at("/").await;
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
async fn on_a_desktop() {
    walk(Look::DESKTOP).await;
}
