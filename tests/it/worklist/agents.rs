//! The list of rights to act for businesses: rows for what all lists do, and what is its own: tabs by state, a search by a part of the
//! business's name, and the one that waits elsewhere, which is found by its exact number.

use super::fill::number;
use super::{ELSEWHERE, HERE, LISTS, List, count, numbers};
use crate::harness::App;
use crate::on_both;
use crate::reopening::{begin, uscc};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::{business_agents as ag, businesses as bu};
use fugong::db::{Id, Ts};
use reqwest::Method;
use serde_json::json;

on_both!(
    tabs_follow_the_states,
    a_right_is_found_by_what_the_business_is_called,
    one_that_waits_elsewhere_is_found_by_its_number,
    a_right_that_is_decided_leads_to_the_next,
);

fn list() -> &'static List {
    LISTS.iter().find(|list| list.path == "/desk/agents").unwrap()
}

/// The right that is made by hand: it waits in the county, for a barber's shop.
async fn one(app: &App) -> String {
    let mut b = app.resident("13800000006").await;
    begin(&mut b, &uscc(true, 8), "岳池县东外街理发店").await;
    let found = app.deps.store.read(|c| {
        let waits = ag::table.filter(ag::state.eq("pending")).order(ag::created_at.desc());
        Ok(waits.select(ag::number).first::<String>(c)?)
    });
    found.await.unwrap()
}

/// Rights that wait, each claimed a second after the one before; the first call makes one as people make it.
pub async fn waiting(app: &App, many: usize, division: &str) -> Vec<String> {
    let found = app
        .deps
        .store
        .read(|c| Ok(ag::table.filter(ag::state.eq("pending")).count().get_result::<i64>(c)?));
    let mut made = Vec::new();
    if found.await.unwrap() == 0 {
        let number = one(app).await;
        if division == HERE {
            made.push(number);
        }
    }
    let left = many.saturating_sub(made.len());
    made.extend(in_state(app, left, division, "pending").await);
    made
}

/// Rights in a state, each of a business of its own, written like the one that waits.
async fn in_state(app: &App, many: usize, division: &str, state: &'static str) -> Vec<String> {
    let division = division.to_owned();
    let written = app.deps.store.write(move |tx| {
        let model = ag::table.order(ag::created_at).select((ag::account_id, ag::claimed_name));
        let (account, name): (Id, String) = model.filter(ag::state.eq("pending")).first(tx.conn())?;
        let last: Ts = ag::table.order(ag::created_at.desc()).select(ag::created_at).first(tx.conn())?;
        let mut numbers = Vec::new();
        for n in 1..=i64::try_from(many).unwrap() {
            let (business, number, at) = (Id::new(), number("DL"), Ts(last.0 + Duration::seconds(n)));
            let named = state == "confirmed";
            let values = (
                bu::id.eq(business),
                bu::uscc.eq(&number),
                bu::name.eq(if named { name.as_str() } else { "" }),
                bu::kind.eq("individual"),
                bu::division.eq(if named { division.as_str() } else { "" }),
                bu::version.eq(1),
                bu::created_at.eq(at),
            );
            diesel::insert_into(bu::table).values(values).execute(tx.conn())?;
            let values = (
                ag::id.eq(Id::new()),
                ag::business_id.eq(business),
                ag::account_id.eq(account),
                ag::number.eq(&number),
                ag::state.eq(state),
                ag::created_at.eq(at),
                ag::version.eq(1),
                ag::claimed_name.eq(&name),
                ag::claimed_division.eq(&division),
            );
            diesel::insert_into(ag::table).values(values).execute(tx.conn())?;
            numbers.push(number);
        }
        Ok(numbers)
    });
    written.await.unwrap()
}

async fn tabs_follow_the_states(app: App) {
    let waits = waiting(&app, 3, HERE).await;
    let confirmed = in_state(&app, 2, HERE, "confirmed").await;
    let rejected = in_state(&app, 2, HERE, "rejected").await;
    let ended = in_state(&app, 1, HERE, "ended").await;
    let over: Vec<String> = rejected.iter().chain(&ended).cloned().collect();
    let turned = |of: &[String]| of.iter().rev().cloned().collect::<Vec<_>>();
    let mut b = app.official(Role::CountyDesk, HERE).await;
    for (query, expected) in [
        ("", waits.clone()),
        ("?sort=newest", turned(&waits)),
        ("?kind=individual", waits.clone()),
        ("?kind=enterprise", Vec::new()),
        ("?tab=confirmed", confirmed.clone()),
        ("?tab=over", over.clone()),
        ("?tab=over&sort=newest&stage=rejected", turned(&rejected)),
        ("?tab=over&stage=ended", ended.clone()),
        // Not a state of this tab, so it says nothing.
        ("?tab=waiting&stage=ended", waits.clone()),
    ] {
        let page = b.get(&format!("/desk/agents{query}")).await.expect(200);
        assert_eq!(numbers(&page, list()), expected, "{query}");
        assert_eq!(count(&page, "waiting"), "3", "{query}: a tab counts all that is in it");
    }
    let mut above = app.official(Role::CountyDesk, "511600").await;
    for (query, expected) in
        [("", waits.clone()), ("?place=511621", waits.clone()), ("?place=511622", vec![])]
    {
        let page = above.get(&format!("/desk/agents{query}")).await.expect(200);
        assert_eq!(numbers(&page, list()), expected, "{query}");
    }
    app.stop().await;
}

async fn a_right_is_found_by_what_the_business_is_called(app: App) {
    let waits = waiting(&app, 1, HERE).await;
    let confirmed = in_state(&app, 1, HERE, "confirmed").await;
    let rejected = in_state(&app, 1, HERE, "rejected").await;
    let both = vec![confirmed[0].clone(), waits[0].clone()];
    let (mut b, mut away) =
        (app.official(Role::CountyDesk, HERE).await, app.official(Role::CountyDesk, ELSEWHERE).await);
    b.get("/desk/agents").await.expect(200);
    away.get("/desk/agents").await.expect(200);
    let code = uscc(true, 8);
    for (typed, expected) in [
        ("东外街理发", both.clone()),
        (code.as_str(), vec![waits[0].clone()]),
        (code.to_lowercase().as_str(), vec![waits[0].clone()]),
        // What was refused is found by its number; what it was called is nobody's name.
        (rejected[0].as_str(), rejected.clone()),
        ("%", Vec::new()),
        ("没有这家店", Vec::new()),
    ] {
        let page = b.post("/desk/agents", &[("q", typed)]).await.expect(200);
        assert_eq!(numbers(&page, list()), expected, "{typed}");
        let sought = json!({"q": typed});
        let found = b.api(Method::POST, "/api/v1/desk/agents/search", &sought).await.expect(200).json();
        assert_eq!(found["agents"].as_array().unwrap().len(), expected.len(), "{typed}");
        assert!(found["tab"].is_null());
        let page = away.post("/desk/agents", &[("q", typed)]).await.expect(200);
        assert!(numbers(&page, list()).is_empty(), "{typed} is not theirs");
    }
    app.stop().await;
}

async fn one_that_waits_elsewhere_is_found_by_its_number(app: App) {
    let waits = waiting(&app, 1, HERE).await;
    let confirmed = in_state(&app, 1, HERE, "confirmed").await;
    let mut away = app.official(Role::TownReviewer, "510107").await;
    assert!(numbers(&away.get("/desk/agents").await.expect(200), list()).is_empty());
    let page = away.post("/desk/agents", &[("q", &waits[0].to_lowercase())]).await.expect(200);
    assert_eq!(numbers(&page, list()), waits);
    away.get(&format!("/desk/agents/{}", waits[0])).await.expect(200).shows("岳池县东外街理发店");
    let found = away.api_get(&format!("/api/v1/desk/agents?q={}", waits[0])).await.expect(200).json();
    assert_eq!(found["agents"][0]["number"], waits[0]);
    // What counts already is shown to the counters of its own place.
    let page = away.post("/desk/agents", &[("q", &confirmed[0])]).await.expect(200);
    assert!(numbers(&page, list()).is_empty());
    away.get(&format!("/desk/agents/{}", confirmed[0])).await.expect(404);
    app.stop().await;
}

async fn a_right_that_is_decided_leads_to_the_next(app: App) {
    let waits = waiting(&app, 2, HERE).await;
    let mut b = app.official(Role::CountyDesk, HERE).await;
    let path = format!("/desk/agents/{}", waits[0]);
    let next = format!("href=\"/desk/agents/{}\"", waits[1]);
    let page = b.get(&path).await.expect(200);
    assert!(!page.body.contains(&next), "while it waits itself");
    let version = page.input("version").unwrap();
    // First what the claimant will read; nothing is decided by that.
    let refuse = [("version", version.as_str()), ("do", "reject")];
    b.post(&path, &[&refuse[..], &[("preview", "1")]].concat()).await.expect(200).shows("对方将收到");
    assert_eq!(count(&b.get("/desk/agents").await.expect(200), "waiting"), "2");
    b.post(&path, &refuse).await.leads_to("/desk/agents");
    assert!(b.get(&path).await.expect(200).body.contains(&next));
    let seen = b.api_get(&path).await.expect(200).json();
    assert_eq!((&seen["right"]["state"], &seen["next"]), (&json!("rejected"), &json!(waits[1])));
    app.stop().await;
}
