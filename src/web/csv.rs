//! Tables for spreadsheets: UTF-8 with a mark (so that Chinese opens right), cells that cannot become formulas.

use crate::error::{AppError, AppResult};
use std::borrow::Cow;

/// A cell that a spreadsheet takes for text: what begins with `=`, `+`, `-`, `@`, tab or carriage return (also behind
/// space and apostrophes) gets an apostrophe in front (OWASP, CSV injection). Who reads the file takes one away from a cell
/// in which such a character follows it: then everything is as it was.
pub fn cell(text: &str) -> Cow<'_, str> {
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{3000}', '\'']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            Cow::Owned(format!("'{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}

/// A CSV file (RFC 4180) of a head row and rows.
///
/// # Errors
/// [`AppError::Internal`] when the rows have different lengths.
pub fn csv<const N: usize>(head: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> AppResult<Vec<u8>> {
    table(head.map(str::to_owned).to_vec(), rows.map(Vec::from))
}

/// The same of rows whose length is known at run time only.
///
/// # Errors
/// [`AppError::Internal`] when the rows have different lengths.
pub fn table(head: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> AppResult<Vec<u8>> {
    let safe = |row: Vec<String>| row.iter().map(|text| Cow::Owned(cell(text).into_owned())).collect();
    file(std::iter::once(head).chain(rows).map(safe))
}

/// The same of rows as they are: whoever writes them has seen to it that no text begins a formula ([`cell`]).
///
/// # Errors
/// [`AppError::Internal`] when the rows have different lengths.
pub fn file<'a>(rows: impl Iterator<Item = Vec<Cow<'a, str>>>) -> AppResult<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    for row in rows {
        writer.write_record(row.iter().map(|cell| cell.as_bytes())).map_err(AppError::internal)?;
    }
    writer.into_inner().map_err(AppError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `docs/api.md` tells readers to do.
    fn read_back(file: &[u8]) -> Vec<Vec<String>> {
        let text = std::str::from_utf8(file).unwrap().strip_prefix('\u{feff}').unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let plain = |cell: &str| match cell.strip_prefix('\'') {
            Some(rest) if matches!(self::cell(rest), Cow::Owned(_)) => rest.to_owned(),
            _ => cell.to_owned(),
        };
        reader.records().map(|row| row.unwrap().iter().map(plain).collect()).collect()
    }

    proptest::proptest! {
        #[test]
        fn every_cell_is_read_back(
            a in "[ '=+@\"，,；\\n\r\t\u{3000}a一𠮷-]{0,8}", b in "\\PC{0,20}"
        ) {
            let file = csv(&["x", "y"], [[a.clone(), b.clone()], [b.clone(), a.clone()]].into_iter()).unwrap();
            let expected = [["x".into(), "y".into()], [a.clone(), b.clone()], [b, a]];
            proptest::prop_assert_eq!(read_back(&file), expected);
        }
    }

    #[test]
    fn no_cell_becomes_a_formula_and_every_character_survives() {
        for evil in ["=1+1", "+86", "-1", "@x", "\tx", "\r=x", " =1", "＝1", "\u{3000}=1"] {
            assert!(cell(evil).starts_with('\''), "{evil:?}");
        }
        assert_eq!(cell("张三·买买提"), "张三·买买提");
        let file = csv(&["a", "b"], [["=x\"y".to_owned(), "𠮷,\n2".to_owned()]].into_iter()).unwrap();
        assert_eq!(String::from_utf8(file).unwrap(), "\u{feff}a,b\r\n\"'=x\"\"y\",\"𠮷,\n2\"\r\n");
    }
}
