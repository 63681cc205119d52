//! SQL of imports. For what a table was sent has been asked before; here it is a condition of every query.

use super::table::{CellError, Wrong};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{import_rows, imports};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::kept::served;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A row of `imports`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = imports)]
pub(super) struct Row {
    pub id: Id,
    pub name: String,
    pub subject_id: Id,
    pub account_id: Id,
    pub state: String,
    pub mode: String,
    pub onto: String,
    pub total: i32,
    pub taken: i32,
    pub wrong: i32,
    pub trouble: Option<String>,
    pub file_sealed: Vec<u8>,
    pub wrong_sealed: Option<Vec<u8>>,
    pub created_at: Ts,
    pub changed_at: Ts,
}

/// What is known of the file: sealed, since its name and headings are its sender's words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct About {
    /// What its sender calls it.
    pub name: String,
    /// Headings that were not read.
    pub unknown: Vec<String>,
    /// Columns that stood there twice: name, the heading that counts, the one that does not.
    pub doubled: Vec<(String, String, String)>,
}

#[derive(Insertable)]
#[diesel(table_name = import_rows)]
struct NewPart {
    import_id: Id,
    number: i32,
    subject_id: Id,
    rows_sealed: Vec<u8>,
}

fn about_place(id: Id) -> FieldContext<'static> {
    FieldContext::new("imports", "file_sealed", id.0)
}

fn wrong_place(id: Id) -> FieldContext<'static> {
    FieldContext::new("imports", "wrong_sealed", id.0)
}

fn part_place(id: Id) -> FieldContext<'static> {
    FieldContext::new("import_rows", "rows_sealed", id.0)
}

/// Seals what is known of the file.
pub(super) fn seal_about(keys: &Keyring, id: Id, about: &About) -> AppResult<Vec<u8>> {
    Ok(keys.seal_json(&about_place(id), about)?)
}

/// Seals the rows that are wrong.
pub(super) fn seal_wrong(keys: &Keyring, id: Id, wrong: &[Wrong]) -> AppResult<Vec<u8>> {
    Ok(keys.seal_json(&wrong_place(id), &wrong)?)
}

impl Row {
    /// What is known of the file.
    pub(super) fn about(&self, keys: &Keyring) -> AppResult<About> {
        Ok(keys.open_json(&about_place(self.id), &self.file_sealed)?)
    }

    /// The rows that are wrong, in the order in which they were sent.
    pub(super) fn wrong_rows(&self, keys: &Keyring) -> AppResult<Vec<Wrong>> {
        let Some(sealed) = &self.wrong_sealed else { return Ok(Vec::new()) };
        Ok(keys.open_json(&wrong_place(self.id), sealed)?)
    }

    /// Why it could not be taken.
    pub(super) fn troubles(&self) -> AppResult<Vec<CellError>> {
        let Some(text) = &self.trouble else { return Ok(Vec::new()) };
        serde_json::from_str(text).map_err(AppError::internal)
    }
}

/// Writes a new import.
pub(super) fn add(tx: &mut Tx<'_>, row: &Row) -> AppResult<()> {
    diesel::insert_into(imports::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Writes a part of the rows that are to be taken. Its number is sealed with it, so that parts cannot change places.
pub(super) fn add_part<R: Serialize>(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    (number, rows): (i32, &[R]),
) -> AppResult<()> {
    let rows_sealed = keys.seal_json(&part_place(row.id), &(number, rows))?;
    let part = NewPart { import_id: row.id, number, subject_id: row.subject_id, rows_sealed };
    diesel::insert_into(import_rows::table).values(part).execute(tx.conn())?;
    Ok(())
}

/// An import into something.
pub(super) fn one(conn: &mut Conn, name: &str, subject: Id, id: Id) -> AppResult<Row> {
    Ok(imports::table
        .find(id)
        .filter(served("imports"))
        .filter(imports::name.eq(name))
        .filter(imports::subject_id.eq(subject))
        .select(Row::as_select())
        .first(conn)?)
}

/// An import that runs, held until the end of the transaction; none when it was stopped or is gone.
pub(super) fn running(tx: &mut Tx<'_>, id: Id) -> AppResult<Option<Row>> {
    let found = imports::table.find(id).filter(imports::state.eq("running"));
    if diesel::update(found).set(imports::taken.eq(imports::taken)).execute(tx.conn())? == 0 {
        return Ok(None);
    }
    Ok(imports::table.find(id).select(Row::as_select()).first(tx.conn()).optional()?)
}

/// Whether a list for the same thing came later that takes the place of those before it.
pub(super) fn replaced(tx: &mut Tx<'_>, row: &Row) -> AppResult<bool> {
    let later = imports::table
        .filter(imports::name.eq(&row.name).and(imports::subject_id.eq(row.subject_id)))
        .filter(imports::onto.eq("replace").and(imports::id.ne(row.id)))
        .filter(imports::created_at.gt(row.created_at))
        .filter(imports::state.eq_any(["running", "stopped", "done"]).or(imports::taken.gt(0)));
    Ok(diesel::select(diesel::dsl::exists(later)).get_result(tx.conn())?)
}

/// The next parts of the rows, at most so many.
pub(super) fn parts<R: DeserializeOwned>(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    id: Id,
    most: i64,
) -> AppResult<Vec<(i32, Vec<R>)>> {
    let sealed: Vec<(i32, Vec<u8>)> = import_rows::table
        .filter(import_rows::import_id.eq(id))
        .order(import_rows::number)
        .limit(most)
        .select((import_rows::number, import_rows::rows_sealed))
        .load(tx.conn())?;
    let open = |(number, bytes): (i32, Vec<u8>)| {
        let (said, rows): (i32, Vec<R>) = keys.open_json(&part_place(id), &bytes)?;
        if said == number { Ok((number, rows)) } else { Err(AppError::internal("parts have changed places")) }
    };
    sealed.into_iter().map(open).collect()
}

/// The parts up to this one have been taken, with so many rows: the place from which it goes on is in the same transaction.
pub(super) fn took(
    tx: &mut Tx<'_>,
    id: Id,
    (upto, count): (i32, i32),
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let done = import_rows::table.filter(import_rows::import_id.eq(id)).filter(import_rows::number.le(upto));
    diesel::delete(done).execute(tx.conn())?;
    let set = (imports::taken.eq(imports::taken + count), imports::changed_at.eq(Ts::from(now)));
    diesel::update(imports::table.find(id)).set(set).execute(tx.conn())?;
    let left: i64 = import_rows::table.filter(import_rows::import_id.eq(id)).count().get_result(tx.conn())?;
    Ok(left > 0)
}

/// Brings an import from one state to another; false when it is not in that state.
pub(super) fn to(
    tx: &mut Tx<'_>,
    id: Id,
    (from, state): (&str, &str),
    trouble: Option<String>,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let set = (imports::state.eq(state), imports::trouble.eq(trouble), imports::changed_at.eq(Ts::from(now)));
    let changed = diesel::update(imports::table.find(id).filter(imports::state.eq(from))).set(set);
    Ok(changed.execute(tx.conn())? == 1)
}

/// Takes out what was still to be taken.
pub(super) fn drop_rows(tx: &mut Tx<'_>, id: Id) -> AppResult<()> {
    let rows = import_rows::table.filter(import_rows::import_id.eq(id));
    diesel::delete(rows).execute(tx.conn())?;
    Ok(())
}
