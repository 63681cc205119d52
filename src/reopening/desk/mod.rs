//! The officials' side: worklist, case, decision, and the counter that confirms agents. Every look leaves an entry.

mod agent_page;
mod agents;
pub(super) mod agents_list;
mod case;
mod decide;
pub(super) mod hand;
pub(super) mod list;
mod names;
mod remind;

pub use agent_page::{agent, decide_agent};
pub use agents::{Verdict, settle};
pub use agents_list::Agents;
pub use case::{case, case_page, look};
pub use decide::{GRAVE, ask, decide, official};
pub use hand::{TAKEN, bulk};
pub use list::Applications;
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
