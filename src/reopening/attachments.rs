//! What a business adds to its application: plans, licences, photos of the premises; for as long as the answers can be
//! changed. Whoever works on the case sees them.

use super::model::Application;
use super::shown_draft::FilesPage;
use super::{case, desk::Desk, filing, store};
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::files::{self, Access, FileForm, FilesBody, FilesView, Handing, Purpose};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::{Form, NoBody};
use crate::web::guard::{Official, Resident};
use crate::web::i18n::Lang;
use crate::web::page::{answer, answer_with, fail, see_other_with};
use crate::web::respond::{Answer, respond_with};
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::Arc;

/// To the files of a case that was found for whoever asks. They are the business's, and nobody's in person.
fn access(app: &Application) -> Access {
    Access::to(Purpose::Attachment, app.id, None)
}

/// The files of a case as its applicant's pages show them.
pub(super) fn shown(conn: &mut Conn, deps: &Deps, app: &Application, lang: Lang) -> AppResult<FilesView> {
    files::shown(conn, deps, &access(app), lang, &format!("/reopening/{}", app.number))
}

/// The same for the officials'.
pub(super) fn shown_at_desk(conn: &mut Conn, deps: &Deps, app: &Application, lang: Lang) -> AppResult<Value> {
    Ok(json!(files::shown(conn, deps, &access(app), lang, &format!("/desk/applications/{}", app.number))?))
}

/// Number of a case and the page of its files, for whoever is told of one.
pub(super) fn case_of(conn: &mut Conn, id: Id) -> AppResult<Option<(String, String)>> {
    let number = store::number_of(conn, id)?;
    Ok(number.map(|number| (number.clone(), format!("/reopening/{number}/files"))))
}

/// For the copy of one's data.
pub(super) fn copied(conn: &mut Conn, deps: &Deps, app: &Application) -> AppResult<Value> {
    files::copied(conn, deps, &access(app))
}

/// A case of the account's whose answers can be changed, held until the end of the transaction.
fn changing(tx: &mut Tx<'_>, account: Id, number: &str) -> AppResult<Application> {
    let found = store::own(tx.conn(), number, account)?;
    store::hold(tx, found.id)?;
    let app = store::own(tx.conn(), number, account)?;
    if filing::editable(&app) { Ok(app) } else { Err(AppError::conflict("refused-not-from-state")) }
}

/// What is asked of the case when a file comes.
fn handing(account: Id, number: &str, now: DateTime<Utc>) -> Handing {
    let number = number.to_owned();
    let admit = move |tx: &mut Tx<'_>, last: bool| {
        let app = changing(tx, account, &number)?;
        if last {
            store::touch(tx, app.id, now)?;
        }
        Ok(access(&app))
    };
    Handing { account, admit: Arc::new(admit) }
}

/// GET `/reopening/{number}/files`.
pub async fn page(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<FilesPage>> {
    files_page(&deps, &ctx, who.account_id, number.into_inner(), FormView::new(), StatusCode::OK).await
}

async fn files_page(
    deps: &App,
    ctx: &Ctx,
    account: Id,
    number: String,
    form: FormView,
    status: StatusCode,
) -> AppResult<Answer<FilesPage>> {
    let (parts, lang) = (deps.clone(), ctx.lang);
    let case = case::mine(deps, account, number).await?;
    let app = case.app.clone();
    let files = deps.store.read(move |conn| shown(conn, &parts, &app, lang)).await?;
    let editable = filing::editable(&case.app);
    let back = match editable {
        true => format!("/reopening/{}/check", case.app.number),
        false => format!("/reopening/{}", case.app.number),
    };
    let view = FilesPage { name: case.business.name, files, adding: editable, back, form };
    respond_with(deps, ctx, status, "reopening/files.html", &view)
}

/// POST `/reopening/{number}/files`.
pub async fn add(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    payload: web::Payload,
) -> AppResult<Answer<FilesPage>> {
    let number = number.into_inner();
    let handing = handing(who.account_id, &number, ctx.now);
    match files::hand_in(&req, &deps, &ctx, payload, Purpose::Attachment, handing).await {
        Ok(_) => Ok(see_other_with(&deps, &format!("/reopening/{number}/files"), "file-added").into()),
        Err(AppError::Invalid(errors)) => again(&deps, &ctx, who.account_id, number, &errors).await,
        Err(e) => Err(e),
    }
}

/// The page once more, with what is wrong with a file.
async fn again(
    deps: &App,
    ctx: &Ctx,
    account: Id,
    number: String,
    errors: &[FieldError],
) -> AppResult<Answer<FilesPage>> {
    let mut form = FormView::new();
    fail(&mut form, ctx.lang, errors);
    files_page(deps, ctx, account, number, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn give_back(deps: &App, ctx: &Ctx, account: Id, number: String, file: Id) -> AppResult<()> {
    let now = ctx.now;
    let admit = move |tx: &mut Tx<'_>| {
        let app = changing(tx, account, &number)?;
        store::touch(tx, app.id, now)?;
        Ok(access(&app))
    };
    files::take_back(deps, account, file, admit, now).await
}

/// Number and file of an address; what is no identifier is not there.
fn named(path: web::Path<(String, String)>) -> AppResult<(String, Id)> {
    let (number, file) = path.into_inner();
    Ok((number, file.parse().map_err(|_| AppError::NotFound)?))
}

/// POST `/reopening/{number}/files/{file}/remove`.
pub async fn remove(
    ctx: Ctx,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let (number, file) = named(path)?;
    let back = format!("/reopening/{number}/files");
    give_back(&deps, &ctx, who.account_id, number, file).await?;
    Ok(see_other_with(&deps, &back, "file-removed"))
}

/// GET `/reopening/{number}/files/{file}`.
pub async fn one(
    req: HttpRequest,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
) -> AppResult<HttpResponse> {
    let ((number, file), account) = (named(path)?, who.account_id);
    let opened = deps.store.read(move |conn| {
        let app = store::own(conn, &number, account)?;
        files::open(conn, &access(&app), file)
    });
    files::answer(&req, &deps, opened.await?).await
}

/// GET `/desk/applications/{number}/files/{file}`: who has opened it is on record before its bytes are sent.
pub async fn at_desk(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Desk>,
    path: web::Path<(String, String)>,
) -> AppResult<HttpResponse> {
    let (number, file) = named(path)?;
    let (by, number, now) = ((*who).clone(), normalise(&number), ctx.now);
    let opened = deps.store.write(move |tx| {
        let app = store::inside(tx.conn(), &number, &by.pattern())?;
        files::open_noted(tx, &access(&app), file, &by, now)
    });
    files::answer(&req, &deps, opened.await?).await
}

/// The files of the account's case, for programs.
async fn listed(deps: &App, account: Id, number: String) -> AppResult<FilesBody> {
    let parts = deps.clone();
    deps.store
        .read(move |conn| {
            let app = store::own(conn, &number, account)?;
            files::list(conn, &parts, &access(&app))
        })
        .await
}

/// What was handed in with an application.
#[utoipa::path(get, path = "/api/v1/applications/{number}/files", tag = "reopening", params(("number" = String, Path)),
    responses((status = 200, body = FilesBody), (status = 404)))]
pub async fn list_json(deps: App, who: Resident, number: web::Path<String>) -> AppResult<HttpResponse> {
    Ok(answer(&listed(&deps, who.account_id, number.into_inner()).await?))
}

/// Hands in a file with an application whose answers can be changed. The same bytes are one file, however often they are
/// sent.
#[utoipa::path(post, path = "/api/v1/applications/{number}/files", tag = "reopening", params(("number" = String, Path)),
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses((status = 201, body = FilesBody), (status = 404), (status = 409)))]
pub async fn add_json(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    payload: web::Payload,
) -> AppResult<HttpResponse> {
    let number = number.into_inner();
    let handing = handing(who.account_id, &number, ctx.now);
    files::hand_in(&req, &deps, &ctx, payload, Purpose::Attachment, handing).await?;
    Ok(answer_with(StatusCode::CREATED, &listed(&deps, who.account_id, number).await?))
}

/// A file of an application: its bytes, as something to save, or the one part of them that `Range` names.
#[utoipa::path(get, path = "/api/v1/applications/{number}/files/{file}", tag = "reopening",
    params(("number" = String, Path), ("file" = uuid::Uuid, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = [u8]),
        (status = 206, content_type = "application/octet-stream", body = [u8]), (status = 404), (status = 409),
        (status = 416, description = "the file has no such part")))]
pub async fn one_json(
    req: HttpRequest,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
) -> AppResult<HttpResponse> {
    one(req, deps, who, path).await
}

/// Takes a file back, for as long as the answers can be changed.
#[utoipa::path(delete, path = "/api/v1/applications/{number}/files/{file}", tag = "reopening",
    params(("number" = String, Path), ("file" = uuid::Uuid, Path)),
    responses((status = 204), (status = 404), (status = 409)))]
pub async fn remove_json(
    ctx: Ctx,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
    _token: NoBody,
) -> AppResult<HttpResponse> {
    let (number, file) = named(path)?;
    give_back(&deps, &ctx, who.account_id, number, file).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What was handed in with an application of the official's place.
#[utoipa::path(get, path = "/api/v1/desk/applications/{number}/files", tag = "desk", params(("number" = String, Path)),
    responses((status = 200, body = FilesBody), (status = 404)))]
pub async fn desk_list_json(
    deps: App,
    who: Official<Desk>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let (number, by, parts) = (normalise(&number), (*who).clone(), deps.clone());
    let found = deps.store.read(move |conn| {
        let app = store::inside(conn, &number, &by.pattern())?;
        files::list(conn, &parts, &access(&app))
    });
    Ok(answer(&found.await?))
}

/// A file of an application of the official's place; who opens it is on record.
#[utoipa::path(get, path = "/api/v1/desk/applications/{number}/files/{file}", tag = "desk",
    params(("number" = String, Path), ("file" = uuid::Uuid, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = [u8]), (status = 404), (status = 409)))]
pub async fn desk_one_json(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Desk>,
    path: web::Path<(String, String)>,
) -> AppResult<HttpResponse> {
    at_desk(req, ctx, deps, who, path).await
}
