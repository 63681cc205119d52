//! Tests of status lists, with the example of the draft's §4.1.

use super::*;
use crate::keys::Es256Signer;
use crate::trusted::{KeyIndex, TrustedKey};
use proptest::prelude::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn header() -> StatusHeader {
    StatusHeader {
        issuer: "CN-33".into(),
        uri: "https://a.example/1".into(),
        issued_at: at(1000),
        expires: at(90_000),
    }
}

fn trusting(signer: &Es256Signer, issuer: &str, usage: Usage) -> KeyIndex {
    let mut keys = KeyIndex::default();
    let key = TrustedKey {
        authority: Authority::Issuer(issuer.into()),
        key: signer.public().clone(),
        usage: vec![usage],
        not_before: Some(at(0)),
        not_after: Some(at(80_000)),
    };
    keys.insert(signer.key_id(), key);
    keys
}

fn signer() -> Es256Signer {
    Es256Signer::from_pkcs8(&Es256Signer::generate().unwrap()).unwrap()
}

#[test]
fn two_bits_an_entry_as_in_the_draft() {
    // draft-ietf-oauth-status-list §4.1: statuses 1,2,0,3,0,1,0,1,1,2,3,3 are the bytes C9 44 F9.
    let bits = StatusBits::from_bytes(vec![0xc9, 0x44, 0xf9]);
    let found: Vec<u8> = (0..12).map(|index| bits.get(index).unwrap().bits()).collect();
    assert_eq!(found, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
    assert_eq!(bits.get(12), None);
    let mut written = StatusBits::from_bytes(vec![0xff; 3]);
    for (index, bits) in (0..).zip(found) {
        written.set(index, EntryStatus::from_bits(bits)).unwrap();
    }
    assert_eq!(written, bits);
    assert_eq!(written.set(12, EntryStatus::Valid), Err(StatusError::Index));
    assert_eq!(StatusBits::new(10).entries(), MIN_ENTRIES);
    assert_eq!(StatusBits::new(131_073).entries(), 131_076);
}

#[test]
fn a_list_is_signed_and_read() {
    let signer = signer();
    let mut bits = StatusBits::new(0);
    bits.set(131_071, EntryStatus::Suspended).unwrap();
    let bytes = sign(&header(), &bits.compress(), &signer).unwrap();
    let keys = trusting(&signer, "CN-33", Usage::Status);
    let list = StatusList::open(&bytes, &keys, at(1000)).unwrap();
    assert_eq!((&list.header, list.ttl, list.bits.as_ref()), (&header(), TTL, &bits));
    let mut view = StatusView::default();
    assert!(view.insert(list.clone()));
    assert!(!view.insert(list), "not newer");
    let found = view.lookup(Some("CN-33"), "https://a.example/1", 131_071).unwrap();
    assert_eq!((found.status, found.as_of), (EntryStatus::Suspended, at(1000)));
    assert_eq!(view.lookup(Some("CN-44"), "https://a.example/1", 131_071), None, "another issuer's list");
    assert_eq!(view.lookup(None, "https://a.example/1", 0), None);
    assert_eq!(view.lookup(Some("CN-33"), "https://a.example/2", 0), None);
    assert_eq!(view.lookup(Some("CN-33"), "https://a.example/1", 131_072), None);
    assert!(found.is_current(at(1300), &VerifyOptions::ONLINE));
    assert!(!found.is_current(at(1301), &VerifyOptions::ONLINE));
    assert!(found.is_current(at(1000 + 86_400), &VerifyOptions::OFFLINE));
    assert!(!found.is_current(at(1001 + 86_400), &VerifyOptions::OFFLINE));
    assert!(!found.is_current(at(939), &VerifyOptions::ONLINE));
}

#[test]
fn only_the_right_key_at_the_right_time_counts() {
    let signer = signer();
    let bytes = sign(&header(), &StatusBits::new(0).compress(), &signer).unwrap();
    let open =
        |issuer, usage, now| StatusList::open(&bytes, &trusting(&signer, issuer, usage), at(now)).err();
    assert_eq!(open("CN-33", Usage::Status, 1000), None);
    assert_eq!(open("CN-44", Usage::Status, 1000), Some(StatusError::Signature));
    assert_eq!(open("CN-33", Usage::Code, 1000), Some(StatusError::Signature));
    assert_eq!(open("CN-33", Usage::Status, 80_000), Some(StatusError::Signature), "the key has ended");
    assert_eq!(open("CN-33", Usage::Status, 939), Some(StatusError::Time));
    let keys = trusting(&signer, "CN-33", Usage::Status);
    let mut forged = bytes.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(StatusList::open(&forged, &keys, at(1000)).err(), Some(StatusError::Signature));
    let untyped = cose::sign1(Sign1::read(&bytes).unwrap().payload(), None, &signer).unwrap();
    assert_eq!(StatusList::open(&untyped, &keys, at(1000)).err(), Some(StatusError::Malformed));
    let ended = StatusHeader { expires: at(2000), ..header() };
    let bytes = sign(&ended, &StatusBits::new(0).compress(), &signer).unwrap();
    assert_eq!(StatusList::open(&bytes, &keys, at(2000)).err(), Some(StatusError::Time));
}

proptest! {
    #[test]
    fn setting_one_entry_leaves_the_others(index in 0_u64..131_072, other in 0_u64..131_072, raw in 0_u8..4) {
        let mut bits = StatusBits::new(0);
        let status = EntryStatus::from_bits(raw);
        bits.set(index, status).unwrap();
        prop_assert_eq!(bits.get(index), Some(status));
        if other != index {
            prop_assert_eq!(bits.get(other), Some(EntryStatus::Valid));
        }
    }
}

/// A partner's list of 60 MB in 60 KB: unsigned it is not unpacked at all, signed no further than the longest list.
#[test]
fn a_list_that_unpacks_to_too_much_is_bounded() {
    let signer = signer();
    let bomb = StatusBits::from_bytes(vec![0; 60 << 20]).compress();
    let bytes = sign(&header(), &bomb, &signer).unwrap();
    let strange = trusting(&signer, "CN-44", Usage::Status);
    let (answer, held) = crate::counting::most(|| StatusList::open(&bytes, &strange, at(1000)).err());
    assert_eq!(answer, Some(StatusError::Signature));
    assert!(held < 16 << 20, "{held}");
    let keys = trusting(&signer, "CN-33", Usage::Status);
    let (answer, held) = crate::counting::most(|| StatusList::open(&bytes, &keys, at(1000)).err());
    assert_eq!(answer, Some(StatusError::Malformed));
    assert!(held < MAX_ENTRIES / 4 + (20 << 20), "{held}");
}
