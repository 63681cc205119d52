//! The human review of a colour: appealed on the page, decided by a reviewer who had no part in it.

use super::ends::{YES, action, contact, red};
use super::{DOCUMENT, declared_resident, evaluate, resident_with_document};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::declared::{self, healthy, stay};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::{assignments, audit_entries, health_records, officials};
use fugong::officials::{NewAssignment, assign};

on_both!(
    a_reviewer_sets_a_finding_aside,
    a_reason_that_holds_is_upheld_with_a_remedy,
    who_had_a_part_decides_nothing,
    a_declared_cause_is_set_aside_until_it_is_declared_again,
    of_two_findings_the_one_that_is_meant_ends,
    of_two_stays_the_one_that_is_meant_is_set_aside,
    what_cannot_be_appealed,
);

pub const CONTACT: &str = "red.close-contact";

async fn state(b: &mut Browser) -> String {
    b.api_get("/api/v1/code").await.expect(200).json()["state"].as_str().unwrap().to_owned()
}

/// Appeals and gives the number.
pub async fn appeal(b: &mut Browser, rule: &str) -> String {
    let page = b.get("/code/appeal").await.expect(200);
    let once = page.input("_once").unwrap();
    let fields = [("cause", rule), ("reason", "那天我在<成都>上班，有考勤记录。"), ("_once", &once)];
    let sent = b.post("/code/appeal", &fields).await.leads_to("/code/appeals/SS");
    let again = b.post("/code/appeal", &fields).await.leads_to("/code/appeals/SS");
    assert_eq!(sent.location(), again.location(), "a double click is one appeal");
    sent.location().rsplit('/').next().unwrap().to_owned()
}

/// What waits for a second officer by an appeal, decided by one who had no part in the finding.
pub async fn second_word(app: &App, decision: &[(&str, &str)]) {
    let mut third = app.official(Role::ColourOfficer, "511621").await;
    let waits = action(&third.get("/desk/records").await.expect(200).body, "/desk/record-ends");
    third.get(&format!("{waits}/decide")).await.expect(200).shows("由复核人员因申诉");
    third.post(&format!("{waits}/decide"), decision).await.leads_to("/desk/second");
    app.drain().await;
}

/// A negative test of the person, of this day: something new.
pub async fn tested(app: &App) {
    let mut doctor = app.official(Role::Doctor, "511621").await;
    let test = [
        ("doc_kind", "id_card"),
        ("doc_number", DOCUMENT),
        ("kind", "nucleic-acid"),
        ("result", "negative"),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", "12"),
        ("source", "县人民医院"),
    ];
    doctor.get("/desk/records/new").await.expect(200);
    doctor.post("/desk/records/new", &test).await.leads_to("/desk/records/new");
    app.drain().await;
}

pub async fn decide(
    b: &mut Browser,
    number: &str,
    fields: &[(&str, &str)],
) -> crate::harness::browser::Answer {
    let path = format!("/desk/appeals/{number}");
    let version = b.get(&path).await.expect(200).input("version").unwrap_or_else(|| "1".into());
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    b.post(&path, &all).await
}

async fn a_reviewer_sets_a_finding_aside(app: App) {
    let (mut b, person) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    assert_eq!(state(&mut b).await, "red");
    b.get("/code").await.expect(200).shows("/code/appeal");
    let page = b.get("/code/appeal").await.expect(200).shows("2 个工作日");
    page.shows("密切接触者");
    b.post("/code/appeal", &[("cause", CONTACT), ("reason", " ")]).await.expect(422).shows("请写理由");
    let long = "长".repeat(501);
    let refused = b.post("/code/appeal", &[("cause", CONTACT), ("reason", &long)]).await.expect(422);
    refused.shows("500").shows(&long);
    let number = appeal(&mut b, CONTACT).await;
    // Thursday 10:32; two working days.
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("申诉已收到").shows("3 月 16 日");
    b.post("/code/appeal", &[("cause", CONTACT), ("reason", "再说一次")]).await.expect(409).shows("已经");
    app.drain().await;
    assert!(app.deps.sms.sent().iter().any(|m| m.text.contains(&number)), "the receipt");
    let mut other = app.resident("13800000003").await;
    other.get(&format!("/code/appeals/{number}")).await.expect(404);

    let mut elsewhere = app.official(Role::AppealReviewer, "510107").await;
    elsewhere.get("/desk/appeals").await.expect(200).hides(&number);
    elsewhere.get(&format!("/desk/appeals/{number}")).await.expect(404);
    let mut reviewer = app.official(Role::AppealReviewer, "511621").await;
    reviewer.get("/desk/appeals").await.expect(200).shows(&number).shows("王**").hides("王小明");
    let path = format!("/desk/appeals/{number}");
    let case = reviewer.get(&path).await.expect(200).shows("在<成都>上班").shows("县疾控中心流调报告");
    case.hides("王小明");
    reviewer.post(&path, &[("action", "overturn"), ("reason", "")]).await.expect(422);
    elsewhere.post(&path, &[("action", "overturn"), ("reason", "x"), ("version", "1")]).await.expect(404);
    let overturn = [("action", "overturn"), ("reason", "考勤记录证明当天<不在>本县。")];
    decide(&mut reviewer, &number, &overturn).await.leads_to("/desk/appeals");
    reviewer
        .post(&path, &[("action", "uphold"), ("reason", "x"), ("remedy", "y"), ("version", "1")])
        .await
        .expect(409);
    app.drain().await;
    assert_eq!(state(&mut b).await, "red", "one reviewer ends nothing");
    second_word(&app, YES).await;
    assert_eq!(state(&mut b).await, "green");
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("<不在>本县").shows("撤销了这一项原因");
    b.get("/me/messages").await.expect(200).shows("申诉已决定：原因已撤销");
    assert!(app.deps.sms.sent().iter().any(|m| m.text.contains("原因已撤销")));
    reviewer.get("/desk/appeals").await.expect(200).hides(&number);
    reviewer.get("/desk/appeals?tab=decided").await.expect(200).shows(&number);
    let left = app.deps.store.read(move |c| {
        let counting = health_records::table.filter(health_records::ended_at.is_null());
        let entries = audit_entries::table
            .filter(audit_entries::subject_id.eq(person))
            .filter(audit_entries::action.like("appeal.%"))
            .order((audit_entries::lane, audit_entries::seq))
            .select(audit_entries::action);
        Ok((counting.count().get_result::<i64>(c)?, entries.load::<String>(c)?))
    });
    let (counting, mut entries) = left.await.unwrap();
    assert_eq!(counting, 0, "the finding has ended");
    entries.dedup();
    for action in ["appeal.submit", "appeal.view", "appeal.propose", "appeal.confirm"] {
        assert!(entries.iter().any(|e| e == action), "{action}: {entries:?}");
    }
    app.stop().await;
}

async fn a_reason_that_holds_is_upheld_with_a_remedy(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    let number = appeal(&mut b, CONTACT).await;
    let mut reviewer = app.official(Role::AppealReviewer, "511600").await;
    // Nobody has decided in time: the worklist says so.
    app.clock.advance(Duration::minutes(10));
    let uphold = [("action", "uphold"), ("reason", "监控录像显示同桌 40 分钟。")];
    decide(&mut reviewer, &number, &uphold).await.expect(422);
    let remedy = ("remedy", "可以向县卫生健康局申请行政复议。");
    decide(&mut reviewer, &number, &[uphold[0], uphold[1], remedy]).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!(state(&mut b).await, "red");
    let one = b.get(&format!("/code/appeals/{number}")).await.expect(200);
    one.shows("同桌 40 分钟").shows("申请行政复议").hides("撤回申诉");
    // With something new another appeal is possible; one that waits too long is marked late.
    app.clock.advance(Duration::minutes(1));
    tested(&app).await;
    let second = appeal(&mut b, CONTACT).await;
    assert_ne!(second, number);
    app.clock.advance(Duration::days(7));
    let mut late = app.official(Role::AppealReviewer, "511621").await;
    late.get("/desk/appeals").await.expect(200).shows("class=\"late\"").shows("已逾期");
    let mut b = app.resident("13800000001").await;
    let page = b.get(&format!("/code/appeals/{second}")).await.expect(200);
    let version = page.input("version").unwrap();
    let path = format!("/code/appeals/{second}/withdraw");
    b.post(&path, &[("version", &version)]).await.leads_to("/code/appeals/");
    b.post(&path, &[("version", &version)]).await.expect(409);
    b.get(&format!("/code/appeals/{second}")).await.expect(200).shows("已撤回");
    app.drain().await;
    app.stop().await;
}

async fn who_had_a_part_decides_nothing(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    let number = appeal(&mut b, CONTACT).await;
    // The officer who confirmed the finding is a reviewer in a second office; so is a colour officer of another county.
    let confirmed = app.deps.store.read(|c| {
        Ok(health_records::table.select(health_records::confirmed_by).first::<Option<fugong::db::Id>>(c)?)
    });
    let officer = confirmed.await.unwrap().unwrap();
    let stranger = app.official_full(Role::ColourOfficer, "510107").await.official;
    for official in [officer, stranger] {
        let now = app.clock.now();
        let token = app.deps.store.write(move |tx| {
            let office = assignments::table
                .filter(assignments::official_id.eq(official))
                .select(assignments::office_id)
                .first(tx.conn())?;
            let division = "511621".parse().unwrap();
            let right = NewAssignment {
                official,
                office,
                role: Role::AppealReviewer,
                division,
                from: now,
                to: None,
                substitute_for: None,
                created_by: None,
            };
            let post = assign(tx, fugong::audit::Actor::Console, &right, now)?;
            use fugong::web::session::{SessionKind, start};
            Ok(start(tx, SessionKind::Official, official, Some(post), "Test", now)?.0)
        });
        let mut reviewer = app.with_session(&token.await.unwrap());
        let path = format!("/desk/appeals/{number}");
        reviewer.get(&path).await.expect(200).shows("你参与过这件事").hides("name=\"action\"");
        let overturn = [("action", "overturn"), ("reason", "x"), ("version", "1")];
        reviewer.post(&path, &overturn).await.expect(409).shows("其他复核人员");
    }
    let mut officer = app.official(Role::ColourOfficer, "511621").await;
    officer.get("/desk/appeals").await.expect(404);
    assert_eq!(state(&mut b).await, "red");
    let known = app.deps.store.read(|c| Ok(officials::table.count().get_result::<i64>(c)?));
    assert!(known.await.unwrap() >= 4);
    app.stop().await;
}

async fn a_declared_cause_is_set_aside_until_it_is_declared_again(app: App) {
    let (mut b, person) = resident_with_document(&app, "13800000001").await;
    let mut coughing = healthy(app.clock.now());
    coughing.declaration.symptoms = vec!["cough".into()];
    declared::state(person, coughing.clone());
    evaluate(&app, person).await;
    let number = appeal(&mut b, "yellow.self-report").await;
    let mut reviewer = app.official(Role::AppealReviewer, "511621").await;
    reviewer.get(&format!("/desk/appeals/{number}")).await.expect(200).shows("没有人录入过记录");
    let overturn = [("action", "overturn"), ("reason", "县医院证明为慢性咽炎。")];
    decide(&mut reviewer, &number, &overturn).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!(state(&mut b).await, "green");
    b.get("/code/why").await.expect(200).shows("申诉");
    app.clock.advance(Duration::days(1));
    coughing.declaration.submitted_at = app.clock.now();
    declared::state(person, coughing);
    evaluate(&app, person).await;
    let mut b = app.resident("13800000001").await;
    assert_eq!(state(&mut b).await, "yellow", "what began after the decision counts");
    app.drain().await;
    app.stop().await;
}

/// The causes that the form offers, in its order.
fn offered(body: &str) -> Vec<String> {
    let radios = body.split("name=\"cause\"").skip(1).filter_map(|rest| rest.split_once("value=\""));
    radios.map(|(_, rest)| rest.split('"').next().unwrap().to_owned()).collect()
}

async fn reasons(b: &mut Browser) -> Vec<String> {
    let code = b.api_get("/api/v1/code").await.expect(200).json();
    let reasons = code["reasons"].as_array().unwrap();
    reasons.iter().map(|r| r["reason"]["zh"].as_str().unwrap().to_owned()).collect()
}

async fn of_two_findings_the_one_that_is_meant_ends(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = red(&app).await;
    contact(&app, &mut first, &mut second, "4").await;
    let page = b.get("/code/appeal").await.expect(200).shows("3 月 4 日").shows("3 月 10 日");
    let [earlier, later] = offered(&page.body).try_into().unwrap();
    assert_ne!(earlier, later, "two findings of one rule are two causes");
    let number = appeal(&mut b, &earlier).await;
    let mut reviewer = app.official(Role::AppealReviewer, "511621").await;
    let case = reviewer.get(&format!("/desk/appeals/{number}")).await.expect(200);
    case.shows("id=\"e-1\"").hides("id=\"e-2\"");
    let overturn = [("action", "overturn"), ("reason", "3 月 4 日不在本县。")];
    decide(&mut reviewer, &number, &overturn).await.leads_to("/desk/appeals");
    second_word(&app, YES).await;
    assert_eq!(state(&mut b).await, "red", "the other finding was never contested");
    let left = reasons(&mut b).await;
    assert!(matches!(left.as_slice(), [one] if one.contains("3 月 10 日")), "{left:?}");
    let ended = app.deps.store.read(|c| {
        let ended = health_records::table.filter(health_records::ended_at.is_not_null());
        Ok(ended.count().get_result::<i64>(c)?)
    });
    assert_eq!(ended.await.unwrap(), 1);
    let number = appeal(&mut b, &later).await;
    decide(&mut reviewer, &number, &overturn).await.leads_to("/desk/appeals");
    second_word(&app, YES).await;
    assert_eq!(state(&mut b).await, "green");
    app.stop().await;
}

async fn of_two_stays_the_one_that_is_meant_is_set_aside(app: App) {
    let (mut b, person) = resident_with_document(&app, "13800000001").await;
    for place in ["420106", "420111"] {
        let (keys, at) = (app.deps.keys.clone(), app.clock.now() - Duration::days(20));
        let set = app.deps.store.write(move |tx| {
            let (place, by) = (place.parse().unwrap(), fugong::audit::Actor::Console);
            fugong::codes::set_risk(tx, &keys, by, place, fugong::policy::Risk::High, at, "公告", at)
        });
        set.await.unwrap();
    }
    let mut travelled = healthy(app.clock.now());
    travelled.travel =
        vec![stay("420106", "2020-03-01", "2020-03-04"), stay("420111", "2020-03-05", "2020-03-08")];
    declared::state(person, travelled);
    evaluate(&app, person).await;
    let page = b.get("/code/appeal").await.expect(200);
    let [first, second] = offered(&page.body).try_into().unwrap();
    let rule = first.split(':').next().unwrap().to_owned();
    let unclear = [("cause", rule.as_str()), ("reason", "没有去过")];
    b.post("/code/appeal", &unclear).await.expect(409).shows("已经不存在");
    let number = appeal(&mut b, &second).await;
    b.get(&format!("/code/appeals/{number}")).await.expect(200).shows("3 月 5 日至 3 月 8 日");
    b.post("/code/appeal", &[("cause", &second), ("reason", "再说一次")]).await.expect(409).shows("已经");
    // The other one can be contested beside it.
    let other = appeal(&mut b, &first).await;
    let mut reviewer = app.official(Role::AppealReviewer, "511621").await;
    let overturn = [("action", "overturn"), ("reason", "车票证明没有去过。")];
    decide(&mut reviewer, &number, &overturn).await.leads_to("/desk/appeals");
    app.drain().await;
    let left = reasons(&mut b).await;
    assert!(matches!(left.as_slice(), [one] if one.contains("3 月 1 日")), "{left:?}");
    decide(&mut reviewer, &other, &overturn).await.leads_to("/desk/appeals");
    app.drain().await;
    assert_eq!(state(&mut b).await, "green");
    app.stop().await;
}

async fn what_cannot_be_appealed(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    b.get("/code/appeal").await.expect(200).shows("现在没有可以申诉的").hides("name=\"reason\"");
    b.post("/code/appeal", &[("cause", CONTACT), ("reason", "x")]).await.expect(409).shows("已经不存在");
    b.post("/code/appeal", &[("cause", ""), ("reason", "x")]).await.expect(422);
    let mut nobody = app.resident("13800000009").await;
    nobody.get("/code/appeal").await.expect(409);
    app.browser().get("/code/appeal").await.leads_to("/sign-in");
    app.stop().await;
}
