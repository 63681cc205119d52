//! The QR code in a picture.
//!
//! Pictures come from strangers: type by the first bytes, dimensions before anything is decoded, one budget of memory
//! for all pictures at a time, off the async threads, and an end after five seconds.

use crate::error::{AppError, AppResult};
use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;
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
const EDGES: [u32; 3] = [1000, 1800, 500];

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

/// Reads pictures within one budget of memory.
pub(super) struct Pictures(Arc<Semaphore>);

impl Pictures {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(usize::try_from(BUDGET_KIB).unwrap_or(1))))
    }

    /// The text of the QR code in a PNG or JPEG. Of several codes a health document is preferred.
    ///
    /// # Errors
    /// [`AppError::Invalid`] on `image`; [`AppError::Unavailable`] when too many pictures wait.
    pub(super) async fn read(&self, bytes: Vec<u8>) -> AppResult<String> {
        let wrong = |e: PictureError| AppError::field("image", e.code());
        let kib = weigh(&bytes).map_err(wrong)?;
        let work = async {
            let permit = self.0.clone().acquire_many_owned(kib).await.map_err(AppError::internal)?;
            let read = tokio::task::spawn_blocking(move || {
                // Held until the work ends, also when nobody waits for it any more.
                let _permit = permit;
                decode(&bytes)
            });
            read.await.map_err(AppError::internal)?.map_err(wrong)
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
    let grey = match reader.decode().map_err(|_| PictureError::Type)? {
        DynamicImage::ImageLuma8(grey) => grey,
        // Transparent pixels are paper: a code with a transparent ground is black on nothing.
        picture if picture.color().has_alpha() => on_white(&picture),
        picture => picture.into_luma8(),
    };
    let mut other = None;
    let longest = grey.width().max(grey.height());
    let mut tried = Vec::new();
    for edge in EDGES {
        let edge = edge.min(longest);
        if tried.contains(&edge) {
            continue;
        }
        tried.push(edge);
        for text in texts(&shrink(&grey, edge)) {
            if text.contains(crate::hcert::issue::PREFIX) {
                return Ok(text);
            }
            other.get_or_insert(text);
        }
    }
    other.ok_or(PictureError::NoCode)
}

fn on_white(picture: &DynamicImage) -> GrayImage {
    let pixels = picture.to_luma_alpha8();
    GrayImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let image::LumaA([luma, alpha]) = *pixels.get_pixel(x, y);
        let (luma, alpha) = (u32::from(luma), u32::from(alpha));
        let mixed = (luma * alpha + 255 * (255 - alpha)) / 255;
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

fn texts(grey: &GrayImage) -> Vec<String> {
    let (width, height) = grey.dimensions();
    let (Ok(w), Ok(h)) = (usize::try_from(width), usize::try_from(height)) else { return Vec::new() };
    let raw = grey.as_raw();
    let pixel = |x: usize, y: usize| raw.get(y * w + x).copied().unwrap_or(255);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(w, h, pixel);
    let grids = prepared.detect_grids();
    grids.iter().take(8).filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
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
