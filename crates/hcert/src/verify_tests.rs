//! Tests of the verdicts: each rule alone, the order among them, and hostile input.

use super::*;
use crate::examples::{self, ExampleKeys, ExampleSet};
use crate::keys::{Es256Signer, Signer};
use crate::status::FoundStatus;
use crate::trusted::KeyIndex;
use crate::{HealthCodeClaim, Holder, StatusReference, issue};
use proptest::prelude::*;
use std::sync::OnceLock;

const NOW: i64 = 1_800_000_000;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(NOW + seconds, 0).unwrap()
}

fn signer() -> Es256Signer {
    Es256Signer::from_pkcs8(&Es256Signer::generate().unwrap()).unwrap()
}

fn claims() -> Claims {
    Claims {
        issuer: Some("CN-33".into()),
        issued_at: Some(at(-30)),
        not_before: None,
        expires: Some(at(90)),
        id: Some(vec![7; 16]),
        status: None,
        document: Document::HealthCode(HealthCodeClaim {
            holder: Holder { masked_name: "*".into(), document_last_four: "0000".into() },
            colour: crate::Colour::Green,
            valid_until: at(1000),
        }),
    }
}

fn trusted(signer: &Es256Signer) -> TrustedKey {
    TrustedKey {
        authority: Authority::Issuer("CN-33".into()),
        key: signer.public().clone(),
        usage: vec![Usage::Code],
        not_before: Some(at(-1000)),
        not_after: Some(at(1000)),
    }
}

/// Trusts the signer with one thing changed.
fn keys(signer: &Es256Signer, change: impl Fn(&mut TrustedKey)) -> KeyIndex {
    let mut index = KeyIndex::default();
    let mut key = trusted(signer);
    change(&mut key);
    index.insert(signer.key_id(), key);
    index
}

/// Our own province: no agreement needed.
fn home() -> Agreements {
    Agreements { home: Some("CN-33".into()), agreements: Vec::new() }
}

fn verdict(text: &str, keys: &dyn KeySource, now: i64) -> Verdict {
    verify(text, keys, None, &home(), at(now), &VerifyOptions::ONLINE).verdict
}

#[test]
fn time_has_sixty_seconds_of_grace_at_the_start_and_none_at_the_end() {
    let signer = signer();
    let text = issue(&claims(), &signer).unwrap();
    let at = |now| verdict(&text, &keys(&signer, |_| ()), now);
    assert_eq!(at(-91), Verdict::NotYetValid);
    assert_eq!(at(-90), Verdict::Valid);
    assert_eq!(at(89), Verdict::Valid);
    assert_eq!(at(90), Verdict::Expired);
}

#[test]
fn a_key_speaks_for_its_issuer_use_and_time() {
    let signer = signer();
    let text = issue(&claims(), &signer).unwrap();
    let with = |change: &dyn Fn(&mut TrustedKey)| verdict(&text, &keys(&signer, change), 0);
    assert_eq!(with(&|_| ()), Verdict::Valid);
    assert_eq!(with(&|key| key.authority = Authority::Issuer("CN-44".into())), Verdict::UnknownKey);
    assert_eq!(with(&|key| key.usage = vec![Usage::Certificate, Usage::Transport]), Verdict::UnknownKey);
    assert_eq!(with(&|key| key.not_before = Some(at(31))), Verdict::UnknownKey);
    assert_eq!(with(&|key| key.not_before = Some(at(30))), Verdict::Valid);
    assert_eq!(with(&|key| key.not_after = Some(at(0))), Verdict::UnknownKey);
    assert_eq!(verdict(&text, &KeyIndex::default(), 0), Verdict::UnknownKey);
}

#[test]
fn every_key_of_a_name_is_tried() {
    let (signer, other) = (signer(), signer());
    let text = issue(&claims(), &signer).unwrap();
    let mut index = KeyIndex::default();
    index.insert(signer.key_id(), trusted(&other));
    assert_eq!(verdict(&text, &index, 0), Verdict::BadSignature);
    index.insert(signer.key_id(), trusted(&signer));
    assert_eq!(verdict(&text, &index, 0), Verdict::Valid);
}

/// One answer for every question.
struct Always(EntryStatus, i64);

impl StatusLookup for Always {
    fn lookup(&self, _: Option<&str>, _: &str, _: u64) -> Option<FoundStatus> {
        Some(FoundStatus { status: self.0, as_of: at(self.1), expires: at(100_000) })
    }
}

#[test]
fn the_order_of_verdicts() {
    let signer = signer();
    let status = Some(StatusReference { index: 1, uri: "https://a.example/1".into() });
    let text = issue(&Claims { status, ..claims() }, &signer).unwrap();
    let keys = keys(&signer, |_| ());
    let stranger = Agreements::default();
    let ask = |status: Option<&dyn StatusLookup>, agreements: &Agreements, now| {
        let answer = verify(&text, &keys, status, agreements, at(now), &VerifyOptions::ONLINE);
        (answer.verdict, answer.superseded)
    };
    let fresh = |status| Always(status, 0);
    let stale = |status| Always(status, -301);
    let (revoked, suspended) = (EntryStatus::Revoked, EntryStatus::Suspended);
    assert_eq!(ask(Some(&fresh(EntryStatus::Valid)), &home(), 0), (Verdict::Valid, false));
    assert_eq!(ask(Some(&fresh(revoked)), &home(), 90), (Verdict::Expired, false), "time before status");
    assert_eq!(
        ask(Some(&fresh(revoked)), &stranger, 0),
        (Verdict::Revoked, false),
        "status before agreement"
    );
    assert_eq!(ask(Some(&fresh(suspended)), &stranger, 0), (Verdict::Suspended, false));
    assert_eq!(ask(Some(&fresh(EntryStatus::Superseded)), &home(), 0), (Verdict::Revoked, true));
    assert_eq!(ask(Some(&fresh(EntryStatus::Valid)), &stranger, 0), (Verdict::NoAgreement, false));
    assert_eq!(ask(None, &stranger, 0), (Verdict::NoAgreement, false), "agreement before doubt");
    assert_eq!(ask(None, &home(), 0), (Verdict::StatusUnknown, false));
    assert_eq!(ask(Some(&stale(EntryStatus::Valid)), &home(), 0), (Verdict::StatusUnknown, false));
    assert_eq!(ask(Some(&stale(suspended)), &home(), 0), (Verdict::StatusUnknown, false), "may be over");
    assert_eq!(ask(Some(&stale(revoked)), &home(), 0), (Verdict::Revoked, false), "is for ever");
}

fn published() -> &'static (ExampleSet, crate::TrustStore) {
    static SET: OnceLock<(ExampleSet, crate::TrustStore)> = OnceLock::new();
    SET.get_or_init(|| {
        let set = examples::build(&ExampleKeys::generate().unwrap(), at(0)).unwrap();
        let store = crate::TrustStore::from_list(set.trust_list_view.clone()).unwrap();
        (set, store)
    })
}

fn ask(text: &str) -> Verdict {
    let (set, store) = published();
    verify(text, store, None, &set.agreements, set.now, &VerifyOptions::ONLINE).verdict
}

fn message() -> Vec<u8> {
    open(&published().0.examples[1].text).unwrap()
}

/// Whether a message is refused, or says exactly what the good one says: the head around the signed parts may be
/// written in another way, the parts may not.
fn refused_or_same(bytes: &[u8]) -> bool {
    let (set, store) = published();
    let ask =
        |bytes: &[u8]| verify_message(bytes, store, None, &set.agreements, set.now, &VerifyOptions::ONLINE);
    let answer = ask(bytes);
    answer.verdict != Verdict::Valid || answer.claims == ask(&message()).claims
}

#[test]
fn no_changed_bit_of_a_message_stays_unnoticed() {
    let good = message();
    assert_eq!(ask(&issue_text(&good)), Verdict::Valid);
    for position in 0..good.len() {
        for bit in 0..8 {
            let mut changed = good.clone();
            changed[position] ^= 1 << bit;
            assert_ne!(ask(&issue_text(&changed)), Verdict::Valid, "byte {position} bit {bit}");
        }
    }
}

#[test]
fn every_cut_is_malformed() {
    let good = message();
    let (set, store) = published();
    for length in 0..good.len() {
        let answer =
            verify_message(&good[..length], store, None, &set.agreements, set.now, &VerifyOptions::ONLINE);
        assert_eq!(answer.verdict, Verdict::Malformed(Step::Cose), "cut at {length}");
    }
    let text = &published().0.examples[1].text;
    for length in 0..text.len() {
        assert!(matches!(ask(&text[..length]), Verdict::Malformed(_)), "cut at {length}");
    }
}

#[test]
fn a_long_text_is_refused_before_any_work() {
    let text = format!("HC1:{}", "0".repeat(MAX_TEXT));
    assert_eq!(ask(&text), Verdict::Malformed(Step::Base45));
}

proptest! {
    #[test]
    fn any_text_gets_a_verdict(text in "(HC1:)?\\PC{0,200}") {
        let verdict = ask(&text);
        prop_assert!(matches!(verdict, Verdict::Malformed(_)));
    }

    #[test]
    fn any_bytes_behind_the_chain_get_a_verdict(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let verdict = ask(&issue_text(&bytes));
        prop_assert!(matches!(verdict, Verdict::Malformed(Step::Cose | Step::Cwt | Step::Schema)));
    }

    #[test]
    fn a_spliced_message_is_never_valid(
        at in 0_usize..400, length in 0_usize..40, splice in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let good = message();
        let start = at % good.len();
        let end = (start + length).min(good.len());
        let mut changed = good;
        changed.splice(start..end, splice);
        prop_assert!(refused_or_same(&changed));
    }
}

fn issue_text(message: &[u8]) -> String {
    crate::issue::to_text(message)
}

/// The longest text that is taken, of whatever costs most to read: packed zeros, items without end, depth.
#[test]
fn no_text_costs_more_than_a_document() {
    let packed = |bytes: &[u8]| {
        let text = crate::base45::encode(&crate::zlib::deflate(bytes));
        format!("HC1:{text}")
    };
    for (bytes, step) in [
        (vec![0; 10 << 20], Step::Inflate),
        (vec![0x9f; 64 << 10], Step::Cose),
        (vec![0x81; 64 << 10], Step::Cose),
        ([vec![0x84, 0x99, 0xff, 0xff], vec![0; 60 << 10]].concat(), Step::Cose),
    ] {
        let text = packed(&bytes);
        assert!(text.len() < MAX_TEXT, "{}", text.len());
        let (verdict, held) = crate::counting::most(|| ask(&text));
        assert_eq!(verdict, Verdict::Malformed(step));
        assert!(held < 2 << 20, "{held}");
    }
}
