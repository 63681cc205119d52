//! Somebody is away and a colleague stands in: what the one has taken is the other's to do while it lasts, and reminders go
//! there. Whoever leads gives back what is left lying.

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::harness::people::Staff;
use crate::on_both;
use crate::reopening::{COUNTY, TOWN, risk, submitted};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::crypto::FieldContext;
use fugong::db::Id;
use fugong::db::schema::{assignments, audit_entries, officials, outbox};
use fugong::web::session::{self, SessionKind};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    what_is_taken_is_the_substitutes_to_do_while_it_lasts,
    reminders_go_to_whoever_stands_in,
    who_stands_in_is_a_colleague_who_is_there,
    the_lead_gives_back_what_is_left_lying,
);

const HERE: &str = "/desk/account/absences";

/// Two officials of a town's office, and who they are.
async fn two(app: &App) -> (Staff, Browser, Id) {
    let staff = app.official_full(Role::TownReviewer, TOWN).await;
    let other = app.colleague(&staff, Role::TownReviewer, TOWN).await;
    let mine = staff.official;
    let id = app.deps.store.read(move |conn| {
        let named = officials::table.filter(officials::name.eq("王同事")).filter(officials::id.ne(mine));
        Ok(named.select(officials::id).first(conn)?)
    });
    (staff, other, id.await.unwrap())
}

/// An official who signs in once more: sessions of officials do not last overnight.
async fn again(app: &App, official: Id) -> Browser {
    let now = app.clock.now();
    let token = app.deps.store.write(move |tx| {
        let post = assignments::table.filter(assignments::official_id.eq(official));
        let post: Id = post.select(assignments::id).first(tx.conn())?;
        Ok(session::start(tx, SessionKind::Official, official, Some(post), "Test", now)?.0)
    });
    app.with_session(&token.await.unwrap())
}

/// Days of March 2020, as the form has them; today is the 12th.
async fn away(b: &mut Browser, substitute: &str, (from, to): (&str, &str)) -> Answer {
    b.get(HERE).await.expect(200);
    let fields = [
        ("substitute", substitute),
        ("from-year", "2020"),
        ("from-month", "3"),
        ("from-day", from),
        ("to-year", "2020"),
        ("to-month", "3"),
        ("to-day", to),
    ];
    b.post(HERE, &fields).await
}

/// A case that somebody of the town has taken.
async fn taken(app: &App, by: &mut Browser, seed: u64) -> String {
    risk(app, "medium").await;
    let mut b = app.resident("13800138000").await;
    let number = submitted(app, &mut b, seed).await;
    by.get(&format!("/desk/applications/{number}")).await.expect(200);
    let path = format!("/desk/applications/{number}/assign");
    by.post(&path, &[("do", "take")]).await.leads_to("/desk/applications/");
    number
}

async fn give_back(b: &mut Browser, number: &str) -> Answer {
    b.get(&format!("/desk/applications/{number}")).await.expect(200);
    b.post(&format!("/desk/applications/{number}/assign"), &[("do", "return")]).await
}

async fn what_is_taken_is_the_substitutes_to_do_while_it_lasts(app: App) {
    let (mut one, mut other, id) = two(&app).await;
    let number = taken(&app, &mut one.browser, 2).await;
    let mine = "/desk/applications?tab=mine";
    other.get(mine).await.expect(200).hides(&number);
    give_back(&mut other, &number).await.expect(409);
    away(&mut one.browser, &id.to_string(), ("12", "13")).await.leads_to(HERE);
    one.browser.get(HERE).await.expect(200).shows("王同事").shows("3 月 13 日");
    other.get(HERE).await.expect(200).shows("李经办");
    other.get(mine).await.expect(200).shows(&number);
    one.browser.get(mine).await.expect(200).shows(&number);
    let entered = app.deps.store.read(|conn| {
        let entries = audit_entries::table.filter(audit_entries::action.eq("official.absence"));
        Ok(entries.count().get_result::<i64>(conn)?)
    });
    assert_eq!(entered.await.unwrap(), 1);
    // When it is over it is over, to the minute: the 14th begins.
    app.clock.advance(Duration::hours(38));
    let (mut one, mut other) = (again(&app, one.official).await, again(&app, id).await);
    other.get(mine).await.expect(200).hides(&number);
    let all = one.api_get("/api/v1/desk/absences").await.expect(200).json();
    assert_eq!(all["own"], json!([]));
    one.get(HERE).await.expect(200);
    // Once more, and the substitute returns the case to all.
    let body = json!({"substitute": id, "from": "2020-03-14", "to": "2020-03-20"});
    let made = one.api(Method::POST, "/api/v1/desk/absences", &body).await.expect(201).json();
    give_back(&mut other, &number).await.leads_to("/desk/applications/");
    other.get("/desk/applications?tab=unassigned").await.expect(200).shows(&number);
    let path = format!("/api/v1/desk/absences/{}", made["id"].as_str().unwrap());
    other.api(Method::DELETE, &path, &Value::Null).await.expect(404);
    one.api(Method::DELETE, &path, &Value::Null).await.expect(204);
    one.api(Method::DELETE, &path, &Value::Null).await.expect(404);
    app.stop().await;
}

/// Gives officials an address, and says to whom a message went.
async fn reachable(app: &App, all: &[(Id, &'static str)]) {
    let (keys, all) = (app.deps.keys.clone(), all.to_vec());
    let done = app.deps.store.write(move |tx| {
        for (id, email) in all {
            let sealed =
                keys.seal(&FieldContext::new("officials", "email_sealed", id.0), email.as_bytes())?;
            diesel::update(officials::table.find(id))
                .set(officials::email_sealed.eq(Some(sealed)))
                .execute(tx.conn())?;
        }
        Ok(())
    });
    done.await.unwrap();
}

async fn reminders_go_to_whoever_stands_in(app: App) {
    let (mut one, _other, id) = two(&app).await;
    let number = taken(&app, &mut one.browser, 2).await;
    reachable(&app, &[(one.official, "away@example.org"), (id, "there@example.org")]).await;
    away(&mut one.browser, &id.to_string(), ("12", "31")).await.leads_to(HERE);
    app.clock.advance(Duration::days(8));
    app.tick().await;
    app.drain().await;
    let sent = app.deps.store.read(|conn| {
        let all = outbox::table.filter(outbox::message.eq("reopening-overdue"));
        Ok(all.count().get_result::<i64>(conn)?)
    });
    assert!(sent.await.unwrap() > 0, "{number} is overdue");
    let to: Vec<String> = app.deps.mail.sent().into_iter().map(|letter| letter.to).collect();
    assert!(to.iter().any(|to| to == "there@example.org"), "{to:?}");
    assert!(!to.iter().any(|to| to == "away@example.org"), "{to:?}");
    app.stop().await;
}

async fn who_stands_in_is_a_colleague_who_is_there(app: App) {
    let (mut one, mut other, id) = two(&app).await;
    let id = id.to_string();
    // Somebody of another office, oneself, nobody.
    let far = app.official_full(Role::TownReviewer, TOWN).await;
    away(&mut one.browser, &far.official.to_string(), ("12", "13")).await.expect(422);
    away(&mut one.browser, &one.official.to_string(), ("12", "13")).await.expect(422);
    away(&mut one.browser, "", ("12", "13")).await.expect(422);
    // Days that are none, over, the wrong way round.
    away(&mut one.browser, &id, ("31", "32")).await.expect(422);
    away(&mut one.browser, &id, ("11", "13")).await.expect(422).shows("第一天已经过去");
    away(&mut one.browser, &id, ("14", "13")).await.expect(422);
    away(&mut one.browser, &id, ("16", "18")).await.leads_to(HERE);
    away(&mut one.browser, &id, ("18", "19")).await.expect(422).shows("其中有几天你已登记外出");
    // Nobody stands in who is away, and nobody goes away who stands in.
    let mine = one.official.to_string();
    away(&mut other, &mine, ("17", "20")).await.expect(422).shows("其中有几天你在为同事代办");
    away(&mut other, &mine, ("23", "24")).await.leads_to(HERE);
    away(&mut one.browser, &id, ("24", "25")).await.expect(422).shows("你在为同事代办");
    // Alone in an office there is nobody to name.
    let mut alone = app.official(Role::Doctor, COUNTY).await;
    alone.get(HERE).await.expect(200).shows("无人可以代办");
    app.stop().await;
}

async fn the_lead_gives_back_what_is_left_lying(app: App) {
    let (mut one, mut other, _) = two(&app).await;
    let number = taken(&app, &mut one.browser, 2).await;
    give_back(&mut other, &number).await.expect(409);
    let mut far = app.official(Role::CountyDesk, "511622").await;
    far.get("/desk/applications").await.expect(200);
    far.post(&format!("/desk/applications/{number}/assign"), &[("do", "return")]).await.expect(404);
    let mut county = app.official(Role::CountyDesk, COUNTY).await;
    county.get(&format!("/desk/applications/{number}")).await.expect(200).shows("退回未分派");
    // Taking it is for the town, whose turn it is.
    county.post(&format!("/desk/applications/{number}/assign"), &[("do", "take")]).await.expect(404);
    give_back(&mut county, &number).await.leads_to("/desk/applications/");
    other.get("/desk/applications?tab=unassigned").await.expect(200).shows(&number);
    app.stop().await;
}
