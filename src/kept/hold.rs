//! What is held back from destruction, as a condition.

use super::Kind;
use chrono::Duration;

/// A hold that nobody has confirmed stands this long.
pub const UNCONFIRMED: Duration = Duration::days(7);

/// That a hold in force names something; `:names` is what names a row.
pub const HELD: &str = "EXISTS (SELECT 1 FROM retention_holds h WHERE h.until > :now AND (h.state = 'confirmed' \
    OR (h.state = 'open' AND h.created_at > :lapsed)) AND (:names))";

/// How holds name the rows of a kind; `None` for what cannot be held.
pub fn held(kind: &Kind) -> Option<String> {
    let mut names = Vec::new();
    if kind.number.is_some() {
        names.extend(kind.key.first().map(|key| format!("h.object_id = t.{key}")));
    }
    names.extend(kind.owner.person.map(|person| format!("h.person_id = {person}")));
    (!names.is_empty() && kind.name != "hold").then(|| names.join(" OR "))
}
