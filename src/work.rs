//! The table of job kinds: what runs in the background, and who does it.

use crate::accounts;
use crate::app::App;
use crate::codes;
use crate::error::AppResult;
use crate::reopening;
use crate::{audit, retention};
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;

/// A job's work. It may run more than once and must then change nothing more.
pub type Handler = fn(App, Value) -> Pin<Box<dyn Future<Output = AppResult<()>>>>;

/// Kind and handler, a line each.
const TABLE: &[(&str, Handler)] = &[
    ("audit.head", |deps, payload| Box::pin(audit::run(deps, payload))),
    (retention::DAILY, |deps, payload| Box::pin(retention::daily(deps, payload))),
    (retention::MORE, |deps, payload| Box::pin(retention::daily(deps, payload))),
    // What these removed has its own kinds of retention now; a portal of before may have left them in the queue.
    ("accounts.sweep", |deps, payload| Box::pin(retention::daily(deps, payload))),
    ("sweep", |deps, payload| Box::pin(retention::daily(deps, payload))),
    (accounts::REINDEX, |deps, payload| Box::pin(accounts::reindex(deps, payload))),
    (codes::EVALUATE, |deps, payload| Box::pin(codes::jobs::evaluate(deps, payload))),
    (codes::RECHECK, |deps, payload| Box::pin(codes::jobs::recheck(deps, payload))),
    (codes::SETTLE, |deps, payload| Box::pin(codes::settle_all(deps, payload))),
    ("reopening.clock", |deps, payload| Box::pin(reopening::work::clock(deps, payload))),
    ("reopening.staff", |deps, payload| Box::pin(reopening::work::staff(deps, payload))),
    (codes::PREVIEW, |deps, payload| Box::pin(codes::previews::go_on(deps, payload))),
    (codes::RISK_CHANGED, |deps, payload| Box::pin(codes::jobs::risk_changed(deps, payload))),
    ("declarations.expire", |deps, payload| Box::pin(crate::declarations::expire(deps, payload))),
];

/// Kinds that come back by the clock, with their period in seconds; the payload is `null`.
#[rustfmt::skip]
pub const PERIODIC: &[(&str, i64)] = &[
    ("audit.head", 60),
    (codes::RECHECK, 60),
    (codes::SETTLE, 3600),
    ("reopening.clock", 300),
    (retention::DAILY, 3600),
    (accounts::REINDEX, 86_400),
];

/// The handler of a kind of job.
pub fn handler(kind: &str) -> Option<Handler> {
    TABLE.iter().find(|(name, _)| *name == kind).map(|(_, handler)| *handler)
}

/// Kinds of [`PERIODIC`] that also run when the portal starts: what a stop has kept from happening.
pub const AT_START: &[&str] = &[retention::DAILY, accounts::REINDEX];
