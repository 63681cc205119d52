//! What a public list is made of, as data.

use crate::db::Ts;
use std::collections::BTreeMap;

/// Characters of an answer that are looked at.
const MAX_ASKED: usize = 100;

/// What can be said of a list without reading it.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name, for limits and names of files.
    pub name: &'static str,
    /// The page.
    pub path: &'static str,
    /// The table as CSV.
    pub csv: &'static str,
    /// The beginning of its texts: `<texts>-title`, `-lead`, `-caption`, `-filter`, `-none`, `-none-text`, `-all`, `-csv`,
    /// `-csv-most`, `-law`.
    pub texts: &'static str,
    /// Its filters.
    pub filters: &'static [Field],
    /// Its columns.
    pub columns: &'static [Column],
    /// Names of the columns of the file, keys of texts.
    pub heads: &'static [&'static str],
}

/// A filter.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in addresses.
    pub name: &'static str,
    /// Its label, a key of texts.
    pub label: &'static str,
    /// What is answered.
    pub kind: Kind,
}

/// What is answered to a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text, with a hint: a key of texts.
    Text(&'static str),
    /// One of some.
    Choice,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name, a key of texts.
    pub label: &'static str,
    /// The class of its cells: `m` (one line with others on a phone), `st` (the corner of a card) or nothing.
    pub class: &'static str,
    /// How the list is sorted by it, for screen readers; nothing of others.
    pub sort: &'static str,
}

impl Column {
    /// A column by which the list is not sorted.
    #[must_use]
    pub const fn new(label: &'static str, class: &'static str) -> Self {
        Self { label, class, sort: "" }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// In words.
    pub text: String,
    /// A day, in place of words.
    pub day: Option<Ts>,
    /// What stands below or beside it.
    pub small: String,
    /// Where it leads.
    pub href: Option<String>,
    /// What colour it has as a mark: `ok`, `warn`, `bad`, `idle`.
    pub tag: Option<&'static str>,
}

impl Cell {
    /// Words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// What was asked of a list: the answers to its filters and where the page begins.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    answers: BTreeMap<&'static str, String>,
    /// Behind which row the page begins; nothing of the first.
    pub after: String,
}

impl Asked {
    /// Reads a query; what the list does not ask counts for nothing, and so does what is no query.
    #[must_use]
    pub fn read(spec: &Spec, query: &str) -> Self {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let answer = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        let plain = |text: &str| -> String {
            text.trim().chars().filter(|c| !c.is_control()).take(MAX_ASKED).collect()
        };
        let answers = spec.filters.iter().filter_map(|field| {
            let text = plain(answer(field.name)?);
            (!text.is_empty()).then_some((field.name, text))
        });
        Self { answers: answers.collect(), after: answer("after").unwrap_or_default().to_owned() }
    }

    /// The answer to a filter; nothing when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.answers.get(name).map_or("", String::as_str)
    }

    /// The address of the same question behind another row.
    #[must_use]
    pub fn link(&self, path: &str, after: &str) -> String {
        let mut given: Vec<(&str, &str)> = self.answers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        if !after.is_empty() {
            given.push(("after", after));
        }
        match serde_urlencoded::to_string(given) {
            Ok(query) if !query.is_empty() => format!("{path}?{query}"),
            _ => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: Spec = Spec {
        name: "test",
        path: "/test",
        csv: "/test.csv",
        texts: "test",
        filters: &[
            Field { name: "q", label: "", kind: Kind::Text("") },
            Field { name: "state", label: "", kind: Kind::Choice },
        ],
        columns: &[],
        heads: &[],
    };

    #[test]
    fn what_is_asked_is_read_and_written_again() {
        let asked = Asked::read(&SPEC, "q=+%E5%B2%B3%00&state=valid&other=1&after=abc");
        assert_eq!((asked.get("q"), asked.get("state"), asked.get("other")), ("岳", "valid", ""));
        assert_eq!(asked.after, "abc");
        assert_eq!(asked.link("/test", "xyz"), "/test?q=%E5%B2%B3&state=valid&after=xyz");
        let none = Asked::read(&SPEC, "");
        assert_eq!(none.link("/test", ""), "/test");
        let long = Asked::read(&SPEC, &format!("q={}", "a".repeat(500)));
        assert_eq!(long.get("q").len(), MAX_ASKED);
    }
}
