//! An appeal as stored, and the rules of its workflow.

use crate::case::{At, Kind, Moved};
use crate::crypto::{FieldContext, Keyring};
use crate::db::{Id, Js, Ts};
use crate::error::AppResult;
use crate::policy::Cause;
use crate::workflow;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// What an appeal is as a case. Its timeline has the words of the record.
pub(super) static APPEAL: Kind = Kind {
    name: "appeal",
    object: "appeal",
    did: "audit-do-appeal-",
    says: &[("guard", "appeal-took-part"), ("not-from-state", "appeal-decided")],
    letters: &[
        "appeal-received",
        "appeal-upheld",
        "appeal-overturned",
        "appeal-confirming",
        "appeal-disputed",
    ],
    definition: LazyLock::new(workflow::appeal),
};

/// Characters of a reason.
pub(super) const TEXT: usize = 500;

/// States of an appeal that is not decided: it waits for a reviewer, for a second officer, or for another reviewer.
pub(super) const OPEN: [&str; 3] = ["submitted", "confirming", "disputed"];

/// A row of `code_appeals`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::code_appeals)]
pub(super) struct Row {
    pub id: Id,
    pub number: String,
    pub account_id: Id,
    pub person_id: Id,
    pub division: String,
    pub rule: String,
    pub state: String,
    pub version: i64,
    pub statement_sealed: Vec<u8>,
    pub clock: Js,
    pub due_at: Option<Ts>,
    pub created_at: Ts,
    pub decided_at: Option<Ts>,
    pub decided_by: Option<Id>,
    pub office_id: Option<Id>,
    pub decision_sealed: Option<Vec<u8>>,
}

/// What the resident contests and says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Statement {
    /// The cause as it was shown.
    pub cause: Cause,
    /// Why it does not hold, in the resident's words.
    pub reason: String,
    /// Whether findings of officers gave the cause.
    #[serde(default)]
    pub found: bool,
}

/// What the reviewer wrote.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Decision {
    /// Why, in words for the resident.
    pub reason: String,
    /// What the resident can still do; for an appeal that is upheld.
    pub remedy: String,
    /// Why a second officer did not confirm what the first reviewer set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objection: Option<String>,
    /// What the first reviewer wrote, where another one decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The reviewers who set the cause aside before this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviewers: Vec<Id>,
}

pub(super) fn statement_context(id: Id) -> FieldContext<'static> {
    FieldContext::new("code_appeals", "statement_sealed", id.0)
}

pub(super) fn decision_context(id: Id) -> FieldContext<'static> {
    FieldContext::new("code_appeals", "decision_sealed", id.0)
}

impl Row {
    pub(super) fn statement(&self, keys: &Keyring) -> AppResult<Statement> {
        Ok(keys.open_json(&statement_context(self.id), &self.statement_sealed)?)
    }

    pub(super) fn decision(&self, keys: &Keyring) -> AppResult<Option<Decision>> {
        let Some(sealed) = &self.decision_sealed else { return Ok(None) };
        Ok(Some(keys.open_json(&decision_context(self.id), sealed)?))
    }

    /// What was decided, without who decided it: for residents.
    pub(super) fn told(&self, keys: &Keyring) -> AppResult<Option<Decision>> {
        Ok(self.decision(keys)?.map(|decision| Decision { reviewers: Vec::new(), ..decision }))
    }

    /// Every reviewer who has had a word.
    pub(super) fn reviewers(&self, keys: &Keyring) -> AppResult<Vec<Id>> {
        let before = self.decision(keys)?.map(|decision| decision.reviewers).unwrap_or_default();
        Ok(before.into_iter().chain(self.decided_by).collect())
    }

    /// Whether it is not decided.
    pub(super) fn is_open(&self) -> bool {
        OPEN.contains(&self.state.as_str())
    }

    /// Whether it is not decided, though its limit is over.
    pub(super) fn is_late(&self, now: DateTime<Utc>) -> bool {
        self.is_open() && self.due_at.is_some_and(|due| due.0 < now)
    }

    /// How it stands, as a case.
    pub(super) fn at(&self) -> AppResult<At> {
        Ok(At {
            kind: &APPEAL,
            id: self.id,
            subject: Some(self.person_id),
            state: self.state.clone(),
            version: self.version,
            clocks: APPEAL.clocks(&self.clock.0)?,
        })
    }

    /// It stands as a step has left it.
    pub(super) fn moved(&mut self, moved: &Moved) -> AppResult<()> {
        self.state.clone_from(&moved.done.to);
        self.version = moved.version;
        self.clock = moved.clock()?;
        self.due_at = moved.due.map(Into::into);
        Ok(())
    }
}

/// How a state is marked.
pub(super) fn tag(state: &str) -> &'static str {
    match state {
        "submitted" | "confirming" | "disputed" => "info",
        "overturned" => "ok",
        "upheld" => "warn",
        _ => "idle",
    }
}

#[cfg(test)]
mod tests {
    use super::APPEAL;

    #[test]
    fn every_letter_of_the_workflow_is_known() {
        assert_eq!(APPEAL.unknown_letters().unwrap(), [""; 0]);
    }
}
