//! The keyring: every key of a deployment, by use and version, from a directory of files.
//!
//! Envelope encryption: data keys are wrapped by a master key on disk, so replacing the master key touches a dozen
//! small files and no row. Replacing a data key adds a version: new values use it from its `active_from`, old values
//! stay readable. All processes read the directory again from time to time ([`Keyring::reload`]) and so know a key
//! before anybody uses it. Which key is current is decided when the directory is read, so that the hot paths need
//! no clock.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::keyfile::{self, StoredKey};
use super::signing::SigningKey;
use super::slot::{KeySlot, Purpose, SigningUsage};
use super::suite::SuiteId;
use super::{CryptoError, token};

/// Why a keyring could not be read or written. Names files and slots, never a secret.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The directory does not exist or holds no key.
    #[error("{} holds no keys; make them with `fugong keys init`", dir.display())]
    Missing {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory already holds keys.
    #[error("{} already holds keys", dir.display())]
    Exists {
        /// The directory.
        dir: PathBuf,
    },
    /// A slot has no key (an interrupted `init`, or keys made by an earlier program).
    #[error("the keyring has no key for {slot}; `fugong keys init` adds what is missing")]
    Incomplete {
        /// The first slot without a key.
        slot: KeySlot,
    },
    /// Others than the owner may read the file.
    #[error("{} has mode {mode:04o}: others could read it; it must be 0600", path.display())]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is damaged, was edited or is no key file.
    #[error("{} is not a usable key file: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file was written by a newer program.
    #[error("{} has format {format}, which this program does not know; use a newer one", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// The master key that wraps the file's key is not in the directory.
    #[error("{} is wrapped by a master key that is not in the directory", path.display())]
    MissingMaster {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// No random numbers, or a key could not be made of them.
    #[error("a key could not be made")]
    Random,
}

/// What a list of keys shows: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// The use.
    pub slot: KeySlot,
    /// The id that sealed values carry.
    pub id: u32,
    /// Counts the keys of a slot from 1.
    pub version: u32,
    /// The algorithms it is used with.
    pub suite: SuiteId,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// From when it is used.
    pub active_from: DateTime<Utc>,
    /// Whether it is the one in use.
    pub current: bool,
    /// Signing keys: the key id that documents carry.
    pub kid: Option<[u8; 8]>,
}

/// The keys of one purpose, newest first.
pub(super) struct DataKeys {
    pub current: Arc<StoredKey>,
    pub all: Vec<Arc<StoredKey>>,
}

struct SigningKeys {
    current: Arc<SigningKey>,
    all: Vec<Arc<SigningKey>>,
}

/// One reading of the directory.
pub(super) struct State {
    as_of: DateTime<Utc>,
    keys: Vec<Arc<StoredKey>>,
    pub field: DataKeys,
    pub blind_index: DataKeys,
    pub session: DataKeys,
    pub pseudonym: DataKeys,
    signing: BTreeMap<SigningUsage, SigningKeys>,
}

/// Every key of a deployment. Shared by reference; reading never waits for long, and all methods take `&self`.
pub struct Keyring {
    dir: Option<PathBuf>,
    state: RwLock<Arc<State>>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys, {:?})", self.state().keys.len(), self.dir)
    }
}

impl Keyring {
    /// Makes a directory (mode 0700) with one key for each slot (files with mode 0600) and opens it.
    ///
    /// # Errors
    /// [`KeyringError::Exists`] when the directory holds any key.
    pub fn create(dir: &Path, now: DateTime<Utc>) -> Result<Self, KeyringError> {
        keyfile::create_dir(dir)?;
        if !keyfile::key_paths(dir)?.is_empty() {
            return Err(KeyringError::Exists { dir: dir.to_path_buf() });
        }
        Self::complete(dir, now)?;
        Self::open(dir, now)
    }

    /// Makes keys for the slots that have none, in an existing directory. Gives the slots that were filled.
    ///
    /// # Errors
    /// As [`Keyring::open`], an incomplete ring excepted.
    pub fn complete(dir: &Path, now: DateTime<Utc>) -> Result<Vec<KeySlot>, KeyringError> {
        let _lock = keyfile::lock(dir)?;
        let mut keys = if keyfile::key_paths(dir)?.is_empty() { Vec::new() } else { keyfile::read_all(dir)? };
        let mut filled = Vec::new();
        for slot in KeySlot::ALL {
            if keys.iter().all(|key| key.slot != slot) {
                let key = new_key(slot, &keys, now, now)?;
                key.write(dir, newest_master(&keys))?;
                keys.push(key);
                filled.push(slot);
            }
        }
        Ok(filled)
    }

    /// Opens a directory of keys; those whose time has come by `now` are current.
    ///
    /// # Errors
    /// The first thing that is wrong, naming the file: see [`KeyringError`].
    pub fn open(dir: &Path, now: DateTime<Utc>) -> Result<Self, KeyringError> {
        let state = State::build(keyfile::read_settled(dir)?.into_iter().map(Arc::new).collect(), now)?;
        Ok(Self { dir: Some(dir.to_path_buf()), state: RwLock::new(Arc::new(state)) })
    }

    /// A ring that lives in memory only, for tests: what it seals is lost with it.
    ///
    /// # Errors
    /// [`KeyringError::Random`] when the system gives no random numbers.
    pub fn ephemeral() -> Result<Self, KeyringError> {
        let now = DateTime::UNIX_EPOCH;
        let mut keys = Vec::new();
        for slot in KeySlot::ALL {
            let key = new_key(slot, &keys, now, now)?;
            keys.push(key);
        }
        let state = State::build(keys.into_iter().map(Arc::new).collect(), now)?;
        Ok(Self { dir: None, state: RwLock::new(Arc::new(state)) })
    }

    /// Reads the directory again: keys made by others are known, keys whose time has come by `now` are used.
    /// Call it every minute. On an error the ring stays as it was.
    ///
    /// # Errors
    /// As [`Keyring::open`].
    pub fn reload(&self, now: DateTime<Utc>) -> Result<(), KeyringError> {
        let keys = match &self.dir {
            Some(dir) => keyfile::read_settled(dir)?.into_iter().map(Arc::new).collect(),
            None => self.state().keys.clone(),
        };
        self.replace(State::build(keys, now)?);
        Ok(())
    }

    /// Adds a key to a slot, to be used from `active_from`; earlier keys stay for reading and verifying.
    /// Give other processes, and for signing keys the partners, time to learn of it: use `active_from` = `now`
    /// only where nobody else holds the ring. The master key is replaced at once, and all files are wrapped anew.
    ///
    /// # Errors
    /// As [`Keyring::open`], and when a file cannot be written.
    pub fn rotate(
        &self,
        slot: KeySlot,
        now: DateTime<Utc>,
        active_from: DateTime<Utc>,
    ) -> Result<KeyInfo, KeyringError> {
        let id = match &self.dir {
            Some(dir) => {
                let id = rotate_on_disk(dir, slot, now, active_from)?;
                self.reload(now)?;
                id
            }
            None => {
                let mut keys = self.state().keys.clone();
                let key = new_key(slot, &keys, now, active_from)?;
                let id = key.id;
                keys.push(Arc::new(key));
                self.replace(State::build(keys, now)?);
                id
            }
        };
        self.list().into_iter().find(|info| info.id == id).ok_or(KeyringError::Incomplete { slot })
    }

    /// Every key, by slot and version.
    #[must_use]
    pub fn list(&self) -> Vec<KeyInfo> {
        let state = self.state();
        state.keys.iter().map(|key| state.info(key)).collect()
    }

    /// The pair that signs for a usage now.
    ///
    /// # Errors
    /// [`CryptoError::NoKey`] (cannot happen with an opened ring, which is complete).
    pub fn signing_key(&self, usage: SigningUsage) -> Result<Arc<SigningKey>, CryptoError> {
        let state = self.state();
        let keys = state.signing.get(&usage).ok_or(CryptoError::NoKey(KeySlot::Signing(usage)))?;
        Ok(Arc::clone(&keys.current))
    }

    /// Every pair of a usage, newest first: those to come and those of the past are to be published too.
    #[must_use]
    pub fn signing_keys(&self, usage: SigningUsage) -> Vec<Arc<SigningKey>> {
        self.state().signing.get(&usage).map(|keys| keys.all.clone()).unwrap_or_default()
    }

    /// The present state. A poisoned lock is no danger: the value is always replaced as a whole.
    pub(super) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    /// The field key with this id; the directory is read again when it is not known.
    pub(super) fn field_key(&self, id: u32) -> Option<Arc<StoredKey>> {
        let state = self.state();
        state.field_key(id).or_else(|| {
            self.dir.as_ref()?;
            self.reload(state.as_of).ok()?;
            self.state().field_key(id)
        })
    }
}

impl State {
    fn build(mut keys: Vec<Arc<StoredKey>>, as_of: DateTime<Utc>) -> Result<Self, KeyringError> {
        keys.sort_by_key(|key| (key.slot, key.version));
        let data = |purpose| data_keys(&keys, KeySlot::Data(purpose), as_of);
        let mut signing = BTreeMap::new();
        for slot in KeySlot::ALL {
            if let KeySlot::Signing(usage) = slot {
                signing.insert(usage, signing_keys(&data_keys(&keys, slot, as_of)?, usage)?);
            }
        }
        Ok(Self {
            as_of,
            field: data(Purpose::Field)?,
            blind_index: data(Purpose::BlindIndex)?,
            session: data(Purpose::Session)?,
            pseudonym: data(Purpose::Pseudonym)?,
            signing,
            keys,
        })
    }

    fn field_key(&self, id: u32) -> Option<Arc<StoredKey>> {
        self.field.all.iter().find(|key| key.id == id).map(Arc::clone)
    }

    fn info(&self, key: &StoredKey) -> KeyInfo {
        let current = data_keys(&self.keys, key.slot, self.as_of).is_ok_and(|keys| keys.current.id == key.id);
        let kid = match key.slot {
            KeySlot::Signing(usage) => self.signing.get(&usage).and_then(|keys| {
                keys.all.iter().find(|pair| pair.version() == key.version).map(|pair| pair.kid())
            }),
            _ => None,
        };
        let StoredKey { slot, id, version, suite, created, active_from, .. } = *key;
        KeyInfo { slot, id, version, suite, created, active_from, current, kid }
    }
}

/// The keys of a slot, newest first; current is the newest whose time has come, or else the oldest.
fn data_keys(keys: &[Arc<StoredKey>], slot: KeySlot, as_of: DateTime<Utc>) -> Result<DataKeys, KeyringError> {
    let all: Vec<_> = keys.iter().rev().filter(|key| key.slot == slot).map(Arc::clone).collect();
    let current = all.iter().find(|key| key.active_from <= as_of).or_else(|| all.last());
    let current = Arc::clone(current.ok_or(KeyringError::Incomplete { slot })?);
    Ok(DataKeys { current, all })
}

fn signing_keys(keys: &DataKeys, usage: SigningUsage) -> Result<SigningKeys, KeyringError> {
    let pairs = keys.all.iter().map(|key| SigningKey::from_stored(key, usage).map(Arc::new));
    let all = pairs.collect::<Result<Vec<_>, _>>()?;
    let current = all.iter().find(|pair| pair.version() == keys.current.version).map(Arc::clone);
    Ok(SigningKeys {
        current: current.ok_or(KeyringError::Incomplete { slot: KeySlot::Signing(usage) })?,
        all,
    })
}

fn newest_master<K: std::borrow::Borrow<StoredKey>>(keys: &[K]) -> Option<&StoredKey> {
    let masters = keys.iter().map(std::borrow::Borrow::borrow).filter(|key| key.slot == KeySlot::Master);
    masters.max_by_key(|key| key.version)
}

/// The next key of a slot, with an id that no key of the ring has.
fn new_key<K: std::borrow::Borrow<StoredKey>>(
    slot: KeySlot,
    keys: &[K],
    now: DateTime<Utc>,
    active_from: DateTime<Utc>,
) -> Result<StoredKey, KeyringError> {
    let keys = || keys.iter().map(std::borrow::Borrow::borrow);
    let suite = SuiteId::International;
    let version = keys().filter(|key| key.slot == slot).map(|key| key.version).max().unwrap_or(0);
    let id = std::iter::repeat_with(rand::random::<u32>)
        .find(|id| *id != 0 && keys().all(|key| key.id != *id))
        .ok_or(KeyringError::Random)?;
    let secret = match slot {
        KeySlot::Signing(_) => SigningKey::generate()?,
        KeySlot::Master | KeySlot::Data(_) => Zeroizing::new(token::random(suite.suite().key_len())),
    };
    Ok(StoredKey { slot, id, version: version.saturating_add(1), suite, created: now, active_from, secret })
}

/// Under the directory's lock: writes the new key; for a master key, wraps all others anew. Gives the new key's id.
fn rotate_on_disk(
    dir: &Path,
    slot: KeySlot,
    now: DateTime<Utc>,
    active_from: DateTime<Utc>,
) -> Result<u32, KeyringError> {
    let _lock = keyfile::lock(dir)?;
    let keys = keyfile::read_all(dir)?;
    let active_from = if slot == KeySlot::Master { now } else { active_from };
    let key = new_key(slot, &keys, now, active_from)?;
    if slot != KeySlot::Master {
        key.write(dir, newest_master(&keys))?;
        return Ok(key.id);
    }
    // Both master keys lie there until every file names the new one: a crash in between leaves a readable ring.
    key.write(dir, None)?;
    for other in keys.iter().filter(|other| other.slot != KeySlot::Master) {
        other.write(dir, Some(&key))?;
    }
    for old in keys.iter().filter(|old| old.slot == KeySlot::Master) {
        let path = dir.join(old.file_name());
        fs::remove_file(&path).map_err(|source| KeyringError::Io { path, source })?;
    }
    keyfile::sync_dir(dir)?;
    Ok(key.id)
}
