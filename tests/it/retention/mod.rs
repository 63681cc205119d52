//! Retention: what is due goes, with all that hangs on it, and the record of it can be checked.

mod canary;
mod figures;
mod holds;
mod mine;
mod proof;
mod served;
mod wall;

use crate::harness::App;
use crate::on_both;
use crate::world::World;
use chrono::Duration;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use fugong::db::Conn;

on_both!(everything_goes_when_its_time_is_over, nothing_goes_before_its_time);

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Rows of a table.
pub fn count(conn: &mut Conn, from: &str) -> i64 {
    diesel::sql_query(format!("SELECT count(*) AS n FROM {from}")).get_result::<Count>(conn).unwrap().n
}

/// Tables that hold something of people.
const PERSONAL: &[&str] = &[
    "declarations",
    "certificates",
    "health_records",
    "record_ends",
    "second_waits",
    "slips",
    "person_pins",
    "person_merges",
    "person_merge_rows",
    "code_states",
    "code_changes",
    "code_prints",
    "code_appeals",
    "code_waivers",
    "case_events",
    "case_comments",
    "disclosures",
    "inbox",
    "outbox",
    "identity_claims",
    "proxies",
    "accounts",
    "persons",
    "signin_codes",
    "idempotency_keys",
    "business_agents",
    "business_staff",
    "businesses",
    "business_names",
    "applications",
    "application_reviews",
    "files",
    "imports",
    "import_rows",
    "subscriptions",
    "tasks",
];

pub async fn left(app: &App) -> Vec<(&'static str, i64)> {
    let all = app.deps.store.read(|c| Ok(PERSONAL.iter().map(|t| (*t, count(c, t))).collect::<Vec<_>>()));
    all.await.unwrap().into_iter().filter(|(_, n)| *n > 0).collect()
}

/// What is needed by something else goes in the night after it.
pub async fn nights(app: &App) {
    for _ in 0..3 {
        app.tick().await;
        app.clock.advance(Duration::days(1));
    }
}

async fn everything_goes_when_its_time_is_over(app: App) {
    let world = World::new(app).await;
    let before = left(&world.app).await;
    assert!(before.len() > 15, "the world has things: {before:?}");
    // The end of a colour or of a permit is itself something that is kept for its time.
    for _ in 0..3 {
        world.app.clock.advance(Duration::days(11 * 366));
        nights(&world.app).await;
    }
    let after = left(&world.app).await;
    assert_eq!(after, Vec::new(), "the time of everything is over");
    world.app.stop().await;
}

async fn nothing_goes_before_its_time(app: App) {
    let world = World::new(app).await;
    world.app.tick().await;
    let kept = |c: &mut Conn| {
        Ok([
            "declarations WHERE submitted_at IS NOT NULL",
            "certificates",
            "persons",
            "accounts",
            "applications",
            "health_records",
            "inbox",
        ]
        .map(|t| count(c, t)))
    };
    let before = world.app.deps.store.read(kept).await.unwrap();
    for _ in 0..3 {
        world.app.clock.advance(Duration::days(8));
        world.app.tick().await;
    }
    let after = world.app.deps.store.read(kept).await.unwrap();
    // Messages about what ends meanwhile may have been added.
    assert!(before.iter().zip(&after).all(|(b, a)| a >= b && *b > 0), "{before:?} {after:?}");
    world.app.stop().await;
}
