//! QR codes for the screen, paper and e-mail.
//!
//! A signed code is text in base 45 (`HC1:…`), made for the alphanumeric mode of ISO/IEC 18004. It is drawn as one
//! SVG path of horizontal runs: about 16 KB for a code of 69 modules, half of a square per module, and nothing to
//! parse twice. Level Q survives a scratched screen; the quiet zone is the standard's four modules.

use super::markup::escape;
use std::fmt::Write;

use fast_qr::qr::QRBuilder;
use fast_qr::{ECL, Mode, QRCode};
use image::{ExtendedColorType, ImageEncoder};

/// Modules of white around the code (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;

/// Why a text could not become a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// More text than the largest code holds at level Q (2,420 alphanumeric characters).
    #[error("the text is too long for a QR code")]
    TooLong,
    /// The picture could not be encoded or would be too large.
    #[error("the QR picture could not be written")]
    Picture,
}

/// A computed code; draw it as often as needed.
pub struct Qr {
    code: QRCode,
}

impl Qr {
    /// Computes the code of `text`, in alphanumeric mode when the text allows it.
    ///
    /// # Errors
    /// [`QrError::TooLong`].
    pub fn new(text: &str) -> Result<Self, QrError> {
        let mode = if text.bytes().all(is_alphanumeric) { Mode::Alphanumeric } else { Mode::Byte };
        let code = QRBuilder::new(text).ecl(ECL::Q).mode(mode).build().map_err(|_| QrError::TooLong)?;
        Ok(Qr { code })
    }

    /// Modules along one edge, without the quiet zone.
    #[must_use]
    pub fn size(&self) -> usize {
        self.code.size
    }

    fn rows(&self) -> impl Iterator<Item = &[fast_qr::Module]> {
        let size = self.code.size;
        self.code.data.chunks_exact(size).take(size)
    }

    /// The `<svg>` element, black on white in both colour schemes. `label` is what a screen reader says; `class`
    /// may be empty. The path is drawn with a stroke of one module, so that a run costs `h7` and a gap `m3 0`.
    #[must_use]
    pub fn svg(&self, class: &str, label: &str) -> String {
        let size = self.code.size;
        let edge = size + 2 * QUIET;
        let mut out = String::with_capacity(size * size * 4 + 400);
        out.push_str("<svg ");
        if !class.is_empty() {
            out.push_str("class=\"");
            out.push_str(&escape(class));
            out.push_str("\" ");
        }
        // Strokes are centred on the line, hence the half module in the view box. Writing to a String cannot fail.
        let _ = write!(out, "viewBox=\"-{QUIET} -{QUIET}.5 {edge} {edge}\" role=\"img\" aria-label=\"");
        out.push_str(&escape(label));
        let _ = write!(
            out,
            "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M-{QUIET}-{QUIET}.5h{edge}v{edge}h-{edge}z\"/><path stroke=\"#000\" d=\""
        );
        self.path(&mut out);
        out.push_str("\"/></svg>");
        out
    }

    fn path(&self, out: &mut String) {
        // The pen's position in modules, so that every move is relative and short.
        let (mut pen_x, mut pen_y, mut first) = (0_usize, 0_usize, true);
        for (y, row) in self.rows().enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a.value() == b.value()) {
                if run.first().is_some_and(|m| m.value()) {
                    self.step(out, (pen_x, pen_y), (x, y), first);
                    let _ = write!(out, "h{}", run.len());
                    (pen_x, pen_y, first) = (x + run.len(), y, false);
                }
                x += run.len();
            }
        }
    }

    fn step(&self, out: &mut String, from: (usize, usize), to: (usize, usize), first: bool) {
        if first {
            let _ = write!(out, "M{} {}", to.0, to.1);
            return;
        }
        if to.0 >= from.0 {
            let _ = write!(out, "m{} {}", to.0 - from.0, to.1 - from.1);
        } else {
            let _ = write!(out, "m-{} {}", from.0 - to.0, to.1 - from.1);
        }
    }

    /// A greyscale PNG with `scale` pixels to a module, quiet zone included: for e-mail and download.
    ///
    /// # Errors
    /// [`QrError::Picture`] if the picture would be wider than 4,096 pixels or cannot be encoded.
    pub fn png(&self, scale: u8) -> Result<Vec<u8>, QrError> {
        let scale = usize::from(scale.max(1));
        let edge = (self.code.size + 2 * QUIET) * scale;
        let side = u32::try_from(edge).ok().filter(|s| *s <= 4096).ok_or(QrError::Picture)?;
        let mut pixels = Vec::with_capacity(edge * edge);
        let white = |n: usize, pixels: &mut Vec<u8>| pixels.resize(pixels.len() + n, 255);
        white(QUIET * scale * edge, &mut pixels);
        for row in self.rows() {
            let mut line = vec![255_u8; QUIET * scale];
            for module in row {
                line.resize(line.len() + scale, if module.value() { 0 } else { 255 });
            }
            line.resize(edge, 255);
            for _ in 0..scale {
                pixels.extend_from_slice(&line);
            }
        }
        white(QUIET * scale * edge, &mut pixels);
        let mut png = Vec::new();
        image::codecs::png::PngEncoder::new(&mut png)
            .write_image(&pixels, side, side, ExtendedColorType::L8)
            .map_err(|_| QrError::Picture)?;
        Ok(png)
    }
}

/// The code of `text` as an `<svg>` in one call; see [`Qr::svg`].
///
/// # Errors
/// [`QrError::TooLong`].
pub fn svg(text: &str, class: &str, label: &str) -> Result<String, QrError> {
    Ok(Qr::new(text)?.svg(class, label))
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase() || b" $%*+-./:".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a picture back with an independent decoder.
    fn decode(png: &[u8]) -> String {
        let picture = image::load_from_memory(png).unwrap().to_luma8();
        let mut prepared = rqrr::PreparedImage::prepare(picture);
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1, "one code is found");
        grids[0].decode().unwrap().1
    }

    /// Paints the SVG path on a grid: `M`, `m`, `h` with whole numbers are all it uses.
    fn paint(svg: &str, size: usize) -> Vec<Vec<bool>> {
        let path = svg.split("stroke=\"#000\" d=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut grid = vec![vec![false; size]; size];
        let (mut x, mut y) = (0_i32, 0_i32);
        let mut rest = path;
        while let Some(command) = rest.chars().next() {
            let end = rest[1..].find(['M', 'm', 'h']).map_or(rest.len(), |i| i + 1);
            let numbers: Vec<i32> = rest[1..end].split(' ').map(|n| n.parse().unwrap()).collect();
            match command {
                'h' => {
                    for i in x..x + numbers[0] {
                        grid[usize::try_from(y).unwrap()][usize::try_from(i).unwrap()] = true;
                    }
                    x += numbers[0];
                }
                _ => (x, y) = (x + numbers[0], y + numbers[1]),
            }
            rest = &rest[end..];
        }
        grid
    }

    #[test]
    fn a_signed_code_is_one_short_path() {
        let text =
            format!("HC1:{}", "6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0".repeat(6));
        let qr = Qr::new(&text).unwrap();
        let svg = qr.svg("", "阿***·买*** 的健康码");
        assert_eq!(svg.matches("<path").count(), 2);
        assert!(svg.len() < 24_000, "{} bytes", svg.len());
        assert!(qr.size() <= 77, "alphanumeric mode is used: {} modules", qr.size());
        assert_eq!(decode(&qr.png(4).unwrap()), text);
    }

    #[test]
    fn labels_cannot_leave_their_attribute() {
        let svg = svg("HC1:A", "", "\"><script>").unwrap();
        assert!(svg.contains("aria-label=\"&quot;&gt;&lt;script&gt;\""));
    }

    #[test]
    fn too_much_text_is_refused() {
        assert_eq!(svg(&"A".repeat(2421), "", "").unwrap_err(), QrError::TooLong);
        assert!(Qr::new(&"A".repeat(2420)).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn path_and_picture_show_the_same_modules(text in "[A-Z0-9 $%*+./:-]{1,300}|[a-z一-龥]{1,60}") {
            let qr = Qr::new(&text).unwrap();
            let grid = paint(&qr.svg("", ""), qr.size());
            let modules: Vec<Vec<bool>> = qr.rows().map(|r| r.iter().map(|m| m.value()).collect()).collect();
            prop_assert_eq!(grid, modules);
            prop_assert_eq!(decode(&qr.png(4).unwrap()), text);
        }
    }
}
