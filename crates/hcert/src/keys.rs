//! Keys: what verifies, what signs, and how a key is named.
//!
//! A province's own key is named by its public key, so that a renewed certificate keeps issued codes valid
//! (hcert-spec #61); an EU key is named by its certificate, as the HCERT specification 1.0.8 appendix A.1
//! demands. Both names are the first 8 bytes of a SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fugong_crypto::SigningKey;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Encode, Reader, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

/// Signature algorithms by their COSE number (RFC 9053, RFC 8230). More will come: SM2 with SM3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// -7: ECDSA with SHA-256, signature r ‖ s. We issue on P-256 (64 bytes); foreign documents also come on
    /// P-384 (96 bytes), since the number does not name the curve (RFC 9053 §2.1).
    Es256,
    /// -37: RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes. Accepted, never issued.
    Ps256,
}

impl Algorithm {
    /// The number in the registry "COSE Algorithms".
    #[must_use]
    pub const fn cose(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::Ps256 => -37,
        }
    }

    /// The algorithm of a COSE number, if it is one we know.
    #[must_use]
    pub const fn from_cose(number: i64) -> Option<Self> {
        match number {
            -7 => Some(Self::Es256),
            -37 => Some(Self::Ps256),
            _ => None,
        }
    }
}

/// The name of a key: 8 bytes. Shown as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// First 8 bytes of SHA-256 of a SubjectPublicKeyInfo (our keys) or of a DER certificate (EU keys).
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        let digest: [u8; 32] = Sha256::digest(der).into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        Self([a, b, c, d, e, f, g, h])
    }

    /// The id in a document's header; `None` unless it has 8 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 8 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl From<[u8; 8]> for KeyId {
    fn from(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Why a public key is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not the DER of a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    #[error("not a SubjectPublicKeyInfo in DER")]
    Encoding,
    /// Neither P-256, nor P-384, nor RSA.
    #[error("neither a P-256, nor a P-384, nor an RSA key")]
    Kind,
    /// An RSA modulus below 2048 or above 8192 bits.
    #[error("the RSA modulus must have 2048 to 8192 bits")]
    Size,
}

/// A public key, parsed once and then used for any number of verifications.
#[derive(Clone, PartialEq, Eq)]
pub struct VerificationKey {
    kind: Kind,
    /// The point (uncompressed) or the RSAPublicKey (PKCS #1), as ring takes them.
    material: Vec<u8>,
    spki: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    P256,
    P384,
    Rsa,
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerificationKey({:?}, {})", self.algorithm(), self.key_id())
    }
}

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

impl VerificationKey {
    /// Parse a SubjectPublicKeyInfo (DER).
    ///
    /// # Errors
    /// [`KeyError`]; keys of other kinds and short RSA keys are refused here, not at the first signature.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let spki = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| KeyError::Encoding)?;
        let material = spki.subject_public_key.as_bytes().ok_or(KeyError::Encoding)?;
        let kind = if spki.algorithm.oid == EC_PUBLIC_KEY {
            let curve = spki.algorithm.parameters_oid().map_err(|_| KeyError::Kind)?;
            match (material.first(), material.len()) {
                (Some(4), 65) if curve == P256 => Kind::P256,
                (Some(4), 97) if curve == P384 => Kind::P384,
                _ => return Err(KeyError::Kind),
            }
        } else if spki.algorithm.oid == RSA || spki.algorithm.oid == RSA_PSS {
            let bits = modulus_bits(material).ok_or(KeyError::Encoding)?;
            if !(2048..=8192).contains(&bits) {
                return Err(KeyError::Size);
            }
            Kind::Rsa
        } else {
            return Err(KeyError::Kind);
        };
        Ok(Self { kind, material: material.to_vec(), spki: der.to_vec() })
    }

    /// Parse a SubjectPublicKeyInfo as files hold it: DER, PEM, or base64 without PEM lines.
    ///
    /// # Errors
    /// As [`VerificationKey::from_spki`].
    pub fn from_file(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.first() == Some(&0x30) {
            return Self::from_spki(bytes);
        }
        Self::from_spki(&unarmour(bytes).ok_or(KeyError::Encoding)?)
    }

    /// The one algorithm this key is for; a document that names another does not verify.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.kind {
            Kind::P256 | Kind::P384 => Algorithm::Es256,
            Kind::Rsa => Algorithm::Ps256,
        }
    }

    /// The SubjectPublicKeyInfo (DER) it was made from.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The name of a key of ours: by its SubjectPublicKeyInfo.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId::of(&self.spki)
    }

    /// Whether `signature` (r ‖ s for ES256) is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verifies = |scheme: &'static dyn signature::VerificationAlgorithm, signature: &[u8]| {
            UnparsedPublicKey::new(scheme, &self.material).verify(message, signature).is_ok()
        };
        match self.kind {
            Kind::P256 => verifies(&signature::ECDSA_P256_SHA256_FIXED, signature),
            Kind::Rsa => verifies(&signature::RSA_PSS_2048_8192_SHA256, signature),
            // ring knows this pair of curve and hash with DER signatures only.
            Kind::P384 => {
                let der = <&[u8; 96]>::try_from(signature).ok().and_then(to_der_signature);
                der.is_some_and(|der| verifies(&signature::ECDSA_P384_SHA256_ASN1, &der))
            }
        }
    }
}

/// The DER in base64, with or without PEM lines around it (RFC 7468).
#[must_use]
pub fn unarmour(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = fugong_plain::text(bytes).ok()?;
    let body: String = text.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).ok()
}

/// r ‖ s as the ECDSA-Sig-Value of RFC 3279 §2.2.3.
fn to_der_signature(signature: &[u8; 96]) -> Option<Vec<u8>> {
    let (r, s) = signature.split_at_checked(48)?;
    let mut body = Vec::with_capacity(102);
    for half in [r, s] {
        UintRef::new(half).ok()?.encode_to_vec(&mut body).ok()?;
    }
    let mut der = vec![0x30, u8::try_from(body.len()).ok()?];
    der.extend(body);
    Some(der)
}

fn modulus_bits(pkcs1: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(pkcs1).ok()?;
    let modulus_bytes = reader
        .sequence(|inner: &mut SliceReader<'_>| {
            let modulus = UintRef::decode(inner)?;
            let _exponent = UintRef::decode(inner)?;
            Ok::<_, x509_cert::der::Error>(modulus.as_bytes().to_vec())
        })
        .ok()?;
    let first = modulus_bytes.first()?;
    let unused = usize::try_from(first.leading_zeros()).ok()?;
    (modulus_bytes.len() * 8).checked_sub(unused)
}

/// Why nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SigningError {
    /// The private key is not a P-256 key in PKCS #8.
    #[error("not a P-256 private key in PKCS #8")]
    Key,
    /// The signing device or its source of randomness failed.
    #[error("the signing device failed")]
    Device,
}

/// Whatever can sign: a key in memory, and later a hardware module or the national suite.
pub trait Signer: Send + Sync {
    /// The algorithm, for the protected header.
    fn algorithm(&self) -> Algorithm;
    /// The name of the key, for the protected header.
    fn key_id(&self) -> KeyId;
    /// Sign; ES256 gives r ‖ s (RFC 9053 §2.1), never DER.
    ///
    /// # Errors
    /// [`SigningError::Device`] when the device cannot sign now.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError>;
}

/// ES256 with a private key in memory.
pub struct Es256Signer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    public: VerificationKey,
    key_id: KeyId,
}

impl fmt::Debug for Es256Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Es256Signer({})", self.key_id)
    }
}

/// DER of everything in a P-256 SubjectPublicKeyInfo before the 65 bytes of the point.
const P256_SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

impl Es256Signer {
    /// A new private key in PKCS #8; the caller keeps it encrypted at rest.
    ///
    /// # Errors
    /// [`SigningError::Device`] when the system has no randomness.
    pub fn generate() -> Result<Zeroizing<Vec<u8>>, SigningError> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .map_err(|_| SigningError::Device)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// Take a private key in PKCS #8 (DER).
    ///
    /// # Errors
    /// [`SigningError::Key`] when it is not a P-256 key or its halves disagree.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SigningError> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, der, &random)
            .map_err(|_| SigningError::Key)?;
        let spki = [&P256_SPKI_HEAD, pair.public_key().as_ref()].concat();
        let public = VerificationKey::from_spki(&spki).map_err(|_| SigningError::Key)?;
        let key_id = public.key_id();
        Ok(Self { pair, random, public, key_id })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &VerificationKey {
        &self.public
    }
}

impl Signer for Es256Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn key_id(&self) -> KeyId {
        self.key_id
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let signature = self.pair.sign(&self.random, message).map_err(|_| SigningError::Device)?;
        Ok(signature.as_ref().to_vec())
    }
}

/// A key of the deployment's keyring signs documents and status lists as it is.
impl Signer for SigningKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn key_id(&self) -> KeyId {
        KeyId(self.kid())
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.sign(message).map(|signature| signature.to_vec()).map_err(|_| SigningError::Device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_signer_signs_its_public_key_verifies() {
        let signer = Es256Signer::from_pkcs8(&Es256Signer::generate().unwrap()).unwrap();
        let signature = signer.sign(b"message").unwrap();
        assert_eq!(signature.len(), 64);
        assert!(signer.public().verifies(b"message", &signature));
        assert!(!signer.public().verifies(b"massage", &signature));
        assert_eq!(signer.key_id(), KeyId::of(signer.public().spki()));
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n", STANDARD.encode(signer.public().spki()));
        assert_eq!(VerificationKey::from_file(pem.as_bytes()).as_ref(), Ok(signer.public()));
        assert_eq!(VerificationKey::from_file(signer.public().spki()).as_ref(), Ok(signer.public()));
        let again = VerificationKey::from_spki(signer.public().spki()).unwrap();
        assert!(again.verifies(b"message", &signature));
    }

    #[test]
    fn halves_of_a_signature_become_der_integers() {
        let mut raw = [0_u8; 96];
        raw[46..49].copy_from_slice(&[0x80, 0x01, 0x7f]);
        let der = to_der_signature(&raw).unwrap();
        // r = 0x8001 needs a leading zero; s = 0x7f << 376 is 48 bytes long.
        assert_eq!(der[..8], [0x30, 55, 0x02, 3, 0x00, 0x80, 0x01, 0x02]);
        assert_eq!((der[8], der[9], der.len()), (48, 0x7f, 57));
    }

    #[test]
    fn foreign_kinds_of_keys_are_refused() {
        assert_eq!(VerificationKey::from_spki(b"nonsense"), Err(KeyError::Encoding));
        let p521 =
            hex::decode(format!("30819b301006072a8648ce3d020106052b8104002303818600{}", "04".repeat(133)));
        assert_eq!(VerificationKey::from_spki(&p521.unwrap()), Err(KeyError::Kind));
        let rsa_1024 = format!(
            "30819f300d06092a864886f70d010101050003818d0030818902818100{}0203010001",
            "ff".repeat(128)
        );
        assert_eq!(VerificationKey::from_spki(&hex::decode(rsa_1024).unwrap()), Err(KeyError::Size));
        assert_eq!(Es256Signer::from_pkcs8(b"nonsense").err(), Some(SigningError::Key));
    }
}
