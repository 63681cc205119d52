//! SMS are money, and too many of them are read by nobody: what one number or address is sent is bounded, whoever causes it.
//! The inbox keeps everything, one message a day says that there is more, and what tells of danger is not drowned.

use crate::codes::{declared_resident, evaluate};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::declared::{self, healthy};
use crate::on_both;
use crate::programs::{declared as declare, resident};
use chrono::Duration;
use diesel::prelude::*;
use fugong::db::schema::{inbox, outbox};
use fugong::notify::{self, Message, Recipient, sms_parts};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    declaring_and_withdrawing_in_turn_ends_at_the_budget,
    danger_is_told_past_the_budget,
    a_day_has_its_budget_too,
    an_address_has_a_budget,
    codes_come_all_the_same,
);

const MORE: &str = "more-news";
const PHONE: &str = "13800000001";

fn phone() -> Recipient {
    Recipient { phone: Some(format!("+86{PHONE}")), ..Recipient::default() }
}

/// So many messages with the same content, and what goes out.
async fn told(app: &App, to: Recipient, name: &'static str, params: Value, count: usize) {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let message = Message::new(name, params);
    let sent = app
        .deps
        .store
        .write(move |tx| (0..count).try_for_each(|_| notify::send(tx, &keys, &to, &message, now)));
    sent.await.unwrap();
    app.drain().await;
}

async fn news(app: &App, to: Recipient, count: usize) {
    told(app, to, "delivery-check", json!({"code": "482913"}), count).await;
}

/// How many SMS of a kind, or of all, have gone to a number.
fn sms(app: &App, number: &str, kind: Option<&str>) -> usize {
    let sent = app.deps.sms.sent();
    sent.iter().filter(|m| m.to.ends_with(number) && kind.is_none_or(|k| m.message == k)).count()
}

/// How many SMS were queued beside those that say that there is more, and how many letters there are.
async fn queued_and_kept(app: &App) -> (i64, i64) {
    let counted = app.deps.store.read(|c| {
        let queued = outbox::table.filter(outbox::channel.eq("sms")).filter(outbox::message.ne(MORE));
        Ok((queued.count().get_result(c)?, inbox::table.count().get_result(c)?))
    });
    counted.await.unwrap()
}

async fn around(app: &App, who: &mut Browser) {
    let number = declare(who).await;
    app.drain().await;
    let path = format!("/api/v1/declarations/{number}");
    let version = who.api_get(&path).await.expect(200).json()["version"].clone();
    who.api(Method::POST, &format!("{path}/withdraw"), &json!({"version": version})).await.expect(200);
    app.drain().await;
}

async fn declaring_and_withdrawing_in_turn_ends_at_the_budget(app: App) {
    let mut who = resident(&app).await;
    let number = "13600008841";
    for _ in 0..15 {
        around(&app, &mut who).await;
    }
    let (queued, kept) = queued_and_kept(&app).await;
    assert!(queued > 40, "{queued}: what came in, and each change of the colour");
    assert_eq!(queued, kept, "the inbox has all of it");
    assert_eq!(who.api_get("/api/v1/me").await.expect(200).json()["unread"], json!(kept));
    assert_eq!((sms(&app, number, None), sms(&app, number, Some(MORE))), (21, 1));
    let sent = app.deps.sms.sent();
    let more = &sent.iter().find(|m| m.message == MORE).unwrap().text;
    assert!(sms_parts(more) == 1 && more.contains("登录后可看") && more.contains("12345"), "{more}");
    // An hour later there is room again, and it is not said twice in a day that there is more.
    app.clock.advance(Duration::minutes(61));
    for _ in 0..2 {
        around(&app, &mut who).await;
    }
    assert_eq!((sms(&app, number, None), sms(&app, number, Some(MORE))), (27, 1));
    for _ in 0..2 {
        around(&app, &mut who).await;
    }
    assert_eq!((sms(&app, number, None), sms(&app, number, Some(MORE))), (33, 1));
    let (queued, kept) = queued_and_kept(&app).await;
    assert_eq!(queued, kept);
    app.stop().await;
}

async fn danger_is_told_past_the_budget(app: App) {
    let (_, person) = declared_resident(&app, PHONE).await;
    evaluate(&app, person).await;
    news(&app, phone(), 22).await;
    assert_eq!(sms(&app, PHONE, None), 21);
    let mut feverish = healthy(app.clock.now());
    feverish.declaration.temperature_tenths = Some(380);
    declared::state(person, feverish);
    evaluate(&app, person).await;
    app.drain().await;
    assert_eq!(sms(&app, PHONE, Some("code-changed")), 1, "the code turned yellow");
    // Well again: that is news, and there is no room for it.
    declared::state(person, healthy(app.clock.now()));
    evaluate(&app, person).await;
    app.drain().await;
    assert_eq!(sms(&app, PHONE, Some("code-changed")), 1);
    // Nor does one kind of it drown another.
    told(&app, phone(), "email-changed", json!({"what": "changed"}), 8).await;
    assert_eq!(sms(&app, PHONE, Some("email-changed")), 5);
    told(&app, phone(), "phone-changed", json!({"phone": "139 **** 9000"}), 1).await;
    assert_eq!(sms(&app, PHONE, Some("phone-changed")), 1);
    assert_eq!(sms(&app, PHONE, Some(MORE)), 1);
    app.stop().await;
}

async fn a_day_has_its_budget_too(app: App) {
    for _ in 0..5 {
        news(&app, phone(), 22).await;
        news(&app, Recipient { phone: Some("+8613900139000".into()), ..phone() }, 2).await;
        app.clock.advance(Duration::hours(2));
    }
    assert_eq!((sms(&app, PHONE, None), sms(&app, PHONE, Some(MORE))), (41, 1));
    assert_eq!(sms(&app, "13900139000", None), 10, "another number has its own");
    app.clock.advance(Duration::days(1));
    news(&app, phone(), 22).await;
    assert_eq!((sms(&app, PHONE, None), sms(&app, PHONE, Some(MORE))), (62, 2));
    app.stop().await;
}

async fn an_address_has_a_budget(app: App) {
    let to = Recipient { email: Some("wang@example.org".into()), ..Recipient::default() };
    news(&app, to.clone(), 35).await;
    let sent = app.deps.mail.sent();
    let more: Vec<_> = sent.iter().filter(|m| m.message == MORE).collect();
    assert_eq!((sent.len(), more.len()), (31, 1));
    assert!(
        more[0].text.contains("我的消息") && more[0].html.as_ref().unwrap().contains("工作台"),
        "{more:?}"
    );
    // What waits for officials comes from all counties of theirs.
    let case = json!({"number": "FG200312-7K3M9QX2", "business": "王记", "due": "2020-03-20T08:00:00Z",
        "url": "https://x", "province": "四川", "reason": null, "remedy": null, "items": [], "permit": null,
        "permit_until": null, "until": null});
    told(&app, to, "departments-asked", case, 150).await;
    assert_eq!(app.deps.mail.sent().iter().filter(|m| m.message == "departments-asked").count(), 150);
    app.stop().await;
}

async fn codes_come_all_the_same(app: App) {
    news(&app, phone(), 22).await;
    let mut b = app.browser();
    for asked in 1..=3 {
        app.clock.advance(Duration::minutes(2));
        b.get("/sign-in").await.expect(200);
        b.post("/sign-in", &[("phone", PHONE), ("next", "/me")]).await.leads_to("/sign-in/code");
        app.drain().await;
        assert_eq!(sms(&app, PHONE, Some("sign-in-code")), asked);
    }
    // Nor do codes leave less room for the rest.
    app.clock.advance(Duration::minutes(55));
    news(&app, phone(), 20).await;
    assert_eq!(sms(&app, PHONE, Some("delivery-check")), 40);
    app.stop().await;
}
