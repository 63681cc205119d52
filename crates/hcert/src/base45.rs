//! Base45 (RFC 9285): bytes as text that a QR symbol stores in its alphanumeric mode.
//!
//! An own codec, because the verifier must name the exact reason of a refusal and must never accept two
//! texts for the same bytes: characters outside the alphabet, a dangling character and groups above
//! 65,535 (three characters) or 255 (two) are errors, as RFC 9285 §6 demands.

use thiserror::Error;

const ALPHABET: [u8; 45] = *b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Why a text is not base45. Positions count bytes from the start of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Base45Error {
    /// The character at this position is not in the alphabet of RFC 9285 §4.2.
    #[error("character {0} is not in the base45 alphabet")]
    Character(usize),
    /// The length leaves one character over after groups of three.
    #[error("a single character is left at the end")]
    Length,
    /// The group that starts here stands for a number that its bytes cannot hold.
    #[error("the group at {0} is out of range")]
    Overflow(usize),
}

/// Text of `bytes`: two bytes become three characters, a last single byte two.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for pair in pairs {
        let number = u16::from_be_bytes(*pair);
        for digit in [number % 45, number / 45 % 45, number / 2025] {
            push_digit(&mut text, digit);
        }
    }
    for byte in rest {
        let number = u16::from(*byte);
        push_digit(&mut text, number % 45);
        push_digit(&mut text, number / 45);
    }
    text
}

fn push_digit(text: &mut String, digit: u16) {
    if let Some(character) = ALPHABET.get(usize::from(digit)) {
        text.push(char::from(*character));
    }
}

/// Bytes of `text`; exactly one text decodes to given bytes.
///
/// # Errors
/// The first thing that is wrong, with its position.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Base45Error> {
    let (triples, rest) = text.as_chunks::<3>();
    let mut bytes = Vec::with_capacity(triples.len() * 2 + 1);
    for (index, [a, b, c]) in triples.iter().enumerate() {
        let (a, b, c) = (DIGIT_OF.of(*a), DIGIT_OF.of(*b), DIGIT_OF.of(*c));
        if a.max(b).max(c) == INVALID {
            return Err(first_invalid(text, index * 3));
        }
        let number = u32::from(a) + u32::from(b) * 45 + u32::from(c) * 2025;
        let number = u16::try_from(number).map_err(|_| Base45Error::Overflow(index * 3))?;
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    let start = triples.len() * 3;
    match *rest {
        [] => Ok(bytes),
        [a, b] => {
            let (a, b) = (DIGIT_OF.of(a), DIGIT_OF.of(b));
            if a.max(b) == INVALID {
                return Err(first_invalid(text, start));
            }
            let number = u32::from(a) + u32::from(b) * 45;
            bytes.push(u8::try_from(number).map_err(|_| Base45Error::Overflow(start))?);
            Ok(bytes)
        }
        [a] if DIGIT_OF.of(a) == INVALID => Err(Base45Error::Character(start)),
        _ => Err(Base45Error::Length),
    }
}

fn first_invalid(text: &[u8], from: usize) -> Base45Error {
    let offset = text.iter().skip(from).position(|byte| DIGIT_OF.of(*byte) == INVALID);
    Base45Error::Character(from + offset.unwrap_or(0))
}

const INVALID: u8 = u8::MAX;

/// Table from character to digit, so that decoding costs one load a character.
struct DigitTable([u8; 256]);

static DIGIT_OF: DigitTable = DigitTable::new();

impl DigitTable {
    #[allow(clippy::indexing_slicing, reason = "evaluated at compile time; out of range would not build")]
    const fn new() -> Self {
        let mut table = [INVALID; 256];
        let mut character = 0_u8;
        loop {
            let mut digit = 0_u8;
            let mut position = 0_usize;
            while position < ALPHABET.len() {
                if ALPHABET[position] == character {
                    #[allow(clippy::as_conversions, reason = "u8 to usize; From is not const")]
                    let at = character as usize;
                    table[at] = digit;
                }
                digit += 1;
                position += 1;
            }
            if character == u8::MAX {
                return Self(table);
            }
            character += 1;
        }
    }

    fn of(&self, character: u8) -> u8 {
        self.0.get(usize::from(character)).copied().unwrap_or(INVALID)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn examples_of_rfc_9285() {
        for (plain, text) in [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581")] {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text.as_bytes()).unwrap(), plain.as_bytes());
        }
        assert_eq!(decode(b"QED8WEX0").unwrap(), b"ietf!");
        assert_eq!(decode(b"").unwrap(), b"");
    }

    #[test]
    fn refusals_name_the_place() {
        assert_eq!(decode(b"BB8a"), Err(Base45Error::Character(3)));
        assert_eq!(decode(b"BB8B"), Err(Base45Error::Length));
        assert_eq!(decode(b"B,8"), Err(Base45Error::Character(1)));
        assert_eq!(decode(b"BB\xff"), Err(Base45Error::Character(2)));
        assert_eq!(decode(b"FGW").unwrap(), [255, 255]);
        assert_eq!(decode(b"GGW"), Err(Base45Error::Overflow(0)));
        assert_eq!(decode(b":::"), Err(Base45Error::Overflow(0)));
        assert_eq!(decode(b"U5").unwrap(), [255]);
        assert_eq!(decode(b"V5"), Err(Base45Error::Overflow(0)));
        assert_eq!(decode(b"BB8::"), Err(Base45Error::Overflow(3)));
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes(bytes: Vec<u8>) {
            prop_assert_eq!(decode(encode(&bytes).as_bytes()), Ok(bytes));
        }

        #[test]
        fn one_text_for_one_content(text in "[0-9A-Z $%*+./:-]{0,60}") {
            if let Ok(bytes) = decode(text.as_bytes()) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
