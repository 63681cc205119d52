//! A portal in which things have happened: people of every kind and one of each thing they can make, so that tests
//! which go over every route, every template or every table have something to meet.
//!
//! It is made through the portal's own forms (see the steps of each file), so it is also a walk through the journeys.

pub mod accounts;
mod admin;
mod appeals;
pub mod codes;
pub mod declarations;
mod exchange;
mod files;
pub mod front;
mod imports;
pub mod merges;
pub mod objects;
pub mod officials;
mod paper;
pub mod pins;
pub mod principals;
mod programs;
pub mod proxies;
pub mod reopening;
mod retention;
pub mod subscriptions;
pub mod tasks;

use crate::harness::App;
use crate::harness::browser::Answer;
use crate::harness::browser::Browser;
use fugong::db::schema::audit_entries;
use fugong::router;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Where things happen: a county of Sichuan.
pub const COUNTY: &str = "511621";
/// A county of another prefecture.
pub const ELSEWHERE: &str = "510104";

/// What people of the world type about themselves; nothing of it may be kept or logged in plain.
pub const PERSONAL: &[&str] = &[
    "欧阳金丝雀",
    "11010519491231002X",
    "阿依古丽·金丝雀",
    "360426199101010071",
    "𠮷㛃金丝雀",
    "51162119900307132X",
    "九龙街道金丝雀市场",
    "13800138000",
    "13800138002",
    "13800138003",
    "13900139003",
    "13800138005",
    "13900139005",
    "13800138006",
    "canary-mail@example.cn",
    "金丝雀巷 15 号",
    "东外街金丝雀公寓 118 号 2 单元",
    "深圳市宝安区金丝雀电子有限公司",
    "金丝雀检测报告",
];

/// An identifier that nothing has.
const NOTHING: &str = "01920000-0000-7000-8000-00000000abcd";

/// Beginnings of patterns with a parameter, and the thing that is meant by it. The first that fits counts.
const SAMPLES: &[(&str, &str)] = &[
    ("/me/sessions/{", "session"),
    ("/me/consents/{", "consent"),
    ("/me/for/asked/{", "proxy-asked"),
    ("/me/for/{", "proxy"),
    ("/desk/proxies/{", "proxy-waits"),
    ("/desk/receipts/{", "slip"),
    ("/desk/merges/{", "merge"),
    ("/desk/records/{id}/end", "counting"),
    ("/desk/records/{", "record"),
    ("/desk/record-ends/{", "record-end"),
    ("/code/print/{", "paper"),
    ("/desk/codes/print/{", "desk-paper"),
    ("/desk/risks/{", "risk"),
    ("/desk/second/{", "record"),
    ("/api/v1/desk/second/{", "record"),
    ("/declarations/{", "declaration"),
    ("/desk/declarations/{", "declaration"),
    ("/certificates/{", "certificate"),
    ("/desk/certificates/{", "certificate"),
    ("/api/v1/certificates/{", "certificate"),
    ("/me/messages/{", "message"),
    ("/subscriptions/stop/{", "subscription-link"),
    ("/subscriptions/confirm/{", "asked-link"),
    ("/me/subscriptions/{", "subscription"),
    ("/desk/tasks/{", "task"),
    ("/api/v1/desk/tasks/{", "task"),
    ("/code/appeals/{", "appeal"),
    ("/api/v1/appeals/{", "appeal"),
    ("/api/v1/desk/appeals/{", "appeal"),
    ("/desk/appeals/{", "appeal"),
    ("/admin/keys/{", "key"),
    ("/api/v1/admin/keys/{", "key"),
];

/// The portal, its people by name and its things by name.
pub struct World {
    pub app: App,
    people: BTreeMap<String, Browser>,
    things: BTreeMap<String, String>,
    steps: Vec<Step>,
}

/// A change that somebody made successfully, and how many entries it left in the audit log.
#[derive(Debug, Clone)]
pub struct Step {
    pub method: Method,
    pub path: String,
    pub entries: i64,
}

impl World {
    /// Makes the world. Who and what there is, the steps say.
    pub async fn new(app: App) -> Self {
        let mut world = Self { app, people: BTreeMap::new(), things: BTreeMap::new(), steps: Vec::new() };
        world.long_ago().await;
        world.outdated_draft().await;
        world.accounts().await;
        world.codes().await;
        world.declarations().await;
        world.exchange().await;
        world.reopening().await;
        world.admin().await;
        world.keys().await;
        world.officials().await;
        world.record().await;
        world.papers().await;
        world.proxies().await;
        world.pins().await;
        world.merges().await;
        world.appeals().await;
        world.desk_programs().await;
        world.holds().await;
        world.on_the_way().await;
        world.subscriptions().await;
        world.tasks().await;
        world
    }

    pub fn meet(&mut self, name: &str, browser: Browser) {
        self.people.insert(name.to_owned(), browser);
    }

    #[track_caller]
    pub fn person(&mut self, name: &str) -> &mut Browser {
        self.people.get_mut(name).unwrap_or_else(|| panic!("nobody is called {name}"))
    }

    pub fn keep(&mut self, name: &str, value: impl Into<String>) {
        self.things.insert(name.to_owned(), value.into());
    }

    /// Opens a page, so that its form can be sent.
    pub async fn look(&mut self, who: &str, path: &str) -> Answer {
        let path = self.fill_in(path);
        self.app.clock.advance(chrono::Duration::milliseconds(100));
        self.person(who).get(&path).await.expect(200)
    }

    /// Sends a form that is taken: the answer leads on, or is a page that shows what came of it.
    #[track_caller]
    pub fn send<'a>(
        &'a mut self,
        who: &'a str,
        path: &str,
        fields: &'a [(&'a str, &'a str)],
    ) -> impl Future<Output = Answer> + 'a {
        let (at, path) = (std::panic::Location::caller(), self.fill_in(path));
        async move {
            self.app.clock.advance(chrono::Duration::milliseconds(100));
            let before = self.entries().await;
            let answer = self.person(who).post(&path, fields).await;
            let taken = answer.status.is_success() || answer.status == 303;
            assert!(taken, "{at}: POST {path} as {who}: {} {}", answer.status, answer.body);
            self.note(Method::POST, path, before).await;
            answer
        }
    }

    /// Sends JSON that is taken.
    #[track_caller]
    pub fn call<'a>(
        &'a mut self,
        who: &'a str,
        method: Method,
        path: &str,
        body: &'a Value,
    ) -> impl Future<Output = Answer> + 'a {
        let (at, path) = (std::panic::Location::caller(), self.fill_in(path));
        async move {
            self.app.clock.advance(chrono::Duration::milliseconds(100));
            let before = self.entries().await;
            let answer = self.person(who).api(method.clone(), &path, body).await;
            assert!(answer.status.is_success(), "{at}: {method} {path} as {who}: {}", answer.body);
            self.note(method, path, before).await;
            answer
        }
    }

    /// Sends a file that is taken, as a form with the page's token does.
    #[track_caller]
    pub fn upload<'a>(
        &'a mut self,
        who: &'a str,
        path: &str,
        file: &'a [u8],
    ) -> impl Future<Output = Answer> + 'a {
        let (at, path) = (std::panic::Location::caller(), self.fill_in(path));
        async move {
            self.app.clock.advance(chrono::Duration::milliseconds(100));
            let before = self.entries().await;
            let answer = self.person(who).upload(&path, "file", "list.csv", file).await;
            assert!(answer.status == 303, "{at}: POST {path} as {who}: {}", answer.body);
            self.note(Method::POST, path, before).await;
            answer
        }
    }

    async fn note(&mut self, method: Method, path: String, before: i64) {
        let entries = self.entries().await - before;
        let path = path.split('?').next().unwrap_or_default().to_owned();
        self.steps.push(Step { method, path, entries });
    }

    async fn entries(&self) -> i64 {
        use diesel::prelude::*;
        let count = self.app.deps.store.read(|c| Ok(audit_entries::table.count().get_result(c)?));
        count.await.unwrap()
    }

    /// What was changed on the way.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The route a path belongs to: `POST /a/{id}`; fixed paths go before patterns, as in the router.
    pub fn pattern(&self, method: &Method, path: &str) -> Option<String> {
        let fits = |pattern: &str| {
            let (a, b): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.contains('{') || a == b)
        };
        // Made once: whoever follows every link asks for each of them.
        static ROUTES: LazyLock<Vec<(String, &str)>> = LazyLock::new(|| {
            router::routes().table().iter().map(|r| (r.method.to_string(), r.path)).collect()
        });
        let same = ROUTES.iter().filter(|(asked, pattern)| asked == method.as_str() && fits(pattern));
        let mut found: Vec<_> = same.map(|(_, pattern)| pattern).collect();
        found.sort_by_key(|p| p.contains('{'));
        found.first().map(|p| format!("{method} {p}"))
    }

    /// Writes things in place of `{name}`.
    #[track_caller]
    pub fn fill_in(&self, path: &str) -> String {
        let mut filled = path.to_owned();
        for (name, value) in &self.things {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        assert!(!filled.contains('{'), "nothing is called so: {filled}");
        filled
    }

    /// A path for a route's pattern: the things of the world in [`SAMPLES`], else an identifier that nothing has.
    /// Also whether it names a thing that is the owner's and lies in [`COUNTY`].
    pub fn sample(&self, pattern: &str) -> (String, bool) {
        let thing =
            SAMPLES.iter().find(|(p, _)| pattern.starts_with(p)).and_then(|(_, t)| self.things.get(*t));
        let mut path = pattern.to_owned();
        let mut first = true;
        while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
            let value = if first { thing.map_or(NOTHING, String::as_str) } else { NOTHING };
            path.replace_range(from..=to, value);
            first = false;
        }
        (path, thing.is_some())
    }
}
