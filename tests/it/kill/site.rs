//! The real program on a database of its own, started, killed and started again.

use chrono::TimeDelta;
use diesel::prelude::*;
use fugong::accounts;
use fugong::bench::{Throwaway, environment};
use fugong::clock::{Clock, china_day};
use fugong::crypto::Keyring;
use fugong::db::{DatabaseUrl, Id, Store};
use fugong::identity::sample::{Sampler, id_number_nth};
use fugong::identity::{DivisionCode, Phone};
use fugong::web::i18n::Lang;
use fugong::web::session::{self, SessionKind};
use reqwest::Client;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use uuid::Uuid;

/// A resident with a session and one declaration to submit.
#[derive(Debug, Clone)]
pub struct Person {
    pub n: u64,
    pub account: Id,
    pub token: String,
    pub from: String,
    pub key: Uuid,
    pub body: Value,
}

/// What came of a submission.
#[derive(Debug)]
pub enum Ending {
    /// It was answered with this number.
    Acknowledged(Person, String),
    /// It was sent and not answered.
    InDoubt(Person),
}

/// A deployment.
pub struct Site {
    dir: PathBuf,
    pub env: BTreeMap<String, String>,
    address: SocketAddr,
    child: Option<Child>,
    server: Option<Throwaway>,
    client: Client,
}

impl Site {
    /// On SQLite.
    pub fn sqlite() -> Self {
        let dir = crate::harness::scratch("kill");
        std::fs::create_dir_all(&dir).unwrap();
        let database = format!("sqlite:{}", dir.join("kill.db").display());
        Self::new(dir, &database, None)
    }

    /// On a throw-away PostgreSQL with fsync on; `None` where it is not installed.
    pub fn postgres() -> Option<Self> {
        let Some(server) = Throwaway::start().unwrap() else {
            crate::harness::skipped("PostgreSQL is not installed: kill test on PostgreSQL");
            return None;
        };
        let database = server.database("kill").unwrap();
        let dir = crate::harness::scratch("kill");
        std::fs::create_dir_all(&dir).unwrap();
        Some(Self::new(dir, &database, Some(server)))
    }

    fn new(dir: PathBuf, database: &str, server: Option<Throwaway>) -> Self {
        let address = free_address();
        let mut env = environment(&dir, database, address).unwrap();
        env.insert("FUGONG_RUN_JOBS".into(), "true".into());
        env.insert("RUST_LOG".into(), "error".into());
        let client = crate::harness::client().timeout(Duration::from_secs(30)).build().unwrap();
        let site = Self { dir, env, address, child: None, server, client };
        let keys = site.dir.join("keys").to_string_lossy().into_owned();
        for args in [&["keys", "init", "--dir", keys.as_str()][..], &["migrate"][..]] {
            assert!(site.command(args).status().unwrap().success(), "fugong {}", args.join(" "));
        }
        site
    }

    /// The program with this deployment's settings.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fugong"));
        command.args(args).envs(&self.env).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Whether there is a database server that can be killed as well.
    pub fn has_server(&self) -> bool {
        self.server.is_some()
    }

    pub fn server(&self) -> &Throwaway {
        self.server.as_ref().unwrap()
    }

    /// Sends a signal to the database server's processes.
    pub fn signal_server(&self, signal: &str) {
        self.server.as_ref().unwrap().signal(signal).unwrap();
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The number of the running program.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// The store, opened as another process would.
    pub fn store(&self) -> Store {
        Store::open(&self.database(), 2, Clock::system()).unwrap()
    }

    /// Where the database is.
    pub fn database(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.env["DATABASE_URL"]).unwrap()
    }

    pub fn keyring(&self) -> Keyring {
        Keyring::open(&self.dir.join("keys"), Clock::system().now()).unwrap()
    }

    /// Starts the program and waits until it is ready.
    pub async fn start(&mut self) {
        let program = self.command(&["serve"]);
        self.start_as(program).await;
    }

    /// The same as somebody else starts it.
    pub async fn start_as(&mut self, mut program: Command) {
        self.child = Some(program.spawn().unwrap());
        self.ready().await;
    }

    /// Another process of the same portal on a port of its own; not started.
    pub fn beside(&self) -> Self {
        let address = free_address();
        let mut env = self.env.clone();
        env.insert("FUGONG_LISTEN".into(), address.to_string());
        let dir = self.dir.join("beside");
        Self { dir, env, address, child: None, server: None, client: self.client.clone() }
    }

    /// Runs a command that must end by itself: whether it did what it was asked for, and what it said.
    pub async fn told(&self, mut command: Command) -> (bool, String) {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pid = child.id();
        let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
        let Ok(done) = tokio::time::timeout(Duration::from_secs(60), ended).await else {
            Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
            panic!("{command:?} does not end");
        };
        let done = done.unwrap();
        let said = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(said).unwrap())
    }

    /// Waits until the server is ready.
    pub async fn ready(&self) {
        let begun = Instant::now();
        let url = format!("http://{}/health/ready", self.address);
        while begun.elapsed() < Duration::from_secs(60) {
            if self.client.get(&url).send().await.is_ok_and(|a| a.status().is_success()) {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("the server was not ready in a minute");
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// KiB in memory now, and the most since [`Site::forget_peak`].
    pub fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let of = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    pub fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.pid()), "5").unwrap();
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// SIGKILL; what it has written to its standard error.
    pub fn stop_and_read(&mut self) -> String {
        let mut said = String::new();
        let mut errors = self.child.as_mut().unwrap().stderr.take().unwrap();
        self.kill();
        std::io::Read::read_to_string(&mut errors, &mut said).unwrap();
        said
    }

    /// SIGKILL; with `database` every process of the database server before it, which is then started again.
    pub fn kill_with(&mut self, database: bool) {
        if let (Some(server), true) = (&mut self.server, database) {
            server.kill().unwrap();
        }
        self.kill();
        if let (Some(server), true) = (&mut self.server, database) {
            server.run().unwrap();
        }
    }

    /// Every process of the database server is killed, and nothing else.
    pub fn kill_server(&mut self) {
        self.server.as_mut().unwrap().kill().unwrap();
    }

    /// It is started again.
    pub fn start_server(&mut self) {
        self.server.as_mut().unwrap().run().unwrap();
    }

    /// Residents with sessions, written while the server is down.
    pub async fn people(&self, from: u64, count: u64, sampler: &mut Sampler) -> Vec<Person> {
        let (store, keys, now) = (self.store(), Arc::new(self.keyring()), Clock::system().now());
        let mut people = Vec::new();
        for n in from..from + count {
            let phone = Phone::parse(&format!("139{n:08}")).unwrap();
            let keys = keys.clone();
            let made = store.write(move |tx| {
                let account = accounts::ensure_account(tx, &keys, &phone, Lang::ZhCn, now)?;
                accounts::accept_notice(tx, account, now)?;
                Ok((account, session::start(tx, SessionKind::Resident, account, None, "Test", now)?.0))
            });
            let (account, token) = made.await.unwrap();
            let key = Uuid::from_u64_pair(sampler.next_u64(), sampler.next_u64());
            let from = format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255);
            people.push(Person { n, account, token, from, key, body: declaration(n, now) });
        }
        store.close().await;
        people
    }

    /// Submits once; `None` when there was no answer.
    pub async fn submit(&self, person: &Person) -> Option<String> {
        submit(&self.client, self.address, person).await
    }

    /// Lets clients submit until `after` were answered, waits for `moment`, kills, and gives what came of each
    /// submission that was begun. With `database` the database server is killed first.
    pub async fn load_and_kill(
        &mut self,
        people: Vec<Person>,
        clients: usize,
        after: u64,
        moment: Duration,
        database: bool,
    ) -> Vec<Ending> {
        let queue = Arc::new(Mutex::new(VecDeque::from(people)));
        let (count, mut counted) = watch::channel(0u64);
        let count = Arc::new(count);
        let mut running = Vec::new();
        for _ in 0..clients {
            let (queue, count) = (queue.clone(), count.clone());
            let (client, address) = (self.client.clone(), self.address);
            running.push(tokio::spawn(async move {
                let mut endings = Vec::new();
                loop {
                    let next = queue.lock().unwrap().pop_front();
                    let Some(person) = next else { break };
                    match submit(&client, address, &person).await {
                        Some(number) => {
                            count.send_modify(|n| *n += 1);
                            endings.push(Ending::Acknowledged(person, number));
                        }
                        None => {
                            endings.push(Ending::InDoubt(person));
                            break;
                        }
                    }
                }
                endings
            }));
        }
        counted.wait_for(|n| *n >= after).await.unwrap();
        tokio::time::sleep(moment).await;
        if let (Some(server), true) = (&mut self.server, database) {
            server.kill().unwrap();
        }
        self.kill();
        let mut endings = Vec::new();
        for task in running {
            endings.extend(task.await.unwrap());
        }
        if let (Some(server), true) = (&mut self.server, database) {
            server.run().unwrap();
        }
        endings
    }
}

fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Drop for Site {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Between the kill of the database and that of the program an answer may be 503 or 500: in doubt as well.
async fn submit(client: &Client, address: SocketAddr, person: &Person) -> Option<String> {
    let request = client
        .post(format!("http://{address}/api/v1/declarations"))
        .bearer_auth(&person.token)
        .header("x-forwarded-for", &person.from)
        .header("idempotency-key", person.key.to_string())
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .body(person.body.to_string());
    let answer = request.send().await.ok()?;
    let status = answer.status();
    let text = answer.text().await.ok()?;
    if status.is_server_error() {
        return None;
    }
    assert_eq!(status.as_u16(), 201, "{text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    Some(body["number"].as_str().unwrap().to_owned())
}

fn declaration(n: u64, now: chrono::DateTime<chrono::Utc>) -> Value {
    let division = DivisionCode::parse("511621").unwrap();
    let document = id_number_nth(division, n).unwrap();
    let today = china_day(now);
    json!({
        "name": Sampler::new(n).han_name(document.sex()).canonical(),
        "document_kind": "id_card",
        "document_number": document.as_str(),
        "household": {"division": "511621", "address": "九龙镇建设路 12 号"},
        "present": {"division": "511621001", "address": "九龙镇建设路 12 号 3 栋"},
        "phone": format!("139{n:08}"),
        "conditions": [], "temperature_tenths": 365, "symptoms": [], "contact": false,
        "travel": [], "coresidents": "well", "isolation": false, "diagnosed": false,
        "vaccination": "none", "test": "none",
        "destination": {"division": "330212", "employer": "成都某某电子有限公司", "transport": "train",
            "day": today + TimeDelta::days(2)},
        "truth": true, "share": true,
    })
}

/// Rows of a table, for checks that need no more.
pub fn count(conn: &mut fugong::db::Conn, sql: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    diesel::sql_query(sql).get_result::<Row>(conn).unwrap().n
}
