//! The keyboard alone: Tab, Enter, Space.

use crate::harness::App;
use crate::harness::chromium::{Chromium, ENTER, Look, TAB};

#[actix_web::test]
async fn head_and_language_switch() {
    let app = App::sqlite().await;
    let Some(b) = Chromium::start(&app.base, Look::DESKTOP).await else { return };
    b.open("/").await;
    // The first stop leads past the head; what has the focus can be seen.
    b.keys(TAB).await;
    assert!(b.has("a.skip:focus").await, "the first stop is the way to the content");
    b.screenshot("keyboard-skip").await;
    b.keys(ENTER).await;
    assert!(b.path().await.ends_with("#main"));
    b.open("/").await;
    b.tab_to("button[name=lang]").await;
    let outline = b
        .script(
            "const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow",
            serde_json::json!([]),
        )
        .await;
    assert_ne!(outline, "nonenone", "the focus is visible");
    b.keys(ENTER).await;
    assert_eq!(b.attribute("html", "lang").await.as_deref(), Some("en"));
    b.close().await;
    app.stop().await;
}
