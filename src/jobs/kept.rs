//! How long failed background work is kept.

use crate::kept::{Kind, PLAIN};

/// What was done is removed when it is done; this is what failed for good.
pub const KEPT: &[Kind] = &[Kind { name: "job", table: "jobs", only: "t.state = 'dead'", ..PLAIN }];
