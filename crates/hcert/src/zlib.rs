//! zlib (RFC 1950) with a bound: nothing from outside may inflate to more than its caller allows.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::cell::RefCell;
use thiserror::Error;

/// Upper bound of an inflated document in bytes: 64 KiB, some fifty times the largest seen in practice.
pub const MAX_DOCUMENT: usize = 64 * 1024;

/// Why bytes could not be inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ZlibError {
    /// Not a zlib stream, a broken one, or one whose checksum does not agree.
    #[error("not an intact zlib stream")]
    Broken,
    /// The stream ends before its end mark.
    #[error("the zlib stream is cut off")]
    Truncated,
    /// The content is longer than the bound.
    #[error("inflates to more than {0} bytes")]
    TooLarge(usize),
    /// Bytes follow the end of the stream; they would be outside the signature's cover.
    #[error("bytes follow the zlib stream")]
    Trailing,
}

thread_local! {
    // A decompressor carries a 32 KiB window; making one costs as much as inflating a document.
    static SCRATCH: RefCell<Decompress> = RefCell::new(Decompress::new(true));
    // A compressor carries some 300 KiB; making one costs many times what deflating a document does.
    static BEST: RefCell<Compress> = RefCell::new(Compress::new(Compression::best(), true));
}

/// Inflate a whole stream of at most `limit` bytes of content.
///
/// # Errors
/// [`ZlibError`]; memory stays below `limit` plus one block whatever the input.
pub fn inflate(bytes: &[u8], limit: usize) -> Result<Vec<u8>, ZlibError> {
    SCRATCH.with_borrow_mut(|decompress| {
        decompress.reset(true);
        inflate_with(decompress, bytes, limit)
    })
}

fn inflate_with(decompress: &mut Decompress, bytes: &[u8], limit: usize) -> Result<Vec<u8>, ZlibError> {
    // One byte more than allowed is enough to know that the content is too long.
    let ceiling = limit.saturating_add(1);
    let mut content = Vec::with_capacity(bytes.len().saturating_mul(2).saturating_add(64).min(ceiling));
    loop {
        let consumed = usize::try_from(decompress.total_in()).map_err(|_| ZlibError::Broken)?;
        let rest = bytes.get(consumed..).unwrap_or_default();
        let before = (consumed, content.len());
        let status = decompress
            .decompress_vec(rest, &mut content, FlushDecompress::None)
            .map_err(|_| ZlibError::Broken)?;
        if content.len() > limit {
            return Err(ZlibError::TooLarge(limit));
        }
        let consumed = usize::try_from(decompress.total_in()).map_err(|_| ZlibError::Broken)?;
        match status {
            Status::StreamEnd if consumed < bytes.len() => return Err(ZlibError::Trailing),
            Status::StreamEnd => return Ok(content),
            Status::Ok | Status::BufError if content.len() == content.capacity() => {
                content.reserve(content.capacity().min(ceiling - content.len()).max(1));
            }
            Status::Ok | Status::BufError if before == (consumed, content.len()) => {
                return Err(ZlibError::Truncated);
            }
            Status::Ok | Status::BufError => {}
        }
    }
}

/// Deflate at the best level: the texts are drawn as QR symbols, so every byte counts.
#[must_use]
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    BEST.with_borrow_mut(|compress| {
        compress.reset();
        deflate_with(compress, bytes)
    })
}

/// Deflate at a level of choice; status lists of millions of entries prefer speed.
#[must_use]
pub fn deflate_at(bytes: &[u8], level: Compression) -> Vec<u8> {
    deflate_with(&mut Compress::new(level, true), bytes)
}

/// A stream of one stored block (RFC 1951, section 3.2.4): nothing is made smaller, at next to no cost. None when the
/// bytes do not fit into one block.
#[must_use]
pub fn store(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(bytes.len()).ok()?;
    let mut out = Vec::with_capacity(bytes.len() + 11);
    // Header for a window of 32 KiB at the fastest level (RFC 1950, section 2.2); the last block, stored.
    out.extend_from_slice(&[0x78, 0x01, 0x01]);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(bytes);
    out.extend_from_slice(&adler32(bytes).to_be_bytes());
    Some(out)
}

/// RFC 1950, section 8.2.
fn adler32(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    // So many sums do not overflow.
    for chunk in bytes.chunks(5552) {
        for byte in chunk {
            a += u32::from(*byte);
            b += a;
        }
        a %= 65_521;
        b %= 65_521;
    }
    (b << 16) | a
}

fn deflate_with(compress: &mut Compress, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
    loop {
        let consumed = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
        let rest = bytes.get(consumed..).unwrap_or_default();
        match compress.compress_vec(rest, &mut out, FlushCompress::Finish) {
            Ok(Status::StreamEnd) | Err(_) => return out,
            Ok(_) => out.reserve(out.capacity().max(1024)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bomb_stops_at_the_bound() {
        let bomb = deflate(&vec![0; 50 * 1024 * 1024]);
        assert_eq!(inflate(&bomb, MAX_DOCUMENT), Err(ZlibError::TooLarge(MAX_DOCUMENT)));
    }

    #[test]
    fn the_bound_itself_is_allowed() {
        let stream = deflate(&[7; 1000]);
        assert_eq!(inflate(&stream, 1000).unwrap().len(), 1000);
        assert_eq!(inflate(&stream, 999), Err(ZlibError::TooLarge(999)));
    }

    #[test]
    fn every_damage_is_noticed() {
        let stream = deflate(b"a document, a document, a document");
        for cut in 0..stream.len() {
            assert_eq!(inflate(&stream[..cut], 100), Err(ZlibError::Truncated), "cut at {cut}");
        }
        let mut longer = stream.clone();
        longer.push(0);
        assert_eq!(inflate(&longer, 100), Err(ZlibError::Trailing));
        let mut checksum = stream;
        *checksum.last_mut().unwrap() ^= 1;
        assert_eq!(inflate(&checksum, 100), Err(ZlibError::Broken));
        assert_eq!(inflate(b"plain text", 100), Err(ZlibError::Broken));
    }

    proptest! {
        #[test]
        fn what_was_deflated_inflates(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
            prop_assert_eq!(inflate(&deflate(&bytes), 5000), Ok(bytes));
        }

        #[test]
        fn what_was_stored_inflates(bytes in proptest::collection::vec(any::<u8>(), 0..60_000)) {
            prop_assert_eq!(inflate(&store(&bytes).unwrap(), 60_000), Ok(bytes));
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = inflate(&bytes, 4096);
        }
    }
}
