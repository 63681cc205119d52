//! COSE envelopes (RFC 9052): one signature for documents and status lists, several for the trust list.
//!
//! Reading keeps the protected header and the payload as the bytes that were signed; nothing is encoded
//! again before a signature is checked, so two encoders can never disagree.

use super::cbor::{self, CborError, Value, Writer};
use super::keys::{Algorithm, KeyId, Signer, SigningError, VerificationKey};
use std::borrow::Cow;
use thiserror::Error;

/// CBOR tag of COSE_Sign1.
pub const TAG_SIGN1: u64 = 18;
/// CBOR tag of COSE_Sign.
pub const TAG_SIGN: u64 = 98;
/// CBOR tag of a CWT (RFC 8392 §6), which some issuers put around the COSE tag.
pub const TAG_CWT: u64 = 61;

const ALG: i64 = 1;
const CRIT: i64 = 2;
const KID: i64 = 4;
const TYP: i64 = 16;
/// More header parameters than this are taken for an attack.
const MAX_HEADERS: usize = 32;

/// Why bytes are not an acceptable COSE message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CoseError {
    /// The CBOR is broken.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Not the array of RFC 9052, or under another tag.
    #[error("not the expected COSE structure")]
    Structure,
    /// A header map with a repeated label, a wrong type or too many entries.
    #[error("a header is malformed")]
    Header,
    /// A critical header that we do not understand (RFC 9052 §3.1: must be refused).
    #[error("a critical header is not understood")]
    Critical,
    /// No algorithm in the headers, or one that we do not accept.
    #[error("the signature algorithm is missing or not accepted")]
    Algorithm,
}

/// The header parameters that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Header {
    has_algorithm: bool,
    algorithm: Option<Algorithm>,
    kid: Option<Vec<u8>>,
    typ: Option<String>,
}

impl Header {
    fn read(map: &Value<'_>) -> Result<Self, CoseError> {
        let entries = map.entries().ok_or(CoseError::Header)?;
        if entries.len() > MAX_HEADERS || map.has_duplicate_keys() {
            return Err(CoseError::Header);
        }
        if map.get(CRIT).is_some() {
            return Err(CoseError::Critical);
        }
        let kid = match map.get(KID) {
            Some(kid) => Some(kid.bytes().ok_or(CoseError::Header)?.to_vec()),
            None => None,
        };
        let algorithm = map.get(ALG).and_then(Value::integer).and_then(Algorithm::from_cose);
        let has_algorithm = map.get(ALG).is_some();
        let typ = map.get(TYP).and_then(Value::text).map(str::to_owned);
        Ok(Self { has_algorithm, algorithm, kid, typ })
    }

    /// A protected header; an empty byte string stands for an empty map (RFC 9052 §3).
    fn read_protected(bytes: &[u8]) -> Result<Self, CoseError> {
        if bytes.is_empty() { Self::read(&Value::Map(Vec::new())) } else { Self::read(&cbor::read(bytes)?) }
    }
}

/// A message with one signature, not yet verified.
#[derive(Debug, Clone)]
pub struct Sign1<'a> {
    protected: Cow<'a, [u8]>,
    payload: Cow<'a, [u8]>,
    signature: Cow<'a, [u8]>,
    /// The algorithm; the protected one wins. Foreign documents may have it unprotected (test data CO20), which is
    /// harmless here: a key verifies with its one algorithm only, so the header can select nothing.
    pub algorithm: Algorithm,
    /// Key id as found: the protected one wins over the unprotected (HCERT §3.3.3).
    pub kid: Option<Vec<u8>>,
    /// `typ` (RFC 9596) of the protected header.
    pub typ: Option<String>,
}

impl<'a> Sign1<'a> {
    /// Read a message: bare, under tag 18, or under tags 61 and 18.
    ///
    /// # Errors
    /// [`CoseError`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, CoseError> {
        let parts = match untag(cbor::read(bytes)?, TAG_SIGN1)? {
            Value::Array(parts) => <[Value<'a>; 4]>::try_from(parts).map_err(|_| CoseError::Structure)?,
            _ => return Err(CoseError::Structure),
        };
        let [Value::Bytes(protected), unprotected, Value::Bytes(payload), Value::Bytes(signature)] = parts
        else {
            return Err(CoseError::Structure);
        };
        let header = Header::read_protected(&protected)?;
        let loose = Header::read(&unprotected)?;
        let kid = header.kid.or(loose.kid);
        let algorithm = if header.has_algorithm { header.algorithm } else { loose.algorithm };
        let algorithm = algorithm.ok_or(CoseError::Algorithm)?;
        Ok(Self { protected, payload, signature, algorithm, kid, typ: header.typ })
    }

    /// The signed content.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// What the signature covers: the Sig_structure of RFC 9052 §4.4.
    #[must_use]
    pub fn to_be_signed(&self) -> Vec<u8> {
        sig_structure("Signature1", &[&self.protected], &self.payload)
    }

    /// Whether the key made this signature with the algorithm that the header names.
    #[must_use]
    pub fn verifies(&self, key: &VerificationKey, to_be_signed: &[u8]) -> bool {
        key.algorithm() == self.algorithm && key.verifies(to_be_signed, &self.signature)
    }
}

fn untag(value: Value<'_>, inner: u64) -> Result<Value<'_>, CoseError> {
    match value {
        Value::Tag(tag, content) if tag == inner => Ok(*content),
        Value::Tag(TAG_CWT, content) => match *content {
            Value::Tag(tag, content) if tag == inner => Ok(*content),
            // RFC 8392 §6 wants a COSE tag inside, but the bare array is unmistakable.
            Value::Array(parts) => Ok(Value::Array(parts)),
            _ => Err(CoseError::Structure),
        },
        Value::Tag(..) => Err(CoseError::Structure),
        bare => Ok(bare),
    }
}

fn sig_structure(context: &str, protected: &[&[u8]], payload: &[u8]) -> Vec<u8> {
    let headers: usize = protected.iter().map(|header| header.len() + 9).sum();
    let mut writer = Writer::with_capacity(context.len() + headers + payload.len() + 16);
    writer.array(protected.len() + 3).text(context);
    for header in protected {
        writer.bytes(header);
    }
    writer.bytes(&[]).bytes(payload);
    writer.finish()
}

/// Protected header of a signature by `signer`; `typ` is written only when given.
fn protected_header(signer: &dyn Signer, typ: Option<&str>) -> Vec<u8> {
    let mut writer = Writer::with_capacity(32);
    writer.map(if typ.is_some() { 3 } else { 2 });
    writer.integer(ALG).integer(signer.algorithm().cose());
    writer.integer(KID).bytes(signer.key_id().as_bytes());
    if let Some(typ) = typ {
        writer.integer(TYP).text(typ);
    }
    writer.finish()
}

/// Sign `payload` as a tagged COSE_Sign1 with algorithm and key id in the protected header.
///
/// # Errors
/// [`SigningError`] of the signer.
pub fn sign1(payload: &[u8], typ: Option<&str>, signer: &dyn Signer) -> Result<Vec<u8>, SigningError> {
    let protected = protected_header(signer, typ);
    let signature = signer.sign(&sig_structure("Signature1", &[&protected], payload))?;
    let mut writer = Writer::with_capacity(payload.len() + 128);
    writer.tag(TAG_SIGN1).array(4).bytes(&protected).map(0).bytes(payload).bytes(&signature);
    Ok(writer.finish())
}

/// One signature of a message with several.
#[derive(Debug, Clone)]
struct SignaturePart {
    protected: Vec<u8>,
    algorithm: Option<Algorithm>,
    kid: Option<KeyId>,
    signature: Vec<u8>,
}

/// A message with several signatures (COSE_Sign), not yet verified. Owned: trust lists are kept.
#[derive(Debug, Clone)]
pub struct Sign {
    protected: Vec<u8>,
    payload: Vec<u8>,
    /// `typ` of the message's protected header.
    pub typ: Option<String>,
    signatures: Vec<SignaturePart>,
}

/// More signatures than this on one message are refused before any is checked.
const MAX_SIGNATURES: usize = 16;

impl Sign {
    /// A message that nobody has signed yet. `typ` (RFC 9596) says what it is, so that a signature given
    /// for one purpose cannot serve another.
    #[must_use]
    pub fn new(payload: Vec<u8>, typ: &str) -> Self {
        let mut writer = Writer::default();
        writer.map(1).integer(TYP).text(typ);
        Self { protected: writer.finish(), payload, typ: Some(typ.to_owned()), signatures: Vec::new() }
    }

    /// Read a message, tagged 98 or bare.
    ///
    /// # Errors
    /// [`CoseError`].
    pub fn read(bytes: &[u8]) -> Result<Self, CoseError> {
        let parts = match untag(cbor::read(bytes)?, TAG_SIGN)? {
            Value::Array(parts) => <[Value<'_>; 4]>::try_from(parts).map_err(|_| CoseError::Structure)?,
            _ => return Err(CoseError::Structure),
        };
        let [Value::Bytes(protected), unprotected, Value::Bytes(payload), Value::Array(signatures)] = parts
        else {
            return Err(CoseError::Structure);
        };
        if signatures.len() > MAX_SIGNATURES {
            return Err(CoseError::Structure);
        }
        Header::read(&unprotected)?;
        let typ = Header::read_protected(&protected)?.typ;
        let signatures = signatures.into_iter().map(read_signature).collect::<Result<_, _>>()?;
        Ok(Self { protected: protected.into_owned(), payload: payload.into_owned(), typ, signatures })
    }

    /// The signed content.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Add one more signature; earlier ones stay as they are, so officers can sign one after the other.
    ///
    /// # Errors
    /// [`SigningError`] of the signer.
    pub fn add_signature(&mut self, signer: &dyn Signer) -> Result<(), SigningError> {
        let protected = protected_header(signer, None);
        let message = sig_structure("Signature", &[&self.protected, &protected], &self.payload);
        let (algorithm, kid) = (Some(signer.algorithm()), Some(signer.key_id()));
        let signature = signer.sign(&message)?;
        self.signatures.retain(|part| part.kid != kid);
        self.signatures.push(SignaturePart { protected, algorithm, kid, signature });
        Ok(())
    }

    /// How many **different** keys of `keys` have signed. Two signatures of one key count once.
    #[must_use]
    pub fn signers_among(&self, keys: &[VerificationKey]) -> usize {
        let mut distinct: Vec<&VerificationKey> = Vec::with_capacity(keys.len());
        for key in keys {
            if !distinct.iter().any(|other| other.spki() == key.spki()) && self.is_signed_by(key) {
                distinct.push(key);
            }
        }
        distinct.len()
    }

    fn is_signed_by(&self, key: &VerificationKey) -> bool {
        let kid = key.key_id();
        self.signatures
            .iter()
            .filter(|part| part.kid == Some(kid) && part.algorithm == Some(key.algorithm()))
            .any(|part| {
                let message = sig_structure("Signature", &[&self.protected, &part.protected], &self.payload);
                key.verifies(&message, &part.signature)
            })
    }

    /// The bytes of the message, tagged.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(self.payload.len() + 256);
        writer.tag(TAG_SIGN).array(4).bytes(&self.protected).map(0).bytes(&self.payload);
        writer.array(self.signatures.len());
        for part in &self.signatures {
            writer.array(3).bytes(&part.protected).map(0).bytes(&part.signature);
        }
        writer.finish()
    }
}

fn read_signature(value: Value<'_>) -> Result<SignaturePart, CoseError> {
    let Value::Array(parts) = value else { return Err(CoseError::Structure) };
    let parts = <[Value<'_>; 3]>::try_from(parts).map_err(|_| CoseError::Structure)?;
    let [Value::Bytes(protected), unprotected, Value::Bytes(signature)] = parts else {
        return Err(CoseError::Structure);
    };
    let header = Header::read_protected(&protected)?;
    let kid = header.kid.or(Header::read(&unprotected)?.kid);
    Ok(SignaturePart {
        algorithm: header.algorithm,
        kid: kid.as_deref().and_then(KeyId::from_slice),
        protected: protected.into_owned(),
        signature: signature.into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Es256Signer;

    fn signer() -> Es256Signer {
        Es256Signer::from_pkcs8(&Es256Signer::generate().unwrap()).unwrap()
    }

    #[test]
    fn tags_may_be_there_or_not() {
        let signer = signer();
        let tagged = sign1(b"payload", None, &signer).unwrap();
        let bare = tagged[1..].to_vec();
        let cwt = [&[0xd8, 61], tagged.as_slice()].concat();
        for bytes in [&tagged, &bare, &cwt] {
            let message = Sign1::read(bytes).unwrap();
            assert!(message.verifies(signer.public(), &message.to_be_signed()));
            assert_eq!(message.kid.as_deref(), Some(signer.key_id().as_bytes().as_slice()));
        }
        let foreign = [&[0xd8, 98], bare.as_slice()].concat();
        assert_eq!(Sign1::read(&foreign).err(), Some(CoseError::Structure));
    }

    /// A message with the given headers and an arbitrary signature.
    fn message(protected: &[u8], unprotected: &[u8]) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.array(4).bytes(protected).raw(unprotected).bytes(b"p").bytes(&[0; 64]);
        writer.finish()
    }

    #[test]
    fn headers_follow_the_rules() {
        let kid_of = |protected: &str, unprotected: &str| {
            Sign1::read(&message(&hex::decode(protected).unwrap(), &hex::decode(unprotected).unwrap()))
                .map(|read| read.kid)
        };
        assert_eq!(kid_of("a201260441aa", "a10441bb"), Ok(Some(vec![0xaa])), "the protected kid wins");
        assert_eq!(kid_of("a10126", "a10441bb"), Ok(Some(vec![0xbb])));
        assert_eq!(kid_of("a10126", "a0"), Ok(None));
        assert_eq!(kid_of("", "a201260441bb"), Ok(Some(vec![0xbb])), "all unprotected");
        assert_eq!(kid_of("", "a0"), Err(CoseError::Algorithm));
        assert_eq!(kid_of("a1013818", "a10126"), Err(CoseError::Algorithm), "the protected alg wins");
        assert_eq!(kid_of("a1013818", "a0"), Err(CoseError::Algorithm), "-25 is not accepted");
        assert_eq!(kid_of("a2012602810a", "a0"), Err(CoseError::Critical));
        assert_eq!(kid_of("a201260126", "a0"), Err(CoseError::Header), "repeated label");
        assert_eq!(kid_of("a20126046161", "a0"), Err(CoseError::Header), "kid as text");
    }

    #[test]
    fn signatures_of_one_key_count_once() {
        let (first, second, stranger) = (signer(), signer(), signer());
        let roots = [first.public().clone(), first.public().clone(), second.public().clone()];
        let mut list = Sign::new(b"list".to_vec(), "test");
        list.add_signature(&first).unwrap();
        list.add_signature(&first).unwrap();
        list.add_signature(&stranger).unwrap();
        assert_eq!(Sign::read(&list.to_bytes()).unwrap().signers_among(&roots), 1);
        list.add_signature(&second).unwrap();
        let read = Sign::read(&list.to_bytes()).unwrap();
        assert_eq!((read.signers_among(&roots), read.payload()), (2, b"list".as_slice()));
        let mut forged = list.to_bytes();
        let at = forged.windows(4).position(|window| window == b"list").unwrap();
        forged[at] = b'm';
        assert_eq!(Sign::read(&forged).unwrap().signers_among(&roots), 0);
    }
}
