//! Text files as people's editors and tools write them: with a byte order mark, in UTF-16, with the line ends of Windows.

use std::borrow::Cow;

/// The bytes are text in no encoding that a file of ours may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is no text in UTF-8 (nor in UTF-16 with its mark); save it as UTF-8")]
pub struct NotText;

/// The text without its byte order mark: UTF-8, or UTF-16 that begins with its mark.
///
/// # Errors
/// [`NotText`].
pub fn text(bytes: &[u8]) -> Result<String, NotText> {
    let decoded = without_mark(bytes)?;
    std::str::from_utf8(&decoded).map(str::to_owned).map_err(|_| NotText)
}

/// Bytes that may be text: with a byte order mark they are given without it, in UTF-8; without one as they are.
///
/// # Errors
/// [`NotText`] for UTF-16 that is cut off or broken.
pub fn without_mark(bytes: &[u8]) -> Result<Cow<'_, [u8]>, NotText> {
    let Some((encoding, skip)) = encoding_rs::Encoding::for_bom(bytes) else {
        return Ok(Cow::Borrowed(bytes));
    };
    let rest = bytes.get(skip..).unwrap_or_default();
    if encoding == encoding_rs::UTF_8 {
        return Ok(Cow::Borrowed(rest));
    }
    let text = encoding.decode_without_bom_handling_and_without_replacement(rest).ok_or(NotText)?;
    Ok(Cow::Owned(text.into_owned().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_utf_16_are_read_and_other_bytes_refused() {
        let wide = |order: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> {
            text.encode_utf16().flat_map(order).collect()
        };
        for bytes in [
            "县 = 1\r\n".as_bytes().to_vec(),
            "\u{feff}县 = 1\r\n".as_bytes().to_vec(),
            wide(u16::to_le_bytes, "\u{feff}县 = 1\r\n"),
            wide(u16::to_be_bytes, "\u{feff}县 = 1\r\n"),
        ] {
            assert_eq!(text(&bytes).as_deref(), Ok("县 = 1\r\n"), "{bytes:?}");
        }
        for bytes in [&b"\xcf\xd8 = 1"[..], b"\xff\xfe1", b"\xff\xfe\x00\xd8"] {
            assert_eq!(text(bytes), Err(NotText), "{bytes:?}");
        }
        assert_eq!((text(b"").as_deref(), text(b"\xef\xbb\xbf").as_deref()), (Ok(""), Ok("")));
    }
}
