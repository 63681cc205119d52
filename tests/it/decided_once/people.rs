//! Decisions about people: declarations, certificates, appeals, findings, claims.

use super::{Doing, counted, is_done_once, is_one_of_two, is_read_whole, is_shown_first, key, tells};
use crate::codes::appeals::{CONTACT, appeal};
use crate::codes::ends::{action, red};
use crate::codes::{DOCUMENT, declared_resident, resident_with_document};
use crate::declarations::{declare, issue};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use fugong::access::Role;
use reqwest::Method;
use serde_json::json;

on_both!(
    a_declaration,
    a_certificate,
    an_appeal,
    a_finding,
    an_end_of_a_finding,
    several_declarations_at_once,
);

const COUNTY: &str = "511621";
const WHY: (&str, &str) = ("reason", "住址写得不全");
const WAY: (&str, &str) = ("remedy", "补上以后再申报");

/// The version that a page sends with its decision.
async fn version(b: &mut Browser, path: &str) -> String {
    b.get(path).await.expect(200).input("version").unwrap()
}

async fn a_declaration(app: App) {
    let mut b = app.resident("13600008841").await;
    let number = declare(&mut b, "孙七", "360426199101010071").await;
    let path = format!("/desk/declarations/{number}");
    let mut one = app.official(Role::VillageWorker, COUNTY).await;
    let mut two = app.official(Role::VillageWorker, COUNTY).await;
    let seen = version(&mut one, &path).await;
    version(&mut two, &path).await;
    let fields = [("action", "return"), ("version", &seen), WHY, ("items", "补上门牌号\n补上单元号")];
    let (action, message) = ("declaration.return", Some("declaration-returned"));
    let doing = Doing { path: &path, fields: &fields, action, message };
    is_shown_first(&app, &mut one, &doing, "有2项要改").await;
    is_read_whole(&app, &mut one, &doing, "reason").await;
    let many = "一项\n".repeat(51);
    let more = [("action", "return"), ("version", seen.as_str()), WHY, ("items", many.as_str())];
    one.post(&path, &more).await.expect(422).shows("最多 50 项").shows("href=\"#items\"").shows(&many);
    let none = [("action", "return"), WHY, ("items", "补上门牌号")];
    one.post(&path, &none).await.expect(422).shows("href=\"#version\"");
    is_done_once(&app, &mut one, &doing).await;
    // A stale page, and a program, are told what changed, when, by which office, and how it stands now.
    tells(two.post(&path, &fields).await, &doing).shows("退回补正").shows("重新打开这份申报");
    let api = format!("/api/v1/desk/declarations/{number}/actions/check");
    let late = two.api(Method::POST, &api, &json!({"version": seen.parse::<i64>().unwrap()})).await;
    let told = late.expect(409).json();
    assert_eq!(told["type"], "urn:fugong:problem:changed-meanwhile");
    assert_eq!(
        (&told["state"], &told["version"]),
        (&"returned".into(), &json!(seen.parse::<i64>().unwrap() + 1))
    );
    assert!(told["changes"][0]["office"].as_str().unwrap().ends_with("测试单位"), "{told}");
    assert_eq!(told["changes"][0]["at"], "2020-03-12T02:32:00Z");
    two.lang = "en";
    let late = two.post(&path, &fields).await.expect(409);
    late.shows("Someone else was first").shows("What you had written").shows("Office of");
    // Of a program the limits are the same, told by the same names.
    let long = json!({"version": 1, "reason": "长".repeat(2001), "items": vec!["一"; 51]});
    let api = format!("/api/v1/desk/declarations/{number}/actions/return");
    let wrong = two.api(Method::POST, &api, &long).await.expect(422).json();
    let told: Vec<(&str, &str)> = wrong["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["field"].as_str().unwrap(), e["code"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("reason", "text-too-long"), ("items", "items-too-many")]);
    app.stop().await;
}

async fn several_declarations_at_once(app: App) {
    let mut b = app.resident("13600008842").await;
    let number = declare(&mut b, "孙七", "360426199101010071").await;
    let mut one = app.official(Role::VillageWorker, COUNTY).await;
    let seen = version(&mut one, &format!("/desk/declarations/{number}")).await;
    let (row, key) = (format!("{number}@{seen}"), key());
    let fields = [("case", row.as_str()), ("_once", key.as_str())];
    let doing = Doing {
        path: "/desk/declarations/check",
        fields: &fields,
        action: "declaration.check",
        message: None,
    };
    let mut tab = one.tab();
    let (a, b) = futures_util::join!(one.post(doing.path, &fields), tab.post(doing.path, &fields));
    a.expect(200).shows("已核对").hides("有人改过");
    b.expect(200).shows("已核对").hides("有人改过");
    assert_eq!(counted(&app, &doing).await.0, 1);
    let many = vec![("case", row.as_str()); 51];
    one.post(doing.path, &many).await.expect(422).shows("最多 50 项");
    app.stop().await;
}

async fn a_certificate(app: App) {
    let mut b = app.resident("13600008843").await;
    let number = declare(&mut b, "孙七", "360426199101010071").await;
    issue(&app, &number).await;
    let held = b.api_get("/api/v1/certificates").await.expect(200).json();
    let page = format!("/desk/certificates/{}", held[0]["number"].as_str().unwrap());
    let path = format!("{page}/revoke");
    let mut one = app.official(Role::Doctor, COUNTY).await;
    let mut two = app.official(Role::Doctor, COUNTY).await;
    let seen = version(&mut one, &page).await;
    version(&mut two, &page).await;
    let fields = [("version", seen.as_str()), WHY, WAY];
    let (action, message) = ("certificate.revoke", Some("certificate-revoked"));
    let doing = Doing { path: &path, fields: &fields, action, message };
    is_shown_first(&app, &mut one, &doing, "已被签发单位撤销").await;
    is_read_whole(&app, &mut one, &doing, "remedy").await;
    is_done_once(&app, &mut one, &doing).await;
    tells(two.post(&path, &fields).await, &doing).shows("撤销返岗证明").shows("已撤销");
    app.stop().await;
}

async fn an_appeal(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    red(&app).await;
    let path = format!("/desk/appeals/{}", appeal(&mut b, CONTACT).await);
    let mut one = app.official(Role::AppealReviewer, COUNTY).await;
    let mut two = app.official(Role::AppealReviewer, COUNTY).await;
    let seen = version(&mut one, &path).await;
    version(&mut two, &path).await;
    let fields = [("action", "uphold"), ("version", seen.as_str()), WHY, WAY];
    let doing =
        Doing { path: &path, fields: &fields, action: "appeal.uphold", message: Some("appeal-upheld") };
    is_shown_first(&app, &mut one, &doing, "短信").await;
    is_read_whole(&app, &mut one, &doing, "reason").await;
    is_one_of_two(&app, &mut one, &mut two, &doing).await.shows("维持颜色");
    app.stop().await;
}

async fn a_finding(app: App) {
    resident_with_document(&app, "13800000001").await;
    let mut first = app.official(Role::ColourOfficer, COUNTY).await;
    first.get("/desk/records/new").await.expect(200);
    let finding = [
        ("doc_kind", "id_card"),
        ("doc_number", DOCUMENT),
        ("kind", "close_contact"),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", "10"),
        ("source", "县疾控中心流调报告"),
    ];
    let entered =
        Doing { path: "/desk/records/new", fields: &finding, action: "record.enter", message: None };
    is_done_once(&app, &mut first, &entered).await;
    let mut one = app.official(Role::ColourOfficer, COUNTY).await;
    let mut two = app.official(Role::ColourOfficer, COUNTY).await;
    let list = one.get("/desk/records").await.expect(200);
    two.get("/desk/records").await.expect(200);
    let path = format!("{}/decide", action(&list.body, "/desk/records"));
    let fields = [("decision", "confirm")];
    let (action, message) = ("record.confirm", Some("health-record"));
    let doing = Doing { path: &path, fields: &fields, action, message };
    is_shown_first(&app, &mut one, &doing, "短信").await;
    is_done_once(&app, &mut one, &doing).await;
    tells(two.post(&path, &fields).await, &doing).shows("已确认");
    let refused = [("decision", "refuse"), WHY];
    tells(two.post(&path, &refused).await, &Doing { fields: &refused, ..doing });
    // Whoever may not see it learns nothing of it, and whoever sends nothing that can be read is told first that it is late.
    two.post(&path, &[("decision", "refuse"), ("reason", " ")]).await.expect(409).shows("已确认");
    let mut elsewhere = app.official(Role::ColourOfficer, "510107").await;
    elsewhere.get("/desk/records").await.expect(200);
    elsewhere.post(&path, &fields).await.expect(404);
    app.stop().await;
}

async fn an_end_of_a_finding(app: App) {
    declared_resident(&app, "13800000001").await;
    let (mut first, mut one) = red(&app).await;
    let find = [("doc_kind", "id_card"), ("doc_number", DOCUMENT)];
    let found = first.post("/desk/records/find", &find).await.expect(200);
    let enter = format!("{}/end", action(&found.body, "/desk/records"));
    let entered = Doing { path: &enter, fields: &[WHY], action: "record.end-enter", message: None };
    is_read_whole_and_once(&app, &mut first, &entered).await;
    let mut two = app.official(Role::ColourOfficer, COUNTY).await;
    let list = one.get("/desk/records").await.expect(200);
    two.get("/desk/records").await.expect(200);
    let path = format!("{}/decide", action(&list.body, "/desk/record-ends"));
    let fields = [("decision", "refuse"), WHY];
    let doing = Doing { path: &path, fields: &fields, action: "record.end-refuse", message: None };
    one.post(&path, &[&fields[..], &[("preview", "1")]].concat())
        .await
        .expect(200)
        .shows("不会给任何人发消息");
    is_one_of_two(&app, &mut one, &mut two, &doing).await.shows("没有确认");
    app.stop().await;
}

/// Of an entry that nobody is told about there is no preview.
async fn is_read_whole_and_once(app: &App, b: &mut Browser, doing: &Doing<'_>) {
    let long = "长".repeat(2001);
    b.post(doing.path, &[("reason", &long)]).await.expect(422).shows("最多 2000 个字").shows(&long);
    is_done_once(app, b, doing).await;
}
