//! What is told of a request: a line in the log and an observation. Paths are patterns, never what was filled in; people are
//! kinds.

use super::ctx::Ctx;
use super::principal::Principal;
use super::problem::Refused;
use super::route::RoutePattern;
use crate::telemetry;
use crate::urgency::Urgency;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use metrics::Histogram;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::{Duration, Instant};

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
        Principal::Program(program) => program.kind.code(),
    };
    if telemetry::is_measured() {
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
