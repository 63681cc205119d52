//! Names for the identifiers of the record: officials and offices, read for a whole page at once; and what belongs to
//! one request stands on one line.

use super::chain::Row;
use super::words;
use crate::db::schema::{offices, officials};
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::web::i18n::{Lang, t};
use diesel::prelude::*;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// The most officials or offices that the beginning of a name may mean.
const MEANT: i64 = 500;

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
    pub fn entry(&self, lang: Lang, row: &Row) -> Value {
        json!({
            "lane": row.lane.to_string(), "seq": row.seq.to_string(), "at": row.at,
            "who": self.actor(lang, row), "office": self.office(lang, row.office_id),
            "did": words::action(lang, &row.action), "action": row.action,
            "kind": words::kind(lang, &row.object_kind), "object_kind": row.object_kind,
            "object": self.official(row.object_id).filter(|_| row.object_kind == "official"),
            "object_id": row.object_id, "actor_id": row.actor_id, "office_id": row.office_id,
            "subject_id": row.subject_id, "detail": row.detail.0.to_string(),
        })
    }

    /// The lines of a list: entries of one actor at one moment are of one request, and one line.
    pub fn lines(&self, lang: Lang, rows: &[Row]) -> Vec<Value> {
        let same = |a: &Row, b: &Row| {
            a.at == b.at && a.actor_kind == b.actor_kind && a.actor_id == b.actor_id && a.actor_id.is_some()
        };
        rows.chunk_by(same)
            .filter_map(|request| {
                let first = request.first()?;
                let entries: Vec<Value> = request.iter().map(|row| self.entry(lang, row)).collect();
                let mut did: Vec<String> = Vec::new();
                for row in request.iter().rev() {
                    let word = words::action(lang, &row.action);
                    if !did.contains(&word) {
                        did.push(word);
                    }
                }
                let mut line = self.entry(lang, first);
                if let Some(map) = line.as_object_mut() {
                    map.insert("did".into(), did.join(&t(lang, "list-comma", &[])).into());
                    map.insert("entries".into(), entries.into());
                }
                Some(line)
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
