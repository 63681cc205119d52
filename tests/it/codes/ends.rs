//! A finding that ends before its day takes two officers, and the person is told why.

use super::{DOCUMENT, declared_resident, evaluate};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use crate::retention::{count, nights};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Id;
use fugong::db::schema::code_states;

on_both!(
    one_officer_cannot_end_a_finding,
    a_refused_end_changes_nothing,
    an_open_finding_is_kept_while_the_person_is_red,
);

const FIND: [(&str, &str); 2] = [("doc_kind", "id_card"), ("doc_number", DOCUMENT)];

/// The second officer's choice.
pub const YES: &[(&str, &str)] = &[("decision", "confirm")];
pub const NO: &[(&str, &str)] = &[("decision", "refuse"), ("reason", "当天他在<外地>出差")];

/// The address of the first thing under `base` that the page names by its identifier.
pub fn action(body: &str, base: &str) -> String {
    let before = format!("\"{base}/");
    let mut named = body.split(&before).skip(1).map(|rest| rest.split(['/', '"']).next().unwrap());
    let id = named.find(|id| id.len() == 36).expect("it is on the page");
    format!("{base}/{id}")
}

async fn state(b: &mut Browser) -> String {
    b.api_get("/api/v1/code").await.expect(200).json()["state"].as_str().unwrap().to_owned()
}

/// A confirmed close contact, and the two officers.
pub async fn red(app: &App) -> (Browser, Browser) {
    let mut first = app.official(Role::ColourOfficer, "511621").await;
    let mut second = app.official(Role::ColourOfficer, "511621").await;
    contact(app, &mut first, &mut second, "10").await;
    (first, second)
}

/// A close contact on a day of March, entered by one officer and confirmed by the other.
pub async fn contact(app: &App, first: &mut Browser, second: &mut Browser, day: &str) {
    found(app, first, second, "close_contact", day).await;
}

/// The same about whoever this document is of: its kind and number.
pub async fn red_about(app: &App, document: (&str, &str)) {
    let mut first = app.official(Role::ColourOfficer, "511621").await;
    let mut second = app.official(Role::ColourOfficer, "511621").await;
    found_about(app, (&mut first, &mut second), document, "close_contact", "10").await;
}

async fn found(app: &App, first: &mut Browser, second: &mut Browser, kind: &str, day: &str) {
    found_about(app, (first, second), ("id_card", DOCUMENT), kind, day).await;
}

async fn found_about(
    app: &App,
    (first, second): (&mut Browser, &mut Browser),
    (doc_kind, doc_number): (&str, &str),
    kind: &str,
    day: &str,
) {
    let finding = [
        ("doc_kind", doc_kind),
        ("doc_number", doc_number),
        ("kind", kind),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", day),
        ("source", "县疾控中心流调报告"),
    ];
    first.get("/desk/records/new").await.expect(200);
    first.post("/desk/records/new", &finding).await.leads_to("/desk/records/new");
    let waits = second.get("/desk/records").await.expect(200);
    second
        .post(&format!("{}/decide", action(&waits.body, "/desk/records")), YES)
        .await
        .leads_to("/desk/second");
    app.drain().await;
}

async fn find(b: &mut Browser) -> Answer {
    b.get("/desk/records").await.expect(200);
    b.post("/desk/records/find", &FIND).await
}

/// The first officer enters the end of the finding, the second confirms it.
pub async fn end(first: &mut Browser, second: &mut Browser) {
    let found = find(first).await.expect(200);
    let end = format!("{}/end", action(&found.body, "/desk/records"));
    first.get(&end).await.expect(200);
    first.post(&end, &[("reason", "核实不在现场")]).await.leads_to("/desk/records");
    let waits = action(&second.get("/desk/records").await.expect(200).body, "/desk/record-ends");
    second.post(&format!("{waits}/decide"), YES).await.leads_to("/desk/second");
}

async fn one_officer_cannot_end_a_finding(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = red(&app).await;
    assert_eq!(state(&mut b).await, "red");
    let mut elsewhere = app.official(Role::ColourOfficer, "510107").await;
    find(&mut elsewhere).await.expect(404).shows("本辖区没有录入过").hides("密切接触者");
    let found = find(&mut first).await.expect(200).shows("密切接触者").shows("王**").hides("王小明");
    let record = action(&found.body, "/desk/records");
    elsewhere.get(&format!("{record}/end")).await.expect(404);
    elsewhere.post(&format!("{record}/end"), &[("reason", "核实不在现场")]).await.expect(404);
    let end = format!("{record}/end");
    first.get(&end).await.expect(200);
    first.post(&end, &[("reason", " ")]).await.expect(422).shows("请写理由");
    let long = "长".repeat(2001);
    first.post(&end, &[("reason", &long)]).await.expect(422).shows("2000").shows(&long);
    first.post(&end, &[("reason", "核实<不在>现场")]).await.leads_to("/desk/records");
    first.post(&end, &[("reason", "再来一次")]).await.expect(409).shows("已经录入");
    app.drain().await;
    assert_eq!(state(&mut b).await, "red", "one officer ends nothing");
    let own = first.get("/desk/records").await.expect(200).shows("你录入的").shows("核实<不在>现场");
    let waits = action(&own.body, "/desk/record-ends");
    first.post(&format!("{waits}/decide"), YES).await.expect(409).shows("另一名工作人员");
    elsewhere.get("/desk/records").await.expect(200).hides("核实<不在>现场");
    elsewhere.post(&format!("{waits}/decide"), YES).await.expect(404);
    elsewhere.post(&format!("{waits}/decide"), NO).await.expect(404);
    second.get("/desk/records").await.expect(200).shows("核实<不在>现场");
    second.post(&format!("{waits}/decide"), YES).await.leads_to("/desk/second");
    second.post(&format!("{waits}/decide"), YES).await.expect(409).shows("已确认");
    app.drain().await;
    assert_eq!(state(&mut b).await, "green");
    assert!(app.deps.sms.sent().iter().any(|m| m.text.contains("已提前结束")));
    b.get("/me/messages").await.expect(200).shows("一条关于你的记录已经结束");
    find(&mut second).await.expect(404);
    app.stop().await;
}

async fn a_refused_end_changes_nothing(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = red(&app).await;
    let found = find(&mut second).await.expect(200);
    let end = format!("{}/end", action(&found.body, "/desk/records"));
    second.get(&end).await.expect(200);
    second.post(&end, &[("reason", "误录")]).await.leads_to("/desk/records");
    find(&mut first).await.expect(200).shows("待另一名人员确认").hides(&end);
    let waits = action(&first.get("/desk/records").await.expect(200).body, "/desk/record-ends");
    first.post(&format!("{waits}/decide"), NO).await.leads_to("/desk/second");
    app.drain().await;
    assert_eq!(state(&mut b).await, "red");
    // Whoever entered it reads why it was refused.
    second.get("/desk/records").await.expect(200).shows("已退回").shows("当天他在<外地>出差");
    // What was refused can be entered anew, by the other one, too.
    first.get(&end).await.expect(200);
    first.post(&end, &[("reason", "核实后确为误录")]).await.leads_to("/desk/records");
    app.stop().await;
}

/// The colour worked out now, and whether the finding is there.
async fn left(app: &App, person: Id) -> (String, i64) {
    evaluate(app, person).await;
    let read = app.deps.store.read(move |c| {
        let colour = code_states::table.find(person).select(code_states::colour).first::<String>(c)?;
        Ok((colour, count(c, "health_records")))
    });
    read.await.unwrap()
}

async fn an_open_finding_is_kept_while_the_person_is_red(app: App) {
    let (_, person) = declared_resident(&app, "13800000001").await;
    let mut first = app.official(Role::ColourOfficer, "511621").await;
    let mut second = app.official(Role::ColourOfficer, "511621").await;
    // A suspicion has no end until somebody excludes it.
    found(&app, &mut first, &mut second, "suspected", "10").await;
    assert_eq!(left(&app, person).await, ("red".into(), 1));
    // Its period is long over, and a colour does not end by forgetting.
    app.clock.advance(Duration::days(400));
    nights(&app).await;
    assert_eq!(left(&app, person).await, ("red".into(), 1));
    let mut first = app.official(Role::ColourOfficer, "511621").await;
    let mut second = app.official(Role::ColourOfficer, "511621").await;
    end(&mut first, &mut second).await;
    app.drain().await;
    assert_eq!(left(&app, person).await, ("unknown".into(), 1));
    // From then on it is kept for its period.
    app.clock.advance(Duration::days(180));
    nights(&app).await;
    assert_eq!(left(&app, person).await.1, 1);
    app.clock.advance(Duration::days(5));
    nights(&app).await;
    let gone = app.deps.store.read(|c| Ok(count(c, "health_records")));
    assert_eq!(gone.await.unwrap(), 0);
    app.stop().await;
}
