//! Principals beside people: other systems (clients), devices and partner provinces, each with a key of its own. A request of
//! theirs is signed (RFC 9421); [`proof`] checks that, [`Signed`] and [`Caller`] hand it to a handler.

mod asked;
mod paths;
mod proof;
mod signed;
mod stored;

pub use paths::SignedPaths;
pub use proof::{CLOCK, Proof};
pub use signed::{Asks, Caller, Signed};
pub use stored::Programs;
pub(crate) use stored::{secret_context, sweep};

use crate::db::Id;
use crate::signature::Key;
use chrono::{DateTime, Utc};
use std::fmt;
use std::str::FromStr;

/// What kind of program has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Another system, such as an employer's or a county's.
    Client,
    /// A device, such as a gate.
    Device,
    /// A partner province.
    Partner,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Client, Self::Device, Self::Partner];

    /// The stored code; also the beginning of its keys' names.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Device => "device",
            Self::Partner => "partner",
        }
    }

    /// That of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What a client may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Learn as whom it is recognised: every key may.
    Own,
    /// Look up many numbers of permits and filings at once.
    Register,
}

impl Scope {
    /// Those that an administrator gives or does not give.
    pub const GIVEN: [Self; 1] = [Self::Register];

    /// The stored code; also the catalogue key `key-scope-<code>`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Register => "register",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Scope {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        Self::GIVEN.into_iter().find(|scope| scope.code() == code).ok_or(())
    }
}

/// What verifies signatures of a key, for as long as it does.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    key: Key,
    /// SHA-256 of the certificate that a partner shows.
    certificate: Option<[u8; 32]>,
    ends_at: Option<DateTime<Utc>>,
}

/// A program and what its key may do.
#[derive(Debug, Clone)]
pub struct Program {
    /// The key's identifier.
    pub id: Id,
    /// The name of the key, as signatures give it.
    pub keyid: String,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// The division code of a partner province.
    pub province: Option<String>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Requests in a minute.
    pub per_minute: i32,
    /// Requests in a day of China.
    pub per_day: i32,
    /// From when on the key does not count any more.
    pub expires_at: DateTime<Utc>,
    pub(crate) revoked: bool,
    pub(crate) secrets: Vec<Secret>,
}

impl Program {
    /// Whether it may do this.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        scope == Scope::Own || self.scopes.contains(&scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
        for scope in Scope::GIVEN {
            assert_eq!(scope.code().parse(), Ok(scope));
        }
        assert_eq!("own".parse::<Scope>(), Err(()), "nobody has to give it");
        assert_eq!(Kind::from_code("person"), None);
    }
}
