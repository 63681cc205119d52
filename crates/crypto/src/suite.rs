//! The algorithms behind one trait, so that a deployment can choose between international and national ones.
//!
//! GB/T 39786 asks for SM4 and SM3 where the law does; the trait therefore promises no sizes. Whoever calls it
//! takes lengths from the suite, and every stored value names the suite that made it.

use std::fmt::Debug;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::CryptoError;

/// Which suite made a value; the number is part of stored data and is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuiteId {
    /// AES-256-GCM, HMAC-SHA-256, SHA-256.
    International,
}

impl SuiteId {
    /// The number in headers of sealed values.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::International => 1,
        }
    }

    /// The suite with this number.
    ///
    /// # Errors
    /// [`CryptoError::Suite`] for a number that this program does not know.
    pub const fn from_number(number: u8) -> Result<Self, CryptoError> {
        match number {
            1 => Ok(Self::International),
            other => Err(CryptoError::Suite(other)),
        }
    }

    /// The suite's algorithms.
    #[must_use]
    pub fn suite(self) -> &'static dyn Suite {
        match self {
            Self::International => &International,
        }
    }
}

/// Algorithms that belong together: authenticated encryption, a keyed code and a digest.
pub trait Suite: Debug + Send + Sync {
    /// Which suite this is.
    fn id(&self) -> SuiteId;

    /// Length of a key in bytes, for encryption and for keyed codes.
    fn key_len(&self) -> usize;

    /// Length of a nonce in bytes. A nonce is used once with a key: it is random, or a key's own counter.
    fn nonce_len(&self) -> usize;

    /// Bytes that encryption adds to a plaintext: the authentication tag.
    fn tag_len(&self) -> usize;

    /// Encrypts and authenticates; the result holds the authentication tag.
    ///
    /// # Errors
    /// [`CryptoError::Seal`] for a key or nonce of the wrong length, or a plaintext beyond the algorithm's limit.
    fn seal(
        &self,
        key: &[u8],
        nonce: &[u8],
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError>;

    /// Opens what [`Suite::seal`] made with the same key, nonce and context.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] when anything differs.
    fn open(
        &self,
        key: &[u8],
        nonce: &[u8],
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError>;

    /// Keyed code over the parts in their order, at least 32 bytes. Parts are not delimited: the caller does that.
    fn mac(&self, key: &[u8], parts: &[&[u8]]) -> Vec<u8>;

    /// Digest, at least 32 bytes.
    fn digest(&self, data: &[u8]) -> Vec<u8>;
}

/// AES-256-GCM (NIST SP 800-38D, 96-bit random nonce), HMAC-SHA-256 (RFC 2104), SHA-256 (FIPS 180-4).
#[derive(Debug, Clone, Copy)]
pub struct International;

impl Suite for International {
    fn id(&self) -> SuiteId {
        SuiteId::International
    }

    fn key_len(&self) -> usize {
        32
    }

    fn nonce_len(&self) -> usize {
        12
    }

    fn tag_len(&self) -> usize {
        16
    }

    fn seal(
        &self,
        key: &[u8],
        nonce: &[u8],
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| CryptoError::Seal)?;
        let nonce = Nonce::try_from(nonce).map_err(|_| CryptoError::Seal)?;
        cipher.encrypt(&nonce, Payload { msg: plaintext, aad: context }).map_err(|_| CryptoError::Seal)
    }

    fn open(
        &self,
        key: &[u8],
        nonce: &[u8],
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| CryptoError::Refused)?;
        let nonce = Nonce::try_from(nonce).map_err(|_| CryptoError::Refused)?;
        let opened = cipher.decrypt(&nonce, Payload { msg: sealed, aad: context });
        opened.map(Zeroizing::new).map_err(|_| CryptoError::Refused)
    }

    fn mac(&self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        // HMAC's own rule: a key longer than the block is hashed, a shorter one padded with zeros. Doing it here
        // gives a block of the exact length, with which nothing can fail.
        let mut hashed = if key.len() > 64 { self.digest(key) } else { Vec::new() };
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        let bytes = if key.len() > 64 { hashed.as_slice() } else { key };
        block.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let mut mac = Hmac::<Sha256>::new(&block);
        block.as_mut_slice().zeroize();
        hashed.zeroize();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().to_vec()
    }

    fn digest(&self, data: &[u8]) -> Vec<u8> {
        Sha256::digest(data).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        hex::decode(text).unwrap()
    }

    #[test]
    fn hmac_agrees_with_rfc_4231() {
        let suite = SuiteId::International.suite();
        assert_eq!(
            suite.mac(&[0x0b; 20], &[b"Hi ", b"There"]),
            hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        );
        assert_eq!(
            suite.mac(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]),
            hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        );
        assert_eq!(
            suite.digest(b"abc"),
            hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        );
    }

    #[test]
    fn aes_gcm_agrees_with_the_mode_s_test_case_14() {
        let suite = SuiteId::International.suite();
        let sealed = suite.seal(&[0; 32], &[0; 12], b"", &[0; 16]).unwrap();
        assert_eq!(sealed, hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
        assert_eq!(suite.open(&[0; 32], &[0; 12], b"", &sealed).unwrap().as_slice(), [0; 16]);
        assert_eq!(suite.open(&[0; 32], &[0; 12], b"x", &sealed), Err(CryptoError::Refused));
        assert_eq!(suite.seal(&[0; 31], &[0; 12], b"", b""), Err(CryptoError::Seal));
        assert_eq!(suite.seal(&[0; 32], &[0; 11], b"", b""), Err(CryptoError::Seal));
    }

    #[test]
    fn suite_numbers_are_stable() {
        assert_eq!(SuiteId::International.number(), 1);
        assert_eq!(SuiteId::from_number(9), Err(CryptoError::Suite(9)));
    }
}
