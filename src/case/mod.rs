//! Cases: what every one of them goes through, whatever it is about.
//!
//! - [`Kind`] says once what its cases are: the workflow, the calendar, the names under which timeline, record and messages
//!   know them, and the texts of what is refused.
//! - [`step`] is the one way in which a case moves: the workflow is asked, a refusal becomes the same error for all kinds,
//!   the statutory clocks go on, the slice writes its row, and timeline and record are written beside it in one transaction.
//! - [`letters`] and [`Letter`] say which messages a transition brings, each of which is sent once.
//! - [`events`] and [`happened`] read the timeline.
//! - [`clock`] shows the statutory clock: the same words for the person and for every office.
//!
//! The rows are the slices': each keeps its own table with its own columns and says how a case stands as an [`At`].
//! docs/cases.md tells what the slices had each for itself before, and what differed.

mod clock;
mod event;
mod kind;
mod step;
mod tell;

pub use clock::{Running, clock};
pub use event::{Event, add_event, events, happened};
pub use kind::Kind;
pub use step::{Asked, At, Moved, Written, step};
pub use tell::{Letter, letters};

#[cfg(test)]
mod tests;
