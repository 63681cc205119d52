//! Lines over rows that follow each other. Where a value is missing a line is broken; what stands alone is a point.

use super::figure::{Figure, Series};
use super::frame::{HEIGHT, Plot, framed};
use super::svg::{Svg, px, rectangle};
use crate::web::i18n::Lang;

/// Rows up to which each value is marked.
const MARKED: usize = 31;

pub(super) fn draw(figure: &Figure, lang: Lang) -> String {
    let low = figure.values().fold(0.0, f64::min);
    let high = figure.values().fold(0.0, f64::max);
    let plot = Plot::new(figure, lang, low, high);
    let mut svg = Svg::new();
    plot.ground(&mut svg);
    for (number, series) in figure.series.iter().enumerate() {
        let (line, points) = line(&plot, series, number);
        svg.path(&format!("s s{}", number + 1), &line, None);
        svg.path(&format!("c{}", number + 1), &points, None);
    }
    plot.titles(&mut svg);
    framed(figure, lang, "", HEIGHT, &svg.done())
}

/// The line of a series, and its marks: all of few, else those without a neighbour and the last.
fn line(plot: &Plot<'_>, series: &Series, number: usize) -> (String, String) {
    let (mut line, mut points) = (String::new(), String::new());
    let rows = plot.figure.rows.len();
    for row in 0..rows {
        let Some(value) = series.at(row) else { continue };
        let before = row.checked_sub(1).and_then(|row| series.at(row));
        let after = series.at(row + 1);
        let (x, y) = (plot.x(row), plot.scale.at(value));
        match (before, after) {
            (None, Some(_)) => line.push_str(&format!("M{} {}", px(x), px(y))),
            // What follows the first place is a line without being told so.
            (Some(_), _) => line.push_str(&format!(" {} {}", px(x), px(y))),
            (None, None) => {}
        }
        let alone = before.is_none() && after.is_none();
        if alone || rows <= MARKED || row + 1 == rows {
            points.push_str(&mark(number, x, y));
        }
    }
    (line, points)
}

/// The mark of a series, as a part of a path: circle, square, triangle, diamond, triangle upside down, cross.
pub(super) fn mark(number: usize, x: f64, y: f64) -> String {
    let r = 3.0;
    let start = |dx: f64, dy: f64| format!("M{} {}", px(x + dx), px(y + dy));
    match number % 6 {
        0 => format!("{}a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", start(-r, 0.0)),
        1 => rectangle(x - 2.7, y - 2.7, 5.4, 5.4),
        2 => format!("{}l3.5 6h-7z", start(0.0, -3.5)),
        3 => format!("{}l3.7 3.7-3.7 3.7-3.7-3.7z", start(0.0, -3.7)),
        4 => format!("{}l3.5-6h-7z", start(0.0, 3.5)),
        _ => format!("{}h2v2.5h2.5v2h-2.5v2.5h-2v-2.5h-2.5v-2h2.5z", start(-1.0, -3.5)),
    }
}
