//! What drawings share: the frame with its name and description, patterns, the grid with its ticks, names of rows.

use super::figure::{Figure, Series};
use super::numbers::{size, tick};
use super::scale::{Scale, Ticks};
use super::svg::{Anchor, Svg, px, rectangle};
use super::words::{EM, cut, width};
use crate::web::i18n::{Lang, t};
use crate::web::markup::escape;

/// Width of every drawing, in its units: about a pixel each on a narrow phone, two on a desktop.
pub(super) const WIDTH: f64 = 340.0;

/// Values up to which each row has a title that is shown when it is pointed at: a page stays small, and has the table.
const TITLED: usize = 200;

/// A finished drawing: the frame around its parts. The pattern `id`s begin with the figure's name.
pub(super) fn framed(figure: &Figure, lang: Lang, class: &str, height: f64, inside: &str) -> String {
    let (name, height) = (&figure.name, px(height));
    let mut svg = Svg::new();
    svg.raw(&format!(
        "<svg class=\"chart{class}\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{name}-title {name}-desc\"><title id=\"{name}-title\">{}</title><desc id=\"{name}-desc\">{}</desc>",
        escape(&figure.title),
        escape(&description(figure, lang))
    ));
    svg.raw(inside).raw("</svg>");
    svg.done()
}

/// What is to be seen, in words: the figure's own sentence, its least and its greatest value, what is missing.
fn description(figure: &Figure, lang: Lang) -> String {
    let mut sentences = vec![figure.text.clone()];
    match extremes(figure) {
        Some((least, most)) => sentences.push(t(
            lang,
            "chart-desc-range",
            &[
                ("least", least.0.into()),
                ("where", least.1.into()),
                ("most", most.0.into()),
                ("there", most.1.into()),
            ],
        )),
        None => sentences.push(t(lang, "chart-empty", &[])),
    }
    if figure.has_gaps() {
        sentences.push(t(lang, "chart-desc-gaps", &[]));
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences.join(" ")
}

/// The least and the greatest value, each with where it is.
fn extremes(figure: &Figure) -> Option<((String, String), (String, String))> {
    let all = figure.series.iter().flat_map(|series| {
        let named = series.values.iter().enumerate().filter_map(|(row, value)| Some((row, (*value)?)));
        named.map(move |(row, value)| (value, row, series))
    });
    let all: Vec<_> = all.collect();
    let told = |found: &(super::Num, usize, &Series)| {
        let row = figure.rows.get(found.1).map_or("", |row| row.label.as_str());
        let place = if figure.series.len() > 1 { format!("{}, {row}", found.2.name) } else { row.to_owned() };
        (found.0.grouped(figure.decimals), place)
    };
    let least = all.iter().min_by(|a, b| a.0.get().total_cmp(&b.0.get()))?;
    // Of equal ones the first.
    let most = all.iter().rev().max_by(|a, b| a.0.get().total_cmp(&b.0.get()))?;
    Some((told(least), told(most)))
}

/// A row with all its values: what is shown when it is pointed at.
pub(super) fn row_title(figure: &Figure, lang: Lang, row: usize) -> String {
    let label = figure.rows.get(row).map_or("", |row| row.label.as_str());
    let value = |series: &Series| {
        let written = figure.written(series, row).unwrap_or_else(|| t(lang, "chart-missing", &[]));
        if figure.series.len() > 1 { format!("{} {written}", series.name) } else { written }
    };
    let values: Vec<String> = figure.series.iter().map(value).collect();
    format!("{label}: {}", values.join("; "))
}

/// The pattern of a series or a shade: `p1` to `p6`, `q0` to `q4`, `qn` for what is missing.
pub(super) fn pattern(figure: &Figure, class: &str) -> String {
    let strokes = match class {
        "p2" | "q2" => "M-1 1l2-2M0 6l6-6M5 7l2-2",
        "p3" => "M2 2h2v2h-2z",
        "p4" | "q3" => "M0 3h6",
        "p5" | "q4" => "M0 3h6M3 0v6",
        "p6" => "M3 0v6",
        "q1" => "M2.5 3h1",
        "qn" => "M-1 1l2-2M0 6l6-6M5 7l2-2M-1 5l2 2M0 0l6 6M5-1l2 2",
        _ => "",
    };
    format!(
        "<pattern id=\"{}-{class}\" class=\"{class}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
         <path class=\"bg\" d=\"M0 0h6v6h-6z\"/>{}</pattern>",
        figure.name,
        if strokes.is_empty() { String::new() } else { format!("<path class=\"fg\" d=\"{strokes}\"/>") }
    )
}

/// The patterns of all series.
pub(super) fn patterns(figure: &Figure) -> String {
    let each = (1..=figure.series.len().min(6)).map(|n| pattern(figure, &format!("p{n}")));
    format!("<defs>{}</defs>", each.collect::<String>())
}

/// A drawing over rows that follow each other from the left to the right.
pub(super) struct Plot<'a> {
    pub figure: &'a Figure,
    pub lang: Lang,
    pub left: f64,
    pub top: f64,
    pub bottom: f64,
    /// Width that a row has.
    pub band: f64,
    pub scale: Scale,
    ticks: Ticks,
}

/// Height of a plot.
pub(super) const HEIGHT: f64 = 210.0;
const RIGHT: f64 = WIDTH - 6.0;

impl<'a> Plot<'a> {
    /// A plot for values from a least to a greatest.
    pub fn new(figure: &'a Figure, lang: Lang, low: f64, high: f64) -> Self {
        let ticks = Ticks::around(low, high, 5, figure.decimals == 0);
        let labels = ticks.values().map(|value| width(&tick(lang, value, ticks.step, ticks.furthest())));
        let left = labels.fold(0.0, f64::max) + 8.0;
        let (top, bottom) = (10.0, HEIGHT - 24.0);
        let band = (RIGHT - left) / size(figure.rows.len().max(1));
        let scale = Scale::new(&ticks, bottom, top);
        Self { figure, lang, left, top, bottom, band, scale, ticks }
    }

    /// The middle of a row.
    pub fn x(&self, row: usize) -> f64 {
        self.left + (size(row) + 0.5) * self.band
    }

    /// The grid with its ticks, grey where there is no value at all, the names of the rows.
    pub fn ground(&self, svg: &mut Svg) {
        svg.path("gapb", &self.gaps(), None);
        let mut lines = String::new();
        for value in self.ticks.values() {
            let y = self.scale.at(value);
            lines.push_str(&format!("M{} {}H{RIGHT}", px(self.left), px(y)));
            let label = tick(self.lang, value, self.ticks.step, self.ticks.furthest());
            svg.text("", (self.left - 5.0, y + 4.5), Anchor::End, &label);
        }
        svg.path("grid", &lines, None);
        svg.path("ax", &format!("M{} {}H{RIGHT}", px(self.left), px(self.scale.at(0.0))), None);
        self.names(svg);
    }

    /// The stretches of rows without any value.
    fn gaps(&self) -> String {
        let (mut d, mut from) = (String::new(), None);
        for row in 0..=self.figure.rows.len() {
            let is_gap = row < self.figure.rows.len() && self.figure.is_gap(row);
            match (is_gap, from) {
                (true, None) => from = Some(row),
                (false, Some(first)) => {
                    let left = self.x(first) - self.band / 2.0;
                    let wide = size(row - first) * self.band;
                    d.push_str(&rectangle(left, self.top, wide, self.bottom - self.top));
                    from = None;
                }
                _ => {}
            }
        }
        d
    }

    /// As many names of rows as there is room for, evenly.
    fn names(&self, svg: &mut Svg) {
        let room = RIGHT - self.left;
        let names: Vec<String> = self.figure.rows.iter().map(|row| cut(&row.short, room / 2.0)).collect();
        let widest = names.iter().map(|name| width(name)).fold(0.0, f64::max) + 8.0;
        let each =
            (1..names.len().max(2)).find(|n| size(*n) * self.band >= widest).unwrap_or(names.len().max(1));
        for (row, name) in names.iter().enumerate().step_by(each) {
            let half = width(name) / 2.0;
            let x = self.x(row).clamp(half.min(WIDTH / 2.0), (WIDTH - half).max(WIDTH / 2.0));
            svg.text("", (x, HEIGHT - 7.0), Anchor::Middle, name);
        }
    }

    /// What is shown of each row when it is pointed at.
    pub fn titles(&self, svg: &mut Svg) {
        let height = self.bottom - self.top;
        if self.figure.values().next().is_none() {
            let text = cut(&t(self.lang, "chart-empty", &[]), RIGHT - self.left);
            svg.text("", ((self.left + RIGHT) / 2.0, HEIGHT / 2.0), Anchor::Middle, &text);
        }
        let titled = self.figure.rows.len() * self.figure.series.len() <= TITLED;
        for row in (0..self.figure.rows.len()).filter(|_| titled) {
            let d = rectangle(self.x(row) - self.band / 2.0, self.top, self.band, height);
            svg.path("hit", &d, Some(&row_title(self.figure, self.lang, row)));
        }
    }
}

/// A drawing of nothing, which says so.
pub(super) fn empty(figure: &Figure, lang: Lang) -> String {
    let mut svg = Svg::new();
    svg.path("gapb", &rectangle(1.0, 1.0, WIDTH - 2.0, 58.0), None);
    let text = cut(&t(lang, "chart-empty", &[]), WIDTH - 20.0);
    svg.text("", (WIDTH / 2.0, 30.0 + EM / 3.0), Anchor::Middle, &text);
    framed(figure, lang, "", 60.0, &svg.done())
}
