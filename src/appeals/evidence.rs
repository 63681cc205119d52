//! What a resident hands in to show that a cause does not hold: photos and documents, one at a time, for as long as a
//! reviewer has still to decide. Who decides sees them, and whoever has opened the case before one came is told so.

use super::model::Row;
use super::{Reviewer, pages, store};
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::files::{self, Access, FileForm, FilesBody, FilesView, Handing, Opened, Purpose};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::{Form, NoBody};
use crate::web::guard::{Official, Resident};
use crate::web::i18n::Lang;
use crate::web::page::{answer, answer_with, see_other_with};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use std::sync::Arc;

/// To the files of an appeal that was found for whoever asks.
fn access(row: &Row) -> Access {
    Access::to(Purpose::Evidence, row.id, Some(row.person_id))
}

/// The files of an appeal as its resident's page shows them.
pub(super) fn shown(conn: &mut Conn, deps: &Deps, row: &Row, lang: Lang) -> AppResult<FilesView> {
    files::shown(conn, deps, &access(row), lang, &format!("/code/appeals/{}", row.number))
}

/// The same for the reviewer's.
pub(super) fn shown_at_desk(conn: &mut Conn, deps: &Deps, row: &Row, lang: Lang) -> AppResult<FilesView> {
    files::shown(conn, deps, &access(row), lang, &format!("/desk/appeals/{}", row.number))
}

/// For the copy of one's data.
pub(super) fn copied(conn: &mut Conn, deps: &Deps, row: &Row) -> AppResult<Value> {
    files::copied(conn, deps, &access(row))
}

/// Number and page of an appeal, for whoever is told of a file of it.
pub(super) fn case_of(conn: &mut Conn, id: Id) -> AppResult<Option<(String, String)>> {
    let number = store::number_of(conn, id)?;
    Ok(number.map(|number| (number.clone(), format!("/code/appeals/{number}"))))
}

/// How many of its files were refused.
pub(super) fn refused(conn: &mut Conn, row: &Row) -> AppResult<usize> {
    files::refused(conn, &access(row))
}

/// Whether evidence can be added and taken back: a reviewer has still to decide.
pub(super) fn is_open(row: &Row) -> bool {
    row.is_open() && row.state != "confirming"
}

/// An appeal of the resident's own to which evidence can be added, held until the end of the transaction.
fn changing(tx: &mut Tx<'_>, person: Id, number: &str) -> AppResult<Row> {
    let found = store::own(tx.conn(), person, number)?;
    store::hold(tx, found.id)?;
    let row = store::own(tx.conn(), person, number)?;
    if is_open(&row) { Ok(row) } else { Err(AppError::conflict("appeal-files-closed")) }
}

/// What is asked of the appeal when a file comes.
fn handing(resident: &Resident, number: &str) -> AppResult<Handing> {
    let (person, number) = (resident.person_id.ok_or(AppError::NotFound)?, number.to_owned());
    let admit = move |tx: &mut Tx<'_>, last: bool| {
        let row = changing(tx, person, &number)?;
        if last {
            store::touch(tx, row.id)?;
        }
        Ok(access(&row))
    };
    Ok(Handing { account: resident.account_id, admit: Arc::new(admit) })
}

/// `POST /code/appeals/{number}/files`.
pub(super) async fn add(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    resident: Resident,
    number: web::Path<String>,
    payload: web::Payload,
) -> AppResult<HttpResponse> {
    let number = normalise(&number);
    let handing = handing(&resident, &number)?;
    match files::hand_in(&req, &deps, &ctx, payload, Purpose::Evidence, handing).await {
        Ok(_) => Ok(see_other_with(&deps, &format!("/code/appeals/{number}"), "file-added")),
        Err(AppError::Invalid(errors)) => pages::again_one(&deps, &ctx, &resident, &number, &errors).await,
        Err(e) => Err(e),
    }
}

async fn give_back(deps: &App, ctx: &Ctx, resident: &Resident, number: String, file: Id) -> AppResult<()> {
    let person = resident.person_id.ok_or(AppError::NotFound)?;
    let admit = move |tx: &mut Tx<'_>| {
        let row = changing(tx, person, &number)?;
        store::touch(tx, row.id)?;
        Ok(access(&row))
    };
    files::take_back(deps, resident.account_id, file, admit, ctx.now).await
}

/// `POST /code/appeals/{number}/files/{file}/remove`.
pub(super) async fn remove(
    ctx: Ctx,
    deps: App,
    resident: Resident,
    path: web::Path<(String, String)>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let (number, file) = named(path)?;
    let back = format!("/code/appeals/{number}");
    give_back(&deps, &ctx, &resident, number, file).await?;
    Ok(see_other_with(&deps, &back, "file-removed"))
}

/// Number and file of an address; what is no identifier is not there.
fn named(path: web::Path<(String, String)>) -> AppResult<(String, Id)> {
    let (number, file) = path.into_inner();
    Ok((normalise(&number), file.parse().map_err(|_| AppError::NotFound)?))
}

/// A file of the resident's own appeal.
async fn own(deps: &App, resident: &Resident, number: String, file: Id) -> AppResult<Opened> {
    let person = resident.person_id.ok_or(AppError::NotFound)?;
    deps.store
        .read(move |conn| {
            let row = store::own(conn, person, &number)?;
            files::open(conn, &access(&row), file)
        })
        .await
}

/// `GET /code/appeals/{number}/files/{file}`.
pub(super) async fn one(
    req: HttpRequest,
    deps: App,
    resident: Resident,
    path: web::Path<(String, String)>,
) -> AppResult<HttpResponse> {
    let (number, file) = named(path)?;
    files::answer(&req, &deps, own(&deps, &resident, number, file).await?).await
}

/// `GET /desk/appeals/{number}/files/{file}`: who has opened it is on record before its bytes are sent.
pub(super) async fn at_desk(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Reviewer>,
    path: web::Path<(String, String)>,
) -> AppResult<HttpResponse> {
    let ((number, file), by, now) = (named(path)?, (*who).clone(), ctx.now);
    let opened = deps.store.write(move |tx| {
        let row = store::here(tx.conn(), &by.pattern(), &number)?;
        files::open_noted(tx, &access(&row), file, &by, now)
    });
    files::answer(&req, &deps, opened.await?).await
}

/// The files of the resident's own appeal, for programs.
async fn listed(deps: &App, resident: &Resident, number: String) -> AppResult<FilesBody> {
    let (person, parts) = (resident.person_id.ok_or(AppError::NotFound)?, deps.clone());
    deps.store
        .read(move |conn| {
            let row = store::own(conn, person, &number)?;
            files::list(conn, &parts, &access(&row))
        })
        .await
}

/// What was handed in with an appeal.
#[utoipa::path(get, path = "/api/v1/appeals/{number}/files", tag = "appeals", params(("number" = String, Path)),
    responses((status = 200, body = FilesBody), (status = 404)))]
pub(super) async fn list_json(
    deps: App,
    resident: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    Ok(answer(&listed(&deps, &resident, normalise(&number)).await?))
}

/// Hands in a file with an appeal. The same bytes are one file, however often they are sent.
#[utoipa::path(post, path = "/api/v1/appeals/{number}/files", tag = "appeals", params(("number" = String, Path)),
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses((status = 201, body = FilesBody), (status = 404), (status = 409)))]
pub(super) async fn add_json(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    resident: Resident,
    number: web::Path<String>,
    payload: web::Payload,
) -> AppResult<HttpResponse> {
    let number = normalise(&number);
    let handing = handing(&resident, &number)?;
    files::hand_in(&req, &deps, &ctx, payload, Purpose::Evidence, handing).await?;
    Ok(answer_with(StatusCode::CREATED, &listed(&deps, &resident, number).await?))
}

/// A file of an appeal: its bytes, as something to save, or the one part of them that `Range` names.
#[utoipa::path(get, path = "/api/v1/appeals/{number}/files/{file}", tag = "appeals",
    params(("number" = String, Path), ("file" = uuid::Uuid, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = [u8]),
        (status = 206, content_type = "application/octet-stream", body = [u8]), (status = 404), (status = 409),
        (status = 416, description = "the file has no such part")))]
pub(super) async fn one_json(
    req: HttpRequest,
    deps: App,
    resident: Resident,
    path: web::Path<(String, String)>,
) -> AppResult<HttpResponse> {
    one(req, deps, resident, path).await
}

/// Takes a file back, for as long as a reviewer has still to decide.
#[utoipa::path(delete, path = "/api/v1/appeals/{number}/files/{file}", tag = "appeals",
    params(("number" = String, Path), ("file" = uuid::Uuid, Path)),
    responses((status = 204), (status = 404), (status = 409)))]
pub(super) async fn remove_json(
    ctx: Ctx,
    deps: App,
    resident: Resident,
    path: web::Path<(String, String)>,
    _token: NoBody,
) -> AppResult<HttpResponse> {
    let (number, file) = named(path)?;
    give_back(&deps, &ctx, &resident, number, file).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What was handed in with an appeal of the reviewer's place.
#[utoipa::path(get, path = "/api/v1/desk/appeals/{number}/files", tag = "appeals", params(("number" = String, Path)),
    responses((status = 200, body = FilesBody), (status = 404)))]
pub(super) async fn desk_list_json(
    deps: App,
    who: Official<Reviewer>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let (number, by, parts) = (normalise(&number), (*who).clone(), deps.clone());
    let found = deps.store.read(move |conn| {
        let row = store::here(conn, &by.pattern(), &number)?;
        files::list(conn, &parts, &access(&row))
    });
    Ok(answer(&found.await?))
}

/// A file of an appeal of the reviewer's place; who opens it is on record.
#[utoipa::path(get, path = "/api/v1/desk/appeals/{number}/files/{file}", tag = "appeals",
    params(("number" = String, Path), ("file" = uuid::Uuid, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = [u8]), (status = 404), (status = 409)))]
pub(super) async fn desk_one_json(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Reviewer>,
    path: web::Path<(String, String)>,
) -> AppResult<HttpResponse> {
    at_desk(req, ctx, deps, who, path).await
}
