//! Officials' passwords: Argon2id (RFC 9106) with the parameters of the OWASP Password Storage Cheat Sheet.
//!
//! Every function here takes some 20 ms of one core and 19 MiB on purpose: call it outside the async threads and
//! bound how many run at once.

use super::token;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::{Mutex, MutexGuard, PoisonError};
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

/// Buffers kept for the next hash. If they were given back to the allocator, each would stay behind in the arena of the
/// thread that had taken it.
static BUFFERS: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());
/// How many are kept; more are in use only while more hashes are made at once.
const KEPT: usize = 4;

fn buffers() -> MutexGuard<'static, Vec<Vec<Block>>> {
    BUFFERS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn with_buffer<T>(blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
    let mut buffer = buffers().pop().unwrap_or_default();
    if buffer.len() < blocks {
        buffer = vec![Block::new(); blocks];
    }
    let answer = work(buffer.get_mut(..blocks).unwrap_or_default());
    let mut kept = buffers();
    if kept.len() < KEPT {
        kept.push(buffer);
    }
    answer
}

/// The hash of a password, of the length of `out`.
fn derive(argon: &Argon2<'_>, password: &[u8], salt: &[u8], out: &mut [u8]) -> Option<()> {
    with_buffer(argon.params().block_count(), |memory| {
        argon.hash_password_into_with_memory(password, salt, out, memory).ok()
    })
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
    let (argon, salt) = (hasher()?, token::random(16));
    let mut out = [0u8; Params::DEFAULT_OUTPUT_LEN];
    derive(&argon, password.as_bytes(), &salt, &mut out).ok_or(PasswordError::Failed)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon.params()).map_err(|_| PasswordError::Failed)?,
        salt: Some(Salt::new(&salt).map_err(|_| PasswordError::Failed)?),
        hash: Some(Output::new(&out).map_err(|_| PasswordError::Failed)?),
    };
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
    let stored = Stored::of(&hash).ok_or(PasswordError::Stored)?;
    for spelling in spellings {
        let mut out = vec![0u8; stored.hash.len()];
        derive(&stored.argon, spelling.as_bytes(), &stored.salt, &mut out).ok_or(PasswordError::Stored)?;
        if token::same(&out, &stored.hash) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A stored hash, with the parameters by which it was made.
struct Stored {
    argon: Argon2<'static>,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Stored {
    fn of(hash: &PasswordHash) -> Option<Self> {
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from).ok()?;
        let params = Params::try_from(hash).ok()?;
        let (salt, output) = (hash.salt?, hash.hash?);
        let argon = Argon2::new(algorithm, version, params);
        Some(Self { argon, salt: salt.as_ref().to_vec(), hash: output.as_bytes().to_vec() })
    }
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
        use argon2::password_hash::PasswordHasher;
        let old: PasswordHash = hasher().unwrap().hash_password(decomposed.as_bytes()).unwrap();
        for typed in [composed, decomposed] {
            assert_eq!(verify(typed, &old.to_string()), Ok(true), "a hash of before");
        }
        assert_eq!(verify("Zoe-munchen", &old.to_string()), Ok(false));
    }

    #[test]
    fn weak_and_malformed_hashes_are_noticed() {
        use argon2::password_hash::PasswordHasher;
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let stored: PasswordHash = weak.hash_password(b"x").unwrap();
        assert!(needs_rehash(&stored.to_string()));
        assert_eq!(verify("x", &stored.to_string()), Ok(true), "old parameters still verify");
        assert_eq!(verify("x", "plain"), Err(PasswordError::Stored));
        assert_eq!(hash(&"x".repeat(1025)), Err(PasswordError::TooLong));
    }
}
