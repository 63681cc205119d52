//! Appending to a lane: each entry's hash covers all of its fields and the hash before it.

use super::Entry;
use crate::db::hot::insert_row;
use crate::db::schema::{audit_entries, audit_lanes};
use crate::db::{Conn, Id, Js, LaneEnd, Ts, Tx};
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The chain.
    pub lane: i32,
    /// The place in it, from 1.
    pub seq: i64,
    /// The entry's hash.
    pub hash: [u8; 32],
}

/// An audit row as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries)]
pub(super) struct Row {
    pub lane: i32,
    pub seq: i64,
    pub at: Ts,
    pub actor_kind: String,
    pub actor_id: Option<Id>,
    pub office_id: Option<Id>,
    pub action: String,
    pub object_kind: String,
    pub object_id: Option<Id>,
    pub subject_id: Option<Id>,
    pub detail: Js,
    pub prev: Vec<u8>,
    pub hash: Vec<u8>,
}

/// SHA-256 over every field, each with its length before it, so that no two rows have the same input.
///
/// JSON is written with sorted keys and whole numbers only, so that a round trip through `jsonb` changes nothing.
pub(super) fn row_hash(row: &Row) -> [u8; 32] {
    let mut h = Sha256::new();
    let mut field = |bytes: &[u8]| {
        h.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        h.update(bytes);
    };
    let id = |id: &Option<Id>| id.map(|i| i.0.as_bytes().to_vec()).unwrap_or_default();
    field(b"fugong-audit-1");
    field(&row.lane.to_be_bytes());
    field(&row.seq.to_be_bytes());
    field(&row.at.0.timestamp_micros().to_be_bytes());
    field(row.actor_kind.as_bytes());
    field(&id(&row.actor_id));
    field(&id(&row.office_id));
    field(row.action.as_bytes());
    field(row.object_kind.as_bytes());
    field(&id(&row.object_id));
    field(&id(&row.subject_id));
    field(row.detail.0.to_string().as_bytes());
    field(&row.prev);
    h.finalize().into()
}

/// Appends an entry to the writer's lane, in the caller's transaction.
///
/// # Errors
/// Database errors; the caller's transaction then fails with it.
pub fn append(tx: &mut Tx<'_>, now: DateTime<Utc>, entry: Entry) -> AppResult<Position> {
    let lane = tx.lane();
    let LaneEnd { length, head } = match tx.lane_end() {
        Some(end) => end.clone(),
        None => lane_end(tx.conn(), lane)?,
    };
    let mut row = Row {
        lane,
        seq: length + 1,
        at: now.into(),
        actor_kind: entry.actor.kind().into(),
        actor_id: entry.actor.id(),
        office_id: entry.actor.office(),
        action: entry.action.into(),
        object_kind: entry.object_kind.into(),
        object_id: entry.object,
        subject_id: entry.subject,
        detail: Js(whole_numbers(entry.detail)),
        prev: head,
        hash: Vec::new(),
    };
    let hash = row_hash(&row);
    row.hash = hash.to_vec();
    insert_row!(tx.conn(), audit_entries, {
        lane: row.lane, seq: row.seq, at: row.at, actor_kind: &row.actor_kind, actor_id: row.actor_id,
        office_id: row.office_id, action: &row.action, object_kind: &row.object_kind, object_id: row.object_id,
        subject_id: row.subject_id, detail: &row.detail, prev: &row.prev, hash: &row.hash,
    })?;
    tx.set_lane_end(LaneEnd { length: row.seq, head: row.hash });
    Ok(Position { lane, seq: row.seq, hash })
}

/// Reads a lane's end and, on PostgreSQL, holds its row until the transaction ends.
fn lane_end(conn: &mut Conn, lane: i32) -> AppResult<LaneEnd> {
    let query = audit_lanes::table.find(lane).select((audit_lanes::length, audit_lanes::head));
    let found = match conn {
        Conn::Pg(c) => query.for_update().first::<(i64, Vec<u8>)>(c).optional()?,
        Conn::Sqlite(c) => query.first::<(i64, Vec<u8>)>(c).optional()?,
    };
    if let Some((length, head)) = found {
        return Ok(LaneEnd { length, head });
    }
    let first =
        (audit_lanes::lane.eq(lane), audit_lanes::length.eq(0i64), audit_lanes::head.eq(vec![0u8; 32]));
    crate::on_either!(conn, c => {
        diesel::insert_into(audit_lanes::table).values(first).on_conflict_do_nothing().execute(c)
    })?;
    lane_end(conn, lane)
}

/// Numbers with a fraction would not survive every database the same way; they are kept as text.
fn whole_numbers(value: Value) -> Value {
    match value {
        Value::Number(n) if n.as_i64().is_none() => Value::String(n.to_string()),
        Value::Array(items) => items.into_iter().map(whole_numbers).collect(),
        Value::Object(map) => map.into_iter().map(|(k, v)| (k, whole_numbers(v))).collect(),
        other => other,
    }
}

/// The hash of a stored entry as it should be, for verification.
///
/// # Errors
/// Database errors; `NotFound` when there is no such entry.
pub fn entry_hash(conn: &mut Conn, lane: i32, seq: i64) -> AppResult<[u8; 32]> {
    let row: Row = audit_entries::table.find((lane, seq)).select(Row::as_select()).first(conn)?;
    Ok(row_hash(&row))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            lane: 0,
            seq: 1,
            at: Ts("2020-03-12T02:00:00Z".parse().unwrap()),
            actor_kind: "system".into(),
            actor_id: None,
            office_id: None,
            action: "a".into(),
            object_kind: "bc".into(),
            object_id: None,
            subject_id: None,
            detail: Js(serde_json::json!({"b": 1, "a": [true]})),
            prev: vec![0; 32],
            hash: Vec::new(),
        }
    }

    #[test]
    fn every_field_is_covered() {
        let base = row_hash(&row());
        let changes: Vec<fn(&mut Row)> = vec![
            |r| r.lane = 1,
            |r| r.seq = 2,
            |r| r.at = Ts("2020-03-12T02:00:00.000001Z".parse().unwrap()),
            |r| r.actor_kind = "console".into(),
            |r| r.actor_id = Some(Id::new()),
            |r| r.office_id = Some(Id::new()),
            |r| (r.action, r.object_kind) = ("ab".into(), "c".into()),
            |r| r.object_id = Some(Id::new()),
            |r| r.subject_id = Some(Id::new()),
            |r| r.detail = Js(serde_json::json!({"b": 2, "a": [true]})),
            |r| r.prev = vec![1; 32],
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut r = row();
            change(&mut r);
            assert_ne!(row_hash(&r), base, "change {i} was not seen");
        }
    }

    #[test]
    fn fractions_become_text() {
        let kept = whole_numbers(serde_json::json!({"a": 1.5, "b": [2, 18446744073709551615u64]}));
        assert_eq!(kept.to_string(), r#"{"a":"1.5","b":[2,"18446744073709551615"]}"#);
    }
}
