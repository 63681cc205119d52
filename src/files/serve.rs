//! A file on its way to whoever may see it: as something to save, never as something that this site shows.

use super::name::disposition;
use super::read::Reader;
use super::{Access, Files, store};
use crate::db::{Conn, Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::{HttpResponse, web::Bytes};
use futures_util::stream;

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

/// The answer with its bytes, which are read as they are sent.
///
/// # Errors
/// [`AppError::Unavailable`] when they cannot be read.
pub async fn answer(deps: &App, opened: Opened) -> AppResult<HttpResponse> {
    let Opened(row) = opened;
    let (kind, name) = (row.kind()?, row.name(&deps.keys)?);
    Files::of(deps)?.place()?;
    let gone = || AppError::Unavailable("the bytes of a file are gone".into());
    let mut reader = Reader::of(deps, &row)?.ok_or_else(gone)?;
    // Whether it is there at all is known before anything is answered.
    let first = reader.next().await?.flatten().ok_or_else(gone)?;
    let rest = stream::try_unfold(reader, |mut reader| async move {
        match reader.next().await? {
            None => Ok(None),
            Some(Some(piece)) => Ok(Some((Bytes::copy_from_slice(&piece), reader))),
            // The answer breaks off: half a file must not be taken for a whole one.
            Some(None) => Err(AppError::Unavailable("the bytes of a file are gone".into())),
        }
    });
    let first = stream::once(async move { Ok::<_, AppError>(Bytes::copy_from_slice(&first)) });
    let size = u64::try_from(row.size).map_err(AppError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type(kind.media())
        .insert_header((CONTENT_DISPOSITION, disposition(&name, kind)))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header(("Cross-Origin-Resource-Policy", "same-origin"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .no_chunking(size)
        .streaming(futures_util::StreamExt::chain(first, rest)))
}
