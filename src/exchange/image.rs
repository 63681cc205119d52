//! The QR code in a picture.
//!
//! Pictures come from strangers: type by the first bytes, dimensions before anything is decoded, one budget of memory
//! for all pictures at a time, off the async threads and never on all cores, and an answer after five seconds. The
//! costliest picture that was found, of nothing but corners of codes, takes some seconds of one core.

use crate::error::{AppError, AppResult};
use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader};
use rxing::common::cpp_essentials::{ConcentricPattern, DecoderResult};
use rxing::common::{DetectorRXingResult, HybridBinarizer};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{
    FindFinderPatterns, FinderPatternSet, GenerateFinderPatternSets, SampleQR,
};
use rxing::{BinaryBitmap, Luma8LuminanceSource};
use std::cmp::Reverse;
use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Largest file.
pub const MAX_FILE: usize = 5 << 20;
/// Decoded bytes of all pictures that are worked on at a time, in KiB: a photo of 16 megapixels fits.
const BUDGET_KIB: u32 = 52 << 10;
/// Longest edge.
const MAX_EDGE: u32 = 10_000;
/// A picture that is not read by then will not be.
const PATIENCE: Duration = Duration::from_secs(5);
/// Edges at which a code is looked for, the likeliest first.
const EDGES: [u32; 3] = [1000, 1400, 500];
/// Corners of codes, sets of three of them, and codes that are looked at in one picture; a photo has a few.
const CORNERS: usize = 100;
const SETS: usize = 250;
const CODES: usize = 8;

/// Why no text came out of a picture; a catalogue code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Neither PNG nor JPEG, or damaged.
    #[error("image-type")]
    Type,
    /// More pixels than we decode.
    #[error("image-pixels")]
    Pixels,
    /// No QR code in it that can be read.
    #[error("image-no-code")]
    NoCode,
}

impl PictureError {
    /// The code of its text.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Type => "image-type",
            Self::Pixels => "image-pixels",
            Self::NoCode => "image-no-code",
        }
    }
}

/// Reads pictures within one budget of memory, on half of the cores.
pub(super) struct Pictures {
    memory: Arc<Semaphore>,
    cores: Arc<Semaphore>,
}

impl Pictures {
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |n| (n.get() / 2).max(1));
        Self {
            memory: Arc::new(Semaphore::new(usize::try_from(BUDGET_KIB).unwrap_or(1))),
            cores: Arc::new(Semaphore::new(cores)),
        }
    }

    /// The text of the QR code in a PNG or JPEG. Of several codes a health document is preferred.
    ///
    /// # Errors
    /// [`AppError::Invalid`] on `image`; [`AppError::Unavailable`] when too many pictures wait.
    pub(super) async fn read(&self, bytes: Vec<u8>) -> AppResult<String> {
        let wrong = |e: PictureError| AppError::field("image", e.code());
        let kib = weigh(&bytes).map_err(wrong)?;
        let work = async {
            let core = self.cores.clone().acquire_owned().await.map_err(AppError::internal)?;
            let memory = self.memory.clone().acquire_many_owned(kib).await.map_err(AppError::internal)?;
            let read = tokio::task::spawn_blocking(move || {
                // Held until the work ends, also when nobody waits for it any more.
                let _permits = (core, memory);
                decode(&bytes)
            });
            // What no decoder can bear is what a client sent, and no fault of ours.
            let read = read.await.unwrap_or_else(|e| {
                tracing::warn!(panicked = e.is_panic(), "a picture could not be worked on");
                Err(PictureError::NoCode)
            });
            read.map_err(wrong)
        };
        match tokio::time::timeout(PATIENCE, work).await {
            Ok(read) => read,
            Err(_) => Err(AppError::Unavailable("too many pictures at a time".into())),
        }
    }
}

fn format(bytes: &[u8]) -> Result<ImageFormat, PictureError> {
    match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => Ok(format),
        _ => Err(PictureError::Type),
    }
}

/// KiB of the decoded picture, from its header alone.
fn weigh(bytes: &[u8]) -> Result<u32, PictureError> {
    let reader = ImageReader::with_format(Cursor::new(bytes), format(bytes)?);
    let decoder = reader.into_decoder().map_err(|e| match e {
        image::ImageError::Limits(_) => PictureError::Pixels,
        _ => PictureError::Type,
    })?;
    let (width, height) = decoder.dimensions();
    let kib = u32::try_from(decoder.total_bytes() / 1024 + 1).map_err(|_| PictureError::Pixels)?;
    let fits = width <= MAX_EDGE && height <= MAX_EDGE && kib <= BUDGET_KIB;
    if fits { Ok(kib) } else { Err(PictureError::Pixels) }
}

fn decode(bytes: &[u8]) -> Result<String, PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format(bytes)?);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_EDGE);
    limits.max_image_height = Some(MAX_EDGE);
    limits.max_alloc = Some(u64::from(BUDGET_KIB) * 1024 * 2);
    reader.limits(limits);
    let (light, dark) = match reader.decode().map_err(|_| PictureError::Type)? {
        DynamicImage::ImageLuma8(grey) => (grey, None),
        // Transparent pixels are paper: a code with a transparent ground is black on nothing, or white on nothing.
        picture if picture.color().has_alpha() => (on(&picture, 255), Some(on(&picture, 0))),
        picture => (picture.into_luma8(), None),
    };
    let begun = Instant::now();
    let found = look(&light, begun + PATIENCE);
    if found.is_ok() || begun.elapsed() > PATIENCE / 2 {
        return found;
    }
    // Light on dark, as screens show codes at night: once more with light and dark exchanged.
    let mut inverted = dark.unwrap_or(light);
    image::imageops::invert(&mut inverted);
    look(&inverted, begun + PATIENCE * 4 / 5)
}

/// The text of a dark code on light ground, looked for until then at the edges of [`EDGES`].
fn look(grey: &GrayImage, until: Instant) -> Result<String, PictureError> {
    let mut other = None;
    let longest = grey.width().max(grey.height());
    let mut tried = Vec::new();
    for edge in EDGES {
        let edge = edge.min(longest);
        if tried.contains(&edge) || Instant::now() > until {
            continue;
        }
        tried.push(edge);
        for text in texts(&shrink(grey, edge), until) {
            if text.contains(crate::hcert::issue::PREFIX) {
                return Ok(text);
            }
            other.get_or_insert(text);
        }
    }
    other.ok_or(PictureError::NoCode)
}

/// The picture on paper of one brightness.
fn on(picture: &DynamicImage, paper: u32) -> GrayImage {
    let pixels = picture.to_luma_alpha8();
    GrayImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let image::LumaA([luma, alpha]) = *pixels.get_pixel(x, y);
        let (luma, alpha) = (u32::from(luma), u32::from(alpha));
        let mixed = (luma * alpha + paper * (255 - alpha)) / 255;
        image::Luma([u8::try_from(mixed).unwrap_or(255)])
    })
}

fn shrink(grey: &GrayImage, edge: u32) -> GrayImage {
    let longest = grey.width().max(grey.height()).max(1);
    if longest <= edge {
        return grey.clone();
    }
    let side =
        |n: u32| u32::try_from(u64::from(n) * u64::from(edge) / u64::from(longest)).unwrap_or(1).max(1);
    image::imageops::resize(grey, side(grey.width()), side(grey.height()), FilterType::Triangle)
}

/// The texts of the codes in a picture, at most [`CODES`]. What rxing's reader does, with an end to each part of it: a
/// picture can be made of nothing but corners of codes.
fn texts(grey: &GrayImage, until: Instant) -> Vec<String> {
    let (width, height) = grey.dimensions();
    let Ok(source) = Luma8LuminanceSource::new(grey.as_raw().clone(), width, height) else {
        return Vec::new();
    };
    let picture = BinaryBitmap::new(HybridBinarizer::new(source));
    let ink = picture.get_black_matrix();
    let mut corners = FindFinderPatterns(ink, true, 0);
    // The largest, as the next step orders them: small ones are likelier noise.
    corners.sort_by_key(|corner| Reverse(corner.size));
    corners.truncate(CORNERS);
    let mut used: Vec<ConcentricPattern> = Vec::new();
    let mut found = Vec::new();
    for FinderPatternSet { bl, tl, tr } in GenerateFinderPatternSets(&mut corners).into_iter().take(SETS) {
        if found.len() == CODES || Instant::now() > until {
            break;
        }
        if [bl, tl, tr].iter().any(|corner| used.contains(corner)) {
            continue;
        }
        let Ok(code) = SampleQR(ink, &FinderPatternSet { bl, tl, tr }) else { continue };
        let Some(read) = Decode(code.getBits()).ok().filter(DecoderResult::isValid) else { continue };
        used.extend([bl, tl, tr]);
        found.push(read.text());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::qr::Qr;

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_document_survives_rotation_margins_and_jpeg() {
        let text = crate::hcert::examples::published().unwrap().examples[3].text.clone();
        let code = image::load_from_memory(&Qr::new(&text).unwrap().png(4).unwrap()).unwrap();
        assert_eq!(decode(&png(&code)).as_ref(), Ok(&text));
        let mut photo = GrayImage::from_pixel(2400, 3200, image::Luma([180]));
        let large = code.resize(1200, 1200, FilterType::Triangle).rotate90().into_luma8();
        image::imageops::overlay(&mut photo, &large, 500, 1100);
        let mut jpeg = Cursor::new(Vec::new());
        DynamicImage::ImageLuma8(photo).write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        assert_eq!(decode(&jpeg.into_inner()).as_ref(), Ok(&text));
    }

    #[test]
    fn light_codes_on_dark_ground_are_read() {
        let text = crate::hcert::examples::published().unwrap().examples[3].text.clone();
        let code = image::load_from_memory(&Qr::new(&text).unwrap().png(4).unwrap()).unwrap().into_luma8();
        let mut night = code.clone();
        image::imageops::invert(&mut night);
        let green = image::RgbImage::from_fn(code.width(), code.height(), |x, y| {
            image::Rgb(if code.get_pixel(x, y).0[0] < 128 { [255, 255, 255] } else { [7, 120, 60] })
        });
        let nothing = image::RgbaImage::from_fn(code.width(), code.height(), |x, y| {
            image::Rgba(if code.get_pixel(x, y).0[0] < 128 { [255, 255, 255, 255] } else { [0, 0, 0, 0] })
        });
        let screenshot = image::RgbaImage::from_fn(code.width(), code.height(), |x, y| {
            let luma = night.get_pixel(x, y).0[0];
            image::Rgba([luma, luma, luma, 255])
        });
        for picture in [
            DynamicImage::ImageLuma8(night.clone()),
            DynamicImage::ImageRgb8(green),
            DynamicImage::ImageRgba8(nothing),
            DynamicImage::ImageRgba8(screenshot),
        ] {
            assert_eq!(decode(&png(&picture)).as_ref(), Ok(&text), "{:?}", picture.color());
        }
    }

    /// A photo of a code as a hand takes it: turned, from the side, unevenly lit, not quite sharp, grainy.
    fn photo(text: &str, turned: f32, aside: f32, grain: u64) -> GrayImage {
        const EDGE: u16 = 1000;
        let code = image::load_from_memory(&Qr::new(text).unwrap().png(8).unwrap()).unwrap().into_luma8();
        let middle = f32::from(EDGE) / 2.0;
        let mut noise = 0x2020_0312_u64;
        let picture = GrayImage::from_fn(EDGE.into(), EDGE.into(), |x, y| {
            let at = |n: u32| f32::from(u16::try_from(n).unwrap()) - middle;
            let far = 1.0 + aside * at(x) / middle + 0.5 * aside * at(y) / middle;
            let (dx, dy) = (at(x) / far, at(y) / far);
            let across = (dx * turned.cos() - dy * turned.sin()) / (0.64 * f32::from(EDGE)) + 0.5;
            let down = (dx * turned.sin() + dy * turned.cos()) / (0.64 * f32::from(EDGE)) + 0.5;
            let module = image::imageops::sample_nearest(&code, across.max(-1.0), down.max(-1.0));
            let inside = (0.0..1.0).contains(&across) && (0.0..1.0).contains(&down);
            let ink = module.filter(|_| inside).map_or(140, |p| u64::from(p.0[0]));
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            let light = 150 + 50 * u64::from(x) / u64::from(EDGE);
            let seen = 25 + ink * light / 255 + noise % (grain + 1);
            image::Luma([u8::try_from(seen.min(255)).unwrap()])
        });
        image::imageops::blur(&picture, 0.8)
    }

    #[test]
    fn photos_of_codes_of_every_size_are_read() {
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        let mut state = 7_usize;
        for length in [250, 363, 480] {
            for (turned, aside) in [(0.05, 0.0), (0.2, 0.1), (0.8, 0.0), (-0.1, 0.2)] {
                let mut text = String::from(crate::hcert::issue::PREFIX);
                for _ in 0..length {
                    state = (state * 6_364_136 + 1_442_695) % 1_000_003;
                    text.push(char::from(LETTERS[state % LETTERS.len()]));
                }
                let mut jpeg = Cursor::new(Vec::new());
                let photo = photo(&text, turned, aside, 20);
                DynamicImage::ImageLuma8(photo).write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
                assert_eq!(decode(&jpeg.into_inner()), Ok(text), "{length} {turned} {aside}");
            }
        }
    }

    #[test]
    fn of_two_codes_the_health_document_is_taken() {
        let mut both = GrayImage::from_pixel(1600, 800, image::Luma([255]));
        for (text, x) in [("HTTP://EXAMPLE.INVALID", 60), ("HC1:6BFOXN", 860)] {
            let code = image::load_from_memory(&Qr::new(text).unwrap().png(16).unwrap()).unwrap();
            image::imageops::overlay(&mut both, &code.into_luma8(), x, 60);
        }
        assert_eq!(decode(&png(&DynamicImage::ImageLuma8(both))).as_deref(), Ok("HC1:6BFOXN"));
    }

    #[test]
    fn a_picture_of_nothing_but_corners_comes_to_an_end() {
        const CORNER: [u8; 7] =
            [0b111_1111, 0b100_0001, 0b101_1101, 0b101_1101, 0b101_1101, 0b100_0001, 0b111_1111];
        for pitch in [8, 12, 16] {
            let picture = GrayImage::from_fn(400, 400, |x, y| {
                let row = CORNER.get(usize::try_from(y % pitch).unwrap()).copied().unwrap_or(0);
                let black = x % pitch < 7 && (row >> (6 - x % pitch)) & 1 == 1;
                image::Luma([if black { 0 } else { 255 }])
            });
            assert_eq!(decode(&png(&DynamicImage::ImageLuma8(picture))), Err(PictureError::NoCode));
        }
    }

    #[test]
    fn odd_pictures_are_no_code_and_no_crash() {
        for (width, height) in [(1, 1), (1, 400), (7, 3), (39, 41), (2000, 5)] {
            let checked = GrayImage::from_fn(width, height, |x, y| {
                image::Luma([if (x ^ y) & 1 == 0 { 0 } else { 255 }])
            });
            let striped =
                GrayImage::from_fn(width, height, |x, _| image::Luma([u8::try_from(x * 37 % 256).unwrap()]));
            for picture in [checked, striped] {
                assert_eq!(decode(&png(&DynamicImage::ImageLuma8(picture))), Err(PictureError::NoCode));
            }
        }
    }

    #[test]
    fn what_is_no_picture_and_what_is_too_large_is_refused_by_its_header() {
        assert_eq!(weigh(b"GIF89a"), Err(PictureError::Type));
        assert_eq!(weigh(b"HC1:"), Err(PictureError::Type));
        let mut bomb = png(&DynamicImage::new_luma8(8, 8));
        // The header says 30,000 × 30,000 (and its checksum is put right).
        bomb.splice(16..24, [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        let crc = flate2::Crc::new();
        let mut crc = crc;
        crc.update(&bomb[12..29]);
        bomb.splice(29..33, crc.sum().to_be_bytes());
        assert_eq!(weigh(&bomb), Err(PictureError::Pixels));
        assert_eq!(decode(&png(&DynamicImage::new_luma8(300, 300))), Err(PictureError::NoCode));
    }
}
