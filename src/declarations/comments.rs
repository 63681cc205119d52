//! What officials write beside a declaration: between themselves, or to the person. Once the consent to handling it was
//! taken back, nothing more is.

use super::act;
use super::decide::show;
use super::decision;
use super::desk::Staff;
use super::store::{self, Row};
use super::store_versions;
use crate::accounts;
use crate::case::{self, CommentInput, Commented, Comments, CommentsBody, unless_own};
use crate::crypto::Keyring;
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
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

const COMMENTS: Comments = Comments { desk: "/desk/declarations", find: found };

/// Whether colleagues' comments are not for this official.
fn own(conn: &mut Conn, keys: &Keyring, by: &OfficialPrincipal, row: &Row) -> AppResult<bool> {
    let beside = store_versions::beside(conn, row)?;
    unless_own(decision::own_case(conn, keys, row, &beside, by))
}

/// The comments as the officials' page shows them. Those on what is only stored are like what it says.
pub(super) fn at_desk(
    conn: &mut Conn,
    keys: &Keyring,
    by: &OfficialPrincipal,
    row: &Row,
    lang: Lang,
) -> AppResult<Value> {
    let own = row.is_locked() || own(conn, keys, by, row)?;
    Ok(json!(case::comments_at_desk(conn, keys, (row.id, own), lang)?))
}

/// The declaration of the official's jurisdiction.
fn found(tx: &mut Tx<'_>, deps: &Deps, by: &OfficialPrincipal, number: &str) -> AppResult<Commented> {
    let row = store::in_jurisdiction(tx.conn(), &by.pattern(), number)?;
    if row.is_locked() {
        return Err(AppError::conflict("comment-closed"));
    }
    let person = row.person_id.ok_or_else(|| AppError::internal("a submitted declaration has no person"))?;
    Ok(Commented {
        at: act::at(&row),
        own: own(tx.conn(), &deps.keys, by, &row)?,
        to: accounts::reach(tx.conn(), &deps.keys, row.account_id, person)?,
        page: format!("/declarations/{}", row.number),
        number: row.number,
    })
}

/// POST `/desk/declarations/{number}/comments`.
pub(super) async fn comment(
    ctx: Ctx,
    deps: App,
    who: Official<Worklist<Staff>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (number, refused) = (normalise(&number), StatusCode::UNPROCESSABLE_ENTITY);
    let again = async |view| show(&deps, &ctx, &who, &number, view, None, refused).await;
    COMMENTS.sent(&deps, &ctx, &who, &number, &form, again).await
}

/// The comments on a declaration of the jurisdiction, the newest first; the look is in the record. In the official's own case only
/// those to the person.
#[utoipa::path(get, path = "/api/v1/desk/declarations/{number}/comments", tag = "desk", params(("number" = String, Path)),
    responses((status = 200, body = CommentsBody), (status = 404)))]
pub(super) async fn list_json(
    req: HttpRequest,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    COMMENTS.listed((&req, &deps), &who, &number).await
}

/// Writes a comment, between officials or to the person, who is told. Asks for a second factor of the last four hours.
/// Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/desk/declarations/{number}/comments", tag = "desk", params(("number" = String, Path)),
    request_body = CommentInput, responses((status = 204), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn comment_json(
    req: HttpRequest,
    deps: App,
    who: Official<Worklist<Staff>>,
    number: web::Path<String>,
    input: Valid<CommentInput>,
) -> AppResult<HttpResponse> {
    COMMENTS.called((&req, &deps), &who, &number, &input.0).await
}

/// What officials have written to the person about a declaration of one's own, the newest first.
#[utoipa::path(get, path = "/api/v1/declarations/{number}/comments", tag = "declarations", params(("number" = String, Path)),
    responses((status = 200, body = CommentsBody), (status = 404)))]
pub(super) async fn mine_json(
    deps: App,
    resident: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let number = normalise(&number);
    case::comments_of_own(&deps, move |conn| {
        let row = store::own(conn, resident.account_id, resident.person_id, &number)?;
        Ok((row.id, row.number))
    })
    .await
}
