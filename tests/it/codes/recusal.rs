//! Nobody decides about themselves, and nobody decides of whom it is not known who they are.

use super::appeals::{CONTACT, appeal, decide};
use super::ends::{NO, YES, action, red};
use super::{DOCUMENT, declared_resident};
use crate::declarations::{declare, issue};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::people::document;
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::Id;
use fugong::db::schema::officials;
use fugong::identity::{DocumentKind, DocumentNumber};
use reqwest::Method;
use serde_json::json;

on_both!(
    nobody_enters_confirms_or_ends_a_finding_about_themselves,
    nobody_decides_the_own_declaration_certificate_or_appeal,
    of_whom_nobody_knows_who_they_are_decides_nothing,
    one_person_is_one_official,
);

const COUNTY: &str = "511621";

fn residents() -> DocumentNumber {
    DocumentNumber::parse_stored(DocumentKind::IdCard, DOCUMENT).unwrap()
}

/// An official who is the resident, by the document.
async fn herself(app: &App, role: Role) -> Browser {
    let staff = app.official_full(role, COUNTY).await;
    app.is_known(staff.official, residents(), None).await;
    staff.browser
}

/// An official who is the resident, by the telephone alone.
async fn by_telephone(app: &App, role: Role) -> Browser {
    app.official_with_phone(role, COUNTY, "13800000001").await
}

fn own(answer: Answer) {
    assert!(answer.expect(409).body.contains("与你本人有关"));
}

async fn test_of(b: &mut Browser, kind: &str) -> Answer {
    let finding = [
        ("doc_kind", "id_card"),
        ("doc_number", DOCUMENT),
        ("kind", kind),
        ("result", "negative"),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", "11"),
        ("source", "县人民医院"),
    ];
    b.get("/desk/records/new").await.expect(200);
    b.post("/desk/records/new", &finding).await
}

async fn nobody_enters_confirms_or_ends_a_finding_about_themselves(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut self_tested = herself(&app, Role::Doctor).await;
    own(test_of(&mut self_tested, "nucleic-acid").await);
    own(test_of(&mut by_telephone(&app, Role::Doctor).await, "nucleic-acid").await);
    let mut other = app.official(Role::Doctor, COUNTY).await;
    test_of(&mut other, "nucleic-acid").await.leads_to("/desk/records/new");

    let (mut first, _) = red(&app).await;
    let staff = app.official_full(Role::ColourOfficer, COUNTY).await;
    app.is_known(self_official(&app).await, document(), None).await;
    app.is_known(staff.official, residents(), None).await;
    let mut officer = staff.browser;
    officer.get("/desk/records").await.expect(200);
    let find = [("doc_kind", "id_card"), ("doc_number", DOCUMENT)];
    let found = officer.post("/desk/records/find", &find).await.expect(200);
    let end = format!("{}/end", action(&found.body, "/desk/records"));
    officer.get(&end).await.expect(200);
    own(officer.post(&end, &[("reason", "我没有接触过")]).await);
    // Somebody else enters it: she can neither confirm nor refuse it.
    first.get(&end).await.expect(200);
    first.post(&end, &[("reason", "流调有误")]).await.leads_to("/desk/records");
    let waits = officer.get("/desk/records").await.expect(200);
    let decide = format!("{}/decide", action(&waits.body, "/desk/record-ends"));
    own(officer.post(&decide, YES).await);
    own(officer.post(&decide, NO).await);
    app.stop().await;
}

/// The official who holds the resident's document now.
async fn self_official(app: &App) -> Id {
    let code = app.deps.keys.blind("document", &residents().canonical()).to_vec();
    let found = app.deps.store.read(move |c| {
        Ok(officials::table.filter(officials::doc_blind.eq(Some(code))).select(officials::id).first(c)?)
    });
    found.await.unwrap()
}

async fn nobody_decides_the_own_declaration_certificate_or_appeal(app: App) {
    let mut b = app.resident("13800000001").await;
    let number = declare(&mut b, "王小明", DOCUMENT).await;
    let path = format!("/desk/declarations/{number}");
    let check = [("action", "check"), ("version", "1")];
    let mut worker = by_telephone(&app, Role::VillageWorker).await;
    worker.get(&path).await.expect(200);
    worker.post(&path, &check).await.expect(409);
    // Nor among others, by one click.
    let many = worker.post("/desk/declarations/check", &[("case", &format!("{number}@1"))]).await.expect(200);
    many.shows("你录入的或本人的申报");
    let stands = b.api_get(&format!("/api/v1/declarations/{number}")).await.expect(200).json();
    assert_eq!(stands["state"], "submitted");
    let herself = app.official_full(Role::Doctor, COUNTY).await;
    app.is_known(herself.official, residents(), None).await;
    issue(&app, &number).await;
    app.drain().await;
    let mine = b.api_get("/api/v1/certificates").await.expect(200).json();
    let desk = format!("/desk/certificates/{}", mine[0]["number"].as_str().unwrap());
    let mut doctor = herself.browser;
    let version = doctor.get(&desk).await.expect(200).input("version").unwrap();
    let why = [("version", version.as_str()), ("reason", "发热"), ("remedy", "请到门诊复查")];
    own(doctor.post(&format!("{desk}/revoke"), &why).await);

    red(&app).await;
    let number = appeal(&mut b, CONTACT).await;
    let mut reviewer = by_telephone(&app, Role::AppealReviewer).await;
    let overturn = [("action", "overturn"), ("reason", "不是密接")];
    own(decide(&mut reviewer, &number, &overturn).await);
    let mut reviewer = app.official(Role::AppealReviewer, COUNTY).await;
    decide(&mut reviewer, &number, &overturn).await.leads_to("/desk/appeals");
    app.stop().await;
}

async fn of_whom_nobody_knows_who_they_are_decides_nothing(app: App) {
    declared_resident(&app, "13800000001").await;
    let staff = app.official_full(Role::Doctor, COUNTY).await;
    let id = staff.official;
    app.is_unknown(Some(id)).await;
    let mut doctor = staff.browser;
    doctor.get("/desk/records/new").await.expect(200).shows("还不能办理");
    test_of(&mut doctor, "nucleic-acid").await.expect(409).shows("你本人的身份信息");
    // An administrator writes it down; from then on she decides.
    let mut admin = app.official(Role::Administrator, COUNTY).await;
    let page = format!("/admin/officials/{id}");
    admin.get(&page).await.expect(200).shows("还没有登记本人身份");
    let wrong = [("action", "identify"), ("doc_kind", "id_card"), ("doc_number", "123")];
    admin.post(&page, &wrong).await.expect(422).shows("value=\"123\"");
    let number = document().number().to_owned();
    let right = [("action", "identify"), ("doc_kind", "id_card"), ("doc_number", number.as_str())];
    admin.post(&page, &right).await.leads_to(&page);
    admin.get(&page).await.expect(200).hides("还没有登记本人身份").hides(&number);
    doctor.get("/desk/records/new").await.expect(200).hides("还不能办理");
    test_of(&mut doctor, "nucleic-acid").await.leads_to("/desk/records/new");
    // What is on file changes with a reason only, which stays.
    let other = document().number().to_owned();
    let change = [("action", "identify"), ("doc_kind", "id_card"), ("doc_number", other.as_str())];
    admin.post(&page, &change).await.expect(422);
    let why = [change[0], change[1], change[2], ("reason", "原来的号码<录错>了")];
    admin.post(&page, &why).await.leads_to(&page);
    admin.get(&page).await.expect(200).shows("原来的号码<录错>了");
    app.stop().await;
}

async fn one_person_is_one_official(app: App) {
    let staff = app.official_full(Role::Administrator, COUNTY).await;
    let mut admin = app.browser();
    admin.bearer = staff.browser.cookies().values().next().cloned();
    let number = document().number().to_owned();
    let right = json!({"role": "colour-officer", "office": staff.office, "division": COUNTY});
    let hire =
        |login: &str| json!({"login": login, "name": "罗敏", "document_number": number, "right": right});
    let path = "/api/v1/admin/officials";
    let first = admin.api(Method::POST, path, &hire("luo.min")).await.expect(201).json();
    let said = admin.api(Method::POST, path, &hire("luo.min2")).await.expect(422).json();
    assert_eq!(said["errors"][0]["code"], "official-known", "{said}");
    assert_eq!(said["errors"][0]["field"], "document_number", "{said}");
    let detail = admin.api_get(&format!("{path}/{}", first["id"].as_str().unwrap())).await.expect(200).json();
    assert_eq!(detail["identified"], true);
    app.stop().await;
}
