//! The list of applications: rows for what all lists do, and what is its own: tabs that follow each other's order, whose they
//! are, and a search by a part of the business's name.

use super::fill::number;
use super::{HERE, LISTS, List, count, numbers, older};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::people::Staff;
use crate::on_both;
use crate::reopening::{risk, submitted};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::{applications as ap, audit_entries, businesses, official_absences, officials};
use fugong::db::{Id, Js, Ts, Tx};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;

on_both!(
    what_has_no_limit_comes_after_what_has_one,
    tabs_show_whose_they_are,
    what_was_decided_today_comes_last_first,
    a_business_is_found_by_a_part_of_its_name,
    rows_are_taken_given_and_returned,
);

fn list() -> &'static List {
    LISTS.iter().find(|list| list.path == "/desk/applications").unwrap()
}

type Model = (Id, Id, String, String, String, String, Vec<u8>, i32, Js, Ts);

/// The application that is made by hand, of a business called Wang Xiaoming's; it waits for the town.
async fn one(app: &App) {
    risk(app, "medium").await;
    let mut b = app.resident("13800000004").await;
    submitted(app, &mut b, 7).await;
    let named = app.deps.store.write(|tx| {
        diesel::update(businesses::table).set(businesses::name.eq("王小明面馆")).execute(tx.conn())?;
        Ok(())
    });
    named.await.unwrap();
}

/// Accepted applications, written like the one there is; the first call makes that. Each is due a second after the one
/// before.
pub async fn accepted(app: &App, many: usize, division: &str) -> Vec<String> {
    in_state(app, many, division, "accepted", true).await
}

/// The same in a state, with a limit or without.
async fn in_state(app: &App, many: usize, division: &str, state: &'static str, due: bool) -> Vec<String> {
    let found = app.deps.store.read(|c| Ok(ap::table.count().get_result::<i64>(c)?));
    if found.await.unwrap() == 0 {
        one(app).await;
    }
    let (division, decided) = (division.to_owned(), (state == "approved").then(|| app.clock.now()));
    let written = app.deps.store.write(move |tx| {
        let model = model(tx)?;
        let due_last = ap::table.filter(ap::due_at.is_not_null()).order(ap::due_at.desc());
        let last: Option<Ts> = due_last.select(ap::due_at).first(tx.conn())?;
        let last = last.unwrap();
        let mut made = Vec::new();
        for n in 1..=i64::try_from(many).unwrap() {
            let number = number("QY");
            let at = |from: Ts| Ts(from.0 + Duration::seconds(n));
            let moments = (due.then(|| at(last)), decided.map(|decided| at(decided.into())));
            copy(tx, &model, (&number, &division, state), moments)?;
            made.push(number);
        }
        Ok(made)
    });
    written.await.unwrap()
}

fn model(tx: &mut Tx<'_>) -> fugong::error::AppResult<Model> {
    Ok(ap::table
        .order(ap::id)
        .select((
            ap::business_id,
            ap::account_id,
            ap::kind,
            ap::risk_level,
            ap::review_level,
            ap::step,
            ap::form_sealed,
            ap::returning_staff,
            ap::clock,
            ap::created_at,
        ))
        .first(tx.conn())?)
}

fn copy(
    tx: &mut Tx<'_>,
    of: &Model,
    (number, division, state): (&str, &str, &str),
    (due, decided): (Option<Ts>, Option<Ts>),
) -> fugong::error::AppResult<()> {
    let values = (
        ap::id.eq(Id::new()),
        ap::number.eq(number),
        ap::business_id.eq(of.0),
        ap::account_id.eq(of.1),
        ap::kind.eq(&of.2),
        ap::state.eq(state),
        ap::version.eq(1),
        ap::division.eq(division),
        ap::risk_level.eq(&of.3),
        ap::review_level.eq(&of.4),
        ap::step.eq(&of.5),
        ap::form_sealed.eq(&of.6),
        ap::returning_staff.eq(of.7),
        ap::corrections.eq(0),
        ap::clock.eq(&of.8),
        ap::due_at.eq(due),
        ap::decided_at.eq(decided),
        ap::created_at.eq(of.9),
        ap::updated_at.eq(of.9),
        ap::submitted_at.eq(Some(of.9)),
    );
    diesel::insert_into(ap::table).values(values).execute(tx.conn())?;
    Ok(())
}

async fn what_has_no_limit_comes_after_what_has_one(app: App) {
    let without = in_state(&app, 30, HERE, "correction", false).await;
    let with = in_state(&app, 40, HERE, "correction", true).await;
    let mut b = app.official(Role::CountyDesk, HERE).await;
    let (mut seen, mut next) = (Vec::new(), Some("/desk/applications?tab=correction".to_owned()));
    while let Some(path) = next {
        let page = b.get(&path).await.expect(200);
        seen.extend(numbers(&page, list()));
        next = older(&page);
    }
    assert_eq!(
        seen,
        [with, without].concat(),
        "over two pages, of which the second begins inside of those without"
    );
    app.stop().await;
}

/// An official of the county's desk, a colleague, and who that is.
async fn two(app: &App) -> (Staff, Browser, Id) {
    let staff = app.official_full(Role::CountyDesk, HERE).await;
    let colleague = app.colleague(&staff, Role::CountyDesk, HERE).await;
    let mine = staff.official;
    let id = app.deps.store.read(move |conn| {
        let named = officials::table.filter(officials::name.eq("王同事")).filter(officials::id.ne(mine));
        Ok(named.select(officials::id).first(conn)?)
    });
    (staff, colleague, id.await.unwrap())
}

async fn give(app: &App, numbers: &[String], to: Id) {
    let numbers = numbers.to_vec();
    let done = app.deps.store.write(move |tx| {
        let rows = ap::table.filter(ap::number.eq_any(numbers));
        diesel::update(rows).set(ap::assignee.eq(Some(to))).execute(tx.conn())?;
        Ok(())
    });
    done.await.unwrap();
}

/// The numbers that an address shows.
async fn at(b: &mut Browser, query: &str) -> Vec<String> {
    numbers(&b.get(&format!("/desk/applications{query}")).await.expect(200), list())
}

async fn tabs_show_whose_they_are(app: App) {
    let (mut one, mut other, colleague) = two(&app).await;
    let all = accepted(&app, 6, HERE).await;
    let (free, mine, theirs) = (all[..2].to_vec(), all[2..4].to_vec(), all[4..].to_vec());
    give(&app, &mine, one.official).await;
    give(&app, &theirs, colleague).await;
    let b = &mut one.browser;
    let own = [free.clone(), mine.clone()].concat();
    for (query, expected) in [
        ("", own.clone()),
        ("?tab=unassigned", free.clone()),
        ("?tab=mine", mine.clone()),
        ("?tab=review", all.clone()),
        ("?tab=review&assignee=me", mine.clone()),
        ("?tab=review&assignee=none", free.clone()),
        ("?tab=review&assignee=others", theirs.clone()),
        // The tab says whose they are: nothing else is taken from the address.
        ("?tab=mine&assignee=others", mine.clone()),
        ("?tab=review&stage=accepted&kind=enterprise", all.clone()),
        ("?tab=review&kind=individual", Vec::new()),
    ] {
        assert_eq!(at(b, query).await, expected, "{query}");
    }
    assert_eq!(count(&b.get("/desk/applications").await.expect(200), "mine"), "2");
    // While the colleague is away, what they have is the substitute's, too, each in its place.
    let (away, substitute, now) = (colleague, one.official, app.clock.now());
    let absent = app.deps.store.write(move |tx| {
        let values = (
            official_absences::id.eq(Id::new()),
            official_absences::official_id.eq(away),
            official_absences::substitute_id.eq(substitute),
            official_absences::from_at.eq(Ts::from(now)),
            official_absences::to_at.eq(Ts::from(now + Duration::days(2))),
            official_absences::created_at.eq(Ts::from(now)),
        );
        diesel::insert_into(official_absences::table).values(values).execute(tx.conn())?;
        Ok(())
    });
    absent.await.unwrap();
    for (query, expected) in [
        ("", all.clone()),
        ("?tab=mine", [mine.clone(), theirs.clone()].concat()),
        ("?tab=review&assignee=others", Vec::new()),
    ] {
        assert_eq!(at(b, query).await, expected, "{query}");
    }
    assert_eq!(at(&mut other, "?tab=mine").await, theirs, "whoever is away has them still");
    // Over several pages nothing of it comes twice, and nothing is left out.
    let many = accepted(&app, 70, HERE).await;
    give(&app, &many, colleague).await;
    let (mut seen, mut next) = (Vec::new(), Some("/desk/applications?tab=mine".to_owned()));
    while let Some(path) = next {
        let page = b.get(&path).await.expect(200);
        seen.extend(numbers(&page, list()));
        next = older(&page);
    }
    assert_eq!(seen, [mine, theirs, many].concat());
    app.stop().await;
}

async fn what_was_decided_today_comes_last_first(app: App) {
    let decided = in_state(&app, 3, HERE, "approved", false).await;
    let mut b = app.official(Role::CountyDesk, HERE).await;
    let expected: Vec<String> = decided.iter().rev().cloned().collect();
    assert_eq!(at(&mut b, "?tab=decided").await, expected);
    app.clock.advance(Duration::days(1));
    let mut b = app.official(Role::CountyDesk, HERE).await;
    assert_eq!(at(&mut b, "?tab=decided").await, Vec::<String>::new(), "today is another day");
    assert_eq!(at(&mut b, "?tab=all&stage=approved").await, decided);
    app.stop().await;
}

async fn a_business_is_found_by_a_part_of_its_name(app: App) {
    let all = accepted(&app, 2, HERE).await;
    let uscc = app.deps.store.read(|c| Ok(businesses::table.select(businesses::uscc).first::<String>(c)?));
    let uscc = uscc.await.unwrap();
    let mut b = app.official(Role::CountyDesk, HERE).await;
    let mut away = app.official(Role::CountyDesk, super::ELSEWHERE).await;
    b.get("/desk/applications").await.expect(200);
    away.get("/desk/applications").await.expect(200);
    // The one that waits for the town is found as well: a search goes over all tabs.
    for (typed, found) in
        [("小明", 3), (uscc.as_str(), 3), (all[0].as_str(), 1), ("没有", 0), ("%", 0), ("_", 0)]
    {
        let page = b.post("/desk/applications", &[("q", typed)]).await.expect(200);
        let shown = numbers(&page, list());
        assert_eq!(shown.len(), found, "{typed}");
        assert_eq!(shown.iter().collect::<BTreeSet<_>>().len(), found, "{typed}: each once");
        let path = "/api/v1/desk/applications/search";
        let called = b.api(Method::POST, path, &json!({"q": typed})).await.expect(200).json();
        assert_eq!(called["applications"].as_array().unwrap().len(), found, "{typed}");
        let page = away.post("/desk/applications", &[("q", typed)]).await.expect(200);
        assert!(numbers(&page, list()).is_empty(), "{typed} is not theirs");
    }
    let called = b.api_get(&format!("/api/v1/desk/applications?q={}", all[1])).await.expect(200).json();
    assert_eq!(called["applications"][0]["number"], all[1].as_str());
    assert_eq!(called["applications"].as_array().unwrap().len(), 1);
    app.stop().await;
}

async fn rows_are_taken_given_and_returned(app: App) {
    let (mut one, mut other, colleague) = two(&app).await;
    let all = accepted(&app, 2, HERE).await;
    let (first, second) = (format!("{}@1", all[0]), format!("{}@1", all[1]));
    let colleague = colleague.to_string();
    let bulk = "/desk/applications/bulk";
    one.browser.get("/desk/applications").await.expect(200).shows("王同事");
    let nobody = [("do", "assign"), ("case", first.as_str()), ("colleague", "")];
    let refused = one.browser.post(bulk, &nobody).await.expect(422);
    assert!(refused.body.contains(&format!("value=\"{first}\" checked")), "the row stays chosen");
    // Whoever is of another office is nobody to whom it can be given.
    let far = app.official_full(Role::CountyDesk, HERE).await.official.to_string();
    one.browser.post(bulk, &[("do", "assign"), ("case", &first), ("colleague", &far)]).await.expect(422);
    assert_eq!(at(&mut other, "?tab=mine").await, Vec::<String>::new());
    let given = [("do", "assign"), ("case", first.as_str()), ("colleague", colleague.as_str())];
    one.browser.post(bulk, &given).await.expect(200).shows("完成");
    assert_eq!(at(&mut other, "?tab=mine").await, [all[0].clone()]);
    // What a colleague has is not taken from them; each row has its own result.
    let both = [("do", "take"), ("case", first.as_str()), ("case", second.as_str())];
    one.browser.post(bulk, &both).await.expect(200).shows("完成").shows("已被同事领取");
    assert_eq!(at(&mut one.browser, "?tab=mine").await, [all[1].clone()]);
    other.get("/desk/applications").await.expect(200);
    other.post(bulk, &[("do", "return"), ("case", &first)]).await.expect(200).shows("完成");
    assert_eq!(at(&mut other, "?tab=unassigned").await, [all[0].clone()]);
    one.browser.post(bulk, &[("do", "nothing"), ("case", &first)]).await.expect(400);
    // By program the same, once for each key.
    let call = format!("/api/v1/desk/applications/{}/assign", all[0]);
    let taken = other.api(Method::POST, &call, &json!({"do": "take"})).await.expect(200).json();
    assert_eq!((&taken["taken"], &taken["mine"]), (&json!(true), &json!(true)));
    one.browser.api(Method::POST, &call, &json!({"do": "take"})).await.expect(409);
    other.api(Method::POST, &call, &json!({"do": "keep"})).await.expect(422);
    other.api(Method::POST, &call, &json!({"do": "assign", "colleague": far})).await.expect(422);
    let entries = app.deps.store.read(|c| {
        let entries = audit_entries::table.filter(audit_entries::action.eq("reopening.assign"));
        Ok(entries.count().get_result::<i64>(c)?)
    });
    assert_eq!(entries.await.unwrap(), 4, "what was refused has changed nothing");
    app.stop().await;
}
