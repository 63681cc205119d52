//! Signing in with a phone and the code sent to it: two pages, the privacy notice at the first time, signing out.

use super::asking::Asking;
use super::code::{self, Check, Purpose};
use super::{known, store};
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::Phone;
use crate::web::ctx::{Ctx, session_of};
use crate::web::form::Form;
use crate::web::guard::Newcomer;
use crate::web::i18n::Lang;
use crate::web::idempotency::{self, Submission};
use crate::web::page::{self, local_path, see_other, see_other_with};
use crate::web::principal::Principal;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::session::{self, Session, SessionKind};
use crate::web::view::FormView;
use crate::web::{device, limits, pending, problem};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A phone that waits for its code.
pub(super) const CODE: pending::Kind = pending::Kind::new("sign-in", 15);

/// What is kept until the code is typed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub phone: String,
    pub next: String,
}

/// `?next=` of the sign-in page.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// The page that asks for a telephone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignInPage {
    /// Where it goes on after signing in.
    next: String,
    form: FormView,
}

/// The page that asks for the code.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CodePage {
    /// The telephone to which it was sent, masked.
    phone: String,
    /// Whether the code that was sent can still be used.
    live: bool,
    form: FormView,
}

/// The page of the privacy notice; its text is that of `/privacy`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NoticePage {
    /// Where it goes on once it is read.
    next: String,
}

pub(super) async fn phone_page(
    ctx: Ctx,
    deps: App,
    query: web::Query<Next>,
) -> AppResult<Answer<SignInPage>> {
    let next = local_path(&query.next, "/me");
    if matches!(ctx.principal, Principal::Resident(_)) {
        return Ok(see_other(next).into());
    }
    let view = SignInPage { next: next.to_owned(), form: FormView::new() };
    respond(&deps, &ctx, "accounts/sign-in.html", &view)
}

pub(super) async fn phone_sent(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    form: Form,
) -> AppResult<Answer<SignInPage>> {
    let next = local_path(form.get("next"), "/me").to_owned();
    let refused = |errors: &[FieldError], status| {
        let mut view = SignInPage { next: next.clone(), form: form.view() };
        page::fail(&mut view.form, ctx.lang, errors);
        respond_with(&deps, &ctx, status, "accounts/sign-in.html", &view)
    };
    let phone = match Phone::parse(form.get("phone")) {
        Ok(phone) => phone,
        Err(e) => {
            return refused(&[FieldError::new("phone", e.code())], StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let waiting = Waiting { phone: phone.as_str().to_owned(), next: next.clone() };
    let step = pending::Step::of_browser(&ctx, &CODE, waiting);
    match request_code(&deps, &req, &ctx, &phone, step.id, form.once()).await {
        Ok(id) => {
            let mut response = see_other("/sign-in/code");
            pending::keep(&deps, &mut response, &CODE, &step.numbered(id))?;
            Ok(response.into())
        }
        Err(AppError::TooMany(seconds)) => {
            let page = refused(&[too_soon("phone", seconds)], StatusCode::TOO_MANY_REQUESTS);
            page::later(page, Some(seconds))
        }
        Err(e) => Err(e),
    }
}

/// The code of [`too_soon`].
pub(super) const TOO_SOON: &str = "code-too-soon";

/// The error for a code that was asked for too soon.
pub(super) fn too_soon(field: &str, seconds: u64) -> FieldError {
    let minutes = seconds.div_ceil(60);
    FieldError::new(field, TOO_SOON).with("minutes", minutes)
}

/// Sends a sign-in code for a step to a telephone, known here or not. Gives the step to which the code belongs: for a request
/// that was sent twice the first one's.
pub(super) async fn request_code(
    deps: &Deps,
    req: &HttpRequest,
    ctx: &Ctx,
    phone: &Phone,
    step: Id,
    once: Option<uuid::Uuid>,
) -> AppResult<Id> {
    deps.limiter.take("sign-in", ctx.client, limits::SIGN_IN, ctx.now).await?;
    let asking = Asking::signing_in(deps, req, ctx, phone);
    let (keys, phone, now) = (deps.keys.clone(), phone.clone(), ctx.now);
    // A key is its sender's: whoever has come by it elsewhere gets no part in the first one's step.
    let scope = format!("sign-in.code:{}", ctx.client.network());
    let nobody = Id(uuid::Uuid::nil());
    let submission = once.map(|k| Submission::new(nobody, &scope, k, phone.as_str().as_bytes()));
    deps.store
        .write(move |tx| {
            idempotency::once(tx, &keys, submission.as_ref(), now, |tx| {
                code::send(tx, &keys, (Purpose::SignIn, step), &phone, asking)?;
                Ok(step)
            })
        })
        .await
}

pub(super) async fn code_page(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<Answer<CodePage>> {
    match pending::read::<Waiting>(&deps, &req, &ctx, &CODE).await? {
        Some(step) => code_form(&deps, &ctx, &step, StatusCode::OK, &[]).await,
        None => Ok(see_other_with(&deps, "/sign-in", "step-over").into()),
    }
}

/// The page of the code; it says so when the code that was sent can no longer be used.
async fn code_form(
    deps: &Deps,
    ctx: &Ctx,
    step: &pending::Step<Waiting>,
    status: StatusCode,
    errors: &[FieldError],
) -> AppResult<Answer<CodePage>> {
    let mut form = FormView::new();
    page::fail(&mut form, ctx.lang, errors);
    let live = code::is_live(deps, (Purpose::SignIn, step.id), &step.value.phone, ctx.now).await?;
    let phone = Phone::parse(&step.value.phone).map(|p| p.masked()).unwrap_or_default();
    respond_with(deps, ctx, status, "accounts/code.html", &CodePage { phone, live, form })
}

pub(super) async fn code_sent(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    form: Form,
) -> AppResult<Answer<CodePage>> {
    let Some(step) = pending::read::<Waiting>(&deps, &req, &ctx, &CODE).await? else {
        return Ok(see_other_with(&deps, "/sign-in", "step-over").into());
    };
    if form.has("again") {
        return code_again(&deps, &req, &ctx, step, &form).await;
    }
    match sign_in(&deps, &req, &ctx, &step, form.get("code")).await? {
        Ok(done) => {
            let next = local_path(&step.value.next, "/me");
            let mut response = if done.notice_read {
                see_other(next)
            } else {
                let query = serde_urlencoded::to_string([("next", next)]).map_err(AppError::internal)?;
                see_other(&format!("/sign-in/notice?{query}"))
            };
            pending::forget(&deps, &mut response);
            set_session(&deps, &mut response, &done.token)?;
            let phone = Phone::parse(&step.value.phone).map_err(AppError::internal)?;
            known::make_known(&deps, &req, &mut response, &phone, ctx.now)?;
            Ok(response.into())
        }
        Err(check) => {
            let error = FieldError::new("code", check.error().unwrap_or("code-wrong"));
            code_form(&deps, &ctx, &step, StatusCode::UNPROCESSABLE_ENTITY, &[error]).await
        }
    }
}

async fn code_again(
    deps: &Deps,
    req: &HttpRequest,
    ctx: &Ctx,
    step: pending::Step<Waiting>,
    form: &Form,
) -> AppResult<Answer<CodePage>> {
    let phone = Phone::parse(&step.value.phone).map_err(AppError::internal)?;
    match request_code(deps, req, ctx, &phone, step.id, form.once()).await {
        Ok(_) => {
            let mut response = see_other_with(deps, "/sign-in/code", "code-sent");
            pending::keep(deps, &mut response, &CODE, &step.renewed(&CODE, ctx.now))?;
            Ok(response.into())
        }
        Err(AppError::TooMany(seconds)) => {
            let (late, error) = (StatusCode::TOO_MANY_REQUESTS, too_soon("code", seconds));
            page::later(code_form(deps, ctx, &step, late, &[error]).await, Some(seconds))
        }
        Err(e) => Err(e),
    }
}

/// Gives the browser its session.
fn set_session(deps: &Deps, response: &mut HttpResponse, token: &str) -> AppResult<()> {
    let names = &deps.cookies;
    let age = chrono::Duration::days(30).num_seconds();
    response.add_cookie(&names.cookie(&names.session, token, Some(age))).map_err(AppError::internal)
}

/// A sign-in that succeeded.
pub(super) struct SignedIn {
    pub token: String,
    pub notice_read: bool,
}

/// Checks the code and starts a session; whatever session the browser had before is over. The network is one from which
/// somebody has signed in.
pub(super) async fn sign_in(
    deps: &Deps,
    req: &HttpRequest,
    ctx: &Ctx,
    step: &pending::Step<Waiting>,
    typed: &str,
) -> AppResult<Result<SignedIn, Check>> {
    deps.limiter.take("sign-in", ctx.client, limits::SIGN_IN, ctx.now).await?;
    let phone = Phone::parse(&step.value.phone).map_err(AppError::internal)?;
    let (keys, step, typed) = (deps.keys.clone(), step.clone(), typed.to_owned());
    let (lang, now, device) = (ctx.lang, ctx.now, device::describe(req));
    let before = session_of(&ctx.principal).cloned();
    let done = deps
        .store
        .write(move |tx| {
            match code::check(tx, &keys, (Purpose::SignIn, step.id), phone.as_str(), &typed, now)? {
                // The code went with its first use, so a step that was used up has none.
                Check::Right if !step.use_up(tx)? => Ok(Err(Check::Wrong)),
                Check::Right => enter(tx, &keys, &phone, lang, &device, before.as_ref(), now).map(Ok),
                other => Ok(Err(other)),
            }
        })
        .await?;
    if done.is_ok() {
        deps.signed_in.note(ctx.client.wide(), now);
    }
    Ok(done)
}

fn enter(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    phone: &Phone,
    lang: Lang,
    device: &str,
    before: Option<&Session>,
    now: DateTime<Utc>,
) -> AppResult<SignedIn> {
    if let Some(old) = before {
        session::end(tx, old.kind(), old.subject, old.public_id)?;
    }
    let account = store::ensure_account(tx, keys, phone, lang, now)?;
    let notice_read = store::note_sign_in(tx, account, now)?;
    let (token, _) = session::start(tx, SessionKind::Resident, account, None, device, now)?;
    let entry = Entry::new(Actor::Resident(account), "account.sign-in", "account").object(account);
    audit::append(tx, now, entry)?;
    Ok(SignedIn { token, notice_read })
}

pub(super) async fn notice_page(
    ctx: Ctx,
    deps: App,
    _resident: Newcomer,
    query: web::Query<Next>,
) -> AppResult<Answer<NoticePage>> {
    let view = NoticePage { next: local_path(&query.next, "/me").to_owned() };
    respond(&deps, &ctx, "accounts/notice.html", &view)
}

pub(super) async fn notice_sent(
    ctx: Ctx,
    deps: App,
    resident: Newcomer,
    form: Form,
) -> AppResult<HttpResponse> {
    let (account, now) = (resident.0.account_id, ctx.now);
    deps.store.write(move |tx| store::accept_notice(tx, account, now)).await?;
    Ok(see_other(local_path(form.get("next"), "/me")))
}

/// Ends the session, of a resident or an official. Without a session there is nothing to end, and the answer is the same.
pub(crate) async fn sign_out(ctx: Ctx, deps: App, _form: Form) -> AppResult<HttpResponse> {
    end_session(&deps, &ctx).await?;
    let official = matches!(ctx.principal, Principal::Official(_));
    let mut response = see_other_with(&deps, if official { "/desk/sign-in" } else { "/" }, "signed-out");
    problem::forget_session(&deps, &mut response);
    Ok(response)
}

/// Ends the session of a request, if it has one.
pub(super) async fn end_session(deps: &Deps, ctx: &Ctx) -> AppResult<()> {
    let Some(current) = session_of(&ctx.principal).cloned() else { return Ok(()) };
    let (actor, now) = (Actor::from(&ctx.principal), ctx.now);
    deps.store
        .write(move |tx| {
            session::end(tx, current.kind(), current.subject, current.public_id)?;
            let entry = Entry::new(actor, "session.end", "session").object(current.public_id);
            audit::append(tx, now, entry)?;
            Ok(())
        })
        .await
}
