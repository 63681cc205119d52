//! What was done to one thing lately, for whoever was about to decide it and came too late.

use super::words;
use crate::db::schema::audit_entries as e;
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::web::i18n::Lang;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Something that was done.
#[derive(Debug, Clone)]
pub struct Done {
    /// When.
    pub at: DateTime<Utc>,
    /// What, in words.
    pub what: String,
    /// The official who did it; nothing where it was the person, or the portal itself.
    pub official: Option<Id>,
    /// The office for which.
    pub office: Option<Id>,
}

/// The last of some actions on a thing, the newest first; never more than twenty.
///
/// # Errors
/// Database errors.
pub fn done_to(conn: &mut Conn, object: Id, actions: &[&str], last: i64, lang: Lang) -> AppResult<Vec<Done>> {
    type Row = (Ts, String, String, Option<Id>, Option<Id>);
    let rows: Vec<Row> = e::table
        .filter(e::object_id.eq(Some(object)))
        .filter(e::action.eq_any(actions.to_vec()))
        .order((e::at.desc(), e::seq.desc()))
        .limit(last.clamp(0, 20))
        .select((e::at, e::action, e::actor_kind, e::actor_id, e::office_id))
        .load(conn)?;
    let done = |(at, action, kind, actor, office): Row| Done {
        at: at.0,
        what: words::action(lang, &action),
        official: actor.filter(|_| kind == "official"),
        office,
    };
    Ok(rows.into_iter().map(done).collect())
}
