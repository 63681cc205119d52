//! Field encryption: a personal value is sealed for one table, column and row.
//!
//! Sealed bytes: header version (1), suite (1), key id (4, big-endian), nonce, ciphertext with tag; with the
//! international suite 34 bytes more than the plaintext. The header and the place are authenticated, so a value
//! copied to another row does not open. Random 96-bit nonces are safe for 2^32 values under one key
//! (NIST SP 800-38D 8.3): rotate the field key before that, a province's year is far below.

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::keyring::Keyring;
use super::suite::SuiteId;
use super::{CryptoError, token};

const VERSION: u8 = 1;

/// The place a sealed value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldContext<'a> {
    /// Table name.
    pub table: &'a str,
    /// Column name.
    pub column: &'a str,
    /// The row's primary key.
    pub row: Uuid,
}

impl<'a> FieldContext<'a> {
    /// The place of a value.
    #[must_use]
    pub const fn new(table: &'a str, column: &'a str, row: Uuid) -> Self {
        Self { table, column, row }
    }

    /// Associated data: each part with its length, so that no two places give the same bytes.
    fn bind(&self, header: &[u8]) -> Vec<u8> {
        let mut bytes = b"fugong field ".to_vec();
        for part in [header, self.table.as_bytes(), self.column.as_bytes(), self.row.as_bytes()] {
            bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

struct Parts<'a> {
    header: &'a [u8],
    suite: SuiteId,
    key: u32,
    body: &'a [u8],
}

fn split(sealed: &[u8]) -> Result<Parts<'_>, CryptoError> {
    let (header, body) = sealed.split_first_chunk::<6>().ok_or(CryptoError::Malformed)?;
    let [version, suite, key @ ..] = header;
    if *version != VERSION {
        return Err(CryptoError::Version(*version));
    }
    let suite = SuiteId::from_number(*suite)?;
    Ok(Parts { header, suite, key: u32::from_be_bytes(*key), body })
}

impl Keyring {
    /// Seals a value for its place under the current field key.
    ///
    /// # Errors
    /// [`CryptoError::Seal`] for a value beyond the algorithm's limit (64 GiB).
    pub fn seal(&self, context: &FieldContext<'_>, plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let state = self.state();
        let key = &state.field.current;
        let suite = key.suite.suite();
        let mut sealed = vec![VERSION, key.suite.number()];
        sealed.extend(key.id.to_be_bytes());
        let nonce = token::random(suite.nonce_len());
        let body = suite.seal(&key.secret, &nonce, &context.bind(&sealed), plaintext)?;
        sealed.extend(nonce);
        sealed.extend(body);
        Ok(sealed)
    }

    /// Opens a value sealed for the same place, also under an earlier key. A key id that is not known makes the
    /// keyring read its directory once more: another process may just have rotated.
    ///
    /// # Errors
    /// See [`CryptoError`]; [`CryptoError::Refused`] when the bytes were altered or belong elsewhere.
    pub fn open_sealed(
        &self,
        context: &FieldContext<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let parts = split(sealed)?;
        let key = self.field_key(parts.key).ok_or(CryptoError::UnknownKey(parts.key))?;
        if key.suite != parts.suite {
            return Err(CryptoError::Refused);
        }
        let suite = parts.suite.suite();
        let (nonce, body) = parts.body.split_at_checked(suite.nonce_len()).ok_or(CryptoError::Malformed)?;
        suite.open(&key.secret, nonce, &context.bind(parts.header), body)
    }

    /// Whether the value should be sealed again: it is under an earlier key, or not readable at all.
    #[must_use]
    pub fn needs_reseal(&self, sealed: &[u8]) -> bool {
        let current = self.state().field.current.id;
        split(sealed).map_or(true, |parts| parts.key != current)
    }

    /// Seals a text.
    ///
    /// # Errors
    /// As [`Keyring::seal`].
    pub fn seal_str(&self, context: &FieldContext<'_>, text: &str) -> Result<Vec<u8>, CryptoError> {
        self.seal(context, text.as_bytes())
    }

    /// Opens a text.
    ///
    /// # Errors
    /// As [`Keyring::open_sealed`]; [`CryptoError::Form`] when the bytes are no UTF-8.
    pub fn open_str(
        &self,
        context: &FieldContext<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<String>, CryptoError> {
        let opened = self.open_sealed(context, sealed)?;
        std::str::from_utf8(&opened)
            .map(|text| Zeroizing::new(text.to_owned()))
            .map_err(|_| CryptoError::Form)
    }

    /// Seals a value as JSON.
    ///
    /// # Errors
    /// As [`Keyring::seal`]; [`CryptoError::Form`] when the value has no JSON form.
    pub fn seal_json<T: Serialize>(
        &self,
        context: &FieldContext<'_>,
        value: &T,
    ) -> Result<Vec<u8>, CryptoError> {
        let json = Zeroizing::new(serde_json::to_vec(value).map_err(|_| CryptoError::Form)?);
        self.seal(context, &json)
    }

    /// Opens a value sealed as JSON.
    ///
    /// # Errors
    /// As [`Keyring::open_sealed`]; [`CryptoError::Form`] when the bytes are not the JSON of a `T`.
    pub fn open_json<T: DeserializeOwned>(
        &self,
        context: &FieldContext<'_>,
        sealed: &[u8],
    ) -> Result<T, CryptoError> {
        serde_json::from_slice(&self.open_sealed(context, sealed)?).map_err(|_| CryptoError::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fugong_identity::sample::Sampler;
    use proptest::prelude::*;

    const ROW: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);
    const PLACE: FieldContext<'static> = FieldContext::new("resident", "name", ROW);

    #[test]
    fn altering_any_byte_is_noticed() {
        let keys = Keyring::ephemeral().unwrap();
        let sealed = keys.seal_str(&PLACE, "张㛃").unwrap();
        assert_eq!(sealed.len(), "张㛃".len() + 34);
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut altered = sealed.clone();
                altered[at] ^= 1 << bit;
                assert!(keys.open_sealed(&PLACE, &altered).is_err(), "byte {at} bit {bit}");
            }
            assert!(keys.open_sealed(&PLACE, &sealed[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(keys.open_sealed(&PLACE, &[0; 40]), Err(CryptoError::Version(0)));
        assert_eq!(keys.open_sealed(&PLACE, &[1, 9, 0, 0, 0, 0, 0]), Err(CryptoError::Suite(9)));
    }

    #[test]
    fn a_value_opens_only_in_its_place() {
        let keys = Keyring::ephemeral().unwrap();
        let sealed = keys.seal_str(&PLACE, "张㛃").unwrap();
        assert_eq!(keys.open_str(&PLACE, &sealed).unwrap().as_str(), "张㛃");
        for other in [
            FieldContext::new("residents", "name", ROW),
            FieldContext::new("resident", "phone", ROW),
            FieldContext::new("residentn", "ame", ROW),
            FieldContext::new("resident", "name", Uuid::nil()),
        ] {
            assert_eq!(keys.open_sealed(&other, &sealed), Err(CryptoError::Refused));
        }
        let elsewhere = Keyring::ephemeral().unwrap();
        assert!(matches!(elsewhere.open_sealed(&PLACE, &sealed), Err(CryptoError::UnknownKey(_))));
    }

    #[test]
    fn the_value_does_not_shine_through() {
        let keys = Keyring::ephemeral().unwrap();
        let mut sampler = Sampler::new(20);
        for _ in 0..20 {
            let canary = sampler.id_number();
            let (one, other) =
                (keys.seal_json(&PLACE, &canary).unwrap(), keys.seal_json(&PLACE, &canary).unwrap());
            assert_ne!(one, other, "equal values must not look equal");
            let digits = canary.as_str().as_bytes();
            assert!(!one.windows(4).any(|window| digits.windows(4).any(|part| part == window)));
            assert_eq!(keys.open_json::<fugong_identity::IdNumber>(&PLACE, &one).unwrap(), canary);
        }
    }

    #[test]
    fn a_wrong_form_is_an_error() {
        let keys = Keyring::ephemeral().unwrap();
        let sealed = keys.seal(&PLACE, &[0xff]).unwrap();
        assert_eq!(keys.open_str(&PLACE, &sealed), Err(CryptoError::Form));
        assert_eq!(keys.open_json::<u32>(&PLACE, &sealed), Err(CryptoError::Form));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn round_trip(plaintext: Vec<u8>, noise: Vec<u8>) {
            let keys = Keyring::ephemeral().unwrap();
            let sealed = keys.seal(&PLACE, &plaintext).unwrap();
            let opened = keys.open_sealed(&PLACE, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
            prop_assert!(!keys.needs_reseal(&sealed));
            prop_assert!(keys.open_sealed(&PLACE, &noise).is_err());
        }
    }
}
