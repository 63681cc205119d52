//! A run: one kind on one local day. Its row carries how far it has come, so that it goes on after a kill; the step's
//! number fences it against a second worker.

use super::record::{Record, sign};
use super::sql::Sql;
use super::store::{Row, destroy};
use crate::audit::tree::Peaks;
use crate::audit::{self, Actor, Entry};
use crate::clock::china_day;
use crate::crypto::Keyring;
use crate::db::schema::retention_runs as runs;
use crate::db::{Conn, Id, Js, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::kept::{Kind, Term};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

/// A run as it stands.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = runs)]
pub(super) struct Run {
    pub id: Id,
    pub kind: String,
    pub day: String,
    pub rule_version: i32,
    pub cut_off: Ts,
    pub state: String,
    pub step: i64,
    pub position: Option<String>,
    pub salt: Vec<u8>,
    pub peaks: Js,
    pub count: i64,
    pub oldest: Option<Ts>,
    pub newest: Option<Ts>,
    pub started_at: Ts,
    pub finished_at: Option<Ts>,
    pub record: Option<String>,
    pub kid: Option<Vec<u8>>,
    pub signature: Option<Vec<u8>>,
}

impl Run {
    pub fn is_done(&self) -> bool {
        self.state == "done"
    }

    fn peaks(&self) -> AppResult<Peaks> {
        serde_json::from_value(self.peaks.0.clone()).map_err(AppError::internal)
    }

    /// Takes destroyed rows into account.
    fn take(&mut self, rows: &[Row]) -> AppResult<()> {
        let mut peaks = self.peaks()?;
        for row in rows {
            peaks.push(row.leaf(&self.salt));
            let at = row.at.unwrap_or(self.cut_off);
            // What began at no moment, such as the row that lets those who count one key take turns, dates nothing.
            if at.0 == DateTime::UNIX_EPOCH {
                continue;
            }
            self.oldest = Some(self.oldest.map_or(at, |o| if at.0 < o.0 { at } else { o }));
            self.newest = Some(self.newest.map_or(at, |n| if at.0 > n.0 { at } else { n }));
        }
        self.count += i64::try_from(rows.len()).unwrap_or(i64::MAX);
        self.peaks = Js(serde_json::to_value(&peaks).map_err(AppError::internal)?);
        Ok(())
    }
}

/// A run of a kind that was begun and not finished, whatever its day.
pub(super) fn unfinished(conn: &mut Conn, kind: &str) -> AppResult<Option<Run>> {
    let found = runs::table.filter(runs::kind.eq(kind)).filter(runs::state.eq("running"));
    Ok(found.order(runs::day).select(Run::as_select()).first(conn).optional()?)
}

/// A finished run by its name.
pub(super) fn by_id(conn: &mut Conn, id: Id) -> AppResult<Option<Run>> {
    let found = runs::table.find(id).filter(runs::state.eq("done"));
    Ok(found.select(Run::as_select()).first(conn).optional()?)
}

/// Finished runs, the newest first, from before another; `empty` with those that found nothing.
pub(super) fn list(
    conn: &mut Conn,
    before: Option<Id>,
    kind: Option<&str>,
    empty: bool,
    limit: i64,
) -> AppResult<Vec<Run>> {
    let mut found = runs::table.filter(runs::state.eq("done")).into_boxed();
    if let Some(before) = before {
        found = found.filter(runs::id.lt(before));
    }
    if let Some(kind) = kind {
        found = found.filter(runs::kind.eq(kind.to_owned()));
    }
    if !empty {
        found = found.filter(runs::count.gt(0));
    }
    Ok(found.order(runs::id.desc()).limit(limit).select(Run::as_select()).load(conn)?)
}

/// When the last run ended, and how many have.
pub(super) fn last_night(conn: &mut Conn) -> AppResult<(Option<Ts>, i64)> {
    let done = runs::table.filter(runs::state.eq("done"));
    let last: Option<Option<Ts>> =
        done.order(runs::finished_at.desc()).select(runs::finished_at).first(conn).optional()?;
    Ok((last.flatten(), done.count().get_result(conn)?))
}

/// The run of a kind and day, if there is one.
pub(super) fn find(conn: &mut Conn, kind: &str, day: &str) -> AppResult<Option<Run>> {
    let found = runs::table.filter(runs::kind.eq(kind)).filter(runs::day.eq(day));
    Ok(found.select(Run::as_select()).first(conn).optional()?)
}

/// Begins a run, or gives the one that was begun.
pub(super) fn begin(
    tx: &mut Tx<'_>,
    kind: &Kind,
    term: &Term,
    cut: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AppResult<Run> {
    let day = china_day(now).to_string();
    if let Some(run) = find(tx.conn(), kind.name, &day)? {
        return Ok(run);
    }
    let mut salt = vec![0; 16];
    getrandom(&mut salt)?;
    let run = Run {
        id: Id::new(),
        kind: kind.name.into(),
        day,
        rule_version: i32::try_from(term.version).unwrap_or(i32::MAX),
        cut_off: cut.into(),
        state: "running".into(),
        step: 0,
        position: None,
        salt,
        peaks: Js(serde_json::to_value(Peaks::default()).map_err(AppError::internal)?),
        count: 0,
        oldest: None,
        newest: None,
        started_at: now.into(),
        finished_at: None,
        record: None,
        kid: None,
        signature: None,
    };
    diesel::insert_into(runs::table).values(&run).execute(tx.conn())?;
    Ok(run)
}

fn getrandom(bytes: &mut [u8]) -> AppResult<()> {
    use ring::rand::SecureRandom;
    ring::rand::SystemRandom::new().fill(bytes).map_err(|_| AppError::internal("no random numbers"))
}

/// Destroys what is still due among some rows and writes down how far the run has come. `None` when another worker
/// has taken the run over.
pub(super) fn step(
    tx: &mut Tx<'_>,
    kind: &Kind,
    mut run: Run,
    keys: &[String],
    position: String,
    now: DateTime<Utc>,
) -> AppResult<Option<Run>> {
    if !is_current(tx.conn(), &run)? {
        return Ok(None);
    }
    if !keys.is_empty() {
        let sql = Sql::new(tx.conn(), run.cut_off.0, now);
        let rows = destroy(tx, kind, sql, &sql.due(kind), Some(keys))?;
        run.take(&rows)?;
        let entry = Entry::new(Actor::System, "retention.destroy", "retention-run").object(run.id);
        audit::append(
            tx,
            now,
            entry.detail(json!({"kind": run.kind, "count": rows.len(), "step": run.step + 1})),
        )?;
    }
    run.position = Some(position);
    advance(tx, run)
}

/// Ends a run with its signed record.
pub(super) fn finish(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    mut run: Run,
    province: &str,
    term: &Term,
    now: DateTime<Utc>,
) -> AppResult<Option<Run>> {
    if !is_current(tx.conn(), &run)? {
        return Ok(None);
    }
    let root = run.peaks()?.root();
    let before = last_of(tx.conn(), &run.kind)?;
    let record = Record::new(
        &run,
        province,
        &term.rule,
        &root,
        before.as_ref().and_then(|b| b.record.as_deref()),
        now,
    );
    let text = serde_json::to_string(&record).map_err(AppError::internal)?;
    let (kid, signature) = sign(keys, &text)?;
    let entry = Entry::new(Actor::System, "retention.finish", "retention-run").object(run.id);
    let detail = json!({"kind": run.kind, "count": run.count, "root": record.root, "record": super::record::digest(&text)});
    audit::append(tx, now, entry.detail(detail))?;
    run.state = "done".into();
    run.position = None;
    run.finished_at = Some(now.into());
    run.record = Some(text);
    run.kid = Some(kid);
    run.signature = Some(signature);
    advance(tx, run)
}

/// The last run of a kind that is finished.
fn last_of(conn: &mut Conn, kind: &str) -> AppResult<Option<Run>> {
    let done = runs::table.filter(runs::kind.eq(kind)).filter(runs::state.eq("done"));
    Ok(done.order(runs::day.desc()).select(Run::as_select()).first(conn).optional()?)
}

fn is_current(conn: &mut Conn, run: &Run) -> AppResult<bool> {
    let row = runs::table.find(run.id).select((runs::step, runs::state));
    let (step, state): (i64, String) = row.first(conn)?;
    Ok(step == run.step && state == "running")
}

/// Writes a run's next step, if nobody else has.
fn advance(tx: &mut Tx<'_>, mut run: Run) -> AppResult<Option<Run>> {
    let known = run.step;
    run.step += 1;
    let written = diesel::update(runs::table.find(run.id).filter(runs::step.eq(known)))
        .set((
            runs::state.eq(&run.state),
            runs::step.eq(run.step),
            runs::position.eq(&run.position),
            runs::peaks.eq(&run.peaks),
            runs::count.eq(run.count),
            runs::oldest.eq(run.oldest),
            runs::newest.eq(run.newest),
            runs::finished_at.eq(run.finished_at),
            runs::record.eq(&run.record),
            runs::kid.eq(&run.kid),
            runs::signature.eq(&run.signature),
        ))
        .execute(tx.conn())?;
    if written == 1 { Ok(Some(run)) } else { Err(AppError::conflict("changed-meanwhile")) }
}
