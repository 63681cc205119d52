//! A database that hangs is said to be down at once, and nobody waits for it for long; when it is back, so is the portal.

use super::checker;
use super::site::Site;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use fugong::identity::sample::Sampler;
use reqwest::Response;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Asks, and fails where no answer comes in so many seconds. Whoever asks so often that one address is told to wait asks again.
async fn ask(site: &Site, path: &str, within: u64) -> Response {
    let client = crate::harness::client().timeout(Duration::from_secs(within)).build().unwrap();
    let (token, begun) = ("x".repeat(43), Instant::now());
    loop {
        let asked = client.get(format!("{}{path}", site.base()));
        let asked = asked.header(AUTHORIZATION, format!("Bearer {token}")).header(ACCEPT, "text/html");
        let answer =
            asked.header(ACCEPT_LANGUAGE, "en").send().await.unwrap_or_else(|e| panic!("{path}: {e}"));
        if answer.status() != 429 || begun.elapsed() > Duration::from_secs(within) {
            return answer;
        }
        tokio::task::yield_now().await;
    }
}

/// Down is told with its part and when to ask again; every answer comes soon, and what the last one said is said for no
/// longer than a second.
async fn is_down(site: &Site) {
    let begun = Instant::now();
    let mut answer = ask(site, "/health/ready", 3).await;
    while answer.status() == 200 && begun.elapsed() < Duration::from_secs(10) {
        tokio::task::yield_now().await;
        answer = ask(site, "/health/ready", 3).await;
    }
    println!("told to be down after {:.1} s", begun.elapsed().as_secs_f64());
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["parts"]["database"], "down", "{body}");
    assert_eq!(ask(site, "/health/live", 3).await.status(), 200);
}

async fn is_back(site: &Site) {
    let begun = Instant::now();
    site.ready().await;
    println!("ready {:.1} s after the database", begun.elapsed().as_secs_f64());
}

#[actix_web::test]
async fn postgres_that_hangs() {
    let Some(mut site) = Site::postgres() else { return };
    site.start().await;
    assert_eq!(ask(&site, "/me", 20).await.status(), 200, "leads to the sign-in");
    site.signal_server("-STOP");
    is_down(&site).await;
    let page = ask(&site, "/me", 12).await;
    assert_eq!(page.status(), 503);
    for header in ["retry-after", "content-security-policy", "x-request-id"] {
        assert!(page.headers().contains_key(header), "{header}");
    }
    assert!(page.text().await.unwrap().contains("<html lang=\"en\""), "in the reader's language");
    site.signal_server("-CONT");
    is_back(&site).await;
    assert_eq!(ask(&site, "/me", 20).await.status(), 200);
}

/// The server dies with a portal that serves, and is started again: its connections are made anew by themselves.
#[actix_web::test]
async fn postgres_that_is_started_again() {
    let Some(mut site) = Site::postgres() else { return };
    let people = site.people(0, 2, &mut Sampler::new(1)).await;
    site.start().await;
    let first = site.submit(&people[0]).await.expect("all is well");
    site.kill_server();
    is_down(&site).await;
    let page = ask(&site, "/me", 12).await;
    assert_eq!(page.status(), 503);
    assert!(page.headers().contains_key("retry-after"));
    site.start_server();
    let begun = Instant::now();
    site.ready().await;
    let ready = begun.elapsed();
    let second = loop {
        if let Some(number) = site.submit(&people[1]).await {
            break number;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "nothing is taken after 5 s");
    };
    println!("the server again: ready in {ready:.1?}, a submission taken in {:.1?}", begun.elapsed());
    assert!(ready < Duration::from_secs(5), "{ready:?}");
    site.kill();
    checker::check(&site, &BTreeMap::from([(0, first), (1, second)])).await;
}

/// Nothing can be written while another process holds the file; reading alone is not enough to be ready.
#[actix_web::test]
async fn sqlite_that_cannot_be_written() {
    let mut site = Site::sqlite();
    site.start().await;
    let path = site.env["DATABASE_URL"].trim_start_matches("sqlite:").to_owned();
    let mut other = SqliteConnection::establish(&path).unwrap();
    other.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").unwrap();
    is_down(&site).await;
    other.batch_execute("ROLLBACK").unwrap();
    is_back(&site).await;
}
