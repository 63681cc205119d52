//! A connection to either database, chosen by the URL's scheme.

// The derive writes public items without documentation.
#![allow(missing_docs)]

use crate::error::AppError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

/// A connection to PostgreSQL or SQLite; queries are written once against the shared schema.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL 15 or later.
    Pg(PgConnection),
    /// The embedded SQLite.
    Sqlite(SqliteConnection),
}

impl Conn {
    /// PostgreSQL steps over rows that another worker holds; SQLite has one writer.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self {
            Self::Pg(_) => "FOR UPDATE SKIP LOCKED",
            Self::Sqlite(_) => "",
        }
    }
}

/// The backend of [`Conn`], named so that column types can be given for it.
pub type Multi = MultiBackend;

/// Expands one expression in an arm for each database, for what diesel cannot express over both at once
/// (`on_conflict`, batch insert, `as_returning`).
#[macro_export]
macro_rules! on_either {
    ($conn:expr, $c:ident => $e:expr) => {
        match $conn {
            $crate::db::Conn::Pg($c) => $e,
            $crate::db::Conn::Sqlite($c) => $e,
        }
    };
}

/// Which database a URL names, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`
    Sqlite(std::path::PathBuf),
    /// `postgres://…`, kept whole for libpq.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `sqlite:path`, `sqlite://path`, `postgres://…` or `postgresql://…`.
    ///
    /// # Errors
    /// A plain sentence that does not repeat the URL, which can hold a password.
    pub fn parse(url: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            if path.is_empty() {
                return Err("DATABASE_URL: sqlite: needs a path, as in sqlite:data/fugong.db".into());
            }
            return Ok(Self::Sqlite(path.into()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err("DATABASE_URL must begin with sqlite: or postgres:".into())
    }
}

/// Makes the file of a new database readable to its owner alone; SQLite gives its log and index the same rights. What
/// cannot be made is SQLite's to report.
pub(super) fn own_only(path: &std::path::Path) {
    let text = path.to_string_lossy();
    if !(path.exists() || text.is_empty() || text.starts_with(':') || text.starts_with("file:")) {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let _ = options.open(path);
    }
}

/// Opens a SQLite connection with the settings every connection has: a busy time-out before the journal mode
/// (changing the mode needs a lock), write-ahead log, full durability and enforced foreign keys.
///
/// # Errors
/// When the file cannot be opened or is not a database.
pub(super) fn open_sqlite(path: &std::path::Path, query_only: bool) -> Result<SqliteConnection, AppError> {
    own_only(path);
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())
        .map_err(|e| AppError::Unavailable(format!("the database file cannot be opened: {e}")))?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;",
    )?;
    if query_only {
        conn.batch_execute("PRAGMA query_only = ON;")?;
    } else {
        // What is deleted is overwritten, so that nothing is left of it in pages that are free.
        conn.batch_execute("PRAGMA secure_delete = ON;")?;
    }
    Ok(conn)
}

/// Opens a connection of its own that only reads, for commands that go through a whole database.
///
/// # Errors
/// [`AppError::Unavailable`] when the database is not there or cannot be reached.
pub fn connect_read(url: &DatabaseUrl) -> Result<Conn, AppError> {
    match url {
        DatabaseUrl::Sqlite(path) if !path.exists() => {
            Err(AppError::Unavailable(format!("{}: no such database", path.display())))
        }
        DatabaseUrl::Sqlite(path) => open_sqlite(path, true).map(Conn::Sqlite),
        DatabaseUrl::Postgres(url) => PgConnection::establish(url)
            .map(Conn::Pg)
            .map_err(|e| AppError::Unavailable(format!("PostgreSQL cannot be reached: {e}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.cargo/config.toml` says how SQLite is built. Where a machine has another configuration in its place,
    /// everything is right, but writes take about twice as long.
    #[test]
    fn sqlite_is_built_as_it_is_meant_to_be() {
        if option_env!("LIBSQLITE3_FLAGS").is_none() {
            println!("skipped: .cargo/config.toml is not in force");
            return;
        }
        #[derive(diesel::QueryableByName)]
        struct Line {
            #[diesel(sql_type = diesel::sql_types::Text)]
            compile_options: String,
        }
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        let lines: Vec<Line> = diesel::sql_query("PRAGMA compile_options").load(&mut conn).unwrap();
        let has = |option: &str| lines.iter().any(|l| l.compile_options == option);
        for option in ["ENABLE_QPSG", "THREADSAFE=2", "DEFAULT_MEMSTATUS=0"] {
            assert!(has(option), "{option} is missing");
        }
        for option in ["ENABLE_STAT4", "ENABLE_MEMORY_MANAGEMENT"] {
            assert!(!has(option), "{option} is there");
        }
    }

    #[test]
    fn urls_name_a_database() {
        assert_eq!(DatabaseUrl::parse("sqlite:a/b.db"), Ok(DatabaseUrl::Sqlite("a/b.db".into())));
        assert_eq!(DatabaseUrl::parse("sqlite:///a/b.db"), Ok(DatabaseUrl::Sqlite("/a/b.db".into())));
        assert!(matches!(DatabaseUrl::parse("postgres://u:p@h/d"), Ok(DatabaseUrl::Postgres(_))));
        let refused = DatabaseUrl::parse("mysql://u:secret@h/d").unwrap_err();
        assert!(!refused.contains("secret"));
        assert!(DatabaseUrl::parse("sqlite:").is_err());
    }

    #[test]
    fn a_new_database_is_its_owners_alone() {
        use diesel::prelude::*;
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("fugong-mode-{}.db", uuid::Uuid::now_v7()));
        let mut conn = open_sqlite(&path, false).unwrap();
        diesel::sql_query("CREATE TABLE t (a INTEGER)").execute(&mut conn).unwrap();
        for end in ["", "-wal", "-shm"] {
            let file = std::path::PathBuf::from(format!("{}{end}", path.display()));
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{end}");
        }
        drop(conn);
        std::fs::remove_file(&path).unwrap();
    }
}
