//! One real object for every route with a parameter: it belongs to the owner ([`super::principals::OWNER`]) or lies
//! in [`COUNTY`], and whoever may use the route can do something with it. Made when it is asked for, by the portal's
//! own interfaces, and anew once it has been used up.

use super::principals::{Body, OWNER, is_api};
use super::{COUNTY, PERSONAL, World};
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::db::Id;
use fugong::db::schema::{
    accounts, agreements, audit_entries, health_records, identity_claims, inbox, record_ends, risk_changes,
    sessions,
};
use fugong::error::AppResult;
use fugong::exchange::{self, NewAgreement, NewPartner};
use fugong::identity::DivisionCode;
use fugong::identity::sample::Sampler;
use fugong::policy::Risk;
use fugong::web::ctx::CookieNames;
use fugong::web::i18n::Lang;
use fugong::web::route::RouteInfo;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TOWN: &str = "511621001";
const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data; boundary=b";

/// Beginnings of patterns, and the object whose name is their first parameter. The first that fits counts; `=` is a
/// value that is nobody's.
const OBJECTS: &[(&str, &str)] = &[
    ("/exchange/v1/status-lists/{", "=1"),
    ("/desk/exchange/agreements/{", "agreement"),
    ("/assets/{", "=favicon.svg"),
    ("/me/sessions/{", "session"),
    ("/desk/claims/{", "claim"),
    ("/code/print/{", "paper"),
    ("/desk/codes/print/{", "paper"),
    ("/desk/records/{id}/end", "counting-record"),
    ("/desk/records/{", "record"),
    ("/desk/record-ends/{", "record-end"),
    ("/desk/risks/{", "risk"),
    ("/rules/{", "=red.close-contact"),
    ("/reopening/agents/{", "agent"),
    ("/desk/agents/{", "agent"),
    ("/reopening/{number}/receipt", "application"),
    ("/reopening/{number}/actions", "application"),
    ("/reopening/{number}/print", "filing"),
    ("/reopening/{number}/shut", "shut"),
    ("/reopening/{", "draft"),
    ("/permits/{", "permit"),
    ("/api/v1/permits/{", "permit"),
    ("/desk/applications/{", "application"),
    ("/api/v1/applications/{number}/submit", "draft"),
    ("/api/v1/applications/{", "application"),
    ("/api/v1/desk/applications/{", "application"),
    ("/declare/{", "=identity"),
    ("/declarations/{", "declaration"),
    ("/desk/declarations/{", "declaration"),
    ("/api/v1/declarations/{", "declaration"),
    ("/certificates/{", "certificate"),
    ("/desk/certificates/{", "certificate"),
    ("/api/v1/certificates/{", "certificate"),
    ("/audit/entries/{", "entry"),
    ("/me/messages/{", "message"),
    ("/admin/officials/{", "official"),
    ("/admin/offices/{", "office"),
];

/// Values of further parameters.
const REST: &[(&str, &str)] = &[
    ("/reopening/{number}/actions/{action}", "withdraw"),
    ("/reopening/{number}/{step}", "operator"),
    ("/api/v1/desk/applications/{number}/actions/{action}", "accept"),
];

/// Bodies that can be read, so that the object is looked for. Most name a version that is over, or leave out what is
/// needed, so that those who may are refused and the object stays.
const BODIES: &[(&str, &str, &str)] = &[
    ("/desk/claims/{number}", FORM, "do=reject&version=0&reason=invalid"),
    ("/reopening/{number}/submit", FORM, "version=0&commitment=yes"),
    (
        "/reopening/{number}/staff/upload",
        PARTS,
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nx\r\n--b--\r\n",
    ),
    ("/reopening/{number}/actions/{action}", FORM, "version=0"),
    ("/desk/applications/{number}", FORM, "action=accept&version=0"),
    ("/desk/applications/{number}/assign", FORM, "do=take"),
    ("/desk/agents/{number}", FORM, "do=confirm&proof=owner&version=0"),
    ("/api/v1/applications/{number}/submit", "application/json", "{\"version\":0,\"commitment\":true}"),
    ("/api/v1/applications/{number}/resubmit", "application/json", "{\"version\":0,\"commitment\":true}"),
    ("/api/v1/applications/{number}/withdraw", "application/json", "{\"version\":0}"),
    ("/api/v1/desk/applications/{number}/actions/{action}", "application/json", "{\"version\":0}"),
    ("/declarations/{number}/withdraw", FORM, "version=0"),
    ("/desk/declarations/{number}", FORM, "action=check&version=0"),
    ("/api/v1/declarations/{number}/withdraw", "application/json", "{\"version\":0}"),
    ("/desk/certificates/{number}/revoke", FORM, "version=0&reason=x&remedy=y"),
    ("/admin/officials/{id}", FORM, "action=assign"),
    ("/desk/codes/print", FORM, "person={person}"),
];

/// What is asked for.
pub struct Sample {
    pub path: String,
    pub body: Body,
    /// The object, if it is somebody's.
    pub object: Option<&'static str>,
}

/// Objects that are there, by name.
pub struct Objects {
    owner: Browser,
    account: Id,
    person: Id,
    there: BTreeMap<&'static str, String>,
    seed: u64,
}

impl Objects {
    pub async fn new(world: &World) -> Self {
        let (browser, account) = world.app.resident_with(OWNER).await;
        let owner = program(&world.app, &browser);
        let person = world.app.deps.store.read(move |c| {
            Ok(accounts::table.find(account).select(accounts::person_id).first::<Option<Id>>(c)?)
        });
        let person = person.await.unwrap().expect("the owner has a document");
        Self { owner, account, person, there: BTreeMap::new(), seed: 100 }
    }

    /// Signs the owner in anew: a route may have ended every session.
    pub async fn sign_in(&mut self, app: &App) {
        let (browser, _) = app.resident_with(OWNER).await;
        self.owner = program(app, &browser);
    }

    /// The path and body with which a route is asked for.
    pub async fn sample(&mut self, world: &World, route: &RouteInfo) -> Sample {
        let mut path = route.path.to_owned();
        let mut object = None;
        if path.contains('{') {
            let fits = OBJECTS.iter().find(|(p, _)| route.path.starts_with(p));
            let (_, name) = fits.unwrap_or_else(|| panic!("OBJECTS says nothing of {}", route.path));
            let first = match name.strip_prefix('=') {
                Some(value) => value.to_owned(),
                None => {
                    object = Some(*name);
                    self.get(world, name).await
                }
            };
            put(&mut path, &first);
        }
        while path.contains('{') {
            let rest = REST.iter().find(|(p, _)| *p == route.path);
            put(&mut path, rest.unwrap_or_else(|| panic!("REST says nothing of {}", route.path)).1);
        }
        let body = BODIES.iter().find(|(p, ..)| *p == route.path);
        let body = match body {
            Some((_, kind, text)) => {
                let text = text.replace("{person}", &self.person.to_string());
                if text.contains("person=") {
                    object = Some("person");
                }
                Body { kind, bytes: text.into_bytes() }
            }
            None if is_api(route.path) => {
                Body { kind: "application/json", bytes: patch(route.path).into_bytes() }
            }
            None => Body { kind: FORM, bytes: Vec::new() },
        };
        Sample { path, body, object }
    }

    /// Whoever may has perhaps changed something: the object may not be there any more.
    pub fn used_up(&mut self, object: &str) {
        // Only one declaration of a person is open at a time, and those who may are refused here.
        if object != "declaration" {
            self.there.remove(object);
        }
    }

    async fn get(&mut self, world: &World, name: &'static str) -> String {
        if let Some(value) = self.there.get(name) {
            return value.clone();
        }
        world.app.clock.advance(chrono::Duration::seconds(2));
        let value = self.make(world, name).await;
        self.there.insert(name, value.clone());
        value
    }

    async fn make(&mut self, world: &World, name: &'static str) -> String {
        let app = &world.app;
        match name {
            "agreement" => agreement(app).await,
            "session" => self.session(app).await,
            "claim" => claim(app).await,
            "paper" => {
                let made = form(&mut self.owner, "/code/print", &[]).await;
                made.location().rsplit('/').next().unwrap().to_owned()
            }
            "record" => finding(app).await,
            "counting-record" => counting(app).await,
            "record-end" => ending(app).await,
            "risk" => risk_change(app).await,
            "agent" => self.draft(app, false).await.1,
            "draft" => self.draft(app, true).await.0,
            "shut" => self.shut(app).await,
            "application" => self.application(app).await,
            "filing" => self.filing(app).await,
            "permit" => self.permit(app).await,
            "declaration" => self.declaration().await,
            "certificate" => self.certificate(app).await,
            "entry" => newest_entry(app).await,
            "message" => self.message(app).await,
            "official" => app.official_full(Role::Doctor, COUNTY).await.official.to_string(),
            "office" => app.official_full(Role::Doctor, COUNTY).await.office.to_string(),
            _ => panic!("nobody makes a {name}"),
        }
    }
}

fn put(path: &mut String, value: &str) {
    let (from, to) = (path.find('{').unwrap(), path.find('}').unwrap());
    // A value with a slash is two parameters.
    let to = if value.contains('/') { path.rfind('}').unwrap() } else { to };
    path.replace_range(from..=to, value);
}

/// The least that changes something of a declaration.
fn patch(path: &str) -> String {
    if path == "/api/v1/declarations/{number}" {
        json!({"version": 0, "answers": {"vaccination": "none"}}).to_string()
    } else {
        "{}".into()
    }
}

/// A program with somebody's session: no form's token is in the way.
fn program(app: &App, browser: &Browser) -> Browser {
    let mut program = app.browser();
    program.bearer = browser.cookies().get(&CookieNames::of(&app.deps).session).cloned();
    program
}

async fn official(app: &App, role: Role, division: &str) -> Browser {
    program(app, &app.official(role, division).await)
}

async fn call(who: &mut Browser, path: &str, body: &Value) -> Value {
    let answer = who.api(Method::POST, path, body).await;
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
    answer.json()
}

async fn form(who: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let answer = who.post(path, fields).await;
    assert_eq!(answer.status.as_u16(), 303, "{path}: {}", answer.body);
    answer
}

/// One identifier from the database.
async fn id(app: &App, read: impl FnOnce(&mut fugong::db::Conn) -> AppResult<Id> + Send + 'static) -> String {
    app.deps.store.read(read).await.unwrap().to_string()
}

async fn agreement(app: &App) -> String {
    let endpoint = "https://partner.example".into();
    let partner =
        NewPartner { province: "330000".into(), endpoint, phone: "0571-12345".into(), active: true };
    exchange::put_partner(&app.deps, Actor::Console, partner).await.unwrap();
    let new = NewAgreement {
        province: "330000".into(),
        kinds: vec!["code".into()],
        direction: "both".into(),
        from: app.clock.now() - chrono::Duration::days(1),
        to: None,
        document: "川浙互认 1 号".into(),
    };
    exchange::add_agreement(&app.deps, Actor::Console, new, None).await.unwrap();
    id(app, |c| Ok(agreements::table.order(agreements::id.desc()).select(agreements::id).first(c)?)).await
}

/// A claim that has been decided: one that waits is opened by its number at every counter of the province
/// (`accounts::counter` has a test of that).
async fn claim(app: &App) -> String {
    let decided = app.deps.store.read(|c| {
        let decided = identity_claims::table.filter(identity_claims::state.ne("open"));
        Ok(decided.select(identity_claims::number).first::<String>(c)?)
    });
    decided.await.unwrap()
}

const FINDING: [(&str, &str); 7] = [
    ("doc_kind", "id_card"),
    ("doc_number", PERSONAL[1]),
    ("kind", "close_contact"),
    ("at-year", "2020"),
    ("at-month", "3"),
    ("at-day", "10"),
    ("source", "县疾控中心流调报告"),
];

async fn finding(app: &App) -> String {
    let mut officer = official(app, Role::ColourOfficer, COUNTY).await;
    form(&mut officer, "/desk/records/new", &FINDING).await;
    let newest = health_records::table.order(health_records::id.desc()).select(health_records::id);
    id(app, move |c| Ok(newest.first(c)?)).await
}

async fn counting(app: &App) -> String {
    let record = finding(app).await;
    let mut second = official(app, Role::ColourOfficer, COUNTY).await;
    form(&mut second, &format!("/desk/records/{record}/confirm"), &[]).await;
    record
}

async fn ending(app: &App) -> String {
    let record = counting(app).await;
    let mut officer = official(app, Role::ColourOfficer, COUNTY).await;
    form(&mut officer, &format!("/desk/records/{record}/end"), &[("reason", "核实后不成立")]).await;
    id(app, |c| Ok(record_ends::table.order(record_ends::id.desc()).select(record_ends::id).first(c)?)).await
}

async fn risk_change(app: &App) -> String {
    let mut operator = official(app, Role::ProvinceOperator, "510000").await;
    let change = [
        ("division", COUNTY),
        ("level", "low"),
        ("since-year", "2020"),
        ("since-month", "3"),
        ("since-day", "12"),
        ("source", "省指挥部第 9 号公告"),
    ];
    form(&mut operator, "/desk/risks", &change).await;
    id(app, |c| Ok(risk_changes::table.order(risk_changes::id.desc()).select(risk_changes::id).first(c)?))
        .await
}

async fn newest_entry(app: &App) -> String {
    let read = app.deps.store.read(|c| {
        let columns = (audit_entries::lane, audit_entries::seq);
        Ok(audit_entries::table.select(columns).first::<(i32, i64)>(c)?)
    });
    let (lane, seq) = read.await.unwrap();
    format!("{lane}/{seq}")
}

/// Sets the level of the county by the console: it says which way an application goes.
async fn risk(app: &App, level: Risk) {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let set = app.deps.store.write(move |tx| {
        let county = DivisionCode::parse(COUNTY).unwrap();
        fugong::codes::set_risk(tx, &keys, Actor::Console, county, level, now, "公告", now)
    });
    set.await.unwrap();
}

impl Objects {
    async fn session(&self, app: &App) -> String {
        app.resident_with(OWNER).await;
        let account = self.account;
        let newest = sessions::table
            .filter(sessions::subject.eq(account))
            .order(sessions::public_id.desc())
            .select(sessions::public_id);
        id(app, move |c| Ok(newest.first(c)?)).await
    }

    async fn message(&self, app: &App) -> String {
        use fugong::notify::{Message, Recipient, send};
        let to = Recipient { account: Some(self.account), phone: None, email: None, lang: Lang::ZhCn };
        let (keys, now, account) = (app.deps.keys.clone(), app.clock.now(), self.account);
        let message = Message::new("delivery-check", json!({"code": "482913"}));
        app.deps.store.write(move |tx| send(tx, &keys, &to, &message, now)).await.unwrap();
        let newest =
            inbox::table.filter(inbox::account_id.eq(account)).order(inbox::id.desc()).select(inbox::id);
        id(app, move |c| Ok(newest.first(c)?)).await
    }

    /// A declaration that waits for the community.
    async fn declaration(&mut self) -> String {
        call(&mut self.owner, "/api/v1/declarations", &declared()).await["number"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn certificate(&mut self, app: &App) -> String {
        let number = match self.there.remove("declaration") {
            Some(number) => number,
            None => self.declaration().await,
        };
        let path = format!("/desk/declarations/{number}");
        let version = self.owner.api_get(&format!("/api/v1/declarations/{number}")).await.expect(200).json();
        let version = version["version"].as_i64().unwrap();
        let (check, confirm) = (version.to_string(), (version + 1).to_string());
        let mut worker = official(app, Role::VillageWorker, COUNTY).await;
        form(&mut worker, &path, &[("action", "check"), ("version", &check)]).await;
        let mut doctor = official(app, Role::Doctor, COUNTY).await;
        let fields = [
            ("action", "confirm"),
            ("version", confirm.as_str()),
            ("temperature", "36.5"),
            ("conclusion", "no-abnormality"),
        ];
        form(&mut doctor, &path, &fields).await;
        let all = self.owner.api_get("/api/v1/certificates").await.expect(200).json();
        let text = all.to_string();
        let at = text.find("\"number\":\"").expect("a certificate") + 10;
        text[at..].split('"').next().unwrap().to_owned()
    }

    fn uscc(&mut self, individual: bool) -> String {
        self.seed += 1;
        Sampler::new(self.seed).uscc_for(COUNTY, individual).unwrap().as_str().to_owned()
    }

    /// The draft of a factory and the number of the owner's claim to act for it, which the counter confirms or not.
    async fn draft(&mut self, app: &App, confirmed: bool) -> (String, String) {
        let staff =
            json!([{"name": "张三", "document_kind": "id_card", "document": PERSONAL[3], "origin": "成都"}]);
        let answers = json!({
            "v": 1, "kind": "enterprise", "operator": "蒲国强", "operator_phone": "13800138222",
            "industry": "c", "scale": "small", "premises": ["factory"], "address": "工业园区大道 66 号",
            "lead": "何晓琴", "lead_phone": "13800138333", "staff_total": 10, "returning": 1, "staff": staff,
            "staff_done": true, "masks": 60, "disinfectant": 10, "thermometers": 1, "supply_days": 7,
            "isolation": "3 号楼 1 层", "prevention": "每天两次测温。", "emergency": "立即隔离。", "commitment": true,
        });
        self.begin(app, false, answers, confirmed).await
    }

    async fn begin(&mut self, app: &App, single: bool, answers: Value, confirmed: bool) -> (String, String) {
        let uscc = self.uscc(single);
        let body = json!({"uscc": uscc, "name": "岳池某厂", "division": TOWN, "form": answers});
        let made = call(&mut self.owner, "/api/v1/applications", &body).await;
        let agent = made["agent"]["number"].as_str().unwrap().to_owned();
        if confirmed {
            let mut desk = official(app, Role::CountyDesk, COUNTY).await;
            let fields = [("do", "confirm"), ("proof", "owner"), ("version", "1")];
            form(&mut desk, &format!("/desk/agents/{agent}"), &fields).await;
        }
        (made["number"].as_str().unwrap().to_owned(), agent)
    }

    async fn submit(&mut self, number: &str) {
        let path = format!("/api/v1/applications/{number}");
        let version = self.owner.api_get(&path).await.expect(200).json()["version"].clone();
        let body = json!({"version": version, "commitment": true});
        call(&mut self.owner, &format!("{path}/submit"), &body).await;
    }

    /// An application that waits for the town.
    async fn application(&mut self, app: &App) -> String {
        risk(app, Risk::Medium).await;
        let (number, _) = self.draft(app, true).await;
        self.submit(&number).await;
        number
    }

    /// A filing in force, with its permit.
    async fn filing(&mut self, app: &App) -> String {
        risk(app, Risk::Low).await;
        let answers = individual("restaurant");
        let (number, _) = self.begin(app, true, answers, true).await;
        self.submit(&number).await;
        number
    }

    async fn permit(&mut self, app: &App) -> String {
        let number = self.filing(app).await;
        let filed = self.owner.api_get(&format!("/api/v1/applications/{number}")).await.expect(200).json();
        filed["permit_number"].as_str().expect("a filing in force").to_owned()
    }

    /// The draft of premises that stay shut.
    async fn shut(&mut self, app: &App) -> String {
        self.begin(app, true, individual("cinema"), true).await.0
    }
}

/// What the owner declares.
fn declared() -> Value {
    json!({
        "name": PERSONAL[0], "document_kind": "id_card", "document_number": PERSONAL[1],
        "household": {"division": COUNTY, "address": "人民路 12 号"},
        "present": {"division": TOWN, "address": "建设街 8 号"},
        "phone": OWNER, "conditions": [], "temperature_tenths": 365, "symptoms": [], "contact": false,
        "travel": [], "coresidents": "well", "isolation": false, "diagnosed": false,
        "vaccination": "none", "test": "none",
        "destination": {"division": "440305", "employer": "粤川电子有限公司", "transport": "train",
            "day": "2020-03-20"},
        "truth": true, "share": true,
    })
}

fn individual(premises: &str) -> Value {
    json!({
        "v": 1, "kind": "individual", "operator": "陈记", "operator_phone": "13800138111",
        "premises": [premises], "address": "湖滨路 8 号", "returning": 2, "staff": [], "staff_done": true,
        "commitment": true,
    })
}
