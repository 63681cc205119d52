//! Texts with columns, as people paste and upload them: separators, quotes, guards against a spreadsheet's own ideas. What
//! the cells mean is the caller's business.

use super::grid::{Line, MOST_CELLS, MOST_LINES, Unread};
use crate::identity::is_unseen;

/// What may stand between columns, the likeliest first.
const SEPARATORS: [char; 5] = ['\t', ',', ';', '，', '；'];
/// Lines by which the separator is judged.
const LOOKED_AT: usize = 20;

/// The lines of a text with anything in them.
///
/// # Errors
/// [`Unread::Quote`].
pub fn read(text: &str) -> Result<Vec<Line>, Unread> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let records = records(&text)?;
    let (told, records) = match records.split_first() {
        Some((first, rest)) if separator_line(first.1).is_some() => (separator_line(first.1), rest.to_vec()),
        _ => (None, records),
    };
    let main = told.unwrap_or_else(|| separator(&records));
    let lines = records.into_iter().map(|(number, record)| Line { number, cells: split(record, main) });
    Ok(lines.filter(|line| line.cells.iter().any(|cell| !cell.is_empty())).collect())
}

/// `sep=,`, which some spreadsheets write and read as a first line.
fn separator_line(record: &str) -> Option<char> {
    let rest = record.trim().trim_matches('"').to_lowercase();
    rest.strip_prefix("sep=").map(|mark| mark.chars().next().unwrap_or('\t'))
}

/// The text in records with the line on which each begins. A line break within quotes ends none.
fn records<'a>(text: &'a str) -> Result<Vec<(usize, &'a str)>, Unread> {
    let (mut found, mut begun, mut line, mut start) = (Vec::new(), 1, 1, 0);
    let mut keep = |record: (usize, &'a str)| {
        if found.len() < MOST_LINES && !record.1.trim().is_empty() {
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
        return Err(Unread::Quote(quotes.since));
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
            if cells.len() < MOST_CELLS {
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
pub(super) fn clean(cell: &str) -> String {
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
#[must_use]
pub fn quoted(cell: &str) -> String {
    let plain = !cell.contains(['"', '\t', '\n']) && clean(cell) == cell;
    if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}
