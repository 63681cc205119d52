//! Jobs: claimed once, tried again on schedule, back after a worker's death, dead at the end.

use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use fugong::app::App as Deps;
use fugong::db::Id;
use fugong::error::{AppError, AppResult};
use fugong::jobs::{self, Job, JobKind, Runner, Settings, Work};
use fugong::router::SLICES;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

on_both!(
    runs_once_and_knows_names,
    a_name_that_has_begun_failed_or_died_swallows_nothing,
    tries_again_on_schedule_and_dies,
    panics_and_slow_jobs_fail_alone,
    comes_back_after_a_worker_died,
    periodic_work_is_queued_once
);

async fn enqueue<J: Job + Sync>(app: &App, job: J, dedup: Option<&'static str>) -> Option<Id> {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    app.deps.store.write(move |tx| jobs::enqueue(tx, &keys, &job, dedup, now, now)).await.unwrap()
}

/// How often a test's job ran, by the slot in its payload.
static RAN: [AtomicU32; 64] = [const { AtomicU32::new(0) }; 64];
static SLOT: AtomicU32 = AtomicU32::new(0);

fn slot() -> usize {
    usize::try_from(SLOT.fetch_add(1, Ordering::SeqCst)).unwrap()
}

fn ran(slot: usize) -> u32 {
    RAN[slot].load(Ordering::SeqCst)
}

/// Counts its runs.
#[derive(Serialize, Deserialize)]
struct Count {
    slot: usize,
}

/// Counts its runs and fails.
#[derive(Serialize, Deserialize)]
struct Fail {
    slot: usize,
}

#[derive(Serialize, Deserialize)]
struct Panic;

/// Never ends.
#[derive(Serialize, Deserialize)]
struct Slow;

/// Of a kind that this portal does not have.
#[derive(Serialize, Deserialize)]
struct Unknown;

/// What somebody else once queued as a [`Count`].
#[derive(Serialize, Deserialize)]
struct Misshapen {
    place: String,
}

impl Job for Count {
    const NAME: &'static str = "count";

    async fn run(self, _: Deps) -> AppResult<()> {
        RAN[self.slot].fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

impl Job for Fail {
    const NAME: &'static str = "fail";

    async fn run(self, _: Deps) -> AppResult<()> {
        RAN[self.slot].fetch_add(1, Ordering::SeqCst);
        Err(AppError::Unavailable("张三 13700137000".into()))
    }
}

impl Job for Panic {
    const NAME: &'static str = "panic";

    async fn run(self, _: Deps) -> AppResult<()> {
        panic!("on purpose")
    }
}

impl Job for Slow {
    const NAME: &'static str = "slow";

    async fn run(self, _: Deps) -> AppResult<()> {
        std::future::pending().await
    }
}

impl Job for Unknown {
    const NAME: &'static str = "unknown";

    async fn run(self, _: Deps) -> AppResult<()> {
        Ok(())
    }
}

impl Job for Misshapen {
    const NAME: &'static str = Count::NAME;

    async fn run(self, _: Deps) -> AppResult<()> {
        Ok(())
    }
}

fn work() -> Arc<Work> {
    let kinds =
        [JobKind::of::<Count>(), JobKind::of::<Fail>(), JobKind::of::<Panic>(), JobKind::of::<Slow>()];
    Arc::new(Work { kinds: kinds.into(), beside: Vec::new() })
}

fn runner(app: &App) -> Runner {
    let settings = Settings { timeout: std::time::Duration::from_millis(200), ..Settings::default() };
    Runner::new(app.deps.clone(), work(), settings)
}

async fn runs_once_and_knows_names(app: App) {
    let s = slot();
    assert!(enqueue(&app, Count { slot: s }, Some("a")).await.is_some());
    assert!(enqueue(&app, Count { slot: s }, Some("a")).await.is_none(), "queued under this name");
    for _ in 0..300 {
        enqueue(&app, Count { slot: s }, None).await.unwrap();
    }
    let (one, two) = (runner(&app), runner(&app));
    for round in 0.. {
        assert!(round < 100, "the queue does not empty");
        let (a, b) = futures_util::join!(one.run_batch(), two.run_batch());
        if a.unwrap() + b.unwrap() == 0 {
            break;
        }
    }
    assert_eq!(ran(s), 301);
    assert!(enqueue(&app, Count { slot: s }, Some("a")).await.is_some(), "the name is free again");
    runner(&app).run_batch().await.unwrap();
    app.stop().await;
}

/// As if a worker had taken the job and not come back.
async fn begin(app: &App, name: &'static str) {
    use diesel::prelude::*;
    use fugong::db::Ts;
    use fugong::db::schema::jobs;
    let lease = Ts::from(app.clock.now() + Duration::minutes(2));
    let work = app.deps.store.write(move |tx| {
        diesel::update(jobs::table.filter(jobs::dedup.eq(name)))
            .set((jobs::state.eq("running"), jobs::locked_until.eq(Some(lease))))
            .execute(tx.conn())?;
        Ok(())
    });
    work.await.unwrap();
}

/// A job that has read what it works on does not see what is written now: whoever asks again gets another run, at once.
async fn a_name_that_has_begun_failed_or_died_swallows_nothing(app: App) {
    let (begun, s) = (slot(), slot());
    enqueue(&app, Count { slot: begun }, Some("b")).await.unwrap();
    begin(&app, "b").await;
    assert!(enqueue(&app, Count { slot: begun }, Some("b")).await.is_some(), "the other has begun");
    assert_eq!(runner(&app).run_batch().await.unwrap(), 1);
    app.clock.advance(Duration::minutes(3));
    assert_eq!(runner(&app).run_batch().await.unwrap(), 1, "the one whose worker died comes back as well");
    assert_eq!(ran(begun), 2);
    // Failed, and to be tried again in ten seconds: put forward.
    enqueue(&app, Fail { slot: s }, Some("c")).await.unwrap();
    runner(&app).run_batch().await.unwrap();
    assert_eq!(runner(&app).run_batch().await.unwrap(), 0, "it waits for its next attempt");
    assert!(enqueue(&app, Fail { slot: s }, Some("c")).await.is_none());
    assert_eq!(runner(&app).run_batch().await.unwrap(), 1, "asked for again, it runs at once");
    // Dead: the name is free.
    for _ in 0..8 {
        app.clock.advance(Duration::hours(8));
        runner(&app).run_batch().await.unwrap();
    }
    let fresh = slot();
    assert!(enqueue(&app, Count { slot: fresh }, Some("c")).await.is_some());
    runner(&app).run_batch().await.unwrap();
    assert_eq!(ran(fresh), 1);
    assert_eq!(app.bury_dead().await.len(), 1);
    app.stop().await;
}

async fn tries_again_on_schedule_and_dies(app: App) {
    let s = slot();
    enqueue(&app, Fail { slot: s }, None).await.unwrap();
    let waits = [10, 60, 300, 1800, 7200, 21_600];
    for (i, wait) in waits.iter().enumerate() {
        runner(&app).run_batch().await.unwrap();
        assert_eq!(usize::try_from(ran(s)).unwrap(), i + 1);
        app.clock.advance(Duration::milliseconds(wait * 749));
        assert_eq!(runner(&app).run_batch().await.unwrap(), 0, "too early after attempt {}", i + 1);
        app.clock.advance(Duration::milliseconds(wait * 502));
    }
    assert_eq!(runner(&app).run_batch().await.unwrap(), 1);
    app.clock.advance(Duration::days(30));
    assert_eq!(runner(&app).run_batch().await.unwrap(), 0, "dead");
    assert_eq!(app.bury_dead().await, [("fail".to_owned(), "unavailable".to_owned())], "a code, no words");
    app.stop().await;
}

async fn panics_and_slow_jobs_fail_alone(app: App) {
    let s = slot();
    enqueue(&app, Panic, None).await.unwrap();
    enqueue(&app, Slow, None).await.unwrap();
    enqueue(&app, Unknown, None).await.unwrap();
    enqueue(&app, Misshapen { place: "511621".into() }, None).await.unwrap();
    enqueue(&app, Count { slot: s }, None).await.unwrap();
    assert_eq!(runner(&app).run_batch().await.unwrap(), 5);
    assert_eq!(ran(s), 1);
    for _ in 0..6 {
        app.clock.advance(Duration::hours(8));
        runner(&app).run_batch().await.unwrap();
    }
    let mut dead = app.bury_dead().await;
    dead.sort();
    let expected = [
        ("count", "job-payload"),
        ("panic", "job-panicked"),
        ("slow", "job-timed-out"),
        ("unknown", "job-unknown-kind"),
    ];
    assert_eq!(dead, expected.map(|(kind, code)| (kind.to_owned(), code.to_owned())));
    app.stop().await;
}

async fn comes_back_after_a_worker_died(app: App) {
    let s = slot();
    enqueue(&app, Count { slot: s }, None).await.unwrap();
    enqueue(&app, Slow, None).await.unwrap();
    // A worker that is killed in the middle: its batch is dropped before anything was reported.
    let dying = Runner::new(app.deps.clone(), work(), Settings::default());
    let cut = tokio::time::timeout(std::time::Duration::from_millis(500), dying.run_batch()).await;
    assert!(cut.is_err());
    let before = ran(s);
    assert_eq!(runner(&app).run_batch().await.unwrap(), 0, "the lease still runs");
    app.clock.advance(Duration::seconds(121));
    let claimed = runner(&app).run_batch().await.unwrap();
    assert!(claimed >= 1 && (before == 1 || ran(s) == 1));
    for _ in 0..6 {
        app.clock.advance(Duration::hours(8));
        runner(&app).run_batch().await.unwrap();
    }
    assert_eq!(app.bury_dead().await.len(), 1);
    app.stop().await;
}

async fn periodic_work_is_queued_once(app: App) {
    let (mut one, mut two) = (std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
    for known in [&mut one, &mut two] {
        jobs::enqueue_periodic(&app.deps, known).await.unwrap();
        jobs::enqueue_periodic(&app.deps, known).await.unwrap();
    }
    let work = SLICES.work();
    let (at_start, periodic) = (work.at_start().count(), work.periodic().count());
    assert!(at_start >= 2 && periodic > at_start, "{at_start} of {periodic}");
    assert_eq!(app.drain().await.jobs, at_start, "what runs at the start, once; the rest not yet");
    app.clock.advance(Duration::days(1));
    assert_eq!(app.drain().await.jobs, periodic);
    assert_eq!(app.tick().await.jobs, periodic);
    app.stop().await;
}
