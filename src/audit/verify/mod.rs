//! Going through the whole record again: every chain from its first entry, every head's signature, root and
//! lengths, and the copies outside the database. Streams: memory does not grow with the record.
//!
//! What can be found without the signing key's owner: everything up to the newest head, and by the copies also a
//! record that was cut back together with its heads. Entries younger than the newest copy (a minute) are covered by
//! their chain only.

mod copied;

use crate::audit::chain::{Row, row_hash};
use crate::audit::finding::{Finding, Summary};
use crate::audit::head::{self, Head, PublicKeys};
use crate::audit::leaves::{CHUNK, is_beginning};
use crate::audit::tree::{Hash, Peaks, leaf_hash};
use crate::db::schema::{audit_chunks, audit_entries, audit_lanes};
use crate::db::{Conn, Ts};
use crate::error::{AppError, AppResult};
use chrono::TimeDelta;
use copied::{Copy, digest};
use diesel::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Entries read at a time.
const PAGE: i64 = 2000;

struct Lane {
    seq: i64,
    hash: Vec<u8>,
}

struct Run<'a> {
    keys: &'a PublicKeys,
    lanes: BTreeMap<i32, Lane>,
    tree: Peaks,
    chunk: Peaks,
    /// After the first wrong root the following ones say nothing new.
    tree_holds: bool,
    summary: Summary,
    found: &'a mut dyn FnMut(&Finding),
}

/// Verifies the record on a connection, in one snapshot, against the public audit keys and, if a folder is given, the
/// copies in it. `found` is told of each thing that does not fit, as it is found.
///
/// # Errors
/// Database errors and an unreadable folder; what does not fit is no error.
pub fn verify(
    conn: &mut Conn,
    keys: &PublicKeys,
    folder: Option<&Path>,
    found: &mut dyn FnMut(&Finding),
) -> AppResult<Summary> {
    let mut run = Run::new(keys, found);
    let copies = match folder {
        Some(folder) => run.read_copies(folder)?,
        None => Vec::new(),
    };
    conn.transaction(|conn| {
        if let Conn::Pg(c) = conn {
            diesel::sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(c)?;
        }
        let last = run.heads(conn, &copies)?;
        let bare = folder.is_some() && copies.iter().all(|c| c.newest.is_none());
        if bare && (last.is_some() || had_heads(conn)?) {
            run.report(&Finding::NoCopies);
        }
        run.lane_rows(conn)?;
        run.beyond(&copies, last.as_ref());
        Ok::<_, AppError>(())
    })?;
    Ok(run.summary)
}

/// Verifies what is newest, at a bounded cost: the last `heads` heads (signatures; that the oldest tree among them is
/// the beginning of the newest) and the last `entries` entries of each lane. Finds the same things as [`verify`], there.
///
/// # Errors
/// As [`verify`].
pub fn verify_recent(
    conn: &mut Conn,
    keys: &PublicKeys,
    heads: i64,
    entries: i64,
    found: &mut dyn FnMut(&Finding),
) -> AppResult<Summary> {
    let mut run = Run::new(keys, found);
    run.tree_holds = false;
    if let Some(newest) = head::latest(conn)? {
        let first = (newest.number - heads).max(0);
        let recent = head::after(conn, first, heads)?;
        for head in &recent {
            run.summary.heads += 1;
            if !head.is_signed(keys) {
                run.report(&Finding::HeadSignature { number: head.number });
            }
        }
        for earlier in recent.first().into_iter().chain(recent.iter().rev().nth(1)) {
            if !is_beginning(conn, earlier, &newest)? {
                run.report(&Finding::HeadRoot { number: newest.number });
            }
        }
    }
    let rows: Vec<(i32, i64, Vec<u8>)> = audit_lanes::table
        .order(audit_lanes::lane)
        .select((audit_lanes::lane, audit_lanes::length, audit_lanes::head))
        .load(conn)?;
    for (lane, length, hash) in rows {
        let seq = (length - entries).max(0);
        let before: Option<Vec<u8>> =
            audit_entries::table.find((lane, seq)).select(audit_entries::hash).first(conn).optional()?;
        run.lanes.insert(lane, Lane { seq, hash: before.unwrap_or_else(|| vec![0; 32]) });
        run.entries(conn, lane, length)?;
        if run.lanes.get(&lane).is_some_and(|l| l.hash != hash) {
            run.report(&Finding::LaneRow { lane });
        }
    }
    Ok(run.summary)
}

/// Whether a head must have been signed: entries lie further apart than twice what is promised. A portal that was just
/// set up has neither heads nor copies, and nothing is wrong with it.
fn had_heads(conn: &mut Conn) -> AppResult<bool> {
    let at = audit_entries::table.select(audit_entries::at);
    let first: Option<Ts> = at.order(audit_entries::at).first(conn).optional()?;
    let last: Option<Ts> = at.order(audit_entries::at.desc()).first(conn).optional()?;
    Ok(first.zip(last).is_some_and(|(first, last)| last.0 - first.0 > TimeDelta::minutes(2)))
}

impl<'a> Run<'a> {
    fn new(keys: &'a PublicKeys, found: &'a mut dyn FnMut(&Finding)) -> Self {
        Run {
            keys,
            lanes: BTreeMap::new(),
            tree: Peaks::default(),
            chunk: Peaks::default(),
            tree_holds: true,
            summary: Summary::default(),
            found,
        }
    }

    fn report(&mut self, finding: &Finding) {
        self.summary.findings += 1;
        (self.found)(finding);
    }

    /// Goes through the heads and the entries that they took up; gives the last head.
    fn heads(&mut self, conn: &mut Conn, copies: &[Copy]) -> AppResult<Option<Head>> {
        let mut last: Option<Head> = None;
        loop {
            let number = last.as_ref().map_or(0, |h| h.number);
            let page = head::after(conn, number, 500)?;
            if page.is_empty() {
                return Ok(last);
            }
            for head in page {
                let before = last.as_ref().map_or(0, |h| h.number);
                if head.number != before + 1 {
                    self.report(&Finding::HeadsMissing { from: before + 1, to: head.number - 1 });
                    self.tree_holds = false;
                }
                self.one_head(conn, &head, last.as_ref(), copies)?;
                last = Some(head);
            }
        }
    }

    fn one_head(
        &mut self,
        conn: &mut Conn,
        head: &Head,
        last: Option<&Head>,
        copies: &[Copy],
    ) -> AppResult<()> {
        let number = head.number;
        self.summary.heads += 1;
        if !head.is_signed(self.keys) {
            self.report(&Finding::HeadSignature { number });
        }
        let digest = digest(head);
        for copy in copies.iter().filter(|c| c.digests.get(&number).is_some_and(|d| *d != digest)) {
            self.report(&Finding::CopyDiffers { file: copy.file.clone(), number });
        }
        for (lane, part) in &head.lanes {
            let begin = last.and_then(|h| h.lanes.get(lane)).map_or(0, |p| p.1);
            self.entries(conn, *lane, part.1)?;
            let fits = self.lanes.get(lane).is_some_and(|l| l.hash == part.2);
            if !fits || part.0 != begin {
                self.report(&Finding::HeadLane { number, lane: *lane, from: begin + 1, to: part.1 });
            }
        }
        let same_size = i64::try_from(self.tree.size()).ok() == Some(head.tree_size);
        if self.tree_holds && (!same_size || self.tree.root() != *head.root.as_slice()) {
            self.report(&Finding::HeadRoot { number });
            self.tree_holds = false;
        }
        Ok(())
    }

    /// Goes on in a lane up to an entry.
    fn entries(&mut self, conn: &mut Conn, lane: i32, to: i64) -> AppResult<()> {
        loop {
            let from = self.lanes.entry(lane).or_insert_with(|| Lane { seq: 0, hash: vec![0; 32] }).seq;
            if from >= to {
                return Ok(());
            }
            let page = page(conn, lane, from, to)?;
            let full = i64::try_from(page.len()).ok() == Some(PAGE);
            for (seq, row) in page {
                self.entry(conn, lane, seq, row)?;
            }
            if !full {
                self.gap(lane, to);
                return Ok(());
            }
        }
    }

    /// Reports the entries that are missing up to `to`, and goes on behind them.
    fn gap(&mut self, lane: i32, to: i64) {
        let Some(state) = self.lanes.get_mut(&lane).filter(|l| l.seq < to) else { return };
        let from = state.seq + 1;
        state.seq = to;
        self.tree_holds = false;
        self.report(&Finding::Missing { lane, from, to });
    }

    fn entry(&mut self, conn: &mut Conn, lane: i32, seq: i64, row: Option<Row>) -> AppResult<()> {
        let state = self.lanes.get(&lane);
        let (expected, before) = state.map_or((1, vec![0; 32]), |l| (l.seq + 1, l.hash.clone()));
        if seq > expected {
            self.gap(lane, seq - 1);
        }
        self.summary.entries += 1;
        let stored = match row {
            None => {
                self.report(&Finding::Altered { lane, seq });
                self.tree_holds = false;
                Vec::new()
            }
            Some(row) => {
                if row_hash(&row) != *row.hash.as_slice() {
                    self.report(&Finding::Altered { lane, seq });
                } else if seq == expected && row.prev != before {
                    self.report(&Finding::Link { lane, seq });
                }
                row.hash
            }
        };
        self.grow(conn, leaf_hash(&stored))?;
        self.lanes.insert(lane, Lane { seq, hash: stored });
        Ok(())
    }

    /// Adds a leaf; at the end of a chunk its stored root is compared.
    fn grow(&mut self, conn: &mut Conn, leaf: Hash) -> AppResult<()> {
        self.tree.push(leaf);
        self.chunk.push(leaf);
        if i64::try_from(self.chunk.size()).ok() != Some(CHUNK) {
            return Ok(());
        }
        let chunk = std::mem::take(&mut self.chunk);
        let index = i64::try_from(self.tree.size()).map_err(AppError::internal)? / CHUNK - 1;
        let stored: Option<Vec<u8>> =
            audit_chunks::table.find(index).select(audit_chunks::root).first(conn).optional()?;
        // A chunk that the last head has not completed has no stored root yet.
        if self.tree_holds && stored.is_some_and(|root| root != chunk.root()) {
            self.report(&Finding::Chunk { index });
        }
        Ok(())
    }

    /// The lanes' own rows, the entries since the last head, and entries that no lane knows.
    fn lane_rows(&mut self, conn: &mut Conn) -> AppResult<()> {
        let rows: Vec<(i32, i64, Vec<u8>)> = audit_lanes::table
            .order(audit_lanes::lane)
            .select((audit_lanes::lane, audit_lanes::length, audit_lanes::head))
            .load(conn)?;
        self.tree_holds = false;
        let mut known: Vec<i32> = self.lanes.keys().copied().collect();
        for (lane, length, hash) in &rows {
            self.entries(conn, *lane, *length)?;
            if self.lanes.get(lane).is_some_and(|l| l.seq != *length || l.hash != *hash) {
                self.report(&Finding::LaneRow { lane: *lane });
            }
            known.retain(|l| l != lane);
        }
        for lane in known {
            self.report(&Finding::LaneRow { lane });
        }
        let ends: Vec<(i32, Option<i64>)> = audit_entries::table
            .group_by(audit_entries::lane)
            .select((audit_entries::lane, diesel::dsl::max(audit_entries::seq)))
            .load(conn)?;
        for (lane, end) in ends {
            let (to, seq) = (end.unwrap_or(0), self.lanes.get(&lane).map_or(0, |l| l.seq));
            if to > seq {
                self.report(&Finding::Extra { lane, from: seq + 1, to });
            }
        }
        Ok(())
    }
}

/// Entries after `from` up to `to`; `None` for one that cannot even be read.
fn page(conn: &mut Conn, lane: i32, from: i64, to: i64) -> AppResult<Vec<(i64, Option<Row>)>> {
    let within = audit_entries::table
        .filter(audit_entries::lane.eq(lane))
        .filter(audit_entries::seq.gt(from))
        .filter(audit_entries::seq.le(to))
        .order(audit_entries::seq)
        .limit(PAGE);
    match within.select(Row::as_select()).load::<Row>(conn) {
        Ok(rows) => Ok(rows.into_iter().map(|r| (r.seq, Some(r))).collect()),
        Err(diesel::result::Error::DeserializationError(_)) => {
            let places: Vec<i64> = within.select(audit_entries::seq).load(conn)?;
            places
                .into_iter()
                .map(|seq| {
                    let row =
                        audit_entries::table.find((lane, seq)).select(Row::as_select()).first::<Row>(conn);
                    match row {
                        Ok(row) => Ok((seq, Some(row))),
                        Err(diesel::result::Error::DeserializationError(_)) => Ok((seq, None)),
                        Err(e) => Err(e.into()),
                    }
                })
                .collect()
        }
        Err(e) => Err(e.into()),
    }
}
