//! PNG: the header, and the chunks without which there is no picture.

use super::{Fault, Made};

pub(crate) const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
/// Length, type and checksum around the content of a chunk.
const AROUND: usize = 12;
/// Bytes of signature and first chunk.
const FIRST: usize = 33;
/// Profiles, texts, times, animations and whatever else a file may carry stay out: some of them are compressed and
/// unpack to a thousandfold.
const KEPT: [&[u8; 4]; 4] = [b"PLTE", b"tRNS", b"IDAT", b"IEND"];
/// Longest palette, and with it the longest list of its transparencies.
const MAX_PALETTE: usize = 768;

/// What the first chunk says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub width: u32,
    pub height: u32,
    depth: u8,
    colour: u8,
}

impl Frame {
    /// Bytes of the decoded picture and of what is made of it, at most: transparency that comes in a chunk of its own is
    /// taken for there.
    pub(crate) fn bytes(self, made: Made) -> u64 {
        let channels = if matches!(self.colour, 0 | 4) { 2 } else { 4 };
        let greys = match made {
            // Bytes a pixel of grey on light and on dark ground.
            Made::Grey => {
                if channels == 2 {
                    2
                } else {
                    1
                }
            }
            Made::Copy => 0,
        };
        // Sixteen bits are halved by a second copy.
        let each = if self.depth == 16 { 3 * channels } else { channels };
        (u64::from(self.width) * u64::from(self.height)).saturating_mul(each + greys)
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?))
}

/// The first chunk, which must be the header.
pub(crate) fn frame(bytes: &[u8]) -> Option<Frame> {
    let header = bytes.get(SIGNATURE.len()..FIRST)?;
    if number(header)? != 13 || header.get(4..8)? != b"IHDR" {
        return None;
    }
    let (width, height) = (number(header.get(8..)?)?, number(header.get(12..)?)?);
    let (depth, colour) = (*header.get(16)?, *header.get(17)?);
    let known = matches!((colour, depth), (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) | (2 | 4 | 6, 8 | 16));
    known.then_some(Frame { width, height, depth, colour })
}

/// Where the picture ends: behind the last chunk.
pub(crate) fn end(bytes: &[u8]) -> Option<usize> {
    frame(bytes)?;
    let mut from = SIGNATURE.len();
    loop {
        let head = bytes.get(from..from.checked_add(8)?)?;
        let length = usize::try_from(number(head)?).ok()?;
        from = from.checked_add(length)?.checked_add(AROUND).filter(|end| *end <= bytes.len())?;
        if head.get(4..)? == b"IEND" {
            return Some(from);
        }
    }
}

/// Leaves only header, palette, its transparencies, picture and end, in place. What follows the end goes, too.
///
/// # Errors
/// [`Fault::Type`] when a chunk is cut off or there is none of the picture.
pub(crate) fn strip(bytes: &mut Vec<u8>) -> Result<(), Fault> {
    let (mut from, mut to, mut drawn) = (FIRST, FIRST, false);
    while let Some(head) = bytes.get(from..from.saturating_add(8)) {
        let kind: [u8; 4] = head.get(4..).and_then(|k| k.try_into().ok()).ok_or(Fault::Type)?;
        let length = number(head).and_then(|n| usize::try_from(n).ok()).ok_or(Fault::Type)?;
        let end = length.checked_add(AROUND).and_then(|n| n.checked_add(from)).ok_or(Fault::Type)?;
        if end > bytes.len() {
            return Err(Fault::Type);
        }
        let palette = matches!(&kind, b"PLTE" | b"tRNS");
        if KEPT.contains(&&kind) && !(palette && (drawn || length > MAX_PALETTE)) {
            bytes.copy_within(from..end, to);
            to += end - from;
        }
        from = end;
        drawn |= &kind == b"IDAT";
        if &kind == b"IEND" {
            bytes.truncate(to);
            return if drawn { Ok(()) } else { Err(Fault::Type) };
        }
    }
    Err(Fault::Type)
}
