//! One key, one file: how keys lie on disk.
//!
//! A file is a small JSON object, readable so that an operator sees what a file is without a tool. The secret in it
//! is wrapped by a master key with the rest of the object as context: a file that was renamed, edited or
//! exchanged for another does not open. The master key's own file carries a keyed check instead.
//! Files have mode 0600, are written beside their place, synced and renamed: a crash leaves a whole file or none.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::keyring::KeyringError;
use super::slot::KeySlot;
use super::suite::SuiteId;
use super::token;

/// The format that this program writes and the newest that it reads.
const FORMAT: u32 = 1;
/// No key file is larger; the bound keeps a wrong file from being read whole.
const MAX_BYTES: u64 = 16 * 1024;

/// A key in memory; the secret is wiped when the last holder lets go.
pub(super) struct StoredKey {
    pub slot: KeySlot,
    pub id: u32,
    pub version: u32,
    pub suite: SuiteId,
    pub created: DateTime<Utc>,
    pub active_from: DateTime<Utc>,
    pub secret: Zeroizing<Vec<u8>>,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: u32,
    slot: String,
    id: String,
    version: u32,
    suite: SuiteId,
    created: DateTime<Utc>,
    active_from: DateTime<Utc>,
    /// The master key that wraps the secret; absent in the master key's own file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrapped_by: Option<String>,
    /// Master key only: code over the other fields, keyed with the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check: Option<String>,
    secret: String,
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl KeyFile {
    /// The fields that the wrapping or the check covers.
    fn label(&self) -> Vec<u8> {
        let time = |t: DateTime<Utc>| t.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        format!(
            "fugong key {}|{}|{}|{}|{}|{}|{}|{}",
            self.format,
            self.slot,
            self.id,
            self.version,
            self.suite.number(),
            time(self.created),
            time(self.active_from),
            self.wrapped_by.as_deref().unwrap_or("-"),
        )
        .into_bytes()
    }
}

impl StoredKey {
    /// The file that holds the key: `field-0001.key`.
    pub fn file_name(&self) -> String {
        format!("{}-{:04}.key", self.slot, self.version)
    }

    fn describe(&self, wrapped_by: Option<&Self>) -> KeyFile {
        KeyFile {
            format: FORMAT,
            slot: self.slot.as_str().to_owned(),
            id: format!("{:08x}", self.id),
            version: self.version,
            suite: self.suite,
            created: self.created,
            active_from: self.active_from,
            wrapped_by: wrapped_by.map(|master| format!("{:08x}", master.id)),
            check: None,
            secret: String::new(),
        }
    }

    /// Writes the key into the directory, wrapped by `master` (none for a master key itself).
    /// The caller holds the directory's lock; an existing file of the name is replaced.
    pub fn write(&self, dir: &Path, master: Option<&Self>) -> Result<(), KeyringError> {
        let mut file = self.describe(master);
        if let Some(master) = master {
            let suite = master.suite.suite();
            let mut wrapped = token::random(suite.nonce_len());
            let sealed = suite.seal(&master.secret, &wrapped, &file.label(), &self.secret);
            wrapped.extend(sealed.map_err(|_| KeyringError::Random)?);
            file.secret = BASE64.encode(wrapped);
        } else {
            file.check = Some(check_of(self, &file));
            file.secret = BASE64.encode(self.secret.as_slice());
        }
        let path = dir.join(self.file_name());
        let text = serde_json::to_vec_pretty(&file).map(Zeroizing::new);
        let text = text.map_err(|e| KeyringError::Io { path: path.clone(), source: e.into() })?;
        write_whole(dir, &path, &text)
    }
}

fn check_of(master: &StoredKey, file: &KeyFile) -> String {
    hex::encode(master.suite.suite().mac(&master.secret, &[&file.label()]))
}

fn io_error(path: &Path) -> impl FnOnce(std::io::Error) -> KeyringError {
    let path = path.to_path_buf();
    move |source| KeyringError::Io { path, source }
}

fn write_whole(dir: &Path, path: &Path, text: &[u8]) -> Result<(), KeyringError> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(io_error(&beside))?;
    file.write_all(text).and_then(|()| file.sync_all()).map_err(io_error(&beside))?;
    fs::rename(&beside, path).map_err(io_error(path))?;
    sync_dir(dir)
}

/// Makes renames and deletions in the directory durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), KeyringError> {
    File::open(dir).and_then(|handle| handle.sync_all()).map_err(io_error(dir))
}

/// Creates the directory for its owner alone, if it does not exist.
pub(super) fn create_dir(dir: &Path) -> Result<(), KeyringError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(io_error(dir))
}

/// Takes the directory's lock, so that two commands do not write the same version. Released when dropped.
pub(super) fn lock(dir: &Path) -> Result<File, KeyringError> {
    let path = dir.join("lock");
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(io_error(&path))?;
    file.lock().map_err(io_error(&path))?;
    Ok(file)
}

/// The key files of a directory, sorted by name.
pub(super) fn key_paths(dir: &Path) -> Result<Vec<PathBuf>, KeyringError> {
    if !dir.is_dir() {
        return Err(KeyringError::Missing { dir: dir.to_path_buf() });
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(io_error(dir))? {
        let path = entry.map_err(io_error(dir))?.path();
        if path.extension().is_some_and(|extension| extension == "key") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// As [`read_all`], but waits while another process writes. Where no lock can be had (a read-only mount) there
/// is no writer either.
pub(super) fn read_settled(dir: &Path) -> Result<Vec<StoredKey>, KeyringError> {
    let lock = File::open(dir.join("lock")).ok().filter(|file| file.lock_shared().is_ok());
    let keys = read_all(dir);
    drop(lock);
    keys
}

/// Reads every key of a directory: the master keys first, then the others unwrapped by them.
pub(super) fn read_all(dir: &Path) -> Result<Vec<StoredKey>, KeyringError> {
    let files = key_paths(dir)?.into_iter().map(|path| read_file(&path).map(|file| (path, file)));
    let files: Vec<(PathBuf, KeyFile)> = files.collect::<Result<_, _>>()?;
    if files.is_empty() {
        return Err(KeyringError::Missing { dir: dir.to_path_buf() });
    }
    let (masters, others): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(_, file)| file.slot == KeySlot::Master.as_str());
    let mut keys =
        masters.iter().map(|(path, file)| open_master(path, file)).collect::<Result<Vec<_>, _>>()?;
    for (path, file) in &others {
        let wrapped_by = file.wrapped_by.as_deref().unwrap_or_default();
        let master =
            keys.iter().find(|key| key.slot == KeySlot::Master && format!("{:08x}", key.id) == wrapped_by);
        let master = master.ok_or_else(|| KeyringError::MissingMaster { path: path.clone() })?;
        let key = open_wrapped(path, file, master)?;
        keys.push(key);
    }
    Ok(keys)
}

fn read_file(path: &Path) -> Result<KeyFile, KeyringError> {
    check_mode(path)?;
    let corrupt = |reason| KeyringError::Corrupt { path: path.to_path_buf(), reason };
    let mut text = Zeroizing::new(Vec::new());
    File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut text)).map_err(io_error(path))?;
    let FormatOnly { format } = serde_json::from_slice(&text).map_err(|_| corrupt("it is not a key file"))?;
    if format > FORMAT {
        return Err(KeyringError::NewerFormat { path: path.to_path_buf(), format });
    }
    serde_json::from_slice(&text).map_err(|_| corrupt("a field is missing, unknown or has the wrong form"))
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), KeyringError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_err(io_error(path))?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyringError::Permissions { path: path.to_path_buf(), mode }) }
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), KeyringError> {
    Ok(())
}

fn open_master(path: &Path, file: &KeyFile) -> Result<StoredKey, KeyringError> {
    let key = stored(path, file, decode(path, &file.secret)?)?;
    let expected = file.check.as_deref().unwrap_or_default();
    if !token::same(check_of(&key, file).as_bytes(), expected.as_bytes()) {
        return Err(KeyringError::Corrupt {
            path: path.to_path_buf(),
            reason: "its check does not fit its content",
        });
    }
    Ok(key)
}

fn open_wrapped(path: &Path, file: &KeyFile, master: &StoredKey) -> Result<StoredKey, KeyringError> {
    let corrupt = |reason| KeyringError::Corrupt { path: path.to_path_buf(), reason };
    let wrapped = decode(path, &file.secret)?;
    let suite = master.suite.suite();
    let parts = wrapped.split_at_checked(suite.nonce_len());
    let (nonce, sealed) = parts.ok_or_else(|| corrupt("its secret is cut short"))?;
    let secret = suite.open(&master.secret, nonce, &file.label(), sealed);
    stored(path, file, secret.map_err(|_| corrupt("its secret does not open with its master key"))?)
}

fn decode(path: &Path, text: &str) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
    let reason = "its secret is not base64";
    BASE64
        .decode(text)
        .map(Zeroizing::new)
        .map_err(|_| KeyringError::Corrupt { path: path.to_path_buf(), reason })
}

fn stored(path: &Path, file: &KeyFile, secret: Zeroizing<Vec<u8>>) -> Result<StoredKey, KeyringError> {
    let corrupt = |reason| KeyringError::Corrupt { path: path.to_path_buf(), reason };
    let key = StoredKey {
        slot: KeySlot::from_name(&file.slot).ok_or_else(|| corrupt("its slot is unknown"))?,
        id: u32::from_str_radix(&file.id, 16).map_err(|_| corrupt("its id is not hexadecimal"))?,
        version: file.version,
        suite: file.suite,
        created: file.created,
        active_from: file.active_from,
        secret,
    };
    if path.file_name().is_none_or(|name| name != key.file_name().as_str()) {
        return Err(corrupt("its name does not fit its content"));
    }
    if !matches!(key.slot, KeySlot::Signing(_)) && key.secret.len() != key.suite.suite().key_len() {
        return Err(corrupt("its secret has the wrong length"));
    }
    Ok(key)
}
