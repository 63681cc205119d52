//! The officials' side: worklist, case, decision, and the counter that confirms agents. Every look leaves an entry.

mod agents;
mod case;
mod decide;
pub(super) mod hand;
pub(super) mod list;
mod names;
mod query;
mod remind;

pub use agents::{Verdict, agents, decide_agent, settle, waiting};
pub use case::{case, case_page, look};
pub use decide::{GRAVE, ask, decide, official};
pub use hand::{TAKEN, bulk};
pub use list::Applications;
pub use query::Query;
pub use remind::{remind, remind_late};

use crate::role_set;

role_set! {
    /// Everybody who acts in a reopening.
    Desk = [TownReviewer, HealthReviewer, IndustryReviewer, MarketReviewer, CountyDesk, PrefectureReviewer];
    /// Who leads a case through the departments.
    Lead = [CountyDesk];
    /// Who sees the proof of an agent's right at the counter.
    Counter = [TownReviewer, CountyDesk];
}
