//! Case workflows as data, one pure transition function, and the statutory clock. No SQL, no HTTP, no clock of its own.
//!
//! A province changes who may do what, and within how many days, by editing `workflow/*.toml` and `calendar/*.toml`;
//! the code here only refuses what the law does not allow to be written there (an approval by time-out, a decision
//! on one's own case, a clock that runs while the applicant corrects). `docs/workflow.md` is the manual.

mod calendar;
mod case_clocks;
mod check;
mod check_clock;
mod clock;
mod definition;
mod facts;
mod flaw;
mod next;
mod parse;

use chrono::{DateTime, Utc};
use std::sync::LazyLock;

pub use calendar::{Calendar, CalendarError, Reckoned};
pub use case_clocks::CaseClocks;
pub use clock::{ClockError, ClockState, Due, Parts, SOON, StatutoryClock, WORKING_DAY};
pub use definition::{
    Action, ClockChange, Deadline, Definition, Effect, Grant, Issue, Requirement, State, StateClock,
    StateKind, Who,
};
pub use facts::{Fact, FactKind, Facts, Guard, Test};
pub use flaw::{DefinitionError, Flaw};
pub use next::{ActionInfo, Actor, CaseAt, Refusal, Request, Transition, allowed, choices, next};

/// Whether the holidays that a limit ending at this moment rests on are announced; until then its day may still change.
/// A limit never ends in an announced year and rests on one that is not.
#[must_use]
pub fn is_announced(end: DateTime<Utc>) -> bool {
    static CHINA: LazyLock<Option<Calendar>> = LazyLock::new(|| Calendar::china().ok());
    CHINA.as_ref().is_some_and(|calendar| calendar.covers_end(end))
}

/// The health declaration's workflow, as embedded in this build (`workflow/declaration.toml`).
///
/// # Errors
/// Only if the embedded file is unsound; a test of this module keeps that from being built.
pub fn declaration() -> Result<Definition, DefinitionError> {
    Definition::parse(include_str!("../../../workflow/declaration.toml"))
}

/// The reopening workflow, as embedded in this build (`workflow/reopening.toml`).
///
/// # Errors
/// Only if the embedded file is unsound; a test of this module keeps that from being built.
pub fn reopening() -> Result<Definition, DefinitionError> {
    Definition::parse(include_str!("../../../workflow/reopening.toml"))
}

/// The workflow of an appeal against a colour, as embedded in this build (`workflow/appeal.toml`).
///
/// # Errors
/// Only if the embedded file is unsound; a test of this module keeps that from being built.
pub fn appeal() -> Result<Definition, DefinitionError> {
    Definition::parse(include_str!("../../../workflow/appeal.toml"))
}

#[cfg(test)]
mod walks;
