//! JPEG: the frame's header, and the segments without which there is no picture.

use super::{Fault, Header, MAX_EDGE, Made};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

pub(crate) const BEGIN: [u8; 3] = [0xff, 0xd8, 0xff];
const SOS: u8 = 0xda;
const EOI: u8 = 0xd9;
/// Segments before the picture; a photo with a large profile and previews has some hundreds.
const MAX_SEGMENTS: usize = 2000;
/// Passes over the picture. Progressive files have ten; each costs a walk over all of it.
const MAX_SCANS: usize = 30;

/// What a frame's header says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub width: u32,
    pub height: u32,
    progressive: bool,
    /// Sampling of each component, across and down.
    sampling: [(u64, u64); 4],
    components: usize,
    rgb: bool,
    /// Components in the first scan.
    first_scan: usize,
}

impl Frame {
    /// Bytes of the decoded picture and, where the coefficients of all of it are kept until the last scan, of those.
    pub(crate) fn bytes(self, made: Made) -> u64 {
        let across = self.sampling.iter().map(|s| s.0).max().unwrap_or(1).max(1);
        let down = self.sampling.iter().map(|s| s.1).max().unwrap_or(1).max(1);
        let columns = u64::from(self.width).div_ceil(8 * across);
        // A decoder that gives grey rounds up by another row of blocks where only the rows are sampled.
        let rows = u64::from(self.height).div_ceil(8 * down) * if down > across { down } else { 1 };
        let blocks: u64 = self.sampling.iter().map(|(h, v)| h * v).sum::<u64>() * columns * rows;
        let kept = if self.progressive || self.first_scan < self.components { blocks * 128 } else { 0 };
        let grey = self.components == 1 || (made == Made::Grey && self.components == 3 && !self.rgb);
        u64::from(self.width) * u64::from(self.height) * if grey { 1 } else { 3 } + kept
    }
}

/// A segment: its marker, where its content begins and ends.
struct Segment {
    marker: u8,
    start: usize,
    end: usize,
}

/// The segment at `from`; any number of fill bytes may stand before its marker (B.1.1.2).
fn segment(bytes: &[u8], from: usize) -> Option<Segment> {
    if *bytes.get(from)? != 0xff {
        return None;
    }
    let fill = bytes.get(from..)?.iter().position(|byte| *byte != 0xff)?;
    let at = from + fill;
    let marker = *bytes.get(at)?;
    if marker == 0 {
        return None;
    }
    if matches!(marker, 0x01 | 0xd0..=0xd9) {
        return Some(Segment { marker, start: at + 1, end: at + 1 });
    }
    let length = usize::from(u16::from_be_bytes(bytes.get(at + 1..at + 3)?.try_into().ok()?));
    let end = at + 1 + length;
    (length >= 2 && end <= bytes.len()).then_some(Segment { marker, start: at + 3, end })
}

/// The frame's header, and how many components the first scan has.
pub(crate) fn frame(bytes: &[u8]) -> Option<Frame> {
    let (mut from, mut found) = (2, None);
    for _ in 0..MAX_SEGMENTS {
        let Segment { marker, start, end } = segment(bytes, from)?;
        let content = bytes.get(start..end)?;
        match marker {
            0xc0..=0xc2 if found.is_none() => found = Some(start_of_frame(content, marker == 0xc2)?),
            SOS => {
                let first_scan = usize::from(*content.first()?);
                return found.map(|frame| Frame { first_scan, ..frame });
            }
            // Frames of other processes (lossless, hierarchical, arithmetic); what looks like them among these is tables.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | EOI => return None,
            _ => {}
        }
        from = end;
    }
    None
}

fn start_of_frame(content: &[u8], progressive: bool) -> Option<Frame> {
    let two = |at: usize| Some(u32::from(u16::from_be_bytes(content.get(at..at + 2)?.try_into().ok()?)));
    let (height, width) = (two(1)?, two(3)?);
    let components = usize::from(*content.get(5)?);
    let each = content.get(6..)?;
    if *content.first()? != 8 || !matches!(components, 1 | 3 | 4) || each.len() != 3 * components {
        return None;
    }
    let (mut sampling, mut names) = ([(0, 0); 4], Vec::with_capacity(4));
    for (slot, one) in sampling.iter_mut().zip(each.as_chunks::<3>().0) {
        let [name, factors, _] = *one;
        let (h, v) = (u64::from(factors >> 4), u64::from(factors & 15));
        if !(1..=4).contains(&h) || !(1..=4).contains(&v) {
            return None;
        }
        *slot = (h, v);
        names.push(name);
    }
    Some(Frame { width, height, progressive, sampling, components, rgb: names == b"RGB", first_scan: 0 })
}

/// Where the picture ends: behind its end marker. A file that is cut off has none.
pub(crate) fn end(bytes: &[u8]) -> Option<usize> {
    frame(bytes)?;
    let mut from = 2;
    // A scan ends at a marker, so there is one segment more for each.
    for _ in 0..MAX_SEGMENTS + MAX_SCANS {
        let Segment { marker, end, .. } = segment(bytes, from)?;
        match marker {
            EOI => return Some(end),
            SOS => from = after_scan(bytes, end),
            _ => from = end,
        }
    }
    None
}

/// Leaves only tables, the frame's header, scans and the end, in place: no profiles, previews, texts. What follows the end
/// goes, too. A file that is cut off ends where it was cut.
///
/// # Errors
/// [`Fault::Type`] when there is a second frame, more than [`MAX_SCANS`] scans or no order in it.
pub(crate) fn strip(bytes: &mut Vec<u8>) -> Result<(), Fault> {
    let (mut from, mut to, mut frames, mut scans) = (2, 2, 0, 0);
    while from < bytes.len() {
        let Some(Segment { marker, end, .. }) = segment(bytes, from) else {
            if scans > 0 {
                break;
            }
            return Err(Fault::Type);
        };
        let mut end = end;
        match marker {
            0xc0..=0xc2 => frames += 1,
            SOS => {
                scans += 1;
                end = after_scan(bytes, end);
            }
            _ => {}
        }
        if frames > 1 || scans > MAX_SCANS {
            return Err(Fault::Type);
        }
        // Tables (DHT, DQT, DRI), the frame, scans and the end.
        if matches!(marker, 0xc0..=0xc2 | 0xc4 | 0xdb | 0xdd | SOS | EOI) {
            bytes.copy_within(from..end, to);
            to += end - from;
        }
        from = end;
        if marker == EOI {
            break;
        }
    }
    bytes.truncate(to);
    if scans > 0 { Ok(()) } else { Err(Fault::Type) }
}

/// Where the entropy-coded data from `from` on ends: at a marker that is neither a stuffed byte nor a restart.
fn after_scan(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let marker = |pair: &[u8]| matches!(pair, [0xff, next] if !matches!(next, 0 | 0xd0..=0xd7 | 0xff));
    rest.windows(2).position(marker).map_or(bytes.len(), |at| from + at)
}
/// The pixels, in exactly the memory that was set aside for them, and whether they are grey (else RGB): a picture of which the
/// brightness is wanted where the file has it apart, a copy where the file has nothing else.
///
/// # Errors
/// [`Fault::Type`] when it cannot be decoded, or is not what its header said; [`Fault::Pixels`].
pub(crate) fn pixels(bytes: &[u8], header: Header, made: Made) -> Result<(Vec<u8>, bool), Fault> {
    let edge = usize::try_from(MAX_EDGE).unwrap_or(usize::MAX);
    let options = DecoderOptions::default().set_strict_mode(false).set_max_width(edge).set_max_height(edge);
    let space = |grey| options.jpeg_set_out_colorspace(if grey { ColorSpace::Luma } else { ColorSpace::RGB });
    let expected = made == Made::Grey;
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), space(expected));
    decoder.decode_headers().map_err(|_| Fault::Type)?;
    let grey = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => true,
        Some(ColorSpace::YCbCr) => made == Made::Grey,
        _ => false,
    };
    if grey != expected {
        decoder.set_options(space(grey));
    }
    let count = u64::from(header.width) * u64::from(header.height) * if grey { 1 } else { 3 };
    let count = usize::try_from(count).map_err(|_| Fault::Pixels)?;
    // What the decoder found must be what was set aside for.
    if decoder.output_buffer_size() != Some(count) {
        return Err(Fault::Type);
    }
    let mut out = vec![0; count];
    decoder.decode_into(&mut out).map_err(|_| Fault::Type)?;
    Ok((out, grey))
}
