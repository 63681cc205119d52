//! The record: every way of tampering is found, proofs lead to signed heads, receipts stand or fall with the record.

mod auditor;
mod tamper;

use crate::harness::App;
use crate::on_both;
use fugong::audit::{self, Actor, Entry, Finding, PublicKeys, Receipt, Standing, Summary};
use fugong::crypto::SigningUsage;
use fugong::db::{Conn, Id, connect_read};
use fugong::jobs::Job;
use serde_json::json;

on_both!(heads_are_signed_copied_and_prove_every_entry, receipts_stand_and_fall_with_the_record);

/// Appends `n` entries, each in a transaction of its own, so that on PostgreSQL they spread over the lanes.
pub async fn fill(app: &App, n: usize) {
    for i in 0..n {
        let now = app.clock.now();
        let entry = Entry::new(Actor::System, "test.entry", "test")
            .object(Id::new())
            .detail(json!({"i": i, "rare": "𠮷", "list": [1, true, null, {"b": 1, "a": 2}]}));
        app.deps.store.write(move |tx| audit::append(tx, now, entry)).await.unwrap();
    }
}

pub async fn sign(app: &App) {
    audit::Signing.run(app.deps.clone()).await.unwrap();
}

pub fn check(app: &App) -> (Summary, Vec<Finding>) {
    let mut conn = connect_read(&app.deps.config.database).unwrap();
    let keys = PublicKeys::of(&app.deps.keys, SigningUsage::Audit);
    let mut found = Vec::new();
    let folder = app.deps.config.audit_heads.as_path();
    let summary = audit::verify(&mut conn, &keys, Some(folder), &mut |f| found.push(f.clone())).unwrap();
    (summary, found)
}

async fn heads_are_signed_copied_and_prove_every_entry(app: App) {
    for round in [0, 1, 255, 1, 300] {
        fill(&app, round).await;
        sign(&app).await;
        app.clock.advance(chrono::Duration::minutes(1));
    }
    fill(&app, 7).await;
    let (summary, found) = check(&app);
    assert_eq!(found, []);
    assert_eq!((summary.entries, summary.heads, summary.copies), (564, 5, 5));
    let keys = PublicKeys::of(&app.deps.keys, SigningUsage::Audit);
    let lanes = app.deps.store.read(|conn| Ok(audit::latest(conn)?.unwrap().lanes)).await.unwrap();
    for (lane, part) in lanes {
        for seq in [1, part.1 / 2, part.1].into_iter().filter(|s| *s > 0) {
            let found = app.deps.store.read(move |conn| {
                let hash = audit::entry_hash(conn, lane, seq)?;
                Ok((hash, audit::prove(conn, lane, seq)?))
            });
            let (hash, proof) = found.await.unwrap();
            let (proof, head) = proof.unwrap();
            assert!(head.is_signed(&keys) && audit::proves(&hash, &proof, &head), "{lane} {seq}");
            assert!(!audit::proves(&[1; 32], &proof, &head));
        }
        let beyond = app.deps.store.read(move |conn| audit::prove(conn, lane, part.1 + 1)).await.unwrap();
        assert_eq!(beyond, None, "not taken up yet");
    }
    let grown = app.deps.store.read(|conn| {
        let newest = audit::latest(conn)?.unwrap();
        (1..=newest.number)
            .map(|n| {
                let earlier = audit::by_number(conn, n)?.unwrap();
                audit::is_beginning(conn, &earlier, &newest)
            })
            .collect::<Result<Vec<bool>, _>>()
    });
    assert_eq!(grown.await.unwrap(), [true; 5]);
    app.stop().await;
}

async fn receipts_stand_and_fall_with_the_record(app: App) {
    fill(&app, 20).await;
    let (now, keys) = (app.clock.now(), app.deps.keys.clone());
    let text = app
        .deps
        .store
        .write(move |tx| {
            let at = audit::append(tx, now, Entry::new(Actor::Anonymous, "test.submit", "test"))?;
            audit::sign_receipt(&keys, &Receipt::new("SB200312-7K3M9QX2", "test", b"content", now, &at))
        })
        .await
        .unwrap();
    let mut b = app.browser();
    let body = json!({"receipt": text});
    let answer = b.api(reqwest::Method::POST, "/api/v1/receipts/verify", &body).await.expect(200).json();
    assert_eq!((&answer["valid"], &answer["standing"]), (&json!(true), &json!("waiting")));
    sign(&app).await;
    let answer = b.api(reqwest::Method::POST, "/api/v1/receipts/verify", &body).await.expect(200).json();
    assert_eq!(answer["standing"], "included");
    let path = answer["proof"]["path"].as_array().unwrap().len();
    assert!((2..=5).contains(&path), "21 leaves: {path}");
    assert_eq!(answer["head"]["tree_size"], 21);
    let forged = json!({"receipt": text.replace('A', "B")});
    let answer = b.api(reqwest::Method::POST, "/api/v1/receipts/verify", &forged).await.expect(200).json();
    assert_eq!(answer["valid"], false);
    b.api(reqwest::Method::POST, "/api/v1/receipts/verify", &json!({"receipt": text, "x": 1}))
        .await
        .expect(422);

    b.get("/receipts/check").await.expect(200).shows("回执");
    b.post("/receipts/check", &[("receipt", &text)]).await.expect(200).shows("SB200312-7K3M9QX2");
    b.post("/receipts/check", &[("receipt", "x.y.z")]).await.expect(422).shows("x.y.z");
    let receipt = audit::read_receipt(&app.deps.keys, &text).unwrap();
    app.deps
        .store
        .write(|tx| {
            use diesel::RunQueryDsl;
            diesel::sql_query("UPDATE audit_entries SET action = 'test.other' WHERE action = 'test.submit'")
                .execute(tx.conn())?;
            Ok(())
        })
        .await
        .unwrap();
    let standing = app.deps.store.read(move |conn: &mut Conn| audit::standing(conn, &receipt)).await.unwrap();
    assert_eq!(standing, Standing::Missing);
    app.stop().await;
}
