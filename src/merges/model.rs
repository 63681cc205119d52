//! A merge, or the undoing of one, as it is stored.

use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::person_merges;
use crate::db::{Id, Ts};
use crate::error::AppResult;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// So long a merge can be undone: whoever was harmed by it has the time in which an act can be brought to court (Administrative
/// Litigation Law, article 46).
pub(super) const UNDONE_WITHIN: TimeDelta = TimeDelta::days(184);

/// A row of `person_merges`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = person_merges)]
pub(super) struct Merge {
    pub id: Id,
    pub number: String,
    /// The record that leads …
    pub lead_id: Id,
    /// … and the one that points to it.
    pub other_id: Id,
    /// The merge that this one undoes.
    pub undoes: Option<Id>,
    /// `open`, `confirmed`, `refused`, `expired`.
    pub state: String,
    /// The jurisdiction of whoever proposed it.
    pub division: String,
    pub reason_sealed: Vec<u8>,
    pub entered_by: Id,
    pub office_id: Id,
    pub created_at: Ts,
    pub decided_by: Option<Id>,
    pub decided_at: Option<Ts>,
    pub refusal_sealed: Option<Vec<u8>>,
    /// When it was undone.
    pub undone_at: Option<Ts>,
}

pub(super) fn reason_field(id: Id) -> FieldContext<'static> {
    FieldContext::new("person_merges", "reason_sealed", id.0)
}

impl Merge {
    /// Why it was proposed.
    pub(super) fn reason(&self, keys: &Keyring) -> AppResult<String> {
        Ok(keys.open_str(&reason_field(self.id), &self.reason_sealed)?.to_string())
    }

    /// Whether it holds and can still be undone.
    pub(super) fn can_be_undone(&self, now: DateTime<Utc>) -> bool {
        let decided = self.decided_at.is_some_and(|at| now < at.0 + UNDONE_WITHIN);
        self.undoes.is_none() && self.state == "confirmed" && self.undone_at.is_none() && decided
    }
}
