//! The page on which a second official decides: it shows who entered what about whom and what comes of it; nothing is
//! decided without a choice, and whoever entered it is told why it was refused.

use super::ends::{NO, YES, action};
use super::{DOCUMENT, declared_resident};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use fugong::access::Role;

on_both!(the_second_officer_sees_all_of_it, a_refusal_is_told_with_its_reason, an_end_shows_that_it_lightens);

const FINDING: [(&str, &str); 12] = [
    ("doc_kind", "id_card"),
    ("doc_number", DOCUMENT),
    ("kind", "same_transport"),
    ("at-year", "2020"),
    ("at-month", "3"),
    ("at-day", "10"),
    ("place", "G318 次 3 号车厢"),
    ("transport", "train"),
    ("until-year", "2020"),
    ("until-month", "3"),
    ("until-day", "23"),
    ("source", "县疾控中心<流调>报告"),
];

async fn enter(b: &mut Browser) {
    b.get("/desk/records/new").await.expect(200);
    b.post("/desk/records/new", &FINDING).await.leads_to("/desk/records/new");
}

async fn waits(b: &mut Browser, base: &str) -> String {
    format!("{}/decide", action(&b.get("/desk/records").await.expect(200).body, base))
}

async fn the_second_officer_sees_all_of_it(app: App) {
    let (mut resident, _) = declared_resident(&app, "13800000001").await;
    resident.api_get("/api/v1/code").await.expect(200);
    let mut first = app.official(Role::ColourOfficer, "511621").await;
    enter(&mut first).await;
    let mut second = app.official(Role::ColourOfficer, "511621").await;
    let list = second.get("/desk/records").await.expect(200).hides("王小明").hides("12:00");
    let path = format!("{}/decide", action(&list.body, "/desk/records"));
    let mut page = second.get(&path).await.expect(200);
    for shown in [
        "录入人",
        "王小明",
        DOCUMENT,
        "与感染者同乘",
        "2020 年 3 月 10 日",
        "G318 次 3 号车厢",
        "火车",
        "2020 年 3 月 23 日",
        "县疾控中心<流调>报告",
        "绿码",
        "红码",
        "不能新开",
    ] {
        page = page.shows(shown);
    }
    page.hides("3 月 10 日 12:00").hides(" checked");
    // Nothing by a single click, and nothing without a reason.
    second.post(&path, &[]).await.expect(422).shows("请选择确认还是退回").shows("王小明");
    let kept = second.post(&path, &[("decision", "refuse"), ("reason", " ")]).await.expect(422);
    kept.shows("请写理由").shows("value=\"refuse\" checked");
    let long = "长".repeat(2001);
    second.post(&path, &[("decision", "refuse"), ("reason", &long)]).await.expect(422).shows(&long);
    // Whoever entered it sees it, and is refused kindly.
    first.get(&path).await.expect(200).shows("你不能自己确认").shows("撤回").hides("value=\"confirm\"");
    first.post(&path, YES).await.expect(409).shows("另一名工作人员");
    let mut elsewhere = app.official(Role::ColourOfficer, "510107").await;
    elsewhere.get(&path).await.expect(404);
    elsewhere.post(&path, &[]).await.expect(404);
    second.post("/language", &[("lang", "en"), ("next", &path)]).await.leads_to(&path);
    let page = second.get(&path).await.expect(200).shows("March 2020");
    page.shows("What confirming brings about");
    second.post(&path, YES).await.leads_to("/desk/second");
    second.get(&path).await.expect(200).shows("Decided").hides("value=\"confirm\"");
    app.drain().await;
    assert_eq!(resident.api_get("/api/v1/code").await.expect(200).json()["state"], "red");
    app.stop().await;
}

async fn a_refusal_is_told_with_its_reason(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut doctor = app.official(Role::Doctor, "511621").await;
    let mut officer = app.official(Role::ColourOfficer, "511621").await;
    let positive = [
        ("doc_kind", "id_card"),
        ("doc_number", DOCUMENT),
        ("kind", "nucleic-acid"),
        ("result", "positive"),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", "12"),
        ("source", "县人民医院"),
    ];
    doctor.get("/desk/records/new").await.expect(200).hides("我录入的");
    doctor.post("/desk/records/new", &positive).await.leads_to("/desk/records/new");
    doctor.get("/desk/records/new").await.expect(200).shows("我录入的").shows("等别人确认");
    let path = waits(&mut officer, "/desk/records").await;
    officer.get(&path).await.expect(200).shows("采样日期").shows("阳性");
    officer.post(&path, NO).await.leads_to("/desk/second");
    let told = doctor.get("/desk/records/new").await.expect(200);
    told.shows("已退回").shows("当天他在<外地>出差").hides("等别人确认");
    // Another's entries are nobody else's list.
    let mut other = app.official(Role::Doctor, "511621").await;
    other.get("/desk/records/new").await.expect(200).hides("当天他在");
    app.stop().await;
}

async fn an_end_shows_that_it_lightens(app: App) {
    let (mut resident, _) = declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = super::ends::red(&app).await;
    assert_eq!(resident.api_get("/api/v1/code").await.expect(200).json()["state"], "red");
    first.get("/desk/records").await.expect(200).shows("已确认");
    let find = [("doc_kind", "id_card"), ("doc_number", DOCUMENT)];
    let found = first.post("/desk/records/find", &find).await.expect(200);
    let end = format!("{}/end", action(&found.body, "/desk/records"));
    first.get(&end).await.expect(200);
    first.post(&end, &[("reason", "核实不在现场")]).await.leads_to("/desk/records");
    let path = waits(&mut second, "/desk/record-ends").await;
    let page = second.get(&path).await.expect(200).shows("核实不在现场").shows("王小明").shows("密切接触者");
    let body = &page.body[page.body.find("确认后的影响").unwrap()..];
    assert!(body.find("红码").unwrap() < body.find("绿码").unwrap(), "{body}");
    // What one entered one may take back, with a reason.
    first.get(&path).await.expect(200).shows("撤回的理由");
    first.post(&path, &[("decision", "refuse")]).await.expect(422).shows("请写理由");
    first.post(&path, NO).await.leads_to("/desk/second");
    assert_eq!(resident.api_get("/api/v1/code").await.expect(200).json()["state"], "red");
    app.stop().await;
}
