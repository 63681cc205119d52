//! A person's document in a form: the kinds to choose from, and what was typed.

use super::form::Form;
use super::i18n::Lang;
use super::view::Choice;
use crate::clock::china_day;
use crate::error::FieldError;
use crate::identity::{DocumentKind, DocumentNumber};
use chrono::{DateTime, Utc};

/// The kinds of document.
#[must_use]
pub fn choices(lang: Lang) -> Vec<Choice> {
    DocumentKind::ALL
        .iter()
        .map(|k| Choice::text(lang, k.as_str(), &format!("code-doc-{}", k.as_str().replace('_', "-"))))
        .collect()
}

/// Reads kind (`doc_kind`, the identity card without it) and number of a document.
///
/// # Errors
/// What is wrong, at `doc_number`.
pub fn typed(form: &Form, now: DateTime<Utc>) -> Result<DocumentNumber, FieldError> {
    read(form.get("doc_kind"), form.get("doc_number"), now)
}

/// The same of a program's fields.
///
/// # Errors
/// What is wrong, at `doc_number`.
pub fn read(kind: &str, number: &str, now: DateTime<Utc>) -> Result<DocumentNumber, FieldError> {
    let kind = DocumentKind::from_code(kind).unwrap_or(DocumentKind::IdCard);
    if number.trim().is_empty() {
        return Err(FieldError::new("doc_number", "required"));
    }
    DocumentNumber::parse(kind, number, china_day(now))
        .map_err(|_| FieldError::new("doc_number", "document-number"))
}
