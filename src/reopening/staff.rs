//! The staff list as people have it: rows pasted from a spreadsheet, or a CSV file. Every error names its row and column.

use super::model::StaffRow;
use crate::error::FieldError;
use crate::identity::{DocumentKind, DocumentNumber, PersonName, Phone};
use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// Columns in the order of the template to download; also the names in JSON and the keys `reopening-column-<name>`.
pub const COLUMNS: [&str; 5] = ["name", "document", "phone", "origin", "certificate"];

/// Errors shown at once; more help nobody.
const MAX_ERRORS: usize = 20;

/// Reads the text of a list. A first row of headings is skipped. Columns are separated by tabs (pasted from a
/// spreadsheet), commas (also full-width) or semicolons; quoted fields as in RFC 4180.
///
/// # Errors
/// One error a cell, on the field `staff.<row>.<column>` with rows counted from 1 as in the text; `staff` itself
/// with `staff-too-many` when there are more than `limit` rows.
pub fn parse(text: &str, today: NaiveDate, limit: usize) -> Result<Vec<StaffRow>, Vec<FieldError>> {
    // Browsers send CR LF, of which the reader counts a part into the next row.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let (text, delimiter) = delimiter(&text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let (mut rows, mut errors, mut seen) = (Vec::new(), Vec::new(), std::collections::HashMap::new());
    // The reader counts a record from where the one before it ended, that is before the blank lines between them.
    let typed: Vec<&str> = text.lines().collect();
    for (index, record) in reader.records().enumerate() {
        let Ok(record) = record else {
            errors.push(FieldError::new(format!("staff.{}.name", index + 1), "staff-row-unreadable"));
            break;
        };
        let begun = record.position().map_or(index + 1, |p| usize::try_from(p.line()).unwrap_or(index + 1));
        let line =
            begun + typed.iter().skip(begun.saturating_sub(1)).take_while(|l| l.trim().is_empty()).count();
        let cells: Vec<&str> = record.iter().collect();
        if cells.iter().all(|c| c.is_empty()) || (rows.is_empty() && is_heading(&cells)) {
            continue;
        }
        match row(&cells, today) {
            Ok(row) => {
                let key = (row.document_kind.clone(), row.document.clone());
                match seen.insert(key, line) {
                    Some(first) => errors.push(
                        FieldError::new(format!("staff.{line}.document"), "staff-twice").with("first", first),
                    ),
                    None => rows.push(row),
                }
            }
            Err(found) => errors.extend(
                found
                    .into_iter()
                    .map(|(column, code)| FieldError::new(format!("staff.{line}.{column}"), code)),
            ),
        }
        if rows.len() > limit {
            return Err(vec![FieldError::new("staff", "staff-too-many").with("max", limit)]);
        }
        if errors.len() >= MAX_ERRORS {
            break;
        }
    }
    if errors.is_empty() { Ok(rows) } else { Err(errors) }
}

/// The separator of the first line that has text: a tab before a comma before a semicolon.
fn delimiter(text: &str) -> (std::borrow::Cow<'_, str>, u8) {
    let line = text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    if line.contains('\t') {
        (text.into(), b'\t')
    } else if line.contains(',') || line.contains('，') {
        (text.replace('，', ",").into(), b',')
    } else if line.contains(';') || line.contains('；') {
        (text.replace('；', ";").into(), b';')
    } else {
        (text.into(), b',')
    }
}

fn is_heading(cells: &[&str]) -> bool {
    let first = cells.first().copied().unwrap_or_default().trim().to_lowercase();
    ["姓名", "名字", "name", "full name"].contains(&first.as_str())
}

type CellError = (&'static str, &'static str);

fn row(cells: &[&str], today: NaiveDate) -> Result<StaffRow, Vec<CellError>> {
    let cell = |n: usize| cells.get(n).copied().unwrap_or_default();
    let mut errors = Vec::new();
    let name = PersonName::parse(cell(0)).map_err(|e| errors.push(("name", e.code()))).ok();
    let document = document(cell(1), today).map_err(|code| errors.push(("document", code))).ok();
    let phone = match cell(2) {
        "" => None,
        typed => Phone::parse(typed).map_err(|e| errors.push(("phone", e.code()))).ok(),
    };
    let text = |n: usize| Some(cell(n).to_owned()).filter(|t| !t.is_empty());
    if cell(3).chars().count() > 200 {
        errors.push(("origin", "too-long"));
    }
    let certificate = text(4).map(|t| crate::number::normalise(&t));
    if certificate.as_ref().is_some_and(|c| c.len() > 40) {
        errors.push(("certificate", "too-long"));
    }
    if cells.iter().skip(COLUMNS.len()).any(|c| !c.is_empty()) {
        errors.push(("certificate", "staff-too-many-columns"));
    }
    match (name, document) {
        (Some(name), Some(document)) if errors.is_empty() => Ok(StaffRow {
            name: name.as_str().to_owned(),
            document_kind: document.kind().as_str().to_owned(),
            document: document.number().to_owned(),
            phone: phone.map(|p| p.as_str().to_owned()),
            origin: text(3),
            certificate,
        }),
        _ => Err(errors),
    }
}

/// A number whose kind the list does not say: what looks like an identity number is judged as one, so that a mistyped
/// one is named; everything else is the first kind whose form it has.
fn document(typed: &str, today: NaiveDate) -> Result<DocumentNumber, &'static str> {
    let plain: String = typed.nfkc().filter(|c| c.is_alphanumeric()).collect();
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    if plain.is_empty() {
        return Err("document-empty");
    }
    if (15..=19).contains(&plain.len()) && digits + 1 >= plain.len() {
        return DocumentNumber::parse(DocumentKind::IdCard, typed, today).map_err(|e| e.code());
    }
    let others = [
        DocumentKind::HkMacaoPermit,
        DocumentKind::TaiwanPermit,
        DocumentKind::ForeignPermanent,
        DocumentKind::Passport,
    ];
    others
        .into_iter()
        .find_map(|kind| DocumentNumber::parse(kind, typed, today).ok())
        .ok_or("staff-document-unreadable")
}

/// The text of a file: UTF-8 with or without byte order mark, UTF-16 with one, else GB18030, which spreadsheets on
/// Chinese Windows write. `None` for bytes that are no text in any of them.
pub fn decode(bytes: &[u8]) -> Option<String> {
    if let Some((encoding, skip)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding
            .decode_without_bom_handling_and_without_replacement(bytes.get(skip..)?)
            .map(Into::into);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(Into::into)
}

/// The list as text for the form: one person a line, tab-separated, in the order of [`COLUMNS`].
pub fn to_text(rows: &[StaffRow]) -> String {
    let line = |r: &StaffRow| {
        let cells = [
            r.name.as_str(),
            r.document.as_str(),
            r.phone.as_deref().map_or("", |p| p.strip_prefix("+86").unwrap_or(p)),
            r.origin.as_deref().unwrap_or_default(),
            r.certificate.as_deref().unwrap_or_default(),
        ];
        cells.join("\t").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2020, 3, 12).unwrap()
    }

    fn codes(text: &str) -> Vec<String> {
        let errors = parse(text, day(), 100).unwrap_err();
        errors.into_iter().map(|e| format!("{}:{}", e.field, e.code)).collect()
    }

    #[test]
    fn lists_are_read_as_people_have_them() {
        let tabs = "姓名\t证件号码\t手机\n陈㛃\t11010519491231002x\t138 0013 8000\t广安区\tFG200312-00000001\n\n阿依古丽·买买提江\t360426199101010071";
        let rows = parse(tabs, day(), 100).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].name, "陈㛃");
        assert_eq!(rows[0].document, "11010519491231002X");
        assert_eq!(rows[0].phone.as_deref(), Some("+8613800138000"));
        assert_eq!(rows[1].origin, None);
        let commas = "𠮷田，360426199101010071，，\"上海,浦东\"\nJohn Smith,E12345678";
        let rows = parse(commas, day(), 100).unwrap();
        assert_eq!(rows[0].name, "𠮷田");
        assert_eq!(rows[0].origin.as_deref(), Some("上海,浦东"));
        assert_eq!(rows[1].document_kind, "passport");
        assert_eq!(parse(&to_text(&rows), day(), 100).unwrap(), rows);
    }

    #[test]
    fn errors_name_row_and_column() {
        assert_eq!(
            codes("张三,360426199101010072\n李四,,12\n,360426199101010071"),
            [
                "staff.1.document:id-number-check-digit",
                "staff.2.document:document-empty",
                "staff.2.phone:phone-not-mobile",
                "staff.3.name:person-name-empty",
            ]
        );
        assert_eq!(
            codes("张三,360426199101010071\n\n李四,360426199101010071"),
            ["staff.3.document:staff-twice"]
        );
        assert_eq!(codes("张三,???")[0], "staff.1.document:document-empty");
        assert_eq!(parse("a b,E1234567\nc d,E1234568", day(), 1).unwrap_err()[0].code, "staff-too-many");
    }

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
        assert_eq!(decode(b"\x81\x20\xff\xff"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = parse(&text, day(), 10);
        }
    }
}
