//! Comments: between officials, or to the person. One between officials never reaches the person, by no way.

use crate::codes::appeals::{CONTACT, appeal};
use crate::codes::declared_resident;
use crate::codes::ends::red;
use crate::declarations::declare;
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use crate::reopening::{COUNTY, TOWN, risk, submitted};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::{audit_entries, case_comments, inbox, outbox};
use reqwest::Method;
use serde_json::json;

on_both!(
    an_internal_comment_on_an_appeal_never_reaches_its_person,
    a_comment_on_a_declaration_is_told_once,
    a_comment_on_an_application_is_told_to_whoever_filed_it,
    what_is_wrong_with_a_comment_is_said_and_nothing_is_lost,
    in_the_own_case_nothing_is_read_or_written,
    nobody_comments_on_a_case_of_another_place,
);

const INTERNAL: &str = "内部：先核对<考勤>记录";
const TO_PERSON: &str = "请带 3 月 10 日的考勤记录来一趟。";

/// Where a kind of case has its pages and calls.
struct Place {
    desk: String,
    desk_api: String,
    mine: String,
    mine_api: String,
}

impl Place {
    fn of(desk: &str, mine: &str, api: &str, number: &str) -> Self {
        Self {
            desk: format!("/desk/{desk}/{number}"),
            desk_api: format!("/api/v1/desk/{desk}/{number}/comments"),
            mine: format!("{mine}/{number}"),
            mine_api: format!("/api/v1/{api}/{number}/comments"),
        }
    }
}

async fn comments(app: &App) -> i64 {
    let count = app.deps.store.read(|conn| Ok(case_comments::table.count().get_result(conn)?));
    count.await.unwrap()
}

/// Messages about comments: in the inbox, and on their way.
async fn told(app: &App) -> (i64, i64) {
    let counts = app.deps.store.read(|conn| {
        let here = inbox::table.filter(inbox::message.eq("case-comment")).count().get_result(conn)?;
        let away = outbox::table.filter(outbox::message.eq("case-comment")).count().get_result(conn)?;
        Ok((here, away))
    });
    counts.await.unwrap()
}

/// Both kinds of comment are written, and only the one for the person reaches them: page, call, copy of the data, messages.
async fn both_kinds(app: &App, b: &mut Browser, desk: &mut Browser, place: &Place) {
    let page = desk.get(&place.desk).await.expect(200).shows("仅同事可见");
    let once = page.input("_once").unwrap();
    let fields = [("audience", "internal"), ("comment", INTERNAL), ("_once", once.as_str())];
    let path = format!("{}/comments", place.desk);
    desk.post(&path, &fields).await.leads_to(&place.desk);
    desk.post(&path, &fields).await.leads_to(&place.desk);
    assert_eq!(comments(app).await, 1, "a double click is one comment");
    assert_eq!(told(app).await, (0, 0));
    let before = desk.api_get(&place.desk_api).await.expect(200).json();
    assert_eq!(before["comments"][0]["audience"], "internal");
    assert_eq!(before["comments"][0]["text"], INTERNAL);
    desk.api(Method::POST, &place.desk_api, &json!({"audience": "person", "text": TO_PERSON}))
        .await
        .expect(204);
    assert_eq!(told(app).await.0, 1);
    let page = desk.get(&place.desk).await.expect(200).shows("考勤记录来一趟").shows(INTERNAL);
    assert!(page.body.contains("先核对&lt;考勤&gt;记录"), "what was written is text");
    assert!(page.body.find("来一趟") < page.body.find("先核对"), "the newest first");
    // What the person gets.
    b.get(&place.mine).await.expect(200).shows("考勤记录来一趟").hides("先核对").hides("李经办");
    let mine = b.api_get(&place.mine_api).await.expect(200).hides("先核对").hides("李经办").json();
    assert_eq!(mine["comments"].as_array().unwrap().len(), 1);
    assert_eq!(mine["comments"][0]["text"], TO_PERSON);
    b.get("/me/data/download").await.expect(200).shows("考勤记录来一趟").hides("先核对");
    app.drain().await;
    let sent = app.deps.sms.sent().into_iter().chain(app.deps.mail.sent());
    let letters: String = sent.map(|letter| letter.text).collect();
    assert!(!letters.contains("先核对"), "{letters}");
    b.get("/me/messages").await.expect(200).hides("先核对");
}

async fn contested(app: &App) -> (Browser, Browser, String) {
    let (mut b, _) = declared_resident(app, "13800000001").await;
    red(app).await;
    let number = appeal(&mut b, CONTACT).await;
    let reviewer = app.official(Role::AppealReviewer, "511621").await;
    (b, reviewer, number)
}

async fn an_internal_comment_on_an_appeal_never_reaches_its_person(app: App) {
    let (mut b, mut reviewer, number) = contested(&app).await;
    let place = Place::of("appeals", "/code/appeals", "appeals", &number);
    both_kinds(&app, &mut b, &mut reviewer, &place).await;
    let recorded = app.deps.store.read(|conn| {
        let entries = audit_entries::table.filter(audit_entries::action.eq("case.comment"));
        Ok(entries.count().get_result::<i64>(conn)?)
    });
    assert_eq!(recorded.await.unwrap(), 2);
    // A comment overtakes nobody: the version that the reviewer saw before still decides.
    let uphold =
        [("version", "1"), ("action", "uphold"), ("reason", "考勤不符"), ("remedy", "检测阴性后转绿")];
    reviewer.post(&place.desk, &uphold).await.leads_to("/desk/appeals");
    app.stop().await;
}

async fn a_comment_on_a_declaration_is_told_once(app: App) {
    let mut b = app.resident("13800000001").await;
    let number = declare(&mut b, "阿依古丽·买买提江", "360426199101010071").await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let place = Place::of("declarations", "/declarations", "declarations", &number);
    both_kinds(&app, &mut b, &mut worker, &place).await;
    app.stop().await;
}

async fn a_comment_on_an_application_is_told_to_whoever_filed_it(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(&app, &mut b, 2).await;
    let mut town = app.official(Role::TownReviewer, TOWN).await;
    let place = Place::of("applications", "/reopening", "applications", &number);
    both_kinds(&app, &mut b, &mut town, &place).await;
    // Every office of the case reads what the others wrote between themselves.
    let mut county = app.official(Role::CountyDesk, COUNTY).await;
    county.get(&place.desk).await.expect(200).shows("先核对");
    app.stop().await;
}

async fn what_is_wrong_with_a_comment_is_said_and_nothing_is_lost(app: App) {
    let (_, mut reviewer, number) = contested(&app).await;
    let path = format!("/desk/appeals/{number}/comments");
    reviewer.get(&format!("/desk/appeals/{number}")).await.expect(200);
    reviewer
        .post(&path, &[("comment", "写给谁忘了选")])
        .await
        .expect(422)
        .shows("写给谁忘了选")
        .shows("出错");
    reviewer.post(&path, &[("audience", "everybody"), ("comment", "x")]).await.expect(422);
    reviewer.post(&path, &[("audience", "person")]).await.expect(422);
    let long = "长".repeat(2001);
    reviewer.post(&path, &[("audience", "internal"), ("comment", &long)]).await.expect(422).shows(&long);
    let api = format!("/api/v1/desk/appeals/{number}/comments");
    let wrong = reviewer.api(Method::POST, &api, &json!({"audience": "person", "text": " "})).await;
    assert_eq!(wrong.expect(422).json()["errors"][0]["field"], "text");
    assert_eq!(comments(&app).await, 0);
    app.stop().await;
}

async fn in_the_own_case_nothing_is_read_or_written(app: App) {
    let (_, mut reviewer, number) = contested(&app).await;
    let path = format!("/desk/appeals/{number}");
    let internal = [("audience", "internal"), ("comment", INTERNAL)];
    reviewer.get(&path).await.expect(200);
    reviewer.post(&format!("{path}/comments"), &internal).await.leads_to(&path);
    let own = app.official_full(Role::AppealReviewer, "511621").await;
    let mut party = own.browser;
    party.get(&path).await.expect(200).shows("先核对");
    // The same official, once it is on file that they are who appealed.
    let kind = fugong::identity::DocumentKind::IdCard;
    let document = fugong::identity::DocumentNumber::parse_stored(kind, crate::codes::DOCUMENT).unwrap();
    app.is_known(own.official, document, None).await;
    party.get(&path).await.expect(200).hides("先核对");
    party.post(&format!("{path}/comments"), &internal).await.expect(409);
    let read = party.api_get(&format!("/api/v1/desk/appeals/{number}/comments")).await.expect(200).json();
    assert_eq!(read["comments"].as_array().unwrap().len(), 0);
    assert_eq!(comments(&app).await, 1);
    app.stop().await;
}

async fn nobody_comments_on_a_case_of_another_place(app: App) {
    let (mut b, _, number) = contested(&app).await;
    let mut far = app.official(Role::AppealReviewer, "512021").await;
    far.get("/desk/appeals").await.expect(200);
    let fields = [("audience", "internal"), ("comment", "x")];
    far.post(&format!("/desk/appeals/{number}/comments"), &fields).await.expect(404);
    far.api_get(&format!("/api/v1/desk/appeals/{number}/comments")).await.expect(404);
    b.api_get(&format!("/api/v1/desk/appeals/{number}/comments")).await.expect(404);
    let mut other = app.resident("13800000009").await;
    other.api_get(&format!("/api/v1/appeals/{number}/comments")).await.expect(404);
    assert_eq!(comments(&app).await, 0);
    app.stop().await;
}
