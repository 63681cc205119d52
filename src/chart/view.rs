//! A figure as the component `chart.figure` shows it.

use super::bars::{self, As};
use super::figure::{Figure, Kind};
use super::line::mark;
use super::sheet::TableRow;
use super::{columns, frame, funnel, line, map, multiples};
use crate::outlines::outlines;
use crate::web::i18n::{Lang, t};
use serde::Serialize;

/// What the component needs: made of one [`Figure`], so that drawing and table are the same.
#[derive(Debug, Clone, Serialize)]
pub struct FigureView {
    /// Begins the identifiers on the page.
    pub name: String,
    /// The title.
    pub title: String,
    /// What is to be seen.
    pub text: String,
    /// What has to be known beside it.
    pub note: String,
    /// The drawing, as SVG.
    pub svg: String,
    /// What its colours, patterns and shapes mean.
    pub key: Vec<KeyItem>,
    /// Headings of the table.
    pub heads: Vec<String>,
    /// Rows of the table.
    pub rows: Vec<TableRow>,
    /// Whether there is nothing to be shown.
    pub empty: bool,
    /// Where the CSV is.
    pub csv: String,
    /// Where the JSON is.
    pub json: String,
}

/// What a look means.
#[derive(Debug, Clone, Serialize)]
pub struct KeyItem {
    /// The look, as SVG.
    pub swatch: String,
    /// What it means.
    pub label: String,
}

impl Figure {
    /// The drawing, as SVG in a language.
    #[must_use]
    pub fn svg(&self, lang: Lang) -> String {
        if self.is_empty() {
            return frame::empty(self, lang);
        }
        match &self.kind {
            Kind::Line => line::draw(self, lang),
            Kind::Columns { stacked } => columns::draw(self, lang, *stacked),
            Kind::Bars { stacked } => bars::draw(self, lang, if *stacked { As::Stacked } else { As::Bars }),
            Kind::Dots => bars::draw(self, lang, As::Dots),
            Kind::Funnel => funnel::draw(self, lang),
            Kind::Multiples => multiples::draw(self, lang),
            // Where there are no outlines, a bar says it as well.
            Kind::Map { .. } if !self.is_on_a_map() => bars::draw(self, lang, As::Bars),
            Kind::Map { area, level, breaks, highlight } => {
                let of = map::Of { area: *area, level: *level, breaks, highlight: *highlight };
                map::draw(self, lang, &of)
            }
        }
    }

    /// For the component: with the addresses of the same as CSV and as JSON, empty where there are none.
    #[must_use]
    pub fn view(&self, lang: Lang, csv: &str, json: &str) -> FigureView {
        FigureView {
            name: self.name.clone(),
            title: self.title.clone(),
            text: self.text.clone(),
            note: self.note.clone(),
            svg: self.svg(lang),
            key: self.key(lang),
            heads: self.heads(),
            rows: self.table(lang),
            empty: self.is_empty(),
            csv: csv.to_owned(),
            json: json.to_owned(),
        }
    }

    /// Whether it is a map of an area whose outlines there are.
    fn is_on_a_map(&self) -> bool {
        matches!(&self.kind, Kind::Map { area, .. } if outlines().covers(*area))
    }

    /// What colours, patterns and shapes mean. One series needs no word but its title.
    fn key(&self, lang: Lang) -> Vec<KeyItem> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut key = match &self.kind {
            Kind::Map { breaks, highlight, .. } if self.is_on_a_map() => {
                return self.map_key(lang, breaks, highlight.is_some());
            }
            Kind::Funnel | Kind::Multiples => Vec::new(),
            _ if self.series.len() == 1 => Vec::new(),
            _ => self.series.iter().enumerate().map(|(n, series)| self.item(n, &series.name)).collect(),
        };
        let gaps = match self.kind {
            Kind::Bars { .. } | Kind::Dots | Kind::Map { .. } => false,
            Kind::Multiples | Kind::Funnel => self.has_gaps(),
            _ => (0..self.rows.len()).any(|row| self.is_gap(row)),
        };
        if gaps {
            let swatch = swatch("<path class=\"gapb\" d=\"M0 0h24v16h-24z\"/>");
            key.push(KeyItem { swatch, label: t(lang, "chart-missing", &[]) });
        }
        key
    }

    /// The look of a series.
    fn item(&self, number: usize, name: &str) -> KeyItem {
        let n = number + 1;
        let inside = match self.kind {
            Kind::Line => {
                let mark = mark(number, 12.0, 8.0);
                format!("<path class=\"s s{n}\" d=\"M0 8h24\"/><path class=\"c{n}\" d=\"{mark}\"/>")
            }
            Kind::Dots => format!("<path class=\"c{n}\" d=\"{}\"/>", mark(number, 12.0, 8.0)),
            _ => self.paint(&format!("p{n}")),
        };
        KeyItem { swatch: swatch(&inside), label: name.to_owned() }
    }

    fn map_key(&self, lang: Lang, breaks: &super::Breaks, highlighted: bool) -> Vec<KeyItem> {
        let classes = map::key(self, lang, breaks).into_iter();
        let mut key: Vec<_> =
            classes.map(|(shade, label)| KeyItem { swatch: swatch(&self.paint(&shade)), label }).collect();
        if highlighted {
            let swatch = swatch("<path class=\"hl\" d=\"M2 2h20v12h-20z\"/>");
            key.push(KeyItem { swatch, label: t(lang, "chart-highlight", &[]) });
        }
        key
    }

    fn paint(&self, pattern: &str) -> String {
        format!("<path fill=\"url(#{}-{pattern})\" d=\"M0 0h24v16h-24z\"/>", self.name)
    }
}

fn swatch(inside: &str) -> String {
    format!("<svg class=\"chart\" viewBox=\"0 0 24 16\" aria-hidden=\"true\">{inside}</svg>")
}
