//! The staff list as people have it: rows pasted from a spreadsheet, a workbook or a CSV file. Every error names its row and
//! column.

use super::model::StaffRow;
use super::rules;
use super::staff_columns::COLUMNS;
use crate::deps::Deps;
use crate::error::{AppResult, FieldError};
use crate::identity::{DocumentKind, DocumentNumber, PersonName, Phone};
use crate::import::{self, Checked, Column, Fault, Flaw, Table, Unread};
use crate::web::text;
use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// How many errors are shown at once in the form; nobody mends more of them in one go.
const MAX_ERRORS: usize = 20;

/// The list as a table that people send.
pub struct StaffList;

impl Table for StaffList {
    type Row = StaffRow;

    const NAME: &'static str = "staff";
    const COLUMNS: &'static [Column] = COLUMNS;
    const MORE: (&'static str, &'static str) = ("certificate", "staff-too-many-columns");

    fn row(cells: &[String], today: NaiveDate) -> Result<StaffRow, Vec<FieldError>> {
        row(cells, today)
    }

    fn alone(row: &StaffRow) -> Option<(&'static str, String, &'static str)> {
        Some(("document", format!("{}:{}", row.document_kind, row.document), "staff-twice"))
    }
}

/// Reads the text of a list as people have it: headings in any order, or none and the order of the template; separated by
/// tabs, commas or semicolons.
///
/// # Errors
/// One error a cell, on the field `staff.<row>.<column>` with rows counted from 1 as in the text; `staff` itself
/// with `staff-too-many` when there are more than `limit` rows.
pub fn parse(text: &str, today: NaiveDate, limit: usize) -> Rows {
    let checked = import::read_text(text)
        .map_err(Fault::from)
        .and_then(|lines| import::check::<StaffList>(lines, today, limit));
    rows(checked)
}

/// What became of reading a list.
pub type Rows = Result<Vec<StaffRow>, Vec<FieldError>>;

/// The rows, when all of them are right; else errors at their cells, no more than can be mended in one go.
///
/// # Errors
/// See [`parse`].
pub fn rows(checked: Result<Checked<StaffRow>, Fault>) -> Rows {
    let checked = checked.map_err(|fault| faults(&fault))?;
    if checked.wrong.is_empty() {
        return Ok(checked.right);
    }
    let mut errors = Vec::new();
    for wrong in checked.wrong {
        if errors.len() >= MAX_ERRORS {
            break;
        }
        errors.extend(wrong.at("staff"));
    }
    Err(errors)
}

/// What is wrong with a list as a whole.
pub fn faults(fault: &Fault) -> Vec<FieldError> {
    let at = |line: usize, column: usize, code: &str| {
        let name = StaffList::COLUMNS.get(column).map_or("name", |column| column.name);
        FieldError::new(format!("staff.{line}.{name}"), code)
    };
    match fault {
        Fault::Unread(Unread::Quote(line)) => vec![at(*line, 0, "staff-row-unreadable")],
        Fault::Unread(unread) => vec![FieldError::new("file", unread.code())],
        Fault::TooMany(most) => vec![FieldError::new("staff", "staff-too-many").with("max", most)],
        Fault::Flaw(Flaw::Missing(line, column, unknown)) => {
            let missing = at(*line, *column, "staff-column-missing");
            let named = (!unknown.is_empty()).then(|| {
                FieldError::new("staff", "import-headings-unknown").with("headings", unknown.join(", "))
            });
            std::iter::once(missing).chain(named).collect()
        }
        Fault::Flaw(Flaw::Twice(line, column, [first, second])) => {
            vec![at(*line, *column, "import-heading-twice").with("first", first).with("second", second)]
        }
    }
}

/// A row, or what is wrong with it by column.
fn row(cells: &[String], today: NaiveDate) -> Result<StaffRow, Vec<FieldError>> {
    let cell = |n: usize| cells.get(n).map(String::as_str).unwrap_or_default();
    let mut errors = Vec::new();
    let mut wrong = |column: &str, code: &str| errors.push(FieldError::new(column, code));
    let name = PersonName::parse(cell(0)).map_err(|e| wrong("name", e.code())).ok();
    let document = document(cell(1), today).map_err(|code| wrong("document", code)).ok();
    let phone = match cell(2) {
        "" => None,
        typed => Phone::parse(typed).map_err(|e| wrong("phone", e.code())).ok(),
    };
    let mut text = |column: &str, typed: &str, max: usize| {
        text::some_line(column, typed, max).map_err(|e| errors.push(e)).ok().flatten()
    };
    let origin = text("origin", cell(3), 200);
    let certificate = text("certificate", &crate::number::normalise(cell(4)), 40);
    match (name, document) {
        (Some(name), Some(document)) if errors.is_empty() => Ok(StaffRow {
            name: name.as_str().to_owned(),
            document_kind: document.kind().as_str().to_owned(),
            document: document.number().to_owned(),
            phone: phone.map(|p| p.as_str().to_owned()),
            origin,
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
    // A telephone number in the column beside, not a passport.
    if plain.len() == 11 && digits == 11 && Phone::parse(&plain).is_ok() {
        return Err("staff-document-unreadable");
    }
    // A card of permanent residence of since 2023 has eighteen digits as well and begins with a 9.
    if plain.len() == 18 && plain.starts_with('9') {
        let card = DocumentNumber::parse(DocumentKind::ForeignPermanent, typed, today);
        return card.map_err(|e| e.code());
    }
    if (15..=19).contains(&plain.len()) && digits + 1 >= plain.len() {
        let card = DocumentNumber::parse(DocumentKind::IdCard, typed, today);
        // A spreadsheet has kept its first fifteen digits.
        let rounded = card.is_err() && import::is_rounded(&plain);
        return card.map_err(|e| if rounded { "import-cell-shortened" } else { e.code() });
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

/// Reads a list as [`parse`] on a thread for such work: neither where requests are answered nor where everybody's changes
/// are written.
///
/// # Errors
/// [`AppError::Internal`](crate::error::AppError::Internal) when the work broke off.
pub async fn read(deps: &Deps, text: String, today: NaiveDate) -> AppResult<Rows> {
    let limit = rules::settings()?.staff_rows;
    Ok(rows(import::open_text::<StaffList>(deps, text, today, limit).await?))
}

/// The list as text for the form: one person a line, tab-separated, in the order of the template.
pub fn to_text(rows: &[StaffRow]) -> String {
    let line = |r: &StaffRow| {
        let cells = [
            r.name.as_str(),
            r.document.as_str(),
            r.phone.as_deref().map_or("", |p| p.strip_prefix("+86").unwrap_or(p)),
            r.origin.as_deref().unwrap_or_default(),
            r.certificate.as_deref().unwrap_or_default(),
        ];
        cells.map(import::quoted).join("\t").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::i18n::{Lang, t};
    use proptest::prelude::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2020, 3, 12).unwrap()
    }

    /// The largest file that is taken, of whatever makes most rows and cells.
    #[test]
    fn no_list_costs_many_times_its_size() {
        for piece in [",", "\n", "\t\n", "a,\n", "a\n", "\"a\",", "a;b;c;d;e;f\n", "\"\n\"\n"] {
            let text = piece.repeat((1 << 20) / piece.len());
            let (read, held) = crate::counting::most(|| parse(&text, day(), 2000));
            assert!(held < 16 << 20, "{piece:?}: {held}");
            assert!(
                read.is_ok_and(|rows| rows.is_empty()) || piece.contains(char::is_alphabetic),
                "{piece:?}"
            );
        }
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

    const ID: &str = "11010519491231002X";

    #[test]
    fn separators_guards_and_headings_are_taken_as_they_come() {
        let expected = |text: &str, origin: Option<&str>, phone: Option<&str>| {
            let rows = parse(text, day(), 100).unwrap_or_else(|e| panic!("{text:?}: {e:?}"));
            assert_eq!(rows.len(), 1, "{text:?}");
            assert_eq!((rows[0].name.as_str(), rows[0].document.as_str()), ("张三", ID), "{text:?}");
            assert_eq!(rows[0].origin.as_deref(), origin, "{text:?}");
            assert_eq!(rows[0].phone.as_deref(), phone, "{text:?}");
            assert_eq!(rows[0].certificate, None, "{text:?}");
            assert_eq!(parse(&to_text(&rows), day(), 100).unwrap(), rows, "{text:?}");
        };
        let phone = Some("+8613800138000");
        let place = Some("四川省广安市，岳池县");
        expected(&format!("张三,{ID},13800138000,四川省广安市，岳池县"), place, phone);
        expected(&format!("张三\t{ID}\t13800138000\t四川省广安市，岳池县"), place, phone);
        expected(&format!("张三;{ID};13800138000;四川省广安市，岳池县"), place, phone);
        for guarded in [
            format!("\t{ID}"),
            format!("=\"{ID}\""),
            format!("'{ID}"),
            format!("\"=\"\"{ID}\"\"\""),
            format!("\"\t{ID}\""),
            format!("\u{202a}{ID}\u{202c}"),
            format!(" {ID} "),
        ] {
            expected(&format!("张三,{guarded}"), None, None);
            expected(&format!("张三,{guarded},'13800138000"), None, phone);
            expected(&format!("\u{feff}姓名,证件号码\r\n张三,{guarded}\r\n"), None, None);
        }
        for headings in [
            "序号,手机,*姓名,姓名全拼,身份证号（必填）,来自",
            "sep=,\n序号,手机,姓名（必填）,备注,证件号码 *,14 天来自",
            "某某公司返岗人员名单,,,,,\n2020 年 3 月 12 日,,,,,\n序号,手机号码,员工姓名,备注,公民身份号码,出发地",
        ] {
            expected(&format!("{headings}\n1,13800138000,张三,x,{ID},上海\n,,,,,\n"), Some("上海"), phone);
        }
        expected(&format!("1,张三,{ID},13800138000,上海"), Some("上海"), phone);
        expected(&format!("Phone;ID number;Full name\n13800138000;{ID};张三;;;"), None, phone);
        expected(&format!("姓名,证件号码,来自\n张三,{ID},\"上海\n浦东\"\n\n"), Some("上海 浦东"), None);
        assert_eq!(codes("姓名,手机\n张三,13800138000"), ["staff.1.document:staff-column-missing"]);
        assert_eq!(codes("张三,13800138000"), ["staff.1.document:staff-document-unreadable"]);
        assert_eq!(codes(&format!("张三,{ID}\n\"李四,x")), ["staff.2.name:staff-row-unreadable"]);
        assert_eq!(parse("姓名,证件号码\n", day(), 10).unwrap(), []);
        assert_eq!(parse("\u{feff}", day(), 10).unwrap(), []);
    }

    #[test]
    fn cards_of_people_from_elsewhere_are_told_apart() {
        for (number, kind) in [
            ("911840198001010013", "foreign_permanent"),
            ("USA110012345678", "foreign_permanent"),
            ("H12345678", "hk_macao_permit"),
            ("12345678", "taiwan_permit"),
            ("E1234 5678", "passport"),
        ] {
            let rows = parse(&format!("O’Neill Mary,{number}"), day(), 10).unwrap();
            assert_eq!(rows[0].document_kind, kind, "{number}");
        }
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
    fn a_number_that_a_spreadsheet_has_shortened_is_called_so() {
        for document in ["5.10105E+17", "1.1010519491231E+17", "510105194912310000"] {
            assert_eq!(
                codes(&format!("张三,{document}")),
                ["staff.1.document:import-cell-shortened"],
                "{document}"
            );
        }
        assert_eq!(
            codes("张三,360426199101010071,1.38E+10,#N/A"),
            ["staff.1.phone:import-cell-shortened", "staff.1.origin:import-cell-failed"]
        );
        // What is right is right, whatever it ends with.
        assert_eq!(parse("张三,E1234567", day(), 10).unwrap().len(), 1);
    }

    #[test]
    fn headings_and_columns_fit() {
        for column in StaffList::COLUMNS {
            for lang in Lang::ALL {
                let label = t(lang, column.label, &[]).to_lowercase().replace(' ', "");
                assert!(column.headings.contains(&label.as_str()), "{label}");
                assert_ne!(t(lang, column.hint, &[]), column.hint);
            }
        }
        let twice = codes("姓名,证件号码,身份证号\n张三,360426199101010071,360426199101010071");
        assert_eq!(twice, ["staff.1.document:import-heading-twice"]);
        let unknown = codes("姓名,手机,护照号\n张三,13800138000,E1234567");
        assert_eq!(unknown, ["staff.1.document:staff-column-missing", "staff:import-headings-unknown"]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = parse(&text, day(), 10);
        }
    }
}
