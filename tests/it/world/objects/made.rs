//! How each object is made: by the portal's own interfaces wherever it has one.

use super::Objects;
use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use crate::world::principals::OWNER;
use crate::world::{COUNTY, PERSONAL, World};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::db::Id;
use fugong::db::schema::{
    agreements, audit_entries, health_records, identity_claims, inbox, record_ends, retention_runs,
    risk_changes, sessions,
};
use fugong::error::AppResult;
use fugong::exchange::{self, NewAgreement, NewPartner};
use fugong::identity::DivisionCode;
use fugong::identity::sample::Sampler;
use fugong::jobs::Job;
use fugong::policy::Risk;
use fugong::web::cookies::CookieNames;
use fugong::web::i18n::Lang;
use reqwest::Method;
use serde_json::{Value, json};

const TOWN: &str = "511621001";

impl Objects {
    pub(super) async fn make(&mut self, world: &World, name: &'static str) -> String {
        let app = &world.app;
        match name {
            "agreement" => agreement(app).await,
            "session" => self.session(app).await,
            "claim" => claim(app).await,
            "proxy" | "proxy-asked" | "merge" => world.fill_in(&format!("{{{name}}}")),
            "paper" => {
                let made = form(&mut self.owner, "/code/print", &[]).await;
                made.location().rsplit('/').next().unwrap().to_owned()
            }
            "consent" => {
                crate::world::accounts::name_email(app, &mut self.owner, "canary-mail@example.cn").await;
                format!("email-{}", self.account)
            }
            "subscription" => {
                let wish = json!({"topic": "risk", "division": COUNTY, "channel": "inbox", "digest": "none"});
                let made = call(&mut self.owner, "/api/v1/me/subscriptions", &wish).await;
                made["subscriptions"][0]["id"].as_str().unwrap().to_owned()
            }
            "record" => finding(app).await,
            "counting-record" => counting(app).await,
            "record-end" => ending(app).await,
            "risk" => risk_change(app).await,
            "retention-run" => retention_run(app).await,
            "appeal" => self.appeal(app).await,
            "appeal-file" => self.evidence(world).await,
            "draft-file" => self.attachment(world, "draft").await,
            "draft-import" => self.import(world).await,
            "application-file" => self.application_file(world).await,
            "agent" => self.draft(app, false).await.1,
            "draft" => self.draft(app, true).await.0,
            "shut" => self.shut(app).await,
            "application" => self.application(app).await,
            "filing" => self.filing(app).await,
            "permit" => self.permit(app).await,
            "task" => world.fill_in("{task}"),
            "slip" => world.fill_in("{slip}"),
            "declaration" => world.fill_in("{declaration}"),
            "certificate" => world.fill_in("{certificate}"),
            "entry" => newest_entry(app).await,
            "message" => self.message(app).await,
            "official" => app.official_full(Role::Doctor, COUNTY).await.official.to_string(),
            "right" => {
                let staff = app.official_full(Role::Doctor, COUNTY).await;
                format!("{}/assignments/{}", staff.official, staff.assignment)
            }
            "office" => app.official_full(Role::Doctor, COUNTY).await.office.to_string(),
            _ => panic!("nobody makes a {name}"),
        }
    }
}

/// A night's run.
pub(in crate::world) async fn retention_run(app: &App) -> String {
    fugong::retention::Daily.run(app.deps.clone()).await.unwrap();
    let newest = app.deps.store.read(|c| {
        let runs = retention_runs::table.order(retention_runs::id.desc()).select(retention_runs::id);
        Ok(runs.first::<Id>(c)?)
    });
    newest.await.unwrap().to_string()
}

/// A program with somebody's session: no form's token is in the way.
pub(super) fn program(app: &App, browser: &Browser) -> Browser {
    let mut program = app.browser();
    program.bearer = browser.cookies().get(&CookieNames::of(&app.deps.config).session).cloned();
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

/// Kinds of finding: the same one is not taken twice for a day.
const KINDS: [&str; 4] = ["close_contact", "same_transport", "arrival_from_abroad", "asymptomatic"];

async fn finding(app: &App) -> String {
    let mut officer = official(app, Role::ColourOfficer, COUNTY).await;
    let before = app.deps.store.read(|c| Ok(health_records::table.count().get_result::<i64>(c)?));
    let before = usize::try_from(before.await.unwrap()).unwrap();
    let day = (10 - before / KINDS.len() % 10).to_string();
    let finding = [
        ("doc_kind", "id_card"),
        ("doc_number", PERSONAL[1]),
        ("kind", KINDS[before % KINDS.len()]),
        ("at-year", "2020"),
        ("at-month", "3"),
        ("at-day", day.as_str()),
        ("source", "县疾控中心流调报告"),
    ];
    form(&mut officer, "/desk/records/new", &finding).await;
    let newest = health_records::table.order(health_records::id.desc()).select(health_records::id);
    id(app, move |c| Ok(newest.first(c)?)).await
}

async fn counting(app: &App) -> String {
    let record = finding(app).await;
    let mut second = official(app, Role::ColourOfficer, COUNTY).await;
    form(&mut second, &format!("/desk/records/{record}/decide"), &[("decision", "confirm")]).await;
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
        ("until-year", "2020"),
        ("until-month", "12"),
        ("until-day", "31"),
        ("source", "省指挥部第 9 号公告"),
    ];
    let preview = operator.post("/desk/risks", &change).await.expect(200);
    let count = crate::world::codes::persons(&preview.body);
    form(&mut operator, "/desk/risks", &[&change[..], &[("count", &count)]].concat()).await;
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

    /// An appeal of the owner, about whom there is a finding.
    async fn appeal(&mut self, app: &App) -> String {
        counting(app).await;
        app.drain().await;
        let page = self.owner.get("/code/appeal").await.expect(200);
        let (_, choice) = page.body.split_once("name=\"cause\"").expect("a cause to contest");
        let cause = choice.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let fields = [("cause", cause), ("reason", "那天不在场")];
        let sent = form(&mut self.owner, "/code/appeal", &fields).await;
        sent.location().rsplit('/').next().unwrap().to_owned()
    }

    /// A file of the owner's appeal that can be opened: number and identifier.
    async fn evidence(&mut self, world: &World) -> String {
        let number = Box::pin(self.get(world, "appeal")).await;
        let path = format!("/api/v1/appeals/{number}/files");
        let file = self.handed_in(world, &path).await;
        format!("{number}/files/{file}")
    }

    /// A file of the owner's draft: number and identifier.
    async fn attachment(&mut self, world: &World, draft: &'static str) -> String {
        let number = Box::pin(self.get(world, draft)).await;
        let path = format!("/api/v1/applications/{number}/files");
        let file = self.handed_in(world, &path).await;
        format!("{number}/files/{file}")
    }

    /// An import of a staff list that waits, with a row that has to be put right: number and identifier.
    async fn import(&mut self, world: &World) -> String {
        let number = Box::pin(self.get(world, "draft")).await;
        let path = format!("/api/v1/applications/{number}/imports");
        let list = format!("{}张三,1\n", crate::import::people(201));
        let fields = [("mode", "right")];
        let made =
            self.owner.upload_with(&path, &fields, ("file", "a.csv"), list.as_bytes()).await.expect(201);
        format!("{number}/imports/{}", made.json()["id"].as_str().unwrap())
    }

    /// A file of an application that waits for the town.
    async fn application_file(&mut self, world: &World) -> String {
        risk(&world.app, Risk::Medium).await;
        let (number, _) = self.draft(&world.app, true).await;
        let path = format!("/api/v1/applications/{number}/files");
        let file = self.handed_in(world, &path).await;
        self.submit(&number).await;
        format!("{number}/files/{file}")
    }

    async fn handed_in(&mut self, world: &World, path: &str) -> String {
        self.seed += 1;
        let file = crate::files::document(&self.seed.to_string());
        let made = self.owner.upload(path, "file", "a.pdf", &file).await.expect(201).json();
        world.app.drain().await;
        let newest = made["files"].as_array().unwrap().last().unwrap();
        newest["id"].as_str().unwrap().to_owned()
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
        // The matrix makes more businesses than one person may claim in a day.
        let now = app.clock.now();
        app.deps.store.write(move |tx| fugong::web::limits::sweep(tx, now)).await.unwrap();
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

fn individual(premises: &str) -> Value {
    json!({
        "v": 1, "kind": "individual", "operator": "陈记", "operator_phone": "13800138111",
        "premises": [premises], "address": "湖滨路 8 号", "returning": 2, "staff": [], "staff_done": true,
        "commitment": true,
    })
}
