//! Figures: from one value ([`Figure`]) come the drawing (SVG), the table beside it, the CSV and the JSON, so that the four
//! cannot say different things.
//!
//! A drawing has classes and no styles: colours, dark mode and print are the style sheet's. What a colour says, a pattern,
//! a shape or a word says too. A value that is missing is a gap and the words for it, never 0. `docs/figures.md` shows how
//! a slice makes one.

mod bars;
mod classes;
mod columns;
mod figure;
mod frame;
mod funnel;
mod line;
mod map;
mod multiples;
mod numbers;
mod scale;
mod sheet;
mod svg;
mod view;
mod words;

pub use classes::Breaks;
pub use figure::{Figure, Kind, Level, Refused, Row, Series};
pub use numbers::Num;
pub use view::FigureView;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
