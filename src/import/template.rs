//! Tables to be filled in: the template with its headings, an example and hints, and the rows that were wrong with what is
//! wrong with them. Every cell is text: no spreadsheet takes a number of eighteen digits for one of fifteen.

use super::run::Importer;
use super::table::{Column, Table, Wrong};
use super::view::error_text;
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::web::csv;
use crate::web::i18n::{Lang, t};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// The type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Rows below the headings whose cells are text before anything is typed.
const PREPARED: u32 = 2_000;

fn heads(columns: &[Column], lang: Lang) -> Vec<String> {
    columns.iter().map(|column| t(lang, column.label, &[])).collect()
}

fn example(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| column.example.to_owned()).collect()
}

/// The template as CSV: headings, and an example that is not read when it is sent back.
///
/// # Errors
/// [`AppError::Internal`] when it cannot be written.
pub fn template_csv<T: Table>(lang: Lang) -> AppResult<Vec<u8>> {
    csv::table(heads(T::COLUMNS, lang), std::iter::once(example(T::COLUMNS)))
}

/// The template as a workbook; what belongs into each column stands on a sheet of its own.
///
/// # Errors
/// [`AppError::Internal`] when it cannot be written.
pub fn template_xlsx<T: Table>(lang: Lang) -> AppResult<Vec<u8>> {
    let hint = |column: &Column| vec![t(lang, column.label, &[]), t(lang, column.hint, &[])];
    let hints = [vec![t(lang, "import-template-column", &[]), t(lang, "import-template-hint", &[])]];
    let filled = Filled {
        title: t(lang, "import-template-sheet", &[]),
        heads: heads(T::COLUMNS, lang),
        rows: vec![example(T::COLUMNS)],
        beside: Some((
            t(lang, "import-template-hints", &[]),
            hints.into_iter().chain(T::COLUMNS.iter().map(hint)).collect(),
        )),
    };
    filled.book().map_err(AppError::internal)
}

/// The rows that are wrong, each with what is wrong with it in a last column that is not read: mended, the file can be sent
/// again as it is.
///
/// # Errors
/// [`AppError::Internal`] when it cannot be written.
pub async fn wrong_xlsx<T: Importer>(deps: &Deps, wrong: Vec<Wrong>, lang: Lang) -> AppResult<Vec<u8>> {
    let work = move || {
        let said = |row: &Wrong| -> String {
            let one = |error: &super::table::CellError| {
                let column = T::COLUMNS.iter().find(|column| column.name == error.column);
                let column = column.map(|column| t(lang, column.label, &[])).unwrap_or_default();
                let args = [("column", column.into()), ("what", error_text(lang, error).into())];
                t(lang, "import-wrong-cell", &args)
            };
            row.errors.iter().map(one).collect::<Vec<_>>().join("\n")
        };
        let mut heads = heads(T::COLUMNS, lang);
        heads.push(t(lang, "import-wrong-column", &[]));
        let line = |row: Wrong| {
            let said = said(&row);
            row.cells.into_iter().chain([said]).collect()
        };
        let rows = wrong.into_iter().map(line).collect();
        let title = t(lang, "import-wrong-sheet", &[]);
        Filled { title, heads, rows, beside: None }.book().map_err(AppError::internal)
    };
    deps.lists.run(work).await.unwrap_or_else(|| Err(AppError::internal("a file was not written")))
}

/// A workbook of texts.
struct Filled {
    title: String,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    /// A second sheet: its name and lines.
    beside: Option<(String, Vec<Vec<String>>)>,
}

impl Filled {
    fn book(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        // The same table is the same file.
        let made = ExcelDateTime::from_ymd(2020, 1, 1)?;
        book.set_properties(&DocProperties::new().set_title(&self.title).set_creation_datetime(&made));
        let sheet = book.add_worksheet();
        sheet.set_name(&self.title)?;
        let text = Format::new().set_num_format("@");
        let bold = Format::new().set_bold().set_num_format("@");
        for (column, head) in (0..).zip(&self.heads) {
            sheet.set_column_width(column, 24)?;
            sheet.write_string_with_format(0, column, head, &bold)?;
            for row in 1..=PREPARED {
                sheet.write_blank(row, column, &text)?;
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        fill(sheet, 1, &self.rows, &text)?;
        if let Some((name, lines)) = &self.beside {
            let sheet = book.add_worksheet();
            sheet.set_name(name)?;
            sheet.set_column_width(0, 24)?;
            sheet.set_column_width(1, 90)?;
            fill(sheet, 0, lines, &text)?;
        }
        book.save_to_buffer()
    }
}

fn fill(sheet: &mut Worksheet, first: u32, rows: &[Vec<String>], text: &Format) -> Result<(), XlsxError> {
    for (row, cells) in (first..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            if !cell.is_empty() {
                sheet.write_string_with_format(row, column, cell, text)?;
            }
        }
    }
    Ok(())
}
