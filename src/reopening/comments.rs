//! What officials write beside an application: between themselves, or to whoever filed it.

use super::act::{self, By};
use super::desk::{Desk, case_page};
use super::model::Application;
use super::store;
use crate::accounts;
use crate::case::{self, CommentInput, Commented, Comments, CommentsBody, unless_own};
use crate::crypto::Keyring;
use crate::db::{Conn, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
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

const COMMENTS: Comments = Comments { desk: "/desk/applications", find: found };

/// Whether colleagues' comments are not for this official.
fn own(conn: &mut Conn, keys: &Keyring, by: &OfficialPrincipal, app: &Application) -> AppResult<bool> {
    let form = store::form(keys, app)?;
    unless_own(act::own_case(conn, keys, app, &form, &By::Official(Box::new(by.clone()))))
}

/// The comments as the officials' page shows them.
pub(super) fn at_desk(
    conn: &mut Conn,
    keys: &Keyring,
    by: &OfficialPrincipal,
    app: &Application,
    lang: Lang,
) -> AppResult<Value> {
    let own = own(conn, keys, by, app)?;
    Ok(json!(case::comments_at_desk(conn, keys, (app.id, own), lang)?))
}

/// The application of the official's jurisdiction.
fn found(tx: &mut Tx<'_>, deps: &Deps, by: &OfficialPrincipal, number: &str) -> AppResult<Commented> {
    let app = store::inside(tx.conn(), number, &by.pattern())?;
    Ok(Commented {
        at: app.at()?,
        own: own(tx.conn(), &deps.keys, by, &app)?,
        to: accounts::recipient(tx.conn(), &deps.keys, app.account_id)?,
        page: format!("/reopening/{}", app.number),
        number: app.number,
    })
}

/// POST `/desk/applications/{number}/comments`.
pub(super) async fn comment(
    ctx: Ctx,
    deps: App,
    who: Official<Worklist<Desk>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (number, refused) = (normalise(&number), StatusCode::UNPROCESSABLE_ENTITY);
    let again = async |view| case_page(&deps, &ctx, &who, &number, (view, None), refused).await;
    COMMENTS.sent(&deps, &ctx, &who, &number, &form, again).await
}

/// The comments on an application of the jurisdiction, the newest first; the look is in the record. In the official's own case only
/// those to the person.
#[utoipa::path(get, path = "/api/v1/desk/applications/{number}/comments", tag = "desk", params(("number" = String, Path)),
    responses((status = 200, body = CommentsBody), (status = 404)))]
pub(super) async fn list_json(
    req: HttpRequest,
    deps: App,
    who: Official<Desk>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    COMMENTS.listed((&req, &deps), &who, &number).await
}

/// Writes a comment, between officials or to the person, who is told. Asks for a second factor of the last four hours.
/// Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/desk/applications/{number}/comments", tag = "desk", params(("number" = String, Path)),
    request_body = CommentInput, responses((status = 204), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn comment_json(
    req: HttpRequest,
    deps: App,
    who: Official<Worklist<Desk>>,
    number: web::Path<String>,
    input: Valid<CommentInput>,
) -> AppResult<HttpResponse> {
    COMMENTS.called((&req, &deps), &who, &number, &input.0).await
}

/// What officials have written to the person about an application of one's own, the newest first.
#[utoipa::path(get, path = "/api/v1/applications/{number}/comments", tag = "applications", params(("number" = String, Path)),
    responses((status = 200, body = CommentsBody), (status = 404)))]
pub(super) async fn mine_json(
    deps: App,
    resident: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let number = normalise(&number);
    case::comments_of_own(&deps, move |conn| {
        let app = store::own(conn, &number, resident.account_id)?;
        Ok((app.id, app.number))
    })
    .await
}
