//! The events of the last two minutes. The only module of this room with SQL.

use super::{LASTS, Topic};
use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::insert_row;
use crate::db::schema::live_events;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::kept::served;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

/// Events read at once.
const ROWS: i64 = 100;
/// Rows destroyed in one transaction.
const SWEPT: i64 = 500;

/// An event as a stream gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// Names it.
    pub id: Id,
    /// Its kind.
    pub kind: String,
    /// Its data: JSON in one line.
    pub data: String,
    /// When it was written.
    pub at: DateTime<Utc>,
}

fn context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "live_events", column: "body_sealed", row: id.0 }
}

/// Writes an event.
pub(super) fn write<T: Serialize>(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    topic: Topic,
    kind: &'static str,
    body: &T,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = Id::new();
    let body = serde_json::to_vec(body).map_err(AppError::internal)?;
    insert_row!(tx.conn(), live_events, {
        id: id, topic: topic.0, kind: kind, body_sealed: keys.seal(&context(id), &body)?, created_at: Ts::from(now),
    })?;
    Ok(())
}

/// Events of a topic from a moment on, the oldest first. They are ordered by when they were written, not by when they were
/// committed: whoever reads on asks from some seconds before what was read last, and leaves out what it has.
pub(super) fn since(
    conn: &mut Conn,
    keys: &Keyring,
    topic: Topic,
    from: DateTime<Utc>,
) -> AppResult<Vec<Event>> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let rows = page(conn, topic, from, after)?;
        let (read, last) = (rows.len(), rows.last().map(|(id, _, _, at)| (*at, *id)));
        for (id, kind, sealed, at) in rows {
            let data = keys.open_str(&context(id), &sealed)?.to_string();
            found.push(Event { id, kind, data, at: at.0 });
        }
        if i64::try_from(read).map_or(true, |read| read < ROWS) {
            return Ok(found);
        }
        after = last;
    }
}

type Row = (Id, String, Vec<u8>, Ts);

fn page(conn: &mut Conn, topic: Topic, from: DateTime<Utc>, after: Option<(Ts, Id)>) -> AppResult<Vec<Row>> {
    use live_events::{body_sealed, created_at, id, kind};
    let mut query = live_events::table
        .filter(served("live_events"))
        .filter(live_events::topic.eq(topic.0))
        .filter(created_at.ge(Ts::from(from)))
        .select((id, kind, body_sealed, created_at))
        .into_boxed();
    if let Some((at, last)) = after {
        query = query.filter(created_at.gt(at).or(created_at.eq(at).and(id.gt(last))));
    }
    Ok(query.order((created_at, id)).limit(ROWS).load(conn)?)
}

/// When an event of the topic was written, if it can still be had.
pub(super) fn moment(
    conn: &mut Conn,
    topic: Topic,
    id: Id,
    now: DateTime<Utc>,
) -> AppResult<Option<DateTime<Utc>>> {
    let at: Option<Ts> = live_events::table
        .filter(served("live_events"))
        .filter(live_events::id.eq(id))
        .filter(live_events::topic.eq(topic.0))
        .filter(live_events::created_at.ge(Ts::from(now - LASTS)))
        .select(live_events::created_at)
        .first(conn)
        .optional()?;
    Ok(at.map(|at| at.0))
}

/// Destroys some events of before a moment; whether there may be more.
pub(super) fn sweep(tx: &mut Tx<'_>, before: DateTime<Utc>) -> AppResult<bool> {
    let old: Vec<Id> = live_events::table
        .filter(live_events::created_at.lt(Ts::from(before)))
        .order(live_events::created_at)
        .limit(SWEPT)
        .select(live_events::id)
        .load(tx.conn())?;
    let gone = diesel::delete(live_events::table.filter(live_events::id.eq_any(&old))).execute(tx.conn())?;
    Ok(i64::try_from(gone).is_ok_and(|gone| gone == SWEPT))
}
