//! Whose a business is: nobody decides about a case or an agent of a business that they act for, that is theirs by
//! telephone, or on whose staff list they stand.

use crate::codes::resident_with_document;
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::on_both;
use crate::reopening::{
    COUNTY, TOWN, begin, confirm, decide, risk, shop_named, state, submit, submitted, uscc,
};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::{business_agents, businesses};
use fugong::identity::{DocumentKind, DocumentNumber};
use reqwest::Method;
use serde_json::json;

on_both!(
    nobody_decides_a_case_of_a_business_they_act_for,
    nobody_settles_an_agent_of_their_own_business,
    nobody_writes_down_their_own_telephone_as_the_legal_persons,
    who_stands_on_the_staff_list_settles_no_agent,
);

const APPLICANT: &str = "13800138000";
const PARTNER: &str = "13900139000";
const LEGAL: &str = "13700137000";

/// The number under which somebody asks to act for a business.
async fn right(b: &mut Browser) -> String {
    let page = b.get("/reopening").await.expect(200).body;
    let at = page.find("/reopening/agents/DL").expect("a right") + "/reopening/agents/".len();
    page[at..][..17].to_owned()
}

/// Settles the right of that number, as it stands.
async fn settle(desk: &mut Browser, number: &str, verb: &str, phone: &str) -> Answer {
    let page = desk.get(&format!("/desk/agents/{number}")).await.expect(200).shows(number);
    let version = page.input("version").unwrap();
    let fields =
        [("version", version.as_str()), ("do", verb), ("proof", "legal-person"), ("legal_phone", phone)];
    desk.post(&format!("/desk/agents/{number}"), &fields).await
}

/// An official of the county who is not to settle it, on the page and by a program.
async fn refused(desk: &mut Browser, number: &str) {
    for verb in ["confirm", "reject"] {
        settle(desk, number, verb, "").await.expect(409).shows("与你本人有关");
    }
    let body = json!({"version": 1, "proof": "owner"});
    let path = format!("/api/v1/desk/agents/{number}/actions/confirm");
    assert_eq!(desk.api(Method::POST, &path, &body).await.expect(409).problem(), "refused-self-decision");
}

async fn counter(app: &App, phone: &str) -> Browser {
    app.official_with_phone(Role::CountyDesk, COUNTY, phone).await
}

/// How a right stands.
async fn stands(app: &App, number: &str) -> String {
    let number = number.to_owned();
    let found = app.deps.store.read(move |c| {
        let one = business_agents::table.filter(business_agents::number.eq(number));
        Ok(one.select(business_agents::state).first::<String>(c)?)
    });
    found.await.unwrap()
}

async fn nobody_decides_a_case_of_a_business_they_act_for(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident(APPLICANT).await;
    let number = submitted(&app, &mut b, 71).await;
    let path = format!("/desk/applications/{number}");
    // The partner has asked to act for the same business; that nobody has confirmed it yet makes no difference.
    let mut partner = app.resident(PARTNER).await;
    begin(&mut partner, &uscc(false, 71), "同一家企业").await;
    let mut town = app.official_with_phone(Role::TownReviewer, TOWN, PARTNER).await;
    for confirmed in [false, true] {
        if confirmed {
            confirm(&app, &mut partner).await;
        }
        town.get(&path).await.expect(200).shows("与你本人有关");
        let version = state(&mut b, &number).await["version"].clone();
        let accept = format!("/api/v1{path}/actions/accept");
        let answer = town.api(Method::POST, &accept, &json!({"version": version})).await.expect(409);
        assert_eq!(answer.problem(), "refused-self-decision", "confirmed: {confirmed}");
    }
    // The legal person, by the telephone that is on file.
    let keys = app.deps.keys.clone();
    let done = app.deps.store.write(move |tx| {
        let code = keys.blind("phone", &format!("+86{LEGAL}")).to_vec();
        diesel::update(businesses::table)
            .set(businesses::legal_phone_blind.eq(Some(code)))
            .execute(tx.conn())?;
        Ok(())
    });
    done.await.unwrap();
    let mut legal = app.official_with_phone(Role::TownReviewer, TOWN, LEGAL).await;
    decide(&mut legal, &number, "accept", &[]).await.expect(409).shows("与你本人有关");
    // Somebody on the staff list, by document.
    let staff = app.official_full(Role::TownReviewer, TOWN).await;
    let document = DocumentNumber::parse_stored(DocumentKind::IdCard, "360426199101010071").unwrap();
    app.is_known(staff.official, document, None).await;
    let mut listed = staff.browser;
    decide(&mut listed, &number, "accept", &[]).await.expect(409).shows("与你本人有关");
    assert_eq!(state(&mut b, &number).await["state"], "submitted");
    let mut stranger = app.official(Role::TownReviewer, TOWN).await;
    decide(&mut stranger, &number, "accept", &[]).await.expect(303);
    app.stop().await;
}

async fn nobody_settles_an_agent_of_their_own_business(app: App) {
    risk(&app, "low").await;
    let mut first = app.resident(APPLICANT).await;
    shop_named(&mut first, 72, "岳池县东外街理发店（陈记）").await;
    let (mut second, _) = resident_with_document(&app, PARTNER).await;
    begin(&mut second, &uscc(true, 72), "别的名字").await;
    let (firsts, seconds) = (right(&mut first).await, right(&mut second).await);
    // The own claim, and the other one for the same business.
    for phone in [APPLICANT, PARTNER] {
        let mut own = counter(&app, phone).await;
        refused(&mut own, &firsts).await;
        refused(&mut own, &seconds).await;
    }
    // By the document of the person whom an agent's account stands for.
    let staff = app.official_full(Role::CountyDesk, COUNTY).await;
    let document = DocumentNumber::parse_stored(DocumentKind::IdCard, crate::codes::DOCUMENT).unwrap();
    app.is_known(staff.official, document, None).await;
    let mut own = staff.browser;
    refused(&mut own, &firsts).await;
    // The legal person, by the telephone that a colleague has written down.
    let mut stranger = app.official(Role::CountyDesk, COUNTY).await;
    settle(&mut stranger, &firsts, "confirm", LEGAL).await.leads_to("/desk/agents");
    refused(&mut counter(&app, LEGAL).await, &seconds).await;
    assert_eq!(
        (stands(&app, &firsts).await, stands(&app, &seconds).await),
        ("confirmed".into(), "pending".into())
    );
    app.stop().await;
}

async fn nobody_writes_down_their_own_telephone_as_the_legal_persons(app: App) {
    risk(&app, "low").await;
    let mut b = app.resident(APPLICANT).await;
    shop_named(&mut b, 73, "岳池县东外街理发店（陈记）").await;
    let number = right(&mut b).await;
    let mut desk = counter(&app, LEGAL).await;
    let page = settle(&mut desk, &number, "confirm", "137 0013 7000").await.expect(422);
    page.shows("这是你本人的手机号").shows("137 0013 7000");
    let body = json!({"version": 1, "proof": "owner", "legal_phone": LEGAL});
    let path = format!("/api/v1/desk/agents/{number}/actions/confirm");
    let said = desk.api(Method::POST, &path, &body).await.expect(422).json();
    assert_eq!(said["errors"][0]["field"], "legal_phone", "{said}");
    assert_eq!(said["errors"][0]["code"], "own-phone", "{said}");
    assert_eq!(stands(&app, &number).await, "pending");
    let known = app
        .deps
        .store
        .read(|c| Ok(businesses::table.select(businesses::legal_phone_blind).first::<Option<Vec<u8>>>(c)?));
    assert_eq!(known.await.unwrap(), None);
    settle(&mut desk, &number, "confirm", "13600136000").await.leads_to("/desk/agents");
    app.stop().await;
}

/// The list of an earlier filing is on file with the business.
async fn who_stands_on_the_staff_list_settles_no_agent(app: App) {
    risk(&app, "medium").await;
    let mut b = app.resident(APPLICANT).await;
    let number = crate::reopening::factory(&mut b, 74).await;
    confirm(&app, &mut b).await;
    submit(&mut b, &number).await.expect(303);
    app.drain().await;
    let mut other = app.resident(PARTNER).await;
    begin(&mut other, &uscc(false, 74), "同一家企业").await;
    let asked = right(&mut other).await;
    let staff = app.official_full(Role::CountyDesk, COUNTY).await;
    let document = DocumentNumber::parse_stored(DocumentKind::IdCard, "360426199101010071").unwrap();
    app.is_known(staff.official, document, None).await;
    let mut listed = staff.browser;
    refused(&mut listed, &asked).await;
    let mut stranger = app.official(Role::CountyDesk, COUNTY).await;
    settle(&mut stranger, &asked, "reject", "").await.leads_to("/desk/agents");
    app.stop().await;
}
