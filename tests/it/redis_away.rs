//! Redis that is lost, hangs, is emptied or is not there yet: it counts requests and does nothing else, so nobody is
//! refused or kept waiting for it.

use crate::harness::browser::Browser;
use crate::harness::{App, skipped};
use chrono::TimeDelta;
use fugong::app::Deps;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A throw-away Redis on loopback that keeps nothing.
struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// `None` (and a word about it) where Redis is not installed.
    fn start(port: u16) -> Option<Self> {
        let port_text = port.to_string();
        let started = Command::new("redis-server")
            .args(["--port", &port_text, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = started else {
            skipped("Redis is not installed");
            return None;
        };
        let (redis, begun) = (Self { child, port }, Instant::now());
        while redis.says("PING") != "+PONG\r\n" {
            assert!(begun.elapsed() < Duration::from_secs(30), "Redis did not start");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        Some(redis)
    }

    /// What it answers to a line.
    fn says(&self, line: &str) -> String {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(format!("{line}\r\n").as_bytes())?;
            let mut answer = [0; 64];
            let length = stream.read(&mut answer)?;
            Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
        };
        ask().unwrap_or_default()
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn address(port: u16) -> Option<String> {
    Some(format!("redis://127.0.0.1:{port}/"))
}

/// Asks for 200 pages and how Redis is: all are served.
async fn asks(app: &App, b: &mut Browser, redis: &str) -> Duration {
    // What an address may ask for is there again, and Redis is asked again.
    app.clock.advance(TimeDelta::seconds(10));
    let begun = Instant::now();
    for _ in 0..50 {
        for path in ["/", "/me", "/code", "/verify"] {
            b.get(path).await.expect(200);
        }
    }
    let took = begun.elapsed();
    println!("Redis is {redis}: 200 pages in {took:.1?}");
    is(app, b, redis).await;
    took
}

/// Readiness tells how Redis is, and is ready without it.
async fn is(app: &App, b: &mut Browser, redis: &str) {
    let begun = Instant::now();
    loop {
        let told = b.api_get("/health/ready").await.expect(200).json();
        if told["parts"]["redis"] == redis {
            return;
        }
        // A connection is made again in its own time.
        assert!(begun.elapsed() < Duration::from_secs(30), "Redis is not told to be {redis}: {told}");
        app.clock.advance(TimeDelta::milliseconds(20));
        tokio::task::yield_now().await;
    }
}

#[actix_web::test]
async fn lost_hung_or_emptied_it_costs_nobody_an_answer() {
    let port = free_port();
    let Some(redis) = Redis::start(port) else { return };
    let app = App::sqlite().await.with_settings(move |config| config.redis = address(port)).await;
    let mut b = app.resident("13800138000").await;
    asks(&app, &mut b, "up").await;
    assert_ne!(redis.says("DBSIZE"), ":0\r\n", "requests are counted there");
    redis.signal("-STOP");
    // 50 ms for each of 200 requests would be ten seconds.
    let took = asks(&app, &mut b, "down").await;
    assert!(took < Duration::from_secs(6), "{took:?}");
    redis.signal("-CONT");
    is(&app, &mut b, "up").await;
    asks(&app, &mut b, "up").await;
    assert_eq!(redis.says("FLUSHALL"), "+OK\r\n");
    assert_eq!(redis.says("SCRIPT FLUSH"), "+OK\r\n");
    asks(&app, &mut b, "up").await;
    drop(redis);
    asks(&app, &mut b, "down").await;
    let again = Redis::start(port).unwrap();
    is(&app, &mut b, "up").await;
    asks(&app, &mut b, "up").await;
    assert_ne!(again.says("DBSIZE"), ":0\r\n", "requests are counted there again");
    app.stop().await;
}

/// A portal that is started while Redis is away serves, and uses it when it is there.
#[actix_web::test]
async fn a_portal_starts_without_it() {
    let port = free_port();
    let app = App::sqlite().await;
    let mut config = app.deps.config.clone();
    config.redis = address(port);
    let started = Deps::connect(config, app.clock.clone(), app.deps.keys.clone()).await;
    assert!(started.is_ok(), "{}", started.err().map(|e| e.to_string()).unwrap_or_default());
    app.stop().await;
    let app = App::sqlite().await.with_settings(move |config| config.redis = address(port)).await;
    let mut b = app.browser();
    b.get("/").await.expect(200);
    is(&app, &mut b, "down").await;
    let Some(_redis) = Redis::start(port) else { return };
    is(&app, &mut b, "up").await;
    app.stop().await;
}
