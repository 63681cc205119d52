//! A task as it is stored, and whose it is.

use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::tasks;
use crate::db::{Conn, Id, Ts};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::slice::{Slices, TaskKind};
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::worklist::Holder;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

/// A task as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub(super) struct Row {
    pub id: Id,
    pub number: String,
    pub kind: String,
    pub subject: Id,
    pub person_id: Option<Id>,
    pub day: String,
    pub division: String,
    pub due_at: Ts,
    pub state: String,
    pub version: i64,
    pub assignee: Option<Id>,
    pub result: Option<String>,
    pub note_sealed: Option<Vec<u8>>,
    pub done_at: Option<Ts>,
}

/// A task that a subject has had.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub struct Past {
    /// `open`, `done`, or `void` when its reason had gone.
    pub state: String,
    /// What came of it.
    pub result: Option<String>,
}

/// A row of a list: a task and whose it is.
pub(super) type Found = (Row, Option<Holder>);

impl Row {
    /// Its kind; none of a slice that is no longer there.
    pub fn kind(&self, deps: &Deps) -> AppResult<Option<&'static TaskKind>> {
        Ok(deps.part::<Slices>()?.task(&self.kind))
    }

    /// What it is, in words.
    pub fn title(&self, lang: Lang) -> String {
        t(lang, &format!("task-{}", self.kind), &[])
    }

    /// Whether its limit is over.
    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        self.state == "open" && self.due_at.0 <= now
    }

    /// How it stands for an official: a code and the words.
    pub fn standing(&self, who: &OfficialPrincipal, lang: Lang) -> (&'static str, String) {
        match (self.state.as_str(), self.assignee, &self.result) {
            ("done", _, Some(result)) => ("ok", t(lang, &format!("task-{}-{result}", self.kind), &[])),
            ("open", Some(by), _) if by == who.official_id => ("info", t(lang, "task-state-mine", &[])),
            ("open", Some(_), _) => ("idle", t(lang, "task-state-taken", &[])),
            ("open", None, _) => ("warn", t(lang, "task-state-open", &[])),
            _ => ("idle", t(lang, "task-state-void", &[])),
        }
    }

    pub fn note(&self, keys: &Keyring) -> AppResult<String> {
        let open = |sealed: &Vec<u8>| keys.open_str(&note_context(self.id), sealed);
        Ok(self.note_sealed.as_ref().map(open).transpose()?.map(|text| text.to_string()).unwrap_or_default())
    }
}

pub(super) fn note_context(id: Id) -> FieldContext<'static> {
    FieldContext::new("tasks", "note_sealed", id.0)
}

/// The tasks about a person, for the copy of one's data.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub(super) fn data(conn: &mut Conn, deps: &Deps, _: Id, person: Option<Id>) -> AppResult<Value> {
    let Some(person) = person else { return Ok(Value::Null) };
    let one = |row: &Row| -> AppResult<Value> {
        Ok(json!({
            "number": row.number, "kind": row.kind, "day": row.day, "state": row.state, "result": row.result,
            "done_at": row.done_at, "note": row.note(&deps.keys)?,
        }))
    };
    super::store::of_person(conn, person)?.iter().map(one).collect()
}
