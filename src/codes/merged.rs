//! What becomes of codes when two records of a person become one, or two again ([`crate::merges`]).

use super::{prints, state, store};
use crate::db::{Id, Tx};
use crate::deps::Deps;
use crate::error::AppResult;
use chrono::{DateTime, Utc};

/// Keeps evaluations of a person waiting until the end of the transaction: asked before the record of acts is written.
///
/// # Errors
/// Database errors.
pub fn hold(tx: &mut Tx<'_>, person: Id) -> AppResult<()> {
    store::hold_state(tx, person)
}

/// Works the code of a person out from what rests on them now, in the transaction that has put it there. The person is told of
/// another colour, certificates follow, and printed codes that say something else end, also where the colour stays as it was:
/// some of them may have come with the other record.
///
/// # Errors
/// Database errors; [`crate::error::AppError::Conflict`] `changed-meanwhile` when others always came between.
pub fn worked_anew(tx: &mut Tx<'_>, deps: &Deps, person: Id, now: DateTime<Utc>) -> AppResult<()> {
    let code = state::evaluate_person(tx, deps, person, now)?;
    prints::end_others(tx, person, code.evaluation.colour, now).map(drop)
}
