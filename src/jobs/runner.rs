//! Running jobs: a batch is claimed in one statement, run side by side, and completed in one transaction.

use super::Work;
use super::store::{self, Claimed, Outcome};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use futures_util::{FutureExt, StreamExt, stream};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How jobs are run.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Jobs in one claim, at most 500.
    pub batch: i64,
    /// Jobs at the same time.
    pub concurrency: usize,
    /// How long one job may take.
    pub timeout: Duration,
    /// After this time a job comes back that was claimed and not reported. Longer than `timeout`: a job is begun only
    /// while there is a whole time-out left.
    pub lease: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { batch: 200, concurrency: 8, timeout: Duration::from_secs(45), lease: Duration::from_secs(120) }
    }
}

/// Claims and runs jobs.
pub struct Runner {
    deps: App,
    work: Arc<Work>,
    settings: Settings,
    stop: Option<watch::Receiver<bool>>,
}

impl Runner {
    /// A runner of these kinds of jobs, with settings.
    pub fn new(deps: App, work: Arc<Work>, settings: Settings) -> Self {
        Self { deps, work, settings, stop: None }
    }

    /// Jobs of a batch are no longer begun once this says true.
    #[must_use]
    pub fn stopped_by(mut self, stop: watch::Receiver<bool>) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Runs one batch of due jobs and gives how many were claimed.
    ///
    /// # Errors
    /// Database errors; a job's own error is kept with the job.
    pub async fn run_batch(&self) -> AppResult<usize> {
        let now = self.deps.clock.now();
        if !self.deps.store.read(move |conn| store::is_due(conn, now)).await? {
            return Ok(0);
        }
        let lease = now + chrono::Duration::from_std(self.settings.lease).map_err(AppError::internal)?;
        let begin_until = Instant::now() + self.settings.lease.saturating_sub(self.settings.timeout);
        let limit = self.settings.batch.clamp(1, 500);
        let claimed = self
            .deps
            .store
            .write(move |tx| {
                store::reclaim(tx, now)?;
                store::claim(tx, now, lease, limit)
            })
            .await?;
        let count = claimed.len();
        let mut outcomes = stream::iter(claimed)
            .map(|job| self.run_one(job, begin_until))
            .buffer_unordered(self.settings.concurrency)
            .ready_chunks(500);
        while let Some(chunk) = outcomes.next().await {
            self.deps.store.write(move |tx| store::finish(tx, lease, &chunk)).await?;
        }
        Ok(count)
    }

    async fn run_one(&self, job: Claimed, begin_until: Instant) -> (crate::db::Id, Outcome) {
        let stopping = self.stop.as_ref().is_some_and(|stop| *stop.borrow());
        if stopping || Instant::now() > begin_until {
            return (job.id, Outcome::Released);
        }
        let (id, attempts) = (job.id, job.attempts);
        let kind = job.kind.clone();
        let begun = Instant::now();
        let result = self.work(job).await;
        let label = if result.is_ok() { "done" } else { "failed" };
        metrics::counter!("fugong_jobs_total", "kind" => kind.clone(), "outcome" => label).increment(1);
        metrics::histogram!("fugong_job_seconds", "kind" => kind.clone())
            .record(begun.elapsed().as_secs_f64());
        let Err(error) = result else { return (id, Outcome::Done) };
        let outcome = self.failed(attempts, error.code().to_owned());
        let last = matches!(outcome, Outcome::Dead(_));
        tracing::warn!(job = %id, kind, attempts, last, error = %error, "a job failed");
        (id, outcome)
    }

    fn failed(&self, attempts: i32, code: String) -> Outcome {
        match self.deps.config.retry.next(attempts, self.deps.clock.now()) {
            Some(at) => Outcome::Again(at, code),
            None => Outcome::Dead(code),
        }
    }

    /// Opens the payload and runs the handler within the time-out; a panic is an error like another.
    async fn work(&self, job: Claimed) -> AppResult<()> {
        let kind = self.work.kind(&job.kind).ok_or_else(|| AppError::conflict("job-unknown-kind"))?;
        let plain = self.deps.keys.open_sealed(&super::payload_context(job.id), &job.payload_sealed)?;
        let deps = self.deps.clone();
        let run = AssertUnwindSafe(async move { kind.begin(deps, &plain)?.await }).catch_unwind();
        match tokio::time::timeout(self.settings.timeout, run).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(AppError::conflict("job-panicked")),
            Err(_) => Err(AppError::conflict("job-timed-out")),
        }
    }
}

/// What [`drain`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drained {
    /// Jobs that were run.
    pub jobs: usize,
    /// What was found to do beside them: messages that were tried.
    pub messages: usize,
}

/// Runs everything that is due by the clock, jobs and messages, until nothing is due: for tests and commands.
///
/// # Errors
/// Database errors, or work that never ends because it queues itself again.
pub async fn drain(deps: &App) -> AppResult<Drained> {
    let work = Arc::new(deps.part::<Work>()?.clone());
    let runner = Runner::new(deps.clone(), work.clone(), Settings::default());
    let mut sum = Drained::default();
    for _ in 0..10_000 {
        let jobs = runner.run_batch().await?;
        let mut messages = 0;
        for step in &work.beside {
            messages += step(deps.clone()).await?;
        }
        if jobs == 0 && messages == 0 {
            return Ok(sum);
        }
        sum.jobs += jobs;
        sum.messages += messages;
    }
    Err(AppError::internal("background work queues itself for ever"))
}

/// The next start of a period after `now`, and its number.
pub(super) fn next_period(seconds: i64, now: DateTime<Utc>) -> (i64, DateTime<Utc>) {
    let number = now.timestamp().div_euclid(seconds.max(1)) + 1;
    (number, DateTime::from_timestamp(number * seconds.max(1), 0).unwrap_or(now))
}
