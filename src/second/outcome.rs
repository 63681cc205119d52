//! Who entered a thing, and what became of it.

use crate::db::Id;
use chrono::{DateTime, Utc};

/// By whom, for which office and when something was entered.
#[derive(Debug, Clone, Copy)]
pub struct Entered {
    /// The official.
    pub by: Option<Id>,
    /// The office.
    pub office: Option<Id>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What became of a thing that is no longer open.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// `confirmed`, `refused` or [`EXPIRED`].
    pub state: &'static str,
    /// Who decided; nobody where its time ran out.
    pub by: Option<Id>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// The state of what nobody decided in time.
pub const EXPIRED: &str = "expired";

impl Outcome {
    /// By a stored state; nothing of one that is open.
    #[must_use]
    pub fn of(state: &str, by: Option<Id>, at: Option<DateTime<Utc>>) -> Option<Self> {
        let state = ["confirmed", "refused", EXPIRED].into_iter().find(|known| *known == state)?;
        Some(Self { state, by, at })
    }
}

/// What the second official has decided.
pub enum Verdict {
    /// It is right.
    Confirm,
    /// It is not, with the sealed reason.
    Refuse(Vec<u8>),
}

impl Verdict {
    /// The stored code.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self {
            Self::Confirm => "confirmed",
            Self::Refuse(_) => "refused",
        }
    }

    /// The sealed reason of a refusal.
    #[must_use]
    pub fn sealed(&self) -> Option<Vec<u8>> {
        match self {
            Self::Confirm => None,
            Self::Refuse(sealed) => Some(sealed.clone()),
        }
    }
}
