//! Where somebody's last declaration stands, for the page of their code.

use super::{stale, store};
use crate::colour::Last;
use crate::db::{Conn, Id};
use crate::error::AppResult;

/// The last declaration of an account or its person; none where none was sent.
///
/// # Errors
/// Database errors.
pub(super) fn last(conn: &mut Conn, account: Id, person: Id) -> AppResult<Option<Last>> {
    let found = store::mine(conn, account, Some(person), 1)?;
    Ok(found.into_iter().next().map(|row| Last {
        correctable: stale::is_correctable(&row),
        withdrawn_at: (row.state == "withdrawn").then_some(row.updated_at.0),
        number: row.number,
    }))
}
