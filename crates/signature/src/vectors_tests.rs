//! The published examples of RFC 9421, appendix B.2: keys of B.1.3 to B.1.5, messages and signatures of B.2.4 to B.2.6.
#![allow(clippy::unwrap_used)]

use crate::fields::{List, Member, dictionary};
use crate::{Algorithm, Key, KeyFault, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const P256: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----";
const ED25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----";
const SECRET: &str =
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";

fn list(text: &str) -> List {
    match dictionary(&format!("s={text}")).unwrap().pop().unwrap().1 {
        Member::List(list) => list,
        Member::Item(_) => List { items: Vec::new(), parameters: Vec::new() },
    }
}

/// The request of B.2.
fn request_base(text: &str) -> String {
    let derived = |name: &str| {
        let value = match name {
            "@method" => "POST",
            "@path" => "/foo",
            "@query" => "?param=Value&Pet=dog",
            "@authority" => "example.com",
            "@target-uri" => "https://example.com/foo?param=Value&Pet=dog",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let field = |name: &str| {
        let value = match name {
            "date" => "Tue, 20 Apr 2021 02:07:55 GMT",
            "content-type" => "application/json",
            "content-length" => "18",
            _ => return Vec::new(),
        };
        vec![value.to_owned()]
    };
    Message { derived: &derived, field: &field }.base(&list(text)).unwrap()
}

/// The response of B.2.
fn response_base(text: &str) -> String {
    let derived = |name: &str| (name == "@status").then(|| "200".to_owned());
    let field = |name: &str| {
        let value = match name {
            "content-type" => "application/json",
            "content-length" => "23",
            "content-digest" => {
                "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:"
            }
            _ => return Vec::new(),
        };
        vec![value.to_owned()]
    };
    Message { derived: &derived, field: &field }.base(&list(text)).unwrap()
}

fn holds(key: &Key, base: &str, signature: &str) {
    let signature = STANDARD.decode(signature).unwrap();
    assert!(key.verifies(base.as_bytes(), &signature));
    for at in 0..signature.len() {
        let mut other = signature.clone();
        *other.get_mut(at).unwrap() ^= 1;
        assert!(!key.verifies(base.as_bytes(), &other), "byte {at}");
    }
    assert!(!key.verifies(format!("{base} ").as_bytes(), &signature));
    assert!(!key.verifies(base.as_bytes(), &[]));
    assert!(!key.verifies(base.as_bytes(), signature.get(1..).unwrap()));
}

#[test]
fn b_2_4_ecdsa_p256() {
    let base = response_base(
        "(\"@status\" \"content-type\" \"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-ecc-p256\"",
    );
    let key = Key::public(P256).unwrap();
    assert_eq!(key.algorithm(), Algorithm::EcdsaP256Sha256);
    holds(
        &key,
        &base,
        "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==",
    );
}

#[test]
fn b_2_5_hmac() {
    let base = request_base(
        "(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"",
    );
    assert_eq!(
        base,
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n\"content-type\": application/json\n\
         \"@signature-params\": (\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\""
    );
    let key = Key::secret(&STANDARD.decode(SECRET).unwrap());
    holds(&key, &base, "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
}

#[test]
fn b_2_6_ed25519() {
    let base = request_base(
        "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");created=1618884473;\
         keyid=\"test-key-ed25519\"",
    );
    let key = Key::public(ED25519).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Ed25519);
    holds(
        &key,
        &base,
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
    );
}

#[test]
fn a_key_is_kept_and_made_again_and_others_are_refused() {
    for text in [P256, ED25519] {
        let key = Key::public(text).unwrap();
        assert_eq!(Key::of(key.algorithm(), key.material()), Some(key.clone()));
        let bare: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        assert_eq!(Key::public(&bare), Ok(key.clone()));
        let other =
            [Algorithm::EcdsaP256Sha256, Algorithm::Ed25519].into_iter().find(|a| *a != key.algorithm());
        assert_eq!(Key::of(other.unwrap(), key.material()), None);
        assert!(!format!("{key:?}").contains("material"));
    }
    // P-384: the first bytes of such a key.
    let p384 = "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE";
    for (text, fault) in [
        (p384, KeyFault::Kind),
        ("", KeyFault::Encoding),
        ("@", KeyFault::Encoding),
        ("AAAA", KeyFault::Encoding),
        ("-----BEGIN PUBLIC KEY-----\nAAAA", KeyFault::Encoding),
    ] {
        assert_eq!(Key::public(text), Err(fault), "{text}");
    }
    assert_eq!(Key::public(&"A".repeat(MAX)), Err(KeyFault::Encoding));
    for name in ["hmac-sha256", "ecdsa-p256-sha256", "ed25519"] {
        assert_eq!(Algorithm::from_name(name).map(Algorithm::name), Some(name));
    }
    assert_eq!(Algorithm::from_name("rsa-pss-sha512"), None);
}

const MAX: usize = 2001;
