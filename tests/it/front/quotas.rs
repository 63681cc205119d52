//! How often a key may ask: in a minute and in a day, wherever it asks from, and nobody else is slowed by it.

use super::{ask_self, problem, refused};
use crate::harness::App;
use crate::harness::keys::{TestKey, new_key};
use crate::on_both;
use chrono::Duration;
use fugong::front::NewKey;
use fugong::web::program::Kind;

on_both!(
    a_minute_has_its_requests,
    a_day_has_its_requests_and_ends_at_midnight,
    a_key_is_counted_and_not_its_address
);

async fn limited(app: &App, per_minute: i32, per_day: i32) -> TestKey {
    let new = NewKey { per_minute, per_day, ..new_key(Kind::Client, &[], None, app) };
    app.give(new, None).await
}

async fn a_minute_has_its_requests(app: App) {
    let key = limited(&app, 3, 1000).await;
    for _ in 0..3 {
        assert_eq!(ask_self(&app, &key).await.status(), 200);
    }
    let answer = ask_self(&app, &key).await;
    assert_eq!(answer.headers()["retry-after"], "21");
    refused(problem(answer).await, 429, "quota-minute");
    // A wrong signature uses nothing up of it.
    let stranger = TestKey { signer: crate::harness::keys::Signer::Secret("x".into()), ..key.clone() };
    app.clock.advance(Duration::seconds(21));
    refused(problem(ask_self(&app, &stranger).await).await, 401, "signature-refused");
    assert_eq!(ask_self(&app, &key).await.status(), 200);
    refused(problem(ask_self(&app, &key).await).await, 429, "quota-minute");
    app.stop().await;
}

async fn a_day_has_its_requests_and_ends_at_midnight(app: App) {
    let key = limited(&app, 1000, 2).await;
    for _ in 0..2 {
        assert_eq!(ask_self(&app, &key).await.status(), 200);
    }
    let answer = ask_self(&app, &key).await;
    // 10:32 in Chengdu: 13 hours and 28 minutes to midnight.
    assert_eq!(answer.headers()["retry-after"], (13 * 3600 + 28 * 60).to_string().as_str());
    refused(problem(answer).await, 429, "quota-day");
    app.clock.advance(Duration::hours(13) + Duration::minutes(28));
    assert_eq!(ask_self(&app, &key).await.status(), 200);
    app.stop().await;
}

/// Visitors of the same address have used up theirs; who signs is served all the same.
async fn a_key_is_counted_and_not_its_address(app: App) {
    let key = app.client_key(&[]).await;
    let mut visitor = app.browser();
    let mut met = 200;
    for _ in 0..700 {
        met = visitor.api_get("/api/v1/nowhere").await.status.as_u16();
        if met == 429 {
            break;
        }
    }
    assert_eq!(met, 429);
    assert_eq!(ask_self(&app, &key).await.status(), 200);
    app.stop().await;
}
