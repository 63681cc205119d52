//! Text as it reaches a command: with a byte order mark, in UTF-16, with the soft line breaks of an e-mail, with unseen
//! characters from copying.

use crate::identity::is_unseen;
use std::io::{self, BufRead, Cursor, Read};

/// The input as UTF-8 without a byte order mark. UTF-16 (with its mark) is read whole, at most `limit` bytes.
///
/// # Errors
/// Those of the input.
pub(super) fn plain<'a>(input: &'a mut dyn BufRead, limit: u64) -> io::Result<Box<dyn BufRead + 'a>> {
    match encoding_rs::Encoding::for_bom(input.fill_buf()?) {
        None => Ok(Box::new(input)),
        Some((encoding, skip)) => {
            input.consume(skip);
            if encoding == encoding_rs::UTF_8 {
                return Ok(Box::new(input));
            }
            let mut bytes = Vec::new();
            input.take(limit).read_to_end(&mut bytes)?;
            let (text, _) = encoding.decode_without_bom_handling(&bytes);
            Ok(Box::new(Cursor::new(text.into_owned().into_bytes())))
        }
    }
}

/// Whether the line goes on in the next one: quoted-printable, as mail programs fold long lines. No document holds `=`.
pub(super) fn goes_on(line: &[u8]) -> bool {
    line.last() == Some(&b'=')
}

/// A document's text without what copying and mailing put into it.
pub(super) fn clean(text: &str) -> String {
    let text: String = text.chars().filter(|c| !is_unseen(*c)).collect();
    text.trim_start().trim_end_matches(['\r', '\n']).replace("=20", " ").replace("=3D", "=")
}
