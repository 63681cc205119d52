//! What takes two officials: who may decide it, what the second one sees, the list of all that waits, and its end when nobody
//! decides it.

mod deciding;
mod expiring;
mod programs;
mod waiting;

use crate::codes::DOCUMENT;
use crate::codes::ends::action;
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::world::codes::persons;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::{audit_entries, health_records, second_waits};

const COUNTY: &str = "511621";
const ELSEWHERE: &str = "510107";

/// Enters that the only resident was a close contact on a day of March; gives the address of what waits now.
async fn enter(b: &mut Browser, day: &str) -> String {
    let finding = [
        ("doc_kind", "id_card"),
        ("doc_number", DOCUMENT),
        ("kind", "close_contact"),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", day),
        ("source", "县疾控中心流调报告"),
    ];
    b.get("/desk/records/new").await.expect(200);
    b.post("/desk/records/new", &finding).await.leads_to("/desk/records/new");
    format!("{}/decide", action(&b.get("/desk/records").await.expect(200).body, "/desk/records"))
}

/// Enters that the county is of high risk until a day of March; gives the address of what waits now.
async fn enter_risk(b: &mut Browser) -> String {
    let change = [
        ("division", COUNTY),
        ("level", "high"),
        ("since-year", "2020"),
        ("since-month", "3"),
        ("since-day", "12"),
        ("until-year", "2020"),
        ("until-month", "3"),
        ("until-day", "31"),
        ("source", "省指挥部第 9 号公告"),
    ];
    b.get("/desk/risks").await.expect(200);
    let count = persons(&b.post("/desk/risks", &change).await.expect(200).body);
    let confirmed = [&change[..], &[("count", count.as_str())]].concat();
    b.post("/desk/risks", &confirmed).await.leads_to("/desk/risks");
    format!("{}/decide", action(&b.get("/desk/risks").await.expect(200).body, "/desk/risks"))
}

async fn officer(app: &App) -> Browser {
    app.official(Role::ColourOfficer, COUNTY).await
}

async fn operator(app: &App) -> Browser {
    app.official(Role::ProvinceOperator, "510000").await
}

/// How often the record has an action.
async fn noted(app: &App, action: &'static str) -> i64 {
    let found = app.deps.store.read(move |c| {
        Ok(audit_entries::table.filter(audit_entries::action.eq(action)).count().get_result(c)?)
    });
    found.await.unwrap()
}

/// How many things stand on the list in a state.
async fn listed(app: &App, state: &'static str) -> i64 {
    let found = app.deps.store.read(move |c| {
        Ok(second_waits::table.filter(second_waits::state.eq(state)).count().get_result(c)?)
    });
    found.await.unwrap()
}

/// Findings that an officer has confirmed.
async fn confirmed(app: &App) -> i64 {
    let found = app.deps.store.read(|c| {
        Ok(health_records::table.filter(health_records::confirmed_by.is_not_null()).count().get_result(c)?)
    });
    found.await.unwrap()
}

/// How many SMS had these words.
fn told(app: &App, words: &str) -> usize {
    app.deps.sms.sent().iter().filter(|sms| sms.text.contains(words)).count()
}
