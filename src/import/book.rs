//! Workbooks (XLSX). Cells come one by one and are counted as they come: neither the size that a sheet says it has nor a cell
//! far below costs anything. Of formulas what the spreadsheet has worked out counts; nothing is worked out here.

use super::archive::{self, Fault};
use super::cell;
use super::grid::{Line, MOST_CELLS, MOST_LINES, Unread};
use super::text::clean;
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};
use std::io::Cursor;

/// Sheets that are looked through for the first one that is not empty.
const MOST_SHEETS: usize = 20;
/// The last row that anything may stand in.
const LAST_ROW: usize = 2 * MOST_LINES;
/// Bytes of all cells together: a long word may be told many times at the cost of one.
const MOST_TEXT: usize = 8 << 20;
/// Characters of a cell that are kept; no column takes as many.
const MOST_CHARS: usize = 4_000;
/// Cells of a sheet that are looked at, also empty ones.
const MOST_LOOKED_AT: usize = 2_000_000;

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Broken => Self::Broken,
            Fault::Large => Self::Large,
            Fault::Locked => Self::Old,
        }
    }
}

type Book = Xlsx<Cursor<Vec<u8>>>;

/// The lines of the first sheet that is shown and has anything in it.
///
/// # Errors
/// [`Unread`].
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Line>, Unread> {
    let mut book: Book = Xlsx::new(Cursor::new(archive::plain(bytes)?)).map_err(|_| Unread::Broken)?;
    let sheets = book.sheets_metadata().iter();
    let shown = sheets
        .filter(|s| matches!(s.visible, SheetVisible::Visible) && matches!(s.typ, SheetType::WorkSheet));
    let names: Vec<String> = shown.map(|sheet| sheet.name.clone()).take(MOST_SHEETS).collect();
    for name in names {
        let lines = sheet(&mut book, &name)?;
        if !lines.is_empty() {
            return Ok(lines);
        }
    }
    Err(Unread::Nothing)
}

fn sheet(book: &mut Book, name: &str) -> Result<Vec<Line>, Unread> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|_| Unread::Broken)?;
    let mut found = Found::default();
    let mut looked_at = 0;
    while let Some(cell) = cells.next_cell().map_err(|_| Unread::Broken)? {
        looked_at += 1;
        if looked_at > MOST_LOOKED_AT {
            return Err(Unread::Large);
        }
        let (row, column) = cell.get_position();
        let text = shown(cell.get_value());
        if !text.is_empty() && !found.put(row, column, text)? {
            break;
        }
    }
    Ok(found.lines)
}

#[derive(Default)]
struct Found {
    lines: Vec<Line>,
    bytes: usize,
}

impl Found {
    /// Puts a cell in its place; false when there are lines enough.
    fn put(&mut self, row: u32, column: u32, text: String) -> Result<bool, Unread> {
        let number = usize::try_from(row).map_err(|_| Unread::Large)? + 1;
        let column = usize::try_from(column).map_err(|_| Unread::Large)?;
        if column >= MOST_CELLS {
            return Ok(true);
        }
        self.bytes += text.len();
        if self.bytes > MOST_TEXT || number > LAST_ROW {
            return Err(Unread::Large);
        }
        match self.lines.last() {
            // Rows go down the sheet.
            Some(last) if last.number > number => return Err(Unread::Broken),
            Some(last) if last.number == number => {}
            _ if self.lines.len() >= MOST_LINES => return Ok(false),
            _ => self.lines.push(Line { number, cells: Vec::new() }),
        }
        if let Some(line) = self.lines.last_mut() {
            if line.cells.len() <= column {
                line.cells.resize(column + 1, String::new());
            }
            if let Some(place) = line.cells.get_mut(column) {
                *place = text;
            }
        }
        Ok(true)
    }
}

/// A cell as people see it, in one line.
fn shown(value: &DataRef<'_>) -> String {
    let text = match value {
        DataRef::Empty => return String::new(),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => cell::number(*n),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => cut(text),
        DataRef::SharedString(text) => cut(text),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::Error(error) => error.to_string(),
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            cell::moment((year, month, day, hour, minute, second))
        }
    };
    clean(&text)
}

fn cut(text: &str) -> String {
    text.chars().take(MOST_CHARS).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::archive::tests::packed;
    use super::*;
    use crate::counting::most;
    use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

    fn line(number: usize, cells: &[&str]) -> Line {
        Line { number, cells: cells.iter().map(|c| (*c).to_owned()).collect() }
    }

    #[test]
    fn cells_are_what_people_see() {
        let mut book = Workbook::new();
        book.add_worksheet().set_hidden(true).write_string(0, 0, "hidden").unwrap();
        book.add_worksheet();
        let sheet = book.add_worksheet();
        sheet.merge_range(0, 0, 0, 4, "某某公司返岗人员名单", &Format::new()).unwrap();
        sheet.write_string(2, 0, "姓名").unwrap();
        sheet.write_string(2, 1, "证件号码").unwrap();
        sheet.write_string(3, 0, " 张三\n ").unwrap();
        sheet.write_number(3, 1, 510_105_194_912_310_021.0).unwrap();
        sheet.write_number(3, 2, 13_800_138_000.0).unwrap();
        let day = Format::new().set_num_format("yyyy-mm-dd");
        let at = ExcelDateTime::from_ymd(2020, 3, 12).unwrap();
        sheet.write_datetime_with_format(3, 3, &at, &day).unwrap();
        sheet.write_formula(3, 4, Formula::new("=A4&\"x\"").set_result("张三x")).unwrap();
        sheet.write_boolean(3, 5, true).unwrap();
        sheet.write_string(5, 0, "李四").unwrap();
        sheet.set_active(true);
        let lines = read(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], line(1, &["某某公司返岗人员名单"]));
        assert_eq!(lines[1], line(3, &["姓名", "证件号码"]));
        let cells = &lines[2].cells;
        assert_eq!(lines[2].number, 4);
        assert_eq!((cells[0].as_str(), cells[2].as_str()), ("张三", "13800138000"));
        assert_eq!(
            (cells[3].as_str(), cells[4].as_str(), cells[5].as_str()),
            ("2020-03-12", "张三x", "TRUE")
        );
        assert_eq!(cell::lost(&cells[1]), Some("import-cell-shortened"), "{}", cells[1]);
        assert_eq!(lines[3], line(6, &["李四"]));
    }

    #[test]
    fn an_empty_workbook_is_nothing_and_half_of_one_is_broken() {
        let mut book = Workbook::new();
        book.add_worksheet();
        let bytes = book.save_to_buffer().unwrap();
        assert_eq!(read(&bytes), Err(Unread::Nothing));
        assert_eq!(read(&bytes[..bytes.len() / 2]), Err(Unread::Broken));
        assert!(read(&packed(&[("xl/workbook.xml", b"<workbook/>")], false)).is_err());
    }

    /// A workbook whose one sheet is this.
    fn of(sheet: &str, strings: &str) -> Vec<u8> {
        let rels = |kind: &str, target: &str, more: &str| {
            format!(
                "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
                 <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" \
                 Target=\"{target}\"/>{more}</Relationships>"
            )
        };
        let book = "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
             xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
             <sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
        let (top, inner) =
            (rels("officeDocument", "xl/workbook.xml", ""), rels("worksheet", "worksheets/sheet1.xml", ""));
        packed(
            &[
                ("_rels/.rels", top.as_bytes()),
                ("xl/workbook.xml", book.as_bytes()),
                ("xl/_rels/workbook.xml.rels", inner.as_bytes()),
                ("xl/sharedStrings.xml", strings.as_bytes()),
                ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
            ],
            false,
        )
    }

    #[test]
    fn a_sheet_costs_what_stands_in_it_and_not_what_it_says() {
        let strings = format!("<sst uniqueCount=\"1\"><si><t>{}</t></si></sst>", "长".repeat(3_000));
        let far = "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c>\
             </row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData></worksheet>";
        let bytes = of(far, &strings);
        let (found, memory) = most(|| read(&bytes));
        assert_eq!(found.unwrap().len(), 1, "what stands far to the right is passed over");
        assert!(memory < 2 << 20, "{memory}");
        let below = far.replace("XFD1048576\">", "A1048576\">");
        assert_eq!(read(&of(&below, &strings)), Err(Unread::Large));
        // One long word in many cells.
        let row = |n: usize| format!("<row r=\"{n}\"><c r=\"A{n}\" t=\"s\"><v>0</v></c></row>");
        let rows: String = (1..=5_000).map(row).collect();
        let many = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
        let bytes = of(&many, &strings);
        let (found, memory) = most(|| read(&bytes));
        assert_eq!(found, Err(Unread::Large));
        assert!(memory < 32 << 20, "{memory}");
    }

    #[test]
    fn rows_that_go_up_and_down_are_no_sheet() {
        let sheet = "<worksheet><sheetData><row r=\"5\"><c r=\"A5\"><v>1</v></c></row>\
             <row r=\"2\"><c r=\"A2\"><v>2</v></c></row></sheetData></worksheet>";
        assert_eq!(read(&of(sheet, "<sst/>")), Err(Unread::Broken));
    }
}
