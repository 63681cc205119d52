//! So much one person sends in a day, whichever way; nothing that was typed is lost, tomorrow it goes on, and the counter
//! takes what cannot wait.

use super::entered::enter;
use super::*;
use crate::harness::browser::Answer;
use chrono::Duration;

on_both!(
    the_twenty_first_of_a_day_is_refused_and_tomorrow_takes_it,
    withdrawing_and_declaring_anew_is_no_way_round,
    what_staff_write_down_is_not_counted,
);

const MOST: usize = 20;
const PHONE: &str = "13600008861";

async fn first(b: &mut Browser) -> Answer {
    b.get("/declare").await.expect(200);
    b.api(Method::POST, "/api/v1/declarations", &body("郑十")).await
}

fn at(made: &Value) -> String {
    format!("/api/v1/declarations/{}", made["number"].as_str().unwrap())
}

async fn correct(b: &mut Browser, made: &Value, nth: usize) -> Answer {
    let answers = json!({"present": {"address": format!("{nth} 号")}});
    b.api(Method::PATCH, &at(made), &json!({"version": made["version"], "answers": answers})).await
}

async fn withdraw(b: &mut Browser, made: &Value) {
    let path = format!("{}/withdraw", at(made));
    b.api(Method::POST, &path, &json!({"version": made["version"]})).await.expect(200);
}

/// A declaration and as many corrections as there can be.
async fn used_up(b: &mut Browser) -> Value {
    let mut made = first(b).await.expect(201).json();
    for nth in 1..MOST {
        made = correct(b, &made, nth).await.expect(200).json();
    }
    made
}

fn wait(refused: &Answer) -> i64 {
    refused.headers.get("retry-after").expect("when to come back").to_str().unwrap().parse().unwrap()
}

/// A correction by the pages, up to the last one; gives its version.
async fn begun(b: &mut Browser, made: &Value) -> String {
    let page = format!("/declarations/{}", made["number"].as_str().unwrap());
    b.get(&page).await.expect(200);
    b.post(&format!("{page}/correct"), &[]).await.leads_to("/declare/check");
    b.get("/declare/travel").await.expect(200);
    b.post("/declare/travel", &[("travelled", "no"), ("change", "1")]).await.leads_to("/declare/check");
    b.get("/declare/check").await.expect(200).hides("今天不能再提交").input("version").unwrap()
}

async fn the_twenty_first_of_a_day_is_refused_and_tomorrow_takes_it(app: App) {
    let mut b = app.resident(PHONE).await;
    let made = used_up(&mut b).await;
    let refused = correct(&mut b, &made, 99).await.expect(429);
    assert_eq!(refused.problem(), "declarations-today");
    assert_eq!(wait(&refused), (13 * 60 + 28) * 60 + 1, "it is 10:32");
    refused.shows("服务点").shows("明天 0:00");
    let version = begun(&mut b, &made).await;
    let sent = [("version", version.as_str()), ("truth", "yes"), ("share", "no")];
    let refused = b.post("/declare/submit", &sent).await.expect(429);
    let left = wait(&refused);
    assert_eq!(left, (13 * 60 + 28) * 60 + 1);
    let refused = refused.shows("今天不能再提交了").shows("服务点").shows("撤回");
    refused.shows("id=\"truth\" value=\"yes\" checked");
    b.lang = "en";
    b.post("/declare/submit", &sent).await.expect(429).shows("Nothing more can be sent today");
    b.lang = "zh-CN";
    assert_eq!(b.api_get(&at(&made)).await.expect(200).json()["version"], made["version"]);
    b.get("/declarations").await.expect(200).shows("没填完");
    // Somebody else is not held up.
    let mut other = app.resident("13600008862").await;
    declare(&mut other, "李小梅", "11010519491231002X").await;

    app.clock.advance(Duration::seconds(left));
    let mut b = app.resident(PHONE).await;
    b.get("/declare/check").await.expect(200).hides("今天不能再提交");
    let page = format!("/declarations/{}", made["number"].as_str().unwrap());
    b.post("/declare/submit", &sent).await.leads_to(&page);
    let now = b.api_get(&at(&made)).await.expect(200).json();
    assert_eq!(now["answers"]["travel"], json!([]));
    correct(&mut b, &now, 1).await.expect(200);
    app.stop().await;
}

async fn withdrawing_and_declaring_anew_is_no_way_round(app: App) {
    let mut b = app.resident(PHONE).await;
    for _ in 0..MOST {
        let made = first(&mut b).await.expect(201).json();
        withdraw(&mut b, &made).await;
    }
    assert_eq!(first(&mut b).await.expect(429).problem(), "declarations-today");
    // A minute before midnight as well, and not a minute after it.
    app.clock.advance(Duration::minutes(13 * 60 + 27));
    let mut b = app.resident(PHONE).await;
    assert_eq!(wait(&first(&mut b).await.expect(429)), 61);
    app.clock.advance(Duration::minutes(2));
    first(&mut b).await.expect(201);
    app.stop().await;
}

async fn what_staff_write_down_is_not_counted(app: App) {
    let mut b = app.resident(PHONE).await;
    let made = used_up(&mut b).await;
    correct(&mut b, &made, 99).await.expect(429);
    // As the text says: the one in progress is withdrawn, and the counter takes the next.
    enter(&app, "郑十").await.expect(422);
    withdraw(&mut b, &made).await;
    enter(&app, "郑十").await.leads_to("/desk/receipts/HZ");
    app.stop().await;
}
