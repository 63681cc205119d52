//! `Content-Digest` (RFC 9530) with SHA-256.

use crate::Fault;
use crate::fields::{Bare, Item, Member, dictionary};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// What a message says its body's digest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Reads the field; digests by other algorithms beside it are passed over, as RFC 9530, section 2 allows.
    ///
    /// # Errors
    /// [`Fault::Digest`] for what is no such field, or has no SHA-256 of 32 bytes.
    pub fn read(field: &str) -> Result<Self, Fault> {
        let members = dictionary(field).ok_or(Fault::Digest)?;
        let found = members.into_iter().find(|(name, _)| name == "sha-256").map(|(_, member)| member);
        match found {
            Some(Member::Item(Item { bare: Bare::Bytes(bytes), .. })) => {
                bytes.try_into().map(Self).map_err(|_| Fault::Digest)
            }
            _ => Err(Fault::Digest),
        }
    }

    /// Whether a body has it.
    #[must_use]
    pub fn is_of(&self, body: &[u8]) -> bool {
        Sha256::digest(body).as_slice().ct_eq(&self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9530, appendix D, "Example of Content-Digest": the body of 18 bytes and a line end, and its digest.
    const BODY: &[u8] = b"{\"hello\": \"world\"}\n";
    const FIELD: &str = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";

    #[test]
    fn the_published_example_holds_and_nothing_else() {
        let digest = Digest::read(FIELD).unwrap_or(Digest([0; 32]));
        assert!(digest.is_of(BODY) && !digest.is_of(b"{\"hello\": \"world\"}") && !digest.is_of(b""));
        let both = format!("sha-512=:YWJj:, {FIELD}");
        assert_eq!(Digest::read(&both), Ok(digest));
        for none in [
            "",
            "sha-256",
            "sha-256=abc",
            "sha-256=:YWJj:",
            "sha-512=:YWJj:",
            "sha-256=(:YWJj:)",
            "SHA-256=:YWJj:",
        ] {
            assert_eq!(Digest::read(none), Err(Fault::Digest), "{none}");
        }
    }
}
