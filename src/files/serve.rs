//! A file on its way to whoever may see it: as something to save, never as something that this site shows.

use super::name::disposition;
use super::range::{self, Part};
use super::read::Reader;
use super::{Access, Files, store};
use crate::db::{Conn, Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::problem;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    ContentEncoding, ETAG, HeaderName, HeaderValue, IF_RANGE, RANGE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use futures_util::stream::{self, LocalBoxStream, StreamExt};
use std::ops::Range;

/// Nothing in a file runs, loads or is sent anywhere, also where a browser shows it after all.
const POLICY: &str =
    "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// A file that may be opened.
pub struct Opened(store::Row);

impl Opened {
    /// Its identifier, for the record.
    #[must_use]
    pub fn id(&self) -> Id {
        self.0.id
    }
}

/// A file of a case, if it has been looked at and kept.
///
/// # Errors
/// [`AppError::NotFound`] when it is not of this case, [`AppError::Conflict`] `file-not-ready` before it may be opened.
pub fn open(conn: &mut Conn, access: &Access, id: Id) -> AppResult<Opened> {
    let row = store::one(conn, access, id)?;
    if row.state == "ready" { Ok(Opened(row)) } else { Err(AppError::conflict("file-not-ready")) }
}

/// The same for an official, whose look is written down.
///
/// # Errors
/// As [`open`]; database errors.
pub fn open_noted(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id,
    by: &crate::web::principal::OfficialPrincipal,
    now: chrono::DateTime<chrono::Utc>,
) -> AppResult<Opened> {
    let opened = open(tx.conn(), access, id)?;
    let entry = crate::audit::Entry::new(by, "file.view", "file").object(id).subject(access.person);
    let detail = serde_json::json!({"purpose": access.purpose.terms().name, "case": access.case});
    crate::audit::append(tx, now, entry.detail(detail))?;
    Ok(opened)
}

/// The answer with its bytes, or with the part of them that was asked for. They are read as they are sent.
///
/// # Errors
/// [`AppError::Unavailable`] when they cannot be read.
pub async fn answer(req: &HttpRequest, deps: &App, opened: Opened) -> AppResult<HttpResponse> {
    let Opened(row) = opened;
    let (kind, name) = (row.kind()?, row.name(&deps.keys)?);
    let size = u64::try_from(row.size).map_err(AppError::internal)?;
    // Its bytes never change once it can be opened: another file has another identifier.
    let tag = format!("\"{}\"", row.id.0.simple());
    let (status, bytes) = match asked(req, &tag, size) {
        Part::Whole => (StatusCode::OK, 0..size),
        Part::Bytes(bytes) => (StatusCode::PARTIAL_CONTENT, bytes),
        Part::Nowhere => return nowhere(req, size),
    };
    let length = bytes.end.saturating_sub(bytes.start);
    let mut response = HttpResponse::build(status);
    if status == StatusCode::PARTIAL_CONTENT {
        let last = bytes.end.saturating_sub(1);
        response.insert_header((CONTENT_RANGE, format!("bytes {}-{last}/{size}", bytes.start)));
    }
    let pieces = pieces(deps, &row, bytes).await?;
    Ok(response
        .content_type(kind.media())
        .insert_header((CONTENT_DISPOSITION, disposition(&name, kind)))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header(("Cross-Origin-Resource-Policy", "same-origin"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((ETAG, tag))
        // A part of what was compressed on the way would be a part of something else.
        .insert_header(ContentEncoding::Identity)
        .no_chunking(length)
        .streaming(pieces))
}

/// What is asked of it. A range is of what a GET would give, and of nothing else (RFC 9110, 14.2).
fn asked(req: &HttpRequest, tag: &str, size: u64) -> Part {
    let one = |name: HeaderName| {
        let mut all = req.headers().get_all(name);
        let first = all.next()?;
        // Said twice, it says nothing.
        Some(if all.next().is_some() { "" } else { first.to_str().unwrap_or_default() })
    };
    if req.method() == Method::GET { range::asked(one(RANGE), one(IF_RANGE), tag, size) } else { Part::Whole }
}

/// The file has no such part: how long it is, for whoever asks again.
fn nowhere(req: &HttpRequest, size: u64) -> AppResult<HttpResponse> {
    let mut answer = problem::of_code(&Ctx::of(req)?, StatusCode::RANGE_NOT_SATISFIABLE, "range");
    let whole = HeaderValue::try_from(format!("bytes */{size}")).map_err(AppError::internal)?;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_RANGE, whole);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    Ok(answer)
}

fn gone() -> AppError {
    AppError::Unavailable("the bytes of a file are gone".into())
}

/// Some bytes of a file, piece by piece.
async fn pieces(
    deps: &App,
    row: &store::Row,
    bytes: Range<u64>,
) -> AppResult<LocalBoxStream<'static, AppResult<Bytes>>> {
    Files::of(deps)?.place()?;
    let mut reader = Reader::of(deps, row)?.ok_or_else(gone)?.of_bytes(&bytes);
    // Whether it is there at all is known before anything is answered.
    let first = next(&mut reader, &bytes).await?.ok_or_else(gone)?;
    let rest = stream::try_unfold((reader, bytes), |(mut reader, bytes)| async move {
        Ok::<_, AppError>(next(&mut reader, &bytes).await?.map(|piece| (piece, (reader, bytes))))
    });
    Ok(stream::once(async move { Ok::<_, AppError>(first) }).chain(rest).boxed_local())
}

/// What the next piece has of the bytes that are sent.
async fn next(reader: &mut Reader, bytes: &Range<u64>) -> AppResult<Option<Bytes>> {
    let begins = reader.begins();
    let piece = match reader.next().await? {
        None => return Ok(None),
        Some(Some(piece)) => piece,
        // The answer breaks off: half a file must not be taken for a whole one.
        Some(None) => return Err(gone()),
    };
    let at = |byte: u64| usize::try_from(byte.saturating_sub(begins)).map_err(AppError::internal);
    let (from, to) = (at(bytes.start)?, at(bytes.end)?.min(piece.len()));
    let cut = piece.get(from..to).ok_or_else(gone)?;
    Ok(Some(Bytes::copy_from_slice(cut)))
}
