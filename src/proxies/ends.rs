//! What ends by itself: a question that nobody has answered, a consent after its time, and both when it turns out that an
//! account stood for somebody whom it was not. From that moment nobody acts by it; the hour's run notes it and tells both.

use super::act::{self, By};
use super::{rules, store};
use crate::audit::Actor;
use crate::crypto::Keyring;
use crate::db::{Id, Tx, moment};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::jobs::Job;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// So many end in one transaction.
const AT_ONCE: i64 = 100;

/// Another account stands for a person from now on: who had that person before may have been nobody of theirs, so what was
/// agreed to by that telephone does not hold, nor what was agreed to for whom the account stood before.
///
/// # Errors
/// Database errors.
pub(super) fn hand_over(tx: &mut Tx<'_>, person: Id, account: Id) -> AppResult<()> {
    let now = moment::present().ok_or_else(|| AppError::internal("handed over outside a transaction"))?;
    store::run_out(tx, person, account, now).map(drop)
}

/// Notes what has run out, and tells both.
#[derive(Debug, Serialize, Deserialize)]
pub struct End;

impl Job for End {
    const NAME: &'static str = "proxies.end";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        loop {
            let (keys, now) = (deps.keys.clone(), deps.clock.now());
            let ended = deps.store.write(move |tx| end_some(tx, &keys, now)).await?;
            if ended < usize::try_from(AT_ONCE).map_err(AppError::internal)? {
                return Ok(());
            }
        }
    }
}

fn end_some(tx: &mut Tx<'_>, keys: &Keyring, now: DateTime<Utc>) -> AppResult<usize> {
    let due = store::due(tx.conn(), now, AT_ONCE)?;
    for row in &due {
        let whole = row.granted_at.is_none_or(|at| row.until_at.0 >= rules::year_from(at.0));
        let by = match row.ended_by.as_deref() {
            Some(_) => By::Moved,
            None if whole => By::Time,
            None => By::Age,
        };
        act::end(tx, keys, row, (by, Actor::System), now)?;
    }
    Ok(due.len())
}
