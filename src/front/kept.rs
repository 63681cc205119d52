//! How long it is kept what was used once: by its own job until it would be refused anyway ([`super::jobs`]), and in no case
//! longer than a day after that.

use crate::kept::{Kind, PLAIN};

/// Numbers of signed messages that count once.
pub const KEPT: &[Kind] = &[Kind {
    name: "nonce",
    table: "program_nonces",
    key: &["key_id", "nonce"],
    clock: "t.expires_at",
    ..PLAIN
}];
