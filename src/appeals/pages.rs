//! The resident's side: the form with the causes that can be contested, and what became of an appeal.

use super::act;
use super::evidence;
use super::model::{New, Row, TEXT};
use super::store;
use super::views::{AppealView, FormPage, LineView, OnePage, SettledView};
use crate::case;
use crate::codes::{self, PresentView, ReasonView};
use crate::colour::Colours;
use crate::db::Conn;
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::number::normalise;
use crate::policy::Cause;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::i18n::Lang;
use crate::web::idempotency::{self, Submission};
use crate::web::page::{fail, see_other, see_other_with};
use crate::web::respond::{Answer, respond_with};
use crate::web::text;
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

/// `GET /code/appeal`.
pub(super) async fn form(ctx: Ctx, deps: App, resident: Resident) -> AppResult<Answer<FormPage>> {
    form_page(&deps, &ctx, &resident, FormView::new(), StatusCode::OK).await
}

async fn form_page(
    deps: &App,
    ctx: &Ctx,
    resident: &Resident,
    mut form: FormView,
    status: StatusCode,
) -> AppResult<Answer<FormPage>> {
    let (parts, person, lang, now) = (deps.clone(), resident.person()?, ctx.lang, ctx.now);
    let causes = codes::present(deps, person, now).await?.evaluation.causes;
    let (causes, settled, rows) = deps
        .store
        .read(move |conn| {
            let (mut open, mut settled) = (Vec::new(), Vec::new());
            for cause in causes.into_iter().filter(|c| c.appealable) {
                if act::waits(conn, &parts, person, &cause)? {
                    continue;
                }
                match act::decided(conn, &parts, person, &cause)? {
                    Some(row) => settled.push(SettledView::of(&parts, &row, lang)?),
                    None => open.push(cause),
                }
            }
            let rows = store::of_person(conn, person)?;
            let rows: AppResult<Vec<LineView>> =
                rows.iter().map(|row| LineView::of(&parts, row, lang)).collect();
            Ok((open, settled, rows?))
        })
        .await?;
    let choices = choices(&causes, lang);
    if let [only] = choices.as_slice() {
        form = form.with("cause", only.value.clone());
    }
    let view = FormPage { form, causes: choices, settled, rows };
    respond_with(deps, ctx, status, "appeals/form.html", &view)
}

/// The causes that can be contested, each with why it holds; two of one rule are told apart by what they are about.
fn choices(causes: &[Cause], lang: Lang) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for cause in causes {
        let shown = ReasonView::of(lang, cause);
        let mut choice = Choice::new(cause.name(), shown.title);
        choice.hint = shown.reason;
        if !choices.iter().any(|c| c.value == choice.value) {
            choices.push(choice);
        }
    }
    choices
}

/// `POST /code/appeal`.
pub(super) async fn send(ctx: Ctx, deps: App, resident: Resident, form: Form) -> AppResult<HttpResponse> {
    let (seat, person, now) = (resident.account_id, resident.person()?, ctx.now);
    let mut errors = Vec::new();
    if form.text("cause").is_none() {
        errors.push(FieldError::new("cause", "choose-one"));
    }
    let reason = text::lines("reason", form.get("reason"), TEXT).map_err(|e| errors.push(e)).ok();
    let (Some(reason), true) = (reason, errors.is_empty()) else {
        return again(&deps, &ctx, &resident, &form, &errors).await;
    };
    let (by, cause) = (resident.0.clone(), form.text("cause").unwrap_or_default().to_owned());
    let new = New { by, person, cause, reason };
    let content = serde_json::to_vec(&(&new.cause, &new.reason)).map_err(AppError::internal)?;
    let submission = form.once().map(|key| Submission::new(seat, "appeal.submit", key, &content));
    codes::refresh(&deps, person, now).await;
    let parts = deps.clone();
    let sent: AppResult<String> = deps
        .store
        .write(move |tx| {
            idempotency::once(tx, &parts.keys, submission.as_ref(), now, |tx| {
                act::appeal(tx, &parts, &new, now)
            })
        })
        .await;
    match sent {
        Err(AppError::Invalid(errors)) => again(&deps, &ctx, &resident, &form, &errors).await,
        sent => Ok(see_other(&format!("/code/appeals/{}", sent?))),
    }
}

/// The form once more, with what is wrong and all that was typed.
async fn again(
    deps: &App,
    ctx: &Ctx,
    resident: &Resident,
    form: &Form,
    errors: &[FieldError],
) -> AppResult<HttpResponse> {
    let mut view = form.view();
    fail(&mut view, ctx.lang, errors);
    form_page(deps, ctx, resident, view, StatusCode::UNPROCESSABLE_ENTITY).await.map(Answer::into_inner)
}

fn mine(conn: &mut Conn, resident: &Resident, number: &str) -> AppResult<Row> {
    store::own(conn, resident.person_id.ok_or(AppError::NotFound)?, number)
}

/// `GET /code/appeals/{number}`.
pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    resident: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<OnePage>> {
    one_page(&deps, &ctx, &resident, &normalise(&number), FormView::new(), StatusCode::OK).await
}

/// The page of an appeal once more, with what is wrong with a file.
pub(super) async fn again_one(
    deps: &App,
    ctx: &Ctx,
    resident: &Resident,
    number: &str,
    errors: &[FieldError],
) -> AppResult<HttpResponse> {
    let mut form = FormView::new();
    fail(&mut form, ctx.lang, errors);
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    one_page(deps, ctx, resident, number, form, status).await.map(Answer::into_inner)
}

async fn one_page(
    deps: &App,
    ctx: &Ctx,
    resident: &Resident,
    number: &str,
    form: FormView,
    status: StatusCode,
) -> AppResult<Answer<OnePage>> {
    let (colours, parts, lang, now) = (Colours::of(deps)?, deps.clone(), ctx.lang, ctx.now);
    let (resident, number) = (resident.clone(), number.to_owned());
    let (row, present, files, comments) = deps
        .store
        .read(move |conn| {
            let row = mine(conn, &resident, &number)?;
            let present = colours.now(conn, row.person_id, now)?;
            let files = evidence::shown(conn, &parts, &row, lang)?;
            let comments = case::comments_to_person(conn, &parts.keys, row.id, lang)?;
            Ok((row, present, files, comments))
        })
        .await?;
    let view = OnePage {
        a: AppealView::of(deps, &row, lang, now)?,
        present: PresentView::of(lang, &present),
        files,
        comments,
        adding: evidence::is_open(&row),
        form,
    };
    respond_with(deps, ctx, status, "appeals/one.html", &view)
}

/// `POST /code/appeals/{number}/withdraw`.
pub(super) async fn withdraw(
    ctx: Ctx,
    deps: App,
    resident: Resident,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (number, now) = (normalise(&number), ctx.now);
    let back = format!("/code/appeals/{number}");
    let seen: i64 = form.get("version").parse().unwrap_or(-1);
    let parts = deps.clone();
    deps.store
        .write(move |tx| {
            let row = mine(tx.conn(), &resident, &number)?;
            act::withdraw(tx, &parts, resident.account_id, row, seen, now)
        })
        .await?;
    Ok(see_other_with(&deps, &back, "appeal-withdrawn"))
}
