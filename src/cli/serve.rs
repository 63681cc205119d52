//! `fugong serve` and `fugong migrate`: a portal for real.

use super::restored;
use crate::app::{self, App, Deps};
use crate::clock::Clock;
use crate::config::{Config, MailTransport, unknown};
use crate::crypto::Keyring;
use crate::db::{self, DatabaseUrl, MigrationState, ServeLock, migration_state};
use crate::jobs::Worker;
use crate::telemetry;
use actix_web::web::Data;
use clap::Args;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// Runs the portal with the settings of the environment (README: configuration).
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Only checks the settings, the keys, the database and the folders, and names every error at once.
    #[arg(long)]
    check: bool,
}

/// Brings the database to this program's schema.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// `sqlite:PATH` or `postgres://…`; otherwise DATABASE_URL.
    #[arg(long)]
    database: Option<String>,
    /// Only says how the schema stands.
    #[arg(long)]
    check: bool,
}

/// What is wrong, a line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Problems(Vec<String>);

impl Problems {
    /// One line each.
    #[must_use]
    pub fn from_lines(lines: Vec<String>) -> Self {
        Self(lines)
    }
}

impl From<String> for Problems {
    fn from(line: String) -> Self {
        Self(vec![line])
    }
}

/// Serves until a signal says to stop; gives `true` when all ended in order.
///
/// # Errors
/// [`Problems`], each a line for the person who started it.
pub fn serve(args: &ServeArgs, out: &mut dyn Write) -> Result<bool, Problems> {
    for name in unknown(std::env::vars_os().map(|(name, _)| name)) {
        let _ = writeln!(out, "Warning: {name} is no setting of this program; is it mistyped?");
    }
    let config = Config::from_env().map_err(|mut lines| {
        lines.extend(examine_alone());
        Problems(lines)
    })?;
    let problems = examine(&config, args.check);
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    if args.check {
        let _ = writeln!(
            out,
            "The configuration is complete: province {}, {}.",
            config.province, config.public_url
        );
        return Ok(true);
    }
    let _log = telemetry::init(true, "info");
    let runtime = actix_web::rt::System::new();
    runtime.block_on(run(config))?;
    Ok(true)
}

/// What cannot be known from the settings alone.
fn examine(config: &Config, only_look: bool) -> Vec<String> {
    let mut problems = examine_keys(&config.keys);
    problems.extend(examine_folder("FUGONG_AUDIT_HEADS", &config.audit_heads, only_look));
    if let MailTransport::File(folder) = &config.mail {
        problems.extend(examine_folder("FUGONG_MAIL_DIR", folder, only_look));
    }
    problems.extend(examine_database(&config.database));
    problems
}

/// The same of what is there when other settings are missing or wrong, so that all is named at once.
fn examine_alone() -> Vec<String> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let mut problems = Vec::new();
    if let Some(keys) = set("FUGONG_KEYS").filter(|dir| Path::new(dir).is_dir()) {
        problems.extend(examine_keys(Path::new(&keys)));
    }
    for name in ["FUGONG_AUDIT_HEADS", "FUGONG_MAIL_DIR"] {
        problems.extend(set(name).map(|dir| examine_folder(name, Path::new(&dir), true)).unwrap_or_default());
    }
    if let Some(url) = set("DATABASE_URL").and_then(|url| DatabaseUrl::parse(&url).ok()) {
        problems.extend(examine_database(&url));
    }
    problems
}

fn examine_keys(dir: &Path) -> Vec<String> {
    Keyring::open(dir, Clock::system().now()).err().map(|e| format!("FUGONG_KEYS: {e}")).into_iter().collect()
}

fn examine_folder(name: &str, dir: &Path, only_look: bool) -> Vec<String> {
    let found = if only_look { could_be_written(dir) } else { writable(dir) };
    found.err().map(|e| format!("{name}: {e}")).into_iter().collect()
}

fn examine_database(url: &DatabaseUrl) -> Vec<String> {
    let mut problems = Vec::new();
    match migration_state(url) {
        Ok(MigrationState::Current) => {}
        Ok(MigrationState::Behind { pending, .. }) => {
            problems.push(format!("the database needs {pending} migrations; run `fugong migrate` first"));
        }
        Ok(MigrationState::Newer(versions)) => problems.push(format!(
            "the database was written by a newer version of this program (it has {})",
            versions.join(", ")
        )),
        Err(e) => problems.push(format!("DATABASE_URL: {e}")),
    }
    problems
}

/// Whether a folder can be written to, or made where it is not there yet; nothing that is made for the check stays.
///
/// # Errors
/// The system's word for why not.
fn could_be_written(dir: &Path) -> Result<(), String> {
    let there = dir.ancestors().find(|part| part.exists());
    writable(there.filter(|part| !part.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

/// Whether a folder is there (or can be made) and can be written to.
///
/// # Errors
/// The system's word for why not.
pub fn writable(dir: &Path) -> Result<(), String> {
    let probe = dir.join(".fugong-probe");
    std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&probe, b""))
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(|e| format!("{} cannot be written to: {e}", dir.display()))
}

async fn run(config: Config) -> Result<(), Problems> {
    app::install_tls();
    let _lock = match &config.database {
        DatabaseUrl::Sqlite(path) => Some(ServeLock::take(path)?),
        DatabaseUrl::Postgres(_) => None,
    };
    let clock = Clock::system();
    let keys = Keyring::open(&config.keys, clock.now()).map_err(|e| format!("FUGONG_KEYS: {e}"))?;
    let listener = app::bind(config.listen)?;
    let metrics = config.metrics.map(app::bind).transpose()?;
    let address = config.listen;
    let deps: App = Data::new(Deps::connect(config, clock, Arc::new(keys)).await.map_err(|e| e.to_string())?);
    restored::look(&deps).await.map_err(|e| e.to_string())?;
    let server = app::serve(deps.clone(), listener).map_err(|e| e.to_string())?;
    let doors = app::serve_doors(&deps)?;
    let handle = server.handle();
    let door_handles: Vec<_> = doors.iter().map(actix_web::dev::Server::handle).collect();
    doors.into_iter().for_each(|door| drop(actix_web::rt::spawn(door)));
    let running = actix_web::rt::spawn(server);
    if let Some(listener) = metrics {
        actix_web::rt::spawn(app::serve_metrics(listener).map_err(|e| e.to_string())?);
    }
    let worker =
        if deps.config.run_jobs { Some(Worker::start(&deps).map_err(|e| e.to_string())?) } else { None };
    if worker.is_none() {
        // A worker reads the keys again by itself.
        actix_web::rt::spawn(keep_keys(deps.clone()));
    }
    tracing::info!(%address, "serving");
    stop_signal().await;
    tracing::info!("stopping: no new requests, finishing what runs");
    crate::live::end(&deps);
    handle.stop(true).await;
    for door in door_handles {
        door.stop(true).await;
    }
    let _ = running.await;
    if let Some(worker) = worker {
        worker.stop().await;
    }
    deps.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Reads the keyring again every minute, so that a new key is known before it is used, and used from its time on.
async fn keep_keys(deps: App) {
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        if let Err(e) = deps.keys.reload(deps.clock.now()) {
            tracing::error!(error = %e, "the keyring cannot be read again");
        }
    }
}

/// Waits for SIGTERM or SIGINT.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut term) => {
            tokio::select! {
                _ = term.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

/// Migrates, or says how the schema stands.
///
/// # Errors
/// [`Problems`].
pub fn migrate(args: &MigrateArgs, out: &mut dyn Write) -> Result<bool, Problems> {
    let url = match args.database.clone().or_else(|| std::env::var("DATABASE_URL").ok()) {
        Some(url) => DatabaseUrl::parse(&url)?,
        None => return Err("DATABASE_URL is not set: sqlite:PATH or postgres://…".to_owned().into()),
    };
    if args.check {
        let state = migration_state(&url).map_err(|e| e.to_string())?;
        let _ = match &state {
            MigrationState::Current => writeln!(out, "The schema is current."),
            MigrationState::Behind { pending, applied } => {
                writeln!(out, "{applied} migrations have run, {pending} are to run.")
            }
            MigrationState::Newer(v) => {
                writeln!(out, "The database is newer than this program: {}.", v.join(", "))
            }
        };
        return Ok(state == MigrationState::Current);
    }
    let _lock = match &url {
        DatabaseUrl::Sqlite(path) => Some(ServeLock::take(path)?),
        DatabaseUrl::Postgres(_) => None,
    };
    let ran = db::run_migrations(&url).map_err(|e| e.to_string())?;
    let _ = writeln!(out, "{ran} migrations have run; the schema is current.");
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_makes_no_folders() {
        let base = std::env::temp_dir().join(format!("fugong-check-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&base).unwrap();
        let wanted = base.join("a/b");
        assert_eq!(could_be_written(&wanted), Ok(()));
        assert!(!base.join("a").exists());
        std::fs::write(base.join("file"), b"").unwrap();
        assert!(could_be_written(&base.join("file/heads")).is_err(), "a file is no folder");
        assert_eq!(writable(&wanted), Ok(()));
        std::fs::remove_dir_all(&base).unwrap();
    }
}
