//! The limit of a durable write: the same INSERTs with nothing around them.
//!
//! On SQLite a path is run a few times, the rows that it left are looked at, and a trigger is made that inserts rows
//! of the same tables, sizes and indexes; one INSERT into `probe_calls` through the group-commit writer then costs
//! what the engine itself costs. Where values must be unique, those that grow with time in the program (UUID version 7,
//! also inside a text; counters) grow in the probe too, so that both write to the same end of an index; others are
//! drawn at random. What the path updates or reads is not in the limit, except the head of the audit lane.

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

/// The column `v` of a query.
pub fn texts(conn: &mut Conn, sql: &str) -> AppResult<Vec<String>> {
    let rows: Vec<TextRow> = diesel::sql_query(sql).load(conn)?;
    Ok(rows.into_iter().map(|r| r.v).collect())
}

/// Rows in each table of the program's schema.
pub async fn counts(store: &Store) -> Result<Counts, String> {
    store.read(count_all).await.map_err(|e| e.to_string())
}

fn count_all(conn: &mut Conn) -> AppResult<Counts> {
    let of_database = match conn {
        Conn::Sqlite(_) => {
            "SELECT name AS v FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
             AND name NOT LIKE '\\_%' ESCAPE '\\' AND name <> 'probe_calls'"
        }
        Conn::Pg(_) => {
            "SELECT tablename::text AS v FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%'"
        }
    };
    let tables = texts(conn, of_database)?;
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

/// Makes the probe insert so many rows of each table.
pub async fn arm(store: &Store, rows: BTreeMap<String, i64>) -> Result<(), String> {
    let made = store.write(move |tx| {
        let conn = tx.conn();
        let mut body = String::new();
        for (table, n) in &rows {
            for nth in 0..*n {
                body.push_str(&insert_like_last(conn, table, nth)?);
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
    made.await.map_err(|e| format!("the probe cannot be made: {e}"))
}

/// An INSERT of a row like the table's newest one, the `nth` of one call.
fn insert_like_last(conn: &mut Conn, table: &str, nth: i64) -> AppResult<String> {
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
        if unique.contains(column) && !bound.contains(column) {
            fresh(literal, nth)
        } else {
            literal.to_owned()
        }
    });
    let values = values.collect::<Vec<_>>().join(", ");
    Ok(format!("INSERT OR REPLACE INTO \"{table}\" VALUES ({values}); "))
}

/// Milliseconds since 1970 as twelve hexadecimal digits: how a UUID of version 7 begins (RFC 9562, section 5.7).
const TIME: &str = "printf('%012x', CAST(unixepoch('subsec') * 1000 AS INTEGER))";

/// A value of the same kind and length that no other row has, for the `nth` row of a call. It is evaluated inside the
/// trigger, where `NEW.n` is the call's number.
fn fresh(literal: &str, nth: i64) -> String {
    if let Some(hex) = literal.strip_prefix("X'") {
        let hex = hex.trim_end_matches('\'');
        if hex.len() == 32 && hex.get(12..13) == Some("7") {
            format!("unhex({TIME} || hex(randomblob(10)))")
        } else {
            format!("randomblob({})", hex.len() / 2)
        }
    } else if let Some(text) = literal.strip_prefix('\'') {
        fresh_text(text.strip_suffix('\'').unwrap_or(text))
    } else if literal == "NULL" {
        "NULL".into()
    } else {
        // Above every counter of the program, and growing.
        format!("{} + NEW.n * 64 + {nth}", 1i64 << 40)
    }
}

/// A text of about the same length; what stands before a UUID of version 7 stays, and the UUID begins with the time.
fn fresh_text(text: &str) -> String {
    let characters = text.chars().count();
    match uuid_v7_at(text).and_then(|at| text.get(..at)) {
        Some(before) => {
            let random = characters.saturating_sub(before.chars().count() + 12).div_ceil(2).max(8);
            format!("'{before}' || {TIME} || hex(randomblob({random}))")
        }
        None => format!("hex(randomblob({}))", characters.div_ceil(2).max(8)),
    }
}

/// Whether a text holds a UUID of version 7.
pub fn is_uuid_v7_text(text: &str) -> bool {
    uuid_v7_at(text).is_some()
}

/// Where the first UUID of version 7 with hyphens begins.
fn uuid_v7_at(text: &str) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).find(|at| {
        let found = text.get(*at..at + 36).and_then(|t| uuid::Uuid::try_parse(t).ok());
        found.is_some_and(|u| u.get_version_num() == 7)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::Connection;

    #[test]
    fn rows_are_shared_among_calls() {
        let counts =
            |pairs: &[(&str, i64)]| pairs.iter().map(|(t, n)| ((*t).to_owned(), *n)).collect::<Counts>();
        let before = counts(&[("a", 5), ("b", 1), ("c", 2)]);
        let after = counts(&[("a", 25), ("b", 1), ("c", 43)]);
        assert_eq!(rows_of_one(&before, &after, 20), counts(&[("a", 1), ("c", 2)]));
    }

    #[derive(QueryableByName)]
    struct Value {
        #[diesel(sql_type = Text)]
        hex: String,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = BigInt)]
        size: i64,
    }

    fn value(literal: &str) -> Value {
        let mut conn = diesel::SqliteConnection::establish(":memory:").unwrap();
        let expression = fresh(literal, 0).replace("NEW.n", "1");
        let query = format!(
            "SELECT hex(v) AS hex, typeof(v) AS kind, length(v) AS size FROM (SELECT {expression} AS v LIMIT 1)"
        );
        diesel::sql_query(query).get_result(&mut conn).unwrap()
    }

    #[test]
    fn fresh_values_keep_kind_and_length() {
        let kept = |literal: &str, kind: &str, size: i64| {
            let value = value(literal);
            assert_eq!((value.kind.as_str(), value.size), (kind, size), "{literal}");
        };
        kept("X'00ff00ff'", "blob", 4);
        kept("X'0190163d8694739bb6e2c9b0a2f3d1e4'", "blob", 16);
        kept("'SB200312-7K3M9QX2'", "text", 18);
        kept("'expire:0190163d-8694-739b-b6e2-c9b0a2f3d1e4'", "text", 43);
        assert_eq!(fresh("NULL", 0), "NULL");
        assert_eq!(value("17").kind, "integer");
        assert_ne!(fresh("17", 0), fresh("17", 1), "two rows of one call");
    }

    #[test]
    fn what_grows_with_time_grows_in_the_probe() {
        let before = uuid::Uuid::now_v7().simple().to_string().to_uppercase();
        let key = value("X'0190163D8694739BB6E2C9B0A2F3D1E4'").hex;
        let name = value("'expire:0190163d-8694-739b-b6e2-c9b0a2f3d1e4'").hex;
        let after = uuid::Uuid::now_v7().simple().to_string().to_uppercase();
        assert!(before[..12] <= key[..12] && key[..12] <= after[..12], "{before} {key} {after}");
        let time = String::from_utf8(hex::decode(&name[14..38]).unwrap()).unwrap().to_uppercase();
        assert!(
            name.starts_with(&hex::encode_upper("expire:")) && before[..12] <= *time && *time <= after[..12]
        );
    }
}
