//! The examples get their verdicts, freshly made and as published.

use super::*;
use crate::trust::{Roots, TrustStore};
use crate::verify::{self, VerifyOptions};
use crate::{StatusList, StatusView, VerificationKey};

/// Verify all examples of a set with nothing but what the set contains.
fn check(set: &ExampleSet) {
    let decode = |text: &str| STANDARD.decode(text).unwrap();
    let keys = set.roots.iter().map(|root| VerificationKey::from_spki(&decode(root)).unwrap()).collect();
    let roots = Roots { keys, threshold: 2 };
    let store = TrustStore::open(&decode(&set.trust_list), &roots, None, set.now).unwrap();
    assert_eq!(*store.list(), set.trust_list_view);
    let mut view = StatusView::default();
    assert!(view.insert(StatusList::open(&decode(&set.status_list), &store, set.now).unwrap()));
    for example in &set.examples {
        let options = VerifyOptions::ONLINE;
        let answer = verify::verify(&example.text, &store, Some(&view), &set.agreements, set.now, &options);
        assert_eq!(answer.verdict.name(), example.verdict, "{}", example.name);
        assert_eq!(answer.verdict.step().map(Step::name), example.step.as_deref(), "{}", example.name);
        assert_eq!(answer.superseded, example.name == "superseded");
        assert_eq!(answer.claims.is_none(), example.verdict == "malformed", "{}", example.name);
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

#[test]
fn fresh_examples_get_their_verdicts() {
    check(&build(&ExampleKeys::generate().unwrap(), now()).unwrap());
}

/// Rewrites the stored edition when FUGONG_WRITE_EXAMPLES=1, otherwise checks it.
#[test]
fn published_examples_get_their_verdicts_and_cover_all_of_them() {
    if std::env::var_os("FUGONG_WRITE_EXAMPLES").is_some() {
        let set = build(&ExampleKeys::generate().unwrap(), now()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/examples.json");
        std::fs::write(path, serde_json::to_string_pretty(&set).unwrap() + "\n").unwrap();
        return;
    }
    let set = published().unwrap();
    check(&set);
    let fresh = build(&ExampleKeys::generate().unwrap(), set.now).unwrap();
    let labels = |set: &ExampleSet| -> Vec<(String, String)> {
        set.examples.iter().map(|example| (example.name.clone(), example.verdict.clone())).collect()
    };
    assert_eq!(labels(&set), labels(&fresh), "rewrite the stored edition");
    for verdict in [
        "valid",
        "expired",
        "not_yet_valid",
        "bad_signature",
        "unknown_key",
        "revoked",
        "suspended",
        "status_unknown",
        "no_agreement",
        "malformed",
    ] {
        assert!(set.examples.iter().any(|example| example.verdict == verdict), "{verdict}");
    }
    for step in ["prefix", "base45", "inflate", "cose", "cwt", "schema"] {
        assert!(set.examples.iter().any(|example| example.step.as_deref() == Some(step)), "{step}");
    }
}

#[test]
fn documents_stay_small_enough_for_an_old_phone() {
    let set = published().unwrap();
    let length = |name: &str| set.examples.iter().find(|example| example.name == name).unwrap().text.len();
    assert!(length("code-shown") <= 340, "{}", length("code-shown"));
    assert!(length("certificate") <= 460, "{}", length("certificate"));
}
