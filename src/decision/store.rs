//! The names of who has decided something, for colleagues.

use crate::db::schema::{assignments, offices, officials};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::web::i18n::Lang;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// An official's name.
pub(super) fn official_name(conn: &mut Conn, id: Id) -> AppResult<Option<String>> {
    Ok(officials::table.find(id).select(officials::name).first(conn).optional()?)
}

/// An office's name in a language; where it has no English one, the Chinese.
pub(super) fn office_name(conn: &mut Conn, id: Id, lang: Lang) -> AppResult<Option<String>> {
    let names: Option<(String, String)> =
        offices::table.find(id).select((offices::name, offices::name_en)).first(conn).optional()?;
    Ok(names.map(|(zh, en)| if lang == Lang::En && !en.is_empty() { en } else { zh }))
}

/// The office in which an official was at a moment, where it was one alone: with several nobody can tell in which they acted.
pub(super) fn office_of(conn: &mut Conn, official: Id, at: DateTime<Utc>) -> AppResult<Option<Id>> {
    let at = Ts::from(at);
    let held: Vec<Id> = assignments::table
        .filter(assignments::official_id.eq(official))
        .filter(assignments::valid_from.le(at))
        .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(at)))
        .select(assignments::office_id)
        .distinct()
        .limit(2)
        .load(conn)?;
    Ok(if let [only] = held.as_slice() { Some(*only) } else { None })
}
