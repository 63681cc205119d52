//! Writes SVG: elements with attributes, texts escaped, places with one decimal.

use crate::web::markup::escape;
use std::fmt::Write;

/// What is being written.
#[derive(Debug, Default)]
pub(super) struct Svg(String);

/// A place with one decimal, none where it is 0.
pub(super) fn px(value: f64) -> String {
    let written = format!("{value:.1}");
    let short = written.strip_suffix(".0").unwrap_or(&written);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// A rectangle as a part of a path: many of one look are one element.
pub(super) fn rectangle(x: f64, y: f64, width: f64, height: f64) -> String {
    format!("M{} {}h{}v{}H{}z", px(x), px(y), px(width), px(height), px(x))
}

/// The end of a text that stands at its place: its start, its middle or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    pub fn new() -> Self {
        Self::default()
    }

    /// What has been written.
    pub fn done(self) -> String {
        self.0
    }

    /// Writes as it is; only what is made of numbers and fixed words.
    pub fn raw(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self
    }

    /// An element that says what it is when it is pointed at, or nothing further.
    pub fn path(&mut self, class: &str, d: &str, title: Option<&str>) -> &mut Self {
        if d.is_empty() {
            return self;
        }
        match title {
            Some(title) => {
                let _ = write!(
                    self.0,
                    "<path class=\"{class}\" d=\"{d}\"><title>{}</title></path>",
                    escape(title)
                );
            }
            None => {
                let _ = write!(self.0, "<path class=\"{class}\" d=\"{d}\"/>");
            }
        }
        self
    }

    /// The same, painted with a pattern.
    pub fn painted(&mut self, class: &str, pattern: &str, d: &str, title: Option<&str>) -> &mut Self {
        if d.is_empty() {
            return self;
        }
        let _ = write!(self.0, "<path class=\"{class}\" fill=\"url(#{pattern})\" d=\"{d}\"");
        match title {
            Some(title) => {
                let _ = write!(self.0, "><title>{}</title></path>", escape(title));
            }
            None => self.0.push_str("/>"),
        }
        self
    }

    /// A text at a place.
    pub fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) -> &mut Self {
        let class = match (class, anchor) {
            ("", Anchor::Start) => String::new(),
            ("", Anchor::Middle) => " class=\"am\"".to_owned(),
            ("", Anchor::End) => " class=\"ae\"".to_owned(),
            (class, Anchor::Start) => format!(" class=\"{class}\""),
            (class, Anchor::Middle) => format!(" class=\"{class} am\""),
            (class, Anchor::End) => format!(" class=\"{class} ae\""),
        };
        let _ = write!(self.0, "<text{class} x=\"{}\" y=\"{}\">{}</text>", px(x), px(y), escape(text));
        self
    }

    /// Two lines around a place, as far apart as the text is high: on every screen alike.
    pub fn two_lines(&mut self, class: &str, (x, y): (f64, f64), first: &str, second: &str) -> &mut Self {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let (x, y, first, second) = (px(x), px(y), escape(first), escape(second));
        let _ = write!(
            self.0,
            "<text{class} x=\"{x}\" y=\"{y}\"><tspan dy=\"-.2em\">{first}</tspan>\
             <tspan x=\"{x}\" dy=\"1.1em\">{second}</tspan></text>"
        );
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_places_are_short() {
        assert_eq!([px(1.0), px(1.26), px(-0.01), px(-2.5)], ["1", "1.3", "0", "-2.5"]);
        assert_eq!(rectangle(1.0, 2.5, 3.0, 4.0), "M1 2.5h3v4H1z");
        let mut svg = Svg::new();
        svg.path("a", "M0 0h1", Some("1 < 2")).path("a", "", None).text("", (1.0, 2.0), Anchor::End, "&");
        assert_eq!(
            svg.done(),
            "<path class=\"a\" d=\"M0 0h1\"><title>1 &lt; 2</title></path><text class=\"ae\" x=\"1\" y=\"2\">&amp;</text>"
        );
    }
}
