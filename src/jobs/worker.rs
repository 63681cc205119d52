//! The worker: background work on threads of its own, so that neither a slow job nor a slow provider takes anything
//! from the web, and messages do not wait behind jobs.

use super::periodic::enqueue_periodic;
use super::runner::{Runner, Settings};
use super::{Step, Work};
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How often a loop looks without being woken: what another process has queued, and what has become due.
const POLL: Duration = Duration::from_secs(1);
/// Loops that claim jobs: a slow job holds up the rest of its own batch only.
const JOB_LOOPS: usize = 3;
/// Pause after a database error.
const PAUSE: Duration = Duration::from_secs(2);

/// A running worker; [`Worker::stop`] finishes what runs.
pub struct Worker {
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

impl Worker {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the system gives no thread.
    pub fn start(deps: &App) -> AppResult<Self> {
        let work = deps.part::<Work>()?;
        let (stop, stopped) = watch::channel(false);
        let mut threads = Vec::new();
        let (jobs, others) = (deps.clone(), deps.clone());
        let (for_jobs, for_others) = (stopped.clone(), stopped);
        let (work, beside) = (Arc::new(work.clone()), work.beside.clone());
        threads.push(thread("fugong-jobs", move || job_loops(&jobs, &work, &for_jobs))?);
        threads.push(thread("fugong-beside", move || loops_beside(&others, &beside, &for_others))?);
        tracing::info!(worker = %Id::new(), "worker started");
        Ok(Self { stop, threads })
    }

    /// Lets what runs finish, puts back what was claimed and not begun, and ends the threads.
    pub async fn stop(self) {
        // Without a receiver the threads are gone already.
        let _ = self.stop.send(true);
        let threads = self.threads;
        let ended = tokio::task::spawn_blocking(move || threads.into_iter().all(|t| t.join().is_ok())).await;
        if !matches!(ended, Ok(true)) {
            tracing::error!("a worker thread ended badly");
        }
    }
}

type Loops = Vec<LocalBoxFuture<'static, ()>>;

fn thread(name: &str, loops: impl FnOnce() -> Loops + Send + 'static) -> AppResult<JoinHandle<()>> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(AppError::internal)?;
    std::thread::Builder::new()
        .name(name.into())
        .spawn(move || {
            tokio::task::LocalSet::new().block_on(&runtime, async move {
                join_all(loops()).await;
            });
        })
        .map_err(AppError::internal)
}

fn job_loops(deps: &App, work: &Arc<Work>, stop: &watch::Receiver<bool>) -> Loops {
    let mut loops: Loops = vec![periodic(deps.clone(), stop.clone()).boxed_local()];
    for _ in 0..JOB_LOOPS {
        let runner = Runner::new(deps.clone(), work.clone(), Settings::default()).stopped_by(stop.clone());
        let (deps, stop) = (deps.clone(), stop.clone());
        loops.push(
            async move {
                turn(&deps, stop, async || runner.run_batch().await).await;
            }
            .boxed_local(),
        );
    }
    loops
}

/// What is done beside jobs, each in a loop of its own.
fn loops_beside(deps: &App, steps: &[Step], stop: &watch::Receiver<bool>) -> Loops {
    let turns = steps.iter().copied().map(|step| {
        let (deps, stop) = (deps.clone(), stop.clone());
        async move { turn(&deps, stop, async || step(deps.clone()).await).await }.boxed_local()
    });
    turns.collect()
}

/// Steps until there is nothing to do, then waits to be woken or for the next turn.
async fn turn(deps: &App, mut stop: watch::Receiver<bool>, step: impl AsyncFn() -> AppResult<usize>) {
    let mut wakes = deps.store.wakes();
    while !*stop.borrow() {
        wakes.mark_unchanged();
        let pause = match step().await {
            Ok(0) => POLL,
            Ok(_) => continue,
            Err(e) => {
                tracing::error!(error = %e, "background work cannot be read");
                PAUSE
            }
        };
        tokio::select! {
            _ = stop.changed() => {}
            _ = wakes.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Queues periodic work ahead of its time; every minute the keyring is read again, so that keys made elsewhere are
/// known before they are used.
async fn periodic(deps: App, mut stop: watch::Receiver<bool>) {
    let mut known = BTreeMap::new();
    let mut reloaded = Instant::now();
    while !*stop.borrow() {
        if let Err(e) = enqueue_periodic(&deps, &mut known).await {
            tracing::error!(error = %e, "periodic work cannot be queued");
        }
        if reloaded.elapsed() >= Duration::from_secs(60) {
            reloaded = Instant::now();
            if let Err(e) = deps.keys.reload(deps.clock.now()) {
                tracing::error!(error = %e, "the keyring cannot be read again");
            }
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
    }
}
