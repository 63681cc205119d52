//! The SQLite group-commit writer: one thread, one `BEGIN IMMEDIATE` for all callers that wait, a savepoint for
//! each, one `COMMIT` with `synchronous=FULL`, and only then the answers.
//!
//! Why: with a write transaction a request, a commit's sync bounds the rate, and deferred transactions that
//! upgrade fail each other. A caller's error rolls back its savepoint only; a failed commit, or a rollback that
//! SQLite did by itself (full disk, I/O error), fails every caller of the group.

use super::call::{Answer, Writing};
use super::conn::{Conn, open_sqlite};
use super::hot::run;
use super::types::Id;
use super::{LaneEnd, Marks, Tx, Wake, write_lane_end};
use crate::error::{AppError, AppResult};
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, oneshot, watch};

/// Callers that may wait; the next one is told to come back.
const QUEUE: usize = 4096;
/// Callers in one commit.
const GROUP: usize = 256;
/// The SQLite writer is one lane.
const LANE: i32 = 0;

struct Call {
    work: Option<Writing>,
    result: Option<AppResult<Answer>>,
    reply: oneshot::Sender<AppResult<Answer>>,
}

impl Call {
    /// Runs inside the caller's savepoint; false rolls it back.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let result = match self.work.take() {
            Some(work) => work(tx),
            None => Err(AppError::internal("a write ran twice")),
        };
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    /// Told that the caller's work panicked.
    fn panicked(&mut self) {
        self.result = Some(Err(AppError::internal("a write panicked")));
    }

    /// After the commit: hands the result over, or the commit's failure.
    fn answer(self, commit: Result<(), AppError>) {
        let result = match (self.result, commit) {
            // The caller's own error stands whether or not the others were committed.
            (Some(Err(e)), _) => Err(e),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(e)) => Err(e),
            (None, Ok(())) => Err(AppError::internal("a write was not run")),
        };
        // The caller may have gone away (a closed connection); the write stands all the same.
        let _ = self.reply.send(result);
    }
}

enum Order {
    Work(Call),
    Stop(oneshot::Sender<()>),
}

/// The queue in front of the writer thread.
pub(super) struct Writer {
    queue: mpsc::Sender<Order>,
    wake: Wake,
    marks: Arc<Marks>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Writer {
    /// Opens the write connection and starts the thread.
    pub(super) fn start(path: PathBuf) -> AppResult<Self> {
        let conn = Conn::Sqlite(open_sqlite(&path, false)?);
        let (queue, orders) = mpsc::channel(QUEUE);
        let wake = Wake::new(watch::Sender::new(0));
        let marks = Marks::alone();
        let after = After { wake: wake.clone(), marks: marks.clone() };
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || serve(&path, conn, orders, &after))
            .map_err(AppError::internal)?;
        Ok(Self { queue, wake, marks, thread: Mutex::new(Some(thread)) })
    }

    /// Changes with every commit that left background work due.
    pub(super) fn wakes(&self) -> watch::Receiver<u64> {
        self.wake.subscribe()
    }

    /// The marks that commits move on.
    pub(super) fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Queues a write and waits for its commit.
    pub(super) async fn submit(&self, work: Writing) -> AppResult<Answer> {
        let (reply, answer) = oneshot::channel();
        let call = Call { work: Some(work), result: None, reply };
        self.queue
            .try_send(Order::Work(call))
            .map_err(|_| AppError::Unavailable("the write queue is full or the writer has stopped".into()))?;
        answer.await.unwrap_or_else(|_| Err(AppError::Unavailable("the writer has stopped".into())))
    }

    /// Writes what is queued, then stops.
    pub(super) async fn close(&self) {
        let (done, finished) = oneshot::channel();
        if self.queue.send(Order::Stop(done)).await.is_ok() {
            let _ = finished.await;
        }
        let thread = self.thread.lock().ok().and_then(|mut t| t.take());
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn serve(path: &Path, mut conn: Conn, mut orders: mpsc::Receiver<Order>, after: &After) {
    let mut stop = None;
    while stop.is_none() {
        let Some(first) = orders.blocking_recv() else { return };
        let mut group: Vec<Call> = Vec::new();
        let mut next = Some(first);
        while let Some(order) = next {
            match order {
                Order::Work(job) => group.push(job),
                Order::Stop(done) => {
                    stop = Some(done);
                    orders.close();
                }
            }
            next = if group.len() < GROUP { orders.try_recv().ok() } else { None };
        }
        commit_group(path, &mut conn, group, after);
        if stop.is_some() {
            while let Ok(Order::Work(job)) = orders.try_recv() {
                commit_group(path, &mut conn, vec![job], after);
            }
        }
    }
    if let Some(done) = stop {
        let _ = done.send(());
    }
}

/// What a commit is told to, before its callers are.
struct After {
    wake: Wake,
    marks: Arc<Marks>,
}

/// What a group leaves to be told.
#[derive(Default)]
struct Left {
    wakes: bool,
    changed: Vec<Id>,
}

fn commit_group(path: &Path, conn: &mut Conn, mut group: Vec<Call>, after: &After) {
    if group.is_empty() {
        return;
    }
    let outcome = run_group(conn, &mut group);
    let outcome = outcome.map(|left| {
        after.marks.moved(&left.changed);
        if left.wakes {
            after.wake.send_modify(|n| *n = n.wrapping_add(1));
        }
    });
    if outcome.is_err() {
        after.marks.lost();
        // Whatever state the connection is in, a new one is clean.
        match open_sqlite(path, false) {
            Ok(fresh) => *conn = Conn::Sqlite(fresh),
            Err(e) => tracing::error!(error = %e, "the database cannot be reopened"),
        }
    }
    for job in group {
        job.answer(outcome.clone());
    }
}

/// The group was lost with whatever it had written: nobody's work is there, whoever sends it again may find it done.
fn lost(e: diesel::result::Error) -> AppError {
    AppError::Unavailable(format!("a group of writes was lost: {e}"))
}

/// Gives what the callers whose work was kept leave to be told.
fn run_group(conn: &mut Conn, group: &mut [Call]) -> AppResult<Left> {
    let mut left = Left::default();
    // One chain for all callers of the group; one that fails takes its own entries back, and this with them.
    let mut end: Option<LaneEnd> = None;
    if let Conn::Sqlite(c) = conn {
        AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE").map_err(lost)?;
    }
    for job in group.iter_mut() {
        // Statements of our own instead of the transaction manager's: these are prepared once.
        run!(conn, "SAVEPOINT caller").map_err(lost)?;
        let mut tx = Tx::new(conn, LANE, end.clone());
        let kept = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
        let Tx { wakes, lane_end, changed, .. } = tx;
        if kept.is_err() {
            job.panicked();
        }
        // When SQLite has rolled the whole transaction back by itself, the savepoint is gone and this fails.
        if kept.unwrap_or(false) {
            run!(conn, "RELEASE caller").map_err(lost)?;
            end = lane_end;
            left.wakes |= wakes;
            left.changed.extend(changed);
        } else {
            run!(conn, "ROLLBACK TO caller").map_err(lost)?;
            run!(conn, "RELEASE caller").map_err(lost)?;
        }
    }
    write_lane_end(conn, LANE, end)?;
    <Conn as Connection>::TransactionManager::commit_transaction(conn).map_err(|e| {
        tracing::error!(error = %e, "commit failed");
        AppError::Unavailable(format!("the commit failed: {e}"))
    })?;
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::super::call;
    use super::*;
    use diesel::connection::SimpleConnection;

    fn scratch() -> (PathBuf, Writer) {
        let path = std::env::temp_dir().join(format!("fugong-writer-{}.db", uuid::Uuid::now_v7()));
        let mut conn = open_sqlite(&path, false).unwrap();
        conn.batch_execute("CREATE TABLE t (n INTEGER PRIMARY KEY)").unwrap();
        (path.clone(), Writer::start(path).unwrap())
    }

    async fn submit<T, F>(writer: &Writer, f: F) -> AppResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
    {
        call::answer(writer.submit(call::writing(f)).await)
    }

    fn insert(tx: &mut Tx<'_>, n: i32) -> AppResult<()> {
        diesel::sql_query(format!("INSERT INTO t VALUES ({n})")).execute(tx.conn())?;
        Ok(())
    }

    fn rows(path: &Path) -> Vec<i32> {
        #[derive(QueryableByName)]
        struct N {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            n: i32,
        }
        let mut conn = open_sqlite(path, true).unwrap();
        let mut all: Vec<i32> = diesel::sql_query("SELECT n FROM t ORDER BY n")
            .load::<N>(&mut conn)
            .unwrap()
            .into_iter()
            .map(|r| r.n)
            .collect();
        all.dedup();
        all
    }

    #[actix_web::test]
    async fn an_error_or_a_panic_rolls_back_its_caller_only() {
        let (path, writer) = scratch();
        let good = submit(&writer, |tx| insert(tx, 1));
        let bad = submit(&writer, |tx| {
            insert(tx, 2)?;
            Err::<(), _>(AppError::conflict("no"))
        });
        let panics = submit(&writer, |tx| {
            insert(tx, 3)?;
            if tx.lane() == LANE {
                panic!("on purpose");
            }
            Ok(())
        });
        let last = submit(&writer, |tx| insert(tx, 4));
        let (good, bad, panics, last) = futures_util::join!(good, bad, panics, last);
        assert!(good.is_ok() && last.is_ok());
        assert!(matches!(bad, Err(AppError::Conflict(_))));
        assert!(matches!(panics, Err(AppError::Internal(_))));
        assert_eq!(rows(&path), [1, 4]);
        writer.close().await;
    }

    #[actix_web::test]
    async fn closing_writes_what_was_accepted_and_then_refuses() {
        let (path, writer) = scratch();
        let pending =
            futures_util::future::join_all((0..100).map(|n| submit(&writer, move |tx| insert(tx, n))));
        let (results, ()) = futures_util::join!(pending, writer.close());
        assert!(results.iter().all(Result::is_ok));
        assert_eq!(rows(&path).len(), 100);
        assert!(matches!(submit(&writer, |tx| insert(tx, 500)).await, Err(AppError::Unavailable(_))));
    }

    #[actix_web::test]
    async fn whatever_ends_a_group_is_503_for_every_caller() {
        let (path, writer) = scratch();
        // The writer is held until all wait, so that they come into one group.
        let (at_work, is_at_work) = oneshot::channel();
        let (go, may_go) = std::sync::mpsc::channel::<()>();
        let held = submit(&writer, move |_| {
            let _ = at_work.send(());
            may_go.recv().map_err(AppError::internal)
        });
        let all = async {
            is_at_work.await.unwrap();
            let first = submit(&writer, |tx| insert(tx, 1));
            let refused = submit(&writer, |_| Err::<(), _>(AppError::conflict("no")));
            let lost = submit(&writer, |tx| {
                // What SQLite does by itself on a full disk.
                diesel::sql_query("ROLLBACK").execute(tx.conn())?;
                Err::<(), _>(AppError::Unavailable("database or disk is full".into()))
            });
            let last = submit(&writer, |tx| insert(tx, 3));
            // Polled in this order: all are queued before the writer goes on.
            futures_util::join!(first, refused, lost, last, async { go.send(()).unwrap() })
        };
        let (held, (first, refused, lost, last, ())) = futures_util::join!(held, all);
        assert!(held.is_ok());
        for (who, answer) in [("before", first), ("the one", lost), ("after", last)] {
            assert!(matches!(answer, Err(AppError::Unavailable(_))), "{who}: {answer:?}");
        }
        assert!(matches!(refused, Err(AppError::Conflict(_))), "its own answer needs nothing written");
        assert!(rows(&path).is_empty());
        assert!(submit(&writer, |tx| insert(tx, 2)).await.is_ok(), "the next group has a clean connection");
        writer.close().await;
    }
}
