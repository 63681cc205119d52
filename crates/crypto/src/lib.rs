//! Crypto suites, field encryption, blind indexes and the keyring.
//!
//! Personal data is unreadable without the keys that live outside the database (Cybersecurity MLPS level 3,
//! PIPL art. 51): every personal column is sealed under its table, column and row, persons are found by keyed
//! blind indexes only, and every key can be replaced while the program runs.
//!
//! The layers, from below: [`Suite`] (which algorithms), [`Keyring`] (which keys, from a directory of files),
//! its [`Keyring::seal`] / [`Keyring::open`] (fields), [`FileKey`] (files, piece by piece) and [`Keyring::blind`] (search), and beside them
//! [`token`] and [`password`] for signing in. No SQL, no HTTP, no clock: the caller passes `now`.

mod blind;
mod chunks;
mod field;
mod keyfile;
mod keyring;
pub mod password;
mod signing;
mod slot;
mod suite;
pub mod token;

#[cfg(test)]
mod keyring_tests;

pub use blind::MacPurpose;
pub use chunks::{CHUNK, FileKey, Layout, Pieces};
pub use field::FieldContext;
pub use keyring::{KeyInfo, Keyring, KeyringError};
pub use signing::SigningKey;
pub use slot::{KeySlot, Purpose, SigningUsage};
pub use suite::{International, Suite, SuiteId};

/// Why sealed bytes could not be made or opened. The text never holds what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// Too short to be sealed bytes.
    #[error("the sealed bytes are cut short")]
    Malformed,
    /// Sealed by a newer program.
    #[error("the sealed bytes have the unknown header version {0}")]
    Version(u8),
    /// Sealed with a suite that this program does not have.
    #[error("the sealed bytes name the unknown crypto suite {0}")]
    Suite(u8),
    /// Sealed with a key that is not in the keyring: another deployment's data, or a lost key file.
    #[error("the key {0:08x} is not in the keyring")]
    UnknownKey(u32),
    /// Altered, or moved to another table, column or row.
    #[error("the sealed bytes were altered or belong elsewhere")]
    Refused,
    /// The algorithm refused to seal (a plaintext beyond its limit).
    #[error("the value could not be sealed")]
    Seal,
    /// Opened, but not the text or JSON that the caller expects.
    #[error("the opened bytes do not have the expected form")]
    Form,
    /// The keyring has no key for the use.
    #[error("the keyring has no key for {0}")]
    NoKey(KeySlot),
    /// The signature could not be made.
    #[error("the signature could not be made")]
    Sign,
}
