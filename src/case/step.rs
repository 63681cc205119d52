//! The one way in which a case moves: pages, programs, acts on several rows and jobs all come through [`step`].

use super::event::{self, Path};
use super::kind::Kind;
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Id, Js, Tx};
use crate::error::{AppError, AppResult};
use crate::workflow::{self, CaseAt, CaseClocks, Facts, Request, Transition};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Where a case stands, as its slice has read it.
#[derive(Clone)]
pub struct At {
    /// What kind of case it is.
    pub kind: &'static Kind,
    /// Its identifier.
    pub id: Id,
    /// The person whom the record has it about.
    pub subject: Option<Id>,
    /// State of the workflow.
    pub state: String,
    /// Its version.
    pub version: i64,
    /// Its statutory clocks; none where the workflow has no limits.
    pub clocks: CaseClocks,
}

impl At {
    /// A case that is not written yet.
    ///
    /// # Errors
    /// As [`Kind::definition`].
    pub fn beginning(kind: &'static Kind, id: Id, subject: Option<Id>) -> AppResult<Self> {
        let state = kind.definition()?.initial().to_owned();
        Ok(Self { kind, id, subject, state, version: 0, clocks: CaseClocks::new() })
    }

    /// An entry of the record about the case.
    pub fn entry(&self, by: impl Into<Actor>, action: &'static str) -> Entry {
        Entry::new(by, action, self.kind.object).object(self.id).subject(self.subject)
    }

    /// What the workflow says to what is asked for; nothing is written.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `changed-meanwhile` for a version that is no longer the case's, before anything else: whoever
    /// came second is told what changed, not that the state is wrong. Else as [`Kind::refused`].
    pub fn next(&self, asked: &Asked<'_>) -> AppResult<Moved> {
        if asked.request.version.is_some_and(|seen| seen != self.version) {
            return Err(AppError::conflict("changed-meanwhile"));
        }
        let (definition, case) =
            (self.kind.definition()?, CaseAt { state: &self.state, version: self.version });
        let done = workflow::next(definition, case, &asked.request, asked.role, asked.facts, asked.now)
            .map_err(|refusal| self.kind.refused(&refusal))?;
        let received = asked.received.unwrap_or(asked.now);
        let clocks = self.clocks.clone().applied(definition, &done, received).map_err(AppError::internal)?;
        let due = match clocks.current() {
            Some((_, clock)) => clock.due_at(self.kind.calendar()?).map(|due| due.at),
            None => None,
        };
        Ok(Moved { done, version: self.version + 1, clocks, due })
    }
}

/// What somebody asks for, and as whom.
pub struct Asked<'a> {
    /// The action, with what was written and the version that was seen.
    pub request: Request<'a>,
    /// As whom the workflow knows them.
    pub role: workflow::Actor<'a>,
    /// As whom timeline and record name them: for a resident whose papers staff type, the one is not the other.
    pub by: Actor,
    /// What the conditions of the workflow ask.
    pub facts: &'a Facts,
    /// When the papers last came in, for a limit that counts from there; now, where nothing is said.
    pub received: Option<DateTime<Utc>>,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// How a case stands after a step.
#[derive(Debug, Clone)]
pub struct Moved {
    /// What was done, with its messages and documents.
    pub done: Transition,
    /// Its version.
    pub version: i64,
    /// Its statutory clocks.
    pub clocks: CaseClocks,
    /// When the running limit ends; none while none runs.
    pub due: Option<DateTime<Utc>>,
}

impl Moved {
    /// The clocks as they are stored.
    ///
    /// # Errors
    /// [`AppError::Internal`] when they cannot be written as JSON, which they always can.
    pub fn clock(&self) -> AppResult<Js> {
        Ok(Js(serde_json::to_value(&self.clocks).map_err(AppError::internal)?))
    }
}

/// What a slice has written of a step into its own row, and what stands beside it.
pub struct Written<N> {
    /// What was written beside the event, sealed in the timeline.
    pub note: Option<N>,
    /// The entry of the record; none where the slice made it itself, because its row quotes the place of the entry.
    pub entry: Option<Entry>,
}

impl Written<()> {
    /// Nothing was written beside the event.
    pub fn recorded(entry: Entry) -> Self {
        Self { note: None, entry: Some(entry) }
    }
}

/// Moves a case, or says why not. `write` writes the slice's row over the version that was read; row, timeline and record are
/// one transaction with what the caller does after it. The row comes before the record: of two who meet in one case, the
/// second waits for the row and not with the record's lane in its hands.
///
/// # Errors
/// As [`At::next`], and those of `write`.
pub fn step<N: Serialize>(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    at: &At,
    asked: &Asked<'_>,
    write: impl FnOnce(&mut Tx<'_>, &Moved) -> AppResult<Written<N>>,
) -> AppResult<Moved> {
    let moved = at.next(asked)?;
    let written = write(tx, &moved)?;
    let path = Path {
        action: &moved.done.action,
        from: &moved.done.from,
        to: &moved.done.to,
        version: moved.version,
    };
    event::add(tx, keys, at, &asked.by, path, written.note.as_ref(), asked.now)?;
    if let Some(entry) = written.entry {
        audit::append(tx, asked.now, entry)?;
    }
    Ok(moved)
}
