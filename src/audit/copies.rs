//! Copies of the heads outside the database: a file that only grows, one JSON line a head. Whoever rewrites the
//! database would have to rewrite every copy too; keep the folder on another machine or on write-once storage.

use super::head::{self, Head, PublicKeys};
use crate::crypto::SigningUsage;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The file in the configured folder.
pub const FILE: &str = "heads.jsonl";
/// Heads that are copied at a time.
const STEP: i64 = 500;
/// No line is longer; a head with 16 lanes has some 2 KiB.
const MAX_LINE: u64 = 64 * 1024;

/// Appends the heads that the file does not have yet. Each process keeps its own file complete, whoever signed.
pub(super) async fn catch_up(deps: &App) -> AppResult<()> {
    let path = deps.config.audit_heads.join(FILE);
    loop {
        let known = last_number(&path).map_err(|e| unwritable(&e))?;
        let heads = deps.store.read(move |conn| head::after(conn, known, STEP)).await?;
        let (path, count) = (path.clone(), heads.len());
        tokio::task::spawn_blocking(move || append(&path, &heads))
            .await
            .map_err(AppError::internal)?
            .map_err(|e| unwritable(&e))?;
        if i64::try_from(count).unwrap_or(0) < STEP {
            return Ok(());
        }
    }
}

fn unwritable(e: &std::io::Error) -> AppError {
    AppError::Unavailable(format!("the copies of audit heads cannot be written: {e}"))
}

/// Under a lock, and again without what another process of this machine has appended meanwhile. One write, synced.
fn append(path: &Path, heads: &[Head]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    file.lock()?;
    let known = last_number(path)?;
    let mut text = Vec::new();
    // A write that was cut off left half a line: it is ended, and the head is written again.
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            text.push(b'\n');
        }
    }
    for head in heads.iter().filter(|h| h.number > known) {
        serde_json::to_writer(&mut text, head)?;
        text.push(b'\n');
    }
    if !text.is_empty() {
        file.write_all(&text)?;
        file.sync_all()?;
    }
    file.unlock()
}

/// The number of the last whole line, 0 without one.
fn last_number(path: &Path) -> std::io::Result<i64> {
    Ok(last(path)?.map_or(0, |head| head.number))
}

/// The head of the last whole line.
fn last(path: &Path) -> std::io::Result<Option<Head>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let length = file.seek(SeekFrom::End(0))?;
    let mut back = MAX_LINE;
    loop {
        let from = length.saturating_sub(back);
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        (&file).take(back).read_to_end(&mut tail)?;
        let lines = tail.split(|b| *b == b'\n').rev();
        if let Some(head) = lines.filter_map(|l| serde_json::from_slice::<Head>(l).ok()).next() {
            return Ok(Some(head));
        }
        if from == 0 {
            return Ok(None);
        }
        back = back.saturating_mul(4);
    }
}

/// The newest copied head if the database does not have it: a head is copied only when it is stored, so the database is
/// of before. None for a copy that no key of ours has signed; [`super::verify()`] tells of that.
///
/// # Errors
/// Database errors; [`AppError::Unavailable`] when the copies cannot be read.
pub async fn lost(deps: &App) -> AppResult<Option<Head>> {
    let path = deps.config.audit_heads.join(FILE);
    let copied = last(&path).map_err(|e| AppError::Unavailable(format!("copies of audit heads: {e}")))?;
    let keys = PublicKeys::of(&deps.keys, SigningUsage::Audit);
    let Some(copied) = copied.filter(|head| head.is_signed(&keys)) else { return Ok(None) };
    let number = copied.number;
    let stored = deps.store.read(move |conn| head::by_number(conn, number)).await?;
    Ok(Some(copied).filter(|copied| stored.as_ref() != Some(copied)))
}

/// Keeps the copies of a record of before under another name, so that those of the present one are whole in a file of
/// their own. The verification reads both, and tells what is missing for as long as the file is in the folder.
///
/// # Errors
/// [`AppError::Unavailable`] when the file cannot be renamed.
pub fn set_aside(deps: &App, last: &Head) -> AppResult<()> {
    let folder = &deps.config.audit_heads;
    let aside = folder.join(format!("heads-lost-{}-{}.jsonl", last.number, last.at.timestamp()));
    std::fs::rename(folder.join(FILE), aside).map_err(|e| unwritable(&e))
}

/// The files with copies in a folder: every `*.jsonl`, sorted.
///
/// # Errors
/// When the folder cannot be read.
pub fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "jsonl") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The heads of a file, line by line; `None` for a line that is no head.
///
/// # Errors
/// When the file cannot be opened.
pub fn read(path: &Path) -> std::io::Result<impl Iterator<Item = Option<Head>>> {
    let lines = BufReader::new(File::open(path)?).split(b'\n');
    Ok(lines
        .map_while(Result::ok)
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(&line).ok()))
}
