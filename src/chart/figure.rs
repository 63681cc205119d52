//! What is shown: rows, series of values over them, and as what they are drawn.

use super::classes::Breaks;
use super::numbers::Num;
use super::words::clean;
use crate::identity::{DivisionCode, DivisionLevel};

/// Why something is no figure. A fault of the program: a slice checks what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// NaN, infinite or beyond [`Num::MOST`].
    #[error("a value is not finite or too large")]
    Number,
    /// A series has more or fewer values than there are rows.
    #[error("a series does not have a value for each row")]
    Length,
    /// More rows or series than can be told apart.
    #[error("there are more rows or series than can be drawn")]
    Many,
    /// The name is no identifier.
    #[error("the name of a figure has other characters than a-z, 0-9 and hyphens")]
    Name,
}

/// The level of the parts of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Prefectures.
    Prefectures,
    /// Counties.
    Counties,
}

impl From<Level> for DivisionLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Prefectures => Self::Prefecture,
            Level::Counties => Self::County,
        }
    }
}

/// As what values are drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Lines over rows that follow each other, such as days.
    Line,
    /// Upright bars over rows that follow each other, the series beside each other or `stacked`.
    Columns {
        /// On top of each other: they are parts of a whole.
        stacked: bool,
    },
    /// Level bars, for rows with names.
    Bars {
        /// In one line: they are parts of a whole.
        stacked: bool,
    },
    /// Points on level lines, for rows with names.
    Dots,
    /// Steps, each what is left of the one before. A second series is written beside the first, not drawn.
    Funnel,
    /// A small drawing for each series, all with the same scale.
    Multiples,
    /// The first series by colour on a map, as bars where there are no outlines; the key of a row is a division.
    Map {
        /// What is shown.
        area: DivisionCode,
        /// In which parts.
        level: Level,
        /// How values are put into classes.
        breaks: Breaks,
        /// A part that is framed.
        highlight: Option<DivisionCode>,
    },
}

/// What a value belongs to: a day, a place, a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// For programs: `2020-03-12`, `511621`.
    pub(super) key: String,
    /// For people.
    pub(super) label: String,
    /// For an axis or a map, where there is little room.
    pub(super) short: String,
}

impl Row {
    /// A row with its name for programs, its name for people and a short one.
    #[must_use]
    pub fn new(key: &str, label: &str, short: &str) -> Self {
        Self { key: clean(key), label: clean(label), short: clean(short) }
    }
}

/// A value for each row; `None` where there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) values: Vec<Option<Num>>,
}

/// A figure: everything that its drawing, its table, its CSV and its JSON say.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) note: String,
    pub(super) key_head: String,
    pub(super) label_head: String,
    pub(super) decimals: u8,
    pub(super) rows: Vec<Row>,
    pub(super) series: Vec<Series>,
}

/// Rows that can be drawn: a year of days.
const MOST_ROWS: usize = 400;
/// Series whose lines and patterns can be told apart.
const MOST_SERIES: usize = 6;
/// Small drawings beside each other.
const MOST_PANELS: usize = 40;

impl Figure {
    /// A figure without values. The name is a part of identifiers on the page and of the names of files.
    ///
    /// # Errors
    /// [`Refused::Name`].
    pub fn new(kind: Kind, name: &str, title: &str) -> Result<Self, Refused> {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letter) {
            return Err(Refused::Name);
        }
        Ok(Self {
            kind,
            name: name.to_owned(),
            title: clean(title),
            text: String::new(),
            note: String::new(),
            key_head: "key".to_owned(),
            label_head: String::new(),
            decimals: 0,
            rows: Vec::new(),
            series: Vec::new(),
        })
    }

    /// What is to be seen, in a sentence: what was counted, where and when.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.text = clean(text);
        self
    }

    /// What has to be known beside it: how it was counted, where it comes from.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.note = clean(note);
        self
    }

    /// Decimals of all values, 0 to begin with and at most 6; values that are added afterwards are rounded to them.
    #[must_use]
    pub fn decimals(mut self, decimals: u8) -> Self {
        self.decimals = decimals.min(6);
        self
    }

    /// The rows. `key_head` is the heading of their names for programs; `label_head` of those for people, empty where the
    /// CSV needs no second name (a day).
    ///
    /// # Errors
    /// [`Refused::Many`].
    pub fn rows(mut self, key_head: &str, label_head: &str, rows: Vec<Row>) -> Result<Self, Refused> {
        if rows.len() > MOST_ROWS {
            return Err(Refused::Many);
        }
        (self.key_head, self.label_head, self.rows) = (clean(key_head), clean(label_head), rows);
        Ok(self)
    }

    /// One more series, with a value or none for each row: `key` is its name for programs.
    ///
    /// # Errors
    /// [`Refused::Length`], [`Refused::Many`].
    pub fn series(mut self, key: &str, name: &str, values: Vec<Option<Num>>) -> Result<Self, Refused> {
        let most = match self.kind {
            Kind::Line | Kind::Columns { .. } | Kind::Bars { .. } | Kind::Dots => MOST_SERIES,
            Kind::Funnel => 2,
            Kind::Multiples => MOST_PANELS,
            Kind::Map { .. } => 1,
        };
        if self.series.len() >= most {
            return Err(Refused::Many);
        }
        if values.len() != self.rows.len() {
            return Err(Refused::Length);
        }
        let decimals = self.decimals;
        let values = values.into_iter().map(|value| value.map(|v| v.rounded(decimals))).collect();
        self.series.push(Series { key: clean(key), name: clean(name), values });
        Ok(self)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether there is nothing to be shown at all.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() || self.series.is_empty()
    }

    /// Every value that there is.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.series.iter().flat_map(|series| series.values.iter().flatten()).map(|value| value.get())
    }

    /// Whether some value is missing.
    pub(super) fn has_gaps(&self) -> bool {
        self.series.iter().any(|series| series.values.iter().any(Option::is_none))
    }

    /// Whether a row has no value at all.
    pub(super) fn is_gap(&self, row: usize) -> bool {
        self.series.iter().all(|series| series.at(row).is_none())
    }

    /// The value of a series at a row, as people read it.
    pub(super) fn written(&self, series: &Series, row: usize) -> Option<String> {
        series.values.get(row).copied().flatten().map(|value| value.grouped(self.decimals))
    }
}

impl Series {
    /// The value at a row.
    pub(super) fn at(&self, row: usize) -> Option<f64> {
        self.values.get(row).copied().flatten().map(Num::get)
    }
}
