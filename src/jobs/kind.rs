//! Kinds of background work as types: what is queued is a value of the type, what runs is its method.

use crate::deps::App;
use crate::error::{AppError, AppResult};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

/// Background work of a kind. The value is what is queued; one that comes by the clock has no fields.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// The kind's name in the queue. It stays as it is: a portal of before may have left work under it.
    const NAME: &'static str;

    /// Does the work. It may run more than once and must then change nothing more.
    fn run(self, deps: App) -> impl Future<Output = AppResult<()>>;
}

/// A job that has begun.
pub type Running = LocalBoxFuture<'static, AppResult<()>>;

/// What is known of a kind of job where its type is not.
#[derive(Debug, Clone, Copy)]
pub struct JobKind {
    /// Its name in the queue.
    pub name: &'static str,
    /// Seconds after which it comes back by the clock; `None` = only when it is queued.
    pub every: Option<i64>,
    /// Whether it also runs when the portal starts: what a stop has kept from happening.
    pub at_start: bool,
    begin: fn(App, &[u8]) -> AppResult<Running>,
}

impl JobKind {
    /// The kind of a type.
    #[must_use]
    pub const fn of<J: Job>() -> Self {
        Self { name: J::NAME, every: None, at_start: false, begin: begin::<J> }
    }

    /// The same work under the name that it had before.
    #[must_use]
    pub const fn once_named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// It comes back by the clock.
    #[must_use]
    pub const fn every(self, seconds: i64) -> Self {
        Self { every: Some(seconds), ..self }
    }

    /// It also runs when the portal starts.
    #[must_use]
    pub const fn at_start(self) -> Self {
        Self { at_start: true, ..self }
    }

    /// Begins a job of this kind.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `job-payload` for what this kind cannot read.
    pub(super) fn begin(&self, deps: App, payload: &[u8]) -> AppResult<Running> {
        (self.begin)(deps, payload)
    }
}

fn begin<J: Job>(deps: App, payload: &[u8]) -> AppResult<Running> {
    let job: J = serde_json::from_slice(payload).map_err(|_| AppError::conflict("job-payload"))?;
    Ok(job.run(deps).boxed_local())
}

/// Other background work that has a loop of its own, such as delivering messages: one step, which says how much it found
/// to do.
pub type Step = fn(App) -> LocalBoxFuture<'static, AppResult<usize>>;

/// All that a portal does in the background.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// Kinds of jobs.
    pub kinds: Vec<JobKind>,
    /// What is done beside them, each in a loop of its own.
    pub beside: Vec<Step>,
}

impl Work {
    pub(super) fn kind(&self, name: &str) -> Option<&JobKind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// Kinds that come by the clock, with their periods in seconds.
    pub fn periodic(&self) -> impl Iterator<Item = (&'static str, i64)> {
        self.kinds.iter().filter_map(|kind| Some((kind.name, kind.every?)))
    }

    /// Kinds that run when the portal starts.
    pub fn at_start(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.iter().filter(|kind| kind.at_start).map(|kind| kind.name)
    }
}
