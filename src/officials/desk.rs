//! What every official has: a start page, a fresh second factor before sensitive acts, another assignment.

use super::enter::give_session;
use super::place::Place;
use super::sign_in::{self, Next, choices, too_fast};
use super::store;
use super::tries::{Try, What};
use crate::access::Role;
use crate::audit::{self, Actor, Entry};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::{Any, Looks, Official, Roles};
use crate::web::i18n::t;
use crate::web::page::{self, desk_of, local_path, page, page_with, see_other, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::problem;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::session;
use crate::web::step_up::what;
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Any role, with a fresh second factor.
#[derive(Debug, Clone, Copy)]
pub struct AnyFresh;

impl Roles for AnyFresh {
    const ROLES: &'static [Role] = Role::ALL;
    const STEP_UP: bool = true;
}

/// Where the mark in the header leads.
pub(super) async fn office(deps: App, o: Official<Any>) -> HttpResponse {
    see_other(desk_of(&deps, o.role))
}

/// Says what the role can do; the worklists are in the header.
pub(super) async fn home(ctx: Ctx, deps: App, o: Official<Any>) -> AppResult<Answer<DeskPage>> {
    let view = DeskPage {
        role: t(ctx.lang, &format!("role-{}", o.role), &[]),
        text: t(ctx.lang, &format!("role-text-{}", o.role), &[]),
        office: o.office_name(ctx.english()).to_owned(),
        division: super::division_name(&o.division, ctx.english()),
        start: Some(desk_of(&deps, o.role)).filter(|d| *d != "/desk"),
    };
    respond(&deps, &ctx, "officials/desk.html", &view)
}

/// What an official's role can do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeskPage {
    /// The role, in words.
    role: String,
    /// What it can do.
    text: String,
    office: String,
    division: String,
    /// Where the role's work begins.
    start: Option<&'static str>,
}

/// The posts to choose from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PostsPage {
    choices: Vec<Choice>,
    /// Where the choice is sent.
    action: &'static str,
    /// The field `assignment` holds the present one.
    form: FormView,
}

pub(super) async fn step_up_page(
    ctx: Ctx,
    deps: App,
    _o: Official<Any>,
    query: web::Query<Next>,
) -> AppResult<HttpResponse> {
    let data = asked(&deps, &ctx, local_path(&query.next, "/desk"), &FormView::new());
    page(&deps, &ctx, "officials/step-up.html", &data)
}

fn asked(deps: &Deps, ctx: &Ctx, next: &str, form: &FormView) -> Value {
    json!({
        "field": "code", "to": "", "carried": [], "next": next, "form": form,
        "what": what(deps, ctx.lang, next), "back": "/office",
    })
}

/// A form that had to wait for the code is sent on by the browser, as it was typed (307 keeps method and body).
fn sent_on(to: &str) -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((LOCATION, to)).finish()
}

pub(super) async fn step_up_sent(
    ctx: Ctx,
    deps: App,
    o: Official<Looks<Any>>,
    form: Form,
) -> AppResult<HttpResponse> {
    let to = Some(local_path(form.get("fresh-to"), "")).filter(|to| !to.is_empty());
    let next = local_path(form.get("next"), "/desk");
    let field = if to.is_some() { "fresh-code" } else { "code" };
    let (error, status, wait) = match step_up(&deps, &ctx, &o, form.get(field)).await {
        Ok(Some(token)) => {
            let mut response = to.map_or_else(|| see_other(next), sent_on);
            give_session(&deps, &mut response, token)?;
            return Ok(response);
        }
        Ok(None) => (FieldError::new(field, "totp-wrong"), StatusCode::UNPROCESSABLE_ENTITY, None),
        Err(AppError::TooMany(s)) => (too_fast(field, s), StatusCode::TOO_MANY_REQUESTS, Some(s)),
        Err(e) => return Err(e),
    };
    if let Some(to) = to {
        return page::later(problem::ask_first(&deps, &ctx, &form, to, &[error]), wait);
    }
    let mut view = FormView::new();
    page::fail(&mut view, ctx.lang, &[error]);
    page::later(
        page_with(&deps, &ctx, status, "officials/step-up.html", &asked(&deps, &ctx, next, &view)),
        wait,
    )
}

/// Tries a fresh one-time code for the session, and gives its new token when it was right. Tries are counted by session,
/// apart from those of signing in: nobody else can make whoever is signed in wait.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds to wait.
pub(super) async fn step_up(
    deps: &Deps,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    typed: &str,
) -> AppResult<Option<String>> {
    sign_in::paced(deps, ctx).await?;
    let (keys, now, typed) = (deps.keys.clone(), ctx.now, typed.to_owned());
    let (official, session, by) = (o.official_id, o.session.id.clone(), Actor::from(o));
    let place = Place::session(o.session.public_id, ctx.client);
    let trying = Try { what: What::StepUp, login: o.login.clone(), official: Some(official), place };
    deps.store
        .write(move |tx| {
            let row = store::by_id(tx.conn(), official)?;
            let Some(counted) = trying.examine(tx, &keys, &row, &typed, now)? else { return Ok(None) };
            trying.give_back(tx, &keys, counted)?;
            let token = session::step_up(tx, &session, now)?;
            audit::append(tx, now, Entry::new(by, "official.step-up", "official").object(official))?;
            Ok(Some(token))
        })
        .await
}

pub(super) async fn switch_page(ctx: Ctx, deps: App, o: Official<Any>) -> AppResult<Answer<PostsPage>> {
    switch_form(&deps, &ctx, &o, &[]).await
}

async fn switch_form(
    deps: &Deps,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    errors: &[FieldError],
) -> AppResult<Answer<PostsPage>> {
    let (official, now) = (o.official_id, ctx.now);
    let list = deps.store.read(move |c| store::in_force(c, official, now)).await?;
    let mut form = FormView::new().with("assignment", o.assignment_id.to_string());
    page::fail(&mut form, ctx.lang, errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = PostsPage { choices: choices(ctx, &list), action: "/desk/switch", form };
    respond_with(deps, ctx, status, "officials/choose.html", &view)
}

pub(super) async fn switch_sent(
    ctx: Ctx,
    deps: App,
    o: Official<Looks<Any>>,
    form: Form,
) -> AppResult<Answer<PostsPage>> {
    let (official, now, session) = (o.official_id, ctx.now, o.session.id.clone());
    let wanted = form.get("assignment").to_owned();
    let chosen = deps
        .store
        .write(move |tx| {
            let list = store::in_force(tx.conn(), official, now)?;
            let Some(chosen) = list.into_iter().find(|a| a.id.to_string() == wanted) else {
                return Ok(None);
            };
            session::act_in(tx, &session, chosen.id)?;
            let by = Actor::Official { id: official, office: chosen.office_id };
            audit::append(tx, now, Entry::new(by, "official.switch", "assignment").object(chosen.id))?;
            Ok(Some(chosen))
        })
        .await?;
    match chosen {
        Some(chosen) => Ok(see_other_with(&deps, desk_of(&deps, chosen.role), "desk-switched").into()),
        None => switch_form(&deps, &ctx, &o, &[FieldError::new("assignment", "required")]).await,
    }
}
