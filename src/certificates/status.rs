//! Storage of token status lists: two bits a document, in chunks of 4,096 bytes, so that a revocation rewrites one chunk
//! whatever the list's length. Health codes on paper use the same lists' mechanism with another usage.
//!
//! An index is random, so that it tells nothing about when or for whom a document was issued; a list is closed for new
//! documents when it is half full, so that a free index is found at once.

use crate::db::schema::{status_chunks, status_indexes, status_lists};
use crate::db::{Conn, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::hcert::{EntryStatus, StatusBits};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

/// Entries of a list that is opened (2^17, the least that is published).
pub const SIZE: i32 = 131_072;
/// Entries of a chunk.
const CHUNK_ENTRIES: i32 = 16_384;
/// Bytes of a chunk.
const CHUNK_BYTES: usize = 4_096;

/// Where a document's status stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The list.
    pub list: i64,
    /// The entry, from 0.
    pub index: i32,
}

/// Address of a list, which is also its name in documents: `<portal>/exchange/v1/status-lists/<id>`.
pub fn uri(public_url: &str, list: i64) -> String {
    format!("{}/exchange/v1/status-lists/{list}", public_url.trim_end_matches('/'))
}

/// Takes a free entry of the newest list for a usage (`certificate`, `code`), opening a list when that one is half full.
///
/// # Errors
/// Database errors; [`AppError::Conflict`] `in-progress` when another process opened a list at this moment.
pub fn allocate(tx: &mut Tx<'_>, usage: &str, now: DateTime<Utc>) -> AppResult<Slot> {
    let newest: Option<(i64, i32, i32)> = status_lists::table
        .filter(status_lists::usage.eq(usage))
        .order(status_lists::id.desc())
        .select((status_lists::id, status_lists::size, status_lists::taken))
        .first(tx.conn())
        .optional()?;
    let (list, size) = match newest {
        Some((id, size, taken)) if taken < size / 2 => (id, size),
        _ => (open(tx, usage, now)?, SIZE),
    };
    for _ in 0..128 {
        let index = random_below(size);
        let row = (status_indexes::list_id.eq(list), status_indexes::idx.eq(index));
        let taken = crate::on_either!(tx.conn(), c => {
            diesel::insert_into(status_indexes::table).values(row).on_conflict_do_nothing().execute(c)
        })?;
        if taken == 1 {
            diesel::update(status_lists::table.find(list))
                .set(status_lists::taken.eq(status_lists::taken + 1))
                .execute(tx.conn())?;
            return Ok(Slot { list, index });
        }
    }
    Err(AppError::internal("a half empty status list gave no free entry"))
}

fn random_below(size: i32) -> i32 {
    // A UUID of version 4 has 122 random bits; its last 31 are all random, and 2^31 is a multiple of the size.
    let bits = Uuid::new_v4().as_u128() & 0x7fff_ffff;
    let size = u128::try_from(size.max(1)).unwrap_or(1);
    i32::try_from(bits % size).unwrap_or(0)
}

fn open(tx: &mut Tx<'_>, usage: &str, now: DateTime<Utc>) -> AppResult<i64> {
    let last: Option<i64> =
        status_lists::table.select(diesel::dsl::max(status_lists::id)).first(tx.conn())?;
    let id = last.unwrap_or(0) + 1;
    let row = (
        status_lists::id.eq(id),
        status_lists::usage.eq(usage),
        status_lists::size.eq(SIZE),
        status_lists::taken.eq(0),
        status_lists::version.eq(1),
        status_lists::created_at.eq(Ts::from(now)),
    );
    diesel::insert_into(status_lists::table).values(row).execute(tx.conn()).map_err(|e| {
        if crate::error::is_unique_violation(&e) { AppError::conflict("in-progress") } else { e.into() }
    })?;
    for chunk in 0..SIZE / CHUNK_ENTRIES {
        let row = (
            status_chunks::list_id.eq(id),
            status_chunks::chunk.eq(chunk),
            status_chunks::bits.eq(vec![0_u8; CHUNK_BYTES]),
        );
        diesel::insert_into(status_chunks::table).values(row).execute(tx.conn())?;
    }
    Ok(id)
}

/// Writes the status of an entry: one chunk and the list's version.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such entry.
pub fn set(tx: &mut Tx<'_>, slot: Slot, status: EntryStatus) -> AppResult<()> {
    // The list's row first: on PostgreSQL its lock keeps two changes of one chunk apart.
    let touched =
        diesel::update(status_lists::table.find(slot.list).filter(status_lists::size.gt(slot.index)))
            .set(status_lists::version.eq(status_lists::version + 1))
            .execute(tx.conn())?;
    if touched == 0 {
        return Err(AppError::NotFound);
    }
    let key = (slot.list, slot.index / CHUNK_ENTRIES);
    let bits: Vec<u8> = status_chunks::table.find(key).select(status_chunks::bits).first(tx.conn())?;
    let mut bits = StatusBits::from_bytes(bits);
    let at = u64::try_from(slot.index % CHUNK_ENTRIES).map_err(AppError::internal)?;
    bits.set(at, status).map_err(AppError::internal)?;
    diesel::update(status_chunks::table.find(key))
        .set(status_chunks::bits.eq(bits.as_bytes()))
        .execute(tx.conn())?;
    Ok(())
}

/// The status of an entry; `None` when there is none.
///
/// # Errors
/// Database errors.
pub fn get(conn: &mut Conn, slot: Slot) -> AppResult<Option<EntryStatus>> {
    let key = (slot.list, slot.index / CHUNK_ENTRIES);
    let bits: Option<Vec<u8>> =
        status_chunks::table.find(key).select(status_chunks::bits).first(conn).optional()?;
    let at = u64::try_from(slot.index % CHUNK_ENTRIES).ok();
    Ok(bits.zip(at).and_then(|(bits, at)| StatusBits::from_bytes(bits).get(at)))
}

/// The version of a list, which grows with every change; `None` when there is no such list.
///
/// # Errors
/// Database errors.
pub fn version(conn: &mut Conn, list: i64) -> AppResult<Option<i64>> {
    Ok(status_lists::table.find(list).select(status_lists::version).first(conn).optional()?)
}

/// The entries of a list, whole. Chunks that were never written are all valid.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such list; database errors.
pub fn bits(conn: &mut Conn, list: i64) -> AppResult<StatusBits> {
    let size: i32 = status_lists::table.find(list).select(status_lists::size).first(conn)?;
    let mut bits = StatusBits::new(usize::try_from(size).map_err(AppError::internal)?).as_bytes().to_vec();
    let chunks: Vec<(i32, Vec<u8>)> = status_chunks::table
        .filter(status_chunks::list_id.eq(list))
        .select((status_chunks::chunk, status_chunks::bits))
        .load(conn)?;
    for (chunk, bytes) in chunks {
        let start = usize::try_from(chunk).map_err(AppError::internal)?.saturating_mul(CHUNK_BYTES);
        for (to, from) in bits.iter_mut().skip(start).take(CHUNK_BYTES).zip(bytes) {
            *to = from;
        }
    }
    Ok(StatusBits::from_bytes(bits))
}

/// The lists that there are, with what they are for: `certificate` or `code`.
///
/// # Errors
/// Database errors.
pub fn lists(conn: &mut Conn) -> AppResult<Vec<(i64, String)>> {
    let columns = (status_lists::id, status_lists::usage);
    Ok(status_lists::table.order(status_lists::id).select(columns).load(conn)?)
}
