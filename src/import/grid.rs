//! Lines of cells, of whatever kind of file.

use super::{book, text};

/// Lines that are kept: more than any table takes, with titles above and what is left empty, so that whoever reads on sees
/// that there are too many.
pub(super) const MOST_LINES: usize = super::MOST_ROWS + 50;
/// Cells of a line that are kept.
pub(super) const MOST_CELLS: usize = 60;

/// A line with cells: where it stands, counted from 1 as people see it, and what stands in it, cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line of a text, the row of a sheet.
    pub number: usize,
    /// Its cells from the first column on.
    pub cells: Vec<String>,
}

/// Why there are no lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is no text and no workbook, or nothing stands in it.
    Nothing,
    /// A workbook that is damaged.
    Broken,
    /// A workbook of before 2007, or one that is locked.
    Old,
    /// More comes out of it than is read.
    Large,
    /// A quote that was opened on this line is never closed.
    Quote(usize),
}

impl Unread {
    /// The code of what is wrong with the file as such; a quote is the caller's to name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nothing => "import-file",
            Self::Broken => "import-file-broken",
            Self::Old => "import-file-old",
            Self::Large => "import-file-large",
            Self::Quote(_) => "import-file-quote",
        }
    }
}

/// What a file begins with that is read neither as a text nor as a workbook; some of them would pass for UTF-16.
const OTHERS: [&[u8]; 4] = [b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8"];
/// How the old workbooks begin, and those that a password locks.
const OLD: &[u8] = b"\xd0\xcf\x11\xe0";
const ARCHIVE: &[u8] = b"PK\x03\x04";

/// The lines of a file: of a workbook its first sheet with anything in it, else of a text with columns in any encoding.
/// What it is its bytes say, never its name.
///
/// # Errors
/// [`Unread`].
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, Unread> {
    if bytes.starts_with(OLD) {
        return Err(Unread::Old);
    }
    if bytes.starts_with(ARCHIVE) {
        return book::read(bytes);
    }
    let text = decode(bytes).filter(|text| !text.trim().is_empty()).ok_or(Unread::Nothing)?;
    text::read(&text)
}

/// The text of a file: UTF-8 with or without byte order mark, UTF-16 with or without one, else GB18030, which spreadsheets on
/// Chinese Windows write. `None` for bytes that are no text in any of them.
pub fn decode(bytes: &[u8]) -> Option<String> {
    decoded(bytes).filter(|text| !text.contains('\0'))
}

fn decoded(bytes: &[u8]) -> Option<String> {
    if OTHERS.iter().chain(&[ARCHIVE, OLD]).any(|beginning| bytes.starts_with(beginning)) {
        return None;
    }
    if let Some((encoding, skip)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding
            .decode_without_bom_handling_and_without_replacement(bytes.get(skip..)?)
            .map(Into::into);
    }
    // No text holds a NUL: UTF-16 without its mark, of which every digit and comma has one.
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        let order = if at % 2 == 1 { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE };
        return order.decode_without_bom_handling_and_without_replacement(bytes).map(Into::into);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(Into::into)
}

/// The lines as a text that is read as the same, each on the line of its number, parted by tabs: for a form in
/// which they are put right.
#[must_use]
pub fn as_text(lines: &[Line]) -> String {
    let (mut out, mut at) = (String::new(), 1);
    for line in lines {
        while at < line.number {
            out.push('\n');
            at += 1;
        }
        let cells: Vec<String> = line.cells.iter().map(|cell| text::quoted(cell)).collect();
        out.push_str(cells.join("\t").trim_end());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_chinese_spreadsheets_are_read() {
        let text = "姓名,证件\n陈建国,360426199101010071";
        let (gb, _, _) = encoding_rs::GB18030.encode(text);
        assert_eq!(decode(&gb).as_deref(), Some(text));
        let bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        assert_eq!(decode(&bom).as_deref(), Some(text));
        let utf16: Vec<u8> =
            [0xfeffu16].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf16).as_deref(), Some(text));
        let plain: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&plain).as_deref(), Some(text));
        assert_eq!(decode(b"\x81\x20\xff\xff"), None);
        for bytes in [gb.as_ref(), &bom, &utf16, &plain] {
            let lines = read(bytes).unwrap();
            assert_eq!(
                lines[1],
                Line { number: 2, cells: vec!["陈建国".into(), "360426199101010071".into()] }
            );
        }
    }

    #[test]
    fn what_is_no_list_says_what_it_is() {
        for (bytes, why) in [
            (&b""[..], Unread::Nothing),
            (b"\xef\xbb\xbf", Unread::Nothing),
            (b" \r\n\t\r\n", Unread::Nothing),
            (b"%PDF-1.7\n", Unread::Nothing),
            (b"\x89PNG\r\n\x1a\n", Unread::Nothing),
            (b"PK\x03\x04\x14\0\x06\0", Unread::Broken),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Unread::Old),
            (b"a,b\n\"c,d", Unread::Quote(2)),
        ] {
            assert_eq!(read(bytes), Err(why), "{bytes:?}");
        }
    }

    #[test]
    fn lines_keep_their_numbers_as_a_text() {
        let line =
            |number, cells: &[&str]| Line { number, cells: cells.iter().map(|c| (*c).to_owned()).collect() };
        let lines =
            [line(2, &["名单"]), line(5, &["张三", "a\"b", "=1", "c d"]), line(6, &["李四", "", "x"])];
        assert_eq!(text::read(&as_text(&lines)).unwrap(), lines);
    }
}
