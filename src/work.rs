//! The table of job kinds: what runs in the background, and who does it.

use crate::app::App;
use crate::error::AppResult;
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;

/// A job's work. It may run more than once and must then change nothing more.
pub type Handler = fn(App, Value) -> Pin<Box<dyn Future<Output = AppResult<()>>>>;

/// Kind and handler, a line each: `("codes.evaluate", |deps, payload| Box::pin(codes::evaluate(deps, payload)))`.
const TABLE: &[(&str, Handler)] = &[];

/// The handler of a kind of job.
pub fn handler(kind: &str) -> Option<Handler> {
    TABLE.iter().find(|(name, _)| *name == kind).map(|(_, handler)| *handler)
}
