//! Random tokens, their hashes and encodings, and sign-in codes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// `n` random bytes from the system-seeded generator, fit for keys, nonces and tokens.
#[must_use]
pub fn random(n: usize) -> Vec<u8> {
    let mut bytes = vec![0_u8; n];
    rand::fill(bytes.as_mut_slice());
    bytes
}

/// A new bearer token: 32 random bytes (OWASP ASVS 5.0 7.2.3 asks for 128 bits) in base64url, 43 characters.
#[must_use]
pub fn bearer() -> String {
    base64url(&random(32))
}

/// SHA-256 of a token, as stored in its place. Tokens have full entropy, so no salt and no slow hash is needed.
#[must_use]
pub fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Base64url without padding (RFC 4648 section 5).
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding; none for anything else.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Compares secrets in a time that does not depend on where they differ (only their lengths show).
#[must_use]
pub fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// A sign-in code of six digits, every one equally likely.
#[must_use]
pub fn six_digits() -> String {
    loop {
        if let Some(code) = code_from(rand::random()) {
            return code;
        }
    }
}

/// A PIN of eight digits, every one equally likely.
#[must_use]
pub fn eight_digits() -> String {
    loop {
        if let Some(pin) = number_from(rand::random(), 100_000_000) {
            return format!("{pin:08}");
        }
    }
}

/// The code for 32 random bits.
fn code_from(random: u32) -> Option<String> {
    number_from(random, 1_000_000).map(|code| format!("{code:06}"))
}

/// One of the first `many` numbers for 32 random bits; none for the few at the top that would make low numbers likelier.
fn number_from(random: u32, many: u32) -> Option<u32> {
    (random < u32::MAX / many * many).then(|| random % many)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, other) = (bearer(), bearer());
        assert_ne!(one, other);
        assert_eq!((one.len(), from_base64url(&one).unwrap().len()), (43, 32));
        assert_eq!(from_base64url("a b="), None);
        assert_ne!(hash(one.as_bytes()), hash(other.as_bytes()));
    }

    #[test]
    fn comparison_sees_any_difference() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd") && !same(b"abc", b"ab") && !same(b"", b"a"));
    }

    #[test]
    fn codes_are_six_digits_without_bias() {
        for _ in 0..1000 {
            let code = six_digits();
            assert!(code.len() == 6 && code.chars().all(|c| c.is_ascii_digit()));
        }
        assert_eq!(code_from(42).as_deref(), Some("000042"));
        assert_eq!(code_from(4_293_999_999).as_deref(), Some("999999"));
        assert_eq!(code_from(4_294_000_000), None, "an incomplete round would favour low codes");
    }
}
