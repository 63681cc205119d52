//! Signed health documents: the HCERT chain, trust list and status list. No SQL, no HTTP, no clock.
//!
//! CBOR claims (CWT, RFC 8392) → COSE_Sign1 (RFC 9052) → zlib (RFC 1950) → base45 (RFC 9285) → `HC1:` text.
//! A partner province trusts such a text offline in well under a millisecond: [`issue::issue`] makes one,
//! [`verify::verify`] gives one of ten verdicts. `docs/hcert.md` describes the wire formats for implementers.

pub mod agreements;
pub mod answer;
pub mod base45;
pub mod cbor;
pub mod cose;
pub mod cwt;
pub mod documents;
pub mod eu;
pub mod examples;
pub mod issue;
pub mod json;
pub mod keys;
pub mod measure;
pub mod status;
pub mod trust;
mod trust_codec;
pub mod trusted;
pub mod verify;
pub mod zlib;

pub use agreements::{Agreement, Agreements, Direction, DocumentKind};
pub use cwt::{Claims, Document, StatusReference};
pub use documents::{Colour, Conclusion, HealthCodeClaim, Holder, ReturnCertificateClaim};
pub use issue::issue;
pub use keys::{Algorithm, Es256Signer, KeyId, Signer, VerificationKey};
pub use status::{EntryStatus, StatusBits, StatusList, StatusLookup, StatusView};
pub use trust::{Roots, TrustEntry, TrustList, TrustStore};
pub use trusted::{CertificateTrust, KeyIndex, KeySource, TrustedKey, Usage};
pub use verify::{Step, Verdict, Verification, VerifyOptions, verify};

#[cfg(test)]
#[path = "../../../src/counting.rs"]
mod counting;
