//! A running portal for a test, a browser-like client, and throw-away servers.

pub mod browser;
pub mod chromium;
pub mod declared;
pub mod doors;
pub mod keys;
pub mod people;
pub mod postgres;
pub mod queries;
pub mod zip;

use browser::Browser;
use chrono::{DateTime, Utc};
use fugong::app::{App as Deps, Deps as Parts};
use fugong::clock::Clock;
use fugong::config::{Config, FilesPlace, MailTransport, SmsTransport};
use fugong::crypto::Keyring;
use fugong::db::DatabaseUrl;
use fugong::jobs::Drained;
use fugong::policy::RuleSet;
use fugong::retry::RetrySchedule;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// Thursday 12 March 2020, 10:32 in Chengdu.
pub fn thursday() -> DateTime<Utc> {
    "2020-03-12T02:32:00Z".parse().unwrap()
}

/// Runs a test on both databases.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            #[actix_web::test]
            async fn sqlite() {
                super::$name($crate::harness::App::sqlite().await).await;
            }
            #[actix_web::test]
            async fn postgres() {
                let Some(app) = $crate::harness::App::postgres().await else { return };
                super::$name(app).await;
            }
        }
    )* };
}

/// A client of servers on this machine: without a proxy, and without the machine's authorities, whose reading took a third
/// of a short test.
pub fn client() -> reqwest::ClientBuilder {
    fugong::app::install_tls();
    reqwest::Client::builder().no_proxy().tls_certs_only([])
}

/// Says that a test was not run, or fails where skips are not allowed.
pub fn skipped(what: &str) {
    assert!(std::env::var_os("FUGONG_NO_SKIP").is_none(), "skipped although FUGONG_NO_SKIP is set: {what}");
    eprintln!("skipped: {what}");
}

/// A portal on a free port with its own database.
pub struct App {
    pub deps: Deps,
    pub base: String,
    pub clock: Clock,
    server: actix_web::dev::ServerHandle,
    doors: Vec<(fugong::web::door::Door, actix_web::dev::ServerHandle)>,
}

impl App {
    /// On an own copy of a migrated SQLite file.
    pub async fn sqlite() -> Self {
        Self::sqlite_for("510000").await
    }

    /// Another province's portal, on SQLite.
    pub async fn sqlite_for(province: &str) -> Self {
        static MIGRATED: OnceLock<PathBuf> = OnceLock::new();
        let template = MIGRATED.get_or_init(|| {
            let path = scratch("template.db");
            fugong::db::run_migrations(&DatabaseUrl::Sqlite(path.clone())).unwrap();
            path
        });
        let path = scratch("test.db");
        std::fs::copy(template, &path).unwrap();
        Self::start(DatabaseUrl::Sqlite(path), province).await
    }

    /// On an own database of the throw-away PostgreSQL; `None` where PostgreSQL is not installed.
    pub async fn postgres() -> Option<Self> {
        let url = postgres::fresh_database()?;
        Some(Self::start(DatabaseUrl::Postgres(url), "510000").await)
    }

    /// Another process of the same portal: the same database, keys and clock.
    pub async fn beside(&self) -> Self {
        let Config { database, province, .. } = &self.deps.config;
        Self::with(database.clone(), province, self.clock.clone(), self.deps.keys.clone()).await
    }

    async fn start(database: DatabaseUrl, province: &str) -> Self {
        let keys = Arc::new(Keyring::ephemeral().unwrap());
        Self::with(database, province, Clock::fixed(thursday()), keys).await
    }

    /// The same portal with other settings.
    pub async fn with_settings(self, change: impl FnOnce(&mut Config)) -> Self {
        let (mut settings, clock, keys) =
            (self.deps.config.clone(), self.clock.clone(), self.deps.keys.clone());
        self.stop().await;
        change(&mut settings);
        Self::set_up(settings, clock, keys).await
    }

    /// A portal on SQLite whose province has rules of its own.
    pub async fn ruled_by(policy: Arc<RuleSet>) -> Self {
        let app = Self::sqlite().await;
        let (settings, clock, keys) = (app.deps.config.clone(), app.clock.clone(), app.deps.keys.clone());
        app.stop().await;
        Self::set_up_with(settings, clock, keys, |parts| parts.policy = policy).await
    }

    async fn with(database: DatabaseUrl, province: &str, clock: Clock, keys: Arc<Keyring>) -> Self {
        Self::set_up(config(database, province, ""), clock, keys).await
    }

    async fn set_up(config: Config, clock: Clock, keys: Arc<Keyring>) -> Self {
        Self::set_up_with(config, clock, keys, |_| ()).await
    }

    async fn set_up_with(
        mut config: Config,
        clock: Clock,
        keys: Arc<Keyring>,
        change: impl FnOnce(&mut Parts),
    ) -> Self {
        queries::listen();
        let listener = fugong::app::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        // A test may say that the portal stands behind a proxy that ends TLS.
        if !config.is_https() {
            config.public_url = base.clone();
        }
        let mut parts = Parts::connect(config, clock.clone(), keys).await.unwrap();
        declared::lay_over(&mut parts);
        change(&mut parts);
        let deps = Deps::new(parts);
        let server = fugong::app::serve(deps.clone(), listener).unwrap();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { deps, base, clock, server: handle, doors: Vec::new() }
    }

    /// A new client without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.base.clone())
    }

    /// The same in another network.
    pub fn browser_from(&self, address: [u8; 4]) -> Browser {
        Browser::from(self.base.clone(), address)
    }

    /// Runs every job and message that is due by the clock.
    pub async fn drain(&self) -> Drained {
        fugong::jobs::drain(&self.deps).await.unwrap()
    }

    /// Runs all periodic work once now (sweeps, clocks, audit head), and whatever else is due.
    pub async fn tick(&self) -> Drained {
        fugong::jobs::run_periodic(&self.deps).await.unwrap()
    }

    /// What failed for good, by kind and code, for a test that expects it; it is removed.
    pub async fn bury_dead(&self) -> Vec<(String, String)> {
        use fugong::{jobs, notify};
        let (jobs, messages) =
            self.deps.store.read(|c| Ok((jobs::dead(c, 1000)?, notify::dead(c, 1000)?))).await.unwrap();
        let found = jobs
            .iter()
            .map(|j| (j.kind.clone(), j.last_error.clone().unwrap_or_default()))
            .chain(messages.iter().map(|m| (m.message.clone(), m.last_error.clone().unwrap_or_default())))
            .collect();
        let buried = self.deps.store.write(move |tx| {
            jobs.iter().try_for_each(|j| jobs::bury(tx, j.id).map(|_| ()))?;
            messages.iter().try_for_each(|m| notify::bury(tx, m.id).map(|_| ()))
        });
        buried.await.unwrap();
        found
    }

    /// Stops the server and waits for what was accepted. A job or message that died unexpectedly fails the test.
    pub async fn stop(self) {
        let dead = self.bury_dead().await;
        assert!(dead.is_empty(), "dead jobs or messages: {dead:?}");
        fugong::live::end(&self.deps);
        for (_, door) in &self.doors {
            door.stop(true).await;
        }
        self.server.stop(true).await;
        self.deps.store.close().await;
    }
}

fn config(database: DatabaseUrl, province: &str, base: &str) -> Config {
    Config {
        province: province.into(),
        database,
        redis: None,
        listen: "127.0.0.1:0".parse().unwrap(),
        public_url: base.into(),
        keys: scratch("keys"),
        audit_heads: scratch("heads"),
        mail_from: "Fugong <noreply@fugong.example>".into(),
        mail: MailTransport::Memory,
        sms: SmsTransport::Memory,
        trusted_proxies: Vec::new(),
        sms_per_hour: 20_000,
        files: Some(FilesPlace::Folder(scratch("files"))),
        clamd: None,
        trust_roots: Vec::new(),
        metrics: None,
        partner: None,
        device: None,
        pool_size: 4,
        workers: 1,
        run_jobs: false,
        retry: RetrySchedule::default(),
        demo: false,
    }
}

/// A path in a folder of this test run, which the system's cleaning of temporary folders removes.
pub fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("fugong-test-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir.join(format!("{}-{name}", uuid::Uuid::now_v7()))
}
