//! Level bars and points, for rows with names: the name on the left, the number at the end.

use super::columns::{span, stack};
use super::figure::Figure;
use super::frame::{WIDTH, framed, patterns, row_title};
use super::line::mark;
use super::numbers::{size, tick};
use super::scale::{Scale, Ticks};
use super::svg::{Anchor, Svg, px, rectangle};
use super::words::{EM, two_lines, width};
use crate::web::i18n::{Lang, t};

/// What rows are drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    Bars,
    Stacked,
    Dots,
}

/// Most of the width that names get.
const NAMES: f64 = WIDTH * 0.42;
/// Least room for bars.
const SHORTEST: f64 = 40.0;

struct Rows<'a> {
    figure: &'a Figure,
    lang: Lang,
    drawn_as: As,
    left: f64,
    scale: Scale,
    ticks: Ticks,
    /// Whether each bar has its number; an axis says it otherwise.
    numbered: bool,
}

pub(super) fn draw(figure: &Figure, lang: Lang, drawn_as: As) -> String {
    let (rows, names) = Rows::new(figure, lang, drawn_as);
    let mut svg = Svg::new();
    if drawn_as != As::Dots {
        svg.raw(&patterns(figure));
    }
    let (mut y, mut parts, mut titles) = (4.0, vec![String::new(); figure.series.len()], Svg::new());
    for (row, name) in names.iter().enumerate() {
        let height = rows.height(name.len());
        rows.name(&mut svg, name, y, height);
        rows.values(&mut svg, row, (y, height), &mut parts);
        let title = row_title(figure, lang, row);
        titles.path("hit", &rectangle(0.0, y, WIDTH, height), Some(&title));
        y += height;
    }
    let bottom = rows.axis(&mut svg, y);
    for (number, d) in parts.iter().enumerate() {
        match drawn_as {
            As::Dots => svg.path(&format!("c{}", number + 1), d, None),
            As::Bars | As::Stacked => svg.painted("b", &format!("{}-p{}", figure.name, number + 1), d, None),
        };
    }
    svg.raw(&titles.done());
    framed(figure, lang, "", bottom, &svg.done())
}

impl<'a> Rows<'a> {
    /// How rows are drawn, and the lines of their names.
    fn new(figure: &'a Figure, lang: Lang, drawn_as: As) -> (Self, Vec<Vec<String>>) {
        let (low, high) = span(figure, drawn_as == As::Stacked);
        let ticks = Ticks::around(low, high, 4, figure.decimals == 0);
        let numbered = drawn_as == As::Bars || figure.series.len() == 1;
        let numbers = figure.series.iter().flat_map(|series| series.values.iter().flatten());
        let numbers = numbers.map(|value| width(&value.grouped(figure.decimals)));
        let missing = width(&t(lang, "chart-missing", &[]));
        let right = match numbered {
            true => numbers.fold(0.0, f64::max).max(if figure.has_gaps() { missing } else { 0.0 }) + 8.0,
            false => width(&tick(lang, ticks.high(), ticks.step, ticks.furthest())) / 2.0 + 2.0,
        };
        // A number is never cut, a name may be.
        let room = NAMES.min(WIDTH - right - 8.0 - SHORTEST);
        let names: Vec<_> = figure.rows.iter().map(|row| two_lines(&row.label, room)).collect();
        let left = names.iter().flatten().map(|line| width(line)).fold(0.0, f64::max) + 8.0;
        let scale = Scale::new(&ticks, left, WIDTH - right);
        (Self { figure, lang, drawn_as, left, scale, ticks, numbered }, names)
    }

    fn height(&self, lines: usize) -> f64 {
        let bars = match self.drawn_as {
            As::Bars => 4.0 + 14.0 * size(self.figure.series.len()),
            As::Stacked | As::Dots => 20.0,
        };
        bars.max(5.0 + (EM + 1.0) * size(lines))
    }

    /// The name of a row, in the middle of its height.
    fn name(&self, svg: &mut Svg, lines: &[String], y: f64, height: f64) {
        let first = y + height / 2.0 - (EM + 1.0) * (size(lines.len()) - 1.0) / 2.0 + EM / 3.0;
        for (number, line) in lines.iter().enumerate() {
            let y = first + size(number) * (EM + 1.0);
            svg.text("", (self.left - 6.0, y), Anchor::End, line);
        }
    }

    /// The values of a row, into the path of each series; numbers and what is missing are written at once.
    fn values(&self, svg: &mut Svg, row: usize, (y, height): (f64, f64), parts: &mut [String]) {
        let zero = self.scale.at(0.0);
        let mut ends = (0.0, 0.0);
        let one = if self.drawn_as == As::Bars { (height - 4.0) / size(parts.len()) } else { height - 4.0 };
        if self.drawn_as == As::Dots {
            svg.path(
                "grid",
                &format!("M{} {}H{}", px(self.left), px(y + height / 2.0), px(self.end())),
                None,
            );
        }
        for (number, (series, part)) in self.figure.series.iter().zip(parts).enumerate() {
            let shift = if self.drawn_as == As::Bars { size(number) * one } else { 0.0 };
            let top = y + 2.0 + shift;
            let middle = top + one / 2.0;
            let Some(value) = series.at(row) else {
                if self.numbered {
                    let text = t(self.lang, "chart-missing", &[]);
                    svg.text("", (zero + 5.0, middle + EM / 3.0), Anchor::Start, &text);
                }
                continue;
            };
            let (from, to) =
                if self.drawn_as == As::Stacked { stack(&mut ends, value) } else { (0.0, value) };
            let (a, b) = (self.scale.at(from), self.scale.at(to));
            match self.drawn_as {
                As::Dots => part.push_str(&mark(number, b, middle)),
                As::Bars | As::Stacked if value != 0.0 => {
                    part.push_str(&rectangle(a.min(b), top + 1.0, (a - b).abs(), one - 2.0));
                }
                As::Bars | As::Stacked => {}
            }
            if self.numbered {
                let text = self.figure.written(series, row).unwrap_or_default();
                let gap = if self.drawn_as == As::Dots { 7.0 } else { 4.0 };
                svg.text("dl", (b.max(zero) + gap, middle + EM / 3.0), Anchor::Start, &text);
            }
        }
    }

    fn end(&self) -> f64 {
        self.scale.at(self.ticks.high())
    }

    /// The line at zero; where bars have no numbers also the grid with its ticks. Gives where the drawing ends.
    fn axis(&self, svg: &mut Svg, bottom: f64) -> f64 {
        if !self.numbered {
            let (mut lines, mut free) = (String::new(), 0.0);
            for value in self.ticks.values() {
                let x = self.scale.at(value);
                lines.push_str(&format!("M{} 4V{}", px(x), px(bottom)));
                let label = tick(self.lang, value, self.ticks.step, self.ticks.furthest());
                let half = width(&label) / 2.0;
                let at = x.clamp(half, WIDTH - half);
                if at - half >= free {
                    svg.text("", (at, bottom + EM + 3.0), Anchor::Middle, &label);
                    free = at + half + 4.0;
                }
            }
            svg.path("grid", &lines, None);
        }
        svg.path("ax", &format!("M{} 4V{}", px(self.scale.at(0.0)), px(bottom)), None);
        if self.numbered { bottom + 4.0 } else { bottom + EM + 10.0 }
    }
}
