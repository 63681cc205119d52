//! The same rows as a table, as CSV and as JSON.

use super::figure::{Figure, Row};
use super::numbers::Num;
use crate::error::AppResult;
use crate::web::csv::{cell, file};
use crate::web::i18n::{Lang, t};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A row of a table as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableRow {
    /// The name of the row.
    pub label: String,
    /// A number for each series, or the words for a missing one.
    pub cells: Vec<TableCell>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableCell {
    /// What it says.
    pub text: String,
    /// The heading above it.
    pub head: String,
    /// Whether there is no value.
    pub missing: bool,
}

impl Figure {
    /// The headings of the table: that of the rows, then the series.
    pub(super) fn heads(&self) -> Vec<String> {
        let first = if self.label_head.is_empty() { &self.key_head } else { &self.label_head };
        std::iter::once(first.clone()).chain(self.series.iter().map(|series| series.name.clone())).collect()
    }

    /// The rows of the table.
    pub(super) fn table(&self, lang: Lang) -> Vec<TableRow> {
        let cell = |row: usize, series: &super::Series| {
            let text = self.written(series, row);
            TableCell {
                missing: text.is_none(),
                text: text.unwrap_or_else(|| t(lang, "chart-missing", &[])),
                head: series.name.clone(),
            }
        };
        let row = |(number, row): (usize, &Row)| TableRow {
            label: row.label.clone(),
            cells: self.series.iter().map(|series| cell(number, series)).collect(),
        };
        self.rows.iter().enumerate().map(row).collect()
    }

    /// The figure as a CSV file: a missing value is an empty cell.
    ///
    /// # Errors
    /// [`crate::error::AppError::Internal`] when it cannot be written.
    pub fn csv(&self) -> AppResult<Vec<u8>> {
        let labelled = !self.label_head.is_empty();
        let names = |key: &str, label: &str| {
            let both = [Some(key.to_owned()), labelled.then(|| label.to_owned())];
            both.into_iter().flatten().map(|text| cell(&text).into_owned()).collect::<Vec<_>>()
        };
        let mut head = names(&self.key_head, &self.label_head);
        head.extend(self.series.iter().map(|series| cell(&series.name).into_owned()));
        let rows = self.rows.iter().enumerate().map(|(number, row)| {
            let mut cells = names(&row.key, &row.label);
            cells.extend(self.series.iter().map(|series| {
                // A number is no text: a minus sign in front of it begins no formula.
                series
                    .values
                    .get(number)
                    .copied()
                    .flatten()
                    .map_or_else(String::new, |v| v.plain(self.decimals))
            }));
            cells.into_iter().map(Cow::Owned).collect()
        });
        file(std::iter::once(head.into_iter().map(Cow::Owned).collect()).chain(rows))
    }

    /// The figure as JSON: `name`, `title`, `text`, `note`, `series` (their keys and names) and `rows`, each with its key,
    /// its name and a value or `null` by the key of each series.
    #[must_use]
    pub fn json(&self) -> Value {
        let number = |value: Num| match value.plain(self.decimals).parse::<i64>() {
            Ok(whole) if self.decimals == 0 => Value::from(whole),
            _ => Value::from(value.get()),
        };
        let row = |(at, row): (usize, &Row)| {
            let value = |series: &super::Series| {
                let value = series.values.get(at).copied().flatten();
                (series.key.clone(), value.map_or(Value::Null, number))
            };
            let values: Map<String, Value> = self.series.iter().map(value).collect();
            json!({"key": row.key, "name": row.label, "values": values})
        };
        json!({
            "name": self.name, "title": self.title, "text": self.text, "note": self.note,
            "series": self.series.iter().map(|s| json!({"key": s.key, "name": s.name})).collect::<Vec<_>>(),
            "rows": self.rows.iter().enumerate().map(row).collect::<Vec<_>>(),
        })
    }
}
