//! Upright bars over rows that follow each other, beside each other or on top of each other.

use super::figure::Figure;
use super::frame::{HEIGHT, Plot, framed, patterns};
use super::numbers::size;
use super::svg::{Svg, rectangle};
use crate::web::i18n::Lang;

pub(super) fn draw(figure: &Figure, lang: Lang, stacked: bool) -> String {
    let (low, high) = span(figure, stacked);
    let plot = Plot::new(figure, lang, low, high);
    let mut svg = Svg::new();
    svg.raw(&patterns(figure));
    plot.ground(&mut svg);
    let mut ends = vec![(0.0, 0.0); figure.rows.len()];
    let wide = plot.band * 0.76;
    let each = if stacked { wide } else { wide / size(figure.series.len()) };
    for (number, series) in figure.series.iter().enumerate() {
        let mut d = String::new();
        for (row, end) in ends.iter_mut().enumerate() {
            let Some(value) = series.at(row).filter(|value| *value != 0.0) else { continue };
            let (from, to) = if stacked { stack(end, value) } else { (0.0, value) };
            let shift = if stacked { 0.0 } else { size(number) * each };
            let (a, b) = (plot.scale.at(from), plot.scale.at(to));
            d.push_str(&rectangle(plot.x(row) - wide / 2.0 + shift, a.min(b), each, (a - b).abs()));
        }
        svg.painted("b", &format!("{}-p{}", figure.name, number + 1), &d, None);
    }
    plot.titles(&mut svg);
    framed(figure, lang, "", HEIGHT, &svg.done())
}

/// Puts a value onto what stands there: what is below zero goes down, the rest up.
pub(super) fn stack(ends: &mut (f64, f64), value: f64) -> (f64, f64) {
    let end = if value < 0.0 { &mut ends.0 } else { &mut ends.1 };
    let from = *end;
    *end += value;
    (from, *end)
}

/// The least and the greatest that is drawn.
pub(super) fn span(figure: &Figure, stacked: bool) -> (f64, f64) {
    if !stacked {
        return (figure.values().fold(0.0, f64::min), figure.values().fold(0.0, f64::max));
    }
    let mut span: (f64, f64) = (0.0, 0.0);
    for row in 0..figure.rows.len() {
        let mut ends = (0.0, 0.0);
        for value in figure.series.iter().filter_map(|series| series.at(row)) {
            stack(&mut ends, value);
        }
        span = (span.0.min(ends.0), span.1.max(ends.1));
    }
    span
}
