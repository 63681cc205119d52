//! A case with everything that its pages show; shared by the applicant's and the officials' side.

use super::model::{Application, Business, Event, Form as Answers};
use super::shown::CaseView;
use super::{store, store_business, views};
use crate::case::events;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::i18n;
use crate::web::page::page_with;
use crate::web::problem;
use crate::web::view::{ErrorPage, Remedy};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

/// A case with everything that its pages show.
pub struct Loaded {
    /// The case.
    pub app: Application,
    /// Its answers.
    pub form: Answers,
    /// The business, as the caller sees it.
    pub business: Business,
    /// The timeline.
    pub events: Vec<Event>,
}

/// Loads the rest of a case that the caller may see.
///
/// # Errors
/// Database or crypto errors.
pub fn load(conn: &mut Conn, keys: &Keyring, app: Application) -> AppResult<Loaded> {
    let form = store::form(keys, &app)?;
    let business = store_business::business(conn, app.business_id)?;
    let events = events(conn, keys, app.id)?;
    Ok(Loaded { app, form, business, events })
}

/// Loads a case of the account's own.
///
/// # Errors
/// [`AppError::NotFound`](crate::error::AppError::NotFound) when it is not theirs.
pub async fn mine(deps: &App, account: Id, number: String) -> AppResult<Loaded> {
    let keys = deps.keys.clone();
    deps.store
        .read(move |conn| {
            let app = store::own(conn, &number, account)?;
            let business = store_business::business_for(conn, app.business_id, account)?;
            Ok(Loaded { business, ..load(conn, &keys, app)? })
        })
        .await
}

/// What the case pages of applicant and officials share, to which a page adds its own.
///
/// # Errors
/// See [`views::clock`].
pub fn data(ctx: &Ctx, case: &Loaded, official: bool) -> AppResult<Value> {
    Ok(json!(view(ctx, case, official)?))
}

/// What the case pages of applicant and officials share.
///
/// # Errors
/// See [`views::clock`].
pub fn view(ctx: &Ctx, case: &Loaded, official: bool) -> AppResult<CaseView> {
    let (lang, app) = (ctx.lang, &case.app);
    let sent = |e: &&Event| matches!(e.action.as_str(), "submit" | "file" | "resubmit");
    Ok(CaseView {
        number: app.number.clone(),
        version: app.version,
        sent: case.events.iter().filter(sent).count(),
        name: case.business.name.clone(),
        kind: app.kind.clone(),
        state: app.state.clone(),
        state_label: views::state(lang, &app.state),
        state_kind: views::tag(&app.state),
        clock: views::clock(lang, app, ctx.now)?,
        risk: i18n::t(lang, &format!("reopening-risk-{}", app.risk_level), &[]),
        level: i18n::t(lang, &format!("reopening-level-{}", app.review_level), &[]),
        permit: app.permit_number.clone(),
        permit_until: app.permit_until.map(|until| until.0),
        returning: app.returning_staff,
        total: case.form.staff_total,
        rows: views::rows(lang, &case.form, &case.business, official),
        events: views::timeline(lang, &case.events, official, ctx.now),
        told: views::told(lang, &case.events, app),
    })
}

/// A 409 page with what changed, leading back to the case rather than to the address of the form.
///
/// # Errors
/// [`AppError::Conflict`] again for clients that want no page.
pub fn conflict(
    deps: &Deps,
    ctx: &Ctx,
    code: &str,
    back: &str,
    changes: Vec<String>,
) -> AppResult<HttpResponse> {
    // A key of something else is no conflict about the case, and has a status of its own.
    if !ctx.wants_page || code == "idempotency-mismatch" {
        return Err(AppError::conflict(code));
    }
    let own = format!("problem-{code}");
    let data = ErrorPage {
        detail: i18n::has(&own).then(|| i18n::t(ctx.lang, &own, &[])),
        refused: changes.is_empty() && code != "changed-meanwhile",
        changes,
        written: problem::written(ctx),
        remedies: vec![Remedy {
            href: back.to_owned(),
            label: i18n::t(ctx.lang, "reopening-back-to-case", &[]),
        }],
        request_id: Some(ctx.request_id.clone()),
        ..ErrorPage::new(409)
    };
    page_with(deps, ctx, StatusCode::CONFLICT, "error.html", &data)
}
