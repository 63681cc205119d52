//! Headings: which column is which, in any order, under any of its names, below titles.

use super::grid::Line;
use super::table::Column;
use crate::identity::{is_unseen, seen};
use crate::web::i18n::{Lang, t};
use unicode_normalization::UnicodeNormalization;

/// Lines among which the headings are looked for.
const LOOKED_AT: usize = 20;
/// Headings that are named as unknown, and their characters.
const NAMED: usize = 10;
const NAME: usize = 20;
/// How the example of a template begins, which nobody has to take out.
const EXAMPLES: [&str; 4] = ["示例", "样例", "例：", "example"];

/// A row: where it stands, what stands in the columns asked for, then in any others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The line of a text, the row of a sheet.
    pub line: usize,
    /// One cell for each column of the table.
    pub cells: Vec<String>,
    /// What stands behind the last column of a table without headings.
    pub others: Vec<String>,
}

/// A table whose columns are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arranged {
    /// Its rows, without headings and examples.
    pub rows: Vec<Sent>,
    /// Headings that no column has: what stands below them is not read.
    pub unknown: Vec<String>,
    /// Columns that stand there twice, with the heading that counts and the one that does not.
    pub doubled: Vec<(usize, String, String)>,
}

/// Why the columns are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The headings on this line do not name this column, which every row needs; these headings are unknown.
    Missing(usize, usize, Vec<String>),
    /// The headings on this line name this column, which every row needs, twice, under these two headings.
    Twice(usize, usize, [String; 2]),
}

/// Arranges lines by their headings; without any the columns stand in the order of the table, perhaps behind a running
/// number.
///
/// # Errors
/// [`Flaw`] of headings.
pub fn arrange(lines: Vec<Line>, columns: &[Column]) -> Result<Arranged, Flaw> {
    let heading = lines.iter().take(LOOKED_AT).position(|line| is_heading(&line.cells, columns));
    let mut arranged = match heading.and_then(|at| lines.get(at).map(|head| (at, head))) {
        None => Arranged { rows: by_position(lines, columns.len()), ..Arranged::default() },
        Some((at, head)) => by_heading(head, lines.get(at + 1..).unwrap_or_default(), columns)?,
    };
    arranged.rows.retain(|row| !is_example(row));
    Ok(arranged)
}

fn by_heading(head: &Line, below: &[Line], columns: &[Column]) -> Result<Arranged, Flaw> {
    let places = places(&head.cells, columns);
    let unknown = unknown(&head.cells, columns);
    let needed = |column: usize| columns.get(column).is_some_and(|c| c.needed);
    if let Some(missing) = places.iter().enumerate().position(|(n, place)| place.is_none() && needed(n)) {
        return Err(Flaw::Missing(head.number, missing, unknown));
    }
    let doubled = doubled(&head.cells, columns);
    if let Some((column, first, second)) = doubled.iter().find(|(column, ..)| needed(*column)) {
        return Err(Flaw::Twice(head.number, *column, [first.clone(), second.clone()]));
    }
    let cell = |cells: &[String], place: &Option<usize>| place.and_then(|at| cells.get(at)).cloned();
    let row = |line: &Line| Sent {
        line: line.number,
        cells: places.iter().map(|place| cell(&line.cells, place).unwrap_or_default()).collect(),
        others: Vec::new(),
    };
    // Of a line that has something only where nothing is read nothing can be taken.
    let rows = below.iter().map(row).filter(|row| row.cells.iter().any(|cell| !cell.is_empty()));
    Ok(Arranged { rows: rows.collect(), unknown, doubled })
}

/// Where each column stands. Rows that go on behind headings which stand in our order go on in it, too.
fn places(head: &[String], columns: &[Column]) -> Vec<Option<usize>> {
    let named: Vec<Option<usize>> =
        columns.iter().map(|column| head.iter().position(|cell| means(cell, column))).collect();
    let filled = head.iter().filter(|cell| !cell.is_empty()).count();
    let in_order = named.iter().take(filled).enumerate().all(|(at, place)| *place == Some(at));
    let rest =
        |(at, place): (usize, Option<usize>)| place.or_else(|| (in_order && at >= filled).then_some(at));
    named.into_iter().enumerate().map(rest).collect()
}

fn short(cell: &str) -> String {
    seen(cell, NAME)
}

fn unknown(head: &[String], columns: &[Column]) -> Vec<String> {
    // The column of what is wrong comes back with the rows that were mended.
    let ours =
        |cell: &str| [Lang::ZhCn, Lang::En].iter().any(|lang| t(*lang, "import-wrong-column", &[]) == cell);
    let known = |cell: &str| ours(cell.trim()) || columns.iter().any(|column| means(cell, column));
    head.iter().filter(|cell| !cell.is_empty() && !known(cell)).map(|cell| short(cell)).take(NAMED).collect()
}

fn doubled(head: &[String], columns: &[Column]) -> Vec<(usize, String, String)> {
    let twice = |(n, column): (usize, &Column)| {
        let mut found = head.iter().filter(|cell| means(cell, column));
        Some((n, short(found.next()?), short(found.next()?)))
    };
    columns.iter().enumerate().filter_map(twice).collect()
}

fn by_position(lines: Vec<Line>, columns: usize) -> Vec<Sent> {
    let numbered = |cells: &[String]| {
        cells.len() > 2
            && cells
                .first()
                .is_some_and(|c| (1..=5).contains(&c.len()) && c.bytes().all(|b| b.is_ascii_digit()))
    };
    let skip = usize::from(!lines.is_empty() && lines.iter().all(|line| numbered(&line.cells)));
    lines
        .into_iter()
        .map(|Line { number, cells }| {
            let mut cells: Vec<String> = cells.into_iter().skip(skip).collect();
            let others = if cells.len() > columns { cells.split_off(columns) } else { Vec::new() };
            cells.resize(columns, String::new());
            Sent { line: number, cells, others }
        })
        .collect()
}

/// Two cells are headings, or the only one that is filled.
fn is_heading(cells: &[String], columns: &[Column]) -> bool {
    let found = columns.iter().filter(|column| cells.iter().any(|cell| means(cell, column))).count();
    found >= 2 || (found == 1 && cells.iter().filter(|cell| !cell.is_empty()).count() == 1)
}

/// The row that a template shows.
fn is_example(row: &Sent) -> bool {
    let first = row.cells.iter().find(|cell| !cell.is_empty());
    first.is_some_and(|cell| {
        let plain = cell.trim_start_matches(['(', '（', '[', '【']).to_lowercase();
        EXAMPLES.iter().any(|mark| {
            let rest = plain.strip_prefix(mark);
            rest.is_some_and(|rest| {
                mark.ends_with('：') || rest.starts_with(['：', ':', ')', '）', ']', '】'])
            })
        })
    })
}

/// `*姓名`, `姓名（必填）`, `Full name:` are what they are without ornaments.
fn means(cell: &str, column: &Column) -> bool {
    let mut depth = 0_usize;
    let plain: String = cell
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| match *c {
            '(' | '[' | '【' => {
                depth += 1;
                false
            }
            ')' | ']' | '】' => {
                depth = depth.saturating_sub(1);
                false
            }
            c => {
                depth == 0 && !c.is_whitespace() && !is_unseen(c) && !matches!(c, '*' | ':' | '_' | '-' | '.')
            }
        })
        .collect();
    column.headings.iter().any(|name| name.chars().filter(|c| *c != ' ').eq(plain.chars()))
}

#[cfg(test)]
mod tests {
    use super::super::text;
    use super::*;

    const COLUMNS: &[Column] = &[
        Column { needed: true, ..Column::new("name", &["姓名", "name"]) },
        Column { needed: true, ..Column::new("document", &["证件号码", "身份证号", "idnumber"]) },
        Column::new("phone", &["手机", "电话", "phone"]),
    ];

    fn of(text: &str) -> Result<Arranged, Flaw> {
        arrange(text::read(text).unwrap(), COLUMNS)
    }

    fn cells(text: &str) -> Vec<Vec<String>> {
        of(text).unwrap().rows.into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn headings_stand_anywhere_and_are_called_as_people_call_them() {
        for head in [
            "姓名,证件号码,手机",
            "* 姓名（必填）,ID number:,电话",
            "某公司名单,,\n2020年,,\n姓名,身份证号,Phone",
        ] {
            assert_eq!(cells(&format!("{head}\n张三,1,2\n,,\n")), [["张三", "1", "2"]], "{head}");
        }
        assert_eq!(cells("手机,姓名,证件号码\n2,张三,1"), [["张三", "1", "2"]]);
        assert_eq!(cells("1,张三,1,2\n2,李四,3,4"), [["张三", "1", "2"], ["李四", "3", "4"]]);
    }

    #[test]
    fn headings_that_are_unknown_missing_or_doubled_are_named() {
        let read = of("序号,姓名,证件号码,备注,手机,电话\n1,张三,1,x,2,3\n2,,,x,,\n").unwrap();
        assert_eq!(read.unknown, ["序号", "备注"]);
        assert_eq!(read.doubled, [(2, "手机".to_owned(), "电话".to_owned())]);
        assert_eq!(read.rows.len(), 1, "a row with remarks alone is none");
        assert_eq!(read.rows[0].cells, ["张三", "1", "2"]);
        assert_eq!(of("x\n姓名,手机,护照\n"), Err(Flaw::Missing(2, 1, vec!["护照".to_owned()])));
        let twice = Flaw::Twice(1, 1, ["证件号码".to_owned(), "身份证号".to_owned()]);
        assert_eq!(of("姓名,证件号码,身份证号\n张三,1,2"), Err(twice));
        let long = format!("姓名,证件号码,{}\n张三,1,x", "长".repeat(200));
        assert_eq!(of(&long).unwrap().unknown, ["长".repeat(NAME)]);
    }

    #[test]
    fn the_example_of_a_template_is_no_row() {
        assert_eq!(
            cells("姓名,证件号码\n示例：张三,1\n（示例）李四,2\nExample: A,3\n王五,4"),
            [["王五", "4", ""]]
        );
        assert_eq!(cells("姓名,证件号码\n示例子,1\nExampleson,2").len(), 2);
    }
}
