//! What pages and programs are told of the files of a case.

use super::terms::Purpose;
use super::{Access, Files, store};
use crate::db::Conn;
use crate::deps::Deps;
use crate::error::AppResult;
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileState {
    /// Its bytes have come.
    Received,
    /// It is looked at.
    Scanning,
    /// It can be opened.
    Ready,
    /// It is not kept; `reason` says why.
    Refused,
}

/// A file of a case.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FileBody {
    /// Its identifier.
    pub id: uuid::Uuid,
    /// What its sender called it.
    pub name: String,
    /// `pdf`, `png` or `jpeg`.
    pub kind: String,
    /// Bytes.
    pub size: i64,
    /// Where it stands.
    pub state: FileState,
    /// Why it was refused: a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was handed in.
    pub added_at: DateTime<Utc>,
}

/// The files of a case, and what more it takes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FilesBody {
    /// Those that were handed in.
    pub files: Vec<FileBody>,
    /// How many more it has room for.
    pub more: usize,
    /// Bytes of one file, at most.
    pub largest: usize,
    /// Whether files are looked through for harmful software.
    pub scanned: bool,
}

fn state(row: &store::Row) -> FileState {
    match row.state.as_str() {
        "ready" => FileState::Ready,
        "refused" => FileState::Refused,
        "scanning" => FileState::Scanning,
        _ => FileState::Received,
    }
}

fn body(deps: &Deps, row: &store::Row) -> AppResult<FileBody> {
    Ok(FileBody {
        id: row.id.0,
        name: row.name(&deps.keys)?,
        kind: row.kind.clone(),
        size: row.size,
        state: state(row),
        reason: row.reason.clone(),
        added_at: row.created_at.0,
    })
}

/// The files of a case, for programs.
///
/// # Errors
/// Database errors; a name that cannot be opened.
pub fn list(conn: &mut Conn, deps: &Deps, access: &Access) -> AppResult<FilesBody> {
    let rows = store::of(conn, access)?;
    let files: AppResult<Vec<FileBody>> = rows.iter().map(|row| body(deps, row)).collect();
    let terms = access.purpose.terms();
    Ok(FilesBody {
        files: files?,
        more: more(deps, access.purpose, &rows),
        largest: terms.each,
        scanned: deps.config.clamd.is_some(),
    })
}

/// How many more a case takes.
fn more(deps: &Deps, purpose: Purpose, rows: &[store::Row]) -> usize {
    let kept = rows.iter().filter(|row| row.state != "refused").count();
    let taken = Files::of(deps).is_ok_and(|files| files.place.is_some());
    if taken { purpose.terms().count.saturating_sub(kept) } else { 0 }
}

/// How many files of a case were refused: for whoever has not opened the page.
///
/// # Errors
/// Database errors.
pub fn refused(conn: &mut Conn, access: &Access) -> AppResult<usize> {
    Ok(store::of(conn, access)?.iter().filter(|row| row.state == "refused").count())
}

/// A file as a page shows it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ShownFile)]
pub struct FileView {
    /// Its identifier.
    pub id: uuid::Uuid,
    /// What its sender called it.
    pub name: String,
    /// Where it stands, in words.
    pub word: String,
    /// How that is marked: `ok`, `bad` or `info`.
    pub tag: &'static str,
    /// What kind of file it is, in words.
    pub what: String,
    /// Its size, in words.
    pub size: String,
    /// When it was handed in.
    pub added: DateTime<Utc>,
    /// Why it was refused, in words.
    pub reason: Option<String>,
    /// Where it can be saved from.
    pub href: Option<String>,
}

/// The files of a case as a page shows them, and what more it takes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ShownFiles)]
pub struct FilesView {
    /// Those that were handed in.
    pub list: Vec<FileView>,
    /// The address below which each has its own.
    pub base: String,
    /// How many more the case has room for.
    pub more: usize,
    /// How many it takes in all.
    pub count: usize,
    /// Mebibytes of one file, at most.
    pub largest: usize,
    /// Whether files are looked through for harmful software.
    pub scanned: bool,
    /// Whether this portal takes files at all.
    pub taken: bool,
    /// The types that are taken, with commas between.
    pub accept: String,
    /// Whether one of them is still looked at.
    pub waiting: bool,
}

/// The files of a case as a page shows them; below the address of the case each can be opened.
///
/// # Errors
/// As [`list`].
pub fn shown(conn: &mut Conn, deps: &Deps, access: &Access, lang: Lang, case: &str) -> AppResult<FilesView> {
    let (rows, base) = (store::of(conn, access)?, format!("{case}/files"));
    let files: AppResult<Vec<FileView>> = rows.iter().map(|row| one(deps, row, lang, &base)).collect();
    let terms = access.purpose.terms();
    Ok(FilesView {
        list: files?,
        base,
        more: more(deps, access.purpose, &rows),
        count: terms.count,
        largest: terms.each >> 20,
        scanned: deps.config.clamd.is_some(),
        taken: Files::of(deps).is_ok_and(|files| files.place.is_some()),
        accept: terms.kinds.iter().map(|kind| kind.media()).collect::<Vec<_>>().join(","),
        waiting: rows.iter().any(|row| matches!(state(row), FileState::Received | FileState::Scanning)),
    })
}

fn one(deps: &Deps, row: &store::Row, lang: Lang, base: &str) -> AppResult<FileView> {
    let state = state(row);
    let tag = match state {
        FileState::Ready => "ok",
        FileState::Refused => "bad",
        FileState::Received | FileState::Scanning => "info",
    };
    Ok(FileView {
        id: row.id.0,
        name: row.name(&deps.keys)?,
        word: t(lang, &format!("file-state-{}", row.state), &[]),
        tag,
        what: t(lang, &format!("file-kind-{}", row.kind), &[]),
        size: size(lang, row.size),
        added: row.created_at.0,
        reason: row.reason.as_ref().map(|code| t(lang, &format!("file-refused-{code}"), &[])),
        href: (state == FileState::Ready).then(|| format!("{base}/{}", row.id)),
    })
}

/// A size as people say it.
fn size(lang: Lang, bytes: i64) -> String {
    let (number, unit) = if bytes < 1 << 20 {
        ((bytes.max(1) + 1023) >> 10, "file-size-kb")
    } else {
        ((bytes + (1 << 20) - 1) >> 20, "file-size-mb")
    };
    t(lang, unit, &[("n", number.into())])
}

/// The files of a case for the copy of one's data: what was handed in, and when; each can be saved from its case.
///
/// # Errors
/// As [`list`].
pub fn copied(conn: &mut Conn, deps: &Deps, access: &Access) -> AppResult<Value> {
    let rows = store::of(conn, access)?;
    let files: AppResult<Vec<FileBody>> = rows.iter().map(|row| body(deps, row)).collect();
    Ok(json!(files?))
}
