//! A resident's e-mail address: it gets and changes nothing before a code that was sent to it is typed.

use super::code::{self, Purpose};
use super::contact::{ContactPage, refused};
use super::sign_in::too_soon;
use super::store;
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::EmailAddress;
use crate::notify::{self, Message, Recipient};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::page::{self, see_other, see_other_with};
use crate::web::pending;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::FormView;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// An address that waits for its code.
const ADDRESS: pending::Kind = pending::Kind::new("email", 15);

/// The address, kept by the browser until the code is typed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Address {
    account: Id,
    email: String,
}

/// The page that asks for the code of a new address.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EmailPage {
    /// The address to which it was sent.
    email: String,
    /// Whether the code that was sent can still be used.
    live: bool,
    form: FormView,
}

/// `POST /me/contact`: sends a code to a new address; an empty one is taken away at once.
pub(super) async fn sent(
    ctx: Ctx,
    deps: App,
    resident: Resident,
    form: Form,
) -> AppResult<Answer<ContactPage>> {
    let refused = async |error: FieldError| refused(&deps, &ctx, &resident, &form, error).await;
    let (account, now) = (resident.account_id, ctx.now);
    let email = match form.text("email").map(EmailAddress::parse).transpose() {
        Ok(Some(email)) => email,
        Ok(None) => {
            let keys = deps.keys.clone();
            deps.store.write(move |tx| change(tx, &keys, account, None, now)).await?;
            return Ok(see_other_with(&deps, "/me/contact", "contact-saved").into());
        }
        Err(e) => {
            return refused(FieldError::new("email", e.code())).await;
        }
    };
    let step =
        pending::Step::of_browser(&ctx, &ADDRESS, Address { account, email: email.as_str().to_owned() });
    let (keys, lang, id) = (deps.keys.clone(), ctx.lang, step.id);
    let queued = deps.store.write(move |tx| code::mail(tx, &keys, id, account, &email, lang, now));
    match queued.await {
        Ok(()) => {
            let mut response = see_other("/me/contact/email");
            pending::keep(&deps, &mut response, &ADDRESS, &step)?;
            Ok(response.into())
        }
        Err(AppError::TooMany(seconds)) => {
            page::later(refused(too_soon("email", seconds)).await, Some(seconds))
        }
        Err(e) => Err(e),
    }
}

/// Changes the address, or takes it away, and tells the telephone and the address of before: whoever has got into a session
/// does not move in unseen.
///
/// # Errors
/// Database errors.
pub(super) fn change(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    account: Id,
    email: Option<&EmailAddress>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let before = store::recipient(tx.conn(), keys, account)?;
    store::set_email(tx, keys, account, email, now)?;
    let (what, to) = match (before.email.as_deref(), email) {
        (None, None) => return Ok(()),
        (Some(old), Some(new)) if old == new.as_str() => return Ok(()),
        (None, Some(_)) => ("added", before),
        (Some(_), Some(_)) => ("changed", before),
        // Who takes an address away wants no more mail there.
        (Some(_), None) => ("removed", Recipient { email: None, ..before }),
    };
    notify::send(tx, keys, &to, &Message::new("email-changed", json!({"what": what})), now)
}

/// The address that waits, if this account has named it a moment ago.
async fn waiting(
    deps: &Deps,
    req: &HttpRequest,
    ctx: &Ctx,
    resident: &Resident,
) -> AppResult<Option<pending::Step<Address>>> {
    let step = pending::read::<Address>(deps, req, ctx, &ADDRESS).await?;
    Ok(step.filter(|step| step.value.account == resident.account_id))
}

/// The page of the code; it says so when the code that was sent can no longer be used.
async fn code_form(
    deps: &Deps,
    ctx: &Ctx,
    step: &pending::Step<Address>,
    status: StatusCode,
    errors: &[FieldError],
) -> AppResult<Answer<EmailPage>> {
    let mut form = FormView::new();
    page::fail(&mut form, ctx.lang, errors);
    let live = code::is_live(deps, (Purpose::Email, step.id), &step.value.email, ctx.now).await?;
    let view = EmailPage { email: step.value.email.clone(), live, form };
    respond_with(deps, ctx, status, "accounts/email.html", &view)
}

/// `GET /me/contact/email`.
pub(super) async fn code_page(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    resident: Resident,
) -> AppResult<Answer<EmailPage>> {
    match waiting(&deps, &req, &ctx, &resident).await? {
        Some(step) => code_form(&deps, &ctx, &step, StatusCode::OK, &[]).await,
        None => Ok(see_other_with(&deps, "/me/contact", "step-over").into()),
    }
}

/// Sends another code of the same step; the one before is void.
async fn again(deps: &Deps, ctx: &Ctx, step: pending::Step<Address>) -> AppResult<Answer<EmailPage>> {
    let email = EmailAddress::parse(&step.value.email).map_err(AppError::internal)?;
    let (keys, lang, now) = (deps.keys.clone(), ctx.lang, ctx.now);
    let (id, account) = (step.id, step.value.account);
    match deps.store.write(move |tx| code::mail(tx, &keys, id, account, &email, lang, now)).await {
        Ok(()) => {
            let mut response = see_other_with(deps, "/me/contact/email", "code-sent");
            pending::keep(deps, &mut response, &ADDRESS, &step.renewed(&ADDRESS, now))?;
            Ok(response.into())
        }
        Err(AppError::TooMany(seconds)) => {
            let (late, error) = (StatusCode::TOO_MANY_REQUESTS, too_soon("code", seconds));
            page::later(code_form(deps, ctx, &step, late, &[error]).await, Some(seconds))
        }
        Err(e) => Err(e),
    }
}

/// `POST /me/contact/email`: with the right code the address is the account's; or another code is sent.
pub(super) async fn code_sent(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    resident: Resident,
    form: Form,
) -> AppResult<Answer<EmailPage>> {
    let Some(step) = waiting(&deps, &req, &ctx, &resident).await? else {
        return Ok(see_other_with(&deps, "/me/contact", "step-over").into());
    };
    if form.has("again") {
        return again(&deps, &ctx, step).await;
    }
    let email = EmailAddress::parse(&step.value.email).map_err(AppError::internal)?;
    let (keys, account, now) = (deps.keys.clone(), resident.account_id, ctx.now);
    let (typed, tried) = (form.get("code").to_owned(), step.clone());
    let checked = deps
        .store
        .write(move |tx| {
            let check = code::check(tx, &keys, (Purpose::Email, tried.id), email.as_str(), &typed, now)?;
            if check.error().is_none() && tried.use_up(tx)? {
                change(tx, &keys, account, Some(&email), now)?;
            }
            Ok(check)
        })
        .await?;
    if let Some(error) = checked.error() {
        let error = FieldError::new("code", error);
        return code_form(&deps, &ctx, &step, StatusCode::UNPROCESSABLE_ENTITY, &[error]).await;
    }
    let mut response = see_other_with(&deps, "/me/contact", "contact-saved");
    pending::forget(&deps, &mut response);
    Ok(response.into())
}
