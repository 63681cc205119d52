//! Staff: lookup by document, findings and risk levels by two persons.

use super::ends::{YES, action};
use super::{DOCUMENT, declared_resident};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::declared::{asked_beside, watch};
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Id;
use fugong::db::schema::audit_entries;

on_both!(
    a_look_is_exact_recorded_and_inside_the_jurisdiction,
    a_code_is_worked_out_before_the_look_is_recorded,
    one_person_cannot_worsen_a_colour,
    a_negative_test_counts_at_once,
);

async fn looks_at(app: &App, person: Id) -> i64 {
    app.deps
        .store
        .read(move |c| {
            Ok(audit_entries::table
                .filter(audit_entries::subject_id.eq(person))
                .filter(audit_entries::action.eq("code.lookup"))
                .count()
                .get_result(c)?)
        })
        .await
        .unwrap()
}

async fn find(b: &mut Browser, number: &str) -> crate::harness::browser::Answer {
    b.get("/desk/codes").await.expect(200);
    b.post("/desk/codes", &[("doc_kind", "id_card"), ("doc_number", number)]).await
}

async fn a_look_is_exact_recorded_and_inside_the_jurisdiction(app: App) {
    let (_, person) = declared_resident(&app, "13800000001").await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    find(&mut worker, "1101 0519 4912 3100 2x").await.expect(200).shows("绿码").shows("王**").hides("王小明");
    assert_eq!(looks_at(&app, person).await, 1);
    find(&mut worker, "11010519491231002").await.expect(422).shows("证件号码不对");
    find(&mut worker, "360426199101010071").await.expect(404).shows("本辖区没有这个证件");
    let mut elsewhere = app.official(Role::Doctor, "510107").await;
    find(&mut elsewhere, DOCUMENT).await.expect(404).hides("绿码");
    assert_eq!(looks_at(&app, person).await, 1, "what was not found is not recorded under the person");
    let mut desk = app.official(Role::CountyDesk, "511621").await;
    desk.get("/desk/codes").await.expect(404);
    app.stop().await;
}

/// Jobs hold the code before a lane of the audit: were it the other way round here, two could wait for each other.
async fn a_code_is_worked_out_before_the_look_is_recorded(app: App) {
    let (_, person) = declared_resident(&app, "13800000001").await;
    let entries = app.deps.store.read(move |c| {
        let about = audit_entries::table.filter(audit_entries::subject_id.eq(person));
        Ok(about.count().get_result::<i64>(c)?)
    });
    let before = entries.await.unwrap();
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    watch(person);
    find(&mut worker, DOCUMENT).await.expect(200).shows("绿码");
    assert_eq!(asked_beside(person), [(true, before)]);
    assert_eq!(looks_at(&app, person).await, 1);
    app.stop().await;
}

fn contact() -> Vec<(&'static str, &'static str)> {
    vec![
        ("doc_kind", "id_card"),
        ("doc_number", DOCUMENT),
        ("kind", "close_contact"),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", "10"),
        ("place", "九龙街道农贸市场"),
        ("source", "县疾控中心流调报告"),
    ]
}

/// The address of the page on which the first finding or change is decided.
fn decide(body: &str, base: &str) -> String {
    format!("{}/decide", action(body, base))
}

async fn one_person_cannot_worsen_a_colour(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let state =
        |a: crate::harness::browser::Answer| a.expect(200).json()["state"].as_str().unwrap().to_owned();
    assert_eq!(state(b.api_get("/api/v1/code").await), "green");
    let mut first = app.official(Role::ColourOfficer, "511621").await;
    first.get("/desk/records/new").await.expect(200);
    first.post("/desk/records/new", &[("kind", "divorced")]).await.expect(422).shows("请填写依据或来源");
    first.get("/desk/records/new").await.expect(200);
    first.post("/desk/records/new", &contact()).await.leads_to("/desk/records/new");
    app.drain().await;
    assert_eq!(state(b.api_get("/api/v1/code").await), "green", "one person's word changes nothing");
    let own = first.get("/desk/records").await.expect(200).shows("你录入的");
    let confirm = decide(&own.body, "/desk/records");
    first.post(&confirm, YES).await.expect(409).shows("另一名工作人员");
    let mut elsewhere = app.official(Role::ColourOfficer, "510107").await;
    elsewhere.get("/desk/records").await.expect(200).shows("没有待确认的记录");
    elsewhere.post(&confirm, YES).await.expect(404);
    let mut second = app.official(Role::ColourOfficer, "511600").await;
    second.get("/desk/records").await.expect(200).shows("密切接触者").shows("九龙街道农贸市场");
    second.post(&confirm, YES).await.leads_to("/desk/second");
    second.post(&confirm, YES).await.expect(409);
    app.drain().await;
    let red = b.api_get("/api/v1/code").await.expect(200).json();
    assert_eq!(red["state"], "red");
    assert_eq!(red["reasons"][0]["rule"], "red.close-contact");
    app.drain().await;
    let told = app.deps.sms.sent();
    assert!(told.iter().any(|m| format!("{m:?}").contains("健康记录生效")), "{told:?}");
    assert!(told.iter().any(|m| format!("{m:?}").contains("变为红码")), "{told:?}");
    app.stop().await;
}

async fn a_negative_test_counts_at_once(app: App) {
    let (mut b, person) = super::resident_with_document(&app, "13800000001").await;
    let mut coughing = crate::harness::declared::healthy(app.clock.now() - chrono::Duration::hours(1));
    coughing.declaration.symptoms = vec!["cough".into()];
    crate::harness::declared::state(person, coughing);
    assert_eq!(b.api_get("/api/v1/code").await.expect(200).json()["state"], "yellow");
    let mut doctor = app.official(Role::Doctor, "511621").await;
    let form = doctor.get("/desk/records/new").await.expect(200).hides("密切接触者");
    let once = form.input("_once").unwrap();
    let fields = [
        ("doc_kind", "id_card"),
        ("doc_number", DOCUMENT),
        ("kind", "nucleic-acid"),
        ("result", "negative"),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", "12"),
        ("source", "县人民医院"),
        ("_once", once.as_str()),
    ];
    doctor.post("/desk/records/new", &fields).await.leads_to("/desk/records/new");
    doctor.post("/desk/records/new", &fields).await.leads_to("/desk/records/new");
    app.drain().await;
    assert_eq!(b.api_get("/api/v1/code").await.expect(200).json()["state"], "green");
    let told = app.deps.sms.sent();
    assert_eq!(told.iter().filter(|m| format!("{m:?}").contains("健康记录生效")).count(), 1, "entered once");
    app.stop().await;
}
