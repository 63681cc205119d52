//! A code is worked out from a read and stored in a transaction of its own: how much somebody has stated holds up nobody,
//! and what changes between the two is noticed.

use super::ends::{YES, action};
use super::{DOCUMENT, declared_resident, evaluate};
use crate::declarations::body;
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::declared::{asked, source, watch};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::codes::state::{self, Found};
use fugong::crypto::FieldContext;
use fugong::db::schema::{declaration_versions as dv, declarations};
use fugong::db::{Id, Ts};
use fugong::policy::Risk;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_thousand_versions_are_judged_outside_of_the_writer,
    a_finding_that_comes_between_is_noticed,
    a_level_that_comes_between_is_not_the_last_word,
);

/// Puts a thousand corrections behind the declaration of the only person; gives the person.
async fn a_thousand(app: &App) -> Id {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let kept = app.deps.store.write(move |tx| {
        let columns = (declarations::id, declarations::person_id, declarations::answers_sealed);
        let (id, person, sealed) =
            declarations::table.select(columns).first::<(Id, Option<Id>, Vec<u8>)>(tx.conn())?;
        let person = person.unwrap();
        let field = FieldContext::new("declarations", "answers_sealed", id.0);
        let mut answers: Value = keys.open_json(&field, &sealed)?;
        for n in 0..1_000_i64 {
            let version = Id::new();
            answers["temperature_tenths"] = json!(360 + n % 20);
            let field = FieldContext::new("declaration_versions", "answers_sealed", version.0);
            let row = (
                (dv::id.eq(version), dv::declaration_id.eq(id), dv::person_id.eq(person)),
                (dv::version.eq(10 + n), dv::submitted_at.eq(Ts::from(now - Duration::minutes(n + 1)))),
                dv::answers_sealed.eq(keys.seal_json(&field, &answers)?),
            );
            diesel::insert_into(dv::table).values(row).execute(tx.conn())?;
        }
        Ok(person)
    });
    kept.await.unwrap()
}

async fn code(b: &mut Browser) -> Value {
    b.api_get("/api/v1/code").await.expect(200).json()
}

async fn a_thousand_versions_are_judged_outside_of_the_writer(app: App) {
    let mut b = app.resident("13600008891").await;
    b.get("/declare").await.expect(200);
    b.api(Method::POST, "/api/v1/declarations", &body("郑十")).await.expect(201);
    let person = a_thousand(&app).await;
    watch(person);
    // The watch sees a transaction that writes.
    let (keys, rules, now) = (app.deps.keys.clone(), app.deps.policy.clone(), app.clock.now());
    let stated = app.deps.store.write(move |tx| source(tx.conn(), &keys, &rules, person, now));
    assert_eq!(stated.await.unwrap().held.len(), 1_000);
    assert_eq!(asked(person), [true]);

    app.drain().await;
    assert_eq!(asked(person), [false], "the job");
    let yellow = code(&mut b).await;
    assert_eq!(yellow["state"], "yellow");
    // What says the same is one cause, once a day: of two days there are at most twenty texts each.
    assert!(yellow["reasons"].as_array().unwrap().len() <= 42, "{yellow}");
    b.api(Method::POST, "/api/v1/code/application", &json!({})).await.expect(200);
    for (path, hours) in [("/code", 25), ("/code/appeal", 25), ("/code/print", 25)] {
        // Old enough to be worked out anew.
        app.clock.advance(Duration::hours(hours));
        b = app.resident("13600008891").await;
        b.get(path).await.expect(200);
    }
    app.clock.advance(Duration::hours(25));
    b = app.resident("13600008891").await;
    b.get("/declarations").await.expect(200);
    b.post("/code/print", &[]).await.leads_to("/code/print/");
    // The declaration is over: that comes by the clock.
    app.clock.advance(Duration::days(11));
    app.tick().await;
    let asked = asked(person);
    assert!(asked.len() >= 6, "{asked:?}");
    assert!(asked.iter().all(|inside| !inside), "{asked:?}");
    app.stop().await;
}

async fn look(app: &App, person: Id) -> Found {
    let (parts, now) = (app.deps.clone(), app.clock.now());
    app.deps.store.read(move |conn| state::look(conn, &parts, person, now)).await.unwrap()
}

async fn put(app: &App, found: Found) -> bool {
    let parts = app.deps.clone();
    app.deps.store.write(move |tx| state::put(tx, &parts, &found)).await.unwrap()
}

/// A finding that two officers have made, and whose job has not run.
async fn contact(app: &App) {
    let mut first = app.official(Role::ColourOfficer, "511621").await;
    let mut second = app.official(Role::ColourOfficer, "511621").await;
    let finding = [
        ("doc_kind", "id_card"),
        ("doc_number", DOCUMENT),
        ("kind", "close_contact"),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", "10"),
        ("source", "县疾控中心流调报告"),
    ];
    first.get("/desk/records/new").await.expect(200);
    first.post("/desk/records/new", &finding).await.leads_to("/desk/records/new");
    let waits = action(&second.get("/desk/records").await.expect(200).body, "/desk/records");
    second.post(&format!("{waits}/decide"), YES).await.leads_to("/desk/second");
}

async fn a_finding_that_comes_between_is_noticed(app: App) {
    let (mut b, person) = declared_resident(&app, "13800000001").await;
    evaluate(&app, person).await;
    assert_eq!(code(&mut b).await["state"], "green");
    let (first, second, third) =
        (look(&app, person).await, look(&app, person).await, look(&app, person).await);
    assert!(put(&app, first).await, "nothing came between");
    assert!(!put(&app, second).await, "another evaluation did");
    let early = look(&app, person).await;
    contact(&app).await;
    assert!(!put(&app, early).await, "it has not seen the finding");
    // Whatever is worked out from now on has seen it.
    let late = look(&app, person).await;
    assert!(put(&app, late).await);
    assert_eq!(code(&mut b).await["state"], "red");
    app.drain().await;
    assert!(!put(&app, third).await);
    assert_eq!(code(&mut b).await["state"], "red");
    app.stop().await;
}

/// Yuechi, of high risk from now on.
async fn raise(app: &App) {
    let (now, keys) = (app.clock.now(), app.deps.keys.clone());
    let set = app.deps.store.write(move |tx| {
        let place = "511621".parse().unwrap();
        fugong::codes::set_risk(tx, &keys, Actor::Console, place, Risk::High, now, "公告", now)
    });
    set.await.unwrap();
}

async fn a_level_that_comes_between_is_not_the_last_word(app: App) {
    let (mut b, person) = declared_resident(&app, "13800000001").await;
    evaluate(&app, person).await;
    let (early, late) = (look(&app, person).await, look(&app, person).await);
    raise(&app).await;
    // A level is nobody's own: what was read before it is stored, and the job of the change has it worked out again.
    assert!(put(&app, early).await);
    assert_eq!(code(&mut b).await["state"], "green");
    app.drain().await;
    assert_eq!(code(&mut b).await["state"], "red");
    // What comes later still is not written over that.
    assert!(!put(&app, late).await);
    assert_eq!(code(&mut b).await["state"], "red");
    app.stop().await;
}
