//! What an official types from two documents, and the records that are found by it.

use super::{act, store};
use crate::accounts::{self, Known, Recusal};
use crate::db::{Conn, Id};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DocumentNumber, PersonName};
use crate::web::document;
use crate::web::form::Form;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};

/// A document as it was typed, under the beginning of its fields.
#[derive(Debug)]
struct Typed {
    field: &'static str,
    document: DocumentNumber,
    name: PersonName,
}

impl Typed {
    fn read(form: &Form, field: &'static str, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let of = |part: &str| format!("{field}_{part}");
        let mut errors = Vec::new();
        let document = document::read(form.get(&of("kind")), form.get(&of("number")), now);
        let document = document.map_err(|e| errors.push(FieldError::new(of("number"), e.code))).ok();
        let name = PersonName::parse(form.get(&of("name")));
        let name = name.map_err(|e| errors.push(FieldError::new(of("name"), e.code()))).ok();
        match (document, name) {
            (Some(document), Some(name)) => Ok(Self { field, document, name }),
            _ => Err(errors),
        }
    }

    /// The record of the document, which has this name; nothing of the official's own.
    fn find(&self, conn: &mut Conn, deps: &App, own: &Recusal) -> AppResult<Known> {
        let found = accounts::known(conn, &deps.keys, &self.document)?;
        if own.has_document(&self.document) {
            return Err(AppError::conflict("refused-self-decision"));
        }
        let Some(known) = found else {
            return Err(AppError::field(format!("{}_number", self.field), "merge-nobody"));
        };
        for id in [known.record, known.person] {
            own.not_about(conn, Some(id), None)?;
        }
        let record = accounts::person(conn, &deps.keys, known.record)?;
        if record.name.canonical() != self.name.canonical() {
            return Err(AppError::field(format!("{}_name", self.field), "merge-otherwise"));
        }
        Ok(known)
    }
}

/// Two documents: the one that is to lead, and the other.
#[derive(Debug)]
pub(super) struct Pair {
    lead: Typed,
    other: Typed,
}

impl Pair {
    /// Reads both.
    ///
    /// # Errors
    /// All that is wrong, each at its field.
    pub(super) fn read(form: &Form, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        match (Typed::read(form, "lead", now), Typed::read(form, "other", now)) {
            (Ok(lead), Ok(other)) if lead.document.canonical() == other.document.canonical() => {
                Err(vec![FieldError::new("other_number", "merge-same")])
            }
            (Ok(lead), Ok(other)) => Ok(Self { lead, other }),
            (lead, other) => {
                let wrong = [lead.err(), other.err()];
                Err(wrong.into_iter().flatten().flatten().collect())
            }
        }
    }

    /// The two records, where they can be merged.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a document that nobody has or under another name, and for records that cannot be merged now;
    /// [`AppError::Conflict`] `refused-self-decision`; database errors.
    pub(super) fn find(
        &self,
        conn: &mut Conn,
        deps: &App,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<(Id, Id)> {
        let own = Recusal::of(&deps.keys, by)?;
        let lead = self.lead.find(conn, deps, &own);
        let other = self.other.find(conn, deps, &own);
        let (lead, other) = match (lead, other) {
            (Err(AppError::Invalid(mut errors)), Err(AppError::Invalid(more))) => {
                errors.extend(more);
                return Err(AppError::Invalid(errors));
            }
            (lead, other) => (lead?.record, other?.record),
        };
        let at = |code| Err(AppError::field("other_number", code));
        if let Some(code) = act::against(conn, (lead, other), now)? {
            return at(code);
        }
        if store::waits(conn, [lead, other])? { at("merge-waits") } else { Ok((lead, other)) }
    }

    /// How the person is called on the receipt.
    pub(super) fn masked(&self) -> String {
        self.lead.name.masked()
    }
}
