//! Health codes in every state, a look by staff, findings and risk levels entered, confirmed and refused.

use super::{COUNTY, PERSONAL, World};
use crate::harness::declared::{self, healthy};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::accounts::{Claim, ClaimPerson, claim_person};
use fugong::audit::Actor;
use fugong::db::schema::{health_records, second_waits};
use fugong::db::{Id, Ts};
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName, Phone};
use reqwest::Method;
use serde_json::json;

/// Names and documents: of the resident, of somebody with a cough, of a close contact.
const NAMES: [(&str, &str); 3] =
    [(PERSONAL[0], PERSONAL[1]), (PERSONAL[2], PERSONAL[3]), (PERSONAL[4], PERSONAL[5])];

fn statement(account: Id, phone: &str, (name, document): (&str, &str)) -> ClaimPerson {
    ClaimPerson {
        by: Actor::Resident(account),
        account: Some(account),
        document: DocumentNumber::parse_stored(DocumentKind::IdCard, document).unwrap(),
        name: PersonName::parse(name).unwrap(),
        sex: None,
        division: DivisionCode::parse(COUNTY).unwrap(),
        phone: Some(Phone::parse(phone).unwrap()),
    }
}

impl World {
    /// Makes the account stand for a person with this name and document.
    pub async fn claim(&mut self, phone: &str, (name, document): (&str, &str)) -> Id {
        let (_, account) = self.app.resident_with(phone).await;
        let claim = statement(account, phone, (name, document));
        let (keys, now) = (self.app.deps.keys.clone(), self.app.clock.now());
        let claimed = self.app.deps.store.write(move |tx| claim_person(tx, &keys, &claim, now));
        let Claim::Yours(person) = claimed.await.unwrap() else { panic!("{document} was taken") };
        person
    }

    /// A signed-in official by this name.
    pub async fn hire(&mut self, name: &str, role: Role, division: &str) {
        let browser = self.app.official(role, division).await;
        self.meet(name, browser);
    }

    /// People: `resident` is green, `cough` yellow, `contact` red, `mover` has declared nothing; staff `worker`,
    /// `colour-1`, `colour-2`, `operator-1`, `operator-2`. Things: `record` and `risk` that wait for a second person.
    pub(super) async fn codes(&mut self) {
        let now = self.app.clock.now();
        let resident = self.claim(super::principals::OWNER, NAMES[0]).await;
        declared::state(resident, healthy(now));
        let mut coughing = healthy(now);
        coughing.declaration.symptoms = vec!["cough".into()];
        self.sign_in("cough", "13800138011").await;
        let cough = self.claim("13800138011", NAMES[1]).await;
        declared::state(cough, coughing);
        self.sign_in("contact", "13800138012").await;
        let contact = self.claim("13800138012", NAMES[2]).await;
        declared::state(contact, healthy(now));
        self.call("resident", Method::POST, "/api/v1/code/application", &json!({})).await;
        self.hire("worker", Role::VillageWorker, COUNTY).await;
        self.look("worker", "/desk/codes").await;
        let document = [("doc_kind", "id_card"), ("doc_number", NAMES[0].1)];
        self.send("worker", "/desk/codes", &document).await;
        self.findings().await;
        self.listed_findings().await;
        self.risks().await;
        self.second_phones().await;
        self.app.drain().await;
    }

    /// More phones claim the document of `cough`: two claims are refused at the counter, one of them by a program;
    /// `claim` waits.
    async fn second_phones(&mut self) {
        for phone in ["13800138013", "13800138016", "13800138014"] {
            let (browser, account) = self.app.resident_with(phone).await;
            self.meet("claimant", browser);
            let claim = statement(account, phone, NAMES[1]);
            let (keys, now) = (self.app.deps.keys.clone(), self.app.clock.now());
            let claimed = self.app.deps.store.write(move |tx| claim_person(tx, &keys, &claim, now)).await;
            let Claim::Counter { number } = claimed.unwrap() else { panic!("a second phone got a document") };
            self.keep("claim", number);
            if phone.ends_with('6') {
                let no = json!({"version": 1, "reason": "differs"});
                let path = "/api/v1/desk/claims/{claim}/actions/reject";
                self.call("worker", Method::POST, path, &no).await;
            }
            if phone.ends_with('3') {
                self.look("worker", "/desk/claims").await;
                let number = self.fill_in("{claim}");
                self.send("worker", "/desk/claims", &[("number", &number)]).await;
                let view = [("do", "save"), ("sort", "newest"), ("view", "新来的在前")];
                self.send("worker", "/desk/claims/views", &view).await;
                self.look("worker", "/desk/claims/{claim}").await;
                let no = [("do", "reject"), ("version", "1"), ("reason", "invalid")];
                self.send("worker", "/desk/claims/{claim}", &no).await;
            }
        }
    }

    async fn findings(&mut self) {
        self.hire("colour-1", Role::ColourOfficer, COUNTY).await;
        self.hire("colour-2", Role::ColourOfficer, "511600").await;
        for verb in ["confirm", "refuse", ""] {
            self.look("colour-1", "/desk/records/new").await;
            let finding = [
                ("doc_kind", "id_card"),
                ("doc_number", NAMES[2].1),
                ("kind", "close_contact"),
                ("at-year", "2020"),
                ("at-month", "3"),
                ("at-day", if verb == "confirm" { "10" } else { "11" }),
                ("place", "九龙街道金丝雀市场"),
                ("source", "县疾控中心流调报告"),
            ];
            self.send("colour-1", "/desk/records/new", &finding).await;
            self.second("colour-2", "/desk/records", verb, "record").await;
        }
    }

    /// A finding that a program refuses; `expired-record`, which nobody has decided in time; and a search and a view of the list
    /// of what waits.
    async fn listed_findings(&mut self) {
        let other = self.other_finding("11").await;
        let no = json!({"decision": "refuse", "reason": "重复录入"});
        self.call("colour-2", Method::POST, &format!("/api/v1/desk/second/{other}"), &no).await;
        let other = self.other_finding("10").await;
        self.expire(&other).await;
        self.keep("expired-record", other);
        self.look("colour-2", "/desk/second").await;
        self.send("colour-2", "/desk/second", &[("q", NAMES[2].0)]).await;
        let view = [("do", "save"), ("tab", "expired"), ("view", "已到期的")];
        self.send("colour-2", "/desk/second/views", &view).await;
        let search = json!({"q": NAMES[2].1});
        self.call("colour-2", Method::POST, "/api/v1/desk/second/search", &search).await;
    }

    /// Enters that the contact travelled with somebody who was ill; gives what waits now.
    async fn other_finding(&mut self, day: &str) -> String {
        self.look("colour-1", "/desk/records/new").await;
        let finding = [
            ("doc_kind", "id_card"),
            ("doc_number", NAMES[2].1),
            ("kind", "same_transport"),
            ("at-year", "2020"),
            ("at-month", "3"),
            ("at-day", day),
            ("transport", "train"),
            ("source", "县疾控中心流调报告"),
        ];
        self.send("colour-1", "/desk/records/new", &finding).await;
        self.look("colour-2", "/desk/second").await;
        let path = "/api/v1/desk/second?sort=newest";
        let list = self.person("colour-2").api_get(path).await.expect(200).json();
        list["rows"][0]["id"].as_str().unwrap().to_owned()
    }

    /// As the job leaves what nobody has decided for a week.
    async fn expire(&mut self, record: &str) {
        let (record, now): (Id, _) = (record.parse().unwrap(), Ts::from(self.app.clock.now()));
        let ended = self.app.deps.store.write(move |tx| {
            diesel::update(health_records::table.find(record))
                .set(health_records::expired_at.eq(Some(now)))
                .execute(tx.conn())?;
            diesel::update(second_waits::table.find(record))
                .set((second_waits::state.eq("expired"), second_waits::ended_at.eq(Some(now))))
                .execute(tx.conn())?;
            Ok(())
        });
        ended.await.unwrap();
    }

    async fn risks(&mut self) {
        for name in ["operator-1", "operator-2"] {
            self.hire(name, Role::ProvinceOperator, "510000").await;
        }
        for (division, verb) in [("513326", "confirm"), ("513324", "refuse"), (COUNTY, "")] {
            self.change_risk(division, "medium", ["3", "12"], "省指挥部第 9 号公告").await;
            self.second("operator-2", "/desk/risks", verb, "risk").await;
        }
    }

    /// Enters a change of a risk level with the number of persons that the preview shows.
    pub(super) async fn change_risk(
        &mut self,
        division: &str,
        level: &str,
        [month, day]: [&str; 2],
        source: &str,
    ) {
        self.look("operator-1", "/desk/risks").await;
        let mut change = vec![
            ("division", division),
            ("level", level),
            ("since-year", "2020"),
            ("since-month", month),
            ("since-day", day),
            ("until-year", "2021"),
            ("until-month", "1"),
            ("until-day", "31"),
            ("source", source),
        ];
        let preview = self.person("operator-1").post("/desk/risks", &change).await.expect(200);
        let count = persons(&preview.body);
        change.push(("count", &count));
        self.send("operator-1", "/desk/risks", &change).await.leads_to("/desk/risks");
    }

    /// A second person confirms or refuses what is open at an address, or it is kept as a thing.
    pub(super) async fn second(&mut self, who: &str, list: &str, verb: &str, thing: &str) {
        let page = self.look(who, list).await;
        let waits = page
            .body
            .split(&format!("href=\"{list}/"))
            .skip(1)
            .find(|rest| rest[36..].starts_with("/decide"));
        let id = waits.expect("something is open")[..36].to_owned();
        if verb.is_empty() {
            self.keep(thing, id);
        } else {
            let path = format!("{list}/{id}/decide");
            self.look(who, &path).await;
            self.send(who, &path, &[("decision", verb), ("reason", "重复录入")]).await;
        }
    }
}

/// How many persons change their colour by a preview.
pub fn persons(body: &str) -> String {
    let title = body.split("id=\"h-preview\">").nth(1).expect("a preview");
    title.split(' ').next().unwrap().to_owned()
}
