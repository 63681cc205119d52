//! The officials' side: worklist, case, decision, and the counter that confirms agents. Every look leaves an entry.

mod agents;
mod assign;
mod case;
mod decide;
mod list;
mod names;
mod remind;

pub use agents::{Verdict, agents, decide_agent, settle, waiting};
pub use assign::{bulk, take};
pub use case::{case, case_page, look};
pub use decide::{GRAVE, ask, decide, official};
pub use list::{Query, read, worklist};
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
