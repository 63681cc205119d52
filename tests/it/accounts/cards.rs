//! Home and "my things" say how things stand, by page and by JSON: nothing yet, being worked out, a colour, withdrawn.

use crate::harness::App;
use crate::on_both;
use crate::programs::{declared, resident};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(cards_say_how_things_stand);

fn card<'a>(me: &'a Value, kind: &str) -> &'a Value {
    let cards = me["cards"].as_array().unwrap();
    cards.iter().find(|c| c["kind"] == kind).unwrap_or_else(|| panic!("no {kind} in {me}"))
}

async fn cards_say_how_things_stand(app: App) {
    let mut owner = resident(&app).await;
    // Nothing yet: what to do.
    let me = owner.api_get("/api/v1/me").await.expect(200).json();
    assert_eq!((card(&me, "code")["href"].clone(), me["unread"].clone()), (json!("/declare"), json!(0)));
    owner.get("/").await.expect(200).shows("还没有健康码").shows("还没有证明");
    // Sent: the colour is being worked out, and the page looks again by itself.
    let number = declared(&mut owner).await;
    let page = format!("/declarations/{number}");
    let sent = owner.get(&page).await.expect(200).shows("正在判定颜色");
    sent.shows("http-equiv=\"refresh\"");
    app.drain().await;
    owner
        .get(&page)
        .await
        .expect(200)
        .hides("http-equiv")
        .hides("正在判定颜色")
        .shows("现在的颜色")
        .shows("绿码");
    let me = owner.api_get("/api/v1/me").await.expect(200).json();
    assert_eq!(card(&me, "code")["state"], "green");
    assert_eq!(card(&me, "declaration")["state"], "submitted");
    for path in ["/", "/me"] {
        owner
            .get(path)
            .await
            .expect(200)
            .shows("绿码")
            .shows(&number)
            .shows("已收到，待核对")
            .shows("条未读");
    }
    // Withdrawn: everywhere, and its colour is no longer said there.
    let seen = owner.api_get(&format!("/api/v1{page}")).await.json()["version"].clone();
    let (path, body) = (format!("/api/v1{page}/withdraw"), json!({"version": seen}));
    let gone = owner.api(Method::POST, &path, &body).await;
    assert_eq!(gone.expect(200).json()["state"], "withdrawn");
    app.drain().await;
    for path in ["/", "/me", "/declarations", page.as_str()] {
        owner.get(path).await.expect(200).shows("已撤回").hides("待核对");
    }
    owner.get(&page).await.expect(200).hides("绿码");
    let me = owner.api_get("/api/v1/me").await.expect(200).json();
    assert_eq!(card(&me, "declaration")["state"], "withdrawn");
    app.stop().await;
}
