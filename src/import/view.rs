//! What pages and programs are told of an import.

use super::cell::masked;
use super::run::Importer;
use super::store::{self, Row};
use super::table::{CellError, Column, Wrong};
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::{AppError, AppResult, FieldError};
use crate::web::i18n::{Lang, has, t};
use crate::web::page::field_text;
use serde::Serialize;
use utoipa::ToSchema;

/// Cells with errors that are shown at once; the file has all of them.
const MOST_SHOWN: usize = 200;

/// A cell that has to be put right.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrongBody {
    /// The line of a text, the row of a sheet.
    pub row: usize,
    /// The name of the column.
    pub column: String,
    /// What was sent, masked where it tells of somebody.
    pub value: String,
    /// A code.
    pub code: String,
    /// What is wrong, in words.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportBody {
    /// Its identifier.
    pub id: uuid::Uuid,
    /// `running`, `stopped`, `done`, `refused` (nothing was taken, since it was to be taken as a whole), `failed`.
    pub state: String,
    /// `all` or none, or what is `right` now.
    pub mode: String,
    /// `replace` what is there, or `add` to it.
    pub onto: String,
    /// What its sender calls the file.
    pub file: String,
    /// Rows that are right.
    pub total: i32,
    /// Of them taken so far.
    pub taken: i32,
    /// Rows that are wrong.
    pub wrong: i32,
    /// The first 200 cells with errors; the file with the rows has all.
    pub errors: Vec<WrongBody>,
    /// Headings that were not read.
    pub unknown: Vec<String>,
    /// Why it failed, in words.
    pub trouble: Vec<String>,
}

/// A cell that has to be put right, as the page shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportCell)]
pub struct CellView {
    /// The line of a text, the row of a sheet.
    pub row: usize,
    /// The heading of the column.
    pub column: Option<String>,
    /// What was sent, masked where it tells of somebody.
    pub value: String,
    /// What is wrong, in words.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// An import as the page shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportShown)]
pub struct ImportView {
    /// Its identifier.
    pub id: uuid::Uuid,
    /// `running`, `stopped`, `done`, `refused`, `failed`.
    pub state: String,
    /// How the state is marked.
    pub tag: &'static str,
    /// The state in words.
    pub word: String,
    /// What its sender calls the file.
    pub file: String,
    /// Whether what is right is taken, and not all or none.
    pub partly: bool,
    /// Whether it is added to what is there.
    pub adding: bool,
    /// Rows that are right.
    pub total: i32,
    /// Of them taken so far …
    pub taken: i32,
    /// … and not yet.
    pub left: i32,
    /// Rows that are wrong.
    pub wrong: i32,
    /// The first 200 cells with errors …
    pub errors: Vec<CellView>,
    /// … and how many more there are.
    pub more: usize,
    /// Headings that were not read.
    pub unknown: String,
    /// Headings that stand there twice, in words.
    pub doubled: Vec<String>,
    /// Why it failed, in words.
    pub trouble: Vec<String>,
}

/// An import that was found for whoever asks.
pub struct Found(Row);

/// An import of somebody's.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs; database errors.
pub fn find<T: Importer>(conn: &mut Conn, by: Id, name: &str, id: Id) -> AppResult<Found> {
    let subject = T::find(conn, by, name)?;
    Ok(Found(store::one(conn, T::NAME, subject, id)?))
}

/// An identifier of an address; what is none is not there.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn named(id: &str) -> AppResult<Id> {
    id.parse().map_err(|_| AppError::NotFound)
}

impl Found {
    /// For programs.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    pub fn body<T: Importer>(&self, keys: &Keyring, lang: Lang) -> AppResult<ImportBody> {
        let row = &self.0;
        let about = row.about(keys)?;
        Ok(ImportBody {
            id: row.id.0,
            state: row.state.clone(),
            mode: row.mode.clone(),
            onto: row.onto.clone(),
            file: about.name,
            total: row.total,
            taken: row.taken,
            wrong: row.wrong,
            errors: errors::<T>(lang, &row.wrong_rows(keys)?),
            unknown: about.unknown,
            trouble: row.troubles()?.iter().map(|trouble| trouble_text(lang, trouble)).collect(),
        })
    }

    /// For a page.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    pub fn shown<T: Importer>(&self, deps: &Deps, lang: Lang) -> AppResult<ImportView> {
        let row = &self.0;
        let (about, wrong) = (row.about(&deps.keys)?, row.wrong_rows(&deps.keys)?);
        let errors = errors::<T>(lang, &wrong);
        let all: usize = wrong.iter().map(|row| row.errors.len()).sum();
        let label = |name: &str| column::<T>(name).map(|column| t(lang, column.label, &[]));
        let doubled = |(name, first, second): &(String, String, String)| {
            let column = label(name).unwrap_or_default();
            let args = [
                ("column", column.into()),
                ("first", first.as_str().into()),
                ("second", second.as_str().into()),
            ];
            t(lang, "import-doubled", &args)
        };
        let more = all.saturating_sub(errors.len());
        let shown = |error: WrongBody| CellView {
            row: error.row,
            column: label(&error.column),
            value: error.value,
            what: error.what,
            remedy: error.remedy,
        };
        let file = if about.name.is_empty() { t(lang, "import-no-name", &[]) } else { about.name };
        Ok(ImportView {
            id: row.id.0,
            state: row.state.clone(),
            tag: tag(&row.state),
            word: t(lang, &format!("import-state-{}", row.state), &[]),
            file,
            partly: row.mode == "right",
            adding: row.onto == "add",
            total: row.total,
            taken: row.taken,
            left: row.total - row.taken,
            wrong: row.wrong,
            errors: errors.into_iter().map(shown).collect(),
            more,
            unknown: about.unknown.join(&t(lang, "list-comma", &[])),
            doubled: about.doubled.iter().map(doubled).collect(),
            trouble: row.troubles()?.iter().map(|trouble| trouble_text(lang, trouble)).collect(),
        })
    }

    /// The rows that are wrong.
    ///
    /// # Errors
    /// A sealed value that cannot be opened.
    pub fn wrong(&self, keys: &Keyring) -> AppResult<Vec<Wrong>> {
        self.0.wrong_rows(keys)
    }
}

fn tag(state: &str) -> &'static str {
    match state {
        "done" => "ok",
        "refused" | "failed" => "bad",
        "stopped" => "warn",
        _ => "info",
    }
}

fn column<T: Importer>(name: &str) -> Option<&'static Column> {
    T::COLUMNS.iter().find(|column| column.name == name)
}

fn errors<T: Importer>(lang: Lang, wrong: &[Wrong]) -> Vec<WrongBody> {
    let of = |row: &'_ Wrong| -> Vec<WrongBody> {
        row.errors.iter().map(|error| one::<T>(lang, row, error)).collect()
    };
    wrong.iter().flat_map(of).take(MOST_SHOWN).collect()
}

fn one<T: Importer>(lang: Lang, row: &Wrong, error: &CellError) -> WrongBody {
    let place = T::COLUMNS.iter().position(|column| column.name == error.column);
    let sent = place.and_then(|at| row.cells.get(at)).map(String::as_str).unwrap_or_default();
    let column = column::<T>(&error.column);
    let value = if column.is_some_and(|column| column.personal) { masked(sent) } else { sent.to_owned() };
    WrongBody {
        row: row.line,
        column: error.column.clone(),
        value: value.chars().take(60).collect(),
        code: error.code.clone(),
        what: error_text(lang, error),
        remedy: column.map(|column| t(lang, column.hint, &[])).unwrap_or_default(),
    }
}

/// What is wrong with a cell, in words.
pub(super) fn error_text(lang: Lang, error: &CellError) -> String {
    let plain = FieldError::new(error.column.clone(), error.code.clone());
    field_text(lang, &FieldError { args: error.args.clone(), ..plain })
}

/// Why an import failed, in words: what stands at a field, or why a case cannot be changed any more.
fn trouble_text(lang: Lang, trouble: &CellError) -> String {
    let problem = format!("problem-{}", trouble.code);
    let field = format!("field-{}", trouble.code);
    if !has(&field) && has(&problem) { t(lang, &problem, &[]) } else { error_text(lang, trouble) }
}
