//! The staff list as a file. It is decoded and read on a thread for such work; the transaction gets the rows.

use super::answers::{self, STEPS};
use super::draft::{fail_rows, load, step_page};
use super::{filing, staff};
use crate::clock::china_day;
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::web::ctx::Ctx;
use crate::web::guard::Resident;
use crate::web::intake::Admitted;
use crate::web::page::{fail, see_other};
use crate::web::steps::CHANGE;
use crate::web::view::FormView;
use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Bytes of an uploaded staff list.
const MAX_FILE: usize = 1024 * 1024;
/// Parts of the form with it.
const MAX_PARTS: usize = 20;

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
    let (mut admitted, payload) = deps.intake.body(&req, &ctx, payload, MAX_FILE).await?;
    let (token, file, change) = receive(Multipart::new(req.headers(), payload), &mut admitted).await?;
    admitted.keep(&req);
    ctx.check_csrf(&token)?;
    let draft = load(&deps, who.account_id, number.clone(), &ctx).await?;
    let mut view = FormView::new();
    let (text, rows) = match staff::read_file(&deps, file, china_day(ctx.now)).await? {
        Ok(read) => read,
        Err(code) => {
            fail(&mut view, ctx.lang, &[FieldError::new("file", code)]);
            return step_page(&deps, &ctx, &draft, "staff", view, change, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
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

/// The token, the file and the change mark of an upload.
async fn receive(mut parts: Multipart, admitted: &mut Admitted) -> AppResult<(String, Vec<u8>, bool)> {
    let (mut token, mut file, mut change) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..MAX_PARTS {
        let Some(part) = admitted.next(&mut parts).await? else {
            return Ok((String::from_utf8_lossy(&token).into_owned(), file, change == b"1"));
        };
        let mut nothing = Vec::new();
        let (target, limit): (&mut Vec<u8>, usize) = match part.name().unwrap_or_default() {
            "_csrf" => (&mut token, 200),
            "file" => (&mut file, MAX_FILE),
            CHANGE => (&mut change, 10),
            _ => (&mut nothing, 1000),
        };
        let (body, too_large) = admitted.collect(part, limit, MAX_FILE).await?;
        if too_large {
            return Err(AppError::TooLarge);
        }
        *target = body;
    }
    Err(AppError::TooLarge)
}
