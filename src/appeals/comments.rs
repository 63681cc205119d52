//! What officials write beside an appeal: between themselves, or to the person.

use super::desk::show;
use super::model::Row;
use super::{Reviewer, service, store};
use crate::accounts;
use crate::case::{self, CommentInput, Commented, CommentsBody, CommentsView, NewComment, unless_own};
use crate::db::{Conn, Tx};
use crate::decision::Sent;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::factor::Worklist;
use crate::web::form::{Form, Valid};
use crate::web::guard::{Official, Resident};
use crate::web::i18n::Lang;
use crate::web::page::{answer, fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Whether colleagues' comments are not for this official.
fn own(conn: &mut Conn, deps: &Deps, by: &OfficialPrincipal, row: &Row) -> AppResult<bool> {
    unless_own(service::own_case(conn, deps, by, row))
}

/// The comments as the reviewer's page shows them.
pub(super) fn at_desk(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    row: &Row,
    lang: Lang,
) -> AppResult<CommentsView> {
    let own = own(conn, deps, by, row)?;
    case::comments_at_desk(conn, &deps.keys, (row.id, own), lang)
}

/// The appeal of the reviewer's jurisdiction.
fn found(tx: &mut Tx<'_>, deps: &Deps, by: &OfficialPrincipal, number: &str) -> AppResult<Commented> {
    let row = store::here(tx.conn(), &by.pattern(), number)?;
    Ok(Commented {
        at: row.at()?,
        own: own(tx.conn(), deps, by, &row)?,
        to: accounts::recipient(tx.conn(), &deps.keys, row.account_id)?,
        page: format!("/code/appeals/{}", row.number),
        number: row.number,
    })
}

/// POST `/desk/appeals/{number}/comments`.
pub(super) async fn comment(
    req: HttpRequest,
    deps: App,
    who: Official<Worklist<Reviewer>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (ctx, number) = (Ctx::of(&req)?, normalise(&number));
    let new = match NewComment::read(&form) {
        Ok(new) => new,
        Err(errors) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let page = show(&deps, &ctx, &who, &number, (view, None), status).await?;
            return Ok(page.into_inner());
        }
    };
    let sent = Sent::form(&number, &form)?;
    written(&deps, &ctx, &who, &number, (new, &sent)).await?;
    Ok(see_other_with(&deps, &format!("/desk/appeals/{number}"), "comment-kept"))
}

async fn written(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    new: (NewComment, &Sent),
) -> AppResult<()> {
    let (parts, by, number) = (deps.clone(), who.clone(), number.to_owned());
    case::comment(deps, ctx, who, new, move |tx| found(tx, &parts, &by, &number)).await
}

/// The comments on an appeal of the jurisdiction, the newest first; the look is in the record. In the official's own case only
/// those to the person.
#[utoipa::path(get, path = "/api/v1/desk/appeals/{number}/comments", tag = "desk", params(("number" = String, Path)),
    responses((status = 200, body = CommentsBody), (status = 404)))]
pub(super) async fn list_json(
    req: HttpRequest,
    deps: App,
    who: Official<Reviewer>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let now = Ctx::of(&req)?.now;
    let (parts, by, number) = (deps.clone(), (*who).clone(), normalise(&number));
    let listed = deps.store.write(move |tx| {
        let case = found(tx, &parts, &by, &number)?;
        case::comments_for_official(tx, &parts.keys, &case, &by, now)
    });
    Ok(answer(&listed.await?))
}

/// Writes a comment, between officials or to the person, who is told. Asks for a second factor of the last four hours.
/// Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/desk/appeals/{number}/comments", tag = "desk", params(("number" = String, Path)),
    request_body = CommentInput, responses((status = 204), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn comment_json(
    req: HttpRequest,
    deps: App,
    who: Official<Worklist<Reviewer>>,
    number: web::Path<String>,
    input: Valid<CommentInput>,
) -> AppResult<HttpResponse> {
    let (ctx, number) = (Ctx::of(&req)?, normalise(&number));
    let sent = Sent::call(&req, &(&number, &input.0))?;
    written(&deps, &ctx, &who, &number, (input.0.read()?, &sent)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What officials have written to the person about an appeal of one's own, the newest first.
#[utoipa::path(get, path = "/api/v1/appeals/{number}/comments", tag = "appeals", params(("number" = String, Path)),
    responses((status = 200, body = CommentsBody), (status = 404)))]
pub(super) async fn mine_json(
    deps: App,
    resident: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let (keys, number) = (deps.keys.clone(), normalise(&number));
    let listed = deps.store.read(move |conn| {
        let person = resident.person_id.ok_or(AppError::NotFound)?;
        let row = store::own(conn, person, &number)?;
        let comments = case::comments_copied(conn, &keys, row.id)?;
        Ok(CommentsBody { number: row.number, comments })
    });
    Ok(answer(&listed.await?))
}
