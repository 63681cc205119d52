//! SQL of files. Whoever may see a case has asked for the case before; here the case is a condition of every query.

use super::{Access, kind::Kind, kind::Refusal, place::shelf};
use crate::crypto::{FieldContext, FileKey, Keyring};
use crate::db::schema::files;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A row of `files`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = files)]
pub(super) struct Row {
    pub id: Id,
    pub purpose: String,
    pub case_id: Id,
    pub account_id: Id,
    pub state: String,
    pub reason: Option<String>,
    pub kind: String,
    pub size: i64,
    pub digest: Vec<u8>,
    pub shelf: i32,
    pub blob: Option<Id>,
    pub making: Option<Id>,
    pub name_sealed: Vec<u8>,
    pub key_sealed: Option<Vec<u8>>,
    pub created_at: Ts,
    pub changed_at: Ts,
}

/// States in which the bytes must be there.
const WITH_BYTES: [&str; 3] = ["received", "scanning", "ready"];
/// States of a file that has not been looked at to the end.
const ON_THE_WAY: [&str; 2] = ["received", "scanning"];

fn name_place(id: Id) -> FieldContext<'static> {
    FieldContext::new("files", "name_sealed", id.0)
}

fn key_place(id: Id) -> FieldContext<'static> {
    FieldContext::new("files", "key_sealed", id.0)
}

/// Seals the name of a file.
pub(super) fn seal_name(keys: &Keyring, id: Id, name: &str) -> AppResult<Vec<u8>> {
    Ok(keys.seal_str(&name_place(id), name)?)
}

/// Seals the key of a file.
pub(super) fn seal_key(keys: &Keyring, id: Id, key: &FileKey) -> AppResult<Vec<u8>> {
    Ok(key.sealed(keys, &key_place(id))?)
}

impl Row {
    /// What its sender called it.
    pub(super) fn name(&self, keys: &Keyring) -> AppResult<String> {
        Ok(keys.open_str(&name_place(self.id), &self.name_sealed)?.to_string())
    }

    /// What it is.
    pub(super) fn kind(&self) -> AppResult<Kind> {
        Kind::of_code(&self.kind).ok_or_else(|| AppError::internal("a file of an unknown kind"))
    }

    /// The name of its bytes, their key and their size, while there are any.
    pub(super) fn bytes(&self, keys: &Keyring) -> AppResult<Option<(Id, FileKey, u64)>> {
        let (Some(blob), Some(sealed)) = (self.blob, &self.key_sealed) else { return Ok(None) };
        let key = FileKey::open(keys, &key_place(self.id), sealed)?;
        Ok(Some((blob, key, u64::try_from(self.size).map_err(AppError::internal)?)))
    }
}

/// Writes a file down before its bytes.
pub(super) fn add(tx: &mut Tx<'_>, row: &Row) -> AppResult<()> {
    diesel::insert_into(files::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// All files of a case, also those on their way, in the order in which they came.
pub(super) fn all_of(conn: &mut Conn, access: &Access) -> AppResult<Vec<Row>> {
    Ok(files::table
        .filter(files::case_id.eq(access.case))
        .filter(files::purpose.eq(access.purpose.terms().name))
        .order(files::id)
        .select(Row::as_select())
        .load(conn)?)
}

/// Those of which anybody is told: their bytes have come.
pub(super) fn of(conn: &mut Conn, access: &Access) -> AppResult<Vec<Row>> {
    Ok(all_of(conn, access)?.into_iter().filter(|row| row.state != "receiving").collect())
}

/// One file of a case.
pub(super) fn one(conn: &mut Conn, access: &Access, id: Id) -> AppResult<Row> {
    Ok(files::table
        .find(id)
        .filter(files::case_id.eq(access.case))
        .filter(files::purpose.eq(access.purpose.terms().name))
        .filter(files::state.ne("receiving"))
        .select(Row::as_select())
        .first(conn)?)
}

/// A file by its identifier, for the program's own jobs.
pub(super) fn by_id(conn: &mut Conn, id: Id) -> AppResult<Option<Row>> {
    Ok(files::table.find(id).select(Row::as_select()).first(conn).optional()?)
}

/// Brings a file from one state to another; false when it is not in that state, or gone.
pub(super) fn to(tx: &mut Tx<'_>, id: Id, from: &[&str], state: &str, now: DateTime<Utc>) -> AppResult<bool> {
    let set = (files::state.eq(state), files::changed_at.eq(Ts::from(now)));
    let changed = diesel::update(files::table.find(id).filter(files::state.eq_any(from))).set(set);
    Ok(changed.execute(tx.conn())? == 1)
}

/// Refuses a file: its key and the name of its bytes go.
pub(super) fn refuse(tx: &mut Tx<'_>, row: &Row, why: Refusal, now: DateTime<Utc>) -> AppResult<bool> {
    let found =
        files::table.find(row.id).filter(files::state.eq_any(ON_THE_WAY)).filter(files::blob.eq(row.blob));
    let changed = diesel::update(found).set((
        files::state.eq("refused"),
        files::reason.eq(Some(why.code())),
        files::blob.eq(None::<Id>),
        files::making.eq(None::<Id>),
        files::key_sealed.eq(None::<Vec<u8>>),
        files::changed_at.eq(Ts::from(now)),
    ));
    Ok(changed.execute(tx.conn())? == 1)
}

/// Names the copy that is going to be written in place of a file's bytes; false when the file has gone meanwhile.
pub(super) fn make(tx: &mut Tx<'_>, row: &Row, copy: Id) -> AppResult<bool> {
    let found =
        files::table.find(row.id).filter(files::state.eq("scanning")).filter(files::blob.eq(row.blob));
    Ok(diesel::update(found).set(files::making.eq(Some(copy))).execute(tx.conn())? == 1)
}

/// Puts the copy in the place of the bytes, with its key; the file is ready.
pub(super) fn made(
    tx: &mut Tx<'_>,
    row: &Row,
    (copy, key, size): (Id, Vec<u8>, i64),
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let found =
        files::table.find(row.id).filter(files::state.eq("scanning")).filter(files::making.eq(Some(copy)));
    let changed = diesel::update(found).set((
        files::state.eq("ready"),
        files::blob.eq(Some(copy)),
        files::making.eq(None::<Id>),
        files::key_sealed.eq(Some(key)),
        files::size.eq(size),
        files::changed_at.eq(Ts::from(now)),
    ));
    Ok(changed.execute(tx.conn())? == 1)
}

/// Takes a file out, with its key; what it was, if it was there.
pub(super) fn remove(tx: &mut Tx<'_>, id: Id) -> AppResult<bool> {
    Ok(diesel::delete(files::table.find(id)).execute(tx.conn())? == 1)
}

/// The names of bytes that rows of a shelf have, and whether these must be there.
pub(super) fn named(conn: &mut Conn, number: u8) -> AppResult<Vec<(Id, bool)>> {
    let rows: Vec<(Option<Id>, Option<Id>, String)> = files::table
        .filter(files::shelf.eq(i32::from(number)))
        .select((files::blob, files::making, files::state))
        .load(conn)?;
    let each = |(blob, making, state): (Option<Id>, Option<Id>, String)| {
        let there = WITH_BYTES.contains(&state.as_str());
        blob.map(|name| (name, there)).into_iter().chain(making.map(|name| (name, false)))
    };
    Ok(rows.into_iter().flat_map(each).collect())
}

/// Files whose bytes had not come by then: whoever sent them has gone.
pub(super) fn left(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> AppResult<Vec<Id>> {
    Ok(files::table
        .filter(files::state.eq("receiving"))
        .filter(files::changed_at.lt(Ts::from(before)))
        .order(files::changed_at)
        .limit(limit)
        .select(files::id)
        .load(conn)?)
}

/// Files that nobody has looked at to the end since then.
pub(super) fn waiting(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> AppResult<Vec<Id>> {
    Ok(files::table
        .filter(files::state.eq_any(ON_THE_WAY))
        .filter(files::changed_at.lt(Ts::from(before)))
        .order(files::changed_at)
        .limit(limit)
        .select(files::id)
        .load(conn)?)
}

/// The shelf of a name, as it is stored.
pub(super) fn shelf_of(name: Id) -> i32 {
    i32::from(shelf(name))
}
