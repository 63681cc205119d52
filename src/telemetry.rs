//! Logs and metrics. Neither holds personal data: paths are patterns, never what was filled in; people are kinds.

use crate::urgency::Urgency;
use crate::web::ctx::Ctx;
use crate::web::principal::Principal;
use crate::web::problem::Refused;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use metrics::Histogram;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Lines that wait to be written; past that they are lost.
const WAITING_LINES: usize = 8192;

/// What the log is written to. That it cannot be written (a full disk, a reader that has ended) is counted and never told
/// where it happens: nothing that was asked of the portal fails for want of a log.
struct Lossy<W>(W);

impl<W: Write> Write for Lossy<W> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if self.0.write_all(line).is_err() {
            metrics::counter!("fugong_log_lost_total").increment(1);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

/// Writes the log as long as it lives, and what waits when it ends.
#[must_use = "without it nothing is written"]
pub struct Log {
    _writer: WorkerGuard,
}

/// Starts logging to standard error: JSON lines, or short text for a terminal. `RUST_LOG` chooses the level. A thread of its
/// own writes, so that a pipe which nobody empties holds up nobody.
pub fn init(json: bool, default_level: &str) -> Log {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_level));
    // Colours are for a terminal; in a pipe or file they are rubbish.
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let waiting = NonBlockingBuilder::default().buffered_lines_limit(WAITING_LINES).lossy(true);
    let (writer, guard) = waiting.finish(Lossy(std::io::stderr()));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(colours)
        // It would tell standard error, and panic when that cannot be written.
        .log_internal_errors(false);
    // A second call (two provinces in one process, tests) leaves the first one in place.
    let _ = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.compact().with_target(false).try_init()
    };
    Log { _writer: guard }
}

/// The process's metrics in Prometheus' text format; started at the first call. Series carry the province, since one
/// process can run two.
pub fn metrics() -> Option<&'static PrometheusHandle> {
    METRICS
        .get_or_init(|| {
            let builder = PrometheusBuilder::new()
                .set_buckets(&[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
                .ok()?;
            builder.install_recorder().ok()
        })
        .as_ref()
}

/// Folds observations into their buckets; without it they are kept one by one until somebody reads them.
pub async fn keep_up() {
    let mut turn = tokio::time::interval(Duration::from_secs(5));
    loop {
        turn.tick().await;
        if let Some(handle) = metrics() {
            handle.run_upkeep();
        }
    }
}

/// The pattern of a route, kept with its resource so that nobody has to look for it again.
#[derive(Debug, Clone, Copy)]
pub struct RoutePattern(pub &'static str);

/// Province (first six digits), pattern, method and status: what a series is named by.
type Series = (u32, &'static str, &'static str, u16);

thread_local! {
    static SERIES: RefCell<HashMap<Series, Histogram>> = RefCell::default();
    static SHED_TOLD: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// One line and one observation a request.
pub fn request(province: &str, ctx: &Ctx, res: &ServiceResponse, took: Duration) {
    let status = res.status().as_u16();
    let method = name_of(res.request().method());
    let path = res.request().app_data::<RoutePattern>().map_or("(none)", |p| p.0);
    let who = match &ctx.principal {
        Principal::Anonymous => "anonymous",
        Principal::Resident(_) => "resident",
        Principal::Official(_) => "official",
    };
    if METRICS.get().is_some_and(Option::is_some) {
        observe(province, path, method, status, took);
    }
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let extensions = res.response().extensions();
    let code = extensions.get::<Refused>().map(|refused| refused.0.as_str());
    if status >= 500 {
        tracing::error!(request_id = %ctx.request_id, province, %method, %path, status, code, who, micros, "request");
    } else {
        tracing::info!(request_id = %ctx.request_id, province, %method, %path, status, code, who, micros, "request");
    }
}

/// Somebody was told to come back. A flood is counted; a line each would be a flood of its own, so there is one a second.
pub fn shed(province: &str, urgency: Urgency) {
    metrics::counter!("fugong_shed_total", "province" => province.to_owned(), "urgency" => urgency.name())
        .increment(1);
    let due = SHED_TOLD.with(|told| {
        let due = told.get().is_none_or(|at: Instant| at.elapsed() >= Duration::from_secs(1));
        if due {
            told.set(Some(Instant::now()));
        }
        due
    });
    if due {
        tracing::warn!(
            urgency = urgency.name(),
            "more is asked than can be answered; some are told to come back"
        );
    }
}

/// A method's name; what a client invents is one series, not as many as it can think of.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn observe(province: &str, path: &'static str, method: &'static str, status: u16, took: Duration) {
    let series = (province.parse().unwrap_or(0), path, method, status);
    SERIES.with_borrow_mut(|all| {
        let histogram = all.entry(series).or_insert_with(|| {
            metrics::histogram!(
                "http_request_seconds",
                "province" => province.to_owned(),
                "method" => method,
                "path" => path,
                "status" => status.to_string()
            )
        });
        histogram.record(took.as_secs_f64());
    });
}
