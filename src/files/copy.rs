//! A picture is kept as a copy of what can be seen of it: decoded and written anew, the right way up, without what a camera
//! or a program has put beside it (place, time, owner, previews). One at a time, on a thread that gives way; what it needs is
//! known from its header before anything is decoded.

use super::exif;
use super::kind::{Kind, Refusal};
use crate::picture::{self, Fault, Format, Header, MAX_EDGE, Made, jpeg, png};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageFormat, ImageReader, RgbImage};
use std::io::Cursor;

/// Most memory that a decoded picture may need, in KiB: a photo of 24 million pixels. Turning it needs as much again.
const MAX_KIB: u32 = 74 << 10;
/// How well photos are kept: text on a photographed paper stays as it is to the eye.
const QUALITY: u8 = 88;
/// A copy that is larger than so many times the largest file is given up: it was made to unpack.
const MOST: usize = 4 * super::terms::LARGEST;

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Type => Self::Broken,
            Fault::Pixels => Self::Pixels,
        }
    }
}

/// The header of a picture, if it is within what is decoded; `None` for what is no picture.
///
/// # Errors
/// [`Refusal::Broken`], [`Refusal::Pixels`].
pub(super) fn header(bytes: &[u8], kind: Kind) -> Result<Option<Header>, Refusal> {
    match kind {
        Kind::Pdf => Ok(None),
        Kind::Png | Kind::Jpeg => Ok(Some(picture::read(bytes, Made::Copy, MAX_KIB)?)),
    }
}

/// The picture once more.
///
/// # Errors
/// [`Refusal::Broken`] when it cannot be decoded, [`Refusal::Pixels`].
pub(super) fn again(mut bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let header = picture::read(&bytes, Made::Copy, MAX_KIB)?;
    let mut out = Vec::new();
    match header.format {
        Format::Png => {
            png::strip(&mut bytes)?;
            let picture = from_png(bytes)?;
            picture.write_to(&mut Cursor::new(&mut out), ImageFormat::Png).map_err(|_| Refusal::Broken)?;
        }
        Format::Jpeg => {
            let turn = exif::orientation(&bytes);
            jpeg::strip(&mut bytes)?;
            let mut picture = from_jpeg(&bytes, header)?;
            picture.apply_orientation(Orientation::from_exif(turn).unwrap_or(Orientation::NoTransforms));
            JpegEncoder::new_with_quality(&mut out, QUALITY)
                .encode_image(&picture)
                .map_err(|_| Refusal::Broken)?;
        }
    }
    if out.len() > MOST { Err(Refusal::Pixels) } else { Ok(out) }
}

fn from_png(bytes: Vec<u8>) -> Result<DynamicImage, Refusal> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_EDGE);
    limits.max_image_height = Some(MAX_EDGE);
    limits.max_alloc = Some(u64::from(MAX_KIB) * 1024);
    reader.limits(limits);
    reader.decode().map_err(|_| Refusal::Broken)
}

fn from_jpeg(bytes: &[u8], header: Header) -> Result<DynamicImage, Refusal> {
    let (pixels, grey) = jpeg::pixels(bytes, header, Made::Copy)?;
    let picture = if grey {
        GrayImage::from_raw(header.width, header.height, pixels).map(DynamicImage::ImageLuma8)
    } else {
        RgbImage::from_raw(header.width, header.height, pixels).map(DynamicImage::ImageRgb8)
    };
    picture.ok_or(Refusal::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counting::most;
    use crate::files::exif::tests::dressed;
    use crate::files::kind::tests::picture;
    use image::GenericImageView;

    fn photo(width: u32, height: u32) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| {
            image::Rgb(if x < width / 2 && y < height / 2 { [250, 30, 30] } else { [20, 20, 200] })
        });
        let mut out = Vec::new();
        JpegEncoder::new_with_quality(&mut out, 95).encode_image(&picture).unwrap();
        out
    }

    #[test]
    fn nothing_of_the_camera_is_left_and_the_photo_stands_upright() {
        let sent = dressed(&photo(64, 48), 6, true);
        assert!(sent.windows(3).any(|w| w == b"GPS"));
        let kept = again(sent).unwrap();
        assert!(!kept.windows(3).any(|w| w == b"GPS") && !kept.windows(4).any(|w| w == b"Exif"));
        let seen = image::load_from_memory(&kept).unwrap();
        assert_eq!(seen.dimensions(), (48, 64), "turned by a quarter");
        let red = |x, y| seen.get_pixel(x, y).0[0] > 200;
        assert!(red(40, 8) && !red(8, 8), "what was above on the left is above on the right");
        assert_eq!(Kind::of(&kept), Ok(Kind::Jpeg));
    }

    #[test]
    fn a_picture_keeps_what_can_be_seen_and_what_is_transparent() {
        let sent = image::RgbaImage::from_fn(20, 10, |x, _| {
            image::Rgba([200, 10, 10, if x < 10 { 0 } else { 255 }])
        });
        let mut png = Vec::new();
        DynamicImage::ImageRgba8(sent.clone())
            .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
            .unwrap();
        let end = png.len() - 12;
        let text = [&7_u32.to_be_bytes()[..], b"tEXt", b"GPS\0his", &[0; 4]].concat();
        png.splice(end..end, text);
        let kept = again(png).unwrap();
        assert!(!kept.windows(3).any(|w| w == b"GPS"));
        assert_eq!(image::load_from_memory(&kept).unwrap().into_rgba8(), sent);
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        let mut png = picture(ImageFormat::Png);
        png[16..24].copy_from_slice(&[0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10]);
        let (found, memory) = most(|| header(&png, Kind::Png));
        assert_eq!(found, Err(Refusal::Pixels));
        assert!(memory < 1 << 20, "{memory}");
        assert_eq!(again(png), Err(Refusal::Pixels));
        let mut jpeg = photo(16, 16);
        let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
        assert_eq!(header(&jpeg, Kind::Jpeg), Err(Refusal::Pixels));
    }

    #[test]
    fn what_a_copy_needs_is_what_was_set_aside_for_it() {
        let (width, height) = (1200, 900);
        for (name, bytes) in
            [("photo", photo(width, height)), ("turned", dressed(&photo(width, height), 6, true))]
        {
            let set_aside = usize::try_from(header(&bytes, Kind::Jpeg).unwrap().unwrap().kib).unwrap() * 1024;
            let (kept, memory) = most(|| again(bytes).unwrap());
            assert!(memory <= 2 * set_aside + kept.len() * 3, "{name}: {memory} of {set_aside}");
        }
    }

    #[test]
    fn a_damaged_picture_is_broken_and_no_fault_of_ours() {
        let mut png = picture(ImageFormat::Png);
        let at = png.len() / 2;
        png[at] ^= 0xff;
        assert_eq!(again(png), Err(Refusal::Broken));
        assert_eq!(again(b"\xff\xd8\xff\xd9".to_vec()), Err(Refusal::Broken));
    }
}
