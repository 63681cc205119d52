//! Migrations, embedded, one tree for each database with the same names.

use super::conn::{DatabaseUrl, open_sqlite};
use crate::error::{AppError, AppResult};
use diesel::connection::SimpleConnection;
use diesel::migration::Migration;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Several that migrate one PostgreSQL at the same time take turns; whoever comes second finds nothing to do. A step that
/// waits for a table in use gives up after five seconds, as a whole, so that a program that serves meanwhile does not wait
/// behind it.
const PG_TURN: &str = "SELECT pg_advisory_lock(5109401110); SET lock_timeout = '5s'";

/// How the database's schema stands to this program's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MigrationState {
    /// The same.
    Current,
    /// Older by so many migrations; 0 applied means an empty database.
    Behind {
        /// Migrations still to run.
        pending: usize,
        /// Migrations that have run.
        applied: usize,
    },
    /// Written by a newer program: these versions are not known here.
    Newer(Vec<String>),
}

/// Looks at a database without changing it.
///
/// # Errors
/// When it cannot be opened or is not a database.
pub fn migration_state(url: &DatabaseUrl) -> AppResult<MigrationState> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            if !path.exists() {
                let pending = names::<diesel::sqlite::Sqlite>(&SQLITE)?.len();
                return Ok(MigrationState::Behind { pending, applied: 0 });
            }
            state(&mut open_sqlite(path, false)?, &SQLITE)
        }
        DatabaseUrl::Postgres(url) => state(&mut connect(url)?, &POSTGRES),
    }
}

/// Brings a database to this program's schema.
///
/// # Errors
/// When it is newer than this program, cannot be opened, or a step fails.
pub fn run_migrations(url: &DatabaseUrl) -> AppResult<usize> {
    match url {
        DatabaseUrl::Sqlite(path) => run(&mut open_sqlite(path, false)?, SQLITE),
        DatabaseUrl::Postgres(url) => {
            let mut conn = connect(url)?;
            conn.batch_execute(PG_TURN).map_err(failed)?;
            run(&mut conn, POSTGRES)
        }
    }
}

fn connect(url: &str) -> AppResult<PgConnection> {
    PgConnection::establish(url)
        .map_err(|e| AppError::Unavailable(format!("PostgreSQL cannot be reached: {e}")))
}

fn run<C, DB>(conn: &mut C, source: EmbeddedMigrations) -> AppResult<usize>
where
    C: MigrationHarness<DB>,
    DB: diesel::backend::Backend,
{
    if let MigrationState::Newer(versions) = state(conn, &source)? {
        return Err(AppError::Unavailable(format!(
            "the database was written by a newer version of this program (it has {})",
            versions.join(", ")
        )));
    }
    conn.run_pending_migrations(source).map(|ran| ran.len()).map_err(failed)
}

fn state<C, DB>(conn: &mut C, source: &EmbeddedMigrations) -> AppResult<MigrationState>
where
    C: MigrationHarness<DB>,
    DB: diesel::backend::Backend,
{
    let known = names::<DB>(source)?;
    let applied: Vec<String> =
        conn.applied_migrations().map_err(failed)?.iter().map(ToString::to_string).collect();
    let unknown: Vec<String> = applied.iter().filter(|v| !known.contains(v)).cloned().collect();
    Ok(if !unknown.is_empty() {
        MigrationState::Newer(unknown)
    } else if applied.len() == known.len() {
        MigrationState::Current
    } else {
        MigrationState::Behind { pending: known.len() - applied.len(), applied: applied.len() }
    })
}

fn names<DB: diesel::backend::Backend>(source: &EmbeddedMigrations) -> AppResult<Vec<String>> {
    use diesel::migration::MigrationSource;
    let all: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(failed)?;
    Ok(all.iter().map(|m| m.name().version().to_string()).collect())
}

fn failed(e: impl std::fmt::Display) -> AppError {
    AppError::Unavailable(format!("migration: {e}"))
}
