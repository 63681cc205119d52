//! One province of the demonstration: its folder, lock, keys, database.

use crate::clock::Clock;
use crate::config::{Config, FilesPlace, MailTransport, SmsTransport};
use crate::crypto::Keyring;
use crate::db::{DatabaseUrl, MigrationState, ServeLock, migration_state, run_migrations};
use crate::deps::{App, Deps};
use actix_web::web::Data;
use std::path::Path;
use std::sync::Arc;

/// A province that is ready to be served.
pub(super) struct Province {
    /// Its parts.
    pub deps: App,
    /// Whether there is nothing in its database yet.
    pub empty: bool,
    _lock: ServeLock,
}

impl Province {
    /// Opens or makes everything below `dir`.
    pub(super) async fn prepare(code: &str, port: u16, dir: &Path, fresh: bool) -> Result<Self, String> {
        let database = dir.join("fugong.db");
        make_dir(dir)?;
        let lock = ServeLock::take(&database)?;
        if fresh {
            clear(dir)?;
        }
        let url = DatabaseUrl::Sqlite(database.clone());
        let empty = migrate(&url, &database)?;
        let keys = open_keys(&dir.join("keys"))?;
        let config = config(code, port, dir, url);
        let deps = Deps::connect(config, Clock::system(), Arc::new(keys)).await.map_err(|e| e.to_string())?;
        Ok(Self { deps: Data::new(deps), empty, _lock: lock })
    }
}

fn make_dir(dir: &Path) -> Result<(), String> {
    std::fs::create_dir_all(dir).map_err(|e| format!("{} cannot be made: {e}", dir.display()))
}

/// Removes what the demonstration made, and nothing else.
fn clear(dir: &Path) -> Result<(), String> {
    for name in ["fugong.db", "fugong.db-wal", "fugong.db-shm"] {
        match std::fs::remove_file(dir.join(name)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!("{} cannot be removed: {e}", dir.join(name).display()));
            }
            _ => {}
        }
    }
    for name in ["keys", "heads", "files"] {
        match std::fs::remove_dir_all(dir.join(name)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!("{} cannot be removed: {e}", dir.join(name).display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Brings the database to this program's schema; gives whether it was empty.
fn migrate(url: &DatabaseUrl, path: &Path) -> Result<bool, String> {
    let hint = "start with --fresh to begin again";
    match migration_state(url)
        .map_err(|e| format!("{} is not a usable database ({e}); {hint}", path.display()))?
    {
        MigrationState::Current => Ok(false),
        MigrationState::Newer(_) => {
            Err(format!("{} was written by a newer version of this program; {hint}", path.display()))
        }
        MigrationState::Behind { applied, .. } => {
            run_migrations(url).map_err(|e| format!("{}: {e}", path.display()))?;
            Ok(applied == 0)
        }
    }
}

fn open_keys(dir: &Path) -> Result<Keyring, String> {
    let now = super::now();
    let keys = if dir.exists() { Keyring::open(dir, now) } else { Keyring::create(dir, now) };
    keys.map_err(|e| format!("{}: {e}", dir.display()))
}

fn config(code: &str, port: u16, dir: &Path, database: DatabaseUrl) -> Config {
    let address = format!("127.0.0.1:{port}");
    Config {
        province: code.to_owned(),
        database,
        redis: None,
        listen: ([127, 0, 0, 1], port).into(),
        public_url: format!("http://{address}"),
        keys: dir.join("keys"),
        audit_heads: dir.join("heads"),
        mail_from: "Fugong <noreply@fugong.example>".into(),
        mail: MailTransport::Memory,
        sms: SmsTransport::Memory,
        trusted_proxies: Vec::new(),
        sms_per_hour: 20_000,
        files: Some(FilesPlace::Folder(dir.join("files"))),
        clamd: None,
        trust_roots: Vec::new(),
        metrics: None,
        partner: None,
        device: None,
        pool_size: 1,
        workers: 2,
        run_jobs: true,
        retry: crate::retry::RetrySchedule::default(),
        demo: true,
    }
}
