//! The limit of a durable write: the same INSERTs with nothing around them.
//!
//! On SQLite a path is run a few times, the rows that it left are looked at, and a trigger is made that inserts rows
//! of the same tables, sizes and indexes; one INSERT into `probe_calls` through the group-commit writer then costs
//! what the engine itself costs. Keys are drawn at random where they must be unique; what the path updates or reads is
//! not in the limit, except the head of the audit lane.

use crate::db::{Conn, Store};
use crate::error::AppResult;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::collections::BTreeMap;

diesel::table! {
    /// A call of the probe; its trigger does the work.
    probe_calls (n) {
        /// Number.
        n -> BigInt,
        /// Anything.
        at -> BigInt,
    }
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    v: String,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    v: i64,
}

/// Rows in each table.
pub type Counts = BTreeMap<String, i64>;

fn texts(conn: &mut Conn, sql: &str) -> AppResult<Vec<String>> {
    let rows: Vec<TextRow> = diesel::sql_query(sql).load(conn)?;
    Ok(rows.into_iter().map(|r| r.v).collect())
}

/// Rows in each table of a SQLite database.
pub async fn counts(store: &Store) -> Result<Counts, String> {
    store.read(count_all).await.map_err(|e| e.to_string())
}

fn count_all(conn: &mut Conn) -> AppResult<Counts> {
    let tables = texts(
        conn,
        "SELECT name AS v FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
         AND name NOT LIKE '\\_%' ESCAPE '\\' AND name <> 'probe_calls'",
    )?;
    let mut counts = Counts::new();
    for table in tables {
        let row: CountRow =
            diesel::sql_query(format!("SELECT count(*) AS v FROM \"{table}\"")).get_result(conn)?;
        counts.insert(table, row.v);
    }
    Ok(counts)
}

/// Rows that one of `calls` calls left in each table, from the counts before and after.
pub fn rows_of_one(before: &Counts, after: &Counts, calls: i64) -> BTreeMap<String, i64> {
    let grown = |(table, n): (&String, &i64)| {
        let more = n - before.get(table).copied().unwrap_or(0);
        (table.clone(), (more + calls / 2) / calls.max(1))
    };
    after.iter().map(grown).filter(|(_, n)| *n > 0).collect()
}

/// Makes the probe insert so many rows of each table. Gives a text that names them.
pub async fn arm(store: &Store, rows: BTreeMap<String, i64>) -> Result<String, String> {
    let text = rows.iter().map(|(t, n)| format!("{n} {t}")).collect::<Vec<_>>().join(", ");
    let made = store.write(move |tx| {
        let conn = tx.conn();
        let mut body = String::new();
        for (table, n) in &rows {
            let statement = insert_like_last(conn, table)?;
            for _ in 0..*n {
                body.push_str(&statement);
            }
        }
        if rows.contains_key("audit_entries") {
            body.push_str(
                "UPDATE audit_lanes SET length = length + 1, head = randomblob(32) WHERE lane = 999;",
            );
            conn.batch_execute(
                "INSERT OR IGNORE INTO audit_lanes (lane, length, head) VALUES (999, 0, zeroblob(32))",
            )?;
        }
        conn.batch_execute(&format!(
            "CREATE TABLE IF NOT EXISTS probe_calls (n INTEGER PRIMARY KEY, at INTEGER NOT NULL); \
             DROP TRIGGER IF EXISTS probe; \
             CREATE TRIGGER probe AFTER INSERT ON probe_calls BEGIN {body} SELECT 1; END;"
        ))?;
        Ok(())
    });
    made.await.map_err(|e| format!("the probe cannot be made: {e}"))?;
    Ok(text)
}

/// An INSERT of a row like the table's newest one.
fn insert_like_last(conn: &mut Conn, table: &str) -> AppResult<String> {
    let columns = texts(conn, &format!("SELECT name AS v FROM pragma_table_info('{table}') ORDER BY cid"))?;
    let unique = texts(
        conn,
        &format!(
            "SELECT DISTINCT i.name AS v FROM pragma_index_list('{table}') l, pragma_index_info(l.name) i \
             WHERE l.\"unique\" = 1 UNION SELECT name FROM pragma_table_info('{table}') WHERE pk > 0"
        ),
    )?;
    let bound = texts(conn, &format!("SELECT \"from\" AS v FROM pragma_foreign_key_list('{table}')"))?;
    let quoted =
        columns.iter().map(|c| format!("quote(\"{c}\")")).collect::<Vec<_>>().join(" || char(31) || ");
    let last = texts(conn, &format!("SELECT {quoted} AS v FROM \"{table}\" ORDER BY rowid DESC LIMIT 1"))?;
    let last = last.into_iter().next().unwrap_or_default();
    let values = columns.iter().zip(last.split('\u{1f}')).map(|(column, literal)| {
        if unique.contains(column) && !bound.contains(column) { fresh(literal) } else { literal.to_owned() }
    });
    let values = values.collect::<Vec<_>>().join(", ");
    Ok(format!("INSERT OR REPLACE INTO \"{table}\" VALUES ({values}); "))
}

/// A value of the same kind and length that no other row has.
fn fresh(literal: &str) -> String {
    if let Some(hex) = literal.strip_prefix("X'") {
        format!("randomblob({})", hex.len().saturating_sub(1) / 2)
    } else if literal.starts_with('\'') {
        format!("hex(randomblob({}))", (literal.chars().count().saturating_sub(2)).div_ceil(2).max(8))
    } else if literal == "NULL" {
        "NULL".into()
    } else {
        "abs(random() % 2000000000)".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_shared_among_calls() {
        let counts =
            |pairs: &[(&str, i64)]| pairs.iter().map(|(t, n)| ((*t).to_owned(), *n)).collect::<Counts>();
        let before = counts(&[("a", 5), ("b", 1), ("c", 2)]);
        let after = counts(&[("a", 25), ("b", 1), ("c", 43)]);
        assert_eq!(rows_of_one(&before, &after, 20), counts(&[("a", 1), ("c", 2)]));
    }

    #[test]
    fn fresh_values_keep_kind_and_length() {
        assert_eq!(fresh("X'00ff00ff'"), "randomblob(4)");
        assert_eq!(fresh("'SB200312-7K3M9QX2'"), "hex(randomblob(9))");
        assert_eq!(fresh("NULL"), "NULL");
        assert!(fresh("17").contains("random()"));
    }
}
