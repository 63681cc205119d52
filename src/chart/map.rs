//! A map whose parts are shaded by their values.

use super::classes::{Breaks, Classes, MOST};
use super::figure::{Figure, Level};
use super::frame::{WIDTH, empty, framed, pattern, row_title};
use super::svg::{Anchor, Svg};
use super::words::{EM, width};
use crate::identity::DivisionCode;
use crate::outlines::{Point, Shape, outlines};
use crate::web::i18n::{Lang, t};

/// Units of outlines over the width of a drawing: whole numbers are short, and fine enough.
const ACROSS: i32 = 1000;
const SHRINK: f64 = WIDTH / 1000.0;
/// A map is at most so much higher than wide.
const HIGHEST: i32 = 1150;
/// How much smaller texts are beside a map on a larger screen.
const SMALL: f64 = 0.54;

/// What a map shows.
pub(super) struct Of<'a> {
    pub area: DivisionCode,
    pub level: Level,
    pub breaks: &'a Breaks,
    pub highlight: Option<DivisionCode>,
}

pub(super) fn draw(figure: &Figure, lang: Lang, of: &Of<'_>) -> String {
    let Some(drawing) = outlines().drawing(of.area, of.level.into(), ACROSS, HIGHEST) else {
        return empty(figure, lang);
    };
    let classes = Classes::of(figure, of.breaks);
    let (mut svg, mut labels, mut framed_part) = (Svg::new(), Svg::new(), String::new());
    svg.raw("<defs>");
    for shade in shades(&classes) {
        svg.raw(&pattern(figure, &shade));
    }
    svg.raw(&pattern(figure, "qn")).raw(&format!("</defs><g transform=\"scale({SHRINK})\">"));
    for shape in &drawing.shapes {
        let key = shape.division.to_string();
        let row = figure.rows.iter().position(|row| row.key == key);
        let value = row.and_then(|row| figure.series.first()?.at(row));
        let shade =
            value.map_or_else(|| "qn".to_owned(), |v| format!("q{}", classes.shade(classes.class(v))));
        let d = path(&shape.rings);
        let title = row.map_or_else(|| t(lang, "chart-missing", &[]), |row| row_title(figure, lang, row));
        svg.painted("", &format!("{}-{shade}", figure.name), &d, Some(&title));
        if of.highlight == Some(shape.division) {
            framed_part = d;
        }
        if let Some(row) = row {
            label(&mut labels, figure, row, shape, &shade);
        }
    }
    svg.path("hl", &framed_part, None).raw("</g>").raw(&labels.done());
    framed(figure, lang, " map", f64::from(drawing.height) * SHRINK, &svg.done())
}

/// The shades that the classes have.
fn shades(classes: &Classes) -> Vec<String> {
    (0..classes.count().min(MOST)).map(|class| format!("q{}", classes.shade(class))).collect()
}

/// The words beside a map: a shade and what it means.
pub(super) fn key(figure: &Figure, lang: Lang, breaks: &Breaks) -> Vec<(String, String)> {
    let classes = Classes::of(figure, breaks);
    let classed = (0..classes.count()).map(|class| {
        let places = super::classes::members(figure, &classes, class);
        let words = classes.words(lang, class);
        let words = t(lang, "chart-class-places", &[("words", words.into()), ("places", places.into())]);
        (format!("q{}", classes.shade(class)), words)
    });
    let missing = figure.has_gaps().then(|| ("qn".to_owned(), t(lang, "chart-missing", &[])));
    let none = figure.values().next().is_none();
    if none { missing.into_iter().collect() } else { classed.chain(missing).collect() }
}

/// Rings as a path: the first corner, then the steps to each next one.
fn path(rings: &[Vec<Point>]) -> String {
    let mut d = String::new();
    for ring in rings {
        let mut before: Option<Point> = None;
        for &(x, y) in ring {
            match before {
                None => d.push_str(&format!("M{x} {y}l")),
                Some((a, b)) => {
                    step(&mut d, x - a);
                    step(&mut d, y - b);
                }
            }
            before = Some((x, y));
        }
        d.push('z');
    }
    d
}

/// A number of a path; a minus sign parts it from the one before as well as a space.
fn step(d: &mut String, by: i32) {
    if by >= 0 && !d.ends_with('l') {
        d.push(' ');
    }
    d.push_str(&by.to_string());
}

/// The name of a part, and its number where there is room: on a phone where it fits, else only on larger screens.
fn label(svg: &mut Svg, figure: &Figure, row: usize, shape: &Shape, shade: &str) {
    let Some(name) = figure.rows.get(row).map(|row| row.short.clone()).filter(|name| !name.is_empty()) else {
        return;
    };
    let number = figure.series.first().and_then(|series| figure.written(series, row));
    let dark = if matches!(shade, "q3" | "q4") { "hi" } else { "" };
    for (size, class) in [(1.0, dark.to_owned()), (SMALL, format!("min {dark}").trim_end().to_owned())] {
        let line = EM * size;
        let fits = |lines: f64, text: f64| {
            // Most counties of a province are too small at once.
            let (at, wide) =
                (shape.width() * SHRINK > text * size).then(|| shape.room(line * lines / SHRINK))??;
            (wide * SHRINK >= text * size + 2.0).then_some((at.0 * SHRINK, at.1 * SHRINK))
        };
        if let Some(number) = &number
            && let Some((x, y)) = fits(2.3, width(&name).max(width(number)))
        {
            svg.two_lines(&class, (x, y), &name, number);
            return;
        }
        if let Some((x, y)) = fits(1.2, width(&name)) {
            svg.text(&class, (x, y + line / 3.0), Anchor::Middle, &name);
            return;
        }
    }
}
