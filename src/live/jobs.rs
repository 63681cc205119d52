//! Events that nobody can have any more go.

use super::{LASTS, store};
use crate::deps::App;
use crate::error::AppResult;
use crate::jobs::Job;
use serde::{Deserialize, Serialize};

/// Destroys what is older than [`LASTS`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Sweep;

impl Job for Sweep {
    const NAME: &'static str = "live.sweep";

    async fn run(self, deps: App) -> AppResult<()> {
        let before = deps.clock.now() - LASTS;
        while deps.store.write(move |tx| store::sweep(tx, before)).await? {}
        Ok(())
    }
}
