//! An official's own sign-in: where it is signed in, ending that, and another password.

use super::desk::AnyFresh;
use super::factors;
use super::place::Place;
use super::sign_in::{compare, too_fast};
use super::store::{self, SignInRow};
use super::tries::{Try, What};
use crate::audit::{self, Actor, Entry};
use crate::crypto::password::needs_rehash;
use crate::db::Id;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::{Any, Looks, Official};
use crate::web::page::{self, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::session::{self, SessionKind};
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

const HERE: &str = "/desk/account";

/// An official's own account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountPage {
    /// Where the official is signed in, the newest first.
    sessions: Vec<session::Own>,
    /// The sign-in name.
    login: String,
    /// Whether there is another post to change to.
    switches: bool,
    form: FormView,
}

/// `GET /desk/account`.
pub(super) async fn show(ctx: Ctx, deps: App, o: Official<Any>) -> AppResult<Answer<AccountPage>> {
    account_page(&deps, &ctx, &o, StatusCode::OK, FormView::new()).await
}

async fn account_page(
    deps: &Deps,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    status: StatusCode,
    form: FormView,
) -> AppResult<Answer<AccountPage>> {
    let (official, now, current) = (o.official_id, ctx.now, o.session.public_id);
    let sessions =
        deps.store.read(move |c| session::own(c, SessionKind::Official, official, current, now)).await?;
    let posts = deps.store.read(move |c| store::in_force(c, official, now)).await?.len();
    let view = AccountPage { sessions, login: o.login.clone(), switches: posts > 1, form };
    respond_with(deps, ctx, status, "officials/account.html", &view)
}

/// `POST /desk/account/sessions/{id}/end`, with a fresh second factor: one of the others; this one ends by signing out.
pub(super) async fn end_one(
    ctx: Ctx,
    deps: App,
    o: Official<Looks<AnyFresh>>,
    id: web::Path<Id>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let (id, now, by, official) = (*id, ctx.now, Actor::from(&*o), o.official_id);
    if id == o.session.public_id {
        return Err(AppError::NotFound);
    }
    deps.store
        .write(move |tx| {
            if !session::end(tx, SessionKind::Official, official, id)? {
                return Err(AppError::NotFound);
            }
            audit::append(tx, now, Entry::new(by, "session.end", "session").object(id)).map(drop)
        })
        .await?;
    Ok(see_other_with(&deps, HERE, "session-ended"))
}

/// `POST /desk/account/sessions/end-others`, with a fresh second factor.
pub(super) async fn end_others(
    ctx: Ctx,
    deps: App,
    o: Official<Looks<AnyFresh>>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let (now, by, official, keep) = (ctx.now, Actor::from(&*o), o.official_id, o.session.public_id);
    deps.store
        .write(move |tx| {
            let ended = session::end_others(tx, SessionKind::Official, official, keep)?;
            let entry = Entry::new(by, "session.end-all", "official").object(official);
            audit::append(tx, now, entry.detail(json!({"count": ended}))).map(drop)
        })
        .await?;
    Ok(see_other_with(&deps, HERE, "others-ended"))
}

/// `POST /desk/account/password`: with the present password and a fresh second factor; all other sessions end.
pub(super) async fn password(
    ctx: Ctx,
    deps: App,
    o: Official<Looks<AnyFresh>>,
    form: Form,
) -> AppResult<Answer<AccountPage>> {
    let (errors, wait) = match change(&deps, &ctx, &o, &form).await {
        Ok(errors) if errors.is_empty() => return Ok(see_other_with(&deps, HERE, "password-changed").into()),
        Ok(errors) => (errors, None),
        Err(AppError::TooMany(seconds)) => (vec![too_fast("old", seconds)], Some(seconds)),
        Err(e) => return Err(e),
    };
    let mut view = FormView::new();
    page::fail(&mut view, ctx.lang, &errors);
    let late = wait.is_some();
    let status = if late { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY };
    page::later(account_page(&deps, &ctx, &o, status, view).await, wait)
}

/// Sets another password; what is to be put right, if anything.
async fn change(deps: &Deps, ctx: &Ctx, o: &OfficialPrincipal, form: &Form) -> AppResult<Vec<FieldError>> {
    let (new, repeat, now, official) = (form.get("password"), form.get("repeat"), ctx.now, o.official_id);
    if let Some(code) = factors::weakness(new, &o.login) {
        return Ok(vec![FieldError::new("password", code)]);
    }
    if new != repeat {
        return Ok(vec![FieldError::new("repeat", "password-repeat")]);
    }
    if new == form.get("old") {
        return Ok(vec![FieldError::new("password", "password-same")]);
    }
    let place = Place::session(o.session.public_id, ctx.client);
    let tried = Try { what: What::Password, login: o.login.clone(), official: Some(official), place };
    let row = deps.store.read(move |c| store::by_id(c, official)).await?;
    if !compare(deps, ctx, tried, form.get("old"), Some(row.password_hash.clone())).await? {
        return Ok(vec![FieldError::new("old", "password-wrong")]);
    }
    let hash = factors::hash(ctx.client, new.to_owned()).await?;
    let (by, keep) = (Actor::from(o), o.session.public_id);
    deps.store
        .write(move |tx| {
            store::set_password(tx, &row, &hash)?;
            session::end_others(tx, SessionKind::Official, official, keep)?;
            audit::append(tx, now, Entry::new(by, "official.password", "official").object(official)).map(drop)
        })
        .await?;
    Ok(Vec::new())
}

/// Hashes a password that was right anew when its hash has other parameters than today's. The sign-in that is under way
/// goes on: the password is the same.
///
/// # Errors
/// When too many wait for hashing; database errors.
pub(super) async fn renew_hash(deps: &Deps, ctx: &Ctx, row: &SignInRow, password: &str) -> AppResult<()> {
    if !needs_rehash(&row.password_hash) {
        return Ok(());
    }
    let (id, old) = (row.id, row.password_hash.clone());
    let new = factors::hash(ctx.client, password.to_owned()).await?;
    deps.store.write(move |tx| store::replace_hash(tx, id, &old, &new)).await.map(drop)
}
