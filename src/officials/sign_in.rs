//! An official signs in: password, one-time code, and which office to act in.
//!
//! The answer to a wrong password, an unknown name and a disabled login is the same, after the same work. A session starts
//! in the transaction that uses up the last step, and only for a login that has not changed since the first.

use super::enter::{Inside, enter, let_in, start};
use super::place::{self, Place};
use super::store::{self, InForce, SignInRow};
use super::tries::{Try, What};
use super::{account, factors};
use crate::access::Role;
use crate::audit::{self, Actor, Entry};
use crate::db::{Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::web::ctx::{Ctx, session_of};
use crate::web::form::Form;
use crate::web::i18n::t;
use crate::web::page::{self, desk_of, local_path, page_with, see_other, see_other_with};
use crate::web::view::{Choice, FormView};
use crate::web::{device, limits, pending};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The password was right: the one-time code comes next, …
pub(super) const TOTP: pending::Kind = pending::Kind::new("official-totp", 5);
/// … or the enrolment of a second factor, …
pub(super) const ENROL: pending::Kind = pending::Kind::new("official-enrol", 15);
/// … and with several posts the choice of one.
pub(super) const CHOOSE: pending::Kind = pending::Kind::new("official-choose", 5);

/// What is kept between the steps. The version makes it void when an administrator resets the login.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Step {
    pub official: Id,
    pub login: String,
    pub version: i64,
    pub next: String,
    pub secret: Option<String>,
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub(super) struct Next {
    #[serde(default)]
    pub next: String,
}

pub(super) const START: &str = "/desk/sign-in";

pub(super) fn form_page(
    deps: &Deps,
    ctx: &Ctx,
    template: &str,
    mut view: FormView,
    errors: &[FieldError],
    mut data: Value,
) -> AppResult<HttpResponse> {
    page::fail(&mut view, ctx.lang, errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    if let Some(map) = data.as_object_mut() {
        map.insert("form".into(), serde_json::to_value(view).map_err(AppError::internal)?);
    }
    page_with(deps, ctx, status, template, &data)
}

pub(super) async fn password_page(ctx: Ctx, deps: App, query: web::Query<Next>) -> AppResult<HttpResponse> {
    let data = json!({"next": local_path(&query.next, "")});
    form_page(&deps, &ctx, "officials/sign-in.html", FormView::new(), &[], data)
}

pub(super) async fn password_sent(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    form: Form,
) -> AppResult<HttpResponse> {
    let next = local_path(form.get("next"), "").to_owned();
    let refused = |error: FieldError, status| {
        let mut view = form.view();
        view.forget("password");
        page::fail(&mut view, ctx.lang, &[error]);
        let data = json!({"next": next, "form": view});
        page_with(&deps, &ctx, status, "officials/sign-in.html", &data)
    };
    match check_password(&deps, &req, &ctx, form.get("login"), form.get("password")).await {
        Ok(Some(row)) => {
            let enrol = row.must_change || row.totp_sealed.is_none();
            let (to, kind) =
                if enrol { ("/desk/sign-in/enrol", &ENROL) } else { ("/desk/sign-in/totp", &TOTP) };
            let next = next.clone();
            let step = Step { official: row.id, login: row.login, version: row.version, next, secret: None };
            let mut response = see_other(to);
            pending::keep(&deps, &mut response, kind, &pending::Step::of_browser(&ctx, kind, step))?;
            Ok(response)
        }
        Ok(None) => refused(FieldError::new("login", "sign-in-refused"), StatusCode::UNPROCESSABLE_ENTITY),
        Err(AppError::TooMany(s)) => {
            page::later(refused(too_fast("login", s), StatusCode::TOO_MANY_REQUESTS), Some(s))
        }
        Err(e) => Err(e),
    }
}

/// Counts a request of signing in for the client's network.
///
/// # Errors
/// [`AppError::TooMany`].
pub(super) async fn paced(deps: &Deps, ctx: &Ctx) -> AppResult<()> {
    deps.limiter.take("sign-in", ctx.client, limits::SIGN_IN, ctx.now).await
}

/// The official of a login and password; `None` whatever the reason.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds to wait, whether or not there is such a login; nothing is looked at then.
pub(super) async fn check_password(
    deps: &Deps,
    req: &HttpRequest,
    ctx: &Ctx,
    login: &str,
    password: &str,
) -> AppResult<Option<SignInRow>> {
    paced(deps, ctx).await?;
    let (login, now) = (login.trim().to_lowercase(), ctx.now);
    if login.is_empty() || password.is_empty() {
        return Ok(None);
    }
    let wanted = login.clone();
    let row = deps.store.read(move |c| store::by_login(c, &wanted)).await?;
    let official = row.as_ref().map(|r| r.id);
    let place = Place::of(deps, req, ctx.client, official, now);
    let tried = Try { what: What::Password, login, official, place };
    let hash = row.as_ref().filter(|r| r.active).map(|r| r.password_hash.clone());
    let right = compare(deps, ctx, tried, password, hash).await?;
    let row = row.filter(|_| right);
    if let Some(row) = &row {
        account::renew_hash(deps, ctx, row, password).await?;
    }
    Ok(row)
}

/// Compares a password with a stored hash in one try, which is counted before, and given back when the password is right
/// or was not looked at after all.
///
/// # Errors
/// [`AppError::TooMany`] with the seconds to wait; nothing is looked at then.
pub(super) async fn compare(
    deps: &Deps,
    ctx: &Ctx,
    tried: Try,
    password: &str,
    hash: Option<String>,
) -> AppResult<bool> {
    let now = ctx.now;
    let (keys, first) = (deps.keys.clone(), tried.clone());
    let counted = deps.store.write(move |tx| first.take(tx, &keys, now)).await?;
    let right = factors::verify(ctx.client, password.to_owned(), hash).await;
    let (keys, wrong) = (deps.keys.clone(), matches!(right, Ok(false)));
    let answer = move |tx: &mut Tx<'_>| {
        if wrong { tried.fail(tx, &keys, now) } else { tried.give_back(tx, &keys, counted) }
    };
    deps.store.write(answer).await?;
    right
}

/// A try at a one-time code, of somebody whose password was right.
pub(super) fn code_try(deps: &Deps, req: &HttpRequest, ctx: &Ctx, login: &str, official: Id) -> Try {
    let place = Place::of(deps, req, ctx.client, Some(official), ctx.now);
    Try { what: What::Code, login: login.to_owned(), official: Some(official), place }
}

/// The error on a field for tries that come too fast.
pub(super) fn too_fast(field: &str, seconds: u64) -> FieldError {
    FieldError::new(field, "try-later").with("minutes", seconds.div_ceil(60))
}

/// The way back to the start, when a step is over.
pub(super) fn from_the_start(deps: &Deps) -> HttpResponse {
    see_other_with(deps, START, "step-over")
}

/// The official of a step, if it was not used up and nothing has changed since.
fn current(tx: &mut Tx<'_>, step: &pending::Step<Step>) -> AppResult<Option<SignInRow>> {
    if step.is_spent(tx.conn())? {
        return Ok(None);
    }
    let row = store::by_id(tx.conn(), step.value.official)?;
    Ok(Some(row).filter(|r| r.version == step.value.version && r.active))
}

pub(super) async fn totp_page(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    match pending::read::<Step>(&deps, &req, &ctx, &TOTP).await? {
        Some(_) => form_page(&deps, &ctx, "officials/totp.html", FormView::new(), &[], json!({})),
        None => Ok(from_the_start(&deps)),
    }
}

/// What a step came to.
enum Came {
    /// Start over: used up, reset or disabled meanwhile.
    Over,
    /// Not this code.
    Wrong,
    /// Both factors were right.
    Right(Inside),
}

pub(super) async fn totp_sent(req: HttpRequest, ctx: Ctx, deps: App, form: Form) -> AppResult<HttpResponse> {
    paced(&deps, &ctx).await?;
    let Some(step) = pending::read::<Step>(&deps, &req, &ctx, &TOTP).await? else {
        return Ok(from_the_start(&deps));
    };
    let (device, before) = (device::describe(&req), session_of(&ctx.principal).cloned());
    let (keys, now, typed) = (deps.keys.clone(), ctx.now, form.get("code").to_owned());
    let (tried, trying) = (step.clone(), code_try(&deps, &req, &ctx, &step.value.login, step.value.official));
    let came = deps
        .store
        .write(move |tx| {
            let Some(row) = current(tx, &tried)? else { return Ok(Came::Over) };
            let Some(counted) = trying.examine(tx, &keys, &row, &typed, now)? else { return Ok(Came::Wrong) };
            if !tried.use_up(tx)? {
                return Ok(Came::Over);
            }
            trying.succeed(tx, &keys, counted, now)?;
            // Which post it will be is not said yet, and may never be.
            let entry = Entry::new(Actor::Anonymous, "official.second-factor", "official").object(row.id);
            audit::append(tx, now, entry)?;
            enter(tx, &row, &device, before.as_ref(), now).map(Came::Right)
        })
        .await;
    match came {
        Ok(Came::Over) | Err(AppError::Conflict(_)) => Ok(from_the_start(&deps)),
        Ok(Came::Wrong) => code_page(&deps, &ctx, None),
        Err(AppError::TooMany(seconds)) => code_page(&deps, &ctx, Some(seconds)),
        Err(e) => Err(e),
        Ok(Came::Right(inside)) => enter_or_choose(&deps, &req, &ctx, &step.value, inside),
    }
}

/// The page of the one-time code again: it was wrong, or has to wait.
fn code_page(deps: &Deps, ctx: &Ctx, wait: Option<u64>) -> AppResult<HttpResponse> {
    let wrong = (FieldError::new("code", "totp-wrong"), StatusCode::UNPROCESSABLE_ENTITY);
    let late = |seconds| (too_fast("code", seconds), StatusCode::TOO_MANY_REQUESTS);
    let (error, status) = wait.map_or(wrong, late);
    let mut view = FormView::new();
    page::fail(&mut view, ctx.lang, &[error]);
    page::later(page_with(deps, ctx, status, "officials/totp.html", &json!({"form": view})), wait)
}

/// With one assignment straight in, with several a choice, with none a plain word.
fn enter_or_choose(
    deps: &Deps,
    req: &HttpRequest,
    ctx: &Ctx,
    step: &Step,
    inside: Inside,
) -> AppResult<HttpResponse> {
    match inside {
        Inside::NoPost => {
            let errors = [FieldError::new("login", "no-assignment")];
            let data = json!({"next": step.next});
            form_page(deps, ctx, "officials/sign-in.html", FormView::new(), &errors, data)
        }
        Inside::In(token, role) => {
            let mut response = see_other(local_path(&step.next, desk_of(deps, role)));
            let_in(deps, req, ctx, step.official, &mut response, token)?;
            Ok(response)
        }
        Inside::Choose => {
            let mut response = see_other("/desk/sign-in/choose");
            let official = step.official;
            let step = pending::Step::of_browser(ctx, &CHOOSE, step.clone());
            pending::keep(deps, &mut response, &CHOOSE, &step)?;
            place::make_known(deps, req, &mut response, official, ctx.now)?;
            Ok(response)
        }
    }
}

/// Assignments as choices.
pub(super) fn choices(ctx: &Ctx, list: &[InForce]) -> Vec<Choice> {
    list.iter()
        .map(|a| {
            let office = if ctx.english() && !a.office_en.is_empty() { &a.office_en } else { &a.office };
            let role = t(ctx.lang, &format!("role-{}", a.role), &[]);
            let place = super::division_name(&a.division, ctx.english());
            let hint = match a.substitute {
                true => format!("{place} · {}", t(ctx.lang, "desk-substitute", &[])),
                false => place,
            };
            Choice { value: a.id.to_string(), label: format!("{office} · {role}"), hint }
        })
        .collect()
}

async fn choose(deps: &Deps, ctx: &Ctx, step: &Step, errors: &[FieldError]) -> AppResult<HttpResponse> {
    let (official, now) = (step.official, ctx.now);
    let list = deps.store.read(move |c| store::in_force(c, official, now)).await?;
    let data = json!({"choices": choices(ctx, &list), "action": "/desk/sign-in/choose"});
    form_page(deps, ctx, "officials/choose.html", FormView::new(), errors, data)
}

pub(super) async fn choose_page(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    match pending::read::<Step>(&deps, &req, &ctx, &CHOOSE).await? {
        Some(step) => choose(&deps, &ctx, &step.value, &[]).await,
        None => Ok(from_the_start(&deps)),
    }
}

/// What a choice came to.
enum Chosen {
    /// Start over: used up, reset or disabled meanwhile.
    Over,
    /// None of the official's posts.
    None,
    /// A new session: its token, and the role.
    In(String, Role),
}

pub(super) async fn choose_sent(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    form: Form,
) -> AppResult<HttpResponse> {
    paced(&deps, &ctx).await?;
    let Some(step) = pending::read::<Step>(&deps, &req, &ctx, &CHOOSE).await? else {
        return Ok(from_the_start(&deps));
    };
    let (tried, wanted, now) = (step.clone(), form.get("assignment").to_owned(), ctx.now);
    let (device, before) = (device::describe(&req), session_of(&ctx.principal).cloned());
    let chosen = deps
        .store
        .write(move |tx| {
            let Some(row) = current(tx, &tried)? else { return Ok(Chosen::Over) };
            let list = store::in_force(tx.conn(), row.id, now)?;
            let Some(chosen) = list.iter().find(|a| a.id.to_string() == wanted) else {
                return Ok(Chosen::None);
            };
            if !tried.use_up(tx)? {
                return Ok(Chosen::Over);
            }
            let token = start(tx, &row, chosen, &device, before.as_ref(), now)?;
            Ok(Chosen::In(token, chosen.role))
        })
        .await;
    match chosen {
        Ok(Chosen::Over) | Err(AppError::Conflict(_)) => Ok(from_the_start(&deps)),
        Ok(Chosen::None) => {
            choose(&deps, &ctx, &step.value, &[FieldError::new("assignment", "required")]).await
        }
        Ok(Chosen::In(token, role)) => {
            let mut response = see_other(local_path(&step.value.next, desk_of(&deps, role)));
            let_in(&deps, &req, &ctx, step.value.official, &mut response, token)?;
            Ok(response)
        }
        Err(e) => Err(e),
    }
}
