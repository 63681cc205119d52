//! The store: one schema over SQLite and PostgreSQL, `read` and `write`.
//!
//! A write is one transaction in which the row, its audit entry and its outbox messages are written together; it is
//! answered only after the commit is durable. On SQLite one thread groups commits ([`writer`]); on PostgreSQL a pool
//! is used from blocking threads. Both are bounded: past the bound a caller gets 503, never an endless queue.

mod call;
pub mod conn;
mod copy;
mod fresh;
mod gate;
pub mod hot;
mod lock;
mod migrate;
pub mod moment;
mod pool;
mod rehearsal;
#[rustfmt::skip]
pub mod schema;
pub mod types;
mod wipe;
mod writer;

pub use conn::{Conn, DatabaseUrl, connect_read};
pub use copy::copy_sqlite;
pub use fresh::{Mark, Marks};
pub use lock::ServeLock;
pub use migrate::{MigrationState, migration_state, run_migrations};
pub use types::{Id, Js, Ts};

use crate::clock::Clock;
use crate::error::{AppError, AppResult};
use call::{Answer, Reading, Writing};
use diesel::prelude::*;
use diesel::r2d2::Pool;
use diesel::sql_types::{BigInt, Binary, Integer};
use pool::PgManager;
use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};

/// How many audit chains PostgreSQL writers spread over.
const PG_LANES: i32 = 16;
/// Callers that may wait for PostgreSQL before the next one is told to come back.
const PG_QUEUE: usize = 512;

/// A call of PostgreSQL that has not been answered by then is given up.
const PG_ANSWERS: Duration = Duration::from_secs(8);
/// Whoever asks whether the database is there hears within this.
const PING: Duration = Duration::from_millis(900);

/// A write transaction: the connection and the audit lane that it appends to.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    lane: i32,
    wakes: bool,
    lane_end: Option<LaneEnd>,
    changed: Vec<Id>,
    rehearsal: Option<rehearsal::Overheard>,
}

/// The end of an audit lane: how many entries it has, and the hash of the last one.
#[derive(Debug, Clone)]
pub struct LaneEnd {
    /// Entries.
    pub length: i64,
    /// Hash of the last one.
    pub head: Vec<u8>,
}

impl<'a> Tx<'a> {
    fn new(conn: &'a mut Conn, lane: i32, lane_end: Option<LaneEnd>) -> Self {
        Self { conn, lane, wakes: false, lane_end, changed: Vec::new(), rehearsal: None }
    }
}

impl Tx<'_> {
    /// The connection, inside the transaction.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// The audit lane of this writer.
    pub fn lane(&self) -> i32 {
        self.lane
    }

    /// The lane's end as this transaction (on SQLite: this group of transactions) has moved it on, if it has.
    pub fn lane_end(&self) -> Option<&LaneEnd> {
        self.lane_end.as_ref()
    }

    /// Moves the lane's end on. It is written to `audit_lanes` once, before the commit.
    pub fn set_lane_end(&mut self, end: LaneEnd) {
        self.lane_end = Some(end);
    }

    /// Says that this transaction leaves background work that is due: once it is committed the worker of this
    /// process looks at once instead of at its next turn.
    pub(crate) fn wake_worker(&mut self) {
        self.wakes = true;
    }

    /// Says that what is kept in memory of a subject (an account, a person) is no longer true once this transaction
    /// is committed; see [`Marks`].
    pub fn changed(&mut self, subject: Id) {
        self.changed.push(subject);
    }
}

enum Backend {
    Sqlite {
        path: PathBuf,
        id: u64,
        writer: writer::Writer,
    },
    Postgres {
        pool: Pool<PgManager>,
        gate: Arc<gate::Gate>,
        next_lane: AtomicU64,
        wake: Wake,
        marks: Arc<Marks>,
    },
}

/// Counts the commits that left background work due; the worker waits for the count to change.
pub type Wake = Arc<watch::Sender<u64>>;

/// The database, cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Backend>, Clock, Arc<Beat>, moment::Told);

/// When the database was last asked whether it writes, and whether it did.
type Beat = tokio::sync::Mutex<Option<(Instant, bool)>>;

static NEXT_STORE: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// One read connection a thread and SQLite store: short reads run inline, without a pool's lock.
    static READERS: RefCell<HashMap<u64, Conn>> = RefCell::new(HashMap::new());
}

impl Store {
    /// Opens the database, which must have been migrated; the clock tells what is past its period ([`moment`]).
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when it cannot be reached.
    pub fn open(url: &DatabaseUrl, pool_size: u32, clock: Clock) -> AppResult<Self> {
        let backend = match url {
            DatabaseUrl::Sqlite(path) => Backend::Sqlite {
                writer: writer::Writer::start(path.clone())?,
                path: path.clone(),
                id: NEXT_STORE.fetch_add(1, Ordering::Relaxed),
            },
            DatabaseUrl::Postgres(url) => {
                let pool = Pool::builder()
                    .max_size(pool_size)
                    .test_on_check_out(false)
                    .connection_timeout(Duration::from_secs(5))
                    .build(PgManager::new(url.clone()))
                    .map_err(|e| AppError::Unavailable(format!("PostgreSQL cannot be reached: {e}")))?;
                Backend::Postgres {
                    pool,
                    gate: gate::Gate::new(usize::try_from(pool_size).unwrap_or(1), PG_QUEUE),
                    next_lane: AtomicU64::new(0),
                    wake: Wake::new(watch::Sender::new(0)),
                    marks: Marks::shared(url.clone())?,
                }
            }
        };
        Ok(Self(Arc::new(backend), clock, Arc::default(), None))
    }

    /// The same, which tells the queries that run in it something ([`moment::told`]).
    #[must_use]
    pub fn telling(self, what: Arc<dyn std::any::Any + Send + Sync>) -> Self {
        Self(self.0, self.1, self.2, Some(what))
    }

    /// Whether this is the embedded database.
    pub fn is_sqlite(&self) -> bool {
        matches!(*self.0, Backend::Sqlite { .. })
    }

    /// Runs a short read. On SQLite inline on this thread's own connection; on PostgreSQL on a blocking thread.
    ///
    /// # Errors
    /// What `f` gives, or [`AppError::Unavailable`].
    pub async fn read<T, F>(&self, f: F) -> AppResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> AppResult<T> + Send + 'static,
    {
        call::answer(self.reading(call::reading(f)).await)
    }

    async fn reading(&self, f: Reading) -> AppResult<Answer> {
        let (now, told) = (self.1.now(), self.3.clone());
        let f = move |conn: &mut Conn| moment::at(now, told, || f(conn));
        match &*self.0 {
            Backend::Sqlite { path, id, .. } => read_inline(path, *id, f),
            Backend::Postgres { pool, gate, .. } => with_pass(pool, gate, Box::new(f)).await,
        }
    }

    /// Runs a transaction and answers when it is durable. The closure touches at most some 500 rows and does
    /// no input or output of its own; an error rolls back what it did, and only that.
    ///
    /// # Errors
    /// What `f` gives, or [`AppError::Unavailable`] when the queue is full or the commit failed.
    pub async fn write<T, F>(&self, f: F) -> AppResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
    {
        call::answer(self.writing(call::writing(f)).await)
    }

    async fn writing(&self, f: Writing) -> AppResult<Answer> {
        let (now, told) = (self.1.now(), self.3.clone());
        let f = move |tx: &mut Tx<'_>| moment::at(now, told, || f(tx));
        match &*self.0 {
            Backend::Sqlite { writer, .. } => writer.submit(Box::new(f)).await,
            Backend::Postgres { pool, gate, next_lane, wake, marks } => {
                let turn = next_lane.fetch_add(1, Ordering::Relaxed);
                let lane = i32::try_from(turn % u64::from(PG_LANES.unsigned_abs())).unwrap_or(0);
                let (wake, marks) = (wake.clone(), marks.clone());
                let call = move |conn: &mut Conn| {
                    let (answer, wakes) = transact(conn, lane, &marks, f)?;
                    if wakes {
                        wake.send_modify(|n| *n = n.wrapping_add(1));
                    }
                    Ok(answer)
                };
                with_pass(pool, gate, Box::new(call)).await
            }
        }
    }

    /// Tells whether what is kept in memory of a subject still holds.
    pub fn marks(&self) -> &Marks {
        match &*self.0 {
            Backend::Sqlite { writer, .. } => writer.marks(),
            Backend::Postgres { marks, .. } => marks,
        }
    }

    /// Changes whenever a commit of this process has left background work due.
    pub fn wakes(&self) -> watch::Receiver<u64> {
        match &*self.0 {
            Backend::Sqlite { writer, .. } => writer.wakes(),
            Backend::Postgres { wake, .. } => wake.subscribe(),
        }
    }

    /// Answers when the database has written something durably: a full or read-only disk answers reads.
    ///
    /// # Errors
    /// [`AppError::Unavailable`], within a second.
    pub async fn ping(&self) -> AppResult<()> {
        let late = || AppError::Unavailable("the database does not answer".into());
        let mut last = self.2.lock().await;
        // However many ask, it is written once in this time.
        if let Some((_, writes)) = last.filter(|(at, _)| at.elapsed() < PING) {
            return if writes { Ok(()) } else { Err(late()) };
        }
        let beat = self.write(|tx| {
            hot::run!(
                tx.conn(),
                "INSERT INTO rate_counters (bucket, window_start, hits) VALUES (?, ?, 1) \
                 ON CONFLICT (bucket, window_start) DO UPDATE SET hits = 1 - rate_counters.hits",
                Binary => b"ready".to_vec(), types::DbTime => Ts::from(chrono::DateTime::UNIX_EPOCH),
            )?;
            Ok(())
        });
        let answer = tokio::time::timeout(PING, beat).await.unwrap_or_else(|_| Err(late()));
        *last = Some((Instant::now(), answer.is_ok()));
        answer
    }

    /// Waits until everything that was accepted is written; nothing is accepted after.
    pub async fn close(&self) {
        match &*self.0 {
            Backend::Sqlite { writer, .. } => writer.close().await,
            Backend::Postgres { marks, .. } => marks.stop(),
        }
    }
}

/// One transaction on PostgreSQL: gives the answer and whether background work is due.
fn transact(
    conn: &mut Conn,
    lane: i32,
    marks: &Marks,
    f: impl FnOnce(&mut Tx<'_>) -> AppResult<Answer>,
) -> AppResult<(Answer, bool)> {
    let (answer, wakes, changed) = conn.transaction::<_, AppError, _>(|conn| {
        let mut tx = Tx::new(conn, lane, None);
        let answer = f(&mut tx)?;
        let Tx { wakes, lane_end, changed, .. } = tx;
        write_lane_end(conn, lane, lane_end)?;
        fresh::tell_others(conn, &changed)?;
        Ok((answer, wakes, changed))
    })?;
    marks.moved(&changed);
    Ok((answer, wakes))
}

/// Writes where the audit entries of a transaction have brought their lane.
fn write_lane_end(conn: &mut Conn, lane: i32, end: Option<LaneEnd>) -> AppResult<()> {
    let Some(LaneEnd { length, head }) = end else { return Ok(()) };
    let written = hot::run!(
        conn,
        "UPDATE audit_lanes SET length = ?, head = ? WHERE lane = ?",
        BigInt => length, Binary => head, Integer => lane,
    )?;
    if written == 1 { Ok(()) } else { Err(AppError::internal("an audit lane has gone")) }
}

/// Runs a call of the database. Whoever asked waits for it so long and no longer: a server that hangs gives no answer at
/// all. What was begun may still be done then; who sends it again has a key that says so.
async fn blocking<T: Send + 'static>(f: impl FnOnce() -> AppResult<T> + Send + 'static) -> AppResult<T> {
    match tokio::time::timeout(PG_ANSWERS, tokio::task::spawn_blocking(f)).await {
        Ok(ended) => ended.map_err(ended_badly)?,
        Err(_) => Err(late()),
    }
}

fn ended_badly(why: impl std::fmt::Display) -> AppError {
    AppError::Internal(format!("a database call ended badly: {why}"))
}

fn late() -> AppError {
    AppError::Unavailable("the database does not answer".into())
}

/// Runs a call on a connection of PostgreSQL, when one is free and it is the most urgent that waits.
async fn with_pass(pool: &Pool<PgManager>, gate: &Arc<gate::Gate>, f: Reading) -> AppResult<Answer> {
    let (answer, answered) = oneshot::channel();
    let pool = pool.clone();
    gate.enter(Box::new(move || {
        // Whoever has gone away meanwhile gets nothing done.
        if !answer.is_closed() {
            let done = catch_unwind(AssertUnwindSafe(|| with_pg(&pool, f)));
            let _ = answer.send(done.unwrap_or_else(|_| Err(ended_badly("panicked"))));
        }
    }))?;
    match tokio::time::timeout(PG_ANSWERS, answered).await {
        Ok(Ok(done)) => done,
        // The call was dropped to make room for a more urgent one.
        Ok(Err(_)) => Err(gate::full()),
        Err(_) => Err(late()),
    }
}

/// Runs `f` on a pooled connection.
fn with_pg(pool: &Pool<PgManager>, f: Reading) -> AppResult<Answer> {
    let mut pooled = pool::take(pool)?;
    let done = f(&mut pooled.conn);
    if matches!(done, Err(AppError::Unavailable(_))) {
        pooled.examine();
    }
    done
}

fn read_inline(
    path: &std::path::Path,
    id: u64,
    f: impl FnOnce(&mut Conn) -> AppResult<Answer>,
) -> AppResult<Answer> {
    READERS.with_borrow_mut(|readers| {
        let conn = match readers.entry(id) {
            std::collections::hash_map::Entry::Occupied(e) => e.into_mut(),
            std::collections::hash_map::Entry::Vacant(e) => {
                e.insert(Conn::Sqlite(conn::open_sqlite(path, true)?))
            }
        };
        f(conn)
    })
}
