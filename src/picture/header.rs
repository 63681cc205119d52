//! What a picture says about itself in its first bytes, read by rules of our own: nothing is decoded before its memory has
//! been set aside, and nothing that a decoder does not need ever reaches one.

use super::{Fault, Made, jpeg, png};

/// Longest edge.
pub(crate) const MAX_EDGE: u32 = 10_000;
/// What reading needs whatever the picture: copies at the edges where a code is looked for, rows, tables.
const BASE_KIB: u64 = 1 << 10;

/// The two formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    Jpeg,
}

/// What is known before anything is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub format: Format,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// KiB that reading it needs at most, beside the file itself.
    pub kib: u32,
}

/// Reads the header of a PNG (PNG, 11.2.1) or JPEG (ITU T.81, B.2.2) of which something is to be made with `most` KiB.
///
/// # Errors
/// [`Fault::Type`] when it is neither, [`Fault::Pixels`] when it would need more than that.
pub(crate) fn read(bytes: &[u8], made: Made, most: u32) -> Result<Header, Fault> {
    let (format, width, height, needed) = if bytes.starts_with(&png::SIGNATURE) {
        let frame = png::frame(bytes).ok_or(Fault::Type)?;
        (Format::Png, frame.width, frame.height, frame.bytes(made))
    } else if bytes.starts_with(&jpeg::BEGIN) {
        let frame = jpeg::frame(bytes).ok_or(Fault::Type)?;
        (Format::Jpeg, frame.width, frame.height, frame.bytes(made))
    } else {
        return Err(Fault::Type);
    };
    let kib = u32::try_from(needed / 1024 + BASE_KIB).unwrap_or(u32::MAX);
    if width == 0 || height == 0 {
        return Err(Fault::Type);
    }
    if width > MAX_EDGE || height > MAX_EDGE || kib > most {
        return Err(Fault::Pixels);
    }
    Ok(Header { format, width, height, kib })
}
