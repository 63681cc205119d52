//! Declarations at every stage, certificates in every state, what their people were told, and receipts.

use super::{COUNTY, PERSONAL, World};
use crate::harness::browser::Answer;
use fugong::access::Role;
use fugong::audit::{self, Position, Receipt};
use fugong::db::Ts;
use fugong::db::schema::certificates;
use fugong::identity::{divisions, sample};
use reqwest::Method;
use serde_json::{Value, json};

/// A page of the declaration and what is typed there.
pub type Filled = (&'static str, Vec<(&'static str, String)>);

/// The first town of the county.
pub fn town() -> String {
    divisions().children(COUNTY.parse().unwrap()).first().unwrap().code.to_string()
}

fn day(name: [&'static str; 3], day: &str) -> Vec<(&'static str, String)> {
    vec![(name[0], "2020".into()), (name[1], "3".into()), (name[2], day.to_owned())]
}

/// Every page of somebody with an identity card who was nowhere, in order.
pub fn pages(name: &str, number: &str) -> Vec<Filled> {
    let mut destination = vec![
        ("destination-division-1", "440000".to_owned()),
        ("destination-division-2", "440300".into()),
        ("destination-division-3", "440306".into()),
        ("employer", PERSONAL[17].into()),
        ("transport", "train".into()),
    ];
    destination.extend(day(["travel_day-year", "travel_day-month", "travel_day-day"], "15"));
    vec![
        ("identity", identity(name, "id_card", number)),
        (
            "address",
            vec![
                ("household-division", COUNTY.into()),
                ("household-address", PERSONAL[15].to_owned()),
                ("present-division", town()),
                ("present-address", PERSONAL[16].to_owned()),
            ],
        ),
        ("reach", vec![("phone", "13600008841".into()), ("conditions", "none".into())]),
        ("today", vec![("temperature", "36.5".into()), ("symptoms", "none".into())]),
        (
            "exposure",
            vec![
                ("contact", "no".into()),
                ("coresidents", "well".into()),
                ("isolation", "no".into()),
                ("diagnosed", "no".into()),
            ],
        ),
        ("travel", vec![("travelled", "no".into())]),
        ("protection", vec![("vaccination", "none".into()), ("test", "none".into())]),
        ("destination", destination),
    ]
}

fn identity(name: &str, kind: &str, number: &str) -> Vec<(&'static str, String)> {
    vec![("name", name.into()), ("document_kind", kind.into()), ("document_number", number.into())]
}

/// A stay elsewhere, as its page and paper send it.
fn stay(county: &str, from: &str, to: &str) -> Vec<(&'static str, String)> {
    let mut fields = vec![("stay-division", county.to_owned()), ("stay-transport", "train".into())];
    fields.extend(day(["stay-from-year", "stay-from-month", "stay-from-day"], from));
    fields.extend(day(["stay-to-year", "stay-to-month", "stay-to-day"], to));
    fields
}

/// A declaration as a program sends it; the identity card is the county's `nth`.
fn body(name: &str, number: &str) -> Value {
    json!({
        "name": name, "document_kind": "id_card", "document_number": number,
        "household": {"division": COUNTY, "address": PERSONAL[15]},
        "present": {"division": town(), "address": PERSONAL[16]},
        "phone": "13600008848", "conditions": ["diabetes"], "temperature_tenths": 366, "symptoms": [],
        "contact": false, "travel": [
            {"division": "420102", "from": "2020-03-01", "to": "2020-03-02", "transport": "train"},
            {"abroad": "大韩民国", "from": "2020-03-03", "to": "2020-03-04", "transport": "flight"},
        ],
        "coresidents": "well", "isolation": false, "diagnosed": false, "vaccination": "none", "test": "negative",
        "test_day": "2020-03-10",
        "destination": {"division": "440306", "employer": "厂", "transport": "train", "day": "2020-03-15"},
        "truth": true, "share": true,
    })
}

/// The county's nth invented identity card.
pub(super) fn card(nth: u64) -> String {
    sample::id_number_nth(COUNTY.parse().unwrap(), nth).unwrap().as_str().to_owned()
}

/// The last part of where an answer leads.
fn led_to(answer: &Answer) -> String {
    answer.location().split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
}

impl World {
    /// People: `resident` has declared three times; `drafter` (with a passport) is at check-your-answers; `returned`
    /// is correcting; `rejected`, `withdrawn`, `revoked`, `expired` are what they are called; `beginner` has done
    /// nothing yet; staff `doctor`, `auditor`. Things: the owner's `declaration`, `certificate`, `old-certificate`,
    /// `message`, `read-message`; the others' by their own names.
    pub(super) async fn declarations(&mut self) {
        self.hire("doctor", Role::Doctor, COUNTY).await;
        self.owners_declarations().await;
        self.drafts().await;
        self.sent_back().await;
        self.ended_certificates().await;
        self.on_paper().await;
        self.lists().await;
        self.letters().await;
        self.app.drain().await;
    }

    /// Three days ago `late` filled in everything for a journey of the next day, and did not send it. This comes first
    /// in the world, so that its record is in the order of time.
    pub(super) async fn outdated_draft(&mut self) {
        let days = chrono::Duration::days(3);
        self.app.clock.advance(-days);
        self.signed_in("late", "13800138029").await;
        let mut all = pages("钱一", &card(10));
        for (_, fields) in &mut all {
            fields.iter_mut().filter(|(n, _)| *n == "travel_day-day").for_each(|(_, v)| *v = "10".into());
        }
        self.fill("late", &all).await;
        self.app.clock.advance(days);
        self.signed_in("late", "13800138029").await;
    }

    /// Somebody who is signed in, without walking through the sign-in pages.
    async fn signed_in(&mut self, name: &str, phone: &str) {
        let browser = self.app.resident(phone).await;
        self.meet(name, browser);
        self.look(name, "/declare").await;
    }

    /// Fills pages of the form one after the other.
    async fn fill(&mut self, who: &str, pages: &[Filled]) {
        for (step, fields) in pages {
            let path = format!("/declare/{step}");
            self.look(who, &path).await;
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            self.send(who, &path, &fields).await.leads_to("/declare/");
        }
    }

    /// Sends what is on check-your-answers; gives where that leads.
    async fn submit(&mut self, who: &str) -> String {
        let version = self.look(who, "/declare/check").await.input("version").unwrap();
        let fields = [("version", version.as_str()), ("truth", "yes"), ("share", "yes")];
        led_to(&self.send(who, "/declare/submit", &fields).await)
    }

    /// Declares as a program.
    async fn declare(&mut self, who: &str, name: &str, number: &str) -> Value {
        self.look(who, "/declare").await;
        self.call(who, Method::POST, "/api/v1/declarations", &body(name, number)).await.json()
    }

    async fn decide(&mut self, who: &str, number: &str, fields: &[(&str, &str)]) {
        let path = format!("/desk/declarations/{number}");
        let version = self.look(who, &path).await.input("version").unwrap();
        let mut all = vec![("version", version.as_str())];
        all.extend_from_slice(fields);
        self.send(who, &path, &all).await.leads_to(&path);
    }

    /// Check and confirmation; the certificate is kept under a name, its text under `<name>-text`.
    async fn certify(&mut self, who: &str, number: &str, thing: &str) {
        self.decide("worker", number, &[("action", "check")]).await;
        let confirm = [("action", "confirm"), ("temperature", "36.6"), ("conclusion", "fit-with-monitoring")];
        self.decide("doctor", number, &confirm).await;
        let all = self.person(who).api_get("/api/v1/certificates").await.expect(200).json();
        self.keep(thing, all[0]["number"].as_str().unwrap());
        self.keep(&format!("{thing}-text"), all[0]["token"].as_str().unwrap());
    }

    async fn owners_declarations(&mut self) {
        let (name, number) = (PERSONAL[0], PERSONAL[1]);
        self.fill("resident", &pages(name, number)).await;
        let first = self.submit("resident").await;
        self.keep("first", first.clone());
        // A correction, page by page; then the worker checks it with others in one go.
        self.send("resident", &format!("/declarations/{first}/correct"), &[])
            .await
            .leads_to("/declare/check");
        let warm =
            vec![("today", vec![("temperature", "３６．８℃".to_owned()), ("symptoms", "none".into())])];
        self.fill("resident", &warm).await;
        assert_eq!(self.submit("resident").await, first);
        let list = self.look("worker", "/desk/declarations").await.body;
        self.send("worker", "/desk/declarations", &[("q", name)]).await;
        let row = list.split("name=\"case\" value=\"").find(|row| row.starts_with(&first)).expect("its row");
        let row = row.split('"').next().unwrap().to_owned();
        self.send("worker", "/desk/declarations/check", &[("case", &row)]).await.shows("已核对");
        let view = [("do", "save"), ("tab", "submitted"), ("concern", "yes"), ("view", "要留意的")];
        self.send("worker", "/desk/declarations/views", &view).await;
        let confirm = [("action", "confirm"), ("temperature", "36.6"), ("conclusion", "no-abnormality")];
        self.decide("doctor", &first, &confirm).await;
        let all = self.person("resident").api_get("/api/v1/certificates").await.expect(200).json();
        self.keep("old-certificate", all[0]["number"].as_str().unwrap());
        self.look("resident", "/declare").await;
        self.send("resident", "/declare/renew", &[]).await.leads_to("/declare/today");
        self.look("resident", "/declare").await;
        self.send("resident", "/declare/discard", &[]).await.leads_to("/declare");
        let again = self.declare("resident", name, number).await["number"].as_str().unwrap().to_owned();
        self.certify("resident", &again, "certificate").await;
        let third = self.declare("resident", name, number).await;
        let path = format!("/api/v1/declarations/{}", third["number"].as_str().unwrap());
        let patch = json!({"version": third["version"], "answers": {"share": false}});
        let corrected = self.call("resident", Method::PATCH, &path, &patch).await.json();
        self.keep("declaration", third["number"].as_str().unwrap());
        self.keep("receipt", corrected["receipt"]["signed"].as_str().unwrap());
    }

    async fn drafts(&mut self) {
        self.signed_in("beginner", "13800138020").await;
        let first: Vec<Filled> = pages("张三", &card(3)).into_iter().take(1).collect();
        self.fill("beginner", &first).await;
        self.look("beginner", "/declare").await;
        self.send("beginner", "/declare/discard", &[]).await.leads_to("/declare");
        self.signed_in("drafter", "13800138021").await;
        let long = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessenschafe";
        let mut all = pages(long, "E12345678");
        all[0].1 = identity(long, "passport", "E12345678");
        all[0].1.extend([("sex", "female".into()), ("nationality", "Deutschland".into())]);
        for page in &mut all {
            if page.0 == "travel" {
                page.1 = vec![("travelled", "yes".into())];
            }
        }
        let at = all.iter().position(|(step, _)| *step == "protection").unwrap();
        for (n, (county, from, to)) in [("420102", "1", "2"), ("440106", "3", "4")].into_iter().enumerate() {
            let mut fields = stay(county, from, to);
            fields.push(("do", "add".into()));
            all.insert(at + n, ("places", fields));
        }
        self.fill("drafter", &all).await;
        // Another phone with the owner's document is led to the counter.
        self.signed_in("second", "13800138028").await;
        self.look("second", "/declare").await;
        let fields = identity(PERSONAL[0], "id_card", PERSONAL[1]);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let sent = self.send("second", "/declare/identity", &fields).await;
        self.keep("counter", sent.location().to_owned());
    }

    async fn sent_back(&mut self) {
        self.signed_in("returned", "13800138022").await;
        let number = self.declare("returned", &"长".repeat(100), &card(4)).await;
        let number = number["number"].as_str().unwrap().to_owned();
        let items = "补上门牌号\n把工作单位写全，不要只写“厂”";
        let back = [("action", "return"), ("reason", "地址和单位不全"), ("items", items)];
        self.decide("worker", &number, &back).await;
        self.look("returned", "/declare").await;
        self.send("returned", &format!("/declarations/{number}/correct"), &[]).await;
        self.keep("returned", number);

        self.signed_in("rejected", "13800138023").await;
        let number = self.declare("rejected", "赵六", &card(5)).await["number"].as_str().unwrap().to_owned();
        let no = [
            ("action", "reject"),
            ("reason", "现场测温 38.2 度"),
            ("remedy", "请到发热门诊就诊，退烧三天后重新申报"),
        ];
        self.decide("doctor", &number, &no).await;
        self.keep("rejected", number);

        self.signed_in("withdrawn", "13800138024").await;
        let first = self.declare("withdrawn", "孙七", &card(6)).await;
        let path = format!("/declarations/{}", first["number"].as_str().unwrap());
        let version = first["version"].to_string();
        self.look("withdrawn", &path).await;
        self.send("withdrawn", &format!("{path}/withdraw"), &[("version", &version)]).await.leads_to(&path);
        let second = self.declare("withdrawn", "孙七", &card(6)).await;
        let path = format!(
            "/api/v1{}/withdraw",
            path.replace(first["number"].as_str().unwrap(), second["number"].as_str().unwrap(),)
        );
        self.call("withdrawn", Method::POST, &path, &json!({"version": second["version"]})).await;
        self.keep("withdrawn", first["number"].as_str().unwrap());
    }

    async fn ended_certificates(&mut self) {
        for (who, phone, nth) in [("revoked", "13800138025", 7), ("expired", "13800138026", 8)] {
            self.signed_in(who, phone).await;
            let number = self.declare(who, "周八", &card(nth)).await["number"].as_str().unwrap().to_owned();
            self.certify(who, &number, who).await;
        }
        let path = self.fill_in("/desk/certificates/{revoked}");
        let version = self.look("doctor", &path).await.input("version").unwrap();
        let why = [
            ("version", version.as_str()),
            ("reason", "复查发热"),
            ("remedy", "隔离期满后重新申报，电话随时可以问我们"),
        ];
        self.send("doctor", &format!("{path}/revoke"), &why).await.leads_to(&path);
        // Its days go by, without everybody's session going by with them.
        let (number, past) = (self.fill_in("{expired}"), self.app.clock.now() - chrono::Duration::hours(1));
        let aged = self.app.deps.store.write(move |tx| {
            use diesel::prelude::*;
            let one = certificates::table.filter(certificates::number.eq(number));
            let set = certificates::expires_at.eq(Ts::from(past));
            Ok(diesel::update(one).set(set).execute(tx.conn())?)
        });
        assert_eq!(aged.await.unwrap(), 1);
    }

    async fn on_paper(&mut self) {
        self.look("worker", "/desk/declarations/new").await;
        let filled = pages("吴九", &card(9));
        let mut fields: Vec<(&str, &str)> =
            filled.iter().flat_map(|(_, f)| f).map(|(n, v)| (*n, v.as_str())).collect();
        fields.extend([("truth", "yes"), ("share", "yes")]);
        let sent = self.send("worker", "/desk/declarations/new", &fields).await;
        let receipt = sent.leads_to("/desk/receipts/").location().to_owned();
        let page = self.look("worker", &receipt).await.body;
        let number =
            page.split("/desk/declarations/SB").nth(1).expect("its number").split('"').next().unwrap();
        self.keep("entered", format!("SB{number}"));
    }

    /// A declaration that no signed head covers yet; its receipt is `new-receipt`.
    pub(super) async fn late_submission(&mut self) {
        self.signed_in("newest", "13800138027").await;
        let made = self.declare("newest", "周末", &card(11)).await;
        self.keep("new-receipt", made["receipt"]["signed"].as_str().unwrap());
    }

    async fn lists(&mut self) {
        self.look("doctor", "/desk/certificates").await;
        self.send("doctor", "/desk/certificates", &[("q", PERSONAL[0])]).await;
        let view = [("do", "save"), ("state", "revoked"), ("view", "撤销的"), ("shared", "yes")];
        self.send("doctor", "/desk/certificates/views", &view).await;
        let sought = json!({"q": PERSONAL[0]});
        self.call("doctor", Method::POST, "/api/v1/desk/certificates/search", &sought).await;
    }

    /// One message of the owner is read, one is not; a receipt that the record does not have.
    async fn letters(&mut self) {
        let page = self.look("resident", "/me/messages").await;
        let ids: Vec<&str> = page.body.split("href=\"/me/messages/").skip(1).collect();
        let ids: Vec<String> = ids.iter().map(|s| s.split('"').next().unwrap().to_owned()).collect();
        let read = ids[1].clone();
        self.keep("message", ids[0].clone());
        self.send("resident", &format!("/me/messages/{read}/read"), &[]).await.leads_to("/me/messages");
        self.keep("read-message", read);
        let nowhere = Position { lane: 0, seq: 1_000_000, hash: [7; 32] };
        let lost = Receipt::new("SB200312-7K3M9QX2", "declaration", b"x", self.app.clock.now(), &nowhere);
        self.keep("receipt-lost", audit::sign_receipt(&self.app.deps.keys, &lost).unwrap());
        self.look("visitor", "/receipts/check").await;
        let receipt = self.fill_in("{receipt}");
        self.send("visitor", "/receipts/check", &[("receipt", &receipt)]).await;
        self.call("visitor", Method::POST, "/api/v1/receipts/verify", &json!({"receipt": receipt})).await;
    }
}
