//! The limit of a durable write on PostgreSQL: PostgreSQL's own load program (pgbench) runs the same INSERTs in one
//! transaction, as prepared statements, at the number of clients that suits it best.
//!
//! As with SQLite ([`super::probe`]) the rows that a path left are looked at, and rows of the same tables, sizes and
//! indexes are written, with fresh values where they must be unique. What the path reads or updates is not in the limit,
//! except the head of its audit lane, of which there are as many as in the program.

use super::postgres::program;
use super::probe::{is_uuid_v7_text, texts};
use crate::db::{Conn, Store};
use crate::error::AppResult;
use diesel::connection::SimpleConnection;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

/// Numbers of clients that are tried.
const CLIENTS: [u32; 3] = [8, 16, 32];
/// Milliseconds since 1970 as twelve hexadecimal digits.
const TIME: &str = "lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')";
/// A lane of a client's own, as the program has sixteen.
const LANE: &str = "(1000 + :client_id % 16)";

/// Transactions a second with these rows, and the number of clients that reached it.
///
/// # Errors
/// One line: the program is not there, or it failed.
pub async fn best(
    store: &Store,
    url: &str,
    rows: BTreeMap<String, i64>,
    time: Duration,
) -> Result<(f64, u32), String> {
    let pgbench = program("pgbench").ok_or("pgbench is not installed")?;
    let script = store.write(move |tx| script(tx.conn(), &rows)).await.map_err(|e| e.to_string())?;
    let file = std::env::temp_dir().join(format!("fugong-pgbench-{}.sql", uuid::Uuid::now_v7()));
    std::fs::write(&file, script).map_err(|e| e.to_string())?;
    let seconds = time.as_secs().max(1).to_string();
    let mut best = (0.0, 0);
    let mut failed = None;
    for clients in CLIENTS {
        let answer = Command::new(&pgbench)
            .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--time", &seconds])
            .args(["--client", &clients.to_string(), "--file"])
            .arg(&file)
            .arg(url)
            .output()
            .map_err(|e| e.to_string())?;
        let text = String::from_utf8_lossy(&answer.stdout);
        match text.lines().find_map(|l| l.strip_prefix("tps = ")?.split(' ').next()?.parse().ok()) {
            Some(rate) if answer.status.success() && rate > best.0 => best = (rate, clients),
            Some(_) if answer.status.success() => {}
            _ => failed = Some(String::from_utf8_lossy(&answer.stderr).chars().take(300).collect::<String>()),
        }
    }
    let _ = std::fs::remove_file(&file);
    match failed {
        Some(why) => Err(format!("pgbench failed: {why}")),
        None => Ok(best),
    }
}

/// One transaction of the script.
fn script(conn: &mut Conn, rows: &BTreeMap<String, i64>) -> AppResult<String> {
    let mut body = String::from("BEGIN;\n");
    for (table, n) in rows {
        for _ in 0..*n {
            body.push_str(&insert_like_last(conn, table)?);
        }
    }
    if rows.contains_key("audit_entries") {
        body.push_str(&format!(
            "UPDATE audit_lanes SET length = length + 1, head = decode(repeat(md5(random()::text), 2), 'hex') \
             WHERE lane = {LANE};\n"
        ));
        conn.batch_execute(
            "INSERT INTO audit_lanes (lane, length, head) \
             SELECT lane, 0, decode(repeat('00', 32), 'hex') FROM generate_series(1000, 1015) lane \
             ON CONFLICT DO NOTHING",
        )?;
    }
    conn.batch_execute("CREATE SEQUENCE IF NOT EXISTS probe_n CACHE 100")?;
    body.push_str("COMMIT;\n");
    Ok(body)
}

fn insert_like_last(conn: &mut Conn, table: &str) -> AppResult<String> {
    let columns = texts(
        conn,
        &format!(
            "SELECT attname || chr(31) || format_type(atttypid, atttypmod) AS v FROM pg_attribute \
             WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        ),
    )?;
    let named = |source: &str| {
        format!(
            "SELECT a.attname::text AS v FROM {source} JOIN pg_attribute a ON a.attrelid = x.rel AND a.attnum = x.n"
        )
    };
    let unique = texts(
        conn,
        &named(&format!(
            "(SELECT indrelid rel, unnest(indkey) n FROM pg_index WHERE indisunique AND indrelid = '{table}'::regclass) x"
        )),
    )?;
    let bound = texts(
        conn,
        &named(&format!(
            "(SELECT conrelid rel, unnest(conkey) n FROM pg_constraint \
             WHERE contype = 'f' AND conrelid = '{table}'::regclass) x"
        )),
    )?;
    let pairs: Vec<(&str, &str)> = columns.iter().filter_map(|c| c.split_once('\u{1f}')).collect();
    let quoted: Vec<String> = pairs.iter().map(|(c, _)| format!("quote_nullable(\"{c}\"::text)")).collect();
    let last = texts(
        conn,
        &format!(
            "SELECT concat_ws(chr(31), {}) AS v FROM \"{table}\" ORDER BY ctid DESC LIMIT 1",
            quoted.join(", ")
        ),
    )?;
    let last = last.into_iter().next().unwrap_or_default();
    let values = pairs.iter().zip(last.split('\u{1f}')).map(|((column, kind), literal)| {
        let fresh = unique.iter().any(|u| u == column) && !bound.iter().any(|b| b == column);
        match (fresh, *column) {
            (true, "lane") => LANE.to_owned(),
            (true, _) => fresh_value(kind, literal),
            (false, _) => format!("{}::{kind}", without_variables(literal)),
        }
    });
    let values = values.collect::<Vec<_>>().join(", ");
    Ok(format!("INSERT INTO \"{table}\" VALUES ({values}) ON CONFLICT DO NOTHING;\n"))
}

/// pgbench takes a colon before a letter for a variable, in a text too: another sign takes its place.
fn without_variables(literal: &str) -> String {
    let after = literal.chars().skip(1).chain([' ']);
    let variable = |(c, next): (char, char)| c == ':' && (next.is_ascii_alphabetic() || next == '_');
    literal.chars().zip(after).map(|pair| if variable(pair) { '=' } else { pair.0 }).collect()
}

/// An expression for a value of the same kind and about the same length that no other row has; UUIDs begin with the
/// time, as those of the program do.
fn fresh_value(kind: &str, literal: &str) -> String {
    match (kind, literal) {
        (_, "NULL") => format!("NULL::{kind}"),
        ("uuid", _) => format!("({TIME} || substr(md5(random()::text), 1, 20))::uuid"),
        ("bytea", _) => {
            let bytes = literal.rsplit("\\x").next().map_or(32, |hex| hex.len().saturating_sub(1) / 2);
            format!("decode(left(repeat(md5(random()::text), {}), {}), 'hex')", bytes.div_ceil(16), bytes * 2)
        }
        ("integer", _) => "nextval('probe_n')::integer".into(),
        ("bigint", _) => format!("nextval('probe_n') + {}", 1_i64 << 40),
        ("timestamp with time zone", _) => format!("{literal}::timestamptz"),
        _ if is_uuid_v7_text(literal) => format!("'probe:' || {TIME} || md5(random()::text)"),
        _ => format!("left(md5(random()::text) || md5(random()::text), {})", literal.len().max(18) - 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_values_keep_their_kind() {
        assert_eq!(fresh_value("text", "NULL"), "NULL::text");
        assert!(fresh_value("uuid", "'0190163d-8694-739b-b6e2-c9b0a2f3d1e4'").ends_with("::uuid"));
        assert!(fresh_value("bytea", "E'\\\\x00ff00ff'").contains("1), 8), 'hex'"));
        assert!(fresh_value("bigint", "'4'").starts_with("nextval('probe_n') + "));
        assert!(fresh_value("text", "'expire:0190163d-8694-739b-b6e2-c9b0a2f3d1e4'").starts_with("'probe:'"));
        assert_eq!(without_variables("'evaluate:a1b:2 10:30'"), "'evaluate=a1b:2 10:30'");
        assert!(fresh_value("text", "'SB200312-7K3M9QX2'").ends_with("17)"));
    }
}
