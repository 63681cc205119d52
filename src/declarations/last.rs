//! Where somebody's last declaration stands, for the page of their code.

use super::{stale, store};
use crate::db::{Conn, Id};
use crate::error::AppResult;
use chrono::{DateTime, Utc};

/// The last declaration of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// Its number.
    pub number: String,
    /// Whether its person can correct it now; then a new one is not taken.
    pub correctable: bool,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// The last declaration of an account or its person; none where none was sent.
///
/// # Errors
/// Database errors.
pub fn last(conn: &mut Conn, account: Id, person: Id) -> AppResult<Option<Last>> {
    let found = store::mine(conn, account, Some(person), 1)?;
    Ok(found.into_iter().next().map(|row| Last {
        correctable: stale::is_correctable(&row),
        withdrawn_at: (row.state == "withdrawn").then_some(row.updated_at.0),
        number: row.number,
    }))
}
