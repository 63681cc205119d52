//! What a file is, by its bytes. Its name and what its sender says of it count for nothing, and a file that is two things at
//! once is neither.

use crate::picture::{jpeg, png};

/// Kinds that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A document (ISO 32000).
    Pdf,
    /// A picture without loss.
    Png,
    /// A photo.
    Jpeg,
}

/// Why a file is not taken; the texts are `file-refused-<code>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No byte.
    Empty,
    /// None of the kinds, by its first bytes.
    Kind,
    /// It begins as one of them and is cut off or damaged.
    Broken,
    /// Something else follows its end, or stands in it.
    TwoThings,
    /// More pixels than are decoded.
    Pixels,
    /// A scanner found harmful software in it.
    Harmful,
    /// Its bytes are gone.
    Lost,
}

impl Refusal {
    /// As it is stored and named in the catalogue.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Kind => "kind",
            Self::Broken => "broken",
            Self::TwoThings => "two-things",
            Self::Pixels => "pixels",
            Self::Harmful => "harmful",
            Self::Lost => "lost",
        }
    }
}

impl Kind {
    /// As it is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpeg",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        [Self::Pdf, Self::Png, Self::Jpeg].into_iter().find(|kind| kind.code() == code)
    }

    /// Its media type.
    #[must_use]
    pub const fn media(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The ending of names of this kind; others that mean the same.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &[".pdf"],
            Self::Png => &[".png"],
            Self::Jpeg => &[".jpg", ".jpeg"],
        }
    }

    /// What a file is that is whole and nothing besides.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn of(bytes: &[u8]) -> Result<Self, Refusal> {
        let (kind, end) = if bytes.is_empty() {
            return Err(Refusal::Empty);
        } else if bytes.starts_with(PDF) {
            (Self::Pdf, pdf_end(bytes))
        } else if bytes.starts_with(&png::SIGNATURE) {
            (Self::Png, png::end(bytes))
        } else if bytes.starts_with(&jpeg::BEGIN) {
            (Self::Jpeg, jpeg_end(bytes))
        } else {
            return Err(Refusal::Kind);
        };
        let rest = bytes.get(end.ok_or(Refusal::Broken)?..).unwrap_or_default();
        let inside = kind != Self::Pdf && find(bytes, PDF).is_some();
        if !rest.iter().all(|byte| *byte == 0) || inside || ends_as_zip(bytes) {
            return Err(Refusal::TwoThings);
        }
        Ok(kind)
    }
}

const PDF: &[u8] = b"%PDF-";
/// The mark at the end of a PDF, and how near to it the place of its table must stand.
const PDF_END: &[u8] = b"%%EOF";
const NEAR: usize = 2048;

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn find_last(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}

/// Where a PDF ends: behind its last end mark and the line's end.
fn pdf_end(bytes: &[u8]) -> Option<usize> {
    bytes.get(PDF.len()).filter(|version| version.is_ascii_digit())?;
    let mark = find_last(bytes, PDF_END)?;
    find(bytes.get(mark.saturating_sub(NEAR)..mark)?, b"startxref")?;
    let after = mark + PDF_END.len();
    let rest = bytes.get(after..)?;
    Some(after + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count())
}

/// Where a photo ends. Telephones put further pictures behind the first (a preview, brightness for better screens): these are
/// pictures, too, and nothing is kept of them.
fn jpeg_end(bytes: &[u8]) -> Option<usize> {
    let mut end = jpeg::end(bytes)?;
    loop {
        let rest = bytes.get(end..)?;
        let gap = rest.iter().take_while(|byte| **byte == 0).count();
        let more = rest.get(gap..)?;
        if !more.starts_with(&jpeg::BEGIN) {
            return Some(end);
        }
        end += gap + jpeg::end(more)?;
    }
}

/// Whether a reader of archives would take it for one: those begin at the end (APPNOTE 4.3.16).
fn ends_as_zip(bytes: &[u8]) -> bool {
    const LENGTH: usize = 22;
    let tail = bytes.get(bytes.len().saturating_sub(LENGTH + usize::from(u16::MAX))..).unwrap_or_default();
    let said = |at: usize| match tail.get(at + 20..at + LENGTH) {
        Some(&[low, high]) => usize::from(u16::from_le_bytes([low, high])),
        _ => usize::MAX,
    };
    let starts = tail.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x05\x06");
    starts.map(|(at, _)| at).any(|at| said(at).checked_add(at + LENGTH).is_some_and(|end| end <= tail.len()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use image::{DynamicImage, ImageFormat};
    use std::io::Cursor;

    /// The smallest file that passes for a document.
    pub(crate) const DOCUMENT: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n\
        startxref\n9\n%%EOF\n";

    pub(crate) fn picture(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(40, 30).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn zip() -> Vec<u8> {
        [&b"PK\x05\x06"[..], &[0; 18]].concat()
    }

    #[test]
    fn the_bytes_say_what_it_is() {
        assert_eq!(Kind::of(DOCUMENT), Ok(Kind::Pdf));
        assert_eq!(Kind::of(&picture(ImageFormat::Png)), Ok(Kind::Png));
        assert_eq!(Kind::of(&picture(ImageFormat::Jpeg)), Ok(Kind::Jpeg));
        assert_eq!(Kind::of(b""), Err(Refusal::Empty));
        for other in
            [&b"GIF89a"[..], b"MZ\x90\0", b"PK\x03\x04", b"<html>", b" %PDF-1.4", b"RIFF\0\0\0\0WEBP", b"\0"]
        {
            assert_eq!(Kind::of(other), Err(Refusal::Kind), "{other:?}");
        }
    }

    #[test]
    fn what_is_two_things_is_neither() {
        let (png, jpeg) = (picture(ImageFormat::Png), picture(ImageFormat::Jpeg));
        for whole in [&png, &jpeg, &DOCUMENT.to_vec()] {
            for more in [&b"<script>"[..], &zip(), b"%PDF-1.4", b"\0\0MZ", b"more"] {
                let both = [whole.as_slice(), more].concat();
                let refused = Kind::of(&both);
                assert!(refused == Err(Refusal::TwoThings) || refused == Err(Refusal::Broken), "{refused:?}");
            }
            assert!(Kind::of(&[whole.as_slice(), &[0; 40]].concat()).is_ok(), "nothing but zeros");
        }
        // A document in a comment of a photo, and in a text of a picture.
        let comment = [&b"\xff\xfe"[..], &[0, 26], &[b' '; 10], b"%PDF-1.4 more!"].concat();
        let dressed = [&jpeg[..2], &comment, &jpeg[2..]].concat();
        assert_eq!(Kind::of(&dressed), Err(Refusal::TwoThings));
        let archive = [&DOCUMENT[..DOCUMENT.len() - 6], &zip(), b"%%EOF\n"].concat();
        assert_eq!(Kind::of(&archive), Err(Refusal::TwoThings));
    }

    #[test]
    fn the_further_pictures_of_a_telephone_are_pictures() {
        let one = picture(ImageFormat::Jpeg);
        assert_eq!(Kind::of(&[&one[..], &[0, 0], &one, &one].concat()), Ok(Kind::Jpeg));
        assert_eq!(Kind::of(&[&one[..], &one, b"MZ"].concat()), Err(Refusal::TwoThings));
        assert_eq!(Kind::of(&[&one[..], &one[..one.len() - 2]].concat()), Err(Refusal::Broken));
    }

    #[test]
    fn what_is_cut_off_is_broken() {
        for whole in [DOCUMENT.to_vec(), picture(ImageFormat::Png), picture(ImageFormat::Jpeg)] {
            for at in [9, whole.len() / 2, whole.len() - 3] {
                assert_eq!(Kind::of(&whole[..at]), Err(Refusal::Broken), "{at}");
            }
        }
        assert_eq!(Kind::of(b"%PDF-x\nstartxref\n0\n%%EOF"), Err(Refusal::Broken));
    }
}
