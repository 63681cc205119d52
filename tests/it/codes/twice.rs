//! The same finding about a person is entered once.

use super::ends::{NO, action, contact, end};
use super::{DOCUMENT, declared_resident};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::health_records;

on_both!(the_same_finding_is_entered_once, a_negative_test_of_another_source_counts_beside_the_first);

async fn findings(app: &App) -> i64 {
    app.deps.store.read(|c| Ok(health_records::table.count().get_result(c)?)).await.unwrap()
}

fn of<'a>(kind: &'a str, result: &'a str, day: &'a str, source: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("doc_kind", "id_card"),
        ("doc_number", DOCUMENT),
        ("kind", kind),
        ("result", result),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", day),
        ("place", "<东门>市场"),
        ("source", source),
    ]
}

async fn enter(b: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    b.get("/desk/records/new").await.expect(200);
    b.post("/desk/records/new", fields).await
}

const FORM: &str = "/desk/records/new";
const TWICE: &str = "这一天已有一条同样的记录";

async fn the_same_finding_is_entered_once(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut first = app.official(Role::ColourOfficer, "511621").await;
    let mut second = app.official(Role::ColourOfficer, "511621").await;
    let again = of("close_contact", "", "10", "公安通报");
    enter(&mut first, &of("close_contact", "", "10", "县疾控中心流调报告")).await.leads_to(FORM);
    // It waits: nobody enters it once more, and nothing that was typed is lost.
    let refused = enter(&mut second, &again).await.expect(422).shows(TWICE).shows("<东门>市场");
    refused.shows("公安通报").shows(DOCUMENT);
    let waits = action(&second.get("/desk/records").await.expect(200).body, "/desk/records");
    second.post(&format!("{waits}/decide"), NO).await.leads_to("/desk/second");
    // What was refused can be entered again, and what counts not.
    contact(&app, &mut second, &mut first, "10").await;
    enter(&mut first, &again).await.expect(422).shows(TWICE);
    enter(&mut first, &of("close_contact", "", "9", "公安通报")).await.leads_to(FORM);
    enter(&mut first, &of("same_transport", "", "10", "公安通报")).await.leads_to(FORM);
    for _ in 0..2 {
        let waits = action(&second.get("/desk/records").await.expect(200).body, "/desk/records");
        second.post(&format!("{waits}/decide"), NO).await.leads_to("/desk/second");
    }
    // What has ended is no obstacle.
    end(&mut first, &mut second).await;
    enter(&mut first, &again).await.leads_to(FORM);
    assert_eq!(findings(&app).await, 5);
    app.stop().await;
}

async fn a_negative_test_of_another_source_counts_beside_the_first(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut doctor = app.official(Role::Doctor, "511621").await;
    enter(&mut doctor, &of("nucleic-acid", "negative", "10", "县医院")).await.leads_to(FORM);
    enter(&mut doctor, &of("nucleic-acid", "negative", "10", "县医院")).await.expect(422).shows(TWICE);
    enter(&mut doctor, &of("nucleic-acid", "negative", "10", "市医院")).await.leads_to(FORM);
    enter(&mut doctor, &of("nucleic-acid", "positive", "10", "县医院")).await.leads_to(FORM);
    enter(&mut doctor, &of("nucleic-acid", "positive", "10", "市医院")).await.expect(422).shows(TWICE);
    assert_eq!(findings(&app).await, 3);
    app.stop().await;
}
