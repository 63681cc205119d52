//! What officials write beside an appeal: between themselves, or to the person.

use super::desk::show;
use super::model::Row;
use super::{Reviewer, act, store};
use crate::accounts;
use crate::case::{self, CommentInput, Commented, Comments, CommentsBody, CommentsView, unless_own};
use crate::db::{Conn, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::factor::Worklist;
use crate::web::form::{Form, Valid};
use crate::web::guard::{Official, Resident};
use crate::web::i18n::Lang;
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::Answer;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

const COMMENTS: Comments = Comments { desk: "/desk/appeals", find: found };

/// Whether colleagues' comments are not for this official.
fn own(conn: &mut Conn, deps: &Deps, by: &OfficialPrincipal, row: &Row) -> AppResult<bool> {
    unless_own(act::own_case(conn, deps, by, row))
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
    ctx: Ctx,
    deps: App,
    who: Official<Worklist<Reviewer>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (number, refused) = (normalise(&number), StatusCode::UNPROCESSABLE_ENTITY);
    let again =
        async |view| show(&deps, &ctx, &who, &number, (view, None), refused).await.map(Answer::into_inner);
    COMMENTS.sent(&deps, &ctx, &who, &number, &form, again).await
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
    COMMENTS.listed((&req, &deps), &who, &number).await
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
    COMMENTS.called((&req, &deps), &who, &number, &input.0).await
}

/// What officials have written to the person about an appeal of one's own, the newest first.
#[utoipa::path(get, path = "/api/v1/appeals/{number}/comments", tag = "appeals", params(("number" = String, Path)),
    responses((status = 200, body = CommentsBody), (status = 404)))]
pub(super) async fn mine_json(
    deps: App,
    resident: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let number = normalise(&number);
    case::comments_of_own(&deps, move |conn| {
        let person = resident.person_id.ok_or(AppError::NotFound)?;
        let row = store::own(conn, person, &number)?;
        Ok((row.id, row.number))
    })
    .await
}
