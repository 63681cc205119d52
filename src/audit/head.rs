//! Signed heads: what the record was at a moment, so that nobody can later shorten or rewrite it unseen.
//!
//! A head covers the length and the last hash of every lane and the root of the Merkle tree over all entries. The
//! tree's leaves are the entries' hashes in the order in which heads took them up: head by head, within one by lane
//! and place. A head is signed every minute even when nothing is new, so that its age is a promise; a copy goes to a
//! file outside the database (`heads.jsonl`, one line a head).

use super::leaves::{CHUNK, leaves, to_hash};
use super::tree::{Hash, leaf_hash, root};
use crate::crypto::{Keyring, SigningUsage};
use crate::db::schema::{audit_chunks, audit_entries, audit_heads, audit_lanes};
use crate::db::{Conn, Js, Ts, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult, is_unique_violation};
use crate::jobs::Job;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Entries that one head takes up at most; what is left goes into the next one at once.
const MAX_LEAVES: i64 = 50_000;
/// Heads that one run makes at most.
const MAX_RUNS: usize = 100;

/// A lane's part in a head: entries `from`+1 ..= `to` are new, `hash` is that of entry `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanePart(pub i64, pub i64, #[serde(with = "hex_bytes")] pub Vec<u8>);

/// A signed head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Counts heads from 1.
    pub number: i64,
    /// When it was signed.
    pub at: DateTime<Utc>,
    /// Entries in the tree.
    pub tree_size: i64,
    /// The tree's root.
    #[serde(with = "hex_bytes")]
    pub root: Vec<u8>,
    /// Every lane.
    pub lanes: BTreeMap<i32, LanePart>,
    /// Id of the key that signed.
    #[serde(with = "hex_bytes")]
    pub kid: Vec<u8>,
    /// ES256 over [`Head::signed_bytes`].
    #[serde(with = "hex_bytes")]
    pub signature: Vec<u8>,
}

mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(d)?).map_err(|_| serde::de::Error::custom("not hexadecimal"))
    }
}

impl Head {
    /// What is signed: a label, number, time in µs, size, root, then each lane's number, length and last hash;
    /// integers big-endian.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"fugong-audit-head-1\0".to_vec();
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.at.timestamp_micros().to_be_bytes());
        bytes.extend(self.tree_size.to_be_bytes());
        bytes.extend(&self.root);
        for (lane, part) in &self.lanes {
            bytes.extend(lane.to_be_bytes());
            bytes.extend(part.1.to_be_bytes());
            bytes.extend(&part.2);
        }
        bytes
    }

    /// Whether one of the audit keys has signed it.
    pub fn is_signed(&self, keys: &PublicKeys) -> bool {
        keys.verify(&self.kid, &self.signed_bytes(), &self.signature)
    }
}

/// Public keys by key id: uncompressed P-256 points.
#[derive(Debug, Clone, Default)]
pub struct PublicKeys(BTreeMap<Vec<u8>, Vec<u8>>);

impl PublicKeys {
    /// Those of a usage, past ones too.
    pub fn of(keys: &Keyring, usage: SigningUsage) -> Self {
        let point = |spki: &[u8]| spki.get(spki.len().saturating_sub(65)..).unwrap_or_default().to_vec();
        Self(keys.signing_keys(usage).iter().map(|k| (k.kid().to_vec(), point(k.spki_der()))).collect())
    }

    /// Checks an ES256 signature (r ‖ s) by the key of that id.
    pub fn verify(&self, kid: &[u8], message: &[u8], signature: &[u8]) -> bool {
        use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
        self.0.get(kid).is_some_and(|point| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_heads)]
struct Row {
    number: i64,
    at: Ts,
    tree_size: i64,
    root: Vec<u8>,
    lanes: Js,
    kid: Vec<u8>,
    signature: Vec<u8>,
}

impl TryFrom<Row> for Head {
    type Error = AppError;

    fn try_from(row: Row) -> AppResult<Self> {
        let Row { number, at, tree_size, root, lanes, kid, signature } = row;
        let lanes = serde_json::from_value(lanes.0)
            .map_err(|_| AppError::internal(format!("the lanes of audit head {number} cannot be read")))?;
        Ok(Self { number, at: at.0, tree_size, root, lanes, kid, signature })
    }
}

/// The newest head.
///
/// # Errors
/// Database errors.
pub fn latest(conn: &mut Conn) -> AppResult<Option<Head>> {
    let row: Option<Row> = audit_heads::table
        .order(audit_heads::number.desc())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Head::try_from).transpose()
}

/// A head by its number.
///
/// # Errors
/// Database errors.
pub fn by_number(conn: &mut Conn, number: i64) -> AppResult<Option<Head>> {
    let row: Option<Row> = audit_heads::table.find(number).select(Row::as_select()).first(conn).optional()?;
    row.map(Head::try_from).transpose()
}

/// Up to `limit` heads after a number, in order.
///
/// # Errors
/// Database errors.
pub fn after(conn: &mut Conn, number: i64, limit: i64) -> AppResult<Vec<Head>> {
    let rows: Vec<Row> = audit_heads::table
        .filter(audit_heads::number.gt(number))
        .order(audit_heads::number)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Head::try_from).collect()
}

/// A head that is ready to be signed, and the chunks that it completes.
struct Prepared {
    head: Head,
    chunks: Vec<(i64, Hash)>,
    more: bool,
}

/// Signs heads until every entry is taken up, and copies them outside the database.
#[derive(Debug, Serialize, Deserialize)]
pub struct Signing;

impl Job for Signing {
    const NAME: &'static str = "audit.head";

    /// # Errors
    /// Database errors; a folder that cannot be written to.
    async fn run(self, deps: App) -> AppResult<()> {
        sign(&deps).await
    }
}

async fn sign(deps: &App) -> AppResult<()> {
    for _ in 0..MAX_RUNS {
        let (keys, now) = (deps.keys.clone(), deps.clock.now());
        let prepared = deps.store.read(move |conn| prepare(conn, now)).await?;
        let more = prepared.more;
        deps.store.write(move |tx| store(tx, &keys, prepared)).await?;
        if !more {
            break;
        }
    }
    super::copies::catch_up(deps).await
}

/// Reads what is new. The lanes' lengths are read first: an entry below them is visible to every later query.
fn prepare(conn: &mut Conn, now: DateTime<Utc>) -> AppResult<Prepared> {
    let last = latest(conn)?;
    let lanes: Vec<(i32, i64)> = audit_lanes::table
        .order(audit_lanes::lane)
        .select((audit_lanes::lane, audit_lanes::length))
        .load(conn)?;
    let size = last.as_ref().map_or(0, |h| h.tree_size);
    let mut parts = last.as_ref().map(|h| h.lanes.clone()).unwrap_or_default();
    for part in parts.values_mut() {
        part.0 = part.1;
    }
    // The chunk that is not complete yet begins with leaves that earlier heads have taken up.
    let begun = size - size % CHUNK;
    let mut open: Vec<Hash> = if begun < size { leaves(conn, begun, size)? } else { Vec::new() };
    let (mut left, mut more) = (MAX_LEAVES, false);
    for (lane, length) in lanes {
        let from = parts.get(&lane).map_or(0, |p| p.1);
        let to = length.min(from + left);
        more |= to < length;
        left -= to - from;
        let hashes = entry_hashes(conn, lane, from, to)?;
        if i64::try_from(hashes.len()).unwrap_or(0) != to - from {
            return Err(AppError::internal(format!("audit lane {lane} has gaps after {from}")));
        }
        let hash = match (hashes.last(), parts.get(&lane)) {
            (Some(hash), _) => hash.clone(),
            (None, Some(part)) => part.2.clone(),
            (None, None) => vec![0; 32],
        };
        open.extend(hashes.iter().map(|h| leaf_hash(h)));
        parts.insert(lane, LanePart(from, to, hash));
    }
    let tree_size = size + (MAX_LEAVES - left);
    finish(conn, now, last.map_or(0, |h| h.number) + 1, tree_size, begun, &open, parts, more)
}

#[allow(clippy::too_many_arguments)]
fn finish(
    conn: &mut Conn,
    now: DateTime<Utc>,
    number: i64,
    tree_size: i64,
    begun: i64,
    open: &[Hash],
    lanes: BTreeMap<i32, LanePart>,
    more: bool,
) -> AppResult<Prepared> {
    let complete: Vec<Vec<u8>> = audit_chunks::table
        .filter(audit_chunks::idx.lt(begun / CHUNK))
        .order(audit_chunks::idx)
        .select(audit_chunks::root)
        .load(conn)?;
    let mut roots = complete.iter().map(|r| to_hash(r)).collect::<AppResult<Vec<Hash>>>()?;
    if i64::try_from(roots.len()).ok() != Some(begun / CHUNK) {
        return Err(AppError::internal("roots of the audit tree are missing"));
    }
    let size = usize::try_from(CHUNK).unwrap_or(256);
    let mut chunks = Vec::new();
    for (index, chunk) in (begun / CHUNK..).zip(open.chunks(size)) {
        roots.push(root(chunk));
        if chunk.len() == size {
            chunks.push((index, root(chunk)));
        }
    }
    let head = Head {
        number,
        at: crate::clock::to_micros(now),
        tree_size,
        root: root(&roots).to_vec(),
        lanes,
        kid: Vec::new(),
        signature: Vec::new(),
    };
    Ok(Prepared { head, chunks, more })
}

fn entry_hashes(conn: &mut Conn, lane: i32, from: i64, to: i64) -> AppResult<Vec<Vec<u8>>> {
    Ok(audit_entries::table
        .filter(audit_entries::lane.eq(lane))
        .filter(audit_entries::seq.gt(from))
        .filter(audit_entries::seq.le(to))
        .order(audit_entries::seq)
        .select(audit_entries::hash)
        .load(conn)?)
}

/// Signs and stores. Another worker may have been faster: its head has this number, and ours is left away.
fn store(tx: &mut Tx<'_>, keys: &Keyring, prepared: Prepared) -> AppResult<()> {
    let Prepared { mut head, chunks, .. } = prepared;
    let key = keys.signing_key(SigningUsage::Audit)?;
    head.kid = key.kid().to_vec();
    head.signature = key.sign(&head.signed_bytes())?.to_vec();
    if latest(tx.conn())?.map_or(0, |h| h.number) + 1 != head.number {
        return Ok(());
    }
    let row = Row {
        number: head.number,
        at: head.at.into(),
        tree_size: head.tree_size,
        root: head.root,
        lanes: Js(serde_json::to_value(&head.lanes).map_err(AppError::internal)?),
        kid: head.kid,
        signature: head.signature,
    };
    match diesel::insert_into(audit_heads::table).values(&row).execute(tx.conn()) {
        Ok(_) => {}
        // The transaction fails as a whole and changes nothing; the job's next run finds the other's head.
        Err(e) if is_unique_violation(&e) => return Err(AppError::conflict("audit-head-taken")),
        Err(e) => return Err(e.into()),
    }
    for (index, hash) in chunks {
        let values = (audit_chunks::idx.eq(index), audit_chunks::root.eq(hash.to_vec()));
        diesel::insert_into(audit_chunks::table).values(values).execute(tx.conn())?;
    }
    Ok(())
}
