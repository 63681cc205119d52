//! The night's destruction over many rows of one kind: how fast, with how much memory, and what the write path meets
//! meanwhile. The kind is messages: no parts, a foreign key, some 220 sealed bytes a row.

use super::Bench;
use super::figure::Figure;
use super::load::{self, Measured, request};
use super::system;
use crate::db::schema::{accounts, inbox, retention_runs};
use crate::db::{Conn, Id, Store};
use crate::jobs::Job;
use crate::retention::Daily;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use std::sync::Mutex;
use std::time::Instant;

/// Rows that one transaction of the seeding inserts.
const CHUNK: u64 = 50_000;
/// The kind.
const KIND: &str = "message";

/// Seeds, destroys alone, seeds again, destroys beside durable writes.
pub async fn destruction(bench: &mut Bench) -> Result<(), String> {
    bench.people().await?;
    let (store, rows) = (bench.portal.deps.store.clone(), bench.options.rows);
    let sample = rows.div_ceil(10);
    seed(bench, rows + sample).await?;
    let limit = plain(&store, sample).await?;
    let alone = watched(&store, night(bench)).await?;
    bench.report.add(alone.figure("destroy a million rows of a kind, alone", rows, limit));
    let quiet = load::run(bench.load(bench.bare.address, audited)).await?;
    bench.report.add(Figure::load("what every change leaves (durable), before the destruction", &quiet));
    seed(bench, rows).await?;
    bench.portal.clock.advance(Duration::days(1));
    let over = tokio::sync::watch::channel(false);
    let work = async {
        let done = watched(&store, night(bench)).await;
        let _ = over.0.send(true);
        done
    };
    let (beside, busy) = tokio::join!(work, busy(bench, over.1));
    bench.report.add(beside?.figure("destroy as many beside durable writes", rows, limit));
    bench.report.add(
        Figure::load("what every change leaves (durable), during the destruction", &busy?)
            .beside("the same before it", quiet.rate()),
    );
    match count(&store).await? {
        0 => Ok(()),
        left => Err(format!("{left} rows are left")),
    }
}

fn audited(_: u64) -> Option<Vec<u8>> {
    Some(request("POST", "/audited", &[], Some(b"{}")))
}

/// Durable writes until the destruction has ended.
async fn busy(bench: &Bench, over: tokio::sync::watch::Receiver<bool>) -> Result<Measured, String> {
    let mut all = Measured::default();
    while !*over.borrow() {
        all = all.and(load::run(bench.load(bench.bare.address, audited)).await?);
    }
    Ok(all)
}

/// What a destruction took.
struct Taken {
    seconds: f64,
    before_mib: f64,
    peak_mib: f64,
}

impl Taken {
    fn figure(&self, name: &str, rows: u64, limit: f64) -> Figure {
        let rate = system::float(rows) / self.seconds.max(0.001);
        Figure::new(name, rate, "rows/s").beside("the same rows by plain DELETEs of 500", limit).note(format!(
            "{rows} rows in {:.1} s, files wiped and record signed; memory of this process {:.0} MiB before, {:.0} MiB at most",
            self.seconds, self.before_mib, self.peak_mib
        ))
    }
}

/// Runs the night and looks at the memory of the process meanwhile.
async fn watched(store: &Store, work: impl Future<Output = Result<(), String>>) -> Result<Taken, String> {
    let resident = || system::resident_mib(std::process::id()).unwrap_or_default();
    let (before, begun, peak) = (resident(), Instant::now(), Mutex::new(0.0_f64));
    let watch = async {
        loop {
            if let Ok(mut peak) = peak.lock() {
                *peak = peak.max(resident());
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        done = work => done?,
        () = watch => {}
    }
    let seconds = begun.elapsed().as_secs_f64();
    store.ping().await.map_err(|e| e.to_string())?;
    let peak_mib = peak.lock().map_or(0.0, |p| p.max(resident()));
    Ok(Taken { seconds, before_mib: before, peak_mib })
}

/// The job, as often as it asks for another turn.
async fn night(bench: &Bench) -> Result<(), String> {
    let (deps, store) = (bench.portal.deps.clone(), bench.portal.deps.store.clone());
    let ended = runs(&store).await?;
    while runs(&store).await? == ended {
        Daily.run(deps.clone()).await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// Runs of the kind that have ended.
async fn runs(store: &Store) -> Result<i64, String> {
    let ended = store.read(|c| {
        let runs = retention_runs::table.filter(retention_runs::kind.eq(KIND));
        Ok(runs.filter(retention_runs::state.eq("done")).count().get_result::<i64>(c)?)
    });
    ended.await.map_err(|e| e.to_string())
}

async fn count(store: &Store) -> Result<i64, String> {
    store.read(|c| Ok(inbox::table.count().get_result(c)?)).await.map_err(|e| e.to_string())
}

/// Rows a second when nothing else is done than deleting them, 500 in a transaction.
async fn plain(store: &Store, rows: u64) -> Result<f64, String> {
    let (begun, mut gone) = (Instant::now(), 0);
    while gone < rows {
        let step = store.write(|tx| {
            let delete = "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox ORDER BY id LIMIT 500)";
            Ok(diesel::sql_query(delete).execute(tx.conn())?)
        });
        let step = step.await.map_err(|e| e.to_string())?;
        if step == 0 {
            break;
        }
        gone += u64::try_from(step).unwrap_or(0);
    }
    Ok(system::float(gone) / begun.elapsed().as_secs_f64().max(0.001))
}

/// Puts messages of 400 days ago into the inbox of the first account.
async fn seed(bench: &Bench, rows: u64) -> Result<(), String> {
    let (store, now) = (bench.portal.deps.store.clone(), bench.portal.clock.now());
    let account = store.read(|c| Ok(accounts::table.select(accounts::id).first::<Id>(c)?));
    let account = account.await.map_err(|e| e.to_string())?;
    let at = now - Duration::days(400);
    let mut made = 0;
    while made < rows {
        let some = CHUNK.min(rows - made);
        let base = at.timestamp_millis() + i64::try_from(made).unwrap_or(0);
        let inserted = store.write(move |tx| {
            let text = insert(tx.conn(), account, at, base, some);
            Ok(diesel::sql_query(text).execute(tx.conn())?)
        });
        inserted.await.map_err(|e| format!("the rows cannot be made: {e}"))?;
        made += some;
    }
    Ok(())
}

/// Rows with identifiers that grow with time, as the program's own do.
fn insert(conn: &Conn, account: Id, at: DateTime<Utc>, base: i64, rows: u64) -> String {
    let columns = "INSERT INTO inbox (id, account_id, message, params_sealed, created_at)";
    match conn {
        Conn::Sqlite(_) => format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) {columns} \
             SELECT unhex(printf('%012x', {base} + i) || hex(randomblob(10))), X'{}', 'certificate-issued', \
             randomblob(220), {} FROM n",
            account.0.simple(),
            at.timestamp_micros()
        ),
        Conn::Pg(_) => format!(
            "{columns} SELECT (lpad(to_hex({base}::bigint + i), 12, '0') || substr(md5(random()::text), 1, 20))::uuid, \
             '{account}'::uuid, 'certificate-issued', decode(repeat(md5(random()::text || i), 14), 'hex'), \
             TIMESTAMPTZ '{}' FROM generate_series(1, {rows}) i",
            at.format("%Y-%m-%d %H:%M:%S%.6f+00")
        ),
    }
}
