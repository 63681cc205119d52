//! Departments that let a case wait are reminded of it: by hand, each once a day, and it stands in the timeline.

use super::super::case::conflict;
use super::super::messages::{self, Sender};
use super::super::model::{Note, Review};
use super::super::{store, store_opinions};
use super::Lead;
use crate::access::Role;
use crate::audit::{self, Entry};
use crate::case;
use crate::clock::china_day;
use crate::db::{Id, Tx};
use crate::decision::{Act, Sent};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::page::see_other_with;
use crate::web::principal::OfficialPrincipal;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::json;

/// Whether a department owes its opinion and was not reminded today.
pub(super) fn can_be_reminded(review: &Review, now: DateTime<Utc>) -> bool {
    review.state == "pending" && review.reminded_at.is_none_or(|at| china_day(at.0) != china_day(now))
}

/// Reminds every department that owes its opinion and was not reminded today; their codes.
///
/// # Errors
/// [`AppError::NotFound`] outside the jurisdiction; [`AppError::Conflict`] `nobody-to-remind` when no opinion is
/// missing, `reminded-today` when all that is missing was asked for again today.
pub async fn remind(
    deps: &App,
    ctx: &Ctx,
    official: &OfficialPrincipal,
    number: &str,
    sent: &Sent,
) -> AppResult<Vec<String>> {
    let (keys, sender, who, now) = (deps.keys.clone(), Sender::of(deps), official.clone(), ctx.now);
    let number = number::normalise(number);
    let work = move |tx: &mut Tx<'_>| {
        let app = store::inside(tx.conn(), &number, &who.pattern())?;
        let missing: Vec<Review> = match app.state.as_str() {
            "in-review" => store_opinions::opinions(tx.conn(), app.id)?,
            _ => Vec::new(),
        };
        let missing: Vec<Review> = missing.into_iter().filter(|r| r.state == "pending").collect();
        if missing.is_empty() {
            return Err(AppError::conflict("nobody-to-remind"));
        }
        let late: Vec<Review> = missing.into_iter().filter(|r| can_be_reminded(r, now)).collect();
        if late.is_empty() {
            return Err(AppError::conflict("reminded-today"));
        }
        let ids: Vec<Id> = late.iter().map(|r| r.id).collect();
        store_opinions::reminded(tx, &ids, now)?;
        let codes: Vec<String> = late.into_iter().map(|r| r.department).collect();
        let roles: Vec<Role> = codes.iter().filter_map(|code| code.parse().ok()).collect();
        let note = Note { items: codes.clone(), ..Note::default() };
        case::add_event(tx, &keys, &app.at()?, &(&who).into(), "remind", Some(&note), now)?;
        let entry = Entry::new(&who, "reopening.remind", "application")
            .object(app.id)
            .detail(json!({"departments": codes}));
        audit::append(tx, now, entry)?;
        messages::remind(tx, &keys, &sender, &app, &roles, now)?;
        Ok(codes)
    };
    Act::of(deps, ctx, official, "reopening.remind").once(sent, work).await
}

/// POST `/desk/applications/{number}/remind`.
pub async fn remind_late(
    ctx: Ctx,
    deps: App,
    who: Official<Lead>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let back = format!("/desk/applications/{number}");
    match remind(&deps, &ctx, &who, &number, &Sent::form(&number, &form)?).await {
        Ok(_) => Ok(see_other_with(&deps, &back, "reopening-reminded")),
        Err(AppError::Conflict(code)) => conflict(&deps, &ctx, &code, &back, Vec::new()),
        Err(other) => Err(other),
    }
}
