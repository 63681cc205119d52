//! Reference numbers that people read out on the telephone: `SB200312-7K3M9QX2`.
//!
//! Random and not counted: a counter row would make every submission of a province wait for the one before it, and
//! a guessable number would tell how many there are. The alphabet is Crockford's base 32, without I, L, O and U.
//!
//! No two kinds share a prefix, so that they are told apart on the telephone: `SB` declaration, `FG` return-to-work
//! certificate, `QY` application of a business, `BA` filing, `XK` permit, `DL` agent, `SS` appeal, `RL` claim.
//! (Applications were `FG` too once; a number is looked up whole, so those are still found.)

use crate::clock::china_day;
use crate::crypto::token;
use chrono::{DateTime, Utc};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new number: prefix, day in China, hyphen, 40 random bits. The column's unique constraint has the last word.
pub fn new(prefix: &str, now: DateTime<Utc>) -> String {
    let tail: String = token::random(8)
        .iter()
        .filter_map(|b| ALPHABET.get(usize::from(b % 32)))
        .map(|b| char::from(*b))
        .collect();
    format!("{prefix}{}-{tail}", china_day(now).format("%y%m%d"))
}

/// A number as typed, brought to its written form: upper case, full-width folded, without spaces, with O, I and L
/// read as the digits that they look like.
pub fn normalise(typed: &str) -> String {
    use crate::identity::is_unseen;
    use unicode_normalization::UnicodeNormalization;
    let plain: String =
        typed.nfkc().filter(|c| !c.is_whitespace() && !is_unseen(*c)).flat_map(char::to_uppercase).collect();
    match plain.split_once('-') {
        Some((head, tail)) => {
            let tail: String = tail
                .chars()
                .map(|c| match c {
                    'O' => '0',
                    'I' | 'L' => '1',
                    other => other,
                })
                .collect();
            format!("{head}-{tail}")
        }
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_day_and_are_read_as_typed() {
        let now = "2020-03-12T16:30:00Z".parse().unwrap();
        let (a, b) = (new("SB", now), new("SB", now));
        assert_ne!(a, b);
        assert!(a.starts_with("SB200313-") && a.len() == 17, "{a}");
        assert_eq!(normalise(" sb200313-oiL23 ４ab"), "SB200313-011234AB");
        assert_eq!(normalise(&format!("\u{202a}{a}\u{200b}\u{202c}")), a);
        assert_eq!(normalise(&a), a);
    }
}
