//! Logs and metrics. Neither holds personal data: paths are patterns, never what was filled in; people are kinds.

use crate::web::ctx::Ctx;
use crate::web::principal::Principal;
use actix_web::dev::ServiceResponse;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts logging to standard error: JSON lines, or short text for a terminal. `RUST_LOG` chooses the level.
pub fn init(json: bool, default_level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_level));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call (two provinces in one process, tests) leaves the first one in place.
    let _ = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.compact().with_target(false).try_init()
    };
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

/// One line and one observation a request.
pub fn request(province: &str, ctx: &Ctx, res: &ServiceResponse, took: Duration) {
    let status = res.status().as_u16();
    let method = res.request().method().as_str().to_owned();
    let path = res.request().match_pattern().unwrap_or_else(|| "(none)".to_owned());
    let who = match &ctx.principal {
        Principal::Anonymous => "anonymous",
        Principal::Resident(_) => "resident",
        Principal::Official(_) => "official",
    };
    metrics::histogram!(
        "http_request_seconds",
        "province" => province.to_owned(),
        "method" => method.clone(),
        "path" => path.clone(),
        "status" => status.to_string()
    )
    .record(took.as_secs_f64());
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if status >= 500 {
        tracing::error!(request_id = %ctx.request_id, %method, %path, status, who, micros, "request");
    } else {
        tracing::info!(request_id = %ctx.request_id, %method, %path, status, who, micros, "request");
    }
}
