//! SQL of the persons whom a staff list names: who they are, when name and document agree, and that they were looked up.

use super::model::StaffRow;
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::schema::{applications, audit_entries as log, businesses, persons};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::identity::{DocumentNumber, PersonName};
use crate::kept::served;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// The action under which a look at somebody's certificate on a staff list stands in the record.
pub const LOOK: &str = "reopening.staff-look";
/// Persons asked for in one query, entries written in one transaction.
pub const CHUNK: usize = 200;

fn blind(keys: &Keyring, purpose: &str, canonical: &str) -> Vec<Vec<u8>> {
    keys.blind_candidates(purpose, canonical).into_iter().map(|b| b.to_vec()).collect()
}

/// The person of each row, in the order of the list: only where the document is somebody's and the name is theirs. A
/// document number alone finds nobody, so that a list of numbers under invented names tells nothing.
///
/// # Errors
/// Database errors.
pub fn agreeing(conn: &mut Conn, keys: &Keyring, rows: &[StaffRow]) -> AppResult<Vec<Option<Id>>> {
    let mut found = Vec::with_capacity(rows.len());
    for part in rows.chunks(CHUNK) {
        let documents: Vec<Vec<Vec<u8>>> = part.iter().map(|row| document_blind(keys, row)).collect();
        // The name is that of the very document; the person may have another one, under which everything else is found.
        let known: HashMap<Vec<u8>, (Id, Vec<u8>)> = persons::table
            .filter(persons::doc_blind.eq_any(documents.concat()))
            .select((persons::doc_blind, persons::id, persons::merged_into, persons::name_blind))
            .load::<(Vec<u8>, Id, Option<Id>, Vec<u8>)>(conn)?
            .into_iter()
            .map(|(document, id, into, name)| (document, (into.unwrap_or(id), name)))
            .collect();
        found.extend(part.iter().zip(&documents).map(|(row, candidates)| {
            let (id, name) = candidates.iter().find_map(|b| known.get(b))?;
            let typed = PersonName::parse(&row.name).ok()?;
            blind(keys, "name", &typed.canonical()).contains(name).then_some(*id)
        }));
    }
    Ok(found)
}

fn document_blind(keys: &Keyring, row: &StaffRow) -> Vec<Vec<u8>> {
    let number: Option<DocumentNumber> = row.number();
    number.map(|d| blind(keys, "document", &d.canonical())).unwrap_or_default()
}

/// Whom `by` has looked up in a case since a moment.
///
/// # Errors
/// Database errors.
pub fn looked_up(conn: &mut Conn, case: Id, by: &Actor, since: DateTime<Utc>) -> AppResult<HashSet<Id>> {
    let subjects: Vec<Option<Id>> = log::table
        .filter(log::object_id.eq(Some(case)))
        .filter(log::at.ge(Ts(since)))
        .filter(log::action.eq(LOOK))
        .filter(log::actor_kind.eq(by.kind()))
        .filter(log::actor_id.eq(by.id()))
        .select(log::subject_id)
        .load(conn)?;
    Ok(subjects.into_iter().flatten().collect())
}

/// Writes into the record that somebody looked at these persons' certificates: each of them sees it.
///
/// # Errors
/// Database errors.
pub fn note_looks(
    tx: &mut Tx<'_>,
    case: Id,
    by: &Actor,
    persons: &[Id],
    now: DateTime<Utc>,
) -> AppResult<()> {
    persons.iter().try_for_each(|person| {
        let entry = Entry::new(by.clone(), LOOK, "application").object(case).subject(Some(*person));
        audit::append(tx, now, entry).map(|_| ())
    })
}

/// The public name of the business of a case; none before one is confirmed.
///
/// # Errors
/// Database errors.
pub fn business_of(conn: &mut Conn, case: Id) -> AppResult<Option<String>> {
    Ok(applications::table
        .inner_join(businesses::table.on(businesses::id.eq(applications::business_id)))
        .filter(applications::id.eq(case))
        .filter(served("applications"))
        .filter(businesses::name.ne(""))
        .select(businesses::name)
        .first(conn)
        .optional()?)
}
