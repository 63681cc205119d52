//! Partners, agreements to come, in force and ended, a trust list, documents shown to staff and over the interface,
//! and the auditor who looks at it all.

use super::World;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::db::schema::audit_entries;
use fugong::exchange;
use fugong::hcert::{Es256Signer, Signer, TrustList};
use fugong::web::qr::Qr;
use reqwest::Method;
use serde_json::json;

impl World {
    /// People: `exchange` (the operator), `auditor`. Things: `agreement`, in force, and `entry`, a place in the record
    /// that a signed head proves.
    pub(super) async fn exchange(&mut self) {
        self.hire("exchange", Role::ExchangeOperator, "510000").await;
        self.partners().await;
        self.agreements().await;
        self.trust_list().await;
        self.verifications().await;
    }

    async fn partners(&mut self) {
        for (province, endpoint, active) in [
            ("440000", "https://fugong.gd.example", "yes"),
            ("330000", "https://fugong.zj.example", "yes"),
            ("500000", "https://a-very-long-name-of-a-portal.fugong.chongqing.example", ""),
        ] {
            self.look("exchange", "/desk/exchange/partners/new").await;
            let partner =
                [("province", province), ("endpoint", endpoint), ("phone", "020-12345"), ("active", active)];
            self.send("exchange", "/desk/exchange/partners/new", &partner).await.leads_to("/desk/exchange");
        }
    }

    async fn agreements(&mut self) {
        let page = "/desk/exchange/agreements/new";
        for (province, month, document) in [
            ("440000", "3", "川粤互认〔2020〕1 号"),
            ("330000", "4", "川浙互认 1 号"),
            ("330000", "2", "川浙试行 1 号"),
        ] {
            self.look("exchange", page).await;
            let agreement = [
                ("province", province),
                ("kinds", "certificate"),
                ("direction", "both"),
                ("from-year", "2020"),
                ("from-month", month),
                ("from-day", "1"),
                ("document", document),
            ];
            self.send("exchange", page, &agreement).await.leads_to("/desk/exchange");
        }
        // The one of February ends now.
        let trust = exchange::current(&self.app.deps).await.unwrap();
        let id = |document: &str| trust.rows.iter().find(|r| r.document == document).unwrap().id.to_string();
        let end = format!("/desk/exchange/agreements/{}/end", id("川浙试行 1 号"));
        self.look("exchange", &end).await;
        self.send("exchange", &end, &[]).await.leads_to("/desk/exchange");
        self.keep("agreement", id("川粤互认〔2020〕1 号"));
    }

    /// Two officers sign a list with our keys.
    async fn trust_list(&mut self) {
        let root = || Es256Signer::from_pkcs8(&Es256Signer::generate().unwrap()).unwrap();
        let (first, second) = (root(), root());
        let (deps, now) = (self.app.deps.clone(), self.app.clock.now());
        let now = chrono::DateTime::from_timestamp(now.timestamp(), 0).unwrap();
        let (keys, url) = (&deps.keys, &deps.config.public_url);
        let span = (now, now + chrono::Duration::days(700));
        let list = TrustList {
            sequence: 1,
            issued_at: now,
            next_update: now + chrono::Duration::days(90),
            entries: exchange::own_entries(keys, "510000", "四川省", url, span).unwrap(),
            tombstones: Vec::new(),
        };
        let signers: [&dyn Signer; 2] = [&first, &second];
        let signed = list.sign(&signers).unwrap();
        deps.part::<exchange::Exchange>()
            .unwrap()
            .pin_roots(vec![first.public().clone(), second.public().clone()]);
        assert!(exchange::accept_list(&deps, signed, Actor::Console).await.unwrap());
    }

    /// Staff verify a text and a picture, somebody else asks over the interface.
    async fn verifications(&mut self) {
        let text = self.fill_in("{certificate-text}");
        self.look("worker", "/verify").await;
        self.send("worker", "/verify", &[("text", &text)]).await;
        self.call("worker", Method::POST, "/api/v1/verify", &json!({"text": text})).await;
        let picture = Qr::new(&text).unwrap().png(4).unwrap();
        let before = self.entries().await;
        let token = self.look("worker", "/verify").await.input("_csrf").unwrap();
        let headers =
            [("accept", "application/json"), ("content-type", "image/png"), ("x-csrf-token", token.as_str())];
        let path = "/api/v1/verify/image";
        let worker = self.person("worker");
        worker.request(Method::POST, path, &headers, Some(picture)).await.expect(200);
        self.note(Method::POST, path.to_owned(), before).await;
        self.app.clock.advance(chrono::Duration::minutes(1));
        self.look("visitor", "/verify").await;
        self.call("visitor", Method::POST, "/exchange/v1/verify", &json!({"text": text})).await;
    }

    /// The record as far as it is written has a signed head; the auditor goes through it.
    pub(super) async fn record(&mut self) {
        self.hire("auditor", Role::Auditor, "510000").await;
        self.app.tick().await;
        self.look("auditor", "/audit").await;
        self.send("auditor", "/audit/verify", &[]).await;
        // What is written from here on waits for the next head.
        self.late_submission().await;
        let ends = self.app.deps.store.read(|conn| {
            use diesel::prelude::*;
            let places = audit_entries::table.select((audit_entries::lane, audit_entries::seq));
            let by_time = places.order((audit_entries::at, audit_entries::lane, audit_entries::seq));
            let first: (i32, i64) = by_time.first(conn)?;
            let newest = (audit_entries::at.desc(), audit_entries::lane.desc(), audit_entries::seq.desc());
            let last: (i32, i64) = places.order(newest).first(conn)?;
            Ok((first, last))
        });
        let (first, last) = ends.await.unwrap();
        self.keep("entry", format!("{}/{}", first.0, first.1));
        self.keep("new-entry", format!("{}/{}", last.0, last.1));
    }
}
