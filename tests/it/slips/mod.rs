//! Receipts on paper of what staff do for somebody: what stands on them, who can open them again and how long.

use crate::codes::{DOCUMENT, declared_resident};
use crate::declarations::entered::{enter, newest};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use crate::proxies::{MOTHER, family};
use chrono::Duration;
use fugong::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    an_entry_from_paper_ends_on_a_receipt,
    a_paper_code_comes_with_its_receipt,
    a_proxy_that_is_ended_leaves_a_receipt_that_anybody_can_check,
);

const PLACE: &str = "511621";

async fn an_entry_from_paper_ends_on_a_receipt(app: App) {
    let answer = enter(&app, "吴九").await.leads_to("/desk/receipts/HZ");
    let path = answer.location().to_owned();
    let number = newest(&app).await;
    let place = crate::declarations::walk::elsewhere();
    // Another counter of the same jurisdiction; the name is masked, and nothing else of the person is there.
    let mut doctor = app.official(Role::Doctor, place).await;
    let page = doctor.get(&path).await.expect(200);
    let page = page.shows("吴*").hides("吴九").hides("360426199101010071").shows(&number);
    page.shows("0826-5220000").shows("由另一名工作人员核对").shows("12345").shows("2020 年 3 月");
    doctor.post("/language", &[("lang", "en"), ("next", &path)]).await.leads_to(&path);
    doctor.get(&path).await.expect(200).shows("Another official looks at it").shows("Office of");
    // Neither elsewhere, nor for others who work there, nor under a number that nobody has.
    let mut there = app.official(Role::Doctor, "510107").await;
    there.get(&path).await.expect(404);
    let mut officer = app.official(Role::ColourOfficer, place).await;
    officer.get(&path).await.expect(404);
    doctor.get("/desk/receipts/HZ200312-00000000").await.expect(404);
    doctor.get("/desk/receipts/%00").await.expect(404);
    app.clock.advance(Duration::days(29));
    app.official(Role::Doctor, place).await.get(&path).await.expect(200);
    app.clock.advance(Duration::days(3));
    app.official(Role::Doctor, place).await.get(&path).await.expect(404);
    app.stop().await;
}

async fn a_paper_code_comes_with_its_receipt(app: App) {
    let (mut resident, _) = declared_resident(&app, "13800000001").await;
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    worker.get("/desk/codes").await.expect(200);
    let document = [("doc_kind", "id_card"), ("doc_number", DOCUMENT)];
    let found = worker.post("/desk/codes", &document).await.expect(200);
    let person = found.input("person").unwrap();
    let made = worker.post("/desk/codes/print", &[("person", &person)]).await;
    let path = made.leads_to("/desk/codes/print/").location().to_owned();
    let page =
        worker.get(&path).await.expect(200).shows("id=\"p3\"").shows("已生成纸质健康码").shows("HZ200312-");
    page.hides("王小明");
    // Whoever prints at home has done it themselves.
    resident.get("/code/print").await.expect(200);
    let own = resident.post("/code/print", &[]).await.leads_to("/code/print/").location().to_owned();
    resident.get(&own).await.expect(200).hides("id=\"p3\"");
    app.stop().await;
}

async fn a_proxy_that_is_ended_leaves_a_receipt_that_anybody_can_check(app: App) {
    let (_, mut mother, number) = family(&app).await;
    let mut worker = app.official(Role::Doctor, PLACE).await;
    let path = format!("/desk/proxies/{number}");
    let open = worker.get(&path).await.expect(200);
    let (version, once) = (open.input("version").unwrap(), open.input("_once").unwrap());
    let end = [("do", "end"), ("version", version.as_str()), ("asked", "yes"), ("_once", once.as_str())];
    let given = worker.post(&path, &end).await.leads_to("/desk/receipts/HZ").location().to_owned();
    // A second click gets the same receipt.
    let again = worker.post(&path, &end).await.leads_to("/desk/receipts/HZ");
    assert_eq!(again.location(), given);
    worker.get(&given).await.expect(200).shows("已终止他人为此人代办").shows(&number).hides(MOTHER.1);
    // It is the person's, who finds it in the copy of the data; the portal's signature holds.
    let copy: Value = mother.browser.get("/me/data/download").await.expect(200).json();
    let receipt = &copy["receipts"][0];
    assert!(given.ends_with(receipt["number"].as_str().unwrap()), "{receipt}");
    assert_eq!(receipt["about"], number.as_str());
    assert_eq!(check(&app, receipt["signed"].as_str().unwrap()).await["valid"], true);
    mother
        .browser
        .get("/me/access")
        .await
        .expect(200)
        .shows("给了你一张纸质回执")
        .shows("再次打开了给你的回执");
    app.stop().await;
}

async fn check(app: &App, signed: &str) -> Value {
    let mut anybody: Browser = app.browser();
    let body = json!({"receipt": signed});
    anybody.api(Method::POST, "/api/v1/receipts/verify", &body).await.expect(200).json()
}
