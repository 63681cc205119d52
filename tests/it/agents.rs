//! The right to act for a business: all that wait are within reach, and the legal person's codes are codes like all others.

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use crate::reopening::{begin, legal_phone, uscc};
use crate::worklist::{LISTS, numbers, older};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::crypto::FieldContext;
use fugong::db::schema::{business_agents, businesses, outbox};
use fugong::db::{Id, Ts};
use fugong::web::limits::Client;
use reqwest::StatusCode;
use serde_json::Value;

on_both!(
    the_counter_reaches_every_claim,
    an_agents_codes_count_among_all,
    a_telephone_is_one_of_however_many_businesses,
    an_agents_code_ends_as_all_do,
);

async fn the_counter_reaches_every_claim(app: App) {
    let (_, account) = app.resident_with("13800138000").await;
    let now = app.clock.now();
    let made = app.deps.store.write(move |tx| {
        for n in 0..120i64 {
            let (at, business): (Ts, Id) = ((now - Duration::minutes(200 - n / 7)).into(), Id::new());
            diesel::insert_into(businesses::table)
                .values((
                    businesses::id.eq(business),
                    businesses::uscc.eq(format!("x{n}")),
                    businesses::name.eq(""),
                    businesses::kind.eq("individual"),
                    businesses::division.eq(""),
                    businesses::version.eq(1i64),
                    businesses::created_at.eq(at),
                ))
                .execute(tx.conn())?;
            diesel::insert_into(business_agents::table)
                .values((
                    business_agents::id.eq(Id::new()),
                    business_agents::business_id.eq(business),
                    business_agents::account_id.eq(account),
                    business_agents::number.eq(format!("DL200312-{n:08}")),
                    business_agents::state.eq("pending"),
                    business_agents::created_at.eq(at),
                    business_agents::version.eq(1i64),
                    business_agents::claimed_name.eq("岳池县东外街理发店"),
                    business_agents::claimed_division.eq("511621001"),
                ))
                .execute(tx.conn())?;
        }
        Ok(())
    });
    made.await.unwrap();
    let mut desk = app.official(Role::CountyDesk, "511621").await;
    let list = LISTS.iter().find(|list| list.path == "/desk/agents").unwrap();
    let (mut next, mut seen) = (Some(list.path.to_owned()), Vec::new());
    while let Some(path) = next {
        let page = desk.get(&path).await.expect(200);
        seen.extend(numbers(&page, list));
        next = older(&page);
    }
    assert_eq!(seen.len(), 120);
    seen.dedup();
    assert_eq!(seen.len(), 120, "each once");
    let mut told = Vec::new();
    let mut after = String::new();
    loop {
        let page = desk.api_get(&format!("/api/v1/desk/agents?after={after}")).await.expect(200).json();
        told.extend(page["agents"].as_array().unwrap().iter().map(|a| a["number"].clone()));
        match &page["next"] {
            Value::String(next) => after.clone_from(next),
            _ => break,
        }
    }
    assert_eq!(told.len(), 120);
    desk.get("/desk/agents?after=zzz").await.expect(400);
    desk.post("/desk/agents", &[("q", "DL200312-00000119")]).await.expect(200).shows("DL200312-00000119");
    app.stop().await;
}

/// Whether or not there is a telephone to send it to: the answer tells nothing.
async fn an_agents_codes_count_among_all(app: App) {
    let app = app.with_settings(|config| config.sms_per_hour = 3).await;
    // The last third is for networks and browsers that have signed in, half of it for these networks.
    let here = Client::of("127.0.0.1".parse().unwrap()).wide();
    app.deps.signed_in.note(here, app.clock.now());
    let mut b = app.resident("13800138000").await;
    begin(&mut b, &uscc(true, 8), "岳池县东外街理发店").await;
    let page = b.get("/reopening").await.expect(200).body;
    let agent = page[page.find("/reopening/agents/DL").unwrap()..][..35].to_owned();
    b.get(&agent).await.expect(200);
    for _ in 0..2 {
        b.post(&format!("{agent}/code"), &[("do", "send")]).await.leads_to("/reopening/agents/");
        app.clock.advance(Duration::minutes(2));
    }
    let refused = b.post(&format!("{agent}/code"), &[("do", "send")]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let mut other = app.browser();
    other.get("/sign-in").await.expect(200);
    let refused = other.post("/sign-in", &[("phone", "13900139000")]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "one budget for all");
    app.stop().await;
}

/// A claim of a new account; gives its browser and where codes are asked for.
async fn claimant(app: &App, phone: &str, seed: u64) -> (Browser, String) {
    let mut b = app.resident(phone).await;
    begin(&mut b, &uscc(true, seed), "岳池县东外街理发店").await;
    let page = b.get("/reopening").await.expect(200).body;
    let agent = page[page.find("/reopening/agents/DL").unwrap()..][..35].to_owned();
    b.get(&agent).await.expect(200);
    (b, format!("{agent}/code"))
}

async fn a_telephone_is_one_of_however_many_businesses(app: App) {
    let (mut one, first) = claimant(&app, "13800138000", 8).await;
    let (mut two, second) = claimant(&app, "13800138001", 9).await;
    legal_phone(&app).await;
    let send = [("do", "send")];
    one.post(&first, &send).await.leads_to("/reopening/agents/");
    two.post(&second, &send).await.expect(429);
    for _ in 0..2 {
        app.clock.advance(Duration::minutes(2));
        one.post(&first, &send).await.leads_to("/reopening/agents/");
        app.clock.advance(Duration::minutes(2));
        two.post(&second, &send).await.leads_to("/reopening/agents/");
    }
    app.clock.advance(Duration::minutes(2));
    two.post(&second, &send).await.expect(429);
    assert_eq!(codes(&app).await.len(), 5, "five an hour, whoever asks");
    app.stop().await;
}

/// The codes that were sent, the newest last.
async fn codes(app: &App) -> Vec<String> {
    let keys = app.deps.keys.clone();
    let read = app.deps.store.read(move |conn| {
        let rows: Vec<(Id, Vec<u8>)> = outbox::table
            .filter(outbox::message.eq("agent-confirm-code"))
            .order(outbox::id.asc())
            .select((outbox::id, outbox::params_sealed))
            .load(conn)?;
        let open = |(id, sealed): &(Id, Vec<u8>)| {
            let place = FieldContext::new("outbox", "params_sealed", id.0);
            let params: Value = keys.open_json(&place, sealed)?;
            Ok(params["code"].as_str().unwrap().to_owned())
        };
        rows.iter().map(open).collect()
    });
    read.await.unwrap()
}

async fn an_agents_code_ends_as_all_do(app: App) {
    let mut b = app.resident("13800138000").await;
    begin(&mut b, &uscc(true, 8), "岳池县东外街理发店").await;
    legal_phone(&app).await;
    let page = b.get("/reopening").await.expect(200).body;
    let agent = page[page.find("/reopening/agents/DL").unwrap()..][..35].to_owned();
    let path = format!("{agent}/code");
    b.get(&agent).await.expect(200);
    b.post(&path, &[("do", "send")]).await.leads_to("/reopening/agents/");
    let first = codes(&app).await.pop().unwrap();
    assert!(first.len() == 6 && first.bytes().all(|c| c.is_ascii_digit()));
    let wrong = if first == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        b.post(&path, &[("code", wrong)]).await.expect(422).shows("验证码不对");
    }
    b.post(&path, &[("code", &first)]).await.expect(422).shows("验证码不对");
    app.clock.advance(Duration::minutes(2));
    b.post(&path, &[("do", "send")]).await.leads_to("/reopening/agents/");
    let second = codes(&app).await.pop().unwrap();
    app.clock.advance(Duration::minutes(30));
    b.post(&path, &[("code", &second)]).await.expect(422).shows("验证码不对");
    b.post(&path, &[("do", "send")]).await.leads_to("/reopening/agents/");
    let third = codes(&app).await.pop().unwrap();
    app.clock.advance(Duration::minutes(29));
    b.post(&path, &[("code", &third)]).await.leads_to("/reopening/agents/");
    app.stop().await;
}
