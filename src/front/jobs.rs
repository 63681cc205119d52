//! What was used once is forgotten when its message would be refused by its time.

use crate::deps::App;
use crate::error::AppResult;
use crate::jobs::Job;
use crate::web::program;
use serde::{Deserialize, Serialize};

/// Forgets nonces that are over.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep;

impl Job for Sweep {
    const NAME: &'static str = "front.sweep";

    async fn run(self, deps: App) -> AppResult<()> {
        let now = deps.clock.now();
        while deps.store.write(move |tx| program::sweep(tx, now)).await? {}
        Ok(())
    }
}
