//! Steps of which each is what is left of the one before: a bar for each, as wide as its part of the largest.

use super::figure::Figure;
use super::frame::{WIDTH, framed};
use super::svg::{Anchor, Svg, px, rectangle};
use super::words::{EM, cut, width};
use crate::web::i18n::{Lang, t};

const BAR: f64 = 18.0;
const STEP: f64 = EM + 8.0 + BAR + 10.0;

pub(super) fn draw(figure: &Figure, lang: Lang) -> String {
    let most = figure.series.first().into_iter().flat_map(|s| s.values.iter().flatten());
    let most = most.map(|value| value.get()).fold(0.0, f64::max);
    let (mut svg, mut bars, mut between) = (Svg::new(), String::new(), String::new());
    let (mut y, mut before) = (4.0, None);
    for row in 0..figure.rows.len() {
        let bar = y + EM + 6.0;
        let value = figure.series.first().and_then(|series| series.at(row));
        words(&mut svg, figure, lang, row, y + EM);
        let half =
            value.map(|value| if most > 0.0 { value.max(0.0) / most * (WIDTH - 2.0) / 2.0 } else { 0.0 });
        if let Some(half) = half {
            let middle = WIDTH / 2.0;
            bars.push_str(&rectangle(middle - half, bar, 2.0 * half, BAR));
            if let Some(above) = before {
                let (from, to) = (bar - (STEP - BAR), bar);
                between.push_str(&format!(
                    "M{} {}H{}L{} {}H{}z",
                    px(middle - above),
                    px(from),
                    px(middle + above),
                    px(middle + half),
                    px(to),
                    px(middle - half)
                ));
            }
        } else {
            svg.path("gapb", &rectangle(1.0, bar, WIDTH - 2.0, BAR), None);
        }
        before = half;
        y += STEP;
    }
    let mut all = Svg::new();
    all.path("fl", &between, None).path("fb", &bars, None).raw(&svg.done());
    framed(figure, lang, "", y, &all.done())
}

/// The name of a step and its number; where there is a second one, that in brackets.
fn words(svg: &mut Svg, figure: &Figure, lang: Lang, row: usize, y: f64) {
    let written = |number: usize| figure.series.get(number).and_then(|series| figure.written(series, row));
    let value = written(0).unwrap_or_else(|| t(lang, "chart-missing", &[]));
    let both = written(1)
        .map(|second| t(lang, "chart-beside", &[("first", value.clone().into()), ("second", second.into())]));
    // Two numbers that are too long for a line are not cut: the table has the second.
    let value = both.filter(|both| width(both) <= WIDTH * 0.75).unwrap_or(value);
    let name = figure.rows.get(row).map_or("", |row| row.label.as_str());
    svg.text("", (1.0, y), Anchor::Start, &cut(name, WIDTH - width(&value) - 16.0));
    svg.text("dl", (WIDTH - 1.0, y), Anchor::End, &value);
}
