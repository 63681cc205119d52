//! The layers of a signed document: base45 (RFC 9285), zlib (RFC 1950), CBOR (RFC 8949), COSE (RFC 9052) with ES256.

use coset::cbor::value::Value;
use coset::iana::Algorithm::ES256;
use coset::{Header, Label, RegisteredLabelWithPrivate};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use std::io::Read;

/// What stands before the 65 bytes of a point in the SubjectPublicKeyInfo of a key on P-256.
const SPKI_P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

pub fn base45(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut bytes = Vec::with_capacity(text.len());
    for group in text.as_bytes().chunks(3) {
        let mut number = 0_u32;
        for letter in group.iter().rev() {
            number = number * 45 + u32::try_from(ALPHABET.iter().position(|a| a == letter)?).ok()?;
        }
        match group.len() {
            3 => bytes.extend(u16::try_from(number).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(number).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

/// At most `limit` bytes, whatever the stream would unpack to, and nothing behind it.
pub fn inflate(packed: &[u8], limit: u64) -> Option<Vec<u8>> {
    let mut unpacker = flate2::bufread::ZlibDecoder::new(packed);
    let mut bytes = Vec::new();
    unpacker.by_ref().take(limit + 1).read_to_end(&mut bytes).ok()?;
    let whole = u64::try_from(bytes.len()).ok()? <= limit && unpacker.into_inner().is_empty();
    whole.then_some(bytes)
}

pub fn cbor(mut bytes: &[u8]) -> Option<Value> {
    let value = coset::cbor::from_reader(&mut bytes).ok()?;
    bytes.is_empty().then_some(value)
}

pub fn get(map: &Value, key: impl Into<Value>) -> Option<&Value> {
    let key = key.into();
    let mut found = map.as_map()?.iter().filter(|(k, _)| *k == key);
    // Whoever names a key twice says two things.
    found.next().filter(|_| found.next().is_none()).map(|(_, value)| value)
}

pub fn integer(map: &Value, key: i64) -> Option<i64> {
    i64::try_from(get(map, key)?.as_integer()?).ok()
}

pub fn text(map: &Value, key: i64) -> Option<&str> {
    get(map, key)?.as_text()
}

pub fn keys_within(map: &Value, allowed: &[i64]) -> Option<bool> {
    let known = |key: &Value| {
        key.as_integer().and_then(|k| i64::try_from(k).ok()).is_some_and(|k| allowed.contains(&k))
    };
    Some(map.as_map()?.iter().all(|(key, _)| known(key)))
}

pub fn typ(header: &Header) -> Option<&str> {
    header.rest.iter().find(|(label, _)| *label == Label::Int(16)).and_then(|(_, value)| value.as_text())
}

pub fn is_es256(header: &Header) -> bool {
    header.crit.is_empty() && header.alg == Some(RegisteredLabelWithPrivate::Assigned(ES256))
}

pub fn is_signed_by(spki: &[u8], signature: &[u8], signed: &[u8]) -> bool {
    let point = spki.strip_prefix(SPKI_P256).unwrap_or_default();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok()
}

pub fn key_id(spki: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, spki).as_ref().iter().take(8).copied().collect()
}
