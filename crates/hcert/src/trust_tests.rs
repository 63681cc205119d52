//! Tests of the trust list.

use super::*;
use crate::keys::Es256Signer;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn signer() -> Es256Signer {
    Es256Signer::from_pkcs8(&Es256Signer::generate().unwrap()).unwrap()
}

fn list(signer: &Es256Signer) -> TrustList {
    let entry = TrustEntry {
        province: "CN-33".into(),
        name: "浙江省卫生健康委员会".into(),
        kid: signer.key_id(),
        spki: signer.public().spki().to_vec(),
        alg: -7,
        usage: vec![Usage::Code, Usage::Status],
        not_before: at(0),
        not_after: at(1_000_000),
        status_endpoints: vec!["https://a.example/status".into()],
        exchange_endpoint: Some("https://a.example/exchange/v1".into()),
    };
    let grave = Tombstone {
        province: "CN-33".into(),
        kid: signer.key_id(),
        removed_at: at(5),
        reason: "rotation".into(),
    };
    TrustList {
        sequence: 7,
        issued_at: at(1000),
        next_update: at(2000),
        entries: vec![TrustEntry { exchange_endpoint: None, ..entry.clone() }, entry],
        tombstones: vec![grave],
    }
}

fn roots(keys: &[&Es256Signer]) -> Roots {
    Roots { keys: keys.iter().map(|key| key.public().clone()).collect(), threshold: 2 }
}

#[test]
fn two_of_three_roots_are_needed() {
    let (a, b, c, stranger) = (signer(), signer(), signer(), signer());
    let (list, roots) = (list(&signer()), roots(&[&a, &b, &c]));
    let open = |signers: &[&dyn Signer]| {
        TrustStore::open(&list.sign(signers).unwrap(), &roots, None, at(1000)).map(|store| store.list)
    };
    let few = |found| Err(TrustListError::TooFewSignatures { found, needed: 2 });
    assert_eq!(open(&[&a, &c]), Ok(list.clone()));
    assert_eq!(open(&[&stranger, &c, &b]), Ok(list.clone()));
    assert_eq!(open(&[&a]), few(1));
    assert_eq!(open(&[&a, &a]), few(1));
    assert_eq!(open(&[&a, &stranger]), few(1));
    assert_eq!(open(&[]), few(0));
    let unpinned = Roots { keys: Vec::new(), threshold: 0 };
    let signed = list.sign(&[&a, &b]).unwrap();
    let refused = TrustStore::open(&signed, &unpinned, None, at(1000)).err();
    assert_eq!(refused, Some(TrustListError::TooFewSignatures { found: 0, needed: 1 }));
}

#[test]
fn officers_may_sign_one_after_the_other() {
    let (a, b) = (signer(), signer());
    let list = list(&signer());
    let mut first = list.to_message().unwrap();
    first.add_signature(&a).unwrap();
    let mut second = Sign::read(&first.to_bytes()).unwrap();
    second.add_signature(&b).unwrap();
    assert!(TrustStore::open(&second.to_bytes(), &roots(&[&a, &b]), None, at(1500)).is_ok());
}

#[test]
fn an_older_or_different_edition_is_refused() {
    let (a, b) = (signer(), signer());
    let known = list(&signer());
    let open = |list: &TrustList, now| {
        TrustStore::open(&list.sign(&[&a, &b]).unwrap(), &roots(&[&a, &b]), Some(&known), at(now)).err()
    };
    let edition = |sequence| TrustList { sequence, ..known.clone() };
    assert_eq!(open(&edition(8), 1000), None);
    assert_eq!(open(&known, 1000), None);
    assert_eq!(open(&edition(6), 1000), Some(TrustListError::Sequence { found: 6, known: 7 }));
    let other = TrustList { next_update: at(2001), ..known.clone() };
    assert_eq!(open(&other, 1000), Some(TrustListError::Sequence { found: 7, known: 7 }));
    assert_eq!(open(&known, 939), Some(TrustListError::Time));
    assert_eq!(open(&known, 2000), Some(TrustListError::Time));
}

#[test]
fn entries_are_checked() {
    let key = signer();
    let with = |change: &dyn Fn(&mut TrustEntry)| {
        let mut list = list(&key);
        change(&mut list.entries[1]);
        list.check().err()
    };
    let stranger = signer();
    assert_eq!(with(&|_| ()), None);
    assert_eq!(with(&|entry| entry.kid = stranger.key_id()), Some(TrustListError::Entry(1)));
    let foreign = with(&|entry| {
        entry.kid = stranger.key_id();
        entry.province = "AT".into();
    });
    assert_eq!(foreign, None, "EU keys are named by their certificate");
    assert_eq!(with(&|entry| entry.alg = -37), Some(TrustListError::Entry(1)));
    assert_eq!(with(&|entry| entry.usage.clear()), Some(TrustListError::Entry(1)));
    assert_eq!(with(&|entry| entry.not_after = entry.not_before), Some(TrustListError::Entry(1)));
    assert_eq!(with(&|entry| entry.spki.truncate(50)), Some(TrustListError::Key(1, KeyError::Encoding)));
}

#[test]
fn the_json_view_says_the_same() {
    let list = list(&signer());
    let view = serde_json::to_value(&list).unwrap();
    assert_eq!(view["entries"][0]["kid"], list.entries[0].kid.to_string());
    assert_eq!(view["nextUpdate"], "1970-01-01T00:33:20Z");
    assert_eq!(serde_json::from_value::<TrustList>(view.clone()).unwrap(), list);
    let mut extended = view;
    extended["entries"][0]["more"] = true.into();
    assert!(serde_json::from_value::<TrustList>(extended).is_err());
}

#[test]
fn a_signature_for_another_purpose_does_not_count() {
    let (a, b) = (signer(), signer());
    let payload = list(&signer()).to_message().unwrap().payload().to_vec();
    let mut other = Sign::new(payload, "application/other");
    other.add_signature(&a).unwrap();
    other.add_signature(&b).unwrap();
    let refused = TrustStore::open(&other.to_bytes(), &roots(&[&a, &b]), None, at(1000)).err();
    assert_eq!(refused, Some(TrustListError::Malformed));
}
