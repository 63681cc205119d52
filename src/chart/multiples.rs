//! A small drawing for each series, all with the same scale, so that many can be compared.

use super::figure::{Figure, Series};
use super::frame::{WIDTH, framed};
use super::numbers::{Num, size};
use super::scale::{Scale, Ticks};
use super::svg::{Anchor, Svg, px, rectangle};
use super::words::{EM, cut};
use crate::web::i18n::{Lang, t};

const GAP: f64 = 10.0;
/// Height of a small drawing, and with its name.
const PLOT: f64 = 42.0;
const STEP: f64 = PLOT + EM + 12.0;
/// Height of the line above all.
const HEAD: f64 = EM + 8.0;

pub(super) fn draw(figure: &Figure, lang: Lang) -> String {
    let columns = figure.series.len().clamp(1, 3);
    let wide = (WIDTH + GAP) / size(columns) - GAP;
    let low = figure.values().fold(0.0, f64::min);
    let high = figure.values().fold(0.0, f64::max);
    let ticks = Ticks::around(low, high, 3, figure.decimals == 0);
    let mut svg = Svg::new();
    svg.text("", (0.0, EM), Anchor::Start, &cut(&head(figure, lang, &ticks), WIDTH));
    for (number, series) in figure.series.iter().enumerate() {
        let x = size(number % columns) * (wide + GAP);
        let y = HEAD + size(number / columns) * STEP;
        svg.text("", (x, y + EM), Anchor::Start, &cut(&series.name, wide));
        let scale = Scale::new(&ticks, y + EM + 5.0 + PLOT, y + EM + 5.0);
        one(&mut svg, figure, series, &scale, &ticks, (x, wide));
    }
    let rows = figure.series.len().div_ceil(columns);
    framed(figure, lang, "", HEAD + size(rows) * STEP, &svg.done())
}

/// What all have in common: from when to when, from how much to how much.
fn head(figure: &Figure, lang: Lang, ticks: &Ticks) -> String {
    let end = |row: Option<&super::Row>| row.map(|row| row.short.clone()).unwrap_or_default();
    let number = |value: f64| Num::new(value).map(|n| n.grouped(figure.decimals)).unwrap_or_default();
    t(
        lang,
        "chart-multiples",
        &[
            ("from", end(figure.rows.first()).into()),
            ("to", end(figure.rows.last()).into()),
            ("low", number(ticks.low()).into()),
            ("high", number(ticks.high()).into()),
        ],
    )
}

/// A stair over the rows, grey where there is no value.
fn one(svg: &mut Svg, figure: &Figure, series: &Series, scale: &Scale, ticks: &Ticks, (x, wide): (f64, f64)) {
    let band = wide / size(figure.rows.len().max(1));
    let (top, bottom, zero) = (scale.at(ticks.high()), scale.at(ticks.low()), scale.at(0.0));
    let (mut stair, mut gaps, mut open) = (String::new(), String::new(), false);
    for row in 0..figure.rows.len() {
        let left = x + size(row) * band;
        let Some(value) = series.at(row) else {
            gaps.push_str(&rectangle(left, top, band, bottom - top));
            stair.push_str(&if open { format!("V{}z", px(zero)) } else { String::new() });
            open = false;
            continue;
        };
        if !open {
            stair.push_str(&format!("M{} {}", px(left), px(zero)));
        }
        stair.push_str(&format!("V{}H{}", px(scale.at(value)), px(left + band)));
        open = true;
    }
    if open {
        stair.push_str(&format!("V{}z", px(zero)));
    }
    svg.path("gapb", &gaps, None);
    svg.path("grid", &format!("M{} {}h{}", px(x), px(top), px(wide)), None);
    svg.path("mb", &stair, None);
    svg.path("ax", &format!("M{} {}h{}", px(x), px(zero), px(wide)), None);
}
