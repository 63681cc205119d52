//! HTTP message signatures (RFC 9421) as programs send them: one signature over the method, the target and the digest of the
//! body (RFC 9530), written as structured fields (RFC 8941).
//!
//! Read strictly: what the standard does not allow, or what could be read in two ways, is a [`Fault`] and no guess. Nothing
//! here knows a clock, a database or a web server: the caller gives the [`Message`], looks the key up by [`Claim::keyid`] and
//! asks [`Key::verifies`].

mod base;
mod claim;
mod digest;
mod fields;
mod key;

#[cfg(test)]
mod vectors_tests;

pub use base::Message;
pub use claim::{Claim, MAX_FIELD};
pub use digest::Digest;
pub use fields::{Bare, Item, List, Member, Parameters, dictionary};
pub use key::{Algorithm, Key, KeyFault};

/// Why a signature is not accepted before any key is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Neither `Signature-Input` nor `Signature`.
    #[error("there is no signature")]
    Missing,
    /// The fields are no structured fields, or do not fit each other.
    #[error("the signature fields cannot be read")]
    Malformed,
    /// More than one signature: which of them counts would be a guess.
    #[error("there is more than one signature")]
    Several,
    /// A parameter is not there or is not of its kind.
    #[error("the parameter {0} is missing or is not what it should be")]
    Parameter(&'static str),
    /// What has to be signed is not.
    #[error("{0} is not covered")]
    Uncovered(&'static str),
    /// A component that is not there, is named twice, or is none that is known here.
    #[error("a covered component is unknown, doubled or absent")]
    Component,
    /// `Content-Digest` has no SHA-256.
    #[error("the digest cannot be read")]
    Digest,
}
