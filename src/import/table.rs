//! What a slice says of a table that people send, and what comes of the rows.

use super::grid::{Line, Unread};
use super::heads::{Arranged, Flaw, Sent, arrange};
use super::{cell, grid, text};
use crate::deps::Deps;
use crate::error::{AppError, AppResult, FieldError};
use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in errors and for programs.
    pub name: &'static str,
    /// What it is called in a template: a key of texts.
    pub label: &'static str,
    /// What belongs into it, and what to do when a spreadsheet spoils it: a key of texts.
    pub hint: &'static str,
    /// Headings that mean it, in lower case and without spaces.
    pub headings: &'static [&'static str],
    /// Whether every row needs it.
    pub needed: bool,
    /// Whether what stands in it is shown masked where it is wrong.
    pub personal: bool,
    /// Whether a number that a spreadsheet has shortened may stand in it: then it is said, whatever else is wrong.
    pub number: bool,
    /// What a template shows in it.
    pub example: &'static str,
}

impl Column {
    /// A column that may be empty and tells of nobody.
    #[must_use]
    pub const fn new(name: &'static str, headings: &'static [&'static str]) -> Self {
        let (needed, personal, number) = (false, false, false);
        Self { name, label: "", hint: "", headings, needed, personal, number, example: "" }
    }
}

/// A table that people send.
pub trait Table: Sized + Send + Sync + 'static {
    /// A row that was checked.
    type Row: Serialize + DeserializeOwned + Send + 'static;

    /// Its name, in the database.
    const NAME: &'static str;
    /// Its columns, in the order of the template.
    const COLUMNS: &'static [Column];

    /// Reads a row: one cell for each column, cleaned.
    ///
    /// # Errors
    /// What is wrong, by the names of the columns.
    fn row(cells: &[String], today: NaiveDate) -> Result<Self::Row, Vec<FieldError>>;

    /// What no two rows may have in common, with the column in which it stands and the code of the error, which gets the
    /// line of the `first`.
    fn alone(row: &Self::Row) -> Option<(&'static str, String, &'static str)>;

    /// The code of an error of a row that has more cells than there are columns, with the column that it stands at.
    const MORE: (&'static str, &'static str);
}

/// A row that is not taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// Where it stands.
    pub line: usize,
    /// What was sent, one cell for each column.
    pub cells: Vec<String>,
    /// What is wrong, by column.
    pub errors: Vec<CellError>,
}

impl Wrong {
    /// Its errors as those of a form's field: `<field>.<line>.<column>`.
    pub fn at<'a>(&'a self, field: &'a str) -> impl Iterator<Item = FieldError> + 'a {
        self.errors.iter().map(move |error| error.at(field, self.line))
    }
}

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellError {
    /// The name of the column.
    pub column: String,
    /// A code, with its text in the catalogue.
    pub code: String,
    /// Values that the text shows; never what was typed.
    pub args: Vec<(String, String)>,
}

impl CellError {
    fn at(&self, field: &str, line: usize) -> FieldError {
        let named = FieldError::new(format!("{field}.{line}.{}", self.column), self.code.clone());
        FieldError { args: self.args.clone(), ..named }
    }
}

impl From<FieldError> for CellError {
    fn from(error: FieldError) -> Self {
        Self { column: error.field, code: error.code, args: error.args }
    }
}

/// What was read of a table.
#[derive(Debug)]
pub struct Checked<R> {
    /// Rows that can be taken, in the order in which they were sent.
    pub right: Vec<R>,
    /// Rows that cannot.
    pub wrong: Vec<Wrong>,
    /// Headings whose columns were not read.
    pub unknown: Vec<String>,
    /// Columns that stood there twice: name, the heading that counts, the one that does not.
    pub doubled: Vec<(&'static str, String, String)>,
}

/// A table that could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not even lines.
    Unread(Unread),
    /// Its columns are not known.
    Flaw(Flaw),
    /// More rows than may be.
    TooMany(usize),
}

impl From<Unread> for Fault {
    fn from(unread: Unread) -> Self {
        Self::Unread(unread)
    }
}

impl From<Flaw> for Fault {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

/// Reads lines as rows of a table, of which there may be `most`.
///
/// # Errors
/// [`Fault`].
pub fn check<T: Table>(lines: Vec<Line>, today: NaiveDate, most: usize) -> Result<Checked<T::Row>, Fault> {
    let Arranged { rows, unknown, doubled } = arrange(lines, T::COLUMNS)?;
    if rows.len() > most {
        return Err(Fault::TooMany(most));
    }
    let name = |n: usize| T::COLUMNS.get(n).map_or("", |column| column.name);
    let doubled = doubled.into_iter().map(|(n, first, second)| (name(n), first, second)).collect();
    let (mut right, mut wrong, mut seen) = (Vec::new(), Vec::new(), HashMap::new());
    for sent in rows {
        let read = one::<T>(&sent, today).and_then(|row| match T::alone(&row) {
            Some((column, key, code)) => match seen.insert(key, sent.line) {
                Some(first) => Err(vec![FieldError::new(column, code).with("first", first)]),
                None => Ok(row),
            },
            None => Ok(row),
        });
        match read {
            Ok(row) => right.push(row),
            Err(errors) => {
                let errors = errors.into_iter().map(CellError::from).collect();
                wrong.push(Wrong { line: sent.line, cells: sent.cells, errors });
            }
        }
    }
    Ok(Checked { right, wrong, unknown, doubled })
}

/// A row; what a spreadsheet has lost of a cell is said rather than what is wrong with the rest of it.
fn one<T: Table>(sent: &Sent, today: NaiveDate) -> Result<T::Row, Vec<FieldError>> {
    let lost = |(column, cell): (&Column, &String)| {
        let code = cell::lost(cell).filter(|code| column.number || *code != "import-cell-shortened")?;
        Some(FieldError::new(column.name, code))
    };
    let mut errors: Vec<FieldError> = T::COLUMNS.iter().zip(&sent.cells).filter_map(lost).collect();
    if sent.others.iter().any(|cell| !cell.is_empty()) {
        errors.push(FieldError::new(T::MORE.0, T::MORE.1));
    }
    match T::row(&sent.cells, today) {
        Ok(row) if errors.is_empty() => Ok(row),
        Ok(_) => Err(errors),
        Err(found) => {
            let told: Vec<String> = errors.iter().map(|error| error.field.clone()).collect();
            errors.extend(found.into_iter().filter(|error| !told.contains(&error.field)));
            errors.sort_by_key(|error| T::COLUMNS.iter().position(|c| c.name == error.field));
            Err(errors)
        }
    }
}

/// What was read of a file, with its lines as a text.
pub type Opened<R> = Result<(String, Result<Checked<R>, Fault>), Unread>;

/// Reads a file on a thread for such work: neither where requests are answered nor where everybody's changes are written.
///
/// # Errors
/// [`AppError::Internal`] when the work broke off.
pub async fn open<T: Table>(
    deps: &Deps,
    file: Vec<u8>,
    today: NaiveDate,
    most: usize,
) -> AppResult<Opened<T::Row>> {
    let work = move || match grid::read(&file) {
        // What is never closed is put right in the text itself.
        Err(quote @ Unread::Quote(_)) => {
            Ok((grid::decode(&file).unwrap_or_default(), Err(Fault::Unread(quote))))
        }
        Err(unread) => Err(unread),
        Ok(lines) => {
            let shown = grid::decode(&file).unwrap_or_else(|| grid::as_text(&lines));
            Ok((shown, check::<T>(lines, today, most)))
        }
    };
    // Some of what strangers make of a workbook breaks its reader: that is what was sent, and no fault of ours.
    Ok(deps.lists.run(work).await.unwrap_or(Err(Unread::Broken)))
}

/// Reads a text in the same way.
///
/// # Errors
/// [`AppError::Internal`] when the work broke off.
pub async fn open_text<T: Table>(
    deps: &Deps,
    sent: String,
    today: NaiveDate,
    most: usize,
) -> AppResult<Result<Checked<T::Row>, Fault>> {
    let work = move || check::<T>(text::read(&sent)?, today, most);
    deps.lists.run(work).await.ok_or_else(|| AppError::internal("reading a list broke off"))
}
