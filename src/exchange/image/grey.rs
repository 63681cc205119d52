//! From the bytes of a picture to its brightness. Memory is what counts here: a photo is decoded to grey at once, and
//! colours become grey in the place where they stand.

use super::PictureError;
use super::header::MAX_KIB;
use crate::picture::{Format, Header, MAX_EDGE, Made, jpeg, png};
use image::{DynamicImage, GrayImage, ImageFormat, ImageReader};
use std::io::Cursor;

/// The brightness on white paper and, where something is transparent, on black paper, too: a code with a transparent ground
/// is black on nothing, or white on nothing.
///
/// # Errors
/// [`PictureError::Type`] when it cannot be decoded.
pub(super) fn decode(
    mut bytes: Vec<u8>,
    header: Header,
) -> Result<(GrayImage, Option<GrayImage>), PictureError> {
    match header.format {
        Format::Png => {
            png::strip(&mut bytes)?;
            from_png(&bytes, header)
        }
        Format::Jpeg => {
            jpeg::strip(&mut bytes)?;
            from_jpeg(&bytes, header).map(|grey| (grey, None))
        }
    }
}

fn from_png(bytes: &[u8], header: Header) -> Result<(GrayImage, Option<GrayImage>), PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_EDGE);
    limits.max_image_height = Some(MAX_EDGE);
    limits.max_alloc = Some(u64::from(MAX_KIB) * 1024);
    reader.limits(limits);
    let size = (header.width, header.height);
    let (pixels, channels) = match reader.decode().map_err(|_| PictureError::Type)? {
        DynamicImage::ImageLuma8(grey) => return Ok((grey, None)),
        DynamicImage::ImageLumaA8(picture) => (picture.into_raw(), 2),
        DynamicImage::ImageRgb8(picture) => (picture.into_raw(), 3),
        DynamicImage::ImageRgba8(picture) => (picture.into_raw(), 4),
        // Sixteen bits a channel.
        picture if picture.color().has_alpha() => (picture.into_rgba8().into_raw(), 4),
        picture => (picture.into_rgb8().into_raw(), 3),
    };
    on_paper(pixels, channels, size).ok_or(PictureError::Type)
}

/// The grey of each pixel on white paper takes the place of the first of them; that on black paper is a second picture,
/// if anything is transparent.
fn on_paper(
    mut pixels: Vec<u8>,
    channels: usize,
    (width, height): (u32, u32),
) -> Option<(GrayImage, Option<GrayImage>)> {
    let count = pixels.len() / channels;
    let clear = channels != 3 && pixels.iter().skip(channels - 1).step_by(channels).any(|alpha| *alpha < 255);
    let mut dark = clear.then(|| Vec::with_capacity(count));
    for index in 0..count {
        let pixel = pixels.get(index * channels..(index + 1) * channels)?;
        let (luma, alpha) = match *pixel {
            [luma, alpha] => (u32::from(luma), u32::from(alpha)),
            [r, g, b] => (luma(r, g, b), 255),
            [r, g, b, alpha] => (luma(r, g, b), u32::from(alpha)),
            _ => return None,
        };
        let ink = |paper: u32| u8::try_from((luma * alpha + paper * (255 - alpha)) / 255).unwrap_or(255);
        if let Some(dark) = &mut dark {
            dark.push(ink(0));
        }
        *pixels.get_mut(index)? = ink(255);
    }
    pixels.truncate(count);
    pixels.shrink_to_fit();
    let light = GrayImage::from_raw(width, height, pixels)?;
    match dark {
        None => Some((light, None)),
        Some(dark) => Some((light, Some(GrayImage::from_raw(width, height, dark)?))),
    }
}

/// Brightness as ITU-R BT.709 weighs the colours.
fn luma(r: u8, g: u8, b: u8) -> u32 {
    (2126 * u32::from(r) + 7152 * u32::from(g) + 722 * u32::from(b)) / 10_000
}

fn from_jpeg(bytes: &[u8], header: Header) -> Result<GrayImage, PictureError> {
    let (pixels, grey) = jpeg::pixels(bytes, header, Made::Grey)?;
    let size = (header.width, header.height);
    if grey {
        return GrayImage::from_raw(size.0, size.1, pixels).ok_or(PictureError::Type);
    }
    on_paper(pixels, 3, size).map(|(light, _)| light).ok_or(PictureError::Type)
}
