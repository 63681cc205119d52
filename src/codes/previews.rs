//! Previews of changes of a risk level for more persons than a page can wait for: counted by a job, a bounded number at a
//! time, and kept for an hour. A row holds numbers by place and nobody's name.

use super::model::RiskChangeRow;
use super::preview::Count;
use crate::crypto::Keyring;
use crate::db::schema::risk_previews as p;
use crate::db::{Conn, Id, Ts, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::jobs::{self, Job};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// For so long a count holds; then it is made anew.
const LIFE: TimeDelta = TimeDelta::hours(1);
/// Steps of one run of the job, which has to end within the time of a job.
const STEPS: usize = 25;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::risk_previews)]
struct Row {
    id: Id,
    change_digest: Vec<u8>,
    count: String,
    done: bool,
    started_at: Ts,
    version: i64,
}

/// Goes on with the preview of a change of a level: looks at the next persons, and asks for the rest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// Which one.
    pub id: Id,
}

impl Job for Preview {
    const NAME: &'static str = "codes.risk-preview";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        go_on(&deps, self.id).await
    }
}

/// What two requests have in common that ask for the same change.
fn digest(change: &RiskChangeRow) -> Vec<u8> {
    let until = change.until.map_or_else(String::new, |until| until.0.to_rfc3339());
    let text = [change.division.clone(), change.level.clone(), change.since.0.to_rfc3339(), until];
    Sha256::digest(text.join("\n")).to_vec()
}

/// How far the count of a change has come; begins one where there is none that holds.
///
/// # Errors
/// Database errors.
pub(super) async fn of(deps: &App, change: &RiskChangeRow, now: DateTime<Utc>) -> AppResult<Count> {
    let key = digest(change);
    let wanted = key.clone();
    let kept = deps.store.read(move |conn| kept(conn, &wanted, now)).await?;
    if let Some(count) = kept {
        return Ok(count);
    }
    let (keys, change) = (deps.keys.clone(), change.clone());
    deps.store.write(move |tx| begin(tx, &keys, key.clone(), &change, now)).await
}

fn kept(conn: &mut Conn, key: &[u8], now: DateTime<Utc>) -> AppResult<Option<Count>> {
    let row: Option<Row> = p::table
        .filter(p::change_digest.eq(key.to_vec()))
        .filter(p::started_at.gt(Ts::from(now - LIFE)))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(|row| serde_json::from_str(&row.count).map_err(AppError::internal)).transpose()
}

fn begin(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    key: Vec<u8>,
    change: &RiskChangeRow,
    now: DateTime<Utc>,
) -> AppResult<Count> {
    // Somebody else may have begun it at the same moment.
    if let Some(count) = kept(tx.conn(), &key, now)? {
        return Ok(count);
    }
    diesel::delete(p::table.filter(p::started_at.le(Ts::from(now - LIFE)))).execute(tx.conn())?;
    let count = Count::new(tx.conn(), change, now)?;
    let row = Row {
        id: Id::new(),
        change_digest: key,
        count: serde_json::to_string(&count).map_err(AppError::internal)?,
        done: false,
        started_at: now.into(),
        version: 1,
    };
    diesel::insert_into(p::table).values(&row).execute(tx.conn())?;
    next(tx, keys, &row, now)?;
    Ok(count)
}

fn next(tx: &mut Tx<'_>, keys: &Keyring, row: &Row, now: DateTime<Utc>) -> AppResult<()> {
    let dedup = format!("{}:{}:{}", Preview::NAME, row.id, row.version);
    jobs::enqueue(tx, keys, &Preview { id: row.id }, Some(&dedup), now, now)?;
    Ok(())
}

async fn go_on(deps: &App, id: Id) -> AppResult<()> {
    let parts = deps.clone();
    let found = deps
        .store
        .read(move |conn| {
            let open = p::table.find(id).filter(p::done.eq(false));
            Ok(open.select(Row::as_select()).first::<Row>(conn).optional()?)
        })
        .await?;
    let Some(mut row) = found else { return Ok(()) };
    let mut count: Count = serde_json::from_str(&row.count).map_err(AppError::internal)?;
    for _ in 0..STEPS {
        if count.done {
            break;
        }
        let (parts, mut part) = (parts.clone(), count);
        count = deps.store.read(move |conn| part.step(conn, &parts).map(|()| part)).await?;
    }
    let (seen, now) = (row.version, deps.clock.now());
    (row.count, row.done, row.version) =
        (serde_json::to_string(&count).map_err(AppError::internal)?, count.done, seen + 1);
    deps.store
        .write(move |tx| {
            // Where the job ran twice, the first counts.
            let mine = p::table.find(row.id).filter(p::version.eq(seen));
            let set = (p::count.eq(&row.count), p::done.eq(row.done), p::version.eq(row.version));
            if diesel::update(mine).set(set).execute(tx.conn())? == 1 && !row.done {
                next(tx, &parts.keys, &row, now)?;
            }
            Ok(())
        })
        .await
}
