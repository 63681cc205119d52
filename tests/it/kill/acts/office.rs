//! Who acts, and how what they ask for is sent.

use super::super::site::Site;
use super::story::{Act, Body, Needs, Request, Story};
use diesel::prelude::*;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::clock::Clock;
use fugong::db::schema::{declarations, division_risks, health_records, record_ends};
use fugong::db::{Conn, DatabaseUrl, Id, Ts, connect_read};
use fugong::identity::DivisionCode;
use fugong::officials::{
    NewAssignment, NewOffice, NewOfficial, OfficeKind, add_office, add_official, assign,
};
use fugong::web::session::{self, SessionKind};
use reqwest::header::LOCATION;
use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const COUNTY: &str = "511621";

/// Who acts; everybody but the owner is an official of the county.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Owner,
    Worker,
    Doctor,
    First,
    Second,
    Third,
    Reviewer,
    Other,
    Desk,
    Town,
    Health,
    Industry,
    Market,
}

const STAFF: [(Who, Role); 12] = [
    (Who::Worker, Role::VillageWorker),
    (Who::Doctor, Role::Doctor),
    (Who::First, Role::ColourOfficer),
    (Who::Second, Role::ColourOfficer),
    (Who::Third, Role::ColourOfficer),
    (Who::Reviewer, Role::AppealReviewer),
    (Who::Other, Role::AppealReviewer),
    (Who::Desk, Role::CountyDesk),
    (Who::Town, Role::TownReviewer),
    (Who::Health, Role::HealthReviewer),
    (Who::Industry, Role::IndustryReviewer),
    (Who::Market, Role::MarketReviewer),
];

/// The officials with their posts.
#[derive(Debug, Clone)]
pub struct Staff(BTreeMap<Who, (Id, Id)>);

impl Staff {
    /// Makes them, and the county one where a permit is needed; the server is down.
    pub async fn hire(site: &Site) -> Self {
        let (store, keys, now) = (site.store(), site.keyring(), Clock::system().now());
        let made = store.write(move |tx| {
            let division = DivisionCode::parse(COUNTY).unwrap();
            let risk = (
                division_risks::id.eq(Id::new()),
                division_risks::division.eq(COUNTY),
                division_risks::level.eq("medium"),
                division_risks::since.eq(Ts::from(now)),
                division_risks::source.eq("test"),
            );
            diesel::insert_into(division_risks::table).values(risk).execute(tx.conn())?;
            let (name, name_en, phone) = ("岳池县测试单位".into(), "An office".into(), "0826-5220000".into());
            let office = NewOffice { name, name_en, kind: OfficeKind::County, duty: None, division, phone };
            let office = add_office(tx, Actor::Console, &office, now)?;
            let mut staff = BTreeMap::new();
            for (who, role) in STAFF {
                let new = NewOfficial {
                    login: format!("{who:?}").to_lowercase(),
                    name: "李经办".into(),
                    // Nobody signs in by it.
                    password_hash: "-".into(),
                    must_change: false,
                    email: None,
                    phone: None,
                    document: crate::harness::people::document(),
                };
                let official = add_official(tx, &keys, Actor::Console, &new, now)?;
                let (from, to, substitute_for, created_by) = (now, None, None, None);
                let right =
                    NewAssignment { official, office, role, division, from, to, substitute_for, created_by };
                staff.insert(who, (official, assign(tx, Actor::Console, &right, now)?));
            }
            Ok(staff)
        });
        let staff = made.await.unwrap();
        store.close().await;
        Self(staff)
    }

    /// Signs all of them in, so that their second factor is fresh; the server is down.
    pub async fn sign_in(&self, site: &Site) -> Office {
        let (store, staff, now) = (site.store(), self.0.clone(), Clock::system().now());
        let made = store.write(move |tx| {
            let mut tokens = BTreeMap::new();
            for (who, (official, post)) in staff {
                let kind = SessionKind::Official;
                tokens.insert(who, session::start(tx, kind, official, Some(post), "Test", now)?.0);
            }
            Ok(tokens)
        });
        let tokens = made.await.unwrap();
        store.close().await;
        let client = crate::harness::client().redirect(redirect::Policy::none());
        let client = client.timeout(std::time::Duration::from_secs(30)).build().unwrap();
        let (address, database) = (site.address(), site.database());
        Office { client, address, database, tokens: Arc::new(tokens), killed: Arc::default() }
    }
}

/// The officials at their desks.
#[derive(Clone)]
pub struct Office {
    client: Client,
    address: SocketAddr,
    database: DatabaseUrl,
    tokens: Arc<BTreeMap<Who, String>>,
    /// From the kill on no answer, and one that says so, is nobody's fault.
    pub killed: Arc<AtomicBool>,
}

/// What came of an act.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    Answered(Act),
    /// It was sent and not answered.
    InDoubt,
    /// Nothing could be sent.
    NotBegun,
    /// What it rests on has not been worked out yet.
    TooEarly,
}

impl Office {
    /// Does the next act of a story, or the one in doubt again.
    pub async fn next(&self, story: &mut Story) -> Ending {
        let again = story.doubt.take();
        let repeated = again.is_some();
        let request = match again {
            Some(request) => request,
            None => match self.prepare(story).await {
                Ok(request) => request,
                Err(ending) => return ending,
            },
        };
        match self.send(story, &request, repeated).await {
            Some(answer) => {
                story.learn(request.act, &answer);
                Ending::Answered(request.act)
            }
            None => {
                story.doubt = Some(request);
                Ending::InDoubt
            }
        }
    }

    async fn prepare(&self, story: &Story) -> Result<Request, Ending> {
        let act = story.act().unwrap();
        let found = match story.needs(act) {
            Needs::Nothing => Some(String::new()),
            Needs::Version(path) => {
                let case = self.ask(story, act, self.client.get(self.url(&path))).await;
                case.map(|case| case["version"].as_i64().unwrap().to_string())
            }
            Needs::Finding => self.look(story, finding).await,
            Needs::End => self.look(story, end).await,
            Needs::Red => {
                let code = self.ask(story, act, self.client.get(self.url("/api/v1/code"))).await;
                if code.as_ref().is_some_and(|code| code["state"] != "red") {
                    return Err(Ending::TooEarly);
                }
                code.map(|_| String::new())
            }
        };
        found.map(|found| story.request(act, &found)).ok_or(Ending::NotBegun)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Looks for what the desk's lists would show.
    async fn look(&self, story: &Story, of: fn(&mut Conn, &str) -> QueryResult<Id>) -> Option<String> {
        let (database, number) = (self.database.clone(), story.number.clone());
        let found = tokio::task::spawn_blocking(move || {
            let mut conn = connect_read(&database).ok()?;
            of(&mut conn, &number).ok()
        });
        let found = found.await.unwrap();
        assert!(found.is_some() || self.killed.load(Ordering::SeqCst), "nothing of {}", story.number);
        found.map(|id| id.to_string())
    }

    async fn send(&self, story: &Story, request: &Request, repeated: bool) -> Option<Value> {
        loop {
            let to = self.client.post(self.url(&request.path));
            let to = match &request.body {
                Body::Json(body) => to
                    .header("content-type", "application/json")
                    .header("idempotency-key", request.key.to_string())
                    .body(body.to_string()),
                Body::Form(pairs) => to
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(serde_urlencoded::to_string(pairs).unwrap()),
            };
            let answer = self.ask(story, request.act, to).await?;
            match answer["status"].as_u64() {
                // Somebody else was at the same list at this moment: the answer says to send it again.
                Some(409) if answer["type"].as_str().unwrap_or_default().ends_with("in-progress") => {}
                // It was done before the kill; that it was, the checker sees.
                Some(404 | 409) if repeated && !request.act.has_key() => return Some(json!({})),
                Some(status @ 400..) => panic!("{:?}: {status}: {answer}", request.act),
                _ => return Some(answer),
            }
        }
    }

    /// The answer as JSON: of a form where it led to, of a refusal the problem with its status.
    async fn ask(&self, story: &Story, act: Act, to: RequestBuilder) -> Option<Value> {
        let who = act.who();
        let token = if who == Who::Owner { &story.owner.token } else { &self.tokens[&who] };
        let to = to.bearer_auth(token).header("x-forwarded-for", &story.owner.from);
        let lost = || assert!(self.killed.load(Ordering::SeqCst), "{act:?} had no answer before the kill");
        let Ok(answer) = to.header("accept", "application/json").send().await else {
            lost();
            return None;
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        let Ok(text) = answer.text().await else {
            lost();
            return None;
        };
        if status.is_server_error() {
            assert!(self.killed.load(Ordering::SeqCst), "{act:?}: {status}: {text}");
            return None;
        }
        if status == StatusCode::SEE_OTHER {
            return Some(json!({"location": headers[LOCATION].to_str().unwrap()}));
        }
        Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{act:?}: {status}: {e}: {text}")))
    }
}

fn finding(conn: &mut Conn, number: &str) -> QueryResult<Id> {
    health_records::table
        .inner_join(declarations::table.on(declarations::person_id.eq(health_records::person_id.nullable())))
        .filter(declarations::number.eq(number))
        .select(health_records::id)
        .first(conn)
}

fn end(conn: &mut Conn, number: &str) -> QueryResult<Id> {
    let record = finding(conn, number)?;
    record_ends::table.filter(record_ends::record_id.eq(record)).select(record_ends::id).first(conn)
}
