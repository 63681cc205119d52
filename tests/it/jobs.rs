//! Jobs: claimed once, tried again on schedule, back after a worker's death, dead at the end.

use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use fugong::app::App as Deps;
use fugong::db::Id;
use fugong::error::{AppError, AppResult};
use fugong::jobs::{self, Runner, Settings};
use fugong::work::Handler;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

on_both!(
    runs_once_and_knows_names,
    a_name_that_has_begun_failed_or_died_swallows_nothing,
    tries_again_on_schedule_and_dies,
    panics_and_slow_jobs_fail_alone,
    comes_back_after_a_worker_died,
    periodic_work_is_queued_once
);

async fn enqueue(app: &App, kind: &'static str, dedup: Option<&'static str>, payload: Value) -> Option<Id> {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    app.deps.store.write(move |tx| jobs::enqueue(tx, &keys, kind, dedup, &payload, now, now)).await.unwrap()
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

async fn count(_: Deps, payload: Value) -> AppResult<()> {
    let slot = usize::try_from(payload["slot"].as_u64().unwrap()).unwrap();
    RAN[slot].fetch_add(1, Ordering::SeqCst);
    Ok(())
}

fn lookup(kind: &str) -> Option<Handler> {
    match kind {
        "count" => Some(|deps, payload| Box::pin(count(deps, payload))),
        "fail" => Some(|deps, payload| {
            Box::pin(async move {
                count(deps, payload).await?;
                Err(AppError::Unavailable("张三 13700137000".into()))
            })
        }),
        "panic" => Some(|_, _| Box::pin(async { panic!("on purpose") })),
        "slow" => Some(|_, _| Box::pin(std::future::pending())),
        _ => None,
    }
}

fn runner(app: &App) -> Runner {
    let settings = Settings { timeout: std::time::Duration::from_millis(200), ..Settings::default() };
    Runner::new(app.deps.clone(), lookup, settings)
}

async fn runs_once_and_knows_names(app: App) {
    let s = slot();
    assert!(enqueue(&app, "count", Some("a"), json!({"slot": s})).await.is_some());
    assert!(enqueue(&app, "count", Some("a"), json!({"slot": s})).await.is_none(), "queued under this name");
    for _ in 0..300 {
        enqueue(&app, "count", None, json!({"slot": s})).await.unwrap();
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
    assert!(enqueue(&app, "count", Some("a"), json!({"slot": s})).await.is_some(), "the name is free again");
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
    enqueue(&app, "count", Some("b"), json!({"slot": begun})).await.unwrap();
    begin(&app, "b").await;
    assert!(enqueue(&app, "count", Some("b"), json!({"slot": begun})).await.is_some(), "the other has begun");
    assert_eq!(runner(&app).run_batch().await.unwrap(), 1);
    app.clock.advance(Duration::minutes(3));
    assert_eq!(runner(&app).run_batch().await.unwrap(), 1, "the one whose worker died comes back as well");
    assert_eq!(ran(begun), 2);
    // Failed, and to be tried again in ten seconds: put forward.
    enqueue(&app, "fail", Some("c"), json!({"slot": s})).await.unwrap();
    runner(&app).run_batch().await.unwrap();
    assert_eq!(runner(&app).run_batch().await.unwrap(), 0, "it waits for its next attempt");
    assert!(enqueue(&app, "fail", Some("c"), json!({"slot": s})).await.is_none());
    assert_eq!(runner(&app).run_batch().await.unwrap(), 1, "asked for again, it runs at once");
    // Dead: the name is free.
    for _ in 0..8 {
        app.clock.advance(Duration::hours(8));
        runner(&app).run_batch().await.unwrap();
    }
    let fresh = slot();
    assert!(enqueue(&app, "count", Some("c"), json!({"slot": fresh})).await.is_some());
    runner(&app).run_batch().await.unwrap();
    assert_eq!(ran(fresh), 1);
    assert_eq!(app.bury_dead().await.len(), 1);
    app.stop().await;
}

async fn tries_again_on_schedule_and_dies(app: App) {
    let s = slot();
    enqueue(&app, "fail", None, json!({"slot": s})).await.unwrap();
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
    for (kind, payload) in
        [("panic", json!(1)), ("slow", json!(1)), ("unknown", json!(1)), ("count", json!({"slot": s}))]
    {
        enqueue(&app, kind, None, payload).await.unwrap();
    }
    assert_eq!(runner(&app).run_batch().await.unwrap(), 4);
    assert_eq!(ran(s), 1);
    for _ in 0..6 {
        app.clock.advance(Duration::hours(8));
        runner(&app).run_batch().await.unwrap();
    }
    let mut dead = app.bury_dead().await;
    dead.sort();
    let expected = [("panic", "job-panicked"), ("slow", "job-timed-out"), ("unknown", "job-unknown-kind")];
    assert_eq!(dead, expected.map(|(kind, code)| (kind.to_owned(), code.to_owned())));
    app.stop().await;
}

async fn comes_back_after_a_worker_died(app: App) {
    let s = slot();
    enqueue(&app, "count", None, json!({"slot": s})).await.unwrap();
    enqueue(&app, "slow", None, json!(null)).await.unwrap();
    // A worker that is killed in the middle: its batch is dropped before anything was reported.
    let dying = Runner::new(app.deps.clone(), lookup, Settings::default());
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
    let at_start = fugong::work::AT_START.len();
    assert_eq!(app.drain().await.jobs, at_start, "what runs at the start, once; the rest not yet");
    app.clock.advance(Duration::days(1));
    assert_eq!(app.drain().await.jobs, fugong::work::PERIODIC.len());
    assert_eq!(app.tick().await.jobs, fugong::work::PERIODIC.len());
    app.stop().await;
}
