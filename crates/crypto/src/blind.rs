//! Blind indexes and other keyed codes: finding and recognising without reading.
//!
//! A person is found by document number, full name or phone though these columns are sealed: beside the sealed
//! value lies a keyed code of its canonical spelling. Without the key nobody can try all numbers. Only exact search
//! is possible, by design.

use super::keyfile::StoredKey;
use super::keyring::{DataKeys, Keyring};
use super::token;

/// Uses of keyed codes other than blind indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MacPurpose {
    /// What a browser keeps and gives back: CSRF tokens, signed cookies, cursors.
    Session,
    /// Pairwise pseudonyms for partners.
    Pseudonym,
}

impl Keyring {
    /// The blind index of a canonical text under the current key. `purpose` names what is indexed
    /// (`resident.document`): the same text under two purposes gives unrelated codes.
    #[must_use]
    pub fn blind(&self, purpose: &str, canonical: &str) -> [u8; 32] {
        code(&self.state().blind_index.current, "blind", purpose, canonical.as_bytes())
    }

    /// The codes under every key in the ring, the current one first. A lookup asks for all of them
    /// (`index IN (…)`), so that rows not yet re-indexed after a rotation are found.
    #[must_use]
    pub fn blind_candidates(&self, purpose: &str, canonical: &str) -> Vec<[u8; 32]> {
        let state = self.state();
        let current = &state.blind_index.current;
        let others = state.blind_index.all.iter().filter(|key| key.id != current.id);
        std::iter::once(current)
            .chain(others)
            .map(|key| code(key, "blind", purpose, canonical.as_bytes()))
            .collect()
    }

    /// The version of the key that [`Keyring::blind`] uses, to be stored beside the index.
    #[must_use]
    pub fn blind_version(&self) -> u32 {
        self.state().blind_index.current.version
    }

    /// A keyed code for `data` under `label`, with the current key of the purpose.
    #[must_use]
    pub fn mac(&self, purpose: MacPurpose, label: &str, data: &[u8]) -> [u8; 32] {
        let state = self.state();
        code(&data_keys(&state, purpose).current, "mac", label, data)
    }

    /// Whether `mac` was made for `data` under `label` with any key of the purpose, in constant time per key.
    #[must_use]
    pub fn verify_mac(&self, purpose: MacPurpose, label: &str, data: &[u8], mac: &[u8]) -> bool {
        let state = self.state();
        data_keys(&state, purpose).all.iter().any(|key| token::same(&code(key, "mac", label, data), mac))
    }
}

fn data_keys(state: &super::keyring::State, purpose: MacPurpose) -> &DataKeys {
    match purpose {
        MacPurpose::Session => &state.session,
        MacPurpose::Pseudonym => &state.pseudonym,
    }
}

/// The first 32 bytes of the suite's code; each name goes in with its length, so that no two inputs give the same bytes.
fn code(key: &StoredKey, kind: &str, label: &str, data: &[u8]) -> [u8; 32] {
    let length = |text: &str| u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes();
    let parts: [&[u8]; 6] =
        [b"fugong ", &length(kind), kind.as_bytes(), &length(label), label.as_bytes(), data];
    let mut out = [0; 32];
    out.iter_mut().zip(key.suite.suite().mac(&key.secret, &parts)).for_each(|(to, from)| *to = from);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeySlot, Purpose};
    use chrono::DateTime;

    #[test]
    fn an_index_depends_on_key_purpose_and_text() {
        let (keys, elsewhere) = (Keyring::ephemeral().unwrap(), Keyring::ephemeral().unwrap());
        let index = keys.blind("resident.document", "id_card:11010519491231002X");
        assert_eq!(index, keys.blind("resident.document", "id_card:11010519491231002X"));
        assert_ne!(index, keys.blind("resident.document", "id_card:360426199101010071"));
        assert_ne!(index, keys.blind("staff.document", "id_card:11010519491231002X"));
        assert_ne!(keys.blind("ab", "c"), keys.blind("a", "bc"));
        assert_ne!(index, elsewhere.blind("resident.document", "id_card:11010519491231002X"));
        assert_eq!(keys.blind_candidates("resident.document", "id_card:11010519491231002X"), [index]);
    }

    #[test]
    fn after_rotation_the_old_index_is_still_a_candidate() {
        let keys = Keyring::ephemeral().unwrap();
        let old = keys.blind("p", "x");
        let now = DateTime::UNIX_EPOCH;
        keys.rotate(KeySlot::Data(Purpose::BlindIndex), now, now).unwrap();
        let new = keys.blind("p", "x");
        assert_ne!(old, new);
        assert_eq!((keys.blind_candidates("p", "x"), keys.blind_version()), (vec![new, old], 2));
    }

    #[test]
    fn codes_are_verified_across_rotation_but_not_across_uses() {
        let keys = Keyring::ephemeral().unwrap();
        let mac = keys.mac(MacPurpose::Session, "csrf", b"session 1");
        let now = DateTime::UNIX_EPOCH;
        keys.rotate(KeySlot::Data(Purpose::Session), now, now).unwrap();
        assert!(keys.verify_mac(MacPurpose::Session, "csrf", b"session 1", &mac));
        assert!(!keys.verify_mac(MacPurpose::Session, "csrf", b"session 2", &mac));
        assert!(!keys.verify_mac(MacPurpose::Session, "cursor", b"session 1", &mac));
        assert!(!keys.verify_mac(MacPurpose::Pseudonym, "csrf", b"session 1", &mac));
        assert!(!keys.verify_mac(MacPurpose::Session, "csrf", b"session 1", &mac[..31]));
    }
}
