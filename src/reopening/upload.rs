//! The staff list as a file. It is decoded and read on a thread for such work; the transaction gets the rows.

use super::answers::{self, STEPS};
use super::draft::{fail_rows, load, step_page};
use super::staff::StaffList;
use super::{filing, rules, staff};
use crate::clock::china_day;
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::import;
use crate::web::ctx::Ctx;
use crate::web::guard::Resident;
use crate::web::page::{fail, see_other};
use crate::web::parts::{self, Bounds, SentFile};
use crate::web::steps::CHANGE;
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Bytes of an uploaded staff list: ten thousand people in a workbook take a fourth.
const MAX_FILE: usize = 4 << 20;
/// The form with it.
const BOUNDS: Bounds =
    Bounds { files: &["file"], file: MAX_FILE, text: 1000, fields: 20, drain: MAX_FILE, open: false };

/// POST `/reopening/{number}/staff/upload`: the list as a file. What was read is shown in the field, so that errors are
/// put right in place.
pub async fn upload(
    req: HttpRequest,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    payload: web::Payload,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let number = number.into_inner();
    let draft = match load(&deps, who.account_id, number.clone(), &ctx).await {
        Ok(draft) => draft,
        Err(e) => return Err(deps.intake.refuse(payload, e).await),
    };
    let mut parts = parts::read(&req, &deps, &ctx, payload, BOUNDS).await?;
    let change = parts.form.get(CHANGE) == "1";
    let file = parts.file("file").unwrap_or_else(|| SentFile::nothing("file"));
    if file.too_large {
        return Err(AppError::TooLarge);
    }
    let mut view = FormView::new();
    let most = rules::settings()?.staff_rows;
    let (text, rows) = match import::open::<StaffList>(&deps, file.bytes, china_day(ctx.now), most).await? {
        Ok((text, checked)) => (text, staff::rows(checked)),
        Err(unread) => {
            fail(&mut view, ctx.lang, &[FieldError::new("file", unread.code())]);
            return step_page(&deps, &ctx, &draft, "staff", view, change, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    if rows.as_ref().is_ok_and(Vec::is_empty) {
        fail(&mut view, ctx.lang, &[FieldError::new("file", "staff-file-empty")]);
        return step_page(&deps, &ctx, &draft, "staff", view, change, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (keys, now, account) = (deps.keys.clone(), ctx.now, who.account_id);
    let saved = deps.store.write(move |tx| {
        filing::save_step(tx, &keys, account, &number, "staff", now, |form| answers::staff_list(form, rows?))
    });
    match saved.await {
        Ok((app, answers)) => {
            Ok(see_other(&format!("/reopening/{}{}", app.number, STEPS.after("staff", &answers, change))))
        }
        Err(AppError::Invalid(errors)) => {
            view = view.with("staff", text.trim_start_matches('\u{feff}'));
            fail_rows(&mut view, ctx.lang, &errors);
            step_page(&deps, &ctx, &draft, "staff", view, change, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other),
    }
}
