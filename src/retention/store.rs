//! Selecting and destroying rows of any kind.

use super::sql::Sql;
use crate::audit::tree::{Hash, leaf_hash};
use crate::db::types::{DbTime, DbUuid};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::kept::Kind;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};

/// Rows that one transaction destroys at most.
pub(super) const STEP: usize = 500;

/// A row that was looked at.
#[derive(Debug, QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = Text)]
    k1: String,
    #[diesel(sql_type = Text)]
    k2: String,
    /// When its clock started; a row whose clock has not started is never due.
    #[diesel(sql_type = Nullable<DbTime>)]
    pub at: Option<Ts>,
    #[diesel(sql_type = Nullable<DbUuid>)]
    subject: Option<Id>,
    #[diesel(sql_type = Integer)]
    due: i32,
}

impl Row {
    /// Its key as literals.
    pub fn key(&self) -> String {
        if self.k2.is_empty() { self.k1.clone() } else { format!("{}, {}", self.k1, self.k2) }
    }

    pub fn is_due(&self) -> bool {
        self.due == 1
    }

    /// Its leaf in a run's tree: the key's hexadecimal digits after the run's salt, so that records of different
    /// runs cannot be compared.
    pub fn leaf(&self, salt: &[u8]) -> Hash {
        let mut data = salt.to_vec();
        data.extend(digits(&self.k1).bytes());
        data.extend(digits(&self.k2).bytes());
        leaf_hash(&data)
    }
}

/// The digits of a literal: `X'AB'`, `'ab-…'` and `E'\\xab'` mean the same.
fn digits(literal: &str) -> String {
    let inner = literal.split_once('\'').map_or(literal, |(_, rest)| rest);
    let inner = inner.trim_start_matches('\\').trim_start_matches('x');
    inner.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase()).collect()
}

/// The next rows after a place.
pub(super) fn window(conn: &mut Conn, kind: &Kind, sql: Sql, after: Option<&str>) -> AppResult<Vec<Row>> {
    Ok(diesel::sql_query(sql.window(kind, after, STEP)).load(conn)?)
}

/// Destroys up to [`STEP`] rows of a condition with all that goes with them, and gives what is gone.
pub(super) fn destroy(
    tx: &mut Tx<'_>,
    kind: &Kind,
    sql: Sql,
    condition: &str,
    keys: Option<&[String]>,
) -> AppResult<Vec<Row>> {
    let rows: Vec<Row> = diesel::sql_query(sql.pick(kind, condition, keys, STEP)).load(tx.conn())?;
    if rows.is_empty() {
        return Ok(rows);
    }
    let keys: Vec<String> = rows.iter().map(Row::key).collect();
    let mut gone = 0;
    for delete in sql.deletes(kind, &keys) {
        gone = diesel::sql_query(delete).execute(tx.conn())?;
    }
    if gone != rows.len() {
        return Err(AppError::internal(format!("{gone} of {} rows of {} went", rows.len(), kind.name)));
    }
    rows.iter().filter_map(|r| r.subject).for_each(|subject| tx.changed(subject));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_key_has_one_name_on_both_databases() {
        let want = "0192000000007000800000000000abcd";
        assert_eq!(super::digits("X'0192000000007000800000000000ABCD'"), want);
        assert_eq!(super::digits("'01920000-0000-7000-8000-00000000abcd'"), want);
        assert_eq!(super::digits(r"E'\\x0192000000007000800000000000abcd'"), want);
    }
}
