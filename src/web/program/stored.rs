//! Keys as they are stored and kept in memory, and what is written when one is used.

use super::{Kind, Program, Proof, Secret};
use crate::clock::{china_day, end_of_day, start_of_day};
use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::insert_row;
use crate::db::schema::{program_keys as keys, program_nonces, program_secrets as secrets};
use crate::db::{Conn, Id, Mark, Marks, Ts, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::signature::{Algorithm, Key};
use crate::web::limits;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use moka::sync::Cache;
use std::sync::Arc;

/// Keys that are kept at once.
const KEPT: u64 = 20_000;
/// One that has not been used for so long is read again.
const KEPT_FOR: std::time::Duration = std::time::Duration::from_secs(600);
/// That a key is in use is written down at most this often.
const SEEN: Duration = Duration::minutes(1);
/// Nonces that go in one turn.
const SWEPT: i64 = 500;

/// The place of what verifies.
pub(crate) fn secret_context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "program_secrets", column: "material_sealed", row: id.0 }
}

/// Programs that asked lately, by the names of their keys. What is kept holds until the key changes.
pub struct Programs(Cache<String, (Arc<Program>, Mark)>);

impl Default for Programs {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(KEPT).time_to_idle(KEPT_FOR).build())
    }
}

impl Programs {
    fn get(&self, keyid: &str, marks: &Marks) -> Option<Arc<Program>> {
        let (program, mark) = self.0.get(keyid)?;
        (marks.of(program.id) == Some(mark)).then_some(program)
    }

    fn keep(&self, program: &Arc<Program>, marks: &Marks, stand: u64) {
        if let Some(mark) = marks.since(stand, program.id) {
            self.0.insert(program.keyid.clone(), (program.clone(), mark));
        }
    }
}

/// The program of a key's name, whether the key still counts or not; `None` when there is none.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub(super) async fn of_keyid(deps: &Deps, keyid: &str) -> AppResult<Option<Arc<Program>>> {
    let marks = deps.store.marks();
    if let Some(program) = deps.programs.get(keyid, marks) {
        return Ok(Some(program));
    }
    let (stand, keyid, keyring) = (marks.stand(), keyid.to_owned(), deps.keys.clone());
    let found = deps.store.read(move |conn| read(conn, &keyring, &keyid)).await?.map(Arc::new);
    if let Some(program) = &found {
        deps.programs.keep(program, marks, stand);
    }
    Ok(found)
}

type KeyRow = ((Id, String, String, String, String, Option<String>), (String, i32, i32, Ts, Option<Ts>));
type SecretRow = (Id, String, Vec<u8>, Option<Vec<u8>>, Option<Ts>);

fn read(conn: &mut Conn, keyring: &Keyring, keyid: &str) -> AppResult<Option<Program>> {
    let row: Option<KeyRow> = keys::table
        .filter(keys::keyid.eq(keyid))
        .select((
            (keys::id, keys::keyid, keys::kind, keys::name, keys::owner, keys::province),
            (keys::scopes, keys::per_minute, keys::per_day, keys::expires_at, keys::revoked_at),
        ))
        .first(conn)
        .optional()?;
    let Some(((id, keyid, kind, name, owner, province), (scopes, per_minute, per_day, expires, revoked))) =
        row
    else {
        return Ok(None);
    };
    let kind = Kind::from_code(&kind).ok_or_else(|| AppError::internal("a key of no kind"))?;
    let rows: Vec<SecretRow> = secrets::table
        .filter(secrets::key_id.eq(id))
        .select((
            secrets::id,
            secrets::algorithm,
            secrets::material_sealed,
            secrets::certificate,
            secrets::ends_at,
        ))
        .order(secrets::id.desc())
        .load(conn)?;
    Ok(Some(Program {
        id,
        keyid,
        kind,
        name,
        owner,
        province,
        scopes: scopes.split(' ').filter_map(|code| code.parse().ok()).collect(),
        per_minute,
        per_day,
        expires_at: expires.0,
        revoked: revoked.is_some(),
        secrets: rows.into_iter().map(|row| secret(keyring, row)).collect::<AppResult<_>>()?,
    }))
}

fn secret(keyring: &Keyring, (id, algorithm, sealed, certificate, ends): SecretRow) -> AppResult<Secret> {
    let material = keyring.open_sealed(&secret_context(id), &sealed)?;
    let key = Algorithm::from_name(&algorithm).and_then(|algorithm| Key::of(algorithm, &material));
    Ok(Secret {
        key: key.ok_or_else(|| AppError::internal("what verifies a key is none"))?,
        certificate: certificate.and_then(|bytes| bytes.try_into().ok()),
        ends_at: ends.map(|at| at.0),
    })
}

/// Writes down that a message has come, in its own transaction: its nonce, which then counts no more, one of the day's
/// requests, and now and then that the key is in use.
///
/// # Errors
/// [`AppError::Conflict`] `nonce-used`; [`AppError::Enough`] `quota-day`; database errors.
pub(super) fn spend(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    program: &Program,
    proof: &Proof,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let new = insert_row!(tx.conn(), program_nonces, {
        key_id: program.id, nonce: proof.nonce.clone(), expires_at: Ts::from(proof.over()),
    }, "ON CONFLICT DO NOTHING")?;
    if new == 0 {
        return Err(AppError::conflict("nonce-used"));
    }
    let today = china_day(now);
    let used = limits::of_day(tx, keyring, ("program", &program.id.to_string()), start_of_day(today))?;
    if used > program.per_day {
        let left = (end_of_day(today) - now).num_seconds().max(1);
        return Err(AppError::Enough("quota-day", u64::try_from(left).unwrap_or(1)));
    }
    let long_ago = Ts::from(now - SEEN);
    let unseen = keys::seen_at.is_null().or(keys::seen_at.le(long_ago).assume_not_null());
    diesel::update(keys::table.filter(keys::id.eq(program.id)).filter(unseen))
        .set(keys::seen_at.eq(Some(Ts::from(now))))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets nonces of messages that would be refused by their time; whether there may be more.
///
/// # Errors
/// Database errors.
pub(crate) fn sweep(tx: &mut Tx<'_>, now: DateTime<Utc>) -> AppResult<bool> {
    let over: Vec<(Id, String)> = program_nonces::table
        .filter(program_nonces::expires_at.lt(Ts::from(now)))
        .order(program_nonces::expires_at.asc())
        .limit(SWEPT)
        .select((program_nonces::key_id, program_nonces::nonce))
        .load(tx.conn())?;
    for (key, nonce) in &over {
        diesel::delete(program_nonces::table.find((key, nonce))).execute(tx.conn())?;
    }
    Ok(i64::try_from(over.len()).is_ok_and(|count| count == SWEPT))
}
