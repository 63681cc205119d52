//! The few statements of destruction, as text. Tables and conditions are constants of this program; what stands in
//! them besides are literals that the database has quoted itself, moments and identifiers of ours.

use crate::db::{Conn, Id};
use crate::kept::{HELD, Kind, UNCONFIRMED, held};
use chrono::{DateTime, Utc};

/// Which database the text is for, and the moments in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sql {
    sqlite: bool,
    /// Clocks must have started before this.
    pub cut: DateTime<Utc>,
    /// The present.
    pub now: DateTime<Utc>,
}

impl Sql {
    pub fn new(conn: &Conn, cut: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self { sqlite: matches!(conn, Conn::Sqlite(_)), cut, now }
    }

    pub fn time(&self, at: DateTime<Utc>) -> String {
        if self.sqlite {
            at.timestamp_micros().to_string()
        } else {
            format!("TIMESTAMPTZ '{}'", at.format("%Y-%m-%d %H:%M:%S%.6f+00"))
        }
    }

    fn fill(&self, text: &str) -> String {
        let lapsed = self.time(self.now - UNCONFIRMED);
        text.replace(":cut", &self.time(self.cut))
            .replace(":now", &self.time(self.now))
            .replace(":lapsed", &lapsed)
    }

    /// A column as the literal that means it.
    fn quoted(&self, column: &str) -> String {
        if self.sqlite { format!("quote(t.{column})") } else { format!("quote_literal(t.{column}::text)") }
    }

    /// What is selected of a row: its key as literals, its clock, and whom to forget.
    pub fn columns(&self, kind: &Kind) -> String {
        let mut keys = kind.key.iter().map(|c| self.quoted(c));
        let (one, two) = (keys.next().unwrap_or_default(), keys.next().unwrap_or_else(|| "''".into()));
        let nobody = if self.sqlite { "NULL" } else { "NULL::uuid" };
        format!(
            "{one} AS k1, {two} AS k2, {} AS at, {} AS subject",
            kind.clock,
            kind.forgets.unwrap_or(nobody)
        )
    }

    /// The condition of being due: of this kind, its time over, and not held.
    pub fn due(&self, kind: &Kind) -> String {
        format!("{} < {} AND {}", kind.clock, self.time(self.cut), self.free(kind))
    }

    /// Of this kind.
    fn is_kind(&self, kind: &Kind) -> String {
        if kind.only.is_empty() { "(1 = 1)".into() } else { format!("({})", self.fill(kind.only)) }
    }

    /// Needed by something else.
    fn is_needed(&self, kind: &Kind) -> String {
        if kind.unless.is_empty() { "(1 = 0)".into() } else { format!("({})", self.fill(kind.unless)) }
    }

    /// Needed by nothing and not held.
    fn is_free(&self, kind: &Kind) -> String {
        format!("NOT {} AND NOT {}", self.is_needed(kind), self.held(kind))
    }

    /// Of this kind, needed by nothing and not held.
    pub fn free(&self, kind: &Kind) -> String {
        format!("{} AND {}", self.is_kind(kind), self.is_free(kind))
    }

    pub fn id(&self, id: Id) -> String {
        if self.sqlite { format!("X'{}'", id.0.simple()) } else { format!("UUID '{}'", id.0) }
    }

    /// Of this kind and somebody's; `None` for kinds that are nobody's.
    fn is_mine(&self, kind: &Kind, account: Id, person: Option<Id>) -> Option<String> {
        let mut whose = Vec::new();
        whose.extend(kind.owner.account.map(|a| format!("{a} = {}", self.id(account))));
        whose.extend(kind.owner.person.zip(person).map(|(p, id)| format!("{p} = {}", self.id(id))));
        (!whose.is_empty()).then(|| format!("{} AND ({})", self.is_kind(kind), whose.join(" OR ")))
    }

    /// Counts what somebody has of a kind that is not past its period: all, what is held, what something else still needs,
    /// what they may have destroyed, and the clocks.
    pub fn mine(&self, kind: &Kind, account: Id, person: Option<Id>) -> Option<String> {
        let mine = self.is_mine(kind, account, person)?;
        let asked = kind.on_request.unwrap_or("1 = 0");
        Some(format!(
            "SELECT COUNT(*) AS n, MIN({0}) AS first, MAX({0}) AS last, \
             COALESCE(SUM(CASE WHEN {1} THEN 1 ELSE 0 END), 0) AS held, \
             COALESCE(SUM(CASE WHEN {5} THEN 1 ELSE 0 END), 0) AS needed, \
             COALESCE(SUM(CASE WHEN ({asked}) AND {2} THEN 1 ELSE 0 END), 0) AS free FROM {3} t WHERE {mine} \
             AND ({4}) IS NOT TRUE",
            kind.clock,
            self.held(kind),
            self.is_free(kind),
            kind.table,
            self.due(kind),
            self.is_needed(kind)
        ))
    }

    /// What somebody may have destroyed of a kind now.
    pub fn asked(&self, kind: &Kind, account: Id, person: Option<Id>) -> Option<String> {
        let (mine, asked) = (self.is_mine(kind, account, person)?, kind.on_request?);
        Some(format!("{mine} AND ({asked}) AND {}", self.is_free(kind)))
    }

    /// Whether a hold that is in force names the row or its person.
    pub fn held(&self, kind: &Kind) -> String {
        held(kind).map_or_else(|| "(1 = 0)".into(), |names| self.fill(&HELD.replace(":names", &names)))
    }

    /// The next rows of a kind's table in the order of its key, with `due` 1 or 0.
    pub fn window(&self, kind: &Kind, after: Option<&str>, limit: usize) -> String {
        let order = kind.key.join(", ");
        let from = after.map(|at| format!("WHERE ({order}) > ({at})")).unwrap_or_default();
        format!(
            "SELECT {}, CASE WHEN {} THEN 1 ELSE 0 END AS due FROM (SELECT * FROM {} {from} ORDER BY {order} \
             LIMIT {limit}) t ORDER BY {}",
            self.columns(kind),
            self.due(kind),
            kind.table,
            kind.key.iter().map(|k| format!("t.{k}")).collect::<Vec<_>>().join(", "),
        )
    }

    /// The rows of a condition that are among some keys (all, if none are given), locked.
    pub fn pick(&self, kind: &Kind, condition: &str, keys: Option<&[String]>, limit: usize) -> String {
        let among = keys.map(|keys| format!("AND {}", among("t.", kind.key, keys))).unwrap_or_default();
        let order = kind.key.iter().map(|k| format!("t.{k}")).collect::<Vec<_>>().join(", ");
        let lock = if self.sqlite { "" } else { "FOR UPDATE OF t" };
        format!(
            "SELECT {}, 1 AS due FROM {} t WHERE {condition} {among} ORDER BY {order} LIMIT {limit} {lock}",
            self.columns(kind),
            kind.table
        )
    }

    /// Deletes the parts of some rows, then the rows.
    pub fn deletes(&self, kind: &Kind, keys: &[String]) -> Vec<String> {
        let parts = kind
            .parts
            .iter()
            .map(|part| format!("DELETE FROM {} WHERE {} IN ({})", part.table, part.column, keys.join(", ")));
        parts.chain([format!("DELETE FROM {} WHERE {}", kind.table, among("", kind.key, keys))]).collect()
    }
}

/// The condition that a row is one of those with these keys.
fn among(prefix: &str, columns: &[&str], keys: &[String]) -> String {
    match columns {
        [one] => format!("{prefix}{one} IN ({})", keys.join(", ")),
        _ => {
            let names = columns.iter().map(|c| format!("{prefix}{c}")).collect::<Vec<_>>().join(", ");
            let each = keys.iter().map(|k| format!("({names}) = ({k})"));
            format!("({})", each.collect::<Vec<_>>().join(" OR "))
        }
    }
}
