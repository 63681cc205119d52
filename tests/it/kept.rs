//! What one process keeps in memory of a resident is no longer used when another process has ended the session.

use crate::harness::App;
use fugong::crypto::token;
use fugong::web::session::{self, SessionKind};
use std::time::{Duration, Instant};

/// Longer than anything here takes; a test that gets there has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A resident's token in a portal.
async fn signed_in(app: &App) -> String {
    let (_, account) = app.resident_with("13800138000").await;
    let now = app.clock.now();
    let made = app
        .deps
        .store
        .write(move |tx| session::start(tx, SessionKind::Resident, account, None, "Test", now))
        .await;
    made.unwrap().0
}

#[actix_web::test]
async fn a_log_out_reaches_other_processes() {
    let Some(here) = App::postgres().await else { return };
    let there = here.beside().await;
    let text = signed_in(&here).await;
    let hash = token::hash(text.as_bytes());
    let (mut a, mut b) = (here.with_session(&text), there.with_session(&text));
    let begun = Instant::now();
    // The other process keeps the resident as soon as it hears of changes.
    while there.deps.residents.get(&hash, there.deps.store.marks()).is_none() {
        b.get("/me/sessions").await.expect(200);
        assert!(begun.elapsed() < PATIENCE, "the resident is never kept");
    }
    a.get("/me/sessions").await.expect(200);
    a.post("/sign-out", &[]).await.expect(303);
    a.get("/me/sessions").await.expect(303);
    let begun = Instant::now();
    loop {
        match b.get("/me/sessions").await.status.as_u16() {
            303 => break,
            200 => assert!(begun.elapsed() < PATIENCE, "the session that was ended is still served"),
            other => panic!("{other}"),
        }
    }
    assert!(there.deps.residents.get(&hash, there.deps.store.marks()).is_none());
    there.stop().await;
    here.stop().await;
}
