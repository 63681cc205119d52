//! Verifying over pages and JSON, two provinces that trust each other, status lists and who looked.

mod partners;
mod provinces;
mod verifying;

use crate::harness::App;
use crate::harness::browser::Browser;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use diesel::prelude::*;
use fugong::audit::Actor;
use fugong::db::Ts;
use fugong::db::schema::{status_chunks, status_lists};
use fugong::exchange::{self, Exchange, NewAgreement};
use fugong::hcert::examples::ExampleSet;
use fugong::hcert::{StatusList, TrustStore, VerificationKey, examples};
use reqwest::Method;
use serde_json::{Value, json};

/// Makes a portal trust what the published examples trust.
pub async fn with_examples(app: &App) -> ExampleSet {
    let set = examples::published().unwrap();
    app.clock.advance(set.now - app.clock.now());
    let roots = set.roots.iter().map(|r| VerificationKey::from_spki(&STANDARD.decode(r).unwrap()).unwrap());
    app.deps.part::<Exchange>().unwrap().pin_roots(roots.collect());
    let signed = STANDARD.decode(&set.trust_list).unwrap();
    assert!(exchange::accept_list(&app.deps, signed.clone(), Actor::Console).await.unwrap());
    assert!(!exchange::accept_list(&app.deps, signed, Actor::Console).await.unwrap(), "the same list again");
    partner(app, "330000", "https://partner.example").await;
    agree(app, "330000", &["code", "certificate"]).await;
    let store = TrustStore::from_list(set.trust_list_view.clone()).unwrap();
    let list = StatusList::open(&STANDARD.decode(&set.status_list).unwrap(), &store, set.now).unwrap();
    app.deps.part::<Exchange>().unwrap().keep_status_list(list);
    set
}

async fn partner(app: &App, province: &str, endpoint: &str) {
    let new = exchange::NewPartner {
        province: province.into(),
        endpoint: endpoint.into(),
        phone: "0571-12345".into(),
        active: true,
    };
    exchange::put_partner(&app.deps, Actor::Console, new).await.unwrap();
}

async fn agree(app: &App, province: &str, kinds: &[&str]) {
    let new = NewAgreement {
        province: province.into(),
        kinds: kinds.iter().map(|k| (*k).to_owned()).collect(),
        direction: "both".into(),
        from: app.clock.now() - Duration::days(1),
        to: None,
        document: "川浙互认 1 号".into(),
    };
    exchange::add_agreement(&app.deps, Actor::Console, new, None).await.unwrap();
}

async fn verify(b: &mut Browser, text: &str) -> Value {
    b.api(Method::POST, "/api/v1/verify", &json!({"text": text})).await.expect(200).json()
}

/// An own status list with one chunk, as issuing makes it.
async fn own_list(app: &App) {
    let now = Ts::from(app.clock.now());
    let made = app.deps.store.write(move |tx| {
        diesel::insert_into(status_lists::table)
            .values((
                status_lists::id.eq(7_i64),
                status_lists::usage.eq("certificate"),
                status_lists::size.eq(131_072),
                status_lists::taken.eq(2),
                status_lists::version.eq(1_i64),
                status_lists::created_at.eq(now),
            ))
            .execute(tx.conn())?;
        for chunk in 0..8 {
            let row = (
                status_chunks::list_id.eq(7_i64),
                status_chunks::chunk.eq(chunk),
                status_chunks::bits.eq(vec![0_u8; 4096]),
            );
            diesel::insert_into(status_chunks::table).values(row).execute(tx.conn())?;
        }
        Ok(())
    });
    made.await.unwrap();
}

/// Revokes entry 16,385: the second of the second chunk.
async fn revoke(app: &App) {
    let done = app.deps.store.write(|tx| {
        let mut bits = vec![0_u8; 4096];
        bits[0] = 0b0100;
        let chunk = status_chunks::table.find((7_i64, 1));
        diesel::update(chunk).set(status_chunks::bits.eq(bits)).execute(tx.conn())?;
        let list = status_lists::table.find(7_i64);
        diesel::update(list).set(status_lists::version.eq(status_lists::version + 1)).execute(tx.conn())?;
        Ok(())
    });
    done.await.unwrap();
}

const ENTRY: u64 = 16_385;
