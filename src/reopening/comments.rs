//! What officials write beside an application: between themselves, or to whoever filed it.

use super::act::{self, By};
use super::desk::{Desk, case_page};
use super::model::Application;
use super::store;
use crate::accounts;
use crate::case::{self, CommentInput, Commented, CommentsBody, NewComment, unless_own};
use crate::crypto::Keyring;
use crate::db::{Conn, Tx};
use crate::decision::Sent;
use crate::deps::{App, Deps};
use crate::error::AppResult;
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
use serde_json::{Value, json};

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
    req: HttpRequest,
    deps: App,
    who: Official<Worklist<Desk>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (ctx, number) = (Ctx::of(&req)?, normalise(&number));
    let new = match NewComment::read(&form) {
        Ok(new) => new,
        Err(errors) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            return case_page(&deps, &ctx, &who, &number, (view, None), StatusCode::UNPROCESSABLE_ENTITY)
                .await;
        }
    };
    let sent = Sent::form(&number, &form)?;
    written(&deps, &ctx, &who, &number, (new, &sent)).await?;
    Ok(see_other_with(&deps, &format!("/desk/applications/{number}"), "comment-kept"))
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
#[utoipa::path(post, path = "/api/v1/desk/applications/{number}/comments", tag = "desk", params(("number" = String, Path)),
    request_body = CommentInput, responses((status = 204), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn comment_json(
    req: HttpRequest,
    deps: App,
    who: Official<Worklist<Desk>>,
    number: web::Path<String>,
    input: Valid<CommentInput>,
) -> AppResult<HttpResponse> {
    let (ctx, number) = (Ctx::of(&req)?, normalise(&number));
    let sent = Sent::call(&req, &(&number, &input.0))?;
    written(&deps, &ctx, &who, &number, (input.0.read()?, &sent)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What officials have written to the person about an application of one's own, the newest first.
#[utoipa::path(get, path = "/api/v1/applications/{number}/comments", tag = "applications", params(("number" = String, Path)),
    responses((status = 200, body = CommentsBody), (status = 404)))]
pub(super) async fn mine_json(
    deps: App,
    resident: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let (keys, number) = (deps.keys.clone(), normalise(&number));
    let listed = deps.store.read(move |conn| {
        let app = store::own(conn, &number, resident.account_id)?;
        let comments = case::comments_copied(conn, &keys, app.id)?;
        Ok(CommentsBody { number: app.number, comments })
    });
    Ok(answer(&listed.await?))
}
