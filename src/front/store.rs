//! SQL of keys. What verifies is read by the web alone, when a request is proven.

use super::model::{KeyRow, SecretRow};
use crate::db::schema::{officials, program_keys as keys, program_secrets as secrets};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::signature::Key;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A page of keys, the newest first.
pub(super) fn list(conn: &mut Conn, after: Option<Id>, limit: i64) -> AppResult<Vec<KeyRow>> {
    let mut query = keys::table.select(KeyRow::as_select()).into_boxed();
    if let Some(after) = after {
        query = query.filter(keys::id.lt(after));
    }
    Ok(query.order(keys::id.desc()).limit(limit).load(conn)?)
}

/// One key.
pub(super) fn one(conn: &mut Conn, id: Id) -> AppResult<KeyRow> {
    Ok(keys::table.find(id).select(KeyRow::as_select()).first(conn)?)
}

/// What verifies it, the newest first.
pub(super) fn proofs(conn: &mut Conn, key: Id) -> AppResult<Vec<SecretRow>> {
    Ok(secrets::table
        .filter(secrets::key_id.eq(key))
        .order(secrets::id.desc())
        .select(SecretRow::as_select())
        .load(conn)?)
}

/// The name of an official.
pub(super) fn official(conn: &mut Conn, id: Id) -> AppResult<Option<String>> {
    Ok(officials::table.find(id).select(officials::name).first(conn).optional()?)
}

/// Writes a key down.
pub(super) fn insert(tx: &mut Tx<'_>, row: &KeyRow) -> AppResult<()> {
    diesel::insert_into(keys::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Writes down what verifies it.
pub(super) fn insert_secret(
    tx: &mut Tx<'_>,
    (id, key): (Id, Id),
    verifies: &Key,
    sealed: Vec<u8>,
    certificate: Option<[u8; 32]>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    diesel::insert_into(secrets::table)
        .values((
            secrets::id.eq(id),
            secrets::key_id.eq(key),
            secrets::algorithm.eq(verifies.algorithm().name()),
            secrets::material_sealed.eq(sealed),
            secrets::certificate.eq(certificate.map(|bytes| bytes.to_vec())),
            secrets::created_at.eq(Ts::from(now)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Counts the version up, if the key is as it was seen and not revoked: whoever comes second waits here and learns it.
pub(super) fn claim(tx: &mut Tx<'_>, id: Id, version: i64) -> AppResult<()> {
    let as_seen = keys::table
        .filter(keys::id.eq(id))
        .filter(keys::version.eq(version))
        .filter(keys::revoked_at.is_null());
    let claimed = diesel::update(as_seen).set(keys::version.eq(version + 1)).execute(tx.conn())?;
    if claimed == 0 {
        one(tx.conn(), id)?;
        return Err(AppError::conflict("changed-meanwhile"));
    }
    tx.changed(id);
    Ok(())
}

/// What verifies now ends at a moment; what ends earlier stays as it is.
pub(super) fn end_secrets(tx: &mut Tx<'_>, key: Id, at: DateTime<Utc>) -> AppResult<()> {
    let at = Ts::from(at);
    let lasts = secrets::ends_at.is_null().or(secrets::ends_at.gt(at).assume_not_null());
    diesel::update(secrets::table.filter(secrets::key_id.eq(key)).filter(lasts))
        .set(secrets::ends_at.eq(Some(at)))
        .execute(tx.conn())?;
    Ok(())
}

/// Revokes a key that was claimed.
pub(super) fn revoke(tx: &mut Tx<'_>, id: Id, reason: Vec<u8>, now: DateTime<Utc>) -> AppResult<()> {
    diesel::update(keys::table.find(id))
        .set((keys::revoked_at.eq(Some(Ts::from(now))), keys::revoked_sealed.eq(Some(reason))))
        .execute(tx.conn())?;
    Ok(())
}
