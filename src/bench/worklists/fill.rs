//! Rows of a list by the million. What differs from row to row (identifier, moments, whose it is, what is sealed to it) is
//! made here and written into a table of the bench, a thousand rows at a time; one statement makes rows of the list of them.
//! What is sealed is sealed to its row, since any row can come to be shown.

use crate::crypto::Keyring;
use crate::db::{Conn, DatabaseUrl, Id, Ts};
use crate::error::{AppError, AppResult};
use crate::identity::DivisionCode;
use crate::on_either;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use crate::db::types::{DbTime, DbUuid};

    /// What rows are made of.
    bench_rows (i) {
        /// How many were made before it.
        i -> BigInt,
        /// Identifier.
        id -> DbUuid,
        /// When it came.
        at -> DbTime,
        /// Two weeks after that.
        later -> DbTime,
        /// Whose it is.
        person -> DbUuid,
        /// The row of another table that it rests on; its own identifier where there is none.
        parent -> DbUuid,
        /// What is sealed to it …
        sealed -> Binary,
        /// … and what else is.
        more -> Binary,
    }
}

/// A row of it.
#[derive(Insertable)]
#[diesel(table_name = bench_rows)]
struct Piece {
    i: i64,
    id: Id,
    at: Ts,
    later: Ts,
    person: Id,
    parent: Id,
    sealed: Vec<u8>,
    more: Vec<u8>,
}

/// Rows written at once: ten values each stay below what a statement of either database takes.
const CHUNK: u64 = 1000;

/// What is sealed to a row.
pub type Seal = fn(&Source, Id) -> AppResult<(Vec<u8>, Vec<u8>)>;

/// How a row of a table is made.
pub struct Rows {
    /// The table.
    pub table: &'static str,
    /// Columns, and what stands in them: SQL over a row `r` of [`bench_rows`], with the words of [`Source::words`].
    pub columns: &'static [(&'static str, &'static str)],
    /// The table whose rows these rest on, and how many rest on one.
    pub parent: Option<(&'static str, u64)>,
    /// What is sealed to it.
    pub seal: Option<Seal>,
}

/// From what rows are made.
pub struct Source {
    /// Keys of the portal.
    pub keys: std::sync::Arc<Keyring>,
    /// When the first one came; each after it comes half a second later.
    pub from: DateTime<Utc>,
    /// Everybody who has rows; the first is who is looked for.
    pub persons: Vec<Id>,
    /// The answers of a declaration.
    pub answers: Value,
    /// Words of [`Rows::columns`] and what they stand for.
    pub words: Vec<(&'static str, String)>,
    /// Identifiers of what was made, by table.
    pub made: BTreeMap<&'static str, Vec<Id>>,
}

impl Source {
    /// When the nth row came.
    pub fn at(&self, n: u64) -> DateTime<Utc> {
        self.from + TimeDelta::milliseconds(i64::try_from(n).unwrap_or(i64::MAX).saturating_mul(500))
    }

    /// Its second moment.
    pub fn later(&self, n: u64) -> DateTime<Utc> {
        self.at(n) + TimeDelta::days(14)
    }

    /// The identifier of the nth row of a table.
    pub fn id(&self, table: &str, n: u64) -> Option<Id> {
        self.made.get(table)?.get(usize::try_from(n).ok()?).copied()
    }

    fn piece(&self, rows: &Rows, n: u64) -> AppResult<Piece> {
        let missing = || AppError::internal("a row rests on one that is not there");
        let id = Id::new();
        let persons = u64::try_from(self.persons.len()).unwrap_or(1).max(1);
        let person = usize::try_from(n % persons).ok().and_then(|k| self.persons.get(k)).copied();
        let parent = match rows.parent {
            Some((table, share)) => self.id(table, n / share).ok_or_else(missing)?,
            None => id,
        };
        let (sealed, more) = rows.seal.map(|seal| seal(self, id)).transpose()?.unwrap_or_default();
        Ok(Piece {
            i: i64::try_from(n).map_err(AppError::internal)?,
            id,
            at: self.at(n).into(),
            later: self.later(n).into(),
            person: person.ok_or_else(missing)?,
            parent,
            sealed,
            more,
        })
    }
}

/// A connection of its own: the portal's writer is for short work.
pub fn connect(url: &DatabaseUrl) -> Result<Conn, String> {
    let opened = match url {
        DatabaseUrl::Sqlite(path) => SqliteConnection::establish(&path.to_string_lossy()).map(Conn::Sqlite),
        DatabaseUrl::Postgres(url) => PgConnection::establish(url).map(Conn::Pg),
    };
    let mut conn = opened.map_err(|_| "the database cannot be opened a second time".to_owned())?;
    let ready = match &mut conn {
        Conn::Sqlite(conn) => conn.batch_execute(
            "PRAGMA busy_timeout = 30000; PRAGMA synchronous = OFF; DROP TABLE IF EXISTS bench_rows; \
             CREATE TABLE bench_rows (i INTEGER NOT NULL PRIMARY KEY, id BLOB NOT NULL, at BIGINT NOT NULL, \
             later BIGINT NOT NULL, person BLOB NOT NULL, parent BLOB NOT NULL, sealed BLOB NOT NULL, more BLOB NOT NULL)",
        ),
        Conn::Pg(conn) => conn.batch_execute(
            "SET synchronous_commit = off; DROP TABLE IF EXISTS bench_rows; \
             CREATE TABLE bench_rows (i BIGINT NOT NULL PRIMARY KEY, id UUID NOT NULL, at TIMESTAMPTZ NOT NULL, \
             later TIMESTAMPTZ NOT NULL, person UUID NOT NULL, parent UUID NOT NULL, sealed BYTEA NOT NULL, more BYTEA NOT NULL)",
        ),
    };
    ready.map_err(|e| e.to_string())?;
    Ok(conn)
}

/// Makes rows of a table until there are so many; how many there are of a table is how many were made.
pub fn fill(conn: &mut Conn, rows: &Rows, source: &mut Source, to: u64) -> Result<(), String> {
    let there = source.made.get(rows.table).map_or(0, Vec::len);
    let mut from = u64::try_from(there).map_err(|e| e.to_string())?;
    let statement = statement(rows, &source.words);
    while from < to {
        let end = to.min(from + CHUNK);
        let made = chunk(conn, rows, source, (from, end), &statement);
        let made = made.map_err(|e| format!("rows of {} cannot be made: {e:?}", rows.table))?;
        source.made.entry(rows.table).or_default().extend(made);
        from = end;
    }
    if let Conn::Pg(conn) = conn {
        // As a server does by itself after a while.
        conn.batch_execute(&format!("ANALYZE {}", rows.table)).map_err(|e| e.to_string())?;
    }
    Ok(())
}

fn chunk(
    conn: &mut Conn,
    rows: &Rows,
    source: &Source,
    (from, to): (u64, u64),
    statement: &str,
) -> AppResult<Vec<Id>> {
    let pieces = (from..to).map(|n| source.piece(rows, n)).collect::<AppResult<Vec<_>>>()?;
    let ids = pieces.iter().map(|piece| piece.id).collect();
    conn.transaction(|conn| {
        diesel::delete(bench_rows::table).execute(conn)?;
        on_either!(conn, c => diesel::insert_into(bench_rows::table).values(&pieces).execute(c))?;
        diesel::sql_query(statement).execute(conn)?;
        AppResult::Ok(())
    })?;
    Ok(ids)
}

/// The statement that makes rows of a table.
fn statement(rows: &Rows, words: &[(&'static str, String)]) -> String {
    let (columns, values): (Vec<&str>, Vec<&str>) = rows.columns.iter().copied().unzip();
    let values = words.iter().fold(values.join(", "), |all, (word, means)| all.replace(word, means));
    format!("INSERT INTO {} ({}) SELECT {values} FROM bench_rows AS r", rows.table, columns.join(", "))
}

/// An identifier in SQL.
pub fn uuid(sqlite: bool, id: Id) -> String {
    if sqlite { format!("x'{}'", id.0.simple()) } else { format!("'{}'::uuid", id.0) }
}

/// Where rows lie: of six in a row two in the first two towns of a county, the others elsewhere in the prefecture and in
/// the province.
pub fn place(towns: (DivisionCode, DivisionCode)) -> String {
    format!(
        "CASE r.i % 6 WHEN 0 THEN '{}' WHEN 3 THEN '{}' WHEN 1 THEN '511602001' WHEN 4 THEN '511602001' \
         ELSE '510104001' END",
        towns.0, towns.1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_a_value_for_each_column() {
        const ROWS: Rows = Rows {
            table: "t",
            columns: &[("id", "r.id"), ("division", ":place"), ("number", "'X-' || r.i")],
            parent: None,
            seal: None,
        };
        let words = [(":place", "CASE r.i WHEN 0 THEN 'a' END".to_owned())];
        assert_eq!(
            statement(&ROWS, &words),
            "INSERT INTO t (id, division, number) SELECT r.id, CASE r.i WHEN 0 THEN 'a' END, 'X-' || r.i FROM bench_rows AS r"
        );
    }
}
