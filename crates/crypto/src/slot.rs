//! The places in a keyring: what each key may be used for. A key never serves two uses.

use std::fmt;

/// Uses of the symmetric data keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// Encrypts personal columns, drafts, outbox bodies and job payloads.
    Field,
    /// Computes blind indexes.
    BlindIndex,
    /// Authenticates what is handed to browsers and comes back: CSRF tokens, signed cookies, cursors.
    Session,
    /// Computes the pairwise pseudonyms that a partner sees (exchange protocol, minimisation).
    Pseudonym,
}

/// Uses of the ES256 signing keys. Verifiers look a key up by its use, so a key leaked from one cannot serve another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SigningUsage {
    /// Health code tokens.
    Code,
    /// Return-to-work certificates.
    Certificate,
    /// Status lists.
    Status,
    /// Heads of the audit tree.
    Audit,
    /// Receipts for submissions and for partners' messages.
    Receipt,
    /// HTTP message signatures between provinces.
    Transport,
}

/// A place in the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeySlot {
    /// The key that wraps all others on disk.
    Master,
    /// A symmetric key.
    Data(Purpose),
    /// A key pair.
    Signing(SigningUsage),
}

impl KeySlot {
    /// Every place, the master key first.
    pub const ALL: [Self; 11] = [
        Self::Master,
        Self::Data(Purpose::Field),
        Self::Data(Purpose::BlindIndex),
        Self::Data(Purpose::Session),
        Self::Data(Purpose::Pseudonym),
        Self::Signing(SigningUsage::Code),
        Self::Signing(SigningUsage::Certificate),
        Self::Signing(SigningUsage::Status),
        Self::Signing(SigningUsage::Audit),
        Self::Signing(SigningUsage::Receipt),
        Self::Signing(SigningUsage::Transport),
    ];

    /// Stable name, used in file names, on the command line and in lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Data(Purpose::Field) => "field",
            Self::Data(Purpose::BlindIndex) => "blind-index",
            Self::Data(Purpose::Session) => "session",
            Self::Data(Purpose::Pseudonym) => "pseudonym",
            Self::Signing(SigningUsage::Code) => "sign-code",
            Self::Signing(SigningUsage::Certificate) => "sign-certificate",
            Self::Signing(SigningUsage::Status) => "sign-status",
            Self::Signing(SigningUsage::Audit) => "sign-audit",
            Self::Signing(SigningUsage::Receipt) => "sign-receipt",
            Self::Signing(SigningUsage::Transport) => "sign-transport",
        }
    }

    /// The place with this name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.as_str() == name)
    }
}

impl fmt::Display for KeySlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
