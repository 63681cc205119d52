//! Where an entry stands in the tree, and which entries stand at a place of it: both follow from the heads.

use super::head::{self, Head};
use super::tree::{self, Hash, leaf_hash};
use crate::db::Conn;
use crate::db::schema::{audit_chunks, audit_entries, audit_heads};
use crate::error::{AppError, AppResult};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// Leaves of a subtree whose root is stored.
pub(super) const CHUNK: i64 = 256;

pub(super) fn to_hash(bytes: &[u8]) -> AppResult<Hash> {
    bytes.try_into().map_err(|_| AppError::internal("a stored hash has the wrong length"))
}

/// That an entry is in the tree of a signed head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Proof {
    /// Place in the tree, from 0.
    pub index: u64,
    /// The leaf: SHA-256(0x00 ‖ entry hash), hexadecimal.
    pub leaf: String,
    /// Hashes from the bottom up (RFC 9162, 2.1.3), hexadecimal.
    pub path: Vec<String>,
}

/// The number of the first head whose tree has more than `index` leaves, by halving; heads grow with their number.
fn head_of_leaf(conn: &mut Conn, index: i64, last: i64) -> AppResult<i64> {
    let (mut low, mut high) = (1, last);
    while low < high {
        let middle = low + (high - low) / 2;
        let size: i64 = audit_heads::table.find(middle).select(audit_heads::tree_size).first(conn)?;
        if size > index {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

/// The hashes of the leaves `from`..`to`, by the stored hashes of their entries.
pub(super) fn leaves(conn: &mut Conn, from: i64, to: i64) -> AppResult<Vec<Hash>> {
    let last = head::latest(conn)?.ok_or_else(|| AppError::internal("the audit tree has no head"))?.number;
    let mut number = head_of_leaf(conn, from, last)?;
    let mut start = match number {
        1 => 0,
        n => head::by_number(conn, n - 1)?.map_or(0, |h| h.tree_size),
    };
    let mut found = Vec::new();
    while start < to {
        let heads = head::after(conn, number - 1, 500)?;
        let Some(newest) = heads.last() else { return Err(AppError::internal("the audit tree ends early")) };
        number = newest.number + 1;
        for head in &heads {
            if head.tree_size > start && start < to {
                found.extend(leaves_of(conn, head, start, from, to)?);
            }
            start = head.tree_size;
        }
    }
    Ok(found)
}

/// Those leaves of one head that lie in `from`..`to`; the head's first leaf has the place `start`.
fn leaves_of(conn: &mut Conn, head: &Head, start: i64, from: i64, to: i64) -> AppResult<Vec<Hash>> {
    let (mut at, mut found) = (start, Vec::new());
    for (lane, part) in &head.lanes {
        let count = part.1 - part.0;
        let (a, b) = (from.max(at), to.min(at + count));
        if a < b {
            let stored: Vec<Vec<u8>> = audit_entries::table
                .filter(audit_entries::lane.eq(*lane))
                .filter(audit_entries::seq.gt(part.0 + (a - at)))
                .filter(audit_entries::seq.le(part.0 + (b - at)))
                .order(audit_entries::seq)
                .select(audit_entries::hash)
                .load(conn)?;
            found.extend(stored.iter().map(|h| leaf_hash(h)));
        }
        at += count;
    }
    Ok(found)
}

/// The root over the leaves a..b of the newest tree: from stored roots, or within one chunk from its leaves. The
/// splits of the tree are powers of two, so a range is either within a chunk or begins and ends with chunks.
fn range_root(conn: &mut Conn, size: i64, a: u64, b: u64) -> AppResult<Hash> {
    let place = |n: u64| i64::try_from(n).map_err(AppError::internal);
    let (a, b) = (place(a)?, place(b)?);
    if b - a <= CHUNK && a / CHUNK == (b - 1) / CHUNK {
        return Ok(tree::root(&leaves(conn, a, b)?));
    }
    let stored: Vec<Vec<u8>> = audit_chunks::table
        .filter(audit_chunks::idx.ge(a / CHUNK))
        .filter(audit_chunks::idx.lt(b / CHUNK))
        .order(audit_chunks::idx)
        .select(audit_chunks::root)
        .load(conn)?;
    let mut roots = stored.iter().map(|r| to_hash(r)).collect::<AppResult<Vec<_>>>()?;
    if b % CHUNK != 0 {
        roots.push(tree::root(&leaves(conn, b - b % CHUNK, b.min(size))?));
    }
    Ok(tree::root(&roots))
}

/// The place of an entry in the tree, by halving over the heads; `None` while no head has taken it up.
fn place(conn: &mut Conn, lane: i32, seq: i64, last: &Head) -> AppResult<Option<i64>> {
    if seq < 1 || last.lanes.get(&lane).is_none_or(|part| part.1 < seq) {
        return Ok(None);
    }
    let (mut low, mut high) = (1, last.number);
    while low < high {
        let middle = low + (high - low) / 2;
        let head = head::by_number(conn, middle)?.ok_or(AppError::NotFound)?;
        if head.lanes.get(&lane).is_some_and(|part| part.1 >= seq) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    let head = head::by_number(conn, low)?.ok_or(AppError::NotFound)?;
    let new: i64 = head.lanes.values().map(|part| part.1 - part.0).sum();
    let before: i64 = head.lanes.range(..lane).map(|(_, part)| part.1 - part.0).sum();
    let from = head.lanes.get(&lane).map_or(0, |part| part.0);
    Ok(Some(head.tree_size - new + before + (seq - from - 1)))
}

/// The proof that an entry is in the newest tree, with the newest head; `None` while no head has taken it up.
///
/// # Errors
/// Database errors.
pub fn prove(conn: &mut Conn, lane: i32, seq: i64) -> AppResult<Option<(Proof, Head)>> {
    let Some(last) = head::latest(conn)? else { return Ok(None) };
    let Some(index) = place(conn, lane, seq, &last)? else { return Ok(None) };
    let stored: Vec<u8> = audit_entries::table.find((lane, seq)).select(audit_entries::hash).first(conn)?;
    let unsigned = |n: i64| u64::try_from(n).map_err(AppError::internal);
    let size = last.tree_size;
    let path = tree::inclusion(unsigned(index)?, unsigned(size)?, &mut |a, b| range_root(conn, size, a, b))?;
    let proof = Proof {
        index: unsigned(index)?,
        leaf: hex::encode(leaf_hash(&stored)),
        path: path.unwrap_or_default().iter().map(hex::encode).collect(),
    };
    Ok(Some((proof, last)))
}

/// Whether a proof leads from an entry's hash to a head's root.
pub fn proves(entry_hash: &[u8], proof: &Proof, head: &Head) -> bool {
    let path: Option<Vec<Hash>> = proof.path.iter().map(|h| hex::decode(h).ok()?.try_into().ok()).collect();
    let (Some(path), Ok(root), Ok(size)) = (path, to_hash(&head.root), u64::try_from(head.tree_size)) else {
        return false;
    };
    tree::verify_inclusion(&leaf_hash(entry_hash), proof.index, size, &path, &root)
}

/// Whether the tree of an earlier head is the beginning of the newest one's, by a consistency proof from what is
/// stored.
///
/// # Errors
/// Database errors.
pub fn is_beginning(conn: &mut Conn, earlier: &Head, newest: &Head) -> AppResult<bool> {
    let sizes = u64::try_from(earlier.tree_size).ok().zip(u64::try_from(newest.tree_size).ok());
    let Some((old, new)) = sizes else { return Ok(false) };
    if old == 0 {
        return Ok(true);
    }
    let size = newest.tree_size;
    let proof = tree::consistency(old, new, &mut |a, b| range_root(conn, size, a, b))?;
    let roots = (to_hash(&earlier.root)?, to_hash(&newest.root)?);
    Ok(proof.is_some_and(|proof| tree::verify_consistency(old, new, &roots.0, &roots.1, &proof)))
}
