//! The rows of the worklist: whose declaration, where to and when, the present colour; sorting, and the next case.

use super::mine::{state_tag, state_word};
use super::store::Row;
use super::store_worklist::{self, Filter};
use crate::access::Role;
use crate::accounts;
use crate::codes;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::web::division::full_name;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Columns by which a page can be sorted; without one it is what waits longest.
pub(super) const SORTS: [&str; 4] = ["waiting", "destination", "departure", "colour"];

/// A row of the worklist and whose declaration it is.
pub(super) struct Found {
    pub row: Row,
    /// Name and masked number of the document; empty for a draft without a person.
    pub name: String,
    pub document: String,
    /// Division of the destination; empty without one.
    pub destination: String,
    /// Day of the journey.
    pub departs: Option<NaiveDate>,
    /// `green`, `yellow`, `red` or `unknown`.
    pub colour: String,
}

impl Found {
    /// The rows with their persons and colours: two queries, and those for colours that have not been looked at for a day.
    pub(super) fn all(
        conn: &mut Conn,
        deps: &Deps,
        rows: Vec<Row>,
        now: DateTime<Utc>,
    ) -> AppResult<Vec<Self>> {
        let ids: Vec<Id> = rows.iter().filter_map(|r| r.person_id).collect();
        let persons: HashMap<Id, _> =
            accounts::persons(conn, &deps.keys, &ids)?.into_iter().map(|p| (p.id, p)).collect();
        let colours = codes::colours(conn, deps, &ids, now)?;
        rows.into_iter()
            .map(|row| {
                let person = row.person_id.and_then(|id| persons.get(&id));
                let colour = row.person_id.and_then(|id| colours.get(&id));
                let (destination, departs) = journey(&deps.keys, &row)?;
                Ok(Self {
                    name: person.map(|p| p.name.as_str().to_owned()).unwrap_or_default(),
                    document: person.map(|p| p.document.masked()).unwrap_or_default(),
                    destination,
                    departs,
                    colour: colour.cloned().unwrap_or_else(|| "unknown".into()),
                    row,
                })
            })
            .collect()
    }

    /// Since when somebody waits.
    pub(super) fn since(&self) -> DateTime<Utc> {
        since(&self.row)
    }

    /// The worst colour first: it is what somebody has to look at.
    fn rank(&self) -> u8 {
        match self.colour.as_str() {
            "red" => 0,
            "yellow" => 1,
            "unknown" => 2,
            _ => 3,
        }
    }

    /// The row as the page shows it.
    pub(super) fn view(&self, lang: Lang, now: DateTime<Utc>, chosen: bool) -> Value {
        let row = &self.row;
        let tag = match self.colour.as_str() {
            "red" => "bad",
            "yellow" => "warn",
            "green" => "ok",
            _ => "idle",
        };
        json!({
            "number": row.number, "version": row.version, "name": self.name, "document": self.document,
            "town": full_name(lang, &row.division), "concern": row.concern,
            "destination": full_name(lang, &self.destination),
            "departs": self.departs.map(|day| format::date(lang, day, day.format("%Y").to_string() != now.format("%Y").to_string())),
            "colour": t(lang, &format!("code-word-{}", self.colour), &[]), "colour_tag": tag,
            "word": state_word(lang, &row.state), "tag": state_tag(&row.state),
            "waiting": waiting(lang, row, now), "since": format::when(lang, self.since(), now), "chosen": chosen,
        })
    }
}

fn journey(keys: &Keyring, row: &Row) -> AppResult<(String, Option<NaiveDate>)> {
    if row.is_locked() {
        return Ok(Default::default());
    }
    let destination = row.answers(keys)?.destination;
    Ok(destination.map_or_else(Default::default, |d| (d.division.to_string(), Some(d.day))))
}

/// Since when somebody waits.
pub(super) fn since(row: &Row) -> DateTime<Utc> {
    row.submitted_at.unwrap_or(row.updated_at).0
}

/// How long somebody has waited; of what is decided, how long it took: that counts on no longer.
pub(super) fn waiting(lang: Lang, row: &Row, now: DateTime<Utc>) -> String {
    let open = ["submitted", "community-checked", "returned"].contains(&row.state.as_str());
    let until = if open { now } else { row.updated_at.0 };
    let time = format::duration(lang, until - since(row));
    if open { time } else { t(lang, "desk-declarations-took", &[("time", time.into())]) }
}

/// Sorts a page.
pub(super) fn sort(rows: &mut [Found], by: &str) {
    match by {
        "destination" => rows.sort_by(|a, b| a.destination.cmp(&b.destination)),
        "departure" => rows.sort_by_key(|r| r.departs.unwrap_or(NaiveDate::MAX)),
        "colour" => rows.sort_by_key(Found::rank),
        _ => {}
    }
}

/// The number of the declaration that waits longest for a role, other than this one.
pub(super) fn next(conn: &mut Conn, pattern: &str, role: Role, number: &str) -> AppResult<Option<String>> {
    let state = if role == Role::Doctor { "community-checked" } else { "submitted" };
    let filter =
        Filter { pattern: pattern.to_owned(), states: vec![state.to_owned()], limit: 2, ..Filter::default() };
    let waiting = store_worklist::worklist(conn, &filter)?;
    Ok(waiting.into_iter().map(|row| row.number).find(|other| other != number))
}
