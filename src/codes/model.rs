//! What is stored of a code, and whose it is.

use crate::crypto::{FieldContext, Keyring};
use crate::db::{Id, Ts};
use crate::error::{AppError, AppResult};
use crate::identity::DocumentKind;
use crate::policy::{Cause, Colour, Evaluation, Held, Unknown};
use crate::worklist::Holder;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// The present code of a person, opened.
#[derive(Debug, Clone)]
pub struct StoredCode {
    /// Counts up with each evaluation that is stored.
    pub version: i64,
    /// Since when this colour has held without a break.
    pub since: Ts,
    /// When something may change by itself.
    pub recheck_at: Option<Ts>,
    /// The record that explains the colour.
    pub evaluation: Evaluation,
}

impl StoredCode {
    /// What pages tell of it.
    pub(super) fn told(&self) -> Told<'_> {
        Told::of(&self.evaluation, self.since)
    }
}

/// What pages tell of a code, whether it was read just now or is kept in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub colour: Colour,
    pub since: Ts,
    pub valid_until: Option<DateTime<Utc>>,
    pub clears_at: Option<DateTime<Utc>>,
    pub declared_until: Option<DateTime<Utc>>,
    pub causes: &'a [Cause],
    pub green: Option<&'a Cause>,
    pub unknown: Option<&'a Unknown>,
    /// Whether it rests on statements that newer ones would replace.
    pub held: Option<Held>,
}

impl<'a> Told<'a> {
    /// An outcome whose colour has held since then.
    pub fn of(e: &'a Evaluation, since: Ts) -> Self {
        Self {
            colour: e.colour,
            since,
            valid_until: e.valid_until,
            clears_at: e.clears_at,
            declared_until: e.declared_until,
            causes: &e.causes,
            green: e.green.as_ref(),
            unknown: e.unknown.as_ref(),
            held: e.held,
        }
    }

    /// Whether a test of the person's ends one of the causes.
    pub fn ends_by_test(&self) -> bool {
        self.causes.iter().any(|c| c.by_test)
    }

    /// When the declaration ends, if it counts now.
    pub fn declared_ahead(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.declared_until.filter(|end| *end > now)
    }

    /// Whether there is no declaration that counts when the causes of a yellow or red code end: none now, or one that runs
    /// out before them. Without one there is no green then.
    pub fn declares_again(&self, now: DateTime<Utc>) -> bool {
        let ends_before = |end| self.clears_at.is_some_and(|clears| end <= clears);
        matches!(self.colour, Colour::Yellow | Colour::Red)
            && self.declared_ahead(now).is_none_or(ends_before)
    }

    /// Every reason: the causes, or the plain reason for green.
    pub fn reasons(&self) -> impl Iterator<Item = &'a Cause> + use<'a> {
        self.causes.iter().chain(self.green)
    }

    /// The cause that is told first: the worst red or yellow one, else the plain reason for green.
    pub fn main_cause(&self) -> Option<&'a Cause> {
        match self.colour {
            Colour::Unknown => None,
            Colour::Green => self.green,
            Colour::Yellow | Colour::Red => self.causes.first(),
        }
    }
}

/// A row of `code_states`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::code_states, treat_none_as_null = true)]
pub struct StateRow {
    /// Whose code it is.
    pub person_id: Id,
    /// The colour.
    pub colour: String,
    /// What it rests on, sealed.
    pub evaluation_sealed: Vec<u8>,
    /// Digest of the rules that made it.
    pub rule_digest: Vec<u8>,
    /// Since when the colour is what it is.
    pub since: Ts,
    /// When it was worked out.
    pub evaluated_at: Ts,
    /// When a green one ends.
    pub valid_until: Option<Ts>,
    /// When something it rests on changes by time alone.
    pub recheck_at: Option<Ts>,
    /// Counts its evaluations.
    pub version: i64,
}

impl StateRow {
    /// Opens the record.
    pub(super) fn open(&self, keys: &Keyring) -> AppResult<StoredCode> {
        let context = FieldContext::new("code_states", "evaluation_sealed", self.person_id.0);
        let plain = keys.open_sealed(&context, &self.evaluation_sealed)?;
        Ok(StoredCode {
            version: self.version,
            since: self.since,
            recheck_at: self.recheck_at,
            evaluation: serde_json::from_slice(&plain).map_err(AppError::internal)?,
        })
    }
}

/// Whose code it is, as far as a gate may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardHolder {
    /// Name with stars; at least one.
    pub name: String,
    /// Kind of the document, a key of texts.
    pub document_kind: DocumentKind,
    /// Number with stars.
    pub document: String,
    /// Its last four characters.
    pub last_four: String,
}

/// Whose code it is, in full: for the second official only.
#[derive(Clone)]
pub(super) struct WholePerson {
    pub name: String,
    pub document_kind: DocumentKind,
    pub document: String,
}

impl WholePerson {
    /// Name and document in full, for whoever must be sure that the right person is meant.
    pub(super) fn of(holder: &Holder, keys: &Keyring) -> AppResult<Self> {
        let (name, document) = holder.open(keys)?;
        let (name, document_kind) = (name.as_str().to_owned(), document.kind());
        Ok(Self { name, document_kind, document: document.number().to_owned() })
    }
}

impl CardHolder {
    /// Opens and masks.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    pub fn of(holder: &Holder, keys: &Keyring) -> AppResult<Self> {
        let (name, number) = holder.masked(keys)?;
        Ok(Self {
            name,
            document_kind: number.kind(),
            document: number.masked(),
            last_four: number.last_four().to_owned(),
        })
    }
}

/// A row of `health_records`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::health_records)]
pub(super) struct RecordRow {
    pub id: Id,
    pub person_id: Id,
    pub kind: String,
    pub result: Option<String>,
    pub at: Ts,
    pub until: Option<Ts>,
    pub source: String,
    pub office_id: Option<Id>,
    pub entered_by: Option<Id>,
    pub confirmed_by: Option<Id>,
    pub created_at: Ts,
    pub division: Option<String>,
    pub detail_sealed: Option<Vec<u8>>,
    pub confirmed_at: Option<Ts>,
    pub refused_by: Option<Id>,
    pub refused_at: Option<Ts>,
    pub ended_at: Option<Ts>,
    pub refusal_sealed: Option<Vec<u8>>,
    pub expired_at: Option<Ts>,
}

/// A row of `record_ends`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::record_ends)]
pub(super) struct EndRow {
    pub id: Id,
    pub record_id: Id,
    pub reason_sealed: Vec<u8>,
    pub state: String,
    pub entered_by: Id,
    pub created_at: Ts,
    pub decided_by: Option<Id>,
    pub decided_at: Option<Ts>,
    pub refusal_sealed: Option<Vec<u8>>,
    pub office_id: Option<Id>,
    /// The appeal in which a reviewer set the cause aside, and which waits for this end.
    pub appeal_id: Option<Id>,
}

/// A row of `code_prints`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::code_prints)]
pub(super) struct PrintRow {
    pub id: Id,
    pub person_id: Id,
    pub colour: String,
    pub status_list: i64,
    pub status_index: i32,
    pub issued_at: Ts,
    pub expires_at: Ts,
    pub revoked_at: Option<Ts>,
}

/// A row of `division_risks`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::division_risks)]
pub(super) struct RiskRow {
    pub id: Id,
    pub division: String,
    pub level: String,
    pub since: Ts,
    pub until: Option<Ts>,
    pub source: String,
    pub entered_by: Option<Id>,
    pub entered_at: Ts,
}

/// A row of `risk_changes`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::risk_changes)]
pub(super) struct RiskChangeRow {
    pub id: Id,
    pub division: String,
    pub level: String,
    pub since: Ts,
    pub source: String,
    pub state: String,
    pub entered_by: Id,
    pub created_at: Ts,
    pub decided_by: Option<Id>,
    pub decided_at: Option<Ts>,
    pub refusal_sealed: Option<Vec<u8>>,
    pub office_id: Option<Id>,
    pub until: Option<Ts>,
    pub counted: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_declaration_that_counts_then_is_told_to_declare_again() {
        let at = |day: u32| -> DateTime<Utc> { format!("2020-03-{day:02}T00:00:00Z").parse().unwrap() };
        let told = |colour, declared: Option<u32>, clears: Option<u32>| {
            let told = Told {
                colour,
                since: at(1).into(),
                valid_until: None,
                clears_at: clears.map(at),
                declared_until: declared.map(at),
                causes: &[],
                green: None,
                unknown: None,
                held: None,
            };
            (told.declares_again(at(12)), told.declared_ahead(at(12)))
        };
        assert_eq!(told(Colour::Red, None, None), (true, None), "never declared");
        assert_eq!(
            told(Colour::Red, Some(11), None),
            (true, None),
            "run out, and nobody knows when the cause ends"
        );
        assert_eq!(told(Colour::Red, Some(12), Some(20)), (true, None));
        assert_eq!(
            told(Colour::Yellow, Some(15), Some(20)),
            (true, Some(at(15))),
            "runs out before the cause"
        );
        assert_eq!(told(Colour::Red, Some(20), Some(15)), (false, Some(at(20))));
        assert_eq!(told(Colour::Red, Some(20), None), (false, Some(at(20))), "it still counts");
        assert_eq!(told(Colour::Green, Some(11), None), (false, None));
    }
}
