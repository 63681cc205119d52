//! ES256 key pairs (ECDSA on P-256 with SHA-256, RFC 7518 section 3.4; COSE algorithm -7).

use std::fmt;

use chrono::{DateTime, Utc};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::CryptoError;
use super::keyfile::StoredKey;
use super::keyring::KeyringError;
use super::slot::{KeySlot, SigningUsage};

/// DER of a SubjectPublicKeyInfo for an uncompressed P-256 point, up to the point (RFC 5480).
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A key pair of one usage, ready to sign. Old ones stay in the keyring so that their signatures can be explained.
pub struct SigningKey {
    usage: SigningUsage,
    version: u32,
    created: DateTime<Utc>,
    active_from: DateTime<Utc>,
    spki: Vec<u8>,
    pkcs8: Zeroizing<Vec<u8>>,
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl SigningKey {
    /// A new pair as PKCS#8 DER.
    pub(super) fn generate() -> Result<Zeroizing<Vec<u8>>, KeyringError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        document.map(|der| Zeroizing::new(der.as_ref().to_vec())).map_err(|_| KeyringError::Random)
    }

    pub(super) fn from_stored(key: &StoredKey, usage: SigningUsage) -> Result<Self, KeyringError> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.secret, &random);
        let pair = pair.map_err(|_| KeyringError::Corrupt {
            path: key.file_name().into(),
            reason: "its secret is not a P-256 key pair",
        })?;
        let mut spki = SPKI_PREFIX.to_vec();
        spki.extend_from_slice(pair.public_key().as_ref());
        let (version, created, active_from) = (key.version, key.created, key.active_from);
        Ok(Self { usage, version, created, active_from, spki, pkcs8: key.secret.clone(), pair, random })
    }

    /// What the key signs.
    #[must_use]
    pub const fn usage(&self) -> SigningUsage {
        self.usage
    }

    /// Counts the keys of the usage from 1.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// When it was made.
    #[must_use]
    pub const fn created(&self) -> DateTime<Utc> {
        self.created
    }

    /// From when on it signs; partners learn of it before that.
    #[must_use]
    pub const fn active_from(&self) -> DateTime<Utc> {
        self.active_from
    }

    /// The public key as SubjectPublicKeyInfo DER (91 bytes).
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The key id of our documents: the first 8 bytes of SHA-256 over the SubjectPublicKeyInfo.
    #[must_use]
    pub fn kid(&self) -> [u8; 8] {
        let mut kid = [0; 8];
        kid.iter_mut().zip(Sha256::digest(&self.spki)).for_each(|(to, from)| *to = from);
        kid
    }

    /// The pair as PKCS#8 DER, for a library that signs by itself (TLS). Secret.
    #[must_use]
    pub fn pkcs8_der(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Signs a message (not its digest): r and s, 32 bytes each, big-endian.
    ///
    /// # Errors
    /// [`CryptoError::Sign`] when the system gives no random numbers.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], CryptoError> {
        let signature = self.pair.sign(&self.random, message).map_err(|_| CryptoError::Sign)?;
        signature.as_ref().try_into().map_err(|_| CryptoError::Sign)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {} {})", KeySlot::Signing(self.usage), self.version, hex::encode(self.kid()))
    }
}
