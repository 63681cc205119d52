//! How something stands that somebody else has changed meanwhile, told to whoever was about to decide it.

use super::store;
use crate::audit;
use crate::db::{Conn, Id};
use crate::error::{AppError, AppResult, Change, Overtaken};
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};

/// One thing that happened since it was seen.
#[derive(Debug, Clone)]
pub struct Happened {
    /// When; nothing where it is not kept.
    pub at: Option<DateTime<Utc>>,
    /// What, in the reader's words.
    pub what: String,
    /// The official who did it; nothing where it was the person, or the portal itself.
    pub by: Option<Id>,
    /// For which office; where that is not kept, the one in which the official was then.
    pub office: Option<Id>,
}

impl Happened {
    /// The last of some actions that the record has of a thing: as many as its version has grown by since it was seen.
    ///
    /// # Errors
    /// Database errors.
    pub fn recorded(
        conn: &mut Conn,
        object: Id,
        actions: &[&str],
        grown: i64,
        lang: Lang,
    ) -> AppResult<Vec<Self>> {
        let done = audit::done_to(conn, object, actions, grown, lang)?;
        let one = |d: audit::Done| Self { at: Some(d.at), what: d.what, by: d.official, office: d.office };
        Ok(done.into_iter().map(one).collect())
    }
}

/// How something stands, as the slice knows it; only what whoever decides may see.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Where it can be seen as it is now.
    pub page: String,
    /// Key of the text that names the way there.
    pub back: &'static str,
    /// Stable code of its state.
    pub state: String,
    /// The state in words.
    pub word: String,
    /// Its version, where it has one.
    pub version: Option<i64>,
    /// What happened since it was seen, the newest first.
    pub happened: Vec<Happened>,
}

impl Standing {
    /// Told to somebody, with the names of who did what.
    pub(super) fn told(self, conn: &mut Conn, lang: Lang) -> AppResult<AppError> {
        let changes: AppResult<Vec<Change>> =
            self.happened.iter().map(|one| change(conn, lang, one)).collect();
        Ok(AppError::Overtaken(Box::new(Overtaken {
            page: self.page,
            label: t(lang, self.back, &[]),
            state: self.state,
            word: self.word,
            version: self.version,
            changes: changes?,
        })))
    }
}

fn change(conn: &mut Conn, lang: Lang, one: &Happened) -> AppResult<Change> {
    let office = match (one.office, one.by, one.at) {
        (None, Some(by), Some(at)) => store::office_of(conn, by, at)?,
        (office, ..) => office,
    };
    let office = office.map(|id| store::office_name(conn, id, lang)).transpose()?.flatten();
    let by = one.by.map(|id| store::official_name(conn, id)).transpose()?.flatten();
    Ok(Change { at: one.at, what: one.what.clone(), office, by })
}
