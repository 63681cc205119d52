//! The portal that is measured: the real router and middleware in this process, on a database of its own.

use super::Options;
use crate::app::{self, App, Deps};
use crate::clock::Clock;
use crate::config::{Config, MailTransport, SmsTransport};
use crate::crypto::Keyring;
use crate::db::{self, DatabaseUrl};
use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use diesel::prelude::*;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder that goes with its owner.
pub struct TempDir(PathBuf);

impl TempDir {
    /// A new, empty folder.
    pub fn new() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("fugong-bench-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Threads that answer requests: as many as processors.
pub fn workers() -> usize {
    usize::try_from(super::system::cores()).unwrap_or(1)
}

/// The settings of a portal whose data is in `dir`, as variables of the environment: mail into files, an SMS gateway
/// that does not answer, a trusted proxy on loopback.
///
/// # Errors
/// When the folders cannot be made.
pub fn environment(
    dir: &Path,
    database: &str,
    address: SocketAddr,
) -> Result<BTreeMap<String, String>, String> {
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    for folder in ["keys", "heads", "mail"] {
        std::fs::create_dir_all(dir.join(folder)).map_err(|e| e.to_string())?;
    }
    std::fs::write(dir.join("sms-token"), "none").map_err(|e| e.to_string())?;
    let pairs = [
        ("FUGONG_PROVINCE", "510000".to_owned()),
        ("DATABASE_URL", database.to_owned()),
        ("FUGONG_LISTEN", address.to_string()),
        ("FUGONG_PUBLIC_URL", format!("http://127.0.0.1:{}", address.port())),
        ("FUGONG_KEYS", path("keys")),
        ("FUGONG_AUDIT_HEADS", path("heads")),
        ("FUGONG_MAIL_FROM", "Fugong <noreply@fugong.example>".to_owned()),
        ("FUGONG_MAIL_DIR", path("mail")),
        ("SMS_URL", "http://127.0.0.1:9/".to_owned()),
        ("SMS_TOKEN_FILE", path("sms-token")),
        // Each person comes from an address of their own, as they do behind the province's proxy.
        ("FUGONG_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
        ("FUGONG_WORKERS", workers().to_string()),
        ("FUGONG_RUN_JOBS", "false".to_owned()),
    ];
    Ok(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A running portal.
pub struct Portal {
    /// Its parts.
    pub deps: App,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its clock, which stands still so that a measurement can step over the life of a token.
    pub clock: Clock,
    handle: ServerHandle,
    _dir: TempDir,
}

impl Portal {
    /// Migrates the database and serves on loopback.
    pub async fn start(options: &Options) -> Result<Self, String> {
        let dir = TempDir::new()?;
        let database = match &options.database {
            Some(url) => url.clone(),
            None => DatabaseUrl::Sqlite(dir.path().join("bench.db")),
        };
        db::run_migrations(&database).map_err(|e| e.to_string())?;
        let listener = app::bind(SocketAddr::from(([127, 0, 0, 1], options.port)))?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let url = match &database {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let mut config =
            Config::from_map(&environment(dir.path(), &url, address)?).map_err(|e| e.join("; "))?;
        (config.mail, config.sms) = (MailTransport::Memory, SmsTransport::Memory);
        let clock = Clock::fixed(Clock::system().now());
        let keys = Arc::new(Keyring::ephemeral().map_err(|e| e.to_string())?);
        let deps = Deps::connect(config, clock.clone(), keys).await.map_err(|e| e.to_string())?;
        own(&deps).await?;
        let deps: App = Data::new(deps);
        let server = app::serve(deps.clone(), listener).map_err(|e| e.to_string())?;
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Ok(Self { deps, address, clock, handle, _dir: dir })
    }

    /// Stops it and waits for what was accepted.
    pub async fn stop(&self) {
        self.handle.stop(true).await;
        self.deps.store.close().await;
    }
}

/// A database with people in it is not the bench's to fill.
async fn own(deps: &Deps) -> Result<(), String> {
    let people = deps
        .store
        .read(|conn| Ok(db::schema::accounts::table.count().get_result::<i64>(conn)?))
        .await
        .map_err(|e| e.to_string())?;
    if people > 0 {
        return Err("the database has accounts in it: give the bench an empty one of its own".into());
    }
    Ok(())
}
