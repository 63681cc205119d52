//! What is asked of the counter's list of rights.

use serde::Deserialize;

/// What is asked of the counter's list.
#[derive(Debug, Default, Clone, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct Query {
    q: String,
    after: String,
}

impl Query {
    /// What is looked for by number.
    pub(super) fn wanted(&self) -> &str {
        &self.q
    }

    /// The query that looks for one number.
    pub(super) fn of_number(number: &str) -> Self {
        Self { q: number.to_owned(), ..Self::default() }
    }

    /// The place from which the list goes on.
    pub(super) fn after(&self) -> Option<&str> {
        Some(self.after.as_str()).filter(|after| !after.is_empty())
    }
}
