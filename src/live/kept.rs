//! How long events are kept: by their own job for two minutes ([`super::jobs`]), and in no case longer than a day.

use crate::kept::{Kind, PLAIN};

/// What happened a moment ago.
pub const KEPT: &[Kind] = &[Kind { name: "live", table: "live_events", ..PLAIN }];
