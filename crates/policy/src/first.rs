//! The first policy, carried in the program so that a fresh installation has sound rules: the table that
//! Sichuan published in 2021, the certificate rules and the reopening rules of spring 2020. A province
//! replaces it by documents of its own.

use super::ruleset::{RuleSet, SourceIssue};
use std::sync::{Arc, LazyLock};

/// The documents of the first policy, as (name, text).
pub const DOCUMENTS: [(&str, &str); 5] = [
    ("colour.toml", include_str!("../../../policy/colour.toml")),
    ("certificate.toml", include_str!("../../../policy/certificate.toml")),
    ("effects.toml", include_str!("../../../policy/effects.toml")),
    ("reopening.toml", include_str!("../../../policy/reopening.toml")),
    ("retention.toml", include_str!("../../../policy/retention.toml")),
];

/// The first policy; read once.
///
/// # Errors
/// Never, unless the embedded documents are edited into something unsound; a test watches over that.
pub fn first_policy() -> Result<Arc<RuleSet>, Vec<SourceIssue>> {
    static FIRST: LazyLock<Result<Arc<RuleSet>, Vec<SourceIssue>>> =
        LazyLock::new(|| RuleSet::parse(&DOCUMENTS).map(Arc::new));
    FIRST.clone()
}
