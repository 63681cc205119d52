//! Tables as people paste and upload them: separators, quotes, guards against a spreadsheet's own ideas, headings in any
//! order. What the cells mean is the caller's business.

use crate::identity::is_unseen;
use unicode_normalization::UnicodeNormalization;

/// What may stand between columns, the likeliest first.
const SEPARATORS: [char; 5] = ['\t', ',', ';', '，', '；'];
/// Rows and cells of a row that are kept at most: more than any list may have, so that the caller sees that it has too many.
const MAX_ROWS: usize = 10_000;
const MAX_CELLS: usize = 60;
/// Lines by which the separator is judged, and rows among which the headings are looked for.
const LOOKED_AT: usize = 20;

/// A row with cells: the line on which it begins, counted from 1 as in the text, and what stands in the columns asked
/// for, then in any others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub line: usize,
    pub cells: Vec<String>,
    pub others: Vec<String>,
}

/// Why a table cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A quote opened on this line is never closed.
    Quote(usize),
    /// The headings on this line do not name this column, which every row needs.
    Column(usize, usize),
}

/// Reads a table. `names` are the headings that mean each column, in lower case; the first `needed` columns must be there
/// when there are headings. Without headings the columns stand in the order of `names`, perhaps behind a running number.
pub(super) fn read(text: &str, names: &[&[&str]], needed: usize) -> Result<Vec<Row>, Flaw> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let records = records(&text)?;
    let (told, records) = match records.split_first() {
        Some((first, rest)) if separator_line(first.1).is_some() => (separator_line(first.1), rest.to_vec()),
        _ => (None, records),
    };
    let main = told.unwrap_or_else(|| separator(&records));
    let rows: Vec<(usize, Vec<String>)> = records
        .into_iter()
        .map(|(line, record)| (line, split(record, main)))
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    let heading = rows.iter().take(LOOKED_AT).position(|(_, cells)| is_heading(cells, names));
    match heading.and_then(|at| rows.get(at).map(|row| (at, row))) {
        Some((at, (line, head))) => {
            let places = places(head, names);
            if let Some(missing) = places.iter().take(needed).position(Option::is_none) {
                return Err(Flaw::Column(*line, missing));
            }
            let cell = |cells: &[String], place: &Option<usize>| {
                place.and_then(|at| cells.get(at)).cloned().unwrap_or_default()
            };
            let row = |(line, cells): &(usize, Vec<String>)| Row {
                line: *line,
                cells: places.iter().map(|place| cell(cells, place)).collect(),
                others: Vec::new(),
            };
            Ok(rows.iter().skip(at + 1).map(row).collect())
        }
        None => Ok(by_position(rows, names.len())),
    }
}

/// Where each column stands. Rows that go on behind headings which stand in our order go on in it, too.
fn places(head: &[String], names: &[&[&str]]) -> Vec<Option<usize>> {
    let named: Vec<Option<usize>> =
        names.iter().map(|known| head.iter().position(|cell| means(cell, known))).collect();
    let filled = head.iter().filter(|cell| !cell.is_empty()).count();
    let in_order = named.iter().take(filled).enumerate().all(|(at, place)| *place == Some(at));
    let rest =
        |(at, place): (usize, Option<usize>)| place.or_else(|| (in_order && at >= filled).then_some(at));
    named.into_iter().enumerate().map(rest).collect()
}

fn by_position(rows: Vec<(usize, Vec<String>)>, columns: usize) -> Vec<Row> {
    let numbered = |cells: &[String]| {
        cells.len() > 2
            && cells
                .first()
                .is_some_and(|c| (1..=5).contains(&c.len()) && c.bytes().all(|b| b.is_ascii_digit()))
    };
    let skip = usize::from(!rows.is_empty() && rows.iter().all(|(_, cells)| numbered(cells)));
    rows.into_iter()
        .map(|(line, cells)| {
            let mut cells: Vec<String> = cells.into_iter().skip(skip).collect();
            let others = if cells.len() > columns { cells.split_off(columns) } else { Vec::new() };
            cells.resize(columns, String::new());
            Row { line, cells, others }
        })
        .collect()
}

/// Two cells are headings, or the only one that is filled.
fn is_heading(cells: &[String], names: &[&[&str]]) -> bool {
    let found = names.iter().filter(|known| cells.iter().any(|cell| means(cell, known))).count();
    found >= 2 || (found == 1 && cells.iter().filter(|cell| !cell.is_empty()).count() == 1)
}

/// `*姓名`, `姓名（必填）`, `Full name:` are what they are without ornaments.
fn means(cell: &str, known: &[&str]) -> bool {
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
    known.iter().any(|name| name.chars().filter(|c| *c != ' ').eq(plain.chars()))
}

/// `sep=,`, which some spreadsheets write and read as a first line.
fn separator_line(record: &str) -> Option<char> {
    let rest = record.trim().trim_matches('"').to_lowercase();
    rest.strip_prefix("sep=").map(|mark| mark.chars().next().unwrap_or('\t'))
}

/// The text in records with the line on which each begins. A line break within quotes ends none.
fn records<'a>(text: &'a str) -> Result<Vec<(usize, &'a str)>, Flaw> {
    let (mut found, mut begun, mut line, mut start) = (Vec::new(), 1, 1, 0);
    let mut keep = |record: (usize, &'a str)| {
        if found.len() < MAX_ROWS && !record.1.trim().is_empty() {
            found.push(record);
        }
    };
    let mut quotes = Quotes::default();
    for (at, c) in text.char_indices() {
        quotes.see(c, line);
        if c == '\n' {
            line += 1;
            if !quotes.open {
                keep((begun, text.get(start..at).unwrap_or_default()));
                (begun, start) = (line, at + 1);
            }
        }
    }
    if quotes.open {
        return Err(Flaw::Quote(quotes.since));
    }
    keep((begun, text.get(start..).unwrap_or_default()));
    Ok(found)
}

/// Whether a place in a text stands within quotes. A quote opens only where a cell begins (`"…` or `="…`).
struct Quotes {
    open: bool,
    begins: bool,
    since: usize,
}

impl Default for Quotes {
    fn default() -> Self {
        Self { open: false, begins: true, since: 0 }
    }
}

impl Quotes {
    fn see(&mut self, c: char, line: usize) {
        if self.open {
            // A doubled quote closes and opens again at once.
            self.open = c != '"';
            self.begins = !self.open;
        } else if c == '"' && self.begins {
            (self.open, self.since) = (true, line);
        } else {
            let between = c == '\n' || SEPARATORS.contains(&c);
            self.begins = between || (self.begins && (c == ' ' || c == '=' || is_unseen(c)));
        }
    }
}

/// How often a separator parts cells of a record. A tab at the beginning of a cell guards a number and parts nothing.
fn parts(record: &str, mark: char) -> usize {
    let (mut quotes, mut before, mut count) = (Quotes::default(), None, 0);
    for c in record.chars() {
        let guard = c == '\t' && before.is_none_or(|b| matches!(b, ',' | ';' | '，' | '；'));
        count += usize::from(c == mark && !quotes.open && !guard);
        quotes.see(c, 0);
        before = Some(c);
    }
    count
}

/// The separator that parts most of the first lines; of equals the likelier one.
fn separator(records: &[(usize, &str)]) -> char {
    let lines = |mark: char| records.iter().take(LOOKED_AT).filter(|(_, r)| parts(r, mark) > 0).count();
    let most = SEPARATORS.iter().map(|mark| lines(*mark)).max().unwrap_or(0);
    SEPARATORS.into_iter().find(|mark| lines(*mark) == most).unwrap_or(',')
}

/// The cells of a record; one without the table's separator is parted by what it has.
fn split(record: &str, main: char) -> Vec<String> {
    let own = SEPARATORS.into_iter().find(|mark| parts(record, *mark) > 0);
    let mark = if parts(record, main) > 0 { main } else { own.unwrap_or(main) };
    let (mut cells, mut cell, mut quotes) = (Vec::new(), String::new(), Quotes::default());
    for c in record.chars() {
        if c == mark && !quotes.open {
            if cells.len() < MAX_CELLS {
                cells.push(clean(&cell));
            }
            cell.clear();
        } else {
            cell.push(c);
        }
        quotes.see(c, 0);
    }
    cells.push(clean(&cell));
    cells
}

/// What a person means by a cell: without quotes, without the guards `="…"`, `'…` and a tab in front, line breaks as
/// spaces.
fn clean(cell: &str) -> String {
    let mut text = bare(cell);
    // Quoted twice: "=""510…""".
    for _ in 0..2 {
        let inner = text.strip_prefix('=').map_or(text.as_str(), str::trim);
        match inner.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(quoted) => text = bare(&quoted.replace("\"\"", "\"")),
            None => break,
        }
    }
    match text.strip_prefix(['\'', '‘', '’', '＇']) {
        Some(rest) if !rest.is_empty() => bare(rest),
        _ => text,
    }
}

fn bare(text: &str) -> String {
    let seen = text.trim_matches(|c: char| c.is_whitespace() || is_unseen(c));
    seen.split(['\n', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A cell as [`read`] takes it back, for a line parted by tabs.
pub(super) fn quoted(cell: &str) -> String {
    let plain = !cell.contains(['"', '\t', '\n']) && clean(cell) == cell;
    if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}
