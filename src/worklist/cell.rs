//! What a row shows. The page and the files are made of the same cells, so a file has nothing that the page does not show.

use super::spec::Column;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use crate::web::view::ClockView;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

/// A word that is marked by its kind: `ok`, `warn`, `bad`, `info` or `idle`.
#[derive(Debug, Clone, Serialize)]
pub struct Tag {
    /// Its kind.
    pub kind: &'static str,
    /// The word.
    pub label: String,
}

impl Tag {
    /// A word of a kind.
    pub fn new(kind: &'static str, label: impl Into<String>) -> Self {
        Self { kind, label: label.into() }
    }
}

/// A cell.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Cell {
    /// Nothing is known.
    Nothing,
    /// Words.
    Text {
        /// As they are.
        text: String,
    },
    /// Whose case it is: the head of the row, which leads to the case.
    Who {
        /// Name, masked where the page masks it.
        name: String,
        /// Number of the document, masked; none for a business.
        document: Option<String>,
        /// Number of the case.
        number: String,
    },
    /// A statutory clock.
    Clock {
        /// As it stands.
        clock: ClockView,
        /// The limit; none while it stands.
        due: Option<DateTime<Utc>>,
    },
    /// How long something has waited.
    Since {
        /// In words.
        text: String,
        /// Since when, in words.
        note: String,
        /// Since when.
        at: DateTime<Utc>,
    },
    /// A moment.
    Moment {
        /// When.
        at: DateTime<Utc>,
    },
    /// The end of a validity.
    Until {
        /// In words.
        text: String,
        /// The moment, which is exclusive.
        at: DateTime<Utc>,
    },
    /// A day.
    Day {
        /// In words.
        text: String,
        /// Which.
        day: NaiveDate,
    },
    /// States.
    Tags {
        /// Each.
        tags: Vec<Tag>,
    },
}

impl Cell {
    /// Words; a dash where there are none.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Nothing } else { Self::Text { text } }
    }

    /// One word that is marked.
    pub fn tag(kind: &'static str, label: impl Into<String>) -> Self {
        Self::Tags { tags: vec![Tag::new(kind, label)] }
    }

    /// What a file says instead: one value for each head of the column.
    pub(super) fn fields(&self, column: &Column, lang: Lang) -> Vec<Field> {
        let mut fields = match self {
            Self::Nothing => Vec::new(),
            Self::Text { text } => vec![Field::Text(text.clone())],
            Self::Who { name, document, number } => {
                let document = document.iter().cloned().map(Field::Text);
                let name = std::iter::once(Field::Text(name.clone()));
                name.chain(document).chain([Field::Text(number.clone())]).collect()
            }
            Self::Clock { due, .. } => due.iter().copied().map(Field::Moment).collect(),
            Self::Since { at, .. } | Self::Until { at, .. } | Self::Moment { at } => {
                vec![Field::Moment(*at)]
            }
            Self::Day { day, .. } => vec![Field::Day(*day)],
            Self::Tags { tags } => {
                let words: Vec<&str> = tags.iter().map(|tag| tag.label.as_str()).collect();
                vec![Field::Text(words.join(&t(lang, "list-comma", &[])))]
            }
        };
        fields.resize(column.heads.len(), Field::Nothing);
        fields
    }
}

/// A value of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// An empty cell.
    Nothing,
    /// Words, which are never a formula.
    Text(String),
    /// A moment, written in the time of China.
    Moment(DateTime<Utc>),
    /// A day.
    Day(NaiveDate),
}

impl Field {
    /// As text: `2020-03-12 10:32`, `2020-03-12`.
    pub fn written(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => text.clone(),
            Self::Moment(at) => format::local(*at).format("%Y-%m-%d %H:%M").to_string(),
            Self::Day(day) => day.format("%Y-%m-%d").to_string(),
        }
    }
}

/// A row as it is shown.
#[derive(Debug, Clone)]
pub struct Item {
    /// The version that was seen, for what is done with several rows at once.
    pub version: i64,
    /// Whether its limit is over.
    pub late: bool,
    /// One cell for each column.
    pub cells: Vec<Cell>,
}

impl Item {
    /// Whose case it is.
    pub(super) fn name(&self) -> Option<&str> {
        self.cells.iter().find_map(|cell| match cell {
            Cell::Who { name, .. } => Some(name.as_str()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_value_for_each_of_its_heads() {
        let person = Column::person("x");
        let who = |document: Option<&str>| Cell::Who {
            name: "王**".into(),
            document: document.map(Into::into),
            number: "SS1".into(),
        };
        let text = |text: &str| Field::Text(text.into());
        assert_eq!(
            who(Some("身份证")).fields(&person, Lang::ZhCn),
            [text("王**"), text("身份证"), text("SS1")]
        );
        let business = Column::new("x", "", &["worklist-name", "worklist-number"]);
        assert_eq!(who(None).fields(&business, Lang::ZhCn), [text("王**"), text("SS1")]);
        assert_eq!(Cell::Nothing.fields(&person, Lang::ZhCn), vec![Field::Nothing; 3]);
        let one = Column::new("x", "m", &["x"]);
        let tags = Cell::Tags { tags: vec![Tag::new("ok", "好"), Tag::new("warn", "留意")] };
        assert_eq!(tags.fields(&one, Lang::ZhCn), [text("好，留意")]);
        let at: DateTime<Utc> = "2020-03-12T16:30:00Z".parse().unwrap();
        assert_eq!(Cell::Moment { at }.fields(&one, Lang::En), [Field::Moment(at)]);
        assert_eq!(Field::Moment(at).written(), "2020-03-13 00:30", "in the time of China");
    }
}
