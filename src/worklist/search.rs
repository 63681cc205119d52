//! Looking somebody up: names and numbers are sealed, so what is typed has to be whole.

use crate::crypto::Keyring;
use crate::identity::{DocumentKind, DocumentNumber, PersonName, Phone};

/// Blind indexes under which what was typed may be stored: a full name, a telephone number or a document number.
pub fn blinds(keys: &Keyring, typed: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut add = |purpose: &str, canonical: &str| {
        all.extend(keys.blind_candidates(purpose, canonical).into_iter().map(|b| b.to_vec()));
    };
    if let Ok(name) = PersonName::parse(typed) {
        add("name", &name.canonical());
    }
    if let Ok(phone) = Phone::parse(typed) {
        add("phone", phone.as_str());
    }
    for kind in DocumentKind::ALL {
        if let Ok(document) = DocumentNumber::parse_stored(kind, typed) {
            add("document", &document.canonical());
        }
    }
    all
}
