//! Who decides an appeal, and by how many: not whom the resident chooses, and never one alone what two officers found.

use crate::codes::appeals::{CONTACT, appeal, decide, second_word, tested};
use crate::codes::ends::{NO, YES, action, end, red};
use crate::codes::{DOCUMENT, declared_resident, resident_with_document, state};
use crate::declarations::declare;
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::declared::{self, healthy};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::{code_appeals, code_waivers, health_records, record_ends};
use fugong::identity::divisions;
use reqwest::Method;
use serde_json::json;

on_both!(
    a_corrected_address_does_not_choose_who_decides,
    a_declared_cause_goes_to_the_accepted_address,
    one_reviewer_alone_ends_no_finding,
    what_a_second_officer_refuses_goes_to_another_reviewer,
    an_end_that_waits_already_becomes_the_appeals,
    what_was_decided_is_decided_again_with_something_new_only,
    a_person_sends_five_appeals_a_day,
);

const COUNTY: &str = "511621";
/// A county of another prefecture.
const ELSEWHERE: &str = "512021";

const OVERTURN: &[(&str, &str)] = &[("action", "overturn"), ("reason", "考勤记录证明当天不在本县。")];
const UPHOLD: &[(&str, &str)] =
    &[("action", "uphold"), ("reason", "监控录像显示同桌。"), ("remedy", "可以申请行政复议。")];

async fn lies_in(app: &App, number: &str) -> String {
    let number = number.to_owned();
    let found = app.deps.store.read(move |c| {
        let one = code_appeals::table.filter(code_appeals::number.eq(number));
        Ok(one.select(code_appeals::division).first::<String>(c)?)
    });
    found.await.unwrap()
}

async fn counting(app: &App) -> i64 {
    let left = app.deps.store.read(|c| {
        Ok(health_records::table.filter(health_records::ended_at.is_null()).count().get_result(c)?)
    });
    left.await.unwrap()
}

/// Says by a correction that one is in a town of the other county, which nobody has accepted.
async fn move_away(b: &mut Browser, number: &str) {
    let town = divisions().children(ELSEWHERE.parse().unwrap()).first().unwrap().code.to_string();
    let path = format!("/api/v1/declarations/{number}");
    let version = b.api_get(&path).await.expect(200).json()["version"].clone();
    let patch = json!({"version": version, "answers": {"present": {"division": town, "address": "5 号"}}});
    b.api(Method::PATCH, &path, &patch).await.expect(200);
}

/// The abuse: red by a finding of two officers, somebody moves on paper to where a reviewer is a friend.
async fn a_corrected_address_does_not_choose_who_decides(app: App) {
    let mut b = app.resident("13800000001").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    app.drain().await;
    red(&app).await;
    assert_eq!(state(&mut b).await, "red");
    move_away(&mut b, &number).await;
    app.drain().await;
    let number = appeal(&mut b, CONTACT).await;
    assert_eq!(lies_in(&app, &number).await, COUNTY, "where it was found");
    let path = format!("/desk/appeals/{number}");
    let mut friend = app.official(Role::AppealReviewer, ELSEWHERE).await;
    friend.get(&path).await.expect(404);
    let forced = [OVERTURN, &[("version", "1")]].concat();
    friend.post(&path, &forced).await.expect(404);
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    reviewer.get(&path).await.expect(200).shows("县疾控中心流调报告");
    assert_eq!(state(&mut b).await, "red");
    app.stop().await;
}

async fn a_declared_cause_goes_to_the_accepted_address(app: App) {
    let mut b = app.resident("13800000001").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    let path = format!("/api/v1/declarations/{number}");
    let version = b.api_get(&path).await.expect(200).json()["version"].clone();
    let cough = json!({"version": version, "answers": {"symptoms": ["cough"]}});
    b.api(Method::PATCH, &path, &cough).await.expect(200);
    move_away(&mut b, &number).await;
    app.drain().await;
    assert_eq!(state(&mut b).await, "yellow");
    // Nobody has accepted anything: what was stated first counts, not the correction.
    let offered = b.get("/code/appeal").await.expect(200).body;
    let cause = cause(&offered, "yellow.self-report");
    let first = appeal(&mut b, &cause).await;
    assert_eq!(lies_in(&app, &first).await[..6], *COUNTY);
    let version = b.get(&format!("/code/appeals/{first}")).await.expect(200).input("version").unwrap();
    let back = format!("/code/appeals/{first}/withdraw");
    b.post(&back, &[("version", &version)]).await.leads_to("/code/appeals/");
    // The village worker accepts the new address: from then on it is the one.
    let mut worker = app.official(Role::VillageWorker, "510000").await;
    let checked = [("action", "check")];
    crate::declarations::decide(&mut worker, &number, &checked).await.leads_to("/desk/declarations/");
    app.drain().await;
    let second = appeal(&mut b, "yellow.self-report").await;
    assert_eq!(lies_in(&app, &second).await[..6], *ELSEWHERE);
    app.stop().await;
}

/// The name of the first cause of a rule that a form offers.
fn cause(page: &str, rule: &str) -> String {
    let from = page.find(&format!("value=\"{rule}:")).expect("the cause is offered") + 7;
    page[from..].split('"').next().unwrap().to_owned()
}

async fn one_reviewer_alone_ends_no_finding(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = red(&app).await;
    let number = appeal(&mut b, CONTACT).await;
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    let path = format!("/desk/appeals/{number}");
    reviewer.get(&path).await.expect(200).shows("须由另一名没有参与的疾控人员确认");
    decide(&mut reviewer, &number, OVERTURN).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!((state(&mut b).await.as_str(), counting(&app).await), ("red", 1), "nothing has ended");
    // The resident, the reviewers and the officers are told how it stands, with the limit.
    let page = b.get(&format!("/code/appeals/{number}")).await.expect(200);
    page.shows("等第二名人员确认").shows("3 月 16 日").shows("考勤记录").hides("撤回申诉");
    b.get("/me").await.expect(200).shows("等第二名人员确认");
    b.get("/me/messages").await.expect(200).shows("复核认为原因不成立");
    assert!(app.deps.sms.sent().iter().any(|m| m.text.contains("等第二人确认")));
    reviewer.get("/desk/appeals").await.expect(200).shows(&number).shows("等第二名人员确认");
    reviewer.get(&path).await.expect(200).shows("待确认记录").hides("name=\"action\"");
    let again = [OVERTURN, &[("version", "2")]].concat();
    reviewer.post(&path, &again).await.expect(409);
    // Who had a part in the finding neither confirms nor refuses what the reviewer said.
    for officer in [&mut first, &mut second] {
        let list = officer.get("/desk/records").await.expect(200).shows(&number).shows("3 月 16 日");
        let waits = format!("{}/decide", action(&list.body, "/desk/record-ends"));
        officer.get(&waits).await.expect(200).shows("这一项来自申诉").hides("name=\"decision\"");
        officer.post(&waits, YES).await.expect(409).shows("没有参与");
        officer.post(&waits, NO).await.expect(409).shows("没有参与");
    }
    app.drain().await;
    assert_eq!(state(&mut b).await, "red");
    second_word(&app, YES).await;
    assert_eq!((state(&mut b).await.as_str(), counting(&app).await), ("green", 0));
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("原因已撤销");
    b.get("/me/messages").await.expect(200).shows("申诉已决定：原因已撤销");
    reviewer.get("/desk/appeals").await.expect(200).hides(&number);
    let waived = app.deps.store.read(|c| Ok(code_waivers::table.count().get_result::<i64>(c)?));
    assert_eq!(waived.await.unwrap(), 0, "what two officers may find later is not set aside beforehand");
    app.stop().await;
}

async fn what_a_second_officer_refuses_goes_to_another_reviewer(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    let number = appeal(&mut b, CONTACT).await;
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut reviewer, &number, OVERTURN).await.leads_to("/desk/appeals");
    app.drain().await;
    second_word(&app, NO).await;
    assert_eq!((state(&mut b).await.as_str(), counting(&app).await), ("red", 1));
    let mine = format!("/code/appeals/{number}");
    b.get(&mine).await.expect(200).shows("由另一名复核人员决定").shows("当天他在<外地>出差");
    b.get("/me/messages").await.expect(200).shows("第二名人员没有确认");
    // The first reviewer has had a word; another one decides, and then two came to the same.
    let path = format!("/desk/appeals/{number}");
    reviewer.get(&path).await.expect(200).shows("已经决定过一次").hides("name=\"action\"");
    let forced = [OVERTURN, &[("version", "3")]].concat();
    reviewer.post(&path, &forced).await.expect(409).shows("其他复核人员");
    let mut other = app.official(Role::AppealReviewer, COUNTY).await;
    other.get("/desk/appeals").await.expect(200).shows(&number);
    other.get(&path).await.expect(200).shows("当天他在<外地>出差").shows("考勤记录证明");
    let again = [("action", "overturn"), ("reason", "出差是另一天。")];
    decide(&mut other, &number, &again).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!((state(&mut b).await.as_str(), counting(&app).await), ("green", 0));
    b.get(&mine).await.expect(200).shows("考勤记录证明").shows("当天他在<外地>出差").shows("出差是另一天");
    let open = app.deps.store.read(|c| {
        let open = record_ends::table.filter(record_ends::state.eq("open"));
        Ok(open.count().get_result::<i64>(c)?)
    });
    assert_eq!(open.await.unwrap(), 0);
    app.stop().await;
}

async fn an_end_that_waits_already_becomes_the_appeals(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = red(&app).await;
    let find = [("doc_kind", "id_card"), ("doc_number", DOCUMENT)];
    first.get("/desk/records").await.expect(200);
    let found = first.post("/desk/records/find", &find).await.expect(200);
    let end_of = format!("{}/end", action(&found.body, "/desk/records"));
    first.get(&end_of).await.expect(200);
    first.post(&end_of, &[("reason", "核实不在现场")]).await.leads_to("/desk/records");
    let number = appeal(&mut b, CONTACT).await;
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut reviewer, &number, OVERTURN).await.leads_to("/desk/appeals");
    let waits = action(&second.get("/desk/records").await.expect(200).body, "/desk/record-ends");
    second.post(&format!("{waits}/decide"), YES).await.expect(409).shows("没有参与");
    first.post(&format!("{waits}/decide"), NO).await.expect(409).shows("没有参与");
    second_word(&app, YES).await;
    assert_eq!(state(&mut b).await, "green");
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("原因已撤销");
    app.stop().await;
}

async fn what_was_decided_is_decided_again_with_something_new_only(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = red(&app).await;
    let cause = cause(&b.get("/code/appeal").await.expect(200).body, CONTACT);
    let number = appeal(&mut b, CONTACT).await;
    b.get("/code/appeal").await.expect(200).shows(&number).hides("name=\"reason\"");
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut reviewer, &number, UPHOLD).await.leads_to("/desk/appeals");
    app.drain().await;
    app.clock.advance(Duration::minutes(1));
    // Nothing new: the page says so, and what way is open.
    let page = b.get("/code/appeal").await.expect(200).shows("已经决定过的原因").shows(&number);
    page.shows("60 日内申请行政复议").shows("tel:12345").hides("name=\"reason\"");
    b.post("/code/appeal", &[("cause", &cause), ("reason", "换个说法")]).await.expect(422);
    b.post("/language", &[("lang", "en"), ("next", "/code/appeal")]).await.leads_to("/code/appeal");
    let page = b.get("/code/appeal").await.expect(200).shows("nothing new has become known");
    page.shows("administrative review within 60 days");
    b.post("/language", &[("lang", "zh-CN"), ("next", "/code/appeal")]).await.leads_to("/code/appeal");
    // A test that was taken since is something new.
    tested(&app).await;
    let again = appeal(&mut b, CONTACT).await;
    assert_ne!(again, number);
    decide(&mut reviewer, &again, UPHOLD).await.leads_to("/desk/appeals");
    app.clock.advance(Duration::minutes(1));
    b.get("/code/appeal").await.expect(200).hides("name=\"reason\"");
    // So is another finding, and its end.
    crate::codes::ends::contact(&app, &mut first, &mut second, "4").await;
    b.get("/code/appeal").await.expect(200).shows("name=\"reason\"").hides("已经决定过的原因");
    end(&mut first, &mut second).await;
    app.drain().await;
    app.stop().await;
}

async fn a_person_sends_five_appeals_a_day(app: App) {
    let (mut b, person) = resident_with_document(&app, "13800000001").await;
    let mut coughing = healthy(app.clock.now());
    coughing.declaration.symptoms = vec!["cough".into()];
    declared::state(person, coughing);
    crate::codes::evaluate(&app, person).await;
    for _ in 0..5 {
        let number = appeal(&mut b, "yellow.self-report").await;
        let path = format!("/code/appeals/{number}");
        let version = b.get(&path).await.expect(200).input("version").unwrap();
        b.post(&format!("{path}/withdraw"), &[("version", &version)]).await.leads_to(&path);
    }
    let said = [("cause", "yellow.self-report"), ("reason", "我写的<理由>")];
    let kept = b.post("/code/appeal", &said).await.expect(422);
    kept.shows("24 小时内最多提交 5 次申诉").shows("我写的<理由>");
    app.clock.advance(Duration::hours(25));
    let mut b = app.resident("13800000001").await;
    crate::codes::evaluate(&app, person).await;
    appeal(&mut b, "yellow.self-report").await;
    app.drain().await;
    app.stop().await;
}
