//! A correction that was begun and can no longer be sent, because the declaration has moved on since.

use super::mine::state_word;
use super::store::{self, Row};
use crate::db::{Conn, Id};
use crate::error::{AppError, AppResult};
use crate::web::i18n::Lang;
use serde::Serialize;
use utoipa::ToSchema;

/// Why the draft of a correction leads nowhere, for the pages that would go on with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StaleDraft)]
pub(super) struct Stale {
    /// The declaration that it corrects.
    pub number: String,
    /// The state of that one in words; empty where it is gone.
    pub word: String,
    /// Whether it can be corrected no more: confirmed, decided, over or gone. Else the office has acted since, and the
    /// correction has to begin anew with what stands there now.
    pub locked: bool,
}

/// Whether a declaration can still be corrected by its person.
pub(super) fn is_correctable(row: &Row) -> bool {
    matches!(row.state.as_str(), "submitted" | "community-checked" | "returned")
}

/// [`is_correctable`], for whoever asks to correct it.
///
/// # Errors
/// [`AppError::Conflict`] `declaration-locked`.
pub(super) fn correctable(row: &Row) -> AppResult<()> {
    if is_correctable(row) { Ok(()) } else { Err(AppError::conflict("declaration-locked")) }
}

/// What there is to say of a draft; none where it can be sent.
///
/// # Errors
/// Database errors.
pub(super) fn of(
    conn: &mut Conn,
    account: Id,
    person: Option<Id>,
    draft: &Row,
    lang: Lang,
) -> AppResult<Option<Stale>> {
    let Some((number, version)) = draft.corrects() else { return Ok(None) };
    let row = match store::own(conn, account, person, number) {
        Ok(row) => Some(row),
        Err(AppError::NotFound) => None,
        Err(e) => return Err(e),
    };
    let locked = !row.as_ref().is_some_and(is_correctable);
    if !locked && row.as_ref().is_some_and(|row| row.version == version) {
        return Ok(None);
    }
    let word = row.map(|row| state_word(lang, &row.state)).unwrap_or_default();
    Ok(Some(Stale { number: number.to_owned(), word, locked }))
}
