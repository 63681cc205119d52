//! Logs and metrics. Neither holds personal data: paths are patterns, never what was filled in; people are kinds.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::io::{IsTerminal, Write};
use std::sync::OnceLock;
use std::time::Duration;
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

/// Whether somebody reads the metrics of this process.
pub fn is_measured() -> bool {
    METRICS.get().is_some_and(Option::is_some)
}
