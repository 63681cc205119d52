//! What a picture says about itself in its first bytes, read by rules of our own: nothing is decoded before its memory has
//! been set aside, and nothing that a decoder does not need ever reaches one.

use super::PictureError;
use super::{jpeg, png};

/// Longest edge.
pub(super) const MAX_EDGE: u32 = 10_000;
/// Most memory that one picture may need while it is read, in KiB.
pub(super) const MAX_KIB: u32 = 42 << 10;
/// What reading needs whatever the picture: copies at the edges where a code is looked for, rows, tables.
const BASE_KIB: u64 = 1 << 10;

/// The two formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
}

/// What is known before anything is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub format: Format,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// KiB that reading it needs at most, beside the file itself.
    pub kib: u32,
}

/// Reads the header of a PNG (PNG, 11.2.1) or JPEG (ITU T.81, B.2.2).
///
/// # Errors
/// [`PictureError::Type`] when it is neither, [`PictureError::Pixels`] when it would need more than we give.
pub(super) fn read(bytes: &[u8]) -> Result<Header, PictureError> {
    if bytes.starts_with(&png::SIGNATURE) {
        let frame = png::frame(bytes).ok_or(PictureError::Type)?;
        return weigh(Format::Png, (frame.width, frame.height), frame.bytes());
    }
    if bytes.starts_with(&jpeg::BEGIN) {
        let frame = jpeg::frame(bytes).ok_or(PictureError::Type)?;
        return weigh(Format::Jpeg, (frame.width, frame.height), frame.bytes());
    }
    Err(PictureError::Type)
}

fn weigh(format: Format, (width, height): (u32, u32), bytes: u64) -> Result<Header, PictureError> {
    let kib = u32::try_from(bytes / 1024 + BASE_KIB).unwrap_or(u32::MAX);
    if width == 0 || height == 0 {
        return Err(PictureError::Type);
    }
    if width > MAX_EDGE || height > MAX_EDGE || kib > MAX_KIB {
        return Err(PictureError::Pixels);
    }
    Ok(Header { format, width, height, kib })
}
