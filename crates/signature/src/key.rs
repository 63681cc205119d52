//! Keys: a shared secret, or a public key of one of two kinds. The key says by which algorithm it verifies; what the message
//! says is only compared with it (RFC 9421, 3.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};

/// SubjectPublicKeyInfo of a P-256 key in DER, up to its uncompressed point (RFC 5480).
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// The same of an Ed25519 key, up to its 32 bytes (RFC 8410).
const ED: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// Bytes of a text with a public key, at most.
const MAX_TEXT: usize = 2000;

/// The algorithms that are taken, by their names in the registry of RFC 9421.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256 over a shared secret.
    HmacSha256,
    /// ECDSA on P-256 with SHA-256; the signature is r and s, 32 bytes each.
    EcdsaP256Sha256,
    /// Ed25519.
    Ed25519,
}

impl Algorithm {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::EcdsaP256Sha256 => "ecdsa-p256-sha256",
            Self::Ed25519 => "ed25519",
        }
    }

    /// That of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::HmacSha256, Self::EcdsaP256Sha256, Self::Ed25519].into_iter().find(|one| one.name() == name)
    }
}

/// Why a public key is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// No PEM or base64 of a SubjectPublicKeyInfo.
    #[error("not a public key as PEM")]
    Encoding,
    /// Neither P-256 nor Ed25519.
    #[error("neither a P-256 nor an Ed25519 key")]
    Kind,
}

/// What verifies.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    algorithm: Algorithm,
    /// The secret, or the SubjectPublicKeyInfo in DER.
    material: Vec<u8>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.algorithm.name())
    }
}

impl Key {
    /// A shared secret: the bytes of its text.
    #[must_use]
    pub fn secret(text: &[u8]) -> Self {
        Self { algorithm: Algorithm::HmacSha256, material: text.to_vec() }
    }

    /// A public key as somebody has pasted it: PEM, or the base64 in it.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn public(text: &str) -> Result<Self, KeyFault> {
        if text.len() > MAX_TEXT {
            return Err(KeyFault::Encoding);
        }
        let text = text.trim();
        let armoured = text.strip_prefix("-----BEGIN PUBLIC KEY-----");
        let body = match armoured {
            Some(rest) => rest.strip_suffix("-----END PUBLIC KEY-----").ok_or(KeyFault::Encoding)?,
            None => text,
        };
        let plain: String = body.split_ascii_whitespace().collect();
        Self::from_spki(&STANDARD.decode(plain).map_err(|_| KeyFault::Encoding)?)
    }

    /// A public key as SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyFault> {
        let algorithm = match (der.strip_prefix(&P256[..]), der.strip_prefix(&ED[..])) {
            (Some([4, point @ ..]), _) if point.len() == 64 => Algorithm::EcdsaP256Sha256,
            (_, Some(key)) if key.len() == 32 => Algorithm::Ed25519,
            _ if der.first() == Some(&0x30) => return Err(KeyFault::Kind),
            _ => return Err(KeyFault::Encoding),
        };
        Ok(Self { algorithm, material: der.to_vec() })
    }

    /// A key from what [`Key::material`] gave; `None` when it is none of this algorithm.
    #[must_use]
    pub fn of(algorithm: Algorithm, material: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::HmacSha256 => Some(Self::secret(material)),
            _ => Self::from_spki(material).ok().filter(|key| key.algorithm == algorithm),
        }
    }

    /// The one algorithm by which it verifies.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The secret, or the SubjectPublicKeyInfo: to be sealed.
    #[must_use]
    pub fn material(&self) -> &[u8] {
        &self.material
    }

    /// Whether a signature is this key's over a text; in constant time for a secret.
    #[must_use]
    pub fn verifies(&self, base: &[u8], signature: &[u8]) -> bool {
        match self.algorithm {
            Algorithm::HmacSha256 => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &self.material);
                ring::hmac::verify(&key, base, signature).is_ok()
            }
            Algorithm::EcdsaP256Sha256 => {
                let point = self.material.get(P256.len()..).unwrap_or_default();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(base, signature).is_ok()
            }
            Algorithm::Ed25519 => {
                let point = self.material.get(ED.len()..).unwrap_or_default();
                UnparsedPublicKey::new(&ED25519, point).verify(base, signature).is_ok()
            }
        }
    }
}
