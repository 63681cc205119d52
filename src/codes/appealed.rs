//! Ends of findings that a reviewer entered on an appeal: the appeal waits until they are confirmed or refused.

use super::ends;
use super::model::{EndRow, RecordRow};
use super::store_ends;
use crate::appeals::{self, Waiting};
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::error::AppResult;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};

/// The appeal that waits for an end.
pub(super) fn of(conn: &mut Conn, end: &EndRow) -> AppResult<Option<Waiting>> {
    end.appeal_id.map_or(Ok(None), |id| appeals::waiting_for(conn, id))
}

/// That an end was entered on an appeal, and by when that is to be decided.
pub(super) fn words(appeal: &Waiting, lang: Lang, now: DateTime<Utc>) -> String {
    let number = ("number", appeal.number.clone().into());
    match appeal.due {
        Some(due) if due < now => {
            t(lang, "end-on-appeal-late", &[number, ("due", format::limit(lang, due, now).into())])
        }
        Some(due) => t(lang, "end-on-appeal", &[number, ("due", format::limit(lang, due, now).into())]),
        None => t(lang, "end-on-appeal-open", &[number]),
    }
}

/// Enters the end of a finding for an appeal; one that waits already becomes the appeal's.
pub(super) fn add(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: &OfficialPrincipal,
    record: &RecordRow,
    (reason, appeal): (&str, Id),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let waits = ends::add(tx, keys, by, record, (reason, Some(appeal)), now)?
        || store_ends::take_along(tx, record.id, appeal)?;
    if waits { Ok(()) } else { Err(ends::waits_already()) }
}
