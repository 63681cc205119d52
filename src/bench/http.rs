//! Hello-world, and what the middleware adds to it.

use super::Bench;
use super::figure::{Figure, Target};
use super::load::{self, Load, Measured, request};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Name of the limit line.
pub const HELLO: &str = "hello-world of 100 bytes (bare actix-web)";

impl Bench {
    /// The load of this run.
    pub fn load(
        &self,
        address: SocketAddr,
        requests: impl Fn(u64) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Load {
        Load {
            address,
            connections: self.options.connections,
            time: self.options.time,
            expect: &[200],
            every: None,
            flood: false,
            requests: Arc::new(requests),
        }
    }

    /// Hello-world with a body of so many bytes.
    pub async fn hello(&self, bytes: usize, time: Duration) -> Result<Measured, String> {
        let text = request("GET", &format!("/hello/{bytes}"), &[], None);
        load::run(Load { time, ..self.load(self.bare.address, move |_| Some(text.clone())) }).await
    }
}

/// Hello-world and the cheapest routes of the portal.
pub async fn hello(bench: &mut Bench) -> Result<(), String> {
    let half = bench.options.time / 2;
    let first = bench.hello(100, half).await?;
    let address = bench.portal.address;
    let live = load::run(bench.load(address, from_everywhere("/health/live"))).await?;
    let privacy = load::run(bench.load(address, from_everywhere("/privacy"))).await?;
    let limit = bench.hello(100, half).await?.and(first);
    let same = bench.hello(privacy.body, half).await?;
    bench.report.add(Figure::load(HELLO, &limit));
    bench.report.add(
        Figure::load("liveness: routing and headers, no context", &live).beside("hello-world", limit.rate()),
    );
    bench.report.add(
        Figure::load("a page from its template, no session", &privacy)
            .beside("hello-world of the same size", same.rate())
            .note("a page of text, rendered for each request; no figure of it is named in the plan"),
    );
    Ok(())
}

/// The same request from a new address each time.
pub fn from_everywhere(path: &'static str) -> impl Fn(u64) -> Option<Vec<u8>> + Send + Sync + 'static {
    move |n| {
        let [.., a, b, c] = n.to_be_bytes();
        let from = format!("x-forwarded-for: 10.{a}.{b}.{c}");
        Some(request("GET", path, &[from, "accept: text/html".into()], None))
    }
}

/// p99 at most ten times hello's.
pub fn p99(path: &str, measured: &Measured, hello: &Measured) -> Figure {
    Figure::new(
        format!("{path}: p99 by hello's p99"),
        measured.percentile(99) / hello.percentile(99).max(0.01),
        "times",
    )
    .target(Target::AtMost(10.0))
}
