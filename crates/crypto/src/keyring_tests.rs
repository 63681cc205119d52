//! The keyring against a real directory: rotation, permissions, damage.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, Utc};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use uuid::Uuid;

use super::*;

const PLACE: FieldContext<'static> = FieldContext::new("resident", "phone", Uuid::from_u128(7));

/// A directory that vanishes with the test.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("fugong-keys-{}", Uuid::new_v4())))
    }
    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn now() -> DateTime<Utc> {
    "2020-03-12T02:00:00Z".parse().unwrap()
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_new_ring_is_private_and_opens_again() {
    let dir = Dir::new();
    let sealed = Keyring::create(&dir.0, now()).unwrap().seal_str(&PLACE, "13800138000").unwrap();
    assert_eq!(fs::metadata(&dir.0).unwrap().permissions().mode() & 0o777, 0o700);
    for slot in KeySlot::ALL {
        let mode = fs::metadata(dir.file(&format!("{slot}-0001.key"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{slot}");
    }
    let again = Keyring::open(&dir.0, now()).unwrap();
    assert_eq!(again.open_str(&PLACE, &sealed).unwrap().as_str(), "13800138000");
    assert!(matches!(Keyring::create(&dir.0, now()), Err(KeyringError::Exists { .. })));
    assert!(again.list().iter().all(|key| key.current) && again.list().len() == KeySlot::ALL.len());
}

#[test]
fn data_keys_do_not_lie_on_disk_in_the_clear() {
    let dir = Dir::new();
    let ring = Keyring::create(&dir.0, now()).unwrap();
    let secret = ring.state().field.current.secret.clone();
    let text = fs::read_to_string(dir.file("field-0001.key")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let wrapped =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, file["secret"].as_str().unwrap());
    assert!(!wrapped.unwrap().windows(8).any(|window| secret.windows(8).any(|part| part == window)));
    assert!(!format!("{ring:?} {:?}", ring.list()).contains(&hex::encode(&secret[..8])));
}

#[test]
fn rotation_keeps_old_values_readable_and_marks_them() {
    let dir = Dir::new();
    let ring = Keyring::create(&dir.0, now()).unwrap();
    let other_process = Keyring::open(&dir.0, now()).unwrap();
    let old = ring.seal_str(&PLACE, "13800138000").unwrap();
    let info = ring.rotate(KeySlot::Data(Purpose::Field), now(), now()).unwrap();
    assert_eq!((info.version, info.current), (2, true));
    assert!(ring.needs_reseal(&old));
    let new = ring.seal_str(&PLACE, ring.open_str(&PLACE, &old).unwrap().as_str()).unwrap();
    assert!(!ring.needs_reseal(&new));
    // A process that has not read the new key meets a value under it.
    assert_eq!(other_process.open_str(&PLACE, &new).unwrap().as_str(), "13800138000");
}

#[test]
fn a_key_waits_for_its_time() {
    let dir = Dir::new();
    let ring = Keyring::create(&dir.0, now()).unwrap();
    let later = now() + Duration::hours(1);
    let old = ring.signing_key(SigningUsage::Code).unwrap();
    let info = ring.rotate(KeySlot::Signing(SigningUsage::Code), now(), later).unwrap();
    assert!(!info.current);
    assert_eq!(ring.signing_key(SigningUsage::Code).unwrap().kid(), old.kid());
    assert_eq!(ring.signing_keys(SigningUsage::Code).len(), 2, "it is published before it is used");
    ring.reload(later - Duration::seconds(1)).unwrap();
    assert_eq!(ring.signing_key(SigningUsage::Code).unwrap().kid(), old.kid());
    ring.reload(later).unwrap();
    let new = ring.signing_key(SigningUsage::Code).unwrap();
    assert_eq!((Some(new.kid()), new.version()), (info.kid, 2));
}

#[test]
fn signatures_verify_with_the_published_key_only() {
    let ring = Keyring::ephemeral().unwrap();
    let key = ring.signing_key(SigningUsage::Receipt).unwrap();
    let signature = key.sign(b"received").unwrap();
    let verifies = |key: &SigningKey, message: &[u8]| {
        let point = &key.spki_der()[26..];
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, &signature).is_ok()
    };
    assert_eq!(key.spki_der().len(), 91);
    assert!(verifies(&key, b"received"));
    assert!(!verifies(&key, b"Received"));
    assert!(!verifies(&ring.signing_key(SigningUsage::Audit).unwrap(), b"received"));
    assert_eq!(key.kid(), token::hash(key.spki_der())[..8]);
}

#[test]
fn the_master_key_is_replaced_under_all_others() {
    let dir = Dir::new();
    let ring = Keyring::create(&dir.0, now()).unwrap();
    let sealed = ring.seal_str(&PLACE, "13800138000").unwrap();
    ring.rotate(KeySlot::Data(Purpose::Field), now(), now()).unwrap();
    let first = fs::read(dir.file("master-0001.key")).unwrap();
    ring.rotate(KeySlot::Master, now(), now()).unwrap();
    assert!(!dir.file("master-0001.key").exists());
    let again = Keyring::open(&dir.0, now()).unwrap();
    assert_eq!(again.open_str(&PLACE, &sealed).unwrap().as_str(), "13800138000");
    // The old master key opens nothing any more.
    fs::write(dir.file("master-0001.key"), first).unwrap();
    fs::set_permissions(dir.file("master-0001.key"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::remove_file(dir.file("master-0002.key")).unwrap();
    assert!(matches!(Keyring::open(&dir.0, now()), Err(KeyringError::MissingMaster { .. })));
}

#[test]
fn an_interrupted_init_is_reported_and_completed() {
    let dir = Dir::new();
    Keyring::create(&dir.0, now()).unwrap();
    fs::remove_file(dir.file("sign-audit-0001.key")).unwrap();
    let error = Keyring::open(&dir.0, now()).unwrap_err();
    assert!(
        matches!(error, KeyringError::Incomplete { slot: KeySlot::Signing(SigningUsage::Audit) }),
        "{error}"
    );
    assert_eq!(Keyring::complete(&dir.0, now()).unwrap(), [KeySlot::Signing(SigningUsage::Audit)]);
    Keyring::open(&dir.0, now()).unwrap();
}

#[test]
fn missing_and_readable_by_others() {
    let dir = Dir::new();
    assert!(matches!(Keyring::open(&dir.0, now()), Err(KeyringError::Missing { .. })));
    Keyring::create(&dir.0, now()).unwrap();
    let path = dir.file("field-0001.key");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = Keyring::open(&dir.0, now()).unwrap_err();
    assert!(matches!(error, KeyringError::Permissions { mode: 0o640, .. }), "{error}");
    assert!(error.to_string().contains("field-0001.key") && error.to_string().contains("0640"), "{error}");
}

#[test]
fn damage_is_named_by_file() {
    type Damage = fn(&Dir);
    let damages: [(&str, Damage); 8] = [
        ("field-0001.key", |dir| fs::write(dir.file("field-0001.key"), "{").unwrap()),
        ("field-0001.key", |dir| edit(&dir.file("field-0001.key"), "\"secret\": \"", "\"secret\": \"AAAA")),
        ("field-0001.key", |dir| {
            edit(&dir.file("field-0001.key"), "\"version\"", "\"extra\": 1, \"version\"")
        }),
        // Another slot's key in its place, and an edited time: both are covered by the wrapping.
        ("field-0001.key", |dir| {
            fs::copy(dir.file("session-0001.key"), dir.file("field-0001.key")).unwrap();
            edit(&dir.file("field-0001.key"), "session", "field");
        }),
        ("session-0001.key", |dir| edit(&dir.file("session-0001.key"), "2020-03-12", "2020-03-11")),
        ("field-0002.key", |dir| {
            fs::copy(dir.file("field-0001.key"), dir.file("field-0002.key")).unwrap();
        }),
        ("master-0001.key", |dir| edit(&dir.file("master-0001.key"), "2020-03-12", "2020-03-11")),
        ("master-0001.key", |dir| edit(&dir.file("master-0001.key"), "\"check\": \"", "\"check\": \"0")),
    ];
    for (file, damage) in damages {
        let dir = Dir::new();
        Keyring::create(&dir.0, now()).unwrap();
        damage(&dir);
        let error = Keyring::open(&dir.0, now()).unwrap_err();
        assert!(matches!(error, KeyringError::Corrupt { .. }), "{file}: {error}");
        assert!(error.to_string().contains(file), "{file}: {error}");
    }
}

#[test]
fn a_newer_format_is_told_apart_from_damage() {
    let dir = Dir::new();
    Keyring::create(&dir.0, now()).unwrap();
    edit(&dir.file("field-0001.key"), "\"format\": 1", "\"format\": 2, \"news\": true");
    assert!(matches!(Keyring::open(&dir.0, now()), Err(KeyringError::NewerFormat { format: 2, .. })));
}

#[test]
fn a_failed_reload_leaves_the_ring_as_it_was() {
    let dir = Dir::new();
    let ring = Keyring::create(&dir.0, now()).unwrap();
    let sealed = ring.seal_str(&PLACE, "13800138000").unwrap();
    fs::remove_file(dir.file("master-0001.key")).unwrap();
    assert!(ring.reload(now()).is_err());
    assert_eq!(ring.open_str(&PLACE, &sealed).unwrap().as_str(), "13800138000");
}
