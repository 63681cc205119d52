//! Officials' passwords: Argon2id (RFC 9106) with the parameters of the OWASP Password Storage Cheat Sheet.
//!
//! Every function here takes some 20 ms of one core and 19 MiB by intent: call it outside the async threads and
//! bound how many run at once.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;

/// Longest password in bytes; longer input is refused before any work is done.
pub const MAX_BYTES: usize = 1024;

/// Memory 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Why a password could not be hashed or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// More than [`MAX_BYTES`].
    #[error("the password is too long")]
    TooLong,
    /// The stored hash is not one of Argon2.
    #[error("the stored password hash is malformed")]
    Stored,
    /// Hashing failed (memory, random numbers).
    #[error("the password could not be hashed")]
    Failed,
}

fn hasher() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordError::Failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password, in Unicode normalisation form C (RFC 8265: keyboards differ in how they compose), with a new salt, to a PHC string (`$argon2id$v=19$m=19456,t=2,p=1$…`).
///
/// # Errors
/// [`PasswordError::TooLong`], or [`PasswordError::Failed`] when the system gives no memory or random numbers.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.len() > MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    let password: String = password.nfc().collect();
    let hash: PasswordHash =
        hasher()?.hash_password(password.as_bytes()).map_err(|_| PasswordError::Failed)?;
    Ok(hash.to_string())
}

/// Whether the password is the one that was hashed, with the parameters of the hash.
///
/// # Errors
/// [`PasswordError::Stored`] when `stored` is no PHC string of Argon2.
pub fn verify(password: &str, stored: &str) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(stored).map_err(|_| PasswordError::Stored)?;
    if password.len() > MAX_BYTES {
        return Ok(false);
    }
    // Composed as it was hashed, then as typed and decomposed: hashes of before 2026-11-29 were made of what was typed.
    let mut spellings =
        vec![password.nfc().collect::<String>(), password.to_owned(), password.nfd().collect()];
    spellings.dedup();
    for spelling in spellings {
        match hasher()?.verify_password(spelling.as_bytes(), &hash) {
            Ok(()) => return Ok(true),
            Err(Error::PasswordInvalid) => {}
            Err(_) => return Err(PasswordError::Stored),
        }
    }
    Ok(false)
}

/// Spends the time of one comparison. Called when the account does not exist, so that the answer's time does
/// not tell.
pub fn burn(password: &str) {
    // The result is of no interest: only the work is.
    let _ = hash(password);
}

/// Whether a hash has other parameters than today's, so that it is renewed at the next sign-in.
#[must_use]
pub fn needs_rehash(stored: &str) -> bool {
    !stored.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_verifies() {
        let stored = hash("正确 马 电池").unwrap();
        assert_eq!(verify("正确 马 电池", &stored), Ok(true));
        assert_eq!(verify("正确 马 电磁", &stored), Ok(false));
        assert_ne!(stored, hash("正确 马 电池").unwrap(), "each hash has its own salt");
        assert!(!needs_rehash(&stored), "{stored}");
    }

    #[test]
    fn composed_and_decomposed_are_one_password() {
        let (composed, decomposed) = ("Zoë-münchen", "Zoe\u{308}-mu\u{308}nchen");
        for (set, typed) in [(composed, decomposed), (decomposed, composed), (decomposed, decomposed)] {
            assert_eq!(verify(typed, &hash(set).unwrap()), Ok(true));
        }
        let old: PasswordHash = hasher().unwrap().hash_password(decomposed.as_bytes()).unwrap();
        for typed in [composed, decomposed] {
            assert_eq!(verify(typed, &old.to_string()), Ok(true), "a hash of before");
        }
        assert_eq!(verify("Zoe-munchen", &old.to_string()), Ok(false));
    }

    #[test]
    fn weak_and_malformed_hashes_are_noticed() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let stored: PasswordHash = weak.hash_password(b"x").unwrap();
        assert!(needs_rehash(&stored.to_string()));
        assert_eq!(verify("x", &stored.to_string()), Ok(true), "old parameters still verify");
        assert_eq!(verify("x", "plain"), Err(PasswordError::Stored));
        assert_eq!(hash(&"x".repeat(1025)), Err(PasswordError::TooLong));
    }
}
