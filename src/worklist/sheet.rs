//! A table as a file. Words are words in both formats: no cell becomes a formula, whatever a resident has written into it.

use super::cell::Field;
use crate::error::{AppError, AppResult};
use crate::web::csv;
use crate::web::format;
use chrono::{DateTime, Datelike, NaiveDateTime, Timelike, Utc};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// A table.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    /// What is in it.
    pub title: String,
    /// Names of its columns.
    pub heads: Vec<String>,
    /// One field a column in each.
    pub lines: Vec<Vec<Field>>,
    /// What stands below it, such as that there are more.
    pub note: Option<String>,
    /// When it was made.
    pub made: DateTime<Utc>,
}

impl Sheet {
    /// CSV; what stands below the table is its last line.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the rows have different lengths.
    pub(super) fn csv(&self) -> AppResult<Vec<u8>> {
        let width = self.heads.len();
        let written = |line: &Vec<Field>| line.iter().map(Field::written).collect::<Vec<String>>();
        let note = self.note.iter().map(|note| {
            let mut line = vec![note.clone()];
            line.resize(width, String::new());
            line
        });
        csv::table(self.heads.clone(), self.lines.iter().map(written).chain(note))
    }

    /// XLSX, with moments and days as such.
    ///
    /// # Errors
    /// [`AppError::Internal`] when it cannot be written.
    pub(super) fn xlsx(&self) -> AppResult<Vec<u8>> {
        self.book().map_err(AppError::internal)
    }

    fn book(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let made = excel(self.made.naive_utc())?;
        book.set_properties(&DocProperties::new().set_title(&self.title).set_creation_datetime(&made));
        let sheet = book.add_worksheet();
        sheet.set_name(tab_name(&self.title))?;
        self.fill(sheet)?;
        book.save_to_buffer()
    }

    fn fill(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (bold, moment, day) = (
            Format::new().set_bold(),
            Format::new().set_num_format("yyyy-mm-dd hh:mm"),
            Format::new().set_num_format("yyyy-mm-dd"),
        );
        for (column, head) in (0..).zip(&self.heads) {
            sheet.write_string_with_format(0, column, head, &bold)?;
            sheet.set_column_width(column, self.width(usize::from(column)))?;
        }
        sheet.set_freeze_panes(1, 0)?;
        let mut row = 0;
        for line in &self.lines {
            row += 1;
            for (column, field) in (0..).zip(line) {
                match field {
                    Field::Nothing => {}
                    Field::Text(text) => _ = sheet.write_string(row, column, text)?,
                    Field::Moment(at) => {
                        let at = excel(format::local(*at))?;
                        sheet.write_datetime_with_format(row, column, &at, &moment)?;
                    }
                    Field::Day(at) => {
                        let at = excel(at.and_time(chrono::NaiveTime::MIN))?;
                        sheet.write_datetime_with_format(row, column, &at, &day)?;
                    }
                }
            }
        }
        if let Some(note) = &self.note {
            sheet.write_string(row + 2, 0, note)?;
        }
        Ok(())
    }

    /// As wide as the widest of the first rows; a Chinese character is as wide as two others.
    fn width(&self, column: usize) -> f64 {
        let wide = |text: &str| -> u32 { text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum() };
        let of = |line: &Vec<Field>| line.get(column).map_or(0, |field| wide(&field.written()));
        let head = self.heads.get(column).map_or(0, |head| wide(head));
        let most = self.lines.iter().take(200).map(of).chain([head]).max().unwrap_or(0);
        f64::from(most.clamp(8, 50) + 2)
    }
}

/// A moment without its zone, as spreadsheets have it; from 1900 on.
fn excel(at: NaiveDateTime) -> Result<ExcelDateTime, XlsxError> {
    let small = |n: u32| u8::try_from(n).unwrap_or(u8::MAX);
    let year = u16::try_from(at.year()).unwrap_or(0);
    let hour = u16::try_from(at.hour()).unwrap_or(0);
    ExcelDateTime::from_ymd(year, small(at.month()), small(at.day()))?.and_hms(
        hour,
        small(at.minute()),
        f64::from(at.second()),
    )
}

/// The name of the one sheet of a workbook: up to 31 characters, without those that spreadsheets refuse.
fn tab_name(title: &str) -> String {
    let plain = title.chars().filter(|c| !"[]:*?/\\'".contains(*c));
    let name: String = plain.take(31).collect();
    if name.is_empty() { "1".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    const EVIL: [&str; 7] =
        ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(\"http://x\")", "a<b>&\"c\"\u{1}"];

    fn sheet() -> Sheet {
        let at: DateTime<Utc> = "2020-03-11T16:30:00Z".parse().unwrap();
        let line = |text: &&str| {
            vec![Field::Text((*text).into()), Field::Moment(at), Field::Day(at.date_naive()), Field::Nothing]
        };
        Sheet {
            title: "申诉[1]/2".into(),
            heads: ["谁", "期限", "日", "无"].map(str::to_owned).to_vec(),
            lines: EVIL.iter().map(line).collect(),
            note: Some("还有更多".into()),
            made: at,
        }
    }

    /// A file of the archive, by the directory at its end (APPNOTE 4.3.12, 4.3.7).
    fn file(book: &[u8], wanted: &str) -> String {
        let number =
            |at: usize, n: usize| (0..n).rev().fold(0, |sum, i| sum << 8 | usize::from(book[at + i]));
        let end = book.windows(4).rposition(|w| w == b"PK\x05\x06").unwrap();
        let mut at = number(end + 16, 4);
        for _ in 0..number(end + 10, 2) {
            let (name, extra, comment) = (number(at + 28, 2), number(at + 30, 2), number(at + 32, 2));
            if &book[at + 46..at + 46 + name] == wanted.as_bytes() {
                let local = number(at + 42, 4);
                let from = local + 30 + number(local + 26, 2) + number(local + 28, 2);
                let packed = &book[from..from + number(at + 20, 4)];
                let mut text = String::new();
                assert_eq!(number(at + 10, 2), 8, "packed by deflate");
                flate2::read::DeflateDecoder::new(packed).read_to_string(&mut text).unwrap();
                return text;
            }
            at += 46 + name + extra + comment;
        }
        panic!("no {wanted}");
    }

    #[test]
    fn no_word_of_a_workbook_is_a_formula() {
        let book = sheet().xlsx().unwrap();
        let cells = file(&book, "xl/worksheets/sheet1.xml");
        assert!(!cells.contains("<f>") && !cells.contains("hyperlink"), "{cells}");
        assert_eq!(cells.matches("t=\"s\"").count(), 4 + EVIL.len() + 1, "every word is a string");
        // 12 March 2020, 00:30 in China: days since 30 December 1899, and the part of the day.
        assert!(cells.contains("<v>43902.020833333336</v>"), "{cells}");
        assert!(cells.contains("<v>43901</v>"), "{cells}");
        let words = file(&book, "xl/sharedStrings.xml");
        for word in
            ["=1+1", "+86", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "a&lt;b&gt;&amp;\"c\"", "还有更多"]
        {
            assert!(words.contains(word), "{word}: {words}");
        }
        assert!(!words.contains('\u{1}'), "no character that XML has not");
        assert!(file(&book, "xl/workbook.xml").contains("name=\"申诉12\""));
        assert_eq!(book, sheet().xlsx().unwrap(), "the same table is the same file");
    }

    #[test]
    fn the_same_table_is_a_csv() {
        let text = String::from_utf8(sheet().csv().unwrap()).unwrap();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split("\r\n").collect();
        assert_eq!(lines[0], "谁,期限,日,无");
        assert_eq!(lines[1], "'=1+1,2020-03-12 00:30,2020-03-11,");
        assert_eq!(lines[2], "'+86,2020-03-12 00:30,2020-03-11,");
        assert_eq!(lines[EVIL.len() + 1], "还有更多,,,");
    }

    #[test]
    fn a_sheet_has_a_name_that_spreadsheets_take() {
        assert_eq!(tab_name("[]"), "1");
        assert_eq!(tab_name(&"长".repeat(40)).chars().count(), 31);
    }
}
