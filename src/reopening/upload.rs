//! The staff list as a file. It is read on a thread for such work; the transaction gets the rows. A short list that is right
//! as a whole leads on at once, and one with errors is shown in the field, so that they are put right in place; what is long,
//! or is to be taken as far as it is right, has a page of its own (`imports`).

use super::answers::STEPS;
use super::draft::{Draft, fail_rows, load, step_page};
use super::imports::{self, BOUNDS, address};
use super::model::StaffRow;
use super::staff::{self, StaffList};
use super::{filing, listed, rules};
use crate::clock::china_day;
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::import::{self, AT_ONCE, Checked, Fault, How, Sender};
use crate::web::ctx::Ctx;
use crate::web::guard::Resident;
use crate::web::page::{fail, see_other};
use crate::web::parts::{self, SentFile};
use crate::web::respond::Answer;
use crate::web::steps::CHANGE;
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// Bytes of a text that is shown in the field: what is longer could not be sent back in a form, and is mended in the file.
const SHOWN: usize = 200 << 10;

/// POST `/reopening/{number}/staff/upload`: the list as a file.
pub async fn upload(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    payload: web::Payload,
) -> AppResult<HttpResponse> {
    let number = number.into_inner();
    let draft = match load(&deps, who.account_id, number.clone(), &ctx).await {
        Ok(draft) => draft,
        Err(e) => return Err(deps.intake.refuse(payload, e).await),
    };
    let mut parts = parts::read(&req, &deps, &ctx, payload, BOUNDS).await?;
    let file = parts.file("file").unwrap_or_else(|| SentFile::nothing("file"));
    if file.too_large {
        return Err(AppError::TooLarge);
    }
    let how = imports::how(&parts.form);
    let sender = Sender { by: who.account_id, name: number, file: file.name };
    let sent = Sent { deps, ctx, draft, sender, how, change: parts.form.get(CHANGE) == "1" };
    let most = rules::settings()?.staff_rows;
    let opened = import::open::<StaffList>(&sent.deps, file.bytes, china_day(sent.ctx.now), most).await?;
    match opened {
        Err(unread) => sent.again(None, &[FieldError::new("file", unread.code())]),
        Ok((_, Ok(checked))) if checked.right.is_empty() && checked.wrong.is_empty() => {
            sent.again(None, &[FieldError::new("file", "staff-file-empty")])
        }
        Ok((text, Ok(checked))) => sent.take(text, checked).await,
        Ok((text, Err(fault))) => sent.in_place(text, Err(fault)).await,
    }
}

/// A list that was sent, with how its sender wants it taken.
struct Sent {
    deps: App,
    ctx: Ctx,
    draft: Draft,
    sender: Sender,
    how: How,
    change: bool,
}

impl Sent {
    async fn take(self, text: String, checked: Checked<StaffRow>) -> AppResult<HttpResponse> {
        let short = checked.right.len() + checked.wrong.len() <= AT_ONCE;
        if short && !self.how.partly && !self.how.adding {
            return self.in_place(text, Ok(checked)).await;
        }
        let (sender, number) = (self.sender.clone(), self.sender.name.clone());
        match import::begin::<StaffList>(&self.deps, sender, self.how, checked, self.ctx.now).await {
            Ok(id) => Ok(see_other(&address(&number, id))),
            Err(AppError::Invalid(errors)) => self.again(Some(text), &errors),
            Err(other) => Err(other),
        }
    }

    /// Saves a list that is right, and leads on; else shows what was read in the field.
    async fn in_place(
        self,
        text: String,
        checked: Result<Checked<StaffRow>, Fault>,
    ) -> AppResult<HttpResponse> {
        let (keys, now, change) = (self.deps.keys.clone(), self.ctx.now, self.change);
        let Sender { by, name, .. } = self.sender.clone();
        let rows = staff::rows(checked);
        let saved = self.deps.store.write(move |tx| {
            filing::save_step(tx, &keys, by, &name, "staff", now, |form| listed::staff_list(form, rows?))
        });
        match saved.await {
            Ok((app, answers)) => {
                Ok(see_other(&format!("/reopening/{}{}", app.number, STEPS.after("staff", &answers, change))))
            }
            Err(AppError::Invalid(errors)) => self.again(Some(text), &errors),
            Err(other) => Err(other),
        }
    }

    /// The page once more, with what was read in the field.
    fn again(&self, text: Option<String>, errors: &[FieldError]) -> AppResult<HttpResponse> {
        let mut view = FormView::new().with("mode", if self.how.partly { "right" } else { "all" });
        if self.how.adding {
            view = view.with("add", "1");
        }
        if let Some(text) = text.filter(|text| text.len() <= SHOWN) {
            view = view.with("staff", text.trim_start_matches('\u{feff}'));
        }
        match errors.iter().any(|error| error.field.starts_with("staff")) {
            true => fail_rows(&mut view, self.ctx.lang, errors),
            false => fail(&mut view, self.ctx.lang, errors),
        }
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let page = step_page(&self.deps, &self.ctx, &self.draft, "staff", view, self.change, status);
        page.map(Answer::into_inner)
    }
}
