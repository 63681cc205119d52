//! Names for the identifiers of the record: officials and offices, read for a whole page at once; and what belongs to
//! one request stands on one line.

use super::chain::Row;
use super::words;
use crate::db::schema::{offices, officials};
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::web::i18n::{Lang, t};
use diesel::prelude::*;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

/// The most officials or offices that the beginning of a name may mean.
const MEANT: i64 = 500;

/// An entry in words, with its codes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntryView {
    /// The chain in which it stands, and its place there.
    lane: String,
    seq: String,
    #[schema(value_type = DateTime<Utc>)]
    at: Ts,
    /// Who did it: an official by name, others by what they are.
    who: String,
    office: Option<String>,
    /// What was done.
    did: String,
    action: String,
    /// With what.
    kind: String,
    object_kind: String,
    #[schema(value_type = Option<String>, format = Uuid)]
    object_id: Option<Id>,
    #[schema(value_type = Option<String>, format = Uuid)]
    actor_id: Option<Id>,
    #[schema(value_type = Option<String>, format = Uuid)]
    office_id: Option<Id>,
    #[schema(value_type = Option<String>, format = Uuid)]
    subject_id: Option<Id>,
    /// The rest, as JSON.
    detail: String,
}

/// What somebody did with one request: a line of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RequestLine {
    #[schema(value_type = DateTime<Utc>)]
    at: Ts,
    who: String,
    office: Option<String>,
    /// What was done, all of it.
    did: String,
    /// With what.
    kind: String,
    /// With which official, where it was one.
    object: Option<String>,
    entries: Vec<EntryLine>,
}

/// An entry of a request.
#[derive(Debug, Serialize, ToSchema)]
struct EntryLine {
    lane: String,
    seq: String,
    action: String,
    object_kind: String,
    #[schema(value_type = Option<String>, format = Uuid)]
    object_id: Option<Id>,
}

impl EntryLine {
    fn of(row: &Row) -> Self {
        Self {
            lane: row.lane.to_string(),
            seq: row.seq.to_string(),
            action: row.action.clone(),
            object_kind: row.object_kind.clone(),
            object_id: row.object_id,
        }
    }
}

/// Names of a page.
#[derive(Debug, Default)]
pub(super) struct Names {
    officials: HashMap<Id, (String, String)>,
    offices: HashMap<Id, (String, String)>,
}

impl Names {
    /// Reads the names of the officials and offices of some rows: two queries.
    ///
    /// # Errors
    /// Database errors.
    pub fn of(conn: &mut Conn, rows: &[Row]) -> AppResult<Self> {
        let acting = rows.iter().filter(|r| r.actor_kind == "official").filter_map(|r| r.actor_id);
        let acted_on = rows.iter().filter(|r| r.object_kind == "official").filter_map(|r| r.object_id);
        let people: HashSet<Id> = acting.chain(acted_on).collect();
        let places: HashSet<Id> = rows.iter().filter_map(|r| r.office_id).collect();
        let people: Vec<(Id, String, String)> = officials::table
            .filter(officials::id.eq_any(people))
            .select((officials::id, officials::name, officials::login))
            .load(conn)?;
        let places: Vec<(Id, String, String)> = offices::table
            .filter(offices::id.eq_any(places))
            .select((offices::id, offices::name, offices::name_en))
            .load(conn)?;
        let by = |rows: Vec<(Id, String, String)>| rows.into_iter().map(|(id, a, b)| (id, (a, b))).collect();
        Ok(Self { officials: by(people), offices: by(places) })
    }

    /// The official's name, and the sign-in name that tells people of one name apart.
    fn official(&self, id: Option<Id>) -> Option<String> {
        let (name, login) = self.officials.get(&id?)?;
        Some(format!("{name} ({login})"))
    }

    /// The office's name in a language.
    fn office(&self, lang: Lang, id: Option<Id>) -> Option<&str> {
        let (zh, en) = self.offices.get(&id?)?;
        Some(if lang == Lang::En && !en.is_empty() { en } else { zh })
    }

    /// Who did it: an official by name, others by what they are.
    pub fn actor(&self, lang: Lang, row: &Row) -> String {
        let named = self.official(row.actor_id).filter(|_| row.actor_kind == "official");
        named.unwrap_or_else(|| t(lang, &format!("audit-actor-{}", row.actor_kind), &[]))
    }

    /// An entry in words, with its codes for those who ask.
    pub fn entry(&self, lang: Lang, row: &Row) -> EntryView {
        EntryView {
            lane: row.lane.to_string(),
            seq: row.seq.to_string(),
            at: row.at,
            who: self.actor(lang, row),
            office: self.office(lang, row.office_id).map(str::to_owned),
            did: words::action(lang, &row.action),
            action: row.action.clone(),
            kind: words::kind(lang, &row.object_kind),
            object_kind: row.object_kind.clone(),
            object_id: row.object_id,
            actor_id: row.actor_id,
            office_id: row.office_id,
            subject_id: row.subject_id,
            detail: row.detail.0.to_string(),
        }
    }

    /// The lines of a list: entries of one actor at one moment are of one request, and one line.
    pub fn lines(&self, lang: Lang, rows: &[Row]) -> Vec<RequestLine> {
        let same = |a: &Row, b: &Row| {
            a.at == b.at && a.actor_kind == b.actor_kind && a.actor_id == b.actor_id && a.actor_id.is_some()
        };
        rows.chunk_by(same)
            .filter_map(|request| {
                let first = request.first()?;
                let mut did: Vec<String> = Vec::new();
                for row in request.iter().rev() {
                    let word = words::action(lang, &row.action);
                    if !did.contains(&word) {
                        did.push(word);
                    }
                }
                Some(RequestLine {
                    at: first.at,
                    who: self.actor(lang, first),
                    office: self.office(lang, first.office_id).map(str::to_owned),
                    did: did.join(&t(lang, "list-comma", &[])),
                    kind: words::kind(lang, &first.object_kind),
                    object: self.official(first.object_id).filter(|_| first.object_kind == "official"),
                    entries: request.iter().map(EntryLine::of).collect(),
                })
            })
            .collect()
    }
}

fn beginning(text: &str) -> String {
    format!("{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// Officials whose name begins so, or whose sign-in name does.
///
/// # Errors
/// Database errors.
pub(super) fn officials_named(conn: &mut Conn, text: &str) -> AppResult<Vec<Id>> {
    let named = officials::name.like(beginning(text)).escape('\\');
    let login = officials::login.like(beginning(&text.to_lowercase())).escape('\\');
    Ok(officials::table.filter(named.or(login)).limit(MEANT).select(officials::id).load(conn)?)
}

/// Offices whose name begins so, in either language.
///
/// # Errors
/// Database errors.
pub(super) fn offices_named(conn: &mut Conn, text: &str) -> AppResult<Vec<Id>> {
    let zh = offices::name.like(beginning(text)).escape('\\');
    let en = offices::name_en.like(beginning(text)).escape('\\');
    Ok(offices::table.filter(zh.or(en)).limit(MEANT).select(offices::id).load(conn)?)
}
