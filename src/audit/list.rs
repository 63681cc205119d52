//! The auditor's list: filters, pages by key, rows without anything about persons but identifiers.

use super::chain::Row;
use super::named;
use crate::clock::{end_of_day, is_plausible_day, start_of_day};
use crate::db::schema::audit_entries;
use crate::db::{Conn, Id, Ts};
use crate::error::{AppError, AppResult, FieldError};
use crate::web::form::Form;
use crate::web::paging::read_cursor;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What an auditor asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    /// From the beginning of this day in China.
    pub from: Option<NaiveDate>,
    /// Until the end of this day.
    pub to: Option<NaiveDate>,
    /// The action, or its beginning when it ends in a dot.
    pub action: Option<String>,
    /// Kind of actor.
    pub actor: Option<String>,
    /// The official or account.
    pub actor_id: Option<Id>,
    /// The office.
    pub office: Option<Id>,
    /// The object.
    pub object: Option<Id>,
    /// Beginning of an official's name or sign-in name.
    pub official: Option<String>,
    /// Beginning of an office's name.
    pub office_name: Option<String>,
}

/// Where a page ends: time in µs, lane, place.
pub(super) type Key = (i64, i32, i64);

/// Kinds of actor, for the filter.
pub(super) const ACTORS: [&str; 7] =
    ["official", "resident", "anonymous", "system", "console", "partner", "program"];

impl Filter {
    /// Reads the query.
    ///
    /// # Errors
    /// [`AppError::Invalid`] naming every field that cannot be read.
    pub fn read(query: &Form) -> AppResult<Self> {
        let mut errors = strays(query);
        let mut day = |name: &str| {
            query.text(name).and_then(|text| {
                let parsed = text.parse().ok().filter(|day| is_plausible_day(*day));
                if parsed.is_none() {
                    errors.push(FieldError::new(name, "audit-day"));
                }
                parsed
            })
        };
        let (from, to) = (day("from"), day("to"));
        let mut id = |name: &str| {
            query.text(name).and_then(|text| {
                let parsed = text.parse().ok();
                if parsed.is_none() {
                    errors.push(FieldError::new(name, "audit-id"));
                }
                parsed
            })
        };
        let (actor_id, office, object) = (id("actor_id"), id("office"), id("object"));
        let action = query.text("action").map(str::to_owned);
        let actor = query.text("actor").map(str::to_owned);
        let name = |field: &str| query.text(field).map(|text| text.chars().take(100).collect::<String>());
        let (official, office_name) = (name("official"), name("office_name"));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
        if action.as_ref().is_some_and(|a| a.len() > 60 || !a.chars().all(plain)) {
            errors.push(FieldError::new("action", "audit-action"));
        }
        if actor.as_ref().is_some_and(|a| !ACTORS.contains(&a.as_str())) {
            errors.push(FieldError::new("actor", "invalid"));
        }
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            errors.push(FieldError::new("to", "audit-before"));
        }
        if errors.is_empty() {
            Ok(Self { from, to, action, actor, actor_id, office, object, official, office_name })
        } else {
            Err(AppError::Invalid(errors))
        }
    }

    /// The filter as the record keeps it.
    pub fn detail(&self) -> Value {
        let mut map = Map::new();
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                map.insert(name.into(), Value::String(value));
            }
        };
        put("from", self.from.map(|d| d.to_string()));
        put("to", self.to.map(|d| d.to_string()));
        put("action", self.action.clone());
        put("actor", self.actor.clone());
        put("actor_id", self.actor_id.map(|i| i.to_string()));
        put("office", self.office.map(|i| i.to_string()));
        put("object", self.object.map(|i| i.to_string()));
        // What was typed could be anybody's name: that something was looked for is enough.
        put("official", self.official.as_ref().map(|_| "named".into()));
        put("office_name", self.office_name.as_ref().map(|_| "named".into()));
        Value::Object(map)
    }
}

/// What a query may name. `after` is where a page goes on.
const FIELDS: [&str; 10] =
    ["from", "to", "action", "actor", "actor_id", "office", "object", "official", "office_name", "after"];

/// Fields that the filter does not know, and those sent twice: whoever mistypes one must not be shown the whole record
/// as if it had been narrowed.
fn strays(query: &Form) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (at, (name, _)) in query.pairs().iter().enumerate() {
        if !FIELDS.contains(&name.as_str()) {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            errors.push(FieldError::new(shown, "audit-field"));
        } else if query.pairs().iter().take(at).any(|(earlier, _)| earlier == name) {
            errors.push(FieldError::new(name.clone(), "audit-twice"));
        }
    }
    errors
}

/// Up to `limit` entries, newest first, after a key.
pub(super) fn rows(conn: &mut Conn, filter: &Filter, after: Option<Key>, limit: i64) -> AppResult<Vec<Row>> {
    use audit_entries as e;
    let mut query = e::table.select(Row::as_select()).into_boxed();
    if let Some(day) = filter.from {
        query = query.filter(e::at.ge(Ts(start_of_day(day))));
    }
    if let Some(day) = filter.to {
        query = query.filter(e::at.lt(Ts(end_of_day(day))));
    }
    if let Some(action) = filter.action.clone() {
        query = match action.strip_suffix('.') {
            Some(_) => query.filter(e::action.like(format!("{action}%"))),
            None => query.filter(e::action.eq(action)),
        };
    }
    if let Some(kind) = filter.actor.clone() {
        query = query.filter(e::actor_kind.eq(kind));
    }
    if let Some(id) = filter.actor_id {
        query = query.filter(e::actor_id.eq(Some(id)));
    }
    if let Some(id) = filter.office {
        query = query.filter(e::office_id.eq(Some(id)));
    }
    if let Some(id) = filter.object {
        query = query.filter(e::object_id.eq(Some(id)));
    }
    if let Some(name) = &filter.official {
        let meant: Vec<Option<Id>> = named::officials_named(conn, name)?.into_iter().map(Some).collect();
        query = query.filter(e::actor_kind.eq("official")).filter(e::actor_id.eq_any(meant));
    }
    if let Some(name) = &filter.office_name {
        let meant: Vec<Option<Id>> = named::offices_named(conn, name)?.into_iter().map(Some).collect();
        query = query.filter(e::office_id.eq_any(meant));
    }
    if let Some((micros, lane, seq)) = after {
        let at = Ts(DateTime::from_timestamp_micros(micros).ok_or(AppError::BadRequest("cursor"))?);
        let later = e::lane.lt(lane).or(e::lane.eq(lane).and(e::seq.lt(seq)));
        query = query.filter(e::at.lt(at).or(e::at.eq(at).and(later)));
    }
    Ok(query.order((e::at.desc(), e::lane.desc(), e::seq.desc())).limit(limit).load(conn)?)
}

/// The key that the query asks to go on after.
///
/// # Errors
/// [`AppError::BadRequest`] `cursor`.
pub(super) fn after(query: &Form) -> AppResult<Option<Key>> {
    query.text("after").map(read_cursor).transpose()
}

/// The key of a row.
pub(super) fn key(row: &Row) -> Key {
    (row.at.0.timestamp_micros(), row.lane, row.seq)
}

/// A digest of what a list showed, for the record of the look at it.
pub(super) fn digest(rows: &[Row]) -> String {
    let mut h = Sha256::new();
    rows.iter().for_each(|row| h.update(&row.hash));
    hex::encode(h.finalize())
}

/// Columns of the export.
pub(super) const COLUMNS: [&str; 13] = [
    "lane",
    "seq",
    "at",
    "actor_kind",
    "actor_id",
    "office_id",
    "action",
    "object_kind",
    "object_id",
    "subject_id",
    "detail",
    "prev",
    "hash",
];

/// A row of the export.
pub(super) fn record(row: &Row) -> [String; 13] {
    let id = |id: Option<Id>| id.map(|i| i.to_string()).unwrap_or_default();
    let at: DateTime<Utc> = row.at.0;
    [
        row.lane.to_string(),
        row.seq.to_string(),
        at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        row.actor_kind.clone(),
        id(row.actor_id),
        id(row.office_id),
        row.action.clone(),
        row.object_kind.clone(),
        id(row.object_id),
        id(row.subject_id),
        row.detail.0.to_string(),
        hex::encode(&row.prev),
        hex::encode(&row.hash),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_filter_does_not_know_is_refused_by_name() {
        let faults = |query: &str| -> Vec<String> {
            let form = Form::parse(query.as_bytes()).unwrap();
            let Err(AppError::Invalid(errors)) = Filter::read(&form) else { return Vec::new() };
            errors.into_iter().map(|e| format!("{}:{}", e.field, e.code)).collect()
        };
        assert_eq!(faults("from-year=2020"), ["from-year:audit-field"]);
        assert_eq!(faults("from=2020-03-12&from=2020-03-13"), ["from:audit-twice"]);
        assert_eq!(faults("from=2020-03-12&to=2020-03-11"), ["to:audit-before"]);
        assert_eq!(faults("from=2020-03-12&to=2020-03-12&after=&actor="), Vec::<String>::new());
    }
}
