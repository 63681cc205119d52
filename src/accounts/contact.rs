//! How a resident is reached: another phone by a code to the old and to the new one; for the e-mail address see [`super::email`].
//! Whoever no longer has the old phone goes to the counter with the document.

use super::asking::Asking;
use super::code::{self, Check, Purpose};
use super::sign_in::{TOO_SOON, too_soon};
use super::store;
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::Phone;
use crate::notify::{self, Message};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::page::{self, see_other, see_other_with};
use crate::web::pending;
use crate::web::respond::{Answer, respond_with};
use crate::web::session::{self, SessionKind};
use crate::web::view::FormView;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A number that waits for both codes.
const CHANGE: pending::Kind = pending::Kind::new("phone-change", 15);

/// The number to change to, kept by the browser until both codes are typed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Change {
    account: Id,
    to: String,
}

/// How a resident is reached.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ContactPage {
    /// The telephone, masked.
    phone: String,
    /// The field `email` holds the address in use.
    form: FormView,
}

/// The page that asks for the codes of both telephones.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CodesPage {
    /// The new telephone, masked.
    phone: String,
    form: FormView,
}

/// The page, with a form as it was sent, or as things stand.
pub(super) async fn contact(
    deps: &Deps,
    ctx: &Ctx,
    resident: &Resident,
    status: StatusCode,
    form: Option<FormView>,
) -> AppResult<Answer<ContactPage>> {
    let (keys, account) = (deps.keys.clone(), resident.account_id);
    let to = deps.store.read(move |c| store::recipient(c, &keys, account)).await?;
    let phone = to.phone.and_then(|p| Phone::parse(&p).ok()).map(|p| p.masked()).unwrap_or_default();
    let form = form.unwrap_or_else(|| FormView::new().with("email", to.email.unwrap_or_default()));
    respond_with(deps, ctx, status, "accounts/contact.html", &ContactPage { phone, form })
}

pub(super) async fn contact_page(ctx: Ctx, deps: App, resident: Resident) -> AppResult<Answer<ContactPage>> {
    contact(&deps, &ctx, &resident, StatusCode::OK, None).await
}

/// The page with a form that was not taken, and why: it is wrong, or comes too soon.
pub(super) async fn refused(
    deps: &Deps,
    ctx: &Ctx,
    resident: &Resident,
    form: &Form,
    error: FieldError,
) -> AppResult<Answer<ContactPage>> {
    let late = error.code == TOO_SOON;
    let status = if late { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut view = form.view();
    page::fail(&mut view, ctx.lang, &[error]);
    contact(deps, ctx, resident, status, Some(view)).await
}

pub(super) async fn phone_sent(
    ctx: Ctx,
    deps: App,
    resident: Resident,
    form: Form,
) -> AppResult<Answer<ContactPage>> {
    let refused = async |error: FieldError| refused(&deps, &ctx, &resident, &form, error).await;
    let to = match Phone::parse(form.get("phone")) {
        Ok(to) => to,
        Err(e) => {
            return refused(FieldError::new("phone", e.code())).await;
        }
    };
    let change = Change { account: resident.account_id, to: to.as_str().to_owned() };
    let step = pending::Step::of_browser(&ctx, &CHANGE, change);
    match send_both(&deps, &ctx, &resident, &to, step.id).await {
        Ok(()) => {
            let mut response = see_other("/me/contact/phone");
            pending::keep(&deps, &mut response, &CHANGE, &step)?;
            Ok(response.into())
        }
        Err(AppError::TooMany(seconds)) => {
            page::later(refused(too_soon("phone", seconds)).await, Some(seconds))
        }
        Err(e) => Err(e),
    }
}

async fn send_both(deps: &Deps, ctx: &Ctx, resident: &Resident, to: &Phone, step: Id) -> AppResult<()> {
    let (keys, account, to) = (deps.keys.clone(), resident.account_id, to.clone());
    let asking = Asking::of(deps, ctx);
    deps.store
        .write(move |tx| {
            let from = store::phone_of(tx.conn(), &keys, account)?;
            code::send(tx, &keys, (Purpose::OldPhone, step), &from, asking)?;
            code::send(tx, &keys, (Purpose::NewPhone, step), &to, asking)
        })
        .await
}

pub(super) async fn codes_page(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    resident: Resident,
) -> AppResult<Answer<CodesPage>> {
    match waiting(&deps, &req, &ctx, &resident).await? {
        Some((_, to)) => codes_form(&deps, &ctx, &to, StatusCode::OK, &[]),
        None => Ok(see_other_with(&deps, "/me/contact", "step-over").into()),
    }
}

/// The number to change to, if this account has asked for a change a moment ago.
async fn waiting(
    deps: &Deps,
    req: &HttpRequest,
    ctx: &Ctx,
    resident: &Resident,
) -> AppResult<Option<(pending::Step<Change>, Phone)>> {
    let step = pending::read::<Change>(deps, req, ctx, &CHANGE).await?;
    let step = step.filter(|step| step.value.account == resident.account_id);
    Ok(step.and_then(|step| Phone::parse(&step.value.to).ok().map(|to| (step, to))))
}

fn codes_form(
    deps: &Deps,
    ctx: &Ctx,
    to: &Phone,
    status: StatusCode,
    errors: &[FieldError],
) -> AppResult<Answer<CodesPage>> {
    let mut view = CodesPage { phone: to.masked(), form: FormView::new() };
    page::fail(&mut view.form, ctx.lang, errors);
    respond_with(deps, ctx, status, "accounts/phone.html", &view)
}

pub(super) async fn codes_sent(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    resident: Resident,
    form: Form,
) -> AppResult<Answer<CodesPage>> {
    let Some((step, to)) = waiting(&deps, &req, &ctx, &resident).await? else {
        return Ok(see_other_with(&deps, "/me/contact", "step-over").into());
    };
    let (keys, account, now) = (deps.keys.clone(), resident.account_id, ctx.now);
    let (typed_old, typed_new) = (form.get("old").to_owned(), form.get("new").to_owned());
    let (current, wanted) = (resident.session.public_id, to.clone());
    let done = deps
        .store
        .write(move |tx| {
            let from = store::phone_of(tx.conn(), &keys, account)?;
            let (theirs, ours) = ((Purpose::OldPhone, step.id), (Purpose::NewPhone, step.id));
            let old = code::tried(tx, &keys, theirs, from.as_str(), &typed_old, now)?;
            let new = code::tried(tx, &keys, ours, wanted.as_str(), &typed_new, now)?;
            if (old, new) != (Check::Right, Check::Right) || !step.use_up(tx)? {
                return Ok(Done::Wrong(errors_of(old, new)));
            }
            code::use_up(tx, &keys, theirs, from.as_str())?;
            code::use_up(tx, &keys, ours, wanted.as_str())?;
            change(tx, &keys, account, current, &wanted, now)
        })
        .await?;
    let mut response = match done {
        Done::Wrong(errors) => {
            return codes_form(&deps, &ctx, &to, StatusCode::UNPROCESSABLE_ENTITY, &errors);
        }
        Done::Changed => see_other_with(&deps, "/me/contact", "phone-changed"),
        // Both codes are used up: back to where another number can be named.
        Done::Taken => {
            let mut view = FormView::new().with("phone", to.national());
            page::fail(&mut view, ctx.lang, &[FieldError::new("phone", "phone-has-account")]);
            contact(&deps, &ctx, &resident, StatusCode::UNPROCESSABLE_ENTITY, Some(view)).await?.into_inner()
        }
    };
    pending::forget(&deps, &mut response);
    Ok(response.into())
}

/// What became of both codes.
enum Done {
    /// The account has the new number.
    Changed,
    /// Another account has it; this is told only to who has shown that the number is theirs.
    Taken,
    /// One of them was not right.
    Wrong(Vec<FieldError>),
}

/// What is wrong with which code. Where both are right the step was used up meanwhile, and both are asked for again.
fn errors_of(old: Check, new: Check) -> Vec<FieldError> {
    let both = [("old", old), ("new", new)];
    let over = both.iter().all(|(_, check)| *check == Check::Right).then_some("code-used");
    both.into_iter()
        .filter_map(|(field, check)| Some(FieldError::new(field, check.error().or(over)?)))
        .collect()
}

fn change(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    account: Id,
    current: Id,
    to: &Phone,
    now: DateTime<Utc>,
) -> AppResult<Done> {
    if store::account_by_phone(tx.conn(), keys, to)?.is_some() {
        return Ok(Done::Taken);
    }
    let before = store::recipient(tx.conn(), keys, account)?;
    store::set_phone(tx, keys, account, to)?;
    session::end_others(tx, SessionKind::Resident, account, current)?;
    audit::append(tx, now, Entry::new(Actor::Resident(account), "account.phone", "account").object(account))?;
    notify::send(tx, keys, &before, &Message::new("phone-changed", json!({"phone": to.masked()})), now)?;
    Ok(Done::Changed)
}
